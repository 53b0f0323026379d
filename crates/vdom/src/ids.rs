//! Node ids: runs of consecutive numbers are given out and taken back.
//!
//! Ids that a frame frees are given out from the next frame on. So the browser may drop its
//! references at the end of a frame, and a thousand removed rows come back as one run.

use alloc::vec::Vec;
use core::mem::take;

use crate::{NodeId, WriteMutations};

/// Consecutive ids.
#[derive(Clone, Copy)]
struct Run {
    base: u32,
    count: u32,
}

pub(crate) struct Ids {
    /// The lowest id that was never given out.
    next: u32,
    /// Free runs in ascending order; no two touch each other.
    free: Vec<Run>,
    /// What this frame frees, likewise.
    freed: Vec<Run>,
}

impl Ids {
    pub const fn new() -> Self {
        Self { next: 1, free: Vec::new(), freed: Vec::new() }
    }

    /// Takes the first free run that is long enough, or new ids.
    pub fn take(&mut self, count: u32) -> u32 {
        for (index, run) in self.free.iter_mut().enumerate() {
            if run.count >= count {
                let base = run.base;
                run.base += count;
                run.count -= count;
                if run.count == 0 {
                    self.free.remove(index);
                }
                return base;
            }
        }
        let base = self.next;
        self.next = base.saturating_add(count);
        base
    }

    /// Frees ids at the end of the frame.
    pub fn free(&mut self, base: u32, count: u32) {
        insert(&mut self.freed, Run { base, count });
    }

    /// Ends the frame: says what it freed, and makes it available.
    pub fn flush(&mut self, out: &mut dyn WriteMutations) {
        for run in take(&mut self.freed) {
            out.release(NodeId(run.base), run.count);
            insert(&mut self.free, run);
        }
        // A free run at the upper end is forgotten.
        if let Some(last) = self.free.last()
            && last.base + last.count == self.next
        {
            self.next = last.base;
            self.free.pop();
        }
    }
}

/// Puts a run in its place, and joins it to its neighbours. Ids come back nearly in the order in
/// which they were given out, so the place is mostly one of the last.
fn insert(runs: &mut Vec<Run>, mut run: Run) {
    let mut at = runs.partition_point(|other| other.base < run.base);
    if let Some(next) = runs.get(at)
        && run.base + run.count == next.base
    {
        run.count += next.count;
        runs.remove(at);
    }
    at = at.wrapping_sub(1);
    match runs.get_mut(at) {
        Some(last) if last.base + last.count == run.base => last.count += run.count,
        _ => runs.insert(at.wrapping_add(1), run),
    }
}
