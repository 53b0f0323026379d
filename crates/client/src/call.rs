//! The value of an event attribute goes in, a handler's name and its arguments come out.
//!
//! `remove` names a handler; `move(7, 'up', 0.5, true, null)` calls it with arguments. Python's
//! spellings `True`, `False` and `None` mean the same.

use alloc::{string::String, vec::Vec};

use protocol::write;

/// What an attribute asks for.
#[derive(Debug, PartialEq)]
pub struct Call<'a> {
    /// The handler.
    pub name: &'a str,
    /// How many arguments it gets.
    pub count: usize,
    /// The arguments as MessagePack values, one after the other.
    pub args: Vec<u8>,
}

/// Reads an attribute; `None` if it is not a call.
///
/// ```
/// let call = client::call::parse("rename(7, 'a')").unwrap();
/// assert_eq!((call.name, call.count, &call.args[..]), ("rename", 2, &[7, 0xa1, b'a'][..]));
/// ```
#[must_use]
pub fn parse(spec: &str) -> Option<Call<'_>> {
    let spec = spec.trim_ascii();
    let (name, rest) = match spec.find('(') {
        Some(at) => {
            (spec[..at].trim_ascii_end(), Some(spec[at + 1..].strip_suffix(')')?.trim_ascii()))
        }
        None => (spec, None),
    };
    let mut call = Call { name, count: 0, args: Vec::new() };
    let mut rest = rest.unwrap_or_default();
    while !rest.is_empty() {
        let after = argument(rest, &mut call.args)?.trim_ascii_start();
        call.count += 1;
        rest = match after.strip_prefix(',') {
            Some(next) if !next.trim_ascii_start().is_empty() => next.trim_ascii_start(),
            Some(_) => return None,
            None if after.is_empty() => after,
            None => return None,
        };
    }
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.".contains(&byte) || byte >= 0x80;
    (!name.is_empty() && name.bytes().all(word)).then_some(call)
}

/// Writes one argument and returns what follows it.
fn argument<'a>(source: &'a str, out: &mut Vec<u8>) -> Option<&'a str> {
    let quote = source.chars().next()?;
    if quote == '\'' || quote == '"' {
        let mut text = String::new();
        let mut characters = source[1..].char_indices();
        while let Some((at, character)) = characters.next() {
            if character == quote {
                write::str(out, &text);
                return Some(&source[at + 2..]);
            }
            text.push(if character == '\\' { characters.next()?.1 } else { character });
        }
        return None;
    }
    let end = source.find(|character: char| character == ',' || character.is_ascii_whitespace());
    let (word, rest) = source.split_at(end.unwrap_or(source.len()));
    match word {
        "true" | "True" => write::boolean(out, true),
        "false" | "False" => write::boolean(out, false),
        "null" | "None" => write::nil(out),
        _ => number(word, out)?,
    }
    Some(rest)
}

/// Writes a decimal number. Up to 15 digits of which at most 15 stand behind the point: then one
/// division of two exact numbers rounds correctly, and the parser of the standard library, which
/// is larger than the rest of this crate, is not needed.
fn number(word: &str, out: &mut Vec<u8>) -> Option<()> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let mut mantissa = 0i64;
    let mut scale = 0.0;
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    for digit in digits.bytes() {
        match digit {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(digit - b'0');
                scale *= 10.0;
            }
            b'.' if scale == 0.0 && digits.len() > 1 => scale = 1.0,
            _ => return None,
        }
    }
    let sign = if digits.len() < word.len() { -1 } else { 1 };
    if scale == 0.0 {
        write::int(out, sign * mantissa);
    } else {
        write::float(out, sign as f64 * mantissa as f64 / scale);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(spec: &str) -> Option<(usize, Vec<u8>)> {
        parse(spec).map(|call| (call.count, call.args))
    }

    #[test]
    fn a_name_alone_has_no_arguments() {
        assert_eq!(parse(" save "), Some(Call { name: "save", count: 0, args: vec![] }));
        assert_eq!(args("save()"), Some((0, vec![])));
    }

    #[test]
    fn arguments_keep_their_types() {
        assert_eq!(args("f(-3)"), Some((1, vec![0xfd])));
        assert_eq!(args("f(true,None)"), Some((2, vec![0xc3, 0xc0])));
        let mut float = vec![0xcb];
        float.extend(0.3f64.to_be_bytes());
        assert_eq!(args("f(0.3)"), Some((1, float)));
        assert_eq!(args(r"f('it\'s, (x)', 1)"), Some((2, b"\xa9it's, (x)\x01".to_vec())));
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for spec in ["", "f(", "f(1", "f(1,)", "f(1 2)", "f('a)", "f(x)", "a b", "f(1.2.3)", "f(-)"]
        {
            assert_eq!(parse(spec), None, "{spec}");
        }
    }
}
