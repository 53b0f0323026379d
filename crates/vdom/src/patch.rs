//! From the retained tree to the new one: what changed is emitted, what did not is kept.
//!
//! Everything here works on trees that were read and checked as a whole, so nothing can fail.

use alloc::vec::{IntoIter, Vec};
use core::mem::{replace, take};

use protocol::{Reader, TemplateId};

use crate::{
    NodeId, WriteMutations,
    edit::Edit,
    ids::Ids,
    template::{Structure, Template},
    tree::Instance,
    values::{Span, Values, is_equal},
};

/// The stores of the engine and the way out, while one frame is applied.
pub(crate) struct Patch<'a> {
    pub templates: &'a [Template],
    pub values: &'a mut Values,
    pub ids: &'a mut Ids,
    pub out: &'a mut dyn WriteMutations,
}

impl Patch<'_> {
    /// Brings an instance to where a full fragment of the same template says it is.
    pub fn reconcile(&mut self, old: &mut Instance, new: Instance) {
        self.set_scalars(old, new.span);
        self.reconcile_children(old, new);
    }

    /// The same for what stands in it.
    pub fn reconcile_children(&mut self, old: &mut Instance, mut new: Instance) {
        for (index, rows) in new.children.iter_mut().enumerate() {
            self.replace_children(old, index as u32, take(rows));
        }
    }

    /// Carries out the edits of one instance.
    pub fn edit(&mut self, instance: &mut Instance, edits: &mut IntoIter<Edit>) {
        // Step 1: the new values, and between them those that stay, become a new span.
        let mut rest = instance.span;
        let start = self.values.end();
        let mut next = 0;
        let mut edit = edits.next();
        while let Some(Edit::Value { slot, span }) = edit {
            let mut reader = Reader::new(self.values.get(rest));
            while next < slot {
                let _ = reader.skip();
                next += 1;
            }
            let kept = reader.position() as u32;
            let _ = reader.skip();
            next += 1;
            let passed = reader.position() as u32;
            self.values.copy(Span { at: rest.at, len: kept });
            self.values.copy(span);
            rest = Span { at: rest.at.wrapping_add(passed), len: rest.len - passed };
            edit = edits.next();
        }
        if next > 0 {
            self.values.copy(rest);
            let len = self.values.end().wrapping_sub(start);
            self.set_scalars(instance, Span { at: start, len });
        }
        // Step 2: everything else, in the order of the frame.
        loop {
            match edit {
                Some(Edit::Whole(new)) => self.reconcile(instance, new),
                Some(Edit::Replace { structure, rows }) => {
                    self.replace_children(instance, structure, rows);
                }
                Some(Edit::Arrange { structure, order, rows }) => {
                    let anchor = self.anchor(instance, structure);
                    if let Some(children) = instance.children.get_mut(structure as usize) {
                        self.arrange(children, &order, rows, anchor);
                    }
                }
                Some(Edit::Enter { structure, row }) => {
                    if let Some(children) = instance.children.get_mut(structure as usize)
                        && let Some(child) = children.get_mut(row as usize)
                    {
                        self.edit(child, edits);
                    }
                }
                _ => return,
            }
            edit = edits.next();
        }
    }

    /// Puts instances on the page. All are of one template.
    pub fn create(&mut self, rows: &mut [Instance], before: NodeId) {
        self.assign(rows);
        self.emit(rows, before);
    }

    /// Gives ids to instances of one template and to all that stands in them.
    pub fn assign(&mut self, rows: &mut [Instance]) {
        let Some(ids) = self.ids_of(rows) else { return };
        let mut base = self.ids.take(ids.saturating_mul(rows.len() as u32));
        for row in rows {
            row.base = base;
            base = base.saturating_add(ids);
            for children in &mut row.children {
                self.assign(children);
            }
        }
    }

    /// Builds instances that have ids, and all that stands in them.
    pub fn emit(&mut self, rows: &[Instance], before: NodeId) {
        // Rows whose ids follow each other are cloned by one instruction.
        let ids = self.ids_of(rows).unwrap_or_default();
        let mut start = 0;
        while let Some(first) = rows.get(start) {
            let mut count = 1;
            while let Some(row) = rows.get(start + count)
                && row.base == first.base + ids * count as u32
            {
                count += 1;
            }
            let template = TemplateId(first.template);
            self.out.create(template, NodeId(first.base), count as u32, before);
            for row in rows.iter().skip(start).take(count) {
                self.emit_scalars(row);
            }
            start += count;
        }
        for row in rows {
            for (index, children) in row.children.iter().enumerate() {
                let anchor = self.anchor(row, index as u32);
                self.emit(children, anchor);
            }
        }
    }

    /// Binds instances that have ids to the nodes of the page.
    pub fn adopt(&mut self, row: &Instance) {
        self.out.adopt(TemplateId(row.template), NodeId(row.base));
        self.emit_scalars(row);
        for children in &row.children {
            self.out.adopt_children(children.len() as u32);
            for child in children {
                self.adopt(child);
            }
        }
    }

    /// Takes an instance off the page.
    pub fn remove(&mut self, row: &Instance) {
        self.out.remove(TemplateId(row.template), NodeId(row.base));
        self.release(row);
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

    /// Replaces what a structure holds.
    fn replace_children(&mut self, parent: &mut Instance, structure: u32, rows: Vec<Instance>) {
        let anchor = self.anchor(parent, structure);
        if let Some(children) = parent.children.get_mut(structure as usize) {
            self.replace(children, rows, anchor);
        }
    }

    /// Takes over the scalars of an instance, and sets the parts that the changed ones feed.
    fn set_scalars(&mut self, instance: &mut Instance, new: Span) {
        let old = replace(&mut instance.span, new);
        let (old, new) = (self.values.get(old), self.values.get(new));
        if is_equal(old, new) {
            return;
        }
        let Some(template) = self.templates.get(instance.template as usize) else { return };
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
            self.out.set(TemplateId(instance.template), NodeId(instance.base), first.part);
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

    fn ids_of(&self, rows: &[Instance]) -> Option<u32> {
        Some(self.templates.get(rows.first()?.template as usize)?.ids)
    }

    fn structure(&self, parent: &Instance, structure: u32) -> Option<&Structure> {
        self.templates.get(parent.template as usize)?.structures.get(structure as usize)
    }

    /// The anchor of a structure.
    fn anchor(&self, parent: &Instance, structure: u32) -> NodeId {
        NodeId(self.structure(parent, structure).map_or(0, |found| parent.base + found.anchor))
    }
}
