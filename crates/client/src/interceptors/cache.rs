//! The cache: an event goes in, and what the page showed after the same event before comes out.
//!
//! An answer is kept as the whole tree of its live view. Showing it is a diff, so it is right on the
//! page as it now is. Another handler's event may change what the answer would be: it drops all
//! answers but its own handler's. Answers end with the connection, and with it the user, the view
//! and its state on the server. What is kept is bounded; what was not used for longest goes first.
//!
//! An event that is answered here is *owed*: the server does not know of it. Before another event
//! of its view goes, and before another tree of the view is shown, it is sent.

use alloc::{boxed::Box, vec::Vec};

use protocol::{TemplateId, write};

use super::bus::parameter;
use crate::{
    Millis,
    record::{Event, Options},
};

/// Answers that are kept.
const ENTRIES: usize = 50;
/// Bytes of trees that are kept.
const BYTES: usize = 2_000_000;

/// Answers, and the events that are owed.
#[derive(Debug, Default)]
pub struct Cache {
    /// The last used one is the last one.
    entries: Vec<Box<Entry>>,
    /// At most one for each live view.
    owed: Vec<Box<Event>>,
}

#[derive(Debug)]
struct Entry {
    root: u32,
    key: Vec<u8>,
    expires: Millis,
    template: TemplateId,
    tree: Vec<u8>,
}

/// What tells answers apart, and for how long they hold.
pub struct Key {
    bytes: Vec<u8>,
    ttl: Millis,
}

/// The key of an event that can be answered: its handler and its parameters, or those that the
/// option names. Each has its length, so no two can be taken for another, and one that is missing
/// is not empty. What a call gives by position has no name and always counts.
#[must_use]
pub fn key(event: &Event) -> Option<Key> {
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

impl Cache {
    /// An answer, if there is one and it still holds.
    pub fn get(&mut self, root: u32, key: &Key, now: Millis) -> Option<(TemplateId, &[u8])> {
        let entry = self.find(root, key)?;
        if entry.expires <= now {
            return None;
        }
        self.entries.push(entry);
        self.entries.last().map(|entry| (entry.template, &*entry.tree))
    }

    /// Keeps an answer.
    pub fn put(
        &mut self,
        root: u32,
        key: Key,
        now: Millis,
        (template, tree): (TemplateId, Vec<u8>),
    ) {
        self.find(root, &key);
        let expires = now + key.ttl;
        self.entries.push(Box::new(Entry { root, key: key.bytes, expires, template, tree }));
        while self.entries.len() > ENTRIES || self.size() > BYTES {
            self.entries.remove(0);
        }
    }

    /// Drops the answers of a live view, but not those of this handler.
    pub fn forget(&mut self, root: u32, handler: &[u8]) {
        let mut kept = Vec::new();
        write::text(&mut kept, handler);
        while self
            .take(&|entry: &Entry| entry.root == root && !entry.key.starts_with(&kept))
            .is_some()
        {}
    }

    /// Notes that the server does not know of an event, instead of what it owed before.
    pub fn owe(&mut self, event: Box<Event>) {
        self.settle(event.root);
        self.owed.push(event);
    }

    /// The events that the server does not know of.
    #[must_use]
    pub fn owed(&self) -> &[Box<Event>] {
        &self.owed
    }

    /// Whether a live view shows an answer that the server does not know of.
    #[must_use]
    pub fn owes(&self, root: u32) -> bool {
        self.owed.iter().any(|owed| owed.root == root)
    }

    /// Takes back what a live view owes.
    pub fn settle(&mut self, root: u32) -> Option<Box<Event>> {
        let index = self.owed.iter().position(|owed| owed.root == root)?;
        Some(self.owed.remove(index))
    }

    /// Takes back all that is owed, and drops all answers.
    pub fn clear(&mut self) -> Vec<Box<Event>> {
        self.entries.clear();
        core::mem::take(&mut self.owed)
    }

    fn find(&mut self, root: u32, key: &Key) -> Option<Box<Entry>> {
        self.take(&|entry: &Entry| entry.root == root && entry.key == key.bytes)
    }

    fn take(&mut self, wanted: &dyn Fn(&Entry) -> bool) -> Option<Box<Entry>> {
        let index = self.entries.iter().position(|entry| wanted(entry))?;
        Some(self.entries.remove(index))
    }

    fn size(&self) -> usize {
        self.entries.iter().map(|entry| entry.tree.len() + entry.key.len()).sum()
    }
}
