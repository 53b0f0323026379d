//! What the user meant, shown before the server has answered: events with a `dj-optimistic` go in,
//! changes to lay over the server's tree come out, each until its own event is answered.
//!
//! | the attribute says | the page shows at once |
//! |---|---|
//! | `liked:!liked` | the contrary, wherever the template shows `liked` |
//! | `count:count+1` | the next number |
//! | `tab:new`, `tab:'new'`, `done:true` | this value |
//! | `title:$value` | the parameter `value` of the event |
//! | `todos:append`, `todos:prepend` | a row more, made of the parameters |
//! | `remove` | one row less: the one around the element |
//!
//! Several stand side by side with `|`. `class:name` is the page's own affair (js/optimistic.js).
//!
//! An open change is named by a number that its event carries among the changes of controls
//! ([`Event::changes`]). So it goes where the event goes, also when a later event replaces it, and
//! the answer that releases the one releases the other.

use alloc::vec::Vec;

use protocol::{Scan, write};
use vdom::{Change, Overlay, Step, integer, literal, param};

use crate::{Millis, record::Event};

/// How long a change is shown that the server does not confirm.
pub const PATIENCE: Millis = 30_000;

/// The changes that are not confirmed, in their order.
#[derive(Debug, Default)]
pub struct Optimistic {
    open: Vec<Open>,
}

/// One of them.
#[derive(Debug)]
pub struct Open {
    /// The live view.
    pub root: u32,
    /// Whose event it is.
    pub handler: Vec<u8>,
    /// The changes that its event carried.
    pub changes: Vec<u32>,
    /// The one among them that names it.
    number: u32,
    /// When the patience ends.
    due: Millis,
    overlays: Vec<Overlay>,
}

/// What an option says: a source, a node of the page, and a number. Of `true`, which says that the
/// change of a control is all there is to see, the source is empty.
#[derive(Clone, Copy, Debug)]
pub struct Meant<'a> {
    source: &'a [u8],
    /// The node by which the element is found.
    pub node: u32,
    number: u32,
}

impl<'a> Meant<'a> {
    /// Reads the option of an event; none if there is nothing to see.
    #[must_use]
    pub fn read(mut option: Scan<'a>, event: &Event) -> Option<Self> {
        if option.rest().is_empty() {
            return None;
        }
        if option.array_len() == 3 {
            let (source, node, number) = (option.str(), option.uint(), option.uint());
            return Some(Self { source, node, number });
        }
        event.changes.first().map(|&number| Self { source: b"", node: 0, number })
    }
}

impl Optimistic {
    /// Takes up what an event means.
    pub fn add(&mut self, event: &Event, meant: Meant<'_>, path: &[Step], now: Millis) {
        let mut overlays = Vec::new();
        for part in meant.source.split(|&byte| byte == b'|') {
            if let Some((name, change)) = read(part.trim_ascii(), &event.params) {
                overlays.push(Overlay { path: path.into(), name: name.into(), change });
            }
        }
        self.open.push(Open {
            root: event.root,
            handler: event.handler.clone(),
            changes: event.changes.clone(),
            number: meant.number,
            due: now + PATIENCE,
            overlays,
        });
    }

    /// Takes back the change with this number.
    pub fn take(&mut self, number: u32) -> Option<Open> {
        let at = self.open.iter().position(|open| open.number == number)?;
        (at < self.open.len()).then(|| self.open.remove(at))
    }

    /// What lies over the tree of a root.
    #[must_use]
    pub fn overlays(&self, root: u32) -> Vec<&Overlay> {
        let mut overlays = Vec::new();
        for open in &self.open {
            if open.root == root {
                overlays.extend(&open.overlays);
            }
        }
        overlays
    }

    /// Forgets a root: `each` gets the numbers of its changes.
    pub fn forget(&mut self, root: u32, mut each: impl FnMut(u32)) {
        self.open.retain(|open| {
            let stays = open.root != root;
            if !stays {
                each(open.number);
            }
            stays
        });
    }

    /// When the patience with the first of them ends.
    #[must_use]
    pub fn due(&self) -> Option<Millis> {
        self.open.iter().map(|open| open.due).min()
    }

    /// The numbers of those with which the patience is at its end. It begins anew for what was not
    /// sent yet, as `is_sent` says.
    pub fn expire(&mut self, now: Millis, is_sent: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut expired = Vec::new();
        for open in &mut self.open {
            if open.due > now {
                continue;
            }
            open.due = now + PATIENCE;
            if is_sent(open.number) {
                expired.push(open.number);
            }
        }
        expired
    }
}

/// One part of a `dj-optimistic`: a variable and what becomes of it.
fn read<'s>(part: &'s [u8], params: &[u8]) -> Option<(&'s [u8], Change)> {
    if part == b"remove" {
        return Some((b"", Change::Remove));
    }
    let at = part.iter().position(|&byte| byte == b':')?;
    let (name, value) = (part.get(..at)?.trim_ascii(), part.get(at + 1..)?.trim_ascii());
    let mut new = Vec::new();
    let more = value.strip_prefix(name).unwrap_or_default();
    match (value, more) {
        (_, [b'+' | b'-', digits @ ..]) => {
            let number = integer(digits)?;
            return Some((
                name,
                Change::Add(if more.starts_with(b"-") { -number } else { number }),
            ));
        }
        ([b'!', contrary @ ..], _) if contrary == name => return Some((name, Change::Toggle)),
        ([b'$', parameter @ ..], _) => new.extend_from_slice(param(params, parameter)),
        ([b'\'', text @ .., b'\''] | [b'"', text @ .., b'"'], _) => write::text(&mut new, text),
        (b"append" | b"prepend", _) => {
            let first = value.starts_with(b"p");
            return Some((name, Change::Insert { params: params.into(), first }));
        }
        (b"true" | b"True", _) => write::boolean(&mut new, true),
        (b"false" | b"False", _) => write::boolean(&mut new, false),
        _ => literal(&mut new, value),
    }
    Some((name, Change::Set(new)))
}
