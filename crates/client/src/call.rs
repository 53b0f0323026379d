//! The value of an event attribute goes in, a handler's name and its arguments come out.
//!
//! `remove` names a handler; `move(7, 'up', 0.5, true, null)` calls it with arguments. Python's
//! spellings `True`, `False` and `None` mean the same.

use alloc::vec::Vec;
use core::str;

use protocol::write;

/// Reads an attribute: the name of the handler, and how many arguments were written to `args` as
/// MessagePack values, one after the other. `None` if it is not a call.
///
/// ```
/// let mut args = Vec::new();
/// assert_eq!(client::call::parse("rename(7, 'a')", &mut args), Some(("rename", 2)));
/// assert_eq!(args, [7, 0xa1, b'a']);
/// ```
#[must_use]
pub fn parse<'a>(spec: &'a str, args: &mut Vec<u8>) -> Option<(&'a str, usize)> {
    let mut cursor = Cursor { bytes: spec.as_bytes(), at: 0 };
    let name = str::from_utf8(cursor.word()).ok()?;
    let mut count = 0;
    if cursor.eat(b'(') && !cursor.eat(b')') {
        loop {
            cursor.argument(args)?;
            count += 1;
            if cursor.eat(b')') {
                break;
            }
            if !cursor.eat(b',') {
                return None;
            }
        }
    }
    cursor.space();
    (!name.is_empty() && cursor.peek().is_none()).then_some((name, count))
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over this byte, if it comes next.
    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// A name or a number.
    fn word(&mut self) -> &'a [u8] {
        self.space();
        let start = self.at;
        while let Some(b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'.' | b'-' | 0x80..) =
            self.peek()
        {
            self.at += 1;
        }
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Writes one argument.
    fn argument(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.space();
        let quote = self.peek()?;
        if !matches!(quote, b'\'' | b'"') {
            match self.word() {
                b"true" | b"True" => write::boolean(out, true),
                b"false" | b"False" => write::boolean(out, false),
                b"null" | b"None" => write::nil(out),
                word => number(word, out)?,
            }
            return Some(());
        }
        let mut text = Vec::new();
        loop {
            self.at += 1;
            let mut byte = self.peek()?;
            if byte == quote {
                break;
            }
            if byte == b'\\' {
                self.at += 1;
                byte = self.peek()?;
            }
            text.push(byte);
        }
        self.at += 1;
        write::str(out, str::from_utf8(&text).ok()?);
        Some(())
    }
}

/// Writes a decimal number of at most 15 digits: then one division of two exact numbers rounds
/// correctly, and the parser of the standard library, which is larger than the rest of this crate,
/// is not needed.
fn number(word: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut mantissa = 0i64;
    let mut scale = 0i64;
    let mut digits = 0;
    let mut sign = 1;
    for (at, &byte) in word.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                scale *= 10;
                digits += 1;
            }
            b'-' if at == 0 => sign = -1,
            b'.' if scale == 0 => scale = 1,
            _ => return None,
        }
        if digits > 15 {
            return None;
        }
    }
    match (digits, scale) {
        (0, _) => return None,
        (_, 0) => write::int(out, sign * mantissa),
        _ => write::float(out, (sign * mantissa) as f64 / scale as f64),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(spec: &str) -> Option<(&str, usize, Vec<u8>)> {
        let mut args = Vec::new();
        parse(spec, &mut args).map(|(name, count)| (name, count, args))
    }

    fn args(spec: &str) -> Option<Vec<u8>> {
        call(spec).map(|(_, _, args)| args)
    }

    #[test]
    fn a_name_alone_has_no_arguments() {
        assert_eq!(call(" save "), Some(("save", 0, vec![])));
        assert_eq!(call("save()"), Some(("save", 0, vec![])));
        assert_eq!(call("f( 1 , 2 )"), Some(("f", 2, vec![1, 2])));
    }

    #[test]
    fn arguments_keep_their_types() {
        assert_eq!(args("f(-3)"), Some(vec![0xfd]));
        assert_eq!(args("f(true,None)"), Some(vec![0xc3, 0xc0]));
        let mut float = vec![0xcb];
        float.extend((-0.3f64).to_be_bytes());
        assert_eq!(args("f(-0.3)"), Some(float));
        let mut text = b"\xaa".to_vec();
        text.extend("it's, (é)\u{1}".bytes());
        assert_eq!(args(r"f('it\'s, (é)', 1)"), Some(text));
    }

    #[test]
    fn what_is_no_call_is_refused() {
        for spec in [
            "",
            "f(",
            "f(1",
            "f(1,)",
            "f(1 2)",
            "f('a)",
            "f(x)",
            "a b",
            "f(1.2.3)",
            "f(-)",
            "f(1-2)",
            "f(.)",
            "f(1) g",
            "f)",
            "f(1234567890123456)",
        ] {
            assert_eq!(call(spec), None, "{spec}");
        }
    }
}
