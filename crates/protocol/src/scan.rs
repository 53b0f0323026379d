//! Values out of a byte slice for those who act only when all is read: errors are kept until then.
//! This is all of MessagePack that the browser's engine has, so every byte of its code counts.

use crate::{Error, ErrorKind, Reader, Result};

/// A reader that goes on after an error: from there on all values are zero or empty, so counts
/// end loops. Whoever uses it asks for the error before it acts on what was read.
///
/// Unlike [`Reader`] it takes integers of at most 32 bits, and leaves text to others: strings are
/// the bytes that stand there.
///
/// ```
/// use protocol::{ErrorKind, Scan};
///
/// let mut scan = Scan::new(&[0x07, 0xcd]);
/// assert_eq!((scan.uint(), scan.uint(), scan.uint()), (7, 0, 0));
/// assert_eq!(scan.finish().map_err(|error| error.kind), Err(ErrorKind::EndOfInput));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    bytes: &'a [u8],
    position: usize,
    error: Option<Error>,
}

/// What a head says. Its number is the value, or a length in bytes or items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Uint,
    /// Negative, or larger than 32 bits; the number means nothing.
    Int,
    /// Nil, false and true; floats, whose bytes follow.
    Other,
    Str,
    Bin,
    /// A byte that names its type follows the number.
    Ext,
    Array,
    Map,
}

