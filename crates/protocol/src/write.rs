//! MessagePack values into a byte vector, each in its shortest form: the mirror of [`Reader`](crate::Reader).

use alloc::vec::Vec;

use crate::{Definition, Part, Scalar, Value, Variable};

/// An unsigned integer.
pub fn uint(out: &mut Vec<u8>, number: u64) {
    head(out, (0, 127), (0xcc, 1), number);
}

/// An integer.
pub fn int(out: &mut Vec<u8>, number: i64) {
    match number {
        0.. => uint(out, number as u64),
        -32..0 => byte(out, number as u8),
        _ => {
            let (mut marker, mut width) = (0xd0, 1);
            while width < 8 && number < -1 << (8 * width - 1) {
                marker += 1;
                width *= 2;
            }
            sized(out, marker, width, number as u64);
        }
    }
}

/// A floating-point number.
pub fn float(out: &mut Vec<u8>, number: f64) {
    sized(out, 0xcb, 8, number.to_bits());
}

/// A boolean.
pub fn boolean(out: &mut Vec<u8>, flag: bool) {
    byte(out, 0xc2 + u8::from(flag));
}

/// Nil.
pub fn nil(out: &mut Vec<u8>) {
    byte(out, 0xc0);
}

/// A string.
pub fn str(out: &mut Vec<u8>, text: &str) {
    self::text(out, text.as_bytes());
}

/// A string, from its bytes.
pub fn text(out: &mut Vec<u8>, text: &[u8]) {
    str_len(out, text.len());
    out.extend_from_slice(text);
}

/// The head of a string; its bytes follow.
pub fn str_len(out: &mut Vec<u8>, length: usize) {
    head(out, (0xa0, 31), (0xd9, 1), length as u64);
}

/// Binary data.
pub fn bin(out: &mut Vec<u8>, bytes: &[u8]) {
    widened(out, 0xc4, 1, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Text whose HTML source is itself.
pub fn verbatim(out: &mut Vec<u8>, text: &str) {
    bin(out, text.as_bytes());
}

/// HTML source.
pub fn html(out: &mut Vec<u8>, source: &str) {
    match source.len() {
        length @ (1 | 2 | 4 | 8 | 16) => byte(out, 0xd4 + length.trailing_zeros() as u8),
        length => widened(out, 0xc7, 1, length as u64),
    }
    byte(out, 1);
    out.extend_from_slice(source.as_bytes());
}

/// A scalar of a render tree.
pub fn scalar(out: &mut Vec<u8>, value: Scalar<'_>) {
    match value {
        Scalar::Text(text) => str(out, text),
        Scalar::Int(number) => int(out, number),
        Scalar::Verbatim(text) => verbatim(out, text),
        Scalar::Html(source) => html(out, source),
    }
}

/// The head of an array.
pub fn array_len(out: &mut Vec<u8>, length: usize) {
    head(out, (0x90, 15), (0xdc, 2), length as u64);
}

/// The head of a map.
pub fn map_len(out: &mut Vec<u8>, length: usize) {
    head(out, (0x80, 15), (0xde, 2), length as u64);
}

/// A head whose number is in its first byte, `short.0`, up to `short.1`, or in bytes of its own.
fn head(out: &mut Vec<u8>, short: (u8, u8), long: (u8, u32), number: u64) {
    if number <= u64::from(short.1) {
        return byte(out, short.0 | number as u8);
    }
    widened(out, long.0, long.1, number);
}

/// A head whose number takes `width` bytes, or twice as many as often as it must: the markers of
/// these widths follow each other.
fn widened(out: &mut Vec<u8>, mut marker: u8, mut width: u32, number: u64) {
    while width < 8 && number >> (8 * width) > 0 {
        marker += 1;
        width *= 2;
    }
    sized(out, marker, width, number);
}

/// A marker and the lowest bytes of a number.
fn sized(out: &mut Vec<u8>, marker: u8, width: u32, number: u64) {
    byte(out, marker);
    for at in (0..width).rev() {
        byte(out, (number >> (8 * at)) as u8);
    }
}

/// One byte. To push it would be a second way to grow, and 0.2 KB of the browser's engine.
fn byte(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(&[byte]);
}

/// These bytes alone, in a vector that grows as all others do: what `to_vec` allocates with is 0.3 KB
/// of the browser's engine.
#[must_use]
pub fn owned(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(bytes);
    out
}

/// A parameter value.
pub fn value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Nil => nil(out),
        Value::Boolean(flag) => boolean(out, *flag),
        Value::Int(number) => int(out, *number),
        Value::Float(number) => float(out, *number),
        Value::Str(text) => str(out, text),
        Value::Array(items) => {
            array_len(out, items.len());
            for item in items {
                self::value(out, item);
            }
        }
        Value::Map(entries) => {
            map_len(out, entries.len());
            for (name, item) in entries {
                str(out, name);
                self::value(out, item);
            }
        }
    }
}

/// A template definition.
pub fn definition(out: &mut Vec<u8>, definition: &Definition) {
    bin(out, &definition.hash);
    uint(out, u64::from(definition.flags));
    uint(out, definition.key.map_or(0, |slot| u64::from(slot) + 1));
    uint(out, u64::from(definition.scalars));
    uint(out, definition.parts.len() as u64);
    for part in &definition.parts {
        match part {
            Part::Static(source) => str(out, source),
            Part::Implied(tag) => {
                array_len(out, 1);
                str(out, tag);
            }
            Part::Hole(hole) => {
                if let Some(template) = hole.template {
                    array_len(out, 2);
                    uint(out, hole.code());
                    uint(out, u64::from(template.0));
                } else {
                    uint(out, hole.code());
                }
            }
        }
    }
    out.extend_from_slice(&definition.variables);
}

/// A variable of a definition.
pub fn variable(out: &mut Vec<u8>, variable: &Variable<'_>) {
    let cases = variable.cases.as_ref();
    array_len(
        out,
        3 + cases.map_or(0, |cases| cases.len()) + usize::from(variable.equals.is_some()),
    );
    uint(out, u64::from(variable.slot));
    uint(out, u64::from(variable.rows));
    text(out, variable.name);
    for case in cases.into_iter().flatten() {
        out.extend_from_slice(case);
    }
    out.extend_from_slice(variable.equals.unwrap_or_default());
}
