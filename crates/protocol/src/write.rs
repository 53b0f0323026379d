//! MessagePack values into a byte vector, each in its shortest form: the mirror of [`Reader`](crate::Reader).
//! The results of the encoder are dropped: writing into a vector cannot fail.

use alloc::vec::Vec;

use rmp::{Marker, encode};

use crate::{Definition, Part, Scalar, Value};

/// An unsigned integer.
pub fn uint(out: &mut Vec<u8>, number: u64) {
    let _ = encode::write_uint(out, number);
}

/// An integer.
pub fn int(out: &mut Vec<u8>, number: i64) {
    let _ = encode::write_sint(out, number);
}

/// A floating-point number.
pub fn float(out: &mut Vec<u8>, number: f64) {
    out.push(Marker::F64.to_u8());
    out.extend_from_slice(&number.to_be_bytes());
}

/// A boolean.
pub fn boolean(out: &mut Vec<u8>, flag: bool) {
    out.push(if flag { Marker::True } else { Marker::False }.to_u8());
}

/// Nil.
pub fn nil(out: &mut Vec<u8>) {
    out.push(Marker::Null.to_u8());
}

/// A string.
pub fn str(out: &mut Vec<u8>, text: &str) {
    let _ = encode::write_str(out, text);
}

/// Binary data.
pub fn bin(out: &mut Vec<u8>, bytes: &[u8]) {
    let _ = encode::write_bin(out, bytes);
}

/// Text whose HTML source is itself.
pub fn verbatim(out: &mut Vec<u8>, text: &str) {
    bin(out, text.as_bytes());
}

/// HTML source.
pub fn html(out: &mut Vec<u8>, source: &str) {
    let _ = encode::write_ext_meta(out, source.len() as u32, 1);
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
    let _ = encode::write_array_len(out, length as u32);
}

/// The head of a map.
pub fn map_len(out: &mut Vec<u8>, length: usize) {
    let _ = encode::write_map_len(out, length as u32);
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
}