impl<'a> Scan<'a> {
    /// At the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, error: None }
    }

    /// A reader of the bytes that are left.
    #[must_use]
    pub fn reader(&self) -> Reader<'a> {
        Reader::new(self.rest())
    }

    /// Notes an error, unless there was one before, and leaves nothing to read.
    pub fn fail(&mut self, kind: ErrorKind) {
        let offset = self.position;
        self.error.get_or_insert(Error { kind, offset });
        self.position = self.bytes.len();
    }

    /// Whether there was an error.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.error.is_some()
    }

    /// # Errors
    /// The first one.
    pub const fn result(&self) -> Result<()> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// # Errors
    /// The first one, or that bytes are left.
    pub fn finish(&mut self) -> Result<()> {
        if self.position < self.bytes.len() {
            self.fail(ErrorKind::TrailingBytes);
        }
        self.result()
    }

    /// An unsigned integer of at most 32 bits.
    pub fn uint(&mut self) -> u32 {
        // Nearly all are small, and need no more than this.
        let byte = self.peek();
        if byte < 0x80 {
            self.position += 1;
            return u32::from(byte);
        }
        match self.head() {
            (Head::Uint, number) => number,
            (Head::Int, _) => self.refuse(ErrorKind::OutOfRange),
            _ => self.refuse(ErrorKind::Mismatch),
        }
    }

    /// The bytes of a string.
    pub fn str(&mut self) -> &'a [u8] {
        let length = self.expect(Head::Str);
        self.take(length)
    }

    /// Binary data.
    pub fn bin(&mut self) -> &'a [u8] {
        let length = self.expect(Head::Bin);
        self.take(length)
    }

    /// The number of items of an array; the items follow.
    pub fn array_len(&mut self) -> u32 {
        self.expect(Head::Array)
    }

    /// The number of entries of a map; key and value of each follow.
    pub fn map_len(&mut self) -> u32 {
        self.expect(Head::Map)
    }

    /// Consumes nil and says true, or consumes nothing and says false.
    pub fn nil(&mut self) -> bool {
        let found = self.peek() == 0xc0;
        self.position += usize::from(found);
        found
    }

    /// A boolean: whether it is true. What is none counts as false.
    pub fn boolean(&mut self) -> bool {
        self.value() == [0xc3]
    }

    /// Passes over a scalar of a render tree.
    pub fn scalar(&mut self) {
        if self.short() {
            return;
        }
        match self.head() {
            (Head::Uint | Head::Int, _) => {}
            (Head::Str | Head::Bin, length) => drop(self.take(length)),
            (Head::Ext, length) if self.peek() == 1 => drop(self.take(length.saturating_add(1))),
            _ => self.refuse(ErrorKind::Mismatch),
        }
    }

    /// Passes over one value, however deep, without recursion, and returns its bytes.
    pub fn value(&mut self) -> &'a [u8] {
        let start = self.position;
        let mut pending = 1u32;
        while pending > 0 && !self.has_failed() {
            pending -= 1;
            if self.short() {
                continue;
            }
            let (head, number) = self.head();
            let (bytes, items) = match head {
                Head::Str | Head::Bin => (number, 0),
                Head::Ext => (number.saturating_add(1), 0),
                Head::Array => (0, number),
                Head::Map => (0, number.saturating_mul(2)),
                _ => (0, 0),
            };
            self.take(bytes);
            pending = pending.saturating_add(items);
        }
        self.since(start)
    }

    /// Passes over an integer or a short text, which most values are; or says that there is none.
    #[inline(never)]
    fn short(&mut self) -> bool {
        let byte = self.peek();
        let length = match byte {
            0x00..=0x7f => 1,
            0xa0..=0xbf => byte - 0x9f,
            0xcc..=0xd3 => 1 + (1 << (byte & 3)),
            0xc4 | 0xd9 => match self.bytes.get(self.position + 1) {
                Some(&length @ ..0xf0) => 2 + length,
                _ => return false,
            },
            _ => return false,
        };
        let end = self.position + usize::from(length);
        let is_whole = end <= self.bytes.len();
        if is_whole {
            self.position = end;
        }
        is_whole
    }

    /// The first byte of the next value; the one that never is, if there is none.
    #[must_use]
    pub fn peek(&self) -> u8 {
        self.bytes.get(self.position).copied().unwrap_or(0xc1)
    }

    /// The bytes that are left.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// Offset of the next byte.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// Goes to an offset.
    pub fn seek(&mut self, position: usize) {
        self.position = position;
    }

    /// The bytes from a position up to here.
    #[must_use]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.position).unwrap_or_default()
    }

    /// Reads a head of this kind and returns its number.
    fn expect(&mut self, expected: Head) -> u32 {
        match self.head() {
            (head, number) if head == expected => number,
            _ => self.refuse(ErrorKind::Mismatch),
        }
    }

    /// Reads a head.
    fn head(&mut self) -> (Head, u32) {
        let byte = self.peek();
        self.take(1);
        let (mut head, width) = match byte {
            0x00..=0x7f => return (Head::Uint, u32::from(byte)),
            0x80..=0x8f => return (Head::Map, u32::from(byte & 15)),
            0x90..=0x9f => return (Head::Array, u32::from(byte & 15)),
            0xa0..=0xbf => return (Head::Str, u32::from(byte & 31)),
            0xc1 => return (Head::Other, self.refuse(ErrorKind::Mismatch)),
            0xc0..=0xc3 => (Head::Other, 0),
            0xc4..=0xc6 => (Head::Bin, 1 << (byte - 0xc4)),
            0xc7..=0xc9 => (Head::Ext, 1 << (byte - 0xc7)),
            0xca..=0xcb => (Head::Other, 4 << (byte - 0xca)),
            0xcc..=0xcf => (Head::Uint, 1 << (byte - 0xcc)),
            0xd0..=0xd3 => (Head::Int, 1 << (byte - 0xd0)),
            0xd4..=0xd8 => return (Head::Ext, 1 << (byte - 0xd4)),
            0xd9..=0xdb => (Head::Str, 1 << (byte - 0xd9)),
            0xdc..=0xdd => (Head::Array, 2 << (byte - 0xdc)),
            0xde..=0xdf => (Head::Map, 2 << (byte - 0xde)),
            0xe0..=0xff => (Head::Int, 0),
        };
        let mut number = 0u32;
        for &byte in self.take(width) {
            if number >> 24 > 0 {
                head = if head == Head::Uint { Head::Int } else { head };
            }
            number = number << 8 | u32::from(byte);
        }
        (head, number)
    }

    /// Reads so many bytes.
    fn take(&mut self, length: u32) -> &'a [u8] {
        match self.rest().get(..length as usize) {
            Some(bytes) => {
                self.position += bytes.len();
                bytes
            }
            None => self.refuse(ErrorKind::EndOfInput),
        }
    }

    /// Notes an error and returns nothing.
    fn refuse<T: Default>(&mut self, kind: ErrorKind) -> T {
        self.fail(kind);
        T::default()
    }
}
