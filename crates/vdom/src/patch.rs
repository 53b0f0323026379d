//! What the second walk over a frame says: instances come and go, and parts get other values.

use alloc::vec::Vec;
use core::mem::replace;

use protocol::{Reader, TemplateId};

use crate::{
    NodeId,
    tree::Instance,
    values::{Span, is_equal},
    walk::Walk,
};

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
            slots.push((at, same));
        }
        // Step 2: a part with several holes is set as a whole if one of them changed.
        let mut holes = template.holes.as_slice();
        while let Some(first) = holes.first() {
            let mut count = 0;
            let mut changed = false;
            while let Some(hole) = holes.get(count)
                && hole.part == first.part
            {
                changed |= slots.get(hole.slot as usize).is_some_and(|&(_, same)| !same);
                count += 1;
            }
            let (part, rest) = holes.split_at(count);
            holes = rest;
            if !changed {
                continue;
            }
            self.out.set(TemplateId(row.template), NodeId(row.base), first.part);
            for hole in part {
                if let Some(&(at, _)) = slots.get(hole.slot as usize)
                    && let Ok(value) = Reader::new(new.get(at..).unwrap_or_default()).scalar()
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
