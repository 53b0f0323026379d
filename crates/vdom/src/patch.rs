//! What the second walk over a frame says: instances come and go, and parts get other values.

use alloc::vec::Vec;
use core::mem::replace;

use protocol::{HoleKind, Scan, TemplateId};

use crate::{
    NodeId, WriteMutations,
    tree::Instance,
    values::{Span, is_equal, room},
    walk::Walk,
};

/// Bytes from which a text that goes on is appended to.
const LONG: usize = 32;

impl<W: WriteMutations + ?Sized> Walk<'_, W> {
    /// Puts instances of one template on the page, and all that stands in them.
    pub fn create(&mut self, rows: &mut [Instance], before: NodeId) {
        let Some(first) = rows.first() else { return };
        let template = self.template(first.template);
        for row in rows {
            self.enter(template);
            row.base = self.ids.take(template.ids);
            if row.base > 0 {
                self.out.create(TemplateId(row.template), NodeId(row.base), before);
                self.emit(row.span);
            }
            for (structure, children) in template.structures.iter().zip(&mut row.children) {
                self.create(children, NodeId(row.base + structure.node));
            }
            self.leave(template);
        }
    }

    /// Puts new rows in the place of those from `start` on.
    pub fn refill(
        &mut self,
        rows: &mut Vec<Instance>,
        start: usize,
        mut fresh: Vec<Instance>,
        anchor: NodeId,
    ) {
        self.discard(rows.get(start..).unwrap_or_default(), start == 0, anchor);
        rows.truncate(start);
        if self.adopts {
            fresh.iter_mut().for_each(|row| self.adopt(row));
        } else {
            self.create(&mut fresh, anchor);
        }
        rows.append(&mut fresh);
    }

    /// Takes instances off the page, those that are on it; `all` says that nothing of what their
    /// structure holds stays.
    pub fn discard(&mut self, rows: &[Instance], all: bool, anchor: NodeId) {
        // The element of a root may hold what is not ours.
        let clears = all && anchor != NodeId(0);
        let mut is_first = clears;
        for row in rows {
            if row.base == 0 {
                continue;
            }
            self.hurry();
            if is_first {
                self.out.clear(NodeId(row.base), anchor);
                is_first = false;
            } else if !clears {
                self.out.remove(TemplateId(row.template), NodeId(row.base));
            }
            self.release(row);
        }
    }

    /// Binds an instance, and all that stands in it, to the nodes of the page.
    pub fn adopt(&mut self, row: &mut Instance) {
        let count = self.template(row.template).ids;
        row.base = self.ids.take(count);
        self.out.adopt(TemplateId(row.template), NodeId(row.base));
        self.emit(row.span);
        for children in &mut row.children {
            self.out.adopt_children(children.len() as u32);
            for child in children {
                self.adopt(child);
            }
        }
    }

    /// Frees the ids of an instance and of all that stands in it.
    pub fn release(&mut self, row: &Instance) {
        let count = self.template(row.template).ids;
        if row.base > 0 {
            self.ids.free(row.base, count);
        }
        for child in row.children.iter().flatten() {
            self.release(child);
        }
    }

    /// Takes over the scalars of an instance, and sets the parts that the changed ones feed.
    pub fn set_scalars(&mut self, row: &mut Instance, span: Span) {
        let template = self.template(row.template);
        let old = replace(&mut row.span, span);
        if row.base == 0 {
            return;
        }
        let mut before = Scan::new(self.values.get(old));
        let mut after = Scan::new(self.values.get(span));
        // Step 1: the old and the new value of each slot, and where the new one stands.
        let mut slots = room(template.scalars as usize);
        for _ in 0..template.scalars {
            let place = span.at + after.position() as u32;
            slots.push((before.value(), after.value(), place));
        }
        let value = |slot: u32| slots.get(slot as usize).copied().unwrap_or_default();
        // Step 2: a part with several holes is set as a whole if one of them changed.
        for part in template.holes.chunk_by(|hole, next| hole.node == next.node) {
            let Some(hole) = part.iter().find(|hole| {
                let (old, new, _) = value(hole.number);
                !is_equal(old, new)
            }) else {
                continue;
            };
            let (old, new, place) = value(hole.number);
            let is_text = hole.kind == HoleKind::Text;
            let node = NodeId(row.base + hole.node);
            if is_text && let Some(tail) = tail(old, new) {
                let place = place + (new.len() - tail.len()) as u32;
                self.out.append(node, place, tail);
            } else if is_text && is_plain(old) && is_plain(new) {
                self.out.set_text(node);
                self.out.values(place, new);
            } else {
                self.out.set(TemplateId(row.template), NodeId(row.base), hole.node);
                for hole in part {
                    let (_, new, place) = value(hole.number);
                    self.out.values(place, new);
                }
            }
        }
    }

    fn emit(&mut self, span: Span) {
        self.out.values(span.at, self.values.get(span));
    }
}

/// With what a long text goes on, if the new text begins with all of the old one: it is appended,
/// so that the node need not be filled anew and a selection in it stays. Half a line end is none.
fn tail<'v>(old: &[u8], new: &'v [u8]) -> Option<&'v [u8]> {
    // Most texts are short, and need not be read.
    if old.len() < LONG {
        return None;
    }
    let (old, new) = (Scan::new(old).str(), Scan::new(new).str());
    let (head, tail) = new.split_at_checked(old.len())?;
    (old.len() >= LONG && old.last() != Some(&b'\r') && is_equal(head, old)).then_some(tail)
}

/// Whether a value is a text node's data as it is: it is not HTML. A parser drops the line end at
/// the beginning of some elements, so a value that may begin with one (the head of a value is five
/// bytes at most) is left to those who know the element.
fn is_plain(value: &[u8]) -> bool {
    let is_html = matches!(value.first(), Some(0xc7..=0xc9 | 0xd4..=0xd8));
    !is_html && !value.iter().take(6).any(|byte| matches!(byte, b'\n' | b'\r'))
}
