//! The values of all live instances, still encoded: frames are appended, spans of them are kept.
//!
//! An instance does not own its values; it points at a span of one growing buffer. A mount frame
//! becomes the retained state as it is, and comparing a row with its successor compares two
//! slices. What no instance points at any more is dropped at the start of a later frame (`compact`): a prefix
//! in one move, holes by copying the live spans together.

use alloc::vec::Vec;

use protocol::write;

/// Garbage that is not worth a compaction, in bytes.
const SLACK: usize = 64 * 1024;

/// A place in the buffer. Offsets count from the first byte ever stored, and wrap around.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    pub at: u32,
    pub len: u32,
}

/// The growing buffer.
pub(crate) struct Values {
    bytes: Vec<u8>,
    /// Offset of the first byte of `bytes`.
    origin: u32,
    /// How many bytes from the first one are garbage.
    retired: usize,
    /// The size at which compaction pays.
    limit: usize,
}

impl Values {
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), origin: 0, retired: 0, limit: SLACK }
    }

    /// Appends bytes and returns where they stand. There is room for as much again: what a mount
    /// frame stored need not be copied when the first update comes.
    pub fn push(&mut self, bytes: &[u8]) -> Span {
        let span = Span { at: self.end(), len: bytes.len() as u32 };
        self.bytes.reserve(2 * bytes.len());
        self.bytes.extend_from_slice(bytes);
        span
    }

    /// Takes back everything from this offset on.
    pub fn truncate(&mut self, at: u32) {
        self.bytes.truncate(self.index(at));
    }

    pub fn get(&self, span: Span) -> &[u8] {
        self.from(span.at).get(..span.len as usize).unwrap_or_default()
    }

    /// The index in the buffer of what begins at this offset.
    pub fn place(&self, at: u32) -> u32 {
        self.index(at) as u32
    }

    /// Everything from this offset on.
    pub fn from(&self, at: u32) -> &[u8] {
        self.bytes.get(self.index(at)..).unwrap_or_default()
    }

    /// Says that no instance holds anything before this offset, and that all after it is held.
    pub fn retire(&mut self, at: u32) {
        self.retired = self.index(at);
        self.set_limit();
    }

    /// Drops the bytes that were retired. Not at once: the frame's values may be read in place.
    pub fn cut(&mut self) {
        let retired = core::mem::take(&mut self.retired);
        if retired > 0 {
            self.bytes = write::owned(self.bytes.get(retired..).unwrap_or_default());
            self.origin = self.origin.wrapping_add(retired as u32);
        }
    }

    /// Whether there may be enough garbage to be worth a compaction.
    pub fn is_full(&self) -> bool {
        self.retired > 0 || self.bytes.len() > self.limit
    }

    /// Replaces the buffer by one that holds the live spans alone.
    pub fn replace(&mut self, live: Self) {
        *self = live;
        self.set_limit();
    }

    /// All that it holds, garbage included.
    pub fn all(&self) -> &[u8] {
        &self.bytes
    }

    fn set_limit(&mut self) {
        self.limit = 2 * (self.bytes.len() - self.retired) + SLACK;
    }

    /// Where the next bytes will stand.
    pub fn end(&self) -> u32 {
        self.origin.wrapping_add(self.bytes.len() as u32)
    }

    fn index(&self, at: u32) -> usize {
        at.wrapping_sub(self.origin) as usize
    }
}

/// A vector with room for so many, which grows as all others do (docs/decisions/size.md).
#[expect(clippy::reserve_after_initialization, reason = "with_capacity is 0.2 KB of code")]
pub(crate) fn room<T>(count: usize) -> Vec<T> {
    let mut room = Vec::new();
    room.reserve(count);
    room
}

/// How many bytes of two slices are equal, eight at a time.
pub(crate) fn common(left: &[u8], right: &[u8]) -> usize {
    let (left_words, right_words) = (left.as_chunks::<8>().0, right.as_chunks::<8>().0);
    let mut words = 0;
    while let (Some(left), Some(right)) = (left_words.get(words), right_words.get(words))
        && u64::from_ne_bytes(*left) == u64::from_ne_bytes(*right)
    {
        words += 1;
    }
    let mut bytes = words * 8;
    while let (Some(left), Some(right)) = (left.get(bytes), right.get(bytes))
        && left == right
    {
        bytes += 1;
    }
    bytes
}

/// Whether two encoded values are the same, eight bytes at a time: `memcmp` in the browser compares
/// single bytes, and a full frame compares every row.
pub(crate) fn is_equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let ((left, left_end), (right, right_end)) = (left.as_chunks::<8>(), right.as_chunks::<8>());
    for (left, right) in left.iter().zip(right) {
        if u64::from_ne_bytes(*left) != u64::from_ne_bytes(*right) {
            return false;
        }
    }
    for (left, right) in left_end.iter().zip(right_end) {
        if left != right {
            return false;
        }
    }
    true
}
