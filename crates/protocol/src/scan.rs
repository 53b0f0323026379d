//! Values out of a byte slice for those who act only when all is read: errors are kept until then.

use crate::{Error, ErrorKind, Reader, Result};

/// A [`Reader`] that goes on after an error: from there on all values are zero or empty, so counts
/// end loops. Whoever uses it asks for the error before it acts on what was read.
///
/// ```
/// use protocol::{ErrorKind, Reader, Scan};
///
/// let mut scan = Scan::new(Reader::new(&[0x07, 0xcd]));
/// assert_eq!((scan.uint(), scan.uint(), scan.uint()), (7, 0, 0));
/// assert_eq!(scan.finish().map_err(|error| error.kind), Err(ErrorKind::EndOfInput));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    reader: Reader<'a>,
    error: Option<Error>,
}

impl<'a> Scan<'a> {
    /// Reads on from where a reader is.
    #[must_use]
    pub const fn new(reader: Reader<'a>) -> Self {
        Self { reader, error: None }
    }

    /// A reader where this one is.
    #[must_use]
    pub const fn reader(&self) -> Reader<'a> {
        self.reader
    }

    /// Notes an error, unless there was one before, and leaves nothing to read.
    pub fn fail(&mut self, kind: ErrorKind) {
        let offset = self.reader.position();
        self.error.get_or_insert(Error { kind, offset });
        self.reader.seek(usize::MAX);
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
        if !self.reader.is_empty() {
            self.fail(ErrorKind::TrailingBytes);
        }
        self.result()
    }

    /// As [`Reader::uint`].
    pub fn uint(&mut self) -> u32 {
        let value = self.reader.uint();
        self.value(value)
    }

    /// As [`Reader::str`].
    pub fn str(&mut self) -> &'a str {
        let value = self.reader.str();
        self.value(value)
    }

    /// As [`Reader::bin`].
    pub fn bin(&mut self) -> &'a [u8] {
        let value = self.reader.bin();
        self.value(value)
    }

    /// As [`Reader::array_len`].
    pub fn array_len(&mut self) -> usize {
        let value = self.reader.array_len();
        self.value(value)
    }

    /// As [`Reader::nil`].
    pub fn nil(&mut self) -> bool {
        self.reader.nil()
    }

    /// Passes over a scalar of a render tree.
    pub fn scalar(&mut self) {
        let value = self.reader.scalar().map(|_| ());
        self.value(value);
    }

    /// As [`Reader::skip`].
    pub fn skip(&mut self) {
        let value = self.reader.skip();
        self.value(value);
    }

    /// The first byte of the next value; the one that never is, if there is none.
    #[must_use]
    pub fn peek(&self) -> u8 {
        self.reader.peek().unwrap_or(0xc1)
    }

    /// As [`Reader::rest`].
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// As [`Reader::position`].
    #[must_use]
    pub const fn position(&self) -> usize {
        self.reader.position()
    }

    /// As [`Reader::seek`].
    pub fn seek(&mut self, position: usize) {
        self.reader.seek(position);
    }

    /// The bytes from a position up to here.
    #[must_use]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.reader.span(start, self.reader.position())
    }

    fn value<T: Default>(&mut self, value: Result<T>) -> T {
        match value {
            Ok(value) => value,
            Err(error) => {
                self.fail(error.kind);
                T::default()
            }
        }
    }
}
