//! Node ids: runs of consecutive numbers are given out and taken back.
//!
//! Ids that a frame frees are given out from the next frame on. So the browser may drop its
//! references at the end of a frame, and a thousand removed rows come back as one run.

use alloc::vec::Vec;

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
    /// What this frame frees, in the order in which it comes.
    freed: Vec<Run>,
}

impl Ids {
    pub const fn new() -> Self {
        Self { next: 1, free: Vec::new(), freed: Vec::new() }
    }

    /// Takes the first free run that is long enough, or new ids.
    pub fn take(&mut self, count: u32) -> u32 {
        for index in 0..self.free.len() {
            if let Some(run) = self.free.get_mut(index)
                && run.count >= count
            {
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
        push(&mut self.freed, Run { base, count });
    }

    /// Ends the frame: says what it freed, and makes it available.
    pub fn flush(&mut self, out: &mut dyn WriteMutations) {
        if self.freed.is_empty() {
            return;
        }
        merge(&mut self.freed);
        for run in &self.freed {
            out.release(NodeId(run.base), run.count);
        }
        self.free.append(&mut self.freed);
        merge(&mut self.free);
        // A free run at the upper end is forgotten.
        if let Some(last) = self.free.last()
            && last.base + last.count == self.next
        {
            self.next = last.base;
            self.free.pop();
        }
    }
}

/// Sorts runs and joins neighbours. Shell's sort: a few bytes of code, and quick on runs that are
/// nearly in order, as these are.
fn merge(runs: &mut Vec<Run>) {
    let mut gap = runs.len() / 2;
    while gap > 0 {
        for from in gap..runs.len() {
            let mut at = from;
            while at >= gap && runs[at - gap].base > runs[at].base {
                runs.swap(at, at - gap);
                at -= gap;
            }
        }
        gap /= 2;
    }
    let mut merged = Vec::new();
    for &run in runs.iter() {
        push(&mut merged, run);
    }
    *runs = merged;
}

/// Appends a run, to the last one if it follows on it.
fn push(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.base + last.count == run.base => last.count += run.count,
        _ => runs.push(run),
    }
}
