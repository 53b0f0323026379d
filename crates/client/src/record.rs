//! A packed DOM event goes in (js/events.js writes it), an [`Event`] comes out.

use alloc::{boxed::Box, vec::Vec};

use protocol::{Result, Scan, write};

/// Something the user did, or a script asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The live view it belongs to.
    pub root: u32,
    /// Its number among the events of the root; zero while it is not sent.
    pub id: u32,
    /// The number by which the page knows it, or the one that led to it.
    pub number: u32,
    /// What happened.
    pub kind: Kind,
    /// The element that has the handler, as a number that is never given out twice; zero for none.
    pub element: u32,
    /// The method that is to answer, as text.
    pub handler: Vec<u8>,
    /// What was asked of the interceptors, by its attributes and its handler.
    pub options: Options,
    /// The changes of controls that it carries.
    pub changes: Vec<u32>,
    /// Its parameters: a MessagePack map.
    pub params: Vec<u8>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A click.
    Click,
    /// A control's value changed by a key stroke or the like.
    Input,
    /// A control's value was committed.
    Change,
    /// A form was submitted.
    Submit,
    /// A key was pressed, or something else that accompanies typing: the focus, scrolling, a poll.
    Keydown,
    /// An element was left: what waits for it is to be sent.
    Blur,
    /// A script asked for it.
    Push,
    /// A value is shared with the handlers that name its key. In a record of a script the handler
    /// is the key and the only parameter the value; the root says how many changes led to it, and
    /// an element that another tab shares it. As an event it calls a handler.
    Shared,
}

/// Options by their codes (docs/protocol.md), encoded: code, value, and so on. Of two with the same
/// code the first one counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options(Vec<u8>);

impl Options {
    /// How long an event may wait for another one that replaces it.
    pub const DEBOUNCE: u32 = 1;
    /// In which interval one event may go.
    pub const THROTTLE: u32 = 2;
    /// What its page shows before the server has answered.
    pub const OPTIMISTIC: u32 = 3;
    /// How long its answer holds, and by which parameters answers are told apart.
    pub const CACHE: u32 = 4;
    /// Which parameters are shared with other handlers.
    pub const CLIENT_STATE: u32 = 5;
    /// A selector: what of its view is to be rendered.
    pub const TARGET: u32 = 6;

    /// Adds the options that come next: nil or a map; nothing if they are malformed.
    pub fn add(&mut self, scan: &mut Scan<'_>) {
        let mut left = if scan.nil() { 0 } else { scan.map_len() };
        let start = scan.position();
        while left > 0 && !scan.has_failed() {
            left -= 1;
            scan.value();
            scan.value();
        }
        if !scan.has_failed() {
            self.0.extend_from_slice(scan.since(start));
        }
    }

    /// At the value of an option, or at nothing: then all that is read is zero.
    #[must_use]
    pub fn get(&self, code: u32) -> Scan<'_> {
        let mut scan = Scan::new(&self.0);
        while scan.uint() != code && !scan.has_failed() {
            scan.value();
        }
        scan
    }

    /// Whether there is such an option.
    #[must_use]
    pub fn has(&self, code: u32) -> bool {
        !self.get(code).has_failed()
    }
}

impl Event {
    /// Reads a record: root, kind, element, options or nil, changes, handler, parameters.
    ///
    /// # Errors
    /// As [`Scan`]; js/events.js does not make such records.
    pub fn read(bytes: &[u8], number: u32) -> Result<Box<Self>> {
        let mut scan = Scan::new(bytes);
        let root = scan.uint();
        let kind = match scan.uint() {
            0 => Kind::Click,
            1 => Kind::Input,
            2 => Kind::Change,
            3 => Kind::Submit,
            4 => Kind::Keydown,
            5 => Kind::Blur,
            6 => Kind::Push,
            _ => Kind::Shared,
        };
        let element = scan.uint();
        let mut options = Options::default();
        options.add(&mut scan);
        let mut changes = Vec::new();
        let count = scan.array_len();
        while changes.len() < count as usize && !scan.has_failed() {
            changes.push(scan.uint());
        }
        let handler = write::owned(scan.str());
        let params = write::owned(scan.rest());
        scan.result()?;
        Ok(Box::new(Self { root, id: 0, number, kind, element, handler, options, changes, params }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_the_bytes_cannot_hold_is_refused() {
        // Root, kind, element, no wait, and an array of 2^32 - 1 changes.
        let record = [0, 0, 1, 0xc0, 0xdd, 0xff, 0xff, 0xff, 0xff, 7];
        assert!(Event::read(&record, 1).is_err());
    }
}
