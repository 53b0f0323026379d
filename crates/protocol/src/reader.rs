//! MessagePack values out of a byte slice, one call a value, without copying.

use core::str;

use rmp::Marker;

use crate::{Error, ErrorKind, Result, Scalar};

/// A cursor over the bytes of one message. A failed read leaves the cursor where it was.
///
/// ```
/// let mut reader = protocol::Reader::new(&[0x07, 0xa2, b'o', b'k']);
/// assert_eq!(reader.uint(), Ok(7));
/// assert_eq!(reader.str(), Ok("ok"));
/// assert!(reader.is_empty());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Offset of the next byte.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The bytes that are not yet read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// The bytes between two positions of this reader.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Passes over bytes that are known to be whole values.
    pub fn pass(&mut self, length: usize) {
        self.position = self.bytes.len().min(self.position.saturating_add(length));
    }

    /// Whether all bytes are read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.position >= self.bytes.len()
    }

    /// An error of this kind at the current position.
    pub const fn error<T>(&self, kind: ErrorKind) -> Result<T> {
        Err(Error { kind, offset: self.position })
    }

    /// The first byte of the next value, not consumed.
    pub fn peek(&self) -> Result<u8> {
        match self.bytes.get(self.position) {
            Some(&byte) => Ok(byte),
            None => self.error(ErrorKind::EndOfInput),
        }
    }

    /// An unsigned integer of at most 32 bits.
    pub fn uint(&mut self) -> Result<u32> {
        let start = *self;
        match u32::try_from(self.int()?) {
            Ok(number) => Ok(number),
            Err(_) => self.back(start, ErrorKind::OutOfRange),
        }
    }

    /// An integer that fits `i64`.
    pub fn int(&mut self) -> Result<i64> {
        let start = *self;
        let number = match self.marker()? {
            Marker::FixPos(number) => Ok(i64::from(number)),
            Marker::FixNeg(number) => Ok(i64::from(number)),
            Marker::U8 => self.big_endian(1).map(|raw| raw as i64),
            Marker::U16 => self.big_endian(2).map(|raw| raw as i64),
            Marker::U32 => self.big_endian(4).map(|raw| raw as i64),
            Marker::U64 => match self.big_endian(8).map(i64::try_from) {
                Ok(Ok(number)) => Ok(number),
                Ok(Err(_)) => return self.back(start, ErrorKind::OutOfRange),
                Err(error) => Err(error),
            },
            Marker::I8 => self.big_endian(1).map(|raw| i64::from(raw as i8)),
            Marker::I16 => self.big_endian(2).map(|raw| i64::from(raw as i16)),
            Marker::I32 => self.big_endian(4).map(|raw| i64::from(raw as i32)),
            Marker::I64 => self.big_endian(8).map(|raw| raw as i64),
            _ => return self.back(start, ErrorKind::Mismatch),
        };
        number.or_else(|error| self.back(start, error.kind))
    }

    /// A floating-point number, or an integer as one.
    pub fn float(&mut self) -> Result<f64> {
        let start = *self;
        let number = match self.marker()? {
            Marker::F32 => self.big_endian(4).map(|raw| f64::from(f32::from_bits(raw as u32))),
            Marker::F64 => self.big_endian(8).map(f64::from_bits),
            _ => {
                *self = start;
                return self.int().map(|number| number as f64);
            }
        };
        number.or_else(|error| self.back(start, error.kind))
    }

    /// A boolean.
    pub fn boolean(&mut self) -> Result<bool> {
        let start = *self;
        match self.marker()? {
            Marker::False => Ok(false),
            Marker::True => Ok(true),
            _ => self.back(start, ErrorKind::Mismatch),
        }
    }

    /// Consumes nil and says true, or consumes nothing and says false.
    pub fn nil(&mut self) -> bool {
        let found = self.peek() == Ok(Marker::Null.to_u8());
        self.position += usize::from(found);
        found
    }

    /// A UTF-8 string.
    pub fn str(&mut self) -> Result<&'a str> {
        let start = *self;
        let length = match self.marker()? {
            Marker::FixStr(length) => Ok(usize::from(length)),
            Marker::Str8 => self.length(1),
            Marker::Str16 => self.length(2),
            Marker::Str32 => self.length(4),
            _ => return self.back(start, ErrorKind::Mismatch),
        };
        self.text(start, length)
    }

    /// Binary data.
    pub fn bin(&mut self) -> Result<&'a [u8]> {
        let start = *self;
        let length = match self.marker()? {
            Marker::Bin8 => self.length(1),
            Marker::Bin16 => self.length(2),
            Marker::Bin32 => self.length(4),
            _ => return self.back(start, ErrorKind::Mismatch),
        };
        match length.and_then(|length| self.take(length)) {
            Ok(bytes) => Ok(bytes),
            Err(error) => self.back(start, error.kind),
        }
    }

    /// A scalar of a render tree.
    pub fn scalar(&mut self) -> Result<Scalar<'a>> {
        let start = *self;
        let length = match self.marker()? {
            Marker::FixPos(_)
            | Marker::FixNeg(_)
            | Marker::U8
            | Marker::U16
            | Marker::U32
            | Marker::U64
            | Marker::I8
            | Marker::I16
            | Marker::I32
            | Marker::I64 => {
                *self = start;
                return self.int().map(Scalar::Int);
            }
            Marker::Bin8 => self.length(1),
            Marker::Bin16 => self.length(2),
            Marker::Bin32 => self.length(4),
            Marker::FixExt1 => Ok(1),
            Marker::FixExt2 => Ok(2),
            Marker::FixExt4 => Ok(4),
            Marker::FixExt8 => Ok(8),
            Marker::FixExt16 => Ok(16),
            Marker::Ext8 => self.length(1),
            Marker::Ext16 => self.length(2),
            Marker::Ext32 => self.length(4),
            _ => {
                *self = start;
                return self.str().map(Scalar::Text);
            }
        };
        // Binary markers are 0xc4 to 0xc6; an extension has a type byte after its length.
        if matches!(start.peek(), Ok(0xc4..=0xc6)) {
            return self.text(start, length).map(Scalar::Verbatim);
        }
        match length.and_then(|length| self.big_endian(1).map(|kind| (length, kind))) {
            Ok((length, 1)) => self.text(start, Ok(length)).map(Scalar::Html),
            Ok(_) => self.back(start, ErrorKind::Mismatch),
            Err(error) => self.back(start, error.kind),
        }
    }

    /// The number of items of an array; the items follow.
    pub fn array_len(&mut self) -> Result<usize> {
        let start = *self;
        let length = match self.marker()? {
            Marker::FixArray(length) => Ok(usize::from(length)),
            Marker::Array16 => self.length(2),
            Marker::Array32 => self.length(4),
            _ => return self.back(start, ErrorKind::Mismatch),
        };
        length.or_else(|error| self.back(start, error.kind))
    }

    /// The number of entries of a map; key and value of each follow.
    pub fn map_len(&mut self) -> Result<usize> {
        let start = *self;
        let length = match self.marker()? {
            Marker::FixMap(length) => Ok(usize::from(length)),
            Marker::Map16 => self.length(2),
            Marker::Map32 => self.length(4),
            _ => return self.back(start, ErrorKind::Mismatch),
        };
        length.or_else(|error| self.back(start, error.kind))
    }

    /// Passes over one value, however deep, without recursion.
    pub fn skip(&mut self) -> Result<()> {
        let start = *self;
        let mut pending = 1usize;
        while pending > 0 {
            pending -= 1;
            match self.skip_head() {
                Ok(children) => pending = pending.saturating_add(children),
                Err(error) => return self.back(start, error.kind),
            }
        }
        Ok(())
    }

    /// Passes over a value without its children, and says how many they are.
    fn skip_head(&mut self) -> Result<usize> {
        let (payload, children) = match self.marker()? {
            Marker::FixMap(length) => (0, usize::from(length) * 2),
            Marker::FixArray(length) => (0, usize::from(length)),
            Marker::Array16 => (0, self.length(2)?),
            Marker::Array32 => (0, self.length(4)?),
            Marker::Map16 => (0, self.length(2)?.saturating_mul(2)),
            Marker::Map32 => (0, self.length(4)?.saturating_mul(2)),
            Marker::FixStr(length) => (usize::from(length), 0),
            Marker::Str8 | Marker::Bin8 => (self.length(1)?, 0),
            Marker::Str16 | Marker::Bin16 => (self.length(2)?, 0),
            Marker::Str32 | Marker::Bin32 => (self.length(4)?, 0),
            Marker::Ext8 => (self.length(1)?.saturating_add(1), 0),
            Marker::Ext16 => (self.length(2)?.saturating_add(1), 0),
            Marker::Ext32 => (self.length(4)?.saturating_add(1), 0),
            Marker::U8 | Marker::I8 => (1, 0),
            Marker::U16 | Marker::I16 | Marker::FixExt1 => (2, 0),
            Marker::FixExt2 => (3, 0),
            Marker::U32 | Marker::I32 | Marker::F32 => (4, 0),
            Marker::FixExt4 => (5, 0),
            Marker::U64 | Marker::I64 | Marker::F64 => (8, 0),
            Marker::FixExt8 => (9, 0),
            Marker::FixExt16 => (17, 0),
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => {
                (0, 0)
            }
            Marker::Reserved => return self.error(ErrorKind::Mismatch),
        };
        self.take(payload)?;
        Ok(children)
    }

    fn marker(&mut self) -> Result<Marker> {
        let byte = self.peek()?;
        self.position += 1;
        Ok(Marker::from_u8(byte))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        match self.rest().get(..length) {
            Some(bytes) => {
                self.position += length;
                Ok(bytes)
            }
            None => self.error(ErrorKind::EndOfInput),
        }
    }

    fn big_endian(&mut self, width: usize) -> Result<u64> {
        let mut number = 0;
        for &byte in self.take(width)? {
            number = number << 8 | u64::from(byte);
        }
        Ok(number)
    }

    fn length(&mut self, width: usize) -> Result<usize> {
        self.big_endian(width).map(|length| length as usize)
    }

    fn text(&mut self, start: Self, length: Result<usize>) -> Result<&'a str> {
        match length.and_then(|length| self.take(length)) {
            Ok(bytes) => match str::from_utf8(bytes) {
                Ok(text) => Ok(text),
                Err(_) => self.back(start, ErrorKind::NotUtf8),
            },
            Err(error) => self.back(start, error.kind),
        }
    }

    fn back<T>(&mut self, start: Self, kind: ErrorKind) -> Result<T> {
        *self = start;
        self.error(kind)
    }
}
