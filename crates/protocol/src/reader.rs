//! MessagePack values out of a byte slice, one call a value, without copying.
//!
//! Every value begins with a head: what it is, and one number, which is the value itself, a length
//! in bytes or a count of items. One function reads heads; the others say which they expect.

use core::str;

use crate::{Error, ErrorKind, Result, Scalar};

/// What a head says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    /// The number is the value.
    Int,
    /// The number is the value and does not fit `i64`.
    TooLarge,
    /// Nil, false or true.
    Constant,
    /// The number holds the bits.
    Float,
    Str,
    Bin,
    /// A byte that names its type follows.
    Ext,
    Array,
    Map,
}

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

    /// Goes to another position, where a value begins.
    pub fn seek(&mut self, position: usize) {
        self.position = self.bytes.len().min(position);
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
        let start = self.position;
        match u32::try_from(self.int()?) {
            Ok(number) => Ok(number),
            Err(_) => self.back(start, ErrorKind::OutOfRange),
        }
    }

    /// An integer that fits `i64`.
    pub fn int(&mut self) -> Result<i64> {
        self.expect(Head::Int)
    }

    /// A floating-point number, or an integer as one.
    pub fn float(&mut self) -> Result<f64> {
        Ok(match self.peek()? {
            0xca => f64::from(f32::from_bits(self.expect(Head::Float)? as u32)),
            0xcb => f64::from_bits(self.expect(Head::Float)? as u64),
            _ => self.int()? as f64,
        })
    }

    /// A boolean.
    pub fn boolean(&mut self) -> Result<bool> {
        match self.peek()? {
            byte @ (0xc2 | 0xc3) => {
                self.position += 1;
                Ok(byte == 0xc3)
            }
            _ => self.error(ErrorKind::Mismatch),
        }
    }

    /// Consumes nil and says true, or consumes nothing and says false.
    pub fn nil(&mut self) -> bool {
        let found = self.peek() == Ok(0xc0);
        self.position += usize::from(found);
        found
    }

    /// A UTF-8 string.
    pub fn str(&mut self) -> Result<&'a str> {
        let start = self.position;
        let length = self.expect(Head::Str)?;
        self.text(start, length)
    }

    /// Binary data.
    pub fn bin(&mut self) -> Result<&'a [u8]> {
        let start = self.position;
        let length = self.expect(Head::Bin)?;
        self.take(start, length)
    }

    /// A scalar of a render tree.
    pub fn scalar(&mut self) -> Result<Scalar<'a>> {
        let start = self.position;
        match self.head()? {
            (Head::Int, number) => Ok(Scalar::Int(number)),
            (Head::Str, length) => self.text(start, length).map(Scalar::Text),
            (Head::Bin, length) => self.text(start, length).map(Scalar::Verbatim),
            (Head::Ext, length) => match self.take(start, 1)? {
                [1] => self.text(start, length).map(Scalar::Html),
                _ => self.back(start, ErrorKind::Mismatch),
            },
            _ => self.back(start, ErrorKind::Mismatch),
        }
    }

    /// The number of items of an array; the items follow.
    pub fn array_len(&mut self) -> Result<usize> {
        self.expect(Head::Array).map(|length| length as usize)
    }

    /// The number of entries of a map; key and value of each follow.
    pub fn map_len(&mut self) -> Result<usize> {
        self.expect(Head::Map).map(|length| length as usize)
    }

    /// Passes over one value, however deep, without recursion.
    pub fn skip(&mut self) -> Result<()> {
        let start = self.position;
        let mut pending = 1;
        while pending > 0 {
            pending -= 1;
            let (head, number) = self.head().or_else(|error| self.back(start, error.kind))?;
            match head {
                Head::Str | Head::Bin => drop(self.take(start, number)?),
                Head::Ext => drop(self.take(start, number + 1)?),
                Head::Array => pending += number,
                Head::Map => pending += 2 * number,
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads a head of this kind and returns its number.
    fn expect(&mut self, expected: Head) -> Result<i64> {
        let start = self.position;
        match self.head()? {
            (head, number) if head == expected => Ok(number),
            (Head::TooLarge, _) if expected == Head::Int => self.back(start, ErrorKind::OutOfRange),
            _ => self.back(start, ErrorKind::Mismatch),
        }
    }

    /// Reads a head. Large ones have their number in one, two, four or eight bytes; which, the
    /// lowest bits of the first byte say.
    fn head(&mut self) -> Result<(Head, i64)> {
        let byte = self.peek()?;
        let (mut head, number, width) = match byte {
            0x00..=0x7f => (Head::Int, byte, 0),
            0x80..=0x8f => (Head::Map, byte & 15, 0),
            0x90..=0x9f => (Head::Array, byte & 15, 0),
            0xa0..=0xbf => (Head::Str, byte & 31, 0),
            0xc1 => return self.error(ErrorKind::Mismatch),
            0xc0..=0xc3 => (Head::Constant, 0, 0),
            0xc4..=0xc6 => (Head::Bin, 0, 1 << (byte - 0xc4)),
            0xc7..=0xc9 => (Head::Ext, 0, 1 << (byte - 0xc7)),
            0xca..=0xcb => (Head::Float, 0, 4 << (byte - 0xca)),
            0xcc..=0xcf => (Head::Int, 0, 1 << (byte - 0xcc)),
            0xd0..=0xd3 => (Head::Int, 0, 1 << (byte - 0xd0)),
            0xd4..=0xd8 => (Head::Ext, 1 << (byte - 0xd4), 0),
            0xd9..=0xdb => (Head::Str, 0, 1 << (byte - 0xd9)),
            0xdc..=0xdd => (Head::Array, 0, 2 << (byte - 0xdc)),
            0xde..=0xdf => (Head::Map, 0, 2 << (byte - 0xde)),
            0xe0..=0xff => (Head::Int, byte, 0),
        };
        let mut number = i64::from(number);
        let Some(bytes) = self.bytes.get(self.position + 1..self.position + 1 + width) else {
            return self.error(ErrorKind::EndOfInput);
        };
        for &byte in bytes {
            number = number << 8 | i64::from(byte);
        }
        match byte {
            0xd0..=0xd3 => number = number << (64 - 8 * width) >> (64 - 8 * width),
            0xe0..=0xff => number -= 256,
            0xcf if number < 0 => head = Head::TooLarge,
            _ => {}
        }
        self.position += 1 + width;
        Ok((head, number))
    }

    /// Reads so many bytes, of a value that begins at `start`.
    fn take(&mut self, start: usize, length: i64) -> Result<&'a [u8]> {
        match self.rest().get(..length as usize) {
            Some(bytes) => {
                self.position += bytes.len();
                Ok(bytes)
            }
            None => self.back(start, ErrorKind::EndOfInput),
        }
    }

    fn text(&mut self, start: usize, length: i64) -> Result<&'a str> {
        match str::from_utf8(self.take(start, length)?) {
            Ok(text) => Ok(text),
            Err(_) => self.back(start, ErrorKind::NotUtf8),
        }
    }

    fn back<T>(&mut self, start: usize, kind: ErrorKind) -> Result<T> {
        self.position = start;
        self.error(kind)
    }
}
