//! The state bus: an event that is sent goes in, the same values for every other handler that
//! shares them come out.
//!
//! A handler names the keys that it shares. A parameter of that name is what it publishes, and
//! what it gets from others. It does not get its own, and what it got it does not publish again,
//! so handlers cannot call each other for ever (for scripts there is a limit in js/bus.js).

use alloc::{boxed::Box, vec::Vec};

use protocol::{Scan, write};

use crate::{
    Effect, Effects, Millis, Runtime,
    record::{Event, Kind, Options},
    session::Session,
};

/// A handler that shares a key.
struct Sharer<'a> {
    /// Its live view.
    root: u32,
    /// Its name, as text.
    handler: &'a [u8],
    /// Whether other tabs share its keys.
    tabs: bool,
}

impl Runtime {
    /// Shares what an event publishes; the events that tell others are led to `out`.
    #[inline(never)]
    pub(crate) fn publish(
        &mut self,
        event: &Event,
        now: Millis,
        out: &mut Vec<Box<Event>>,
        fx: &mut impl Effects,
    ) {
        let mut keys = keys(event);
        for _ in 0..keys.array_len() {
            self.share(keys.str(), event, now, out, fx);
        }
    }

    /// Tells a parameter of an event to all who share its key but the handler itself.
    #[inline(never)]
    pub(crate) fn share(
        &mut self,
        key: &[u8],
        from: &Event,
        now: Millis,
        out: &mut Vec<Box<Event>>,
        fx: &mut impl Effects,
    ) {
        let value = parameter(&from.params, key);
        let is_script = from.kind == Kind::Shared;
        let from_tab = is_script && from.element > 0;
        let sharers = sharers(&self.session, key);
        let tabs = sharers.iter().any(|sharer| sharer.tabs);
        if value.is_empty() || from_tab && !tabs {
            return;
        }
        let depth = if is_script { from.root } else { 0 };
        fx.emit(Effect::Publish { key, value, depth, tabs: tabs && !from_tab });
        let mut events = Vec::new();
        for Sharer { root, handler, tabs } in sharers {
            let is_own = !is_script && from.root == root && from.handler == handler;
            if !is_own && (tabs || !from_tab) {
                events.push(event(root, from.number, handler, key, value));
            }
        }
        for event in events {
            self.enter(event, now, out, fx);
        }
    }
}

/// The handlers that share this key.
fn sharers<'a>(session: &'a Session, key: &[u8]) -> Vec<Sharer<'a>> {
    let mut found = Vec::new();
    for (root, list) in session.lists() {
        let mut scan = Scan::new(list);
        for _ in 0..scan.array_len() {
            scan.array_len();
            let handler = scan.str();
            let options = if scan.nil() { 0 } else { scan.map_len() };
            for _ in 0..options {
                if scan.uint() != Options::CLIENT_STATE {
                    scan.value();
                    continue;
                }
                scan.array_len();
                let mut shares = false;
                for _ in 0..scan.array_len() {
                    shares |= scan.str() == key;
                }
                let tabs = scan.boolean();
                if shares {
                    found.push(Sharer { root, handler, tabs });
                }
            }
        }
    }
    found
}

/// The event that tells a handler; `number` is that of the event which it was told.
fn event(root: u32, number: u32, handler: &[u8], key: &[u8], value: &[u8]) -> Box<Event> {
    let mut params = Vec::new();
    write::map_len(&mut params, 1);
    write::text(&mut params, key);
    params.extend_from_slice(value);
    let (kind, options, changes) = (Kind::Shared, Options::default(), Vec::new());
    let handler = handler.into();
    Box::new(Event { root, id: 0, number, kind, element: 0, handler, options, changes, params })
}

/// A reader at the keys of what an event publishes; what it was told itself it does not publish.
fn keys(event: &Event) -> Scan<'_> {
    let code = if event.kind == Kind::Shared { 0 } else { Options::CLIENT_STATE };
    let mut option = event.options.get(code);
    option.array_len();
    option
}

/// A parameter of an event, encoded; of none nothing.
pub(super) fn parameter<'a>(params: &'a [u8], name: &[u8]) -> &'a [u8] {
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
