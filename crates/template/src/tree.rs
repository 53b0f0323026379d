//! A render tree: what one run of a plan printed, in two flat vectors.
//!
//! `bytes` holds the encoded scalars in the order in which they were printed. `slots` holds, for
//! each fragment, as many neighbouring entries as its body has slots; a row has one more, which
//! leads to the next row. Nothing is allocated for a row but its part of the two vectors, and both
//! are kept for the next run.
//!
//! A dynamic slot holds a fragment of another plan; the tree keeps the plans that it shows.

use std::sync::Arc;

use protocol::{Reader, Scalar, write};

use crate::plan::{BodyId, Plan, Structure};

/// One slot: the range of a scalar's bytes; or for a structure, the fragment it holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    /// A scalar's first byte; one more than a condition's body, or zero; one more than the index of
    /// a dynamic fragment's plan; a list's first row.
    pub a: u32,
    /// The end of a scalar's bytes; the first slot of the body of a condition or fragment; the
    /// number of a list's rows.
    pub b: u32,
}

/// What one run printed.
#[derive(Debug, Default)]
pub struct Tree {
    pub(crate) bytes: Vec<u8>,
    pub(crate) slots: Vec<Slot>,
    plans: Vec<Arc<Plan>>,
    pub(crate) root: u32,
    /// Whether a value did not print what the plan relies on, or a text ends within a line end.
    /// Joined, the strings are still the HTML.
    pub(crate) is_contradicted: bool,
}

/// Gives the template numbers of a connection to bodies, and defines what it does not have yet.
pub(crate) trait Numbers {
    /// The template number of a body of a plan.
    fn number(&mut self, plan: &Plan, body: BodyId) -> u32;
}

impl Tree {
    /// The bytes of memory that it holds, also when it is empty.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.slots.capacity() * size_of::<Slot>()
    }

    /// An empty tree that keeps the memory of this one.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.slots.clear();
        self.plans.clear();
        self.root = 0;
        self.is_contradicted = false;
    }

    /// Whether a value did not print what its plan relies on, or ends within a line end: then the
    /// page gets the tree as [`one hole`](crate::as_one_hole()).
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.is_contradicted
    }

    /// The slot of the scalar that was written last. A parser takes a carriage return at its end
    /// and a line feed after it for one line end, so no hole can stand between the two.
    #[inline]
    pub(crate) fn scalar_since(&mut self, start: usize) -> Slot {
        let scalar = &self.bytes[start..];
        if scalar.last() == Some(&b'\r')
            && !matches!(Reader::new(scalar).scalar(), Ok(Scalar::Int(_)))
        {
            self.is_contradicted = true;
        }
        Slot { a: start as u32, b: self.bytes.len() as u32 }
    }

    /// Keeps a plan, and returns its index.
    pub(crate) fn link(&mut self, plan: &Arc<Plan>) -> u32 {
        let known = self.plans.iter().position(|known| known.number == plan.number);
        let index = known.unwrap_or_else(|| {
            self.plans.push(Arc::clone(plan));
            self.plans.len() - 1
        });
        index as u32
    }

    /// The plan of a dynamic slot.
    pub(crate) fn linked(&self, slot: Slot) -> &Arc<Plan> {
        &self.plans[slot.a as usize - 1]
    }

    pub(crate) fn slot(&self, base: u32, slot: usize) -> Slot {
        self.slots[base as usize + slot]
    }

    pub(crate) fn scalar(&self, base: u32, slot: usize) -> &[u8] {
        let Slot { a, b } = self.slot(base, slot);
        &self.bytes[a as usize..b as usize]
    }

    /// The first slots of a list's rows.
    pub(crate) fn rows(&self, plan: &Plan, list: Slot, row: BodyId) -> Rows<'_> {
        Rows { tree: self, slots: plan.body(row).slots(), next: list.a, left: list.b }
    }

    /// Encodes a fragment: its scalars, then its structures.
    pub(crate) fn fragment(
        &self,
        plan: &Plan,
        id: BodyId,
        base: u32,
        numbers: &mut dyn Numbers,
        out: &mut Vec<u8>,
    ) {
        let body = plan.body(id);
        self.scalars(base, body.scalars as usize, out);
        for (index, structure) in body.structures.iter().enumerate() {
            let slot = self.slot(base, body.scalars as usize + index);
            self.structure(plan, *structure, slot, numbers, out);
        }
    }

    /// Scalars that were printed one after the other are copied at once.
    fn scalars(&self, base: u32, count: usize, out: &mut Vec<u8>) {
        let slots = &self.slots[base as usize..base as usize + count];
        let mut slots = slots.iter();
        let Some(first) = slots.next() else { return };
        let (mut start, mut end) = (first.a, first.b);
        for slot in slots {
            if slot.a != end {
                out.extend_from_slice(&self.bytes[start as usize..end as usize]);
                start = slot.a;
            }
            end = slot.b;
        }
        out.extend_from_slice(&self.bytes[start as usize..end as usize]);
    }

    pub(crate) fn structure(
        &self,
        plan: &Plan,
        structure: Structure,
        slot: Slot,
        numbers: &mut dyn Numbers,
        out: &mut Vec<u8>,
    ) {
        match structure {
            Structure::Condition if slot.a == 0 => write::boolean(out, false),
            Structure::Condition => {
                let body = BodyId(slot.a - 1);
                write::uint(out, u64::from(numbers.number(plan, body)));
                self.fragment(plan, body, slot.b, numbers, out);
            }
            Structure::List(row) => {
                write::uint(out, u64::from(slot.b));
                for base in self.rows(plan, slot, row) {
                    self.fragment(plan, row, base, numbers, out);
                }
            }
            Structure::Fragment(body) => self.fragment(plan, body, slot.b, numbers, out),
            Structure::Dynamic => {
                let plan = self.linked(slot);
                write::uint(out, u64::from(numbers.number(plan, plan.root())));
                self.fragment(plan, plan.root(), slot.b, numbers, out);
            }
        }
    }
}

/// See [`Tree::rows`].
pub(crate) struct Rows<'t> {
    tree: &'t Tree,
    slots: usize,
    next: u32,
    left: u32,
}

impl Iterator for Rows<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let base = self.next;
        self.next = self.tree.slot(base, self.slots).a;
        Some(base)
    }
}
