//! The state bus: an event that is sent goes in, the same values for every other handler that
//! shares them come out.
//!
//! A handler names the keys that it shares. A parameter of that name is what it publishes, and
//! what it gets from others. It does not get its own, and what it got it does not publish again,
//! so handlers cannot call each other for ever (for scripts there is a limit in js/bus.js).

use alloc::{boxed::Box, vec::Vec};

use protocol::{Scan, write};

use crate::record::{Event, Kind, Options};

/// The event that tells a handler; `number` is that of the event which it was told.
#[must_use]
pub fn event(root: u32, number: u32, handler: &[u8], key: &[u8], value: &[u8]) -> Box<Event> {
    let mut params = Vec::new();
    write::map_len(&mut params, 1);
    write::text(&mut params, key);
    params.extend_from_slice(value);
    let (kind, options, changes) = (Kind::Shared, Options::default(), Vec::new());
    let handler = handler.into();
    Box::new(Event { root, id: 0, number, kind, element: 0, handler, options, changes, params })
}

/// A reader at the keys of what an event publishes; what it was told itself it does not publish.
#[must_use]
pub fn keys(event: &Event) -> Scan<'_> {
    let code = if event.kind == Kind::Shared { 0 } else { Options::CLIENT_STATE };
    let mut option = event.options.get(code);
    option.array_len();
    option
}

/// A parameter of an event, encoded; of none nothing.
#[must_use]
pub fn parameter<'a>(params: &'a [u8], name: &[u8]) -> &'a [u8] {
    let mut scan = Scan::new(params);
    for _ in 0..scan.map_len() {
        let is_it = scan.str() == name;
        let value = scan.value();
        if is_it {
            return value;
        }
    }
    &[]
}
