//! Scalars: a printed value in, the shortest wire form that decodes to the same HTML out, and back.
//!
//! | printed | travels as |
//! |---|---|
//! | text | string, or integer when it is one in its shortest decimal form |
//! | source that escaped text could be (`a &amp; b`) | that text |
//! | source without `&` (between tags also without `<`) | bin |
//! | other source | extension 1 |
//!
//! Where a hole takes source (between attributes, in `script`), everything travels as its source.

use protocol::{Scalar, write};

/// What kind of place a hole stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Between tags.
    Markup,
    /// Where character references count and tags do not: attribute values, `textarea`, `title`.
    Value,
    /// Where source stays source: between attributes, `script`, `style`, comments.
    Source,
}

/// Writes text that the HTML source has escaped.
pub fn write_text(out: &mut Vec<u8>, text: &str, place: Place) {
    if place == Place::Source {
        if text.bytes().any(is_special) {
            let mut source = Vec::with_capacity(text.len() + 16);
            escape(&mut source, text);
            // Only whole ASCII references were put between the characters of a string.
            write::str(out, &String::from_utf8_lossy(&source));
        } else {
            write::str(out, text);
        }
    } else if let Some(number) = canonical_integer(text) {
        write::int(out, number);
    } else {
        write::str(out, text);
    }
}

/// Writes HTML source.
pub fn write_source(out: &mut Vec<u8>, source: &str, place: Place) {
    if place == Place::Source {
        write::str(out, source);
    } else if !source.bytes().any(is_special) {
        write_text(out, source, place);
    } else if let Some(text) = unescape(source) {
        write::str(out, &text);
    } else if source.contains('&') || place == Place::Markup && source.contains('<') {
        write::html(out, source);
    } else {
        write::verbatim(out, source);
    }
}

/// Appends the HTML source of a scalar: the inverse of the two functions above.
pub fn print(out: &mut Vec<u8>, scalar: Scalar<'_>, place: Place) {
    match scalar {
        Scalar::Int(number) => {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        }
        Scalar::Text(text) if place != Place::Source => escape(out, text),
        Scalar::Text(source) | Scalar::Verbatim(source) | Scalar::Html(source) => {
            out.extend_from_slice(source.as_bytes());
        }
    }
}

/// Appends text escaped as Django's `escape` does.
pub fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let reference: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#x27;",
            _ => continue,
        };
        out.extend_from_slice(&bytes[copied..index]);
        out.extend_from_slice(reference);
        copied = index + 1;
    }
    out.extend_from_slice(&bytes[copied..]);
}

/// The text whose escaped form is this source, if there is one.
fn unescape(source: &str) -> Option<String> {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(index) = rest.bytes().position(is_special) {
        text.push_str(&rest[..index]);
        rest = &rest[index..];
        let (reference, character) =
            [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#x27;", '\'')]
                .into_iter()
                .find(|(reference, _)| rest.starts_with(reference))?;
        text.push(character);
        rest = &rest[reference.len()..];
    }
    text.push_str(rest);
    Some(text)
}

#[inline]
fn is_special(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
}

/// The number that prints exactly as this text. At most 18 digits, so that it cannot overflow.
#[inline]
fn canonical_integer(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if digits.len() <= 18 => {}
        _ => return None,
    }
    let mut number = 0i64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + i64::from(digit - b'0');
    }
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Reader;

    fn text(text: &str, place: Place) -> Vec<u8> {
        let mut out = Vec::new();
        write_text(&mut out, text, place);
        out
    }

    fn source(source: &str, place: Place) -> Vec<u8> {
        let mut out = Vec::new();
        write_source(&mut out, source, place);
        out
    }

    #[test]
    fn an_integer_travels_as_one_only_in_its_shortest_form() {
        assert_eq!(text("7", Place::Markup), [7]);
        assert_eq!(text("-1", Place::Value), [0xff]);
        for other in ["07", "-0", "+1", "1.0", "", "-", "1234567890123456789"] {
            assert_eq!(text(other, Place::Markup)[0] & 0xe0, 0xa0, "{other:?}");
        }
    }

    #[test]
    fn source_takes_the_least_powerful_form() {
        assert_eq!(source("a &amp; b", Place::Markup), b"\xa5a & b");
        assert_eq!(source("it's", Place::Markup), b"\xc4\x04it's");
        assert_eq!(source("a<b", Place::Value), b"\xc4\x03a<b");
        assert_eq!(source("<i>", Place::Markup), b"\xc7\x03\x01<i>");
        assert_eq!(source("&nbsp;", Place::Value), b"\xc7\x06\x01&nbsp;");
    }

    #[test]
    fn a_place_for_source_takes_everything_as_source() {
        assert_eq!(text("a<b", Place::Source), b"\xa6a&lt;b");
        assert_eq!(source("class=\"a\"", Place::Source), b"\xa9class=\"a\"");
    }

    #[test]
    fn what_is_written_prints_the_same_source() {
        for sample in ["", "7", "a", "a&b", "<b>&amp;</b>", "it's", "&lt;", "&#39;", "é<"] {
            for place in [Place::Markup, Place::Value, Place::Source] {
                let mut escaped = Vec::new();
                escape(&mut escaped, sample);
                for (bytes, expected) in
                    [(text(sample, place), escaped), (source(sample, place), sample.into())]
                {
                    let mut printed = Vec::new();
                    print(&mut printed, Reader::new(&bytes).scalar().unwrap(), place);
                    assert_eq!(printed, expected, "{sample:?} {place:?}");
                }
            }
        }
    }
}
