//! Parameters of events and payloads of pushes: the JSON-like values that both sides understand.

use alloc::vec::Vec;

use crate::{ErrorKind, Reader, Result, limits};

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Nil,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Str(&'a str),
    /// Several values.
    Array(Vec<Value<'a>>),
    /// Named values, in the order of the wire.
    Map(Vec<(&'a str, Value<'a>)>),
}

/// A container whose items are still being read. An array's items have empty names.
struct Open<'a> {
    is_map: bool,
    length: usize,
    entries: Vec<(&'a str, Value<'a>)>,
    name: &'a str,
}

impl<'a> Value<'a> {
    /// Reads one value within the [`limits`] of depth, items and string length.
    ///
    /// # Errors
    /// As [`Reader`], and `Limit`; binary data and extensions are a `Mismatch`.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self> {
        Self::read_within(reader, &mut { limits::ITEMS })
    }

    /// Reads a map of parameters, and takes its items from what is left for the message.
    pub(crate) fn read_params(
        reader: &mut Reader<'a>,
        items: &mut usize,
    ) -> Result<Vec<(&'a str, Self)>> {
        if { *reader }.map_len()? > limits::PARAMS {
            return reader.error(ErrorKind::Limit);
        }
        match Self::read_within(reader, items)? {
            Self::Map(entries) => Ok(entries),
            _ => reader.error(ErrorKind::Mismatch),
        }
    }

    /// The open containers stand in a vector, not on the stack: a message does not decide how deep
    /// this function goes.
    fn read_within(reader: &mut Reader<'a>, items: &mut usize) -> Result<Self> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            // Step 1: read a scalar, or open a container.
            let mut value = match reader.peek()? {
                head @ (0x80..=0x9f | 0xdc..=0xdf) => {
                    let is_map = matches!(head, 0x80..=0x8f | 0xde | 0xdf);
                    let length = if is_map { reader.map_len()? } else { reader.array_len()? };
                    // Each item takes at least one byte, so a length beyond the bytes that are
                    // left is refused before anything is allocated for it.
                    if length > reader.rest().len() {
                        return reader.error(ErrorKind::EndOfInput);
                    }
                    match items.checked_sub(length) {
                        Some(left) if open.len() < limits::DEPTH => *items = left,
                        _ => return reader.error(ErrorKind::Limit),
                    }
                    open.push(Open {
                        is_map,
                        length,
                        entries: Vec::with_capacity(length),
                        name: "",
                    });
                    None
                }
                0xc0 => {
                    reader.nil();
                    Some(Self::Nil)
                }
                0xc2 | 0xc3 => Some(Self::Boolean(reader.boolean()?)),
                0xca | 0xcb => Some(Self::Float(reader.float()?)),
                0xa0..=0xbf | 0xd9..=0xdb => Some(Self::Str(text(reader)?)),
                _ => Some(Self::Int(reader.int()?)),
            };
            // Step 2: put it into the innermost container, and close those that are full.
            loop {
                let Some(top) = open.last_mut() else {
                    return value.map_or_else(|| reader.error(ErrorKind::Mismatch), Ok);
                };
                if let Some(item) = value.take() {
                    top.entries.push((top.name, item));
                }
                if top.entries.len() < top.length {
                    if top.is_map {
                        top.name = text(reader)?;
                    }
                    break;
                }
                value = open.pop().map(Open::close);
            }
        }
    }
}

impl<'a> Open<'a> {
    fn close(self) -> Value<'a> {
        if self.is_map {
            return Value::Map(self.entries);
        }
        Value::Array(self.entries.into_iter().map(|(_, item)| item).collect())
    }
}

fn text<'a>(reader: &mut Reader<'a>) -> Result<&'a str> {
    let text = reader.str()?;
    if text.len() > limits::STRING {
        return reader.error(ErrorKind::Limit);
    }
    Ok(text)
}
