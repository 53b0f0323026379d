//! The cache: an event goes in, and what the page showed after the same event before comes out.
//!
//! An answer is kept as the whole tree of its live view. Showing it is a diff, so it is right on the
//! page as it now is. Another handler's event may change what the answer would be: it drops all
//! answers but its own handler's. Answers end with the connection, and with it the user, the view
//! and its state on the server. What is kept is bounded; what was not used for longest goes first.
//!
//! An event that is answered here is *owed*: the server does not know of it. Before another event
//! of its view goes, and before another tree of the view is shown, it is sent.
//!
//! Together with the bus this is a part, as in optimistic.rs.

use alloc::{boxed::Box, vec::Vec};
use core::mem::take;

use protocol::{TemplateId, write};

use super::bus::parameter;
use crate::{
    Effect, Effects, Millis, Runtime,
    record::{Event, Kind, Options},
};

/// Answers that are kept.
const ENTRIES: usize = 50;
/// Bytes of trees that are kept.
const BYTES: usize = 2_000_000;

/// Answers, and the events that are owed.
#[derive(Debug, Default)]
pub struct Cache {
    /// The last used one is the last one.
    pub entries: Vec<Box<Entry>>,
    /// At most one for each live view.
    pub owed: Vec<Box<Event>>,
}

/// An answer.
#[derive(Debug)]
pub struct Entry {
    root: u32,
    key: Vec<u8>,
    expires: Millis,
    template: TemplateId,
    tree: Vec<u8>,
}

/// What tells answers apart, and for how long they hold.
struct Key {
    bytes: Vec<u8>,
    ttl: Millis,
}

/// The key of an event that can be answered: its handler and its parameters, or those that the
/// option names. Each has its length, so no two can be taken for another, and one that is missing
/// is not empty. What a call gives by position has no name and always counts.
fn key(event: &Event) -> Option<Key> {
    let mut option = event.options.get(Options::CACHE);
    option.array_len();
    let ttl = option.uint().into();
    let mut bytes = Vec::new();
    write::text(&mut bytes, &event.handler);
    if option.nil() {
        bytes.extend_from_slice(&event.params);
    } else {
        let mut name = &b"args"[..];
        for left in (0..=option.array_len()).rev() {
            let value = parameter(&event.params, name);
            bytes.extend_from_slice(if value.is_empty() { MISSING } else { value });
            if left > 0 {
                name = option.str();
            }
        }
    }
    (ttl > 0).then_some(Key { bytes, ttl })
}

/// A byte with which no value begins.
const MISSING: &[u8] = &[0xc1];

impl Runtime {
    /// Shows the answer that is kept for an event, if there is one. If other events of its view wait
    /// or are on their way, they come first and may change what the answer is.
    #[inline(never)]
    pub(crate) fn answer(&mut self, event: &mut Event, now: Millis, fx: &mut impl Effects) -> bool {
        let Some(key) = key(event) else { return false };
        // Where values are is said once for an input, so only its own event is answered.
        let is_own = event.kind != Kind::Shared;
        if !is_own || self.outbox.has_others(event) || self.chain.holds_others(event) {
            return false;
        }
        let Some(entry) = self.cache.get(event.root, &key, now) else { return false };
        let (template, tree) = (entry.template, &entry.tree);
        fx.emit(Effect::Root(event.root));
        if self.engine.mount(event.root, template, tree, false, fx).is_err() {
            return false;
        }
        self.chain.supersede(event);
        self.release(&take(&mut event.changes), fx);
        self.lay(event.root, fx);
        self.cache.forget(event.root, &event.handler);
        self.chain.check(fx);
        true
    }

    /// Queues what a live view owes, and says whether it owed something. It shows what the server
    /// does not know of.
    #[inline(never)]
    pub(crate) fn pay(&mut self, root: u32, fx: &mut impl Effects) -> bool {
        let Some(owed) = self.cache.settle(root) else { return false };
        self.session.outdate(root);
        self.push(owed, fx);
        true
    }

    /// Queues what is owed and drops all answers: they end with the connection.
    #[inline(never)]
    pub(crate) fn settle(&mut self, fx: &mut impl Effects) {
        self.cache.entries.clear();
        for owed in take(&mut self.cache.owed) {
            self.push(owed, fx);
        }
    }

    /// Keeps what a live view shows as the answer to the last one of these events, up to which the
    /// server has answered all; and drops what they may have changed.
    #[inline(never)]
    pub(crate) fn keep(&mut self, root: u32, answered: &[Box<Event>], last: u32, now: Millis) {
        for event in answered {
            self.cache.forget(root, &event.handler);
            if event.id == last
                && self.session.is_current(root)
                && !self.cache.owed.iter().any(|owed| owed.root == root)
                && let Some(key) = key(event)
                && let Some(tree) = self.engine.snapshot(root)
            {
                self.cache.put(root, key, now, tree);
            }
        }
    }
}

impl Cache {
    /// An answer, if there is one and it still holds.
    fn get(&mut self, root: u32, key: &Key, now: Millis) -> Option<&Entry> {
        let entry = self.find(root, key).filter(|entry| entry.expires > now)?;
        self.entries.push(entry);
        self.entries.last().map(|entry| &**entry)
    }

    /// Keeps an answer.
    fn put(&mut self, root: u32, key: Key, now: Millis, (template, tree): (TemplateId, Vec<u8>)) {
        self.find(root, &key);
        let expires = now + key.ttl;
        self.entries.push(Box::new(Entry { root, key: key.bytes, expires, template, tree }));
        while self.entries.len() > ENTRIES || self.size() > BYTES {
            self.entries.remove(0);
        }
    }

    /// Drops the answers of a live view, but not those of this handler.
    #[inline(never)]
    pub fn forget(&mut self, root: u32, handler: &[u8]) {
        let mut kept = Vec::new();
        write::text(&mut kept, handler);
        self.entries.retain(|entry| entry.root != root || entry.key.starts_with(&kept));
    }

    /// Notes that the server does not know of an event, instead of what it owed before.
    #[inline(never)]
    pub fn owe(&mut self, event: Box<Event>) {
        self.settle(event.root);
        self.owed.push(event);
    }

    /// Forgets a live view.
    #[inline(never)]
    pub fn leave(&mut self, root: u32) {
        self.settle(root);
        self.forget(root, b"");
    }

    /// Says what is owed, as [`Effect::Open`].
    #[inline(never)]
    pub fn tell(&self, fx: &mut impl Effects) {
        for owed in &self.owed {
            fx.emit(Effect::Open(owed.number, false));
        }
    }

    /// Takes back what a live view owes.
    fn settle(&mut self, root: u32) -> Option<Box<Event>> {
        let index = self.owed.iter().position(|owed| owed.root == root)?;
        Some(self.owed.remove(index))
    }

    fn find(&mut self, root: u32, key: &Key) -> Option<Box<Entry>> {
        let mut entries = self.entries.iter();
        let index = entries.position(|entry| entry.root == root && entry.key == key.bytes)?;
        Some(self.entries.remove(index))
    }

    fn size(&self) -> usize {
        self.entries.iter().map(|entry| entry.tree.len() + entry.key.len()).sum()
    }
}
