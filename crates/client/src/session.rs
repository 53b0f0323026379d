//! What the page and the server agree on: live views with their tokens, the sequence of their
//! frames, and their handlers.

use alloc::vec::Vec;

use protocol::{Result, Scan, VERSION, write};

use crate::record::Event;

/// All live views of a page.
#[derive(Debug, Default)]
pub struct Session {
    roots: Vec<Root>,
    /// For some of them a full tree is to be asked for.
    pub is_stale: bool,
}

/// A live view.
#[derive(Debug, Default)]
struct Root {
    number: u32,
    /// As text.
    token: Vec<u8>,
    /// The sequence number of its last frame, applied or not.
    seq: u32,
    /// A frame is missing, and a full tree is on its way.
    gap: bool,
    /// A full tree is to be asked for when the events before have left.
    stale: bool,
    /// The id of its last event.
    id: u32,
    /// The highest event that a frame has answered, shown or not.
    ack: u32,
    /// The handler list, encoded.
    handlers: Vec<u8>,
}

/// What to do with a tree or a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Show it.
    Apply,
    /// A frame is missing: drop this one and ask for a full tree.
    Resync,
    /// Drop it: a full tree is on its way.
    Wait,
}

impl Session {
    /// Adds live views: root number and token of each, encoded.
    ///
    /// # Errors
    /// As [`Scan`].
    pub fn attach(&mut self, bytes: &[u8]) -> Result<()> {
        let mut scan = Scan::new(bytes);
        while !scan.rest().is_empty() {
            let number = scan.uint();
            self.root(number).token = write::owned(scan.str());
        }
        scan.result()
    }

    /// Writes the hello frame; `known` are the hashes of the page's templates.
    pub fn hello(&mut self, known: &[u8], out: &mut Vec<u8>) {
        write::uint(out, 0);
        write::uint(out, u64::from(VERSION));
        write::bin(out, known);
        write::uint(out, self.roots.len() as u64);
        for root in &mut self.roots {
            // On a new connection the ids of events and the numbers of frames start anew, and
            // nothing fits before the first full tree.
            (root.id, root.ack, root.seq, root.gap, root.stale) = (0, 0, 0, true, false);
            write::uint(out, u64::from(root.number));
            write::text(out, &root.token);
        }
    }

    /// Forgets a live view that left the page; says whether there was one.
    pub fn remove(&mut self, root: u32) -> bool {
        let index = self.index(root);
        index.map(|index| self.roots.swap_remove(index)).is_some()
    }

    /// Whether the page has this live view.
    #[must_use]
    pub fn has(&self, root: u32) -> bool {
        self.index(root).is_some()
    }

    fn index(&self, root: u32) -> Option<usize> {
        self.roots.iter().position(|live| live.number == root)
    }

    /// Judges a frame by its sequence number; `full` says that it is a mount frame.
    pub fn sequence(&mut self, root: u32, seq: u32, full: bool) -> Verdict {
        let root = self.root(root);
        let follows = seq == root.seq.wrapping_add(1);
        root.seq = seq;
        if full || follows && !root.gap {
            root.gap = false;
            return Verdict::Apply;
        }
        root.gap = true;
        // Frames that the server sent before it heard of the gap follow each other. If one of them
        // is missing as well, it may have been the full tree.
        if follows { Verdict::Wait } else { Verdict::Resync }
    }

    /// Says that the frame with this number will be given again.
    pub fn rewind(&mut self, root: u32, seq: u32) {
        self.root(root).seq = seq.wrapping_sub(1);
    }

    /// Whether a frame answers events; else the server says something of its own accord.
    pub fn answers(&mut self, root: u32, ack: u32) -> bool {
        core::mem::replace(&mut self.root(root).ack, ack) < ack
    }

    /// Says that a root shows what the server does not know of, or not what it said: no frame fits
    /// it before the next full tree.
    pub fn outdate(&mut self, root: u32) {
        let root = self.root(root);
        (root.gap, root.stale) = (true, true);
        self.is_stale = true;
    }

    /// A root for which a full tree is to be asked for now.
    pub fn take_stale(&mut self) -> Option<u32> {
        let due = self.roots.iter_mut().find(|live| live.stale);
        self.is_stale = due.is_some();
        let root = due?;
        root.stale = false;
        Some(root.number)
    }

    /// Whether a root shows what the last frame said.
    #[must_use]
    pub fn is_current(&self, root: u32) -> bool {
        self.roots.iter().any(|live| live.number == root && !live.gap)
    }

    /// Takes over the handler list of a mount frame.
    pub fn handlers(&mut self, root: u32, list: &[u8]) {
        self.root(root).handlers = write::owned(list);
    }

    /// The id of the next event of a root.
    pub fn next_id(&mut self, root: u32) -> u32 {
        let root = self.root(root);
        root.id += 1;
        root.id
    }

    /// The place of an event's handler in the handler list, and its options.
    #[must_use]
    pub fn find(&self, event: &Event) -> Option<(u32, Scan<'_>)> {
        let root = self.roots.iter().find(|live| live.number == event.root)?;
        let mut scan = Scan::new(&root.handlers);
        for index in 0..scan.array_len() {
            scan.array_len();
            if scan.str() == event.handler {
                return Some((index, scan));
            }
            scan.value();
        }
        None
    }

    /// Completes the options of an event: its attributes come first, then what its handler says.
    pub fn options(&self, event: &mut Event) {
        if let Some((_, mut scan)) = self.find(event) {
            event.options.add(&mut scan);
        }
    }

    /// The live views: number, and handler list, encoded.
    pub fn lists(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.roots.iter().map(|root| (root.number, &*root.handlers))
    }

    fn root(&mut self, number: u32) -> &mut Root {
        let index = self.index(number).unwrap_or(self.roots.len());
        if index == self.roots.len() {
            self.roots.push(Root { number, ..Root::default() });
        }
        &mut self.roots[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_asked_for_once_and_ended_by_a_full_tree() {
        let mut session = Session::default();
        assert_eq!(session.sequence(0, 1, true), Verdict::Apply);
        assert_eq!(session.sequence(0, 2, false), Verdict::Apply);
        assert_eq!(session.sequence(0, 4, false), Verdict::Resync);
        assert_eq!(session.sequence(0, 5, false), Verdict::Wait);
        assert_eq!(session.sequence(0, 6, true), Verdict::Apply);
        assert_eq!(session.sequence(0, 7, false), Verdict::Apply);
    }

    #[test]
    fn a_gap_in_a_gap_is_asked_for_again() {
        let mut session = Session::default();
        session.sequence(0, 1, true);
        assert_eq!(session.sequence(0, 3, false), Verdict::Resync);
        assert_eq!(session.sequence(0, 5, false), Verdict::Resync);
        assert_eq!(session.sequence(0, 6, false), Verdict::Wait);
        assert_eq!(session.sequence(0, 7, true), Verdict::Apply);
    }

    #[test]
    fn a_repeated_frame_is_a_gap() {
        let mut session = Session::default();
        session.sequence(0, 1, true);
        session.sequence(0, 2, false);
        assert_eq!(session.sequence(0, 2, false), Verdict::Resync);
    }
}
