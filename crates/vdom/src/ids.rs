//! Node ids: instances get consecutive ones, and give them back.
//!
//! Ids that a frame frees are given out from the next frame on, to instances of the same size. So
//! the browser may drop its references at the end of a frame.

use alloc::vec::Vec;

use crate::{NodeId, WriteMutations};

pub(crate) struct Ids {
    /// The lowest id that was never given out; zero if none ever is.
    next: u32,
    /// The first ids of those that are free, by how many follow each other.
    free: Vec<Vec<u32>>,
    /// What this frame frees: first ids, and how many from each.
    freed: Vec<(u32, u32)>,
}

impl Ids {
    /// Gives out ids from this one on; from zero on, for a tree that is not on the page, all are zero.
    pub const fn new(next: u32) -> Self {
        Self { next, free: Vec::new(), freed: Vec::new() }
    }

    /// The first one of ids for an instance.
    pub fn take(&mut self, count: u32) -> u32 {
        if let Some(base) = self.free.get_mut(count as usize).and_then(Vec::pop) {
            return base;
        }
        let base = self.next;
        if base > 0 {
            self.next = base.saturating_add(count);
        }
        base
    }

    /// Frees the ids of an instance at the end of the frame.
    pub fn free(&mut self, base: u32, count: u32) {
        self.freed.push((base, count));
    }

    /// Ends the frame: says what it freed, and makes it available.
    pub fn flush<W: WriteMutations + ?Sized>(&mut self, out: &mut W) {
        let (mut first, mut last) = (0, 0);
        for &(base, count) in &self.freed {
            let size = count as usize;
            while self.free.len() <= size {
                self.free.push(Vec::new());
            }
            if let Some(free) = self.free.get_mut(size) {
                free.push(base);
            }
            // Neighbours are released together, in whichever direction they come.
            if base + count == first {
                first = base;
            } else if base == last {
                last += count;
            } else {
                release(first, last, out);
                (first, last) = (base, base + count);
            }
        }
        release(first, last, out);
        // A large frame does not hold its memory for ever.
        self.freed = Vec::new();
    }
}

fn release<W: WriteMutations + ?Sized>(first: u32, last: u32, out: &mut W) {
    if first < last {
        out.release(NodeId(first), last - first);
    }
}
