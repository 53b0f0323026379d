//! What the page and the server agree on: live views with their tokens, the sequence of their
//! frames, and their handlers.

use alloc::{string::String, vec::Vec};

use protocol::{Reader, Result, VERSION, read_handlers, write};

use crate::{
    Millis,
    record::{Event, Kind},
};

/// How long an input event waits when nobody says otherwise.
const INPUT_WAIT: Millis = 150;

/// The option of a handler that says how long its events may wait.
const DEBOUNCE: u32 = 1;

/// All live views of a page.
#[derive(Debug, Default)]
pub struct Session {
    roots: Vec<Root>,
}

/// A live view.
#[derive(Debug, Default)]
struct Root {
    number: u32,
    token: String,
    /// The sequence number of its last frame.
    seq: u32,
    /// A frame is missing, and a full tree is on its way.
    gap: bool,
    handlers: Vec<Handler>,
}

#[derive(Debug)]
struct Handler {
    name: String,
    wait: Option<Millis>,
    max_wait: Option<Millis>,
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
    /// As [`Reader`].
    pub fn attach(&mut self, bytes: &[u8]) -> Result<()> {
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            let number = reader.uint()?;
            self.root(number).token = reader.str()?.into();
        }
        Ok(())
    }

    /// Writes the hello frame; `known` are the hashes of the page's templates.
    pub fn hello(&self, known: &[u8], out: &mut Vec<u8>) {
        write::uint(out, 0);
        write::uint(out, u64::from(VERSION));
        write::bin(out, known);
        write::uint(out, self.roots.len() as u64);
        for root in &self.roots {
            write::uint(out, u64::from(root.number));
            write::str(out, &root.token);
        }
    }

    /// Whether the page has this live view.
    #[must_use]
    pub fn has(&self, root: u32) -> bool {
        self.roots.iter().any(|live| live.number == root)
    }

    /// Judges a frame by its sequence number; `full` says that it is a mount frame.
    pub fn sequence(&mut self, root: u32, seq: u32, full: bool) -> Verdict {
        let root = self.root(root);
        if full || !root.gap && seq == root.seq.wrapping_add(1) {
            root.gap = false;
            root.seq = seq;
            return Verdict::Apply;
        }
        let verdict = if root.gap { Verdict::Wait } else { Verdict::Resync };
        root.gap = true;
        verdict
    }

    /// Drops every frame of a root until its next full tree.
    pub fn distrust(&mut self, root: u32) {
        self.root(root).gap = true;
    }

    /// Takes over the handler list of a mount frame.
    ///
    /// # Errors
    /// As [`Reader`].
    pub fn handlers(&mut self, root: u32, bytes: &[u8]) -> Result<()> {
        let mut handlers = Vec::new();
        for entry in read_handlers(bytes)? {
            let mut handler = Handler { name: entry.name.into(), wait: None, max_wait: None };
            if let Some(mut option) = entry.option(DEBOUNCE) {
                option.array_len()?;
                handler.wait = Some(Millis::from(option.uint()?));
                if !option.nil() {
                    handler.max_wait = Some(Millis::from(option.uint()?));
                }
            }
            handlers.push(handler);
        }
        self.root(root).handlers = handlers;
        Ok(())
    }

    /// The place of an event's handler in the handler list.
    #[must_use]
    pub fn index(&self, event: &Event) -> Option<u32> {
        self.list(event.root)
            .iter()
            .position(|known| known.name == event.handler)
            .map(|at| at as u32)
    }

    /// Completes how long an event may wait: its attribute comes first, then the options of its
    /// handler, then what is usual for its kind.
    pub fn options(&self, event: &mut Event) {
        let handler = self.list(event.root).iter().find(|known| known.name == event.handler);
        if event.wait.is_none() {
            event.wait = handler.and_then(|known| known.wait);
            event.max_wait = handler.and_then(|known| known.max_wait);
        }
        if event.wait.is_none() && event.kind == Kind::Input {
            event.wait = Some(INPUT_WAIT);
        }
    }

    fn list(&self, root: u32) -> &[Handler] {
        let root = self.roots.iter().find(|live| live.number == root);
        root.map_or(&[], |root| &root.handlers)
    }

    fn root(&mut self, number: u32) -> &mut Root {
        let index = self.roots.iter().position(|live| live.number == number);
        let index = index.unwrap_or_else(|| {
            self.roots.push(Root { number, ..Root::default() });
            self.roots.len() - 1
        });
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
        assert_eq!(session.sequence(0, 3, false), Verdict::Wait);
        assert_eq!(session.sequence(0, 6, true), Verdict::Apply);
        assert_eq!(session.sequence(0, 7, false), Verdict::Apply);
    }

    #[test]
    fn a_repeated_frame_is_a_gap() {
        let mut session = Session::default();
        session.sequence(0, 1, true);
        session.sequence(0, 2, false);
        assert_eq!(session.sequence(0, 2, false), Verdict::Resync);
    }

    #[test]
    fn an_attribute_outranks_the_handler_and_the_handler_the_kind() {
        let mut session = Session::default();
        session
            .handlers(0, &[0x92, 0x92, 0xa1, b'a', 0xc0, 0x92, 0xa1, b'b', 0x81, 1, 0x92, 90, 95])
            .unwrap();
        let wait = |handler: &str, wait, kind| {
            let mut event = Event {
                root: 0,
                kind,
                element: 1,
                handler: handler.into(),
                wait,
                max_wait: None,
                changes: vec![],
                params: vec![],
            };
            session.options(&mut event);
            (event.wait, event.max_wait)
        };
        assert_eq!(wait("a", None, Kind::Input), (Some(150), None));
        assert_eq!(wait("a", None, Kind::Click), (None, None));
        assert_eq!(wait("b", None, Kind::Click), (Some(90), Some(95)));
        assert_eq!(wait("b", Some(0), Kind::Input), (Some(0), None));
    }
}
