//! Why bytes were refused, and where.

/// The result of reading.
pub type Result<T> = core::result::Result<T, Error>;

/// What was wrong with a message. Whoever receives it drops the message and closes the socket
/// (a server, with code 4400) or asks for a full tree (a page).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What was wrong.
    pub kind: ErrorKind,
    /// Offset of the byte at which it was seen.
    pub offset: usize,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The bytes ended inside a value.
    EndOfInput,
    /// Another type of value stands where this one was expected.
    Mismatch,
    /// A number is out of the range of its place.
    OutOfRange,
    /// A string is not UTF-8.
    NotUtf8,
    /// More, deeper or longer than [`limits`](crate::limits) allow.
    Limit,
    /// Bytes are left after the last value of the frame.
    TrailingBytes,
    /// The kind of the frame is not known.
    UnknownFrame,
    /// Nothing is wrong, but a part of the engine that it takes is not there yet: the page gives the
    /// frame again when it is.
    Later,
}

impl ErrorKind {
    /// A short sentence for a log line or a close reason.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::EndOfInput => "the frame ends inside a value",
            Self::Mismatch => "a value has the wrong type",
            Self::OutOfRange => "a number is out of range",
            Self::NotUtf8 => "a string is not UTF-8",
            Self::Limit => "the frame exceeds a limit",
            Self::TrailingBytes => "bytes follow the frame",
            Self::UnknownFrame => "the kind of the frame is unknown",
            Self::Later => "a part of the engine is not there yet",
        }
    }
}
