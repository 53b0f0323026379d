//! A delta, read and checked against the retained tree, as a flat list of edits.
//!
//! All that can be wrong with a delta is found here, before anything changes. An edit that enters
//! an instance is followed by the edits of that instance, up to its [`Edit::Leave`].

use alloc::{vec, vec::Vec};

use protocol::{ErrorKind, HoleKind, Result};

use crate::{
    tree::{Decoder, Instance, TRUE},
    values::Span,
};

/// A change of the instance at hand.
pub(crate) enum Edit {
    /// A scalar has another value. Slots ascend, and values come before everything else.
    Value { slot: u32, span: Span },
    /// The same template is filled anew.
    Whole(Instance),
    /// The structure holds these fragments: the diff has to find out which of them it had.
    Replace { structure: u32, rows: Vec<Instance> },
    /// The structure holds these rows: old ones by their index + 1, and new ones (0) in order.
    Arrange { structure: u32, order: Vec<u32>, rows: Vec<Instance> },
    /// The following edits belong to this row of the structure, in the order before the frame.
    Enter { structure: u32, row: u32 },
    /// Back to the instance around.
    Leave,
}

/// Reads deltas.
pub(crate) struct DeltaDecoder<'a> {
    pub decoder: Decoder<'a>,
    pub edits: Vec<Edit>,
    /// How many bytes the changed instances have: room for their new values.
    pub bytes: usize,
}

impl DeltaDecoder<'_> {
    /// Reads the delta of an instance.
    pub fn delta(&mut self, old: &Instance) -> Result<()> {
        let template = self.decoder.template(old.template)?;
        let count = self.decoder.reader.uint()?;
        if count == 0 {
            let whole = self.decoder.fragment(old.template, Some(old))?;
            self.edits.push(Edit::Whole(whole));
            return Ok(());
        }
        self.decoder.descend()?;
        self.bytes += old.span.len as usize;
        let mut next = 0;
        for _ in 0..count {
            let slot = self.decoder.reader.uint()?;
            // A slot named twice would be checked against what it held before the frame.
            if slot < next {
                return self.refuse();
            }
            next = slot.saturating_add(1);
            if slot < template.scalars {
                let span = self.decoder.scalars(1)?;
                self.edits.push(Edit::Value { slot, span });
                continue;
            }
            let index = (slot - template.scalars) as usize;
            let (Some(structure), Some(rows)) =
                (template.structures.get(index), old.children.get(index))
            else {
                return self.refuse();
            };
            let index = index as u32;
            match structure.kind {
                HoleKind::List => self.list(index, structure.template, rows)?,
                HoleKind::Condition if self.decoder.reader.peek() != Ok(TRUE) => {
                    let rows = self.decoder.body(rows)?;
                    self.edits.push(Edit::Replace { structure: index, rows });
                }
                HoleKind::Condition => {
                    self.decoder.reader.boolean()?;
                    self.row(index, 0, rows.first())?;
                }
                _ => self.row(index, 0, rows.first())?,
            }
        }
        self.decoder.depth += 1;
        Ok(())
    }

    /// Reads the delta of one row.
    fn row(&mut self, structure: u32, row: u32, old: Option<&Instance>) -> Result<()> {
        let Some(old) = old else { return self.refuse() };
        self.edits.push(Edit::Enter { structure, row });
        self.delta(old)?;
        self.edits.push(Edit::Leave);
        Ok(())
    }

    /// Reads what became of a list.
    fn list(&mut self, structure: u32, template: u32, old: &[Instance]) -> Result<()> {
        let mode = self.decoder.reader.uint()?;
        let is_ordered = matches!(mode, 1 | 2);
        let named = vec![false; if is_ordered { old.len() } else { 0 }];
        let mut order = Order { named, rows: Vec::new() };
        let rows = match mode {
            0 => {
                let rows = self.decoder.list(template, old)?;
                self.edits.push(Edit::Replace { structure, rows });
                return Ok(());
            }
            1 => self.runs(template, &mut order)?,
            2 => self.indices(template, &mut order)?,
            3 => Vec::new(),
            _ => return self.refuse(),
        };
        // The frame counts changed rows in the new order. They are changed first, in the old one.
        let mut next = 0u32;
        for _ in 0..self.decoder.reader.uint()? {
            let gap = self.decoder.reader.uint()?;
            let Some(index) = next.checked_add(gap) else { return self.refuse() };
            next = index.saturating_add(1);
            let row = match order.rows.get(index as usize) {
                _ if !is_ordered => index,
                // A new row has index 0 here: it is no old row, and is refused below.
                Some(row) => row.wrapping_sub(1),
                None => return self.refuse(),
            };
            self.row(structure, row, old.get(row as usize))?;
        }
        if is_ordered {
            self.edits.push(Edit::Arrange { structure, order: order.rows, rows });
        }
        Ok(())
    }

    /// Reads an order as runs of rows, and the new rows among them.
    fn runs(&mut self, template: u32, order: &mut Order) -> Result<Vec<Instance>> {
        let mut rows = Vec::new();
        for _ in 0..self.decoder.reader.uint()? {
            let head = self.decoder.reader.uint()?;
            let count = head >> 2;
            if head & 3 == 1 {
                rows.append(&mut self.decoder.fragments(template, count, &[])?);
                order.rows.resize(order.rows.len() + count as usize, 0);
                continue;
            }
            let from = self.decoder.reader.uint()?;
            for step in 0..count {
                let index = match head & 3 {
                    0 => from.checked_add(step),
                    2 => from.checked_sub(step),
                    _ => None,
                };
                if !index.is_some_and(|index| order.keep(index)) {
                    return self.refuse();
                }
            }
        }
        Ok(rows)
    }

    /// Reads an order row by row, and the new rows after it.
    fn indices(&mut self, template: u32, order: &mut Order) -> Result<Vec<Instance>> {
        let mut fresh = 0;
        for _ in 0..self.decoder.reader.uint()? {
            match self.decoder.reader.uint()?.checked_sub(1) {
                None => {
                    order.rows.push(0);
                    fresh += 1;
                }
                Some(index) if order.keep(index) => {}
                Some(_) => return self.refuse(),
            }
        }
        self.decoder.fragments(template, fresh, &[])
    }

    fn refuse<T>(&self) -> Result<T> {
        self.decoder.reader.error(ErrorKind::OutOfRange)
    }
}

/// The new order of a list while it is read.
struct Order {
    /// Whether an old row has its place already.
    named: Vec<bool>,
    /// For each new row the index of the old one + 1, or 0.
    rows: Vec<u32>,
}

impl Order {
    /// Gives an old row the next place. False if there is no such row, or if it has a place.
    fn keep(&mut self, index: u32) -> bool {
        match self.named.get_mut(index as usize) {
            Some(named) if !*named => {
                *named = true;
                self.rows.push(index + 1);
                true
            }
            _ => false,
        }
    }
}
