//! A packed DOM event goes in (js/events.js writes it), an [`Event`] comes out.

use alloc::{boxed::Box, string::String, vec::Vec};

use protocol::{Reader, Result, Scan};

use crate::Millis;

/// Something the user did, or a script asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The live view it belongs to.
    pub root: u32,
    /// Its number among the events of the root; zero while it is not sent.
    pub id: u32,
    /// What happened.
    pub kind: Kind,
    /// The element that has the handler, as a number that is never given out twice; zero for none.
    pub element: u32,
    /// The method that is to answer. Empty if the attribute is not a call (js/call.js).
    pub handler: String,
    /// How long it may wait for another one that replaces it.
    pub wait: Option<Millis>,
    /// How long it may wait in all.
    pub max_wait: Option<Millis>,
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
    /// A key was pressed.
    Keydown,
    /// An element was left: what waits for it is to be sent.
    Blur,
    /// A script asked for it.
    Push,
}

impl Event {
    /// Reads a record: root, kind, element, wait or nil, changes, handler, parameters.
    ///
    /// # Errors
    /// As [`Reader`]; js/events.js does not make such records.
    pub fn read(bytes: &[u8]) -> Result<Box<Self>> {
        let mut scan = Scan::new(Reader::new(bytes));
        let root = scan.uint();
        let kind = match scan.uint() {
            0 => Kind::Click,
            1 => Kind::Input,
            2 => Kind::Change,
            3 => Kind::Submit,
            4 => Kind::Keydown,
            5 => Kind::Blur,
            _ => Kind::Push,
        };
        let element = scan.uint();
        let wait = if scan.nil() { None } else { Some(Millis::from(scan.uint())) };
        let mut changes = Vec::new();
        for _ in 0..scan.array_len() {
            changes.push(scan.uint());
        }
        let handler = scan.str().into();
        let params = scan.rest().into();
        scan.result()?;
        let max_wait = None;
        Ok(Box::new(Self { root, id: 0, kind, element, handler, wait, max_wait, changes, params }))
    }
}
