//! What the second walk over a frame says: instances come and go, and parts get other values.

use alloc::vec::Vec;
use core::mem::replace;

use protocol::{Reader, Scalar, TemplateId};

use crate::{
    NodeId,
    tree::Instance,
    values::{Span, is_equal},
    walk::Walk,
};

/// Bytes from which a text that goes on is appended to.
const LONG: usize = 32;

impl Walk<'_> {
    /// Puts instances of one template on the page, and all that stands in them.
    pub fn create(&mut self, rows: &mut [Instance], before: NodeId) {
        let Some(first) = rows.first() else { return };
        let number = first.template;
        let Some(template) = self.templates.get(number as usize) else { return };
        let count = rows.len() as u32;
        let mut base = self.ids.take(template.ids.saturating_mul(count));
        self.out.create(TemplateId(number), NodeId(base), count, before);
        for row in rows.iter_mut() {
            row.base = base;
            base = base.saturating_add(template.ids);
            self.emit_scalars(row);
        }
        if template.structures.is_empty() {
            return;
        }
        for row in rows {
            for (structure, children) in template.structures.iter().zip(&mut row.children) {
                self.create(children, NodeId(row.base + structure.anchor));
            }
        }
    }

    /// Binds an instance, and all that stands in it, to the nodes of the page.
    pub fn adopt(&mut self, row: &mut Instance) {
        let Some(template) = self.templates.get(row.template as usize) else { return };
        row.base = self.ids.take(template.ids);
        self.out.adopt(TemplateId(row.template), NodeId(row.base));
        self.emit_scalars(row);
        for children in &mut row.children {
            self.out.adopt_children(children.len() as u32);
            for child in children {
                self.adopt(child);
            }
        }
    }

    /// Frees the ids of an instance and of all that stands in it.
    pub fn release(&mut self, row: &Instance) {
        if let Some(template) = self.templates.get(row.template as usize) {
            self.ids.free(row.base, template.ids);
        }
        for child in row.children.iter().flatten() {
            self.release(child);
        }
    }

    /// Takes over the scalars of an instance, and sets the parts that the changed ones feed.
    pub fn set_scalars(&mut self, row: &mut Instance, new: Span) {
        let old = replace(&mut row.span, new);
        let (old, new) = (self.values.get(old), self.values.get(new));
        let Some(template) = self.templates.get(row.template as usize) else { return };
        // Step 1: where each value stands, and whether it is another one than before.
        let (mut before, mut after) = (Reader::new(old), Reader::new(new));
        let mut slots = Vec::with_capacity(template.scalars as usize);
        for _ in 0..template.scalars {
            let (from, at) = (before.position(), after.position());
            let _ = (before.skip(), after.skip());
            let same =
                is_equal(before.span(from, before.position()), after.span(at, after.position()));
            slots.push((from, at, same));
        }
        // Step 2: a part with several holes is set as a whole if one of them changed.
        let mut holes = template.holes.as_slice();
        while let Some(first) = holes.first() {
            let mut count = 0;
            let mut changed = false;
            while let Some(hole) = holes.get(count)
                && hole.part == first.part
            {
                changed |= slots.get(hole.slot as usize).is_some_and(|&(.., same)| !same);
                count += 1;
            }
            let (part, rest) = holes.split_at(count);
            holes = rest;
            if !changed {
                continue;
            }
            let (template, base) = (TemplateId(row.template), NodeId(row.base));
            if first.is_text
                && let Some(&(from, at, _)) = slots.get(first.slot as usize)
                && let (Some(old), Some(new)) = (scalar(old, from), scalar(new, at))
                && let Some(tail) = tail(old, new)
            {
                self.out.append(template, base, first.part);
                self.out.value(Scalar::Text(tail));
                continue;
            }
            self.out.set(template, base, first.part);
            for hole in part {
                if let Some(&(_, at, _)) = slots.get(hole.slot as usize)
                    && let Some(value) = scalar(new, at)
                {
                    self.out.value(value);
                }
            }
        }
    }

    fn emit_scalars(&mut self, row: &Instance) {
        let mut reader = Reader::new(self.values.get(row.span));
        while let Ok(value) = reader.scalar() {
            self.out.value(value);
        }
    }
}

/// The scalar that begins at an offset.
fn scalar(values: &[u8], at: usize) -> Option<Scalar<'_>> {
    Reader::new(values.get(at..)?).scalar().ok()
}

/// With what a long text goes on, if the new text begins with all of the old one: it is appended,
/// so that the node need not be filled anew and a selection in it stays. Half a line end is none.
fn tail<'v>(old: Scalar<'_>, new: Scalar<'v>) -> Option<&'v str> {
    let (Scalar::Text(old), Scalar::Text(new)) = (old, new) else { return None };
    let (head, tail) = new.split_at_checked(old.len())?;
    let is_long = old.len() >= LONG && !old.ends_with('\r');
    (is_long && is_equal(head.as_bytes(), old.as_bytes())).then_some(tail)
}
