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
//! Several stand side by side with `|`. `class:name` is the page's own affair (js/lazy/classes.js).
//!
//! An open change is named by a number that its event carries among the changes of controls
//! ([`Event::changes`]). So it goes where the event goes, also when a later event replaces it, and
//! the answer that releases the one releases the other.
//!
//! This file is a part that few pages load (docs/decisions/parts.md): what others call here is not
//! inlined, and does nothing as long as the part is not there.

use alloc::vec::Vec;

use protocol::write;
use vdom::{Change, Overlay, integer, literal, param};

use crate::{
    Effect, Effects, Millis, Reason, Runtime,
    record::{Event, Options},
};

/// How long a change is shown that the server does not confirm.
pub const PATIENCE: Millis = 30_000;

/// The changes that are not confirmed.
#[derive(Debug, Default)]
pub struct Optimistic {
    /// In their order.
    pub open: Vec<Open>,
    /// When the patience with the first of them ends.
    pub due: Option<Millis>,
}

/// One of them.
#[derive(Debug)]
pub struct Open {
    root: u32,
    /// Whose event it is.
    handler: Vec<u8>,
    /// The changes that its event carried.
    changes: Vec<u32>,
    /// The one among them that names it.
    number: u32,
    /// When the patience ends.
    due: Millis,
    overlays: Vec<Overlay>,
}

impl Runtime {
    /// Shows what an event means, if that is known.
    #[inline(never)]
    pub(crate) fn mean(&mut self, event: &Event, now: Millis, fx: &mut impl Effects) {
        let mut option = event.options.get(Options::OPTIMISTIC);
        if option.rest().is_empty() {
            return;
        }
        // A source, a node of the page, and a number. Or `true`, which says that the change of a
        // control is all there is to see.
        let (source, node, number) = if option.array_len() == 3 {
            (option.str(), option.uint(), option.uint())
        } else if let Some(&change) = event.changes.first() {
            (&b""[..], 0, change)
        } else {
            return;
        };
        let path = self.engine.place(event.root, node);
        let mut overlays = Vec::new();
        for part in source.split(|&byte| byte == b'|') {
            if let Some((name, change)) = read(part.trim_ascii(), &event.params) {
                overlays.push(Overlay { path: path.clone(), name: name.into(), change });
            }
        }
        self.optimistic.open.push(Open {
            root: event.root,
            handler: event.handler.clone(),
            changes: event.changes.clone(),
            number,
            due: now + PATIENCE,
            overlays,
        });
        self.optimistic.note();
        self.lay(event.root, fx);
    }

    /// Shows what the user meant over what the server said.
    #[inline(never)]
    pub(crate) fn lay(&mut self, root: u32, fx: &mut impl Effects) {
        let mut overlays = Vec::new();
        for open in &self.optimistic.open {
            if open.root == root {
                overlays.extend(&open.overlays);
            }
        }
        if !overlays.is_empty() || self.engine.is_laid(root) {
            fx.emit(Effect::Root(root));
            self.engine.lay(root, &overlays, fx);
        }
    }

    /// Takes back what the event with these changes meant.
    #[inline(never)]
    pub(crate) fn roll_back(&mut self, changes: &[u32], reason: Reason, fx: &mut impl Effects) {
        let mut last = None;
        for &change in changes {
            let Some(open) = self.optimistic.take(change) else { continue };
            open.changes.iter().for_each(|&change| fx.emit(Effect::Revert(change)));
            last = Some(open);
        }
        if let Some(open) = last {
            self.lay(open.root, fx);
            fx.emit(Effect::Rollback { root: open.root, handler: &open.handler, reason });
        }
    }

    /// Takes back those with which the patience is at its end. It begins anew for what was not sent
    /// yet.
    #[inline(never)]
    pub(crate) fn expire(&mut self, now: Millis, fx: &mut impl Effects) {
        let sent = self.outbox.sent();
        let mut expired = Vec::new();
        for open in &mut self.optimistic.open {
            if open.due > now {
                continue;
            }
            open.due = now + PATIENCE;
            if sent.iter().any(|event| event.changes.contains(&open.number)) {
                expired.push(open.number);
            }
        }
        self.optimistic.note();
        for number in expired {
            self.roll_back(&[number], Reason::Timeout, fx);
        }
    }
}

impl Optimistic {
    /// Forgets the changes with these numbers: they are answered.
    #[inline(never)]
    pub fn confirm(&mut self, changes: &[u32]) {
        for &change in changes {
            self.take(change);
        }
    }

    /// Forgets a root; the numbers of its changes are to be released.
    #[inline(never)]
    pub fn forget(&mut self, root: u32, fx: &mut impl Effects) {
        self.open.retain(|open| {
            if open.root == root {
                fx.emit(Effect::Release(open.number));
            }
            open.root != root
        });
        self.note();
    }

    fn take(&mut self, number: u32) -> Option<Open> {
        let at = self.open.iter().position(|open| open.number == number)?;
        let open = self.open.remove(at);
        self.note();
        Some(open)
    }

    fn note(&mut self) {
        self.due = self.open.iter().map(|open| open.due).min();
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
