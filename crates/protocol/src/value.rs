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

impl<'a> Value<'a> {
    /// Reads one value within the [`limits`] of depth, items and string length.
    ///
    /// # Errors
    /// As [`Reader`], and `Limit`; binary data and extensions are a `Mismatch`. Nothing is
    /// allocated for a value that is refused.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self> {
        Self::check(&mut { *reader }, &mut { limits::ITEMS })?;
        Self::build(reader)
    }

    /// Passes over a value if it is within the limits, and takes its items from what is left for
    /// the message. The open containers stand in an array, not on the stack: a message does not
    /// decide how deep this function goes.
    pub(crate) fn check(reader: &mut Reader<'a>, items: &mut usize) -> Result<()> {
        // How many items each container still lacks, and whether it is a map.
        let mut open = [(0, false); limits::DEPTH];
        let mut depth = 0;
        loop {
            // Step 1: pass over a scalar, or open a container.
            match reader.peek()? {
                head @ (0x80..=0x9f | 0xdc..=0xdf) => {
                    let is_map = is_map(head);
                    let length = if is_map { reader.map_len()? } else { reader.array_len()? };
                    // Each item takes at least one byte.
                    if length > reader.rest().len() {
                        return reader.error(ErrorKind::EndOfInput);
                    }
                    match (items.checked_sub(length), open.get_mut(depth)) {
                        (Some(left), Some(place)) => (*items, *place) = (left, (length, is_map)),
                        _ => return reader.error(ErrorKind::Limit),
                    }
                    depth += 1;
                }
                0xc0 => drop(reader.nil()),
                0xc2 | 0xc3 => drop(reader.boolean()?),
                0xca | 0xcb => drop(reader.float()?),
                0xa0..=0xbf | 0xd9..=0xdb => text(reader)?,
                _ => drop(reader.int()?),
            }
            // Step 2: close the containers that are full; the next item is of the innermost other.
            loop {
                let Some((left, is_map)) = open[..depth].last_mut() else { return Ok(()) };
                if *left > 0 {
                    *left -= 1;
                    if *is_map {
                        text(reader)?;
                    }
                    break;
                }
                depth -= 1;
            }
        }
    }

    /// Reads a value that was checked.
    pub(crate) fn build(reader: &mut Reader<'a>) -> Result<Self> {
        // Each open container, how many items it still lacks, and the name of the next one.
        let mut open: Vec<(Self, usize, &str)> = Vec::new();
        loop {
            // Step 1: read a scalar, or open a container.
            let mut value = match reader.peek()? {
                head @ (0x80..=0x9f | 0xdc..=0xdf) if is_map(head) => {
                    let length = reader.map_len()?;
                    open.push((Self::Map(Vec::with_capacity(length)), length, ""));
                    None
                }
                0x90..=0x9f | 0xdc | 0xdd => {
                    let length = reader.array_len()?;
                    open.push((Self::Array(Vec::with_capacity(length)), length, ""));
                    None
                }
                0xc0 => {
                    reader.nil();
                    Some(Self::Nil)
                }
                0xc2 | 0xc3 => Some(Self::Boolean(reader.boolean()?)),
                0xca | 0xcb => Some(Self::Float(reader.float()?)),
                0xa0..=0xbf | 0xd9..=0xdb => Some(Self::Str(reader.str()?)),
                _ => Some(Self::Int(reader.int()?)),
            };
            // Step 2: put it into the innermost container, and close those that are full.
            loop {
                let Some((container, left, name)) = open.last_mut() else {
                    return value.map_or_else(|| reader.error(ErrorKind::Mismatch), Ok);
                };
                match (&mut *container, value.take()) {
                    (Self::Array(items), Some(item)) => items.push(item),
                    (Self::Map(entries), Some(item)) => entries.push((name, item)),
                    _ => {}
                }
                if *left > 0 {
                    *left -= 1;
                    if matches!(container, Self::Map(_)) {
                        *name = reader.str()?;
                    }
                    break;
                }
                value = open.pop().map(|(container, ..)| container);
            }
        }
    }
}

const fn is_map(head: u8) -> bool {
    matches!(head, 0x80..=0x8f | 0xde | 0xdf)
}

/// Passes over a string.
fn text(reader: &mut Reader<'_>) -> Result<()> {
    if reader.str()?.len() > limits::STRING {
        return reader.error(ErrorKind::Limit);
    }
    Ok(())
}
