//! The values of all live instances, still encoded: what is new is appended, spans of it are kept.
//!
//! An instance does not own its values; it points at a span of one growing buffer. Of a frame only
//! what changed or is new is stored, and what is new at once, so a mount frame becomes the retained
//! state as it is, and comparing many rows with their successors compares two slices. What no
//! instance points at any more is dropped at the start of a later frame (`compact`), by copying the
//! live spans together.

use alloc::vec::Vec;

/// Garbage that is not worth a compaction, in bytes.
const SLACK: usize = 64 * 1024;

/// A place in the buffer.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    pub at: u32,
    pub len: u32,
}

/// The growing buffer.
pub(crate) struct Values {
    bytes: Vec<u8>,
    /// The size at which compaction pays.
    limit: usize,
}

impl Values {
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), limit: SLACK }
    }

    /// Appends bytes and returns where they stand. There is room for as much again: what a mount
    /// frame stored need not be copied when the first update comes.
    pub fn push(&mut self, bytes: &[u8]) -> Span {
        let is_first = self.bytes.is_empty();
        let span = Span { at: self.end(), len: bytes.len() as u32 };
        self.bytes.reserve(2 * bytes.len());
        self.bytes.extend_from_slice(bytes);
        // Of what comes first nothing is garbage.
        if is_first {
            self.set_limit();
        }
        span
    }

    pub fn get(&self, span: Span) -> &[u8] {
        self.from(span.at).get(..span.len as usize).unwrap_or_default()
    }

    /// Everything from this place on.
    pub fn from(&self, at: u32) -> &[u8] {
        self.bytes.get(at as usize..).unwrap_or_default()
    }

    /// Whether there is enough garbage to be worth a compaction.
    pub fn is_full(&self) -> bool {
        self.bytes.len() > self.limit
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
        self.limit = 2 * self.bytes.len() + SLACK;
    }

    /// Where the next bytes will stand.
    pub fn end(&self) -> u32 {
        self.bytes.len() as u32
    }
}

/// A vector with room for so many, which grows as all others do (docs/decisions/size.md).
#[expect(clippy::reserve_after_initialization, reason = "with_capacity is 0.2 KB of code")]
pub(crate) fn room<T>(count: usize) -> Vec<T> {
    let mut room = Vec::new();
    room.reserve(count);
    room
}

/// How many bytes of two slices are equal, sixteen at a time: `memcmp` in the browser compares single
/// bytes, and a full frame compares every row.
pub(crate) fn common(left: &[u8], right: &[u8]) -> usize {
    let (left_blocks, right_blocks) = (left.as_chunks::<16>().0, right.as_chunks::<16>().0);
    let mut blocks = 0;
    while let (Some(left), Some(right)) = (left_blocks.get(blocks), right_blocks.get(blocks))
        && u128::from_ne_bytes(*left) == u128::from_ne_bytes(*right)
    {
        blocks += 1;
    }
    let mut bytes = blocks * 16;
    while let (Some(left), Some(right)) = (left.get(bytes), right.get(bytes))
        && left == right
    {
        bytes += 1;
    }
    bytes
}

/// Whether two encoded values are the same.
pub(crate) fn is_equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && common(left, right) == left.len()
}
