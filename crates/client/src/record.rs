//! A packed DOM event goes in (js/events.js writes it), an [`Event`] comes out.

use alloc::{string::String, vec::Vec};

use protocol::{Reader, Result, write};

use crate::{Millis, call};

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
    /// The method that is to answer. Empty if the attribute is not a call.
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
    /// Reads a record: root, kind, element, wait or nil, changes, call, parameters.
    ///
    /// # Errors
    /// As [`Reader`]; js/events.js does not make such records.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let root = reader.uint()?;
        let kind = match reader.uint()? {
            0 => Kind::Click,
            1 => Kind::Input,
            2 => Kind::Change,
            3 => Kind::Submit,
            4 => Kind::Keydown,
            5 => Kind::Blur,
            _ => Kind::Push,
        };
        let element = reader.uint()?;
        let wait = if reader.nil() { None } else { Some(Millis::from(reader.uint()?)) };
        let mut changes = Vec::new();
        for _ in 0..reader.array_len()? {
            changes.push(reader.uint()?);
        }
        let spec = reader.str()?;
        let mut args = Vec::new();
        let call = match kind {
            Kind::Push => Some((spec, 0)),
            _ => call::parse(spec, &mut args),
        };
        let (handler, extra) = call.unwrap_or_default();
        let mut params = Vec::new();
        write::map_len(&mut params, reader.map_len()? + usize::from(extra > 0));
        params.extend_from_slice(reader.rest());
        if extra > 0 {
            write::str(&mut params, "args");
            write::array_len(&mut params, extra);
            params.extend_from_slice(&args);
        }
        let handler = handler.into();
        Ok(Self { root, id: 0, kind, element, handler, wait, max_wait: None, changes, params })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(spec: &str) -> Vec<u8> {
        let mut out = vec![0, 0, 9, 0xc0, 0x91, 4];
        write::str(&mut out, spec);
        out.extend(b"\x81\xa2id\xa17");
        out
    }

    #[test]
    fn arguments_become_the_parameter_args() {
        let event = Event::read(&record("move(1)")).unwrap();
        assert_eq!(
            (event.handler.as_str(), event.element, &event.changes[..]),
            ("move", 9, &[4][..])
        );
        assert_eq!(event.params, b"\x82\xa2id\xa17\xa4args\x91\x01");
        assert_eq!(Event::read(&record("move")).unwrap().params, b"\x81\xa2id\xa17");
    }

    #[test]
    fn an_attribute_that_is_no_call_names_no_handler() {
        assert_eq!(Event::read(&record("move(")).unwrap().handler, "");
    }
}
