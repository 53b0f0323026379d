//! A frame, value by value, along the retained tree. Each frame is walked over twice by the same
//! code: the first walk only checks, so that a frame which does not fit changes nothing; the second
//! one changes the tree and says so.
//!
//! A full fragment is read along the old one. Where the bytes that come next are those of the old
//! instance, they need not be read value by value, since equal bytes have equal structure.

use alloc::{vec, vec::Vec};

use protocol::{ErrorKind, HoleKind, Reader, Result};

use crate::{
    NodeId, WriteMutations,
    ids::Ids,
    template::{Structure, Template},
    tree::Instance,
    values::{Span, Values, is_equal},
};

/// Levels of fragments inside each other.
const DEPTH: u32 = 64;

/// Fragments that a frame may hold beyond one for each of its bytes: a row without values takes no
/// byte (`{% for star in stars %}★{% endfor %}`).
const EMPTY_FRAGMENTS: usize = 65_536;

/// `false` and `true` on the wire.
const FALSE: u8 = 0xc2;
const TRUE: u8 = 0xc3;

/// An array of one string: with what a text goes on.
const TAIL: u8 = 0x91;

/// The stores of the engine and the way out, while a frame is walked over.
pub(crate) struct Walk<'a> {
    pub templates: &'a [Template],
    pub values: &'a mut Values,
    pub ids: &'a mut Ids,
    pub out: &'a mut dyn WriteMutations,
    reader: Reader<'a>,
    /// Offset of the reader's first byte in the value buffer.
    start: u32,
    /// Whether this walk changes nothing.
    checks: bool,
    /// Levels that are left.
    depth: u32,
    /// Fragments that are left.
    budget: usize,
}

impl<'a> Walk<'a> {
    /// At the start of a frame, whose bytes stand in the value buffer as well.
    pub fn new(
        templates: &'a [Template],
        values: &'a mut Values,
        ids: &'a mut Ids,
        out: &'a mut dyn WriteMutations,
        bytes: &'a [u8],
        start: u32,
        checks: bool,
    ) -> Self {
        let reader = Reader::new(bytes);
        // The second walk reads some rows twice.
        let budget = if checks { bytes.len() + EMPTY_FRAGMENTS } else { usize::MAX };
        Self { templates, values, ids, out, reader, start, checks, depth: DEPTH, budget }
    }

    /// Refuses bytes after the frame.
    pub fn finish(&self) -> Result<()> {
        if self.reader.is_empty() {
            return Ok(());
        }
        self.reader.error(ErrorKind::TrailingBytes)
    }

    /// Reads a full tree of which the page has the nodes already.
    pub fn hydrate(&mut self, rows: &mut Vec<Instance>, number: u32) -> Result<()> {
        let mut tree = self.build(number, None)?;
        if !self.checks {
            self.adopt(&mut tree);
            rows.push(tree);
        }
        Ok(())
    }

    /// Reads the delta of a structure that holds one instance.
    pub fn update(&mut self, rows: &mut [Instance]) -> Result<()> {
        match rows.first_mut() {
            Some(row) => self.delta(row),
            None => self.refuse(),
        }
    }

    // ---- Full fragments

    /// Reads `count` fragments of a template, which a structure holds from now on.
    pub fn rows(
        &mut self,
        rows: &mut Vec<Instance>,
        number: u32,
        count: u32,
        anchor: NodeId,
    ) -> Result<()> {
        self.spend(count)?;
        // Step 1: as long as the same rows follow each other, they are brought up to date in place.
        let count = count as usize;
        let is_single = count == 1 && rows.len() == 1;
        let mut start = 0;
        while start < count
            && let Some(row) = rows.get_mut(start)
        {
            let is_next = self.is_next(number, row);
            if !is_next && !self.follows(number, row, is_single) {
                break;
            }
            self.fragment(row, is_next)?;
            start += 1;
        }
        if start == count && start == rows.len() {
            return Ok(());
        }
        // Step 2: where the others are. Mostly a row is the next old one, or a neighbour of that.
        let mut places = Vec::with_capacity(count - start);
        let mut next = start;
        for _ in start..count {
            let mut known = None;
            for near in [next, next.wrapping_add(1), next.wrapping_sub(1)] {
                if let Some(row) = rows.get(near)
                    && self.is_next(number, row)
                {
                    known = Some(row.span.len);
                    next = near;
                    break;
                }
            }
            places.push(self.build(number, known)?.span);
            next = next.wrapping_add(1);
        }
        // Step 3: match them with the old rows.
        if !self.checks {
            let end = self.reader.position();
            self.replace(rows, start, number, &places, anchor)?;
            self.reader.seek(end);
        }
        Ok(())
    }

    /// Reads a full fragment of an instance. `is_next` says that its scalars are what comes next.
    pub fn fragment(&mut self, row: &mut Instance, is_next: bool) -> Result<()> {
        let template = self.template(row.template)?;
        self.descend()?;
        let span = self.scalars(template.scalars, is_next.then_some(row.span.len))?;
        if is_next && !self.checks {
            row.span = span;
        } else if !self.checks {
            self.set_scalars(row, span);
        }
        for (structure, children) in template.structures.iter().zip(&mut row.children) {
            let (number, count) = self.content(structure)?;
            self.rows(children, number, count, NodeId(row.base + structure.anchor))?;
        }
        self.depth += 1;
        Ok(())
    }

    /// Reads a fragment as a new instance. `known` is the length of its scalars, if it is known.
    pub fn build(&mut self, number: u32, known: Option<u32>) -> Result<Instance> {
        let template = self.template(number)?;
        self.descend()?;
        let span = self.scalars(template.scalars, known)?;
        let mut children = Vec::with_capacity(template.structures.len());
        for structure in &template.structures {
            let (number, count) = self.content(structure)?;
            children.push(self.build_all(number, count)?);
        }
        self.depth += 1;
        Ok(Instance { template: number, base: 0, span, children: children.into_boxed_slice() })
    }

    /// Reads fragments of one template, one after the other.
    fn build_all(&mut self, number: u32, count: u32) -> Result<Vec<Instance>> {
        self.spend(count)?;
        let mut rows = Vec::with_capacity(count as usize);
        for _ in 0..count {
            rows.push(self.build(number, None)?);
        }
        Ok(rows)
    }

    /// Reads what stands before the fragments of a structure: their template and how many they are.
    fn content(&mut self, structure: &Structure) -> Result<(u32, u32)> {
        Ok(match structure.kind {
            HoleKind::List => (structure.template, self.reader.uint()?),
            HoleKind::Condition if self.reader.peek()? == FALSE => {
                self.reader.skip()?;
                (0, 0)
            }
            HoleKind::Condition => (self.reader.uint()?, 1),
            _ => (structure.template, 1),
        })
    }

    // ---- Deltas

    /// Reads the delta of an instance.
    fn delta(&mut self, row: &mut Instance) -> Result<()> {
        let template = self.template(row.template)?;
        let mut left = self.reader.uint()?;
        if left == 0 {
            let is_next = self.is_next(row.template, row);
            return self.fragment(row, is_next);
        }
        self.descend()?;
        // Step 1: the new values, and between them those that stay, become a new span.
        let (start, mut rest) = (self.values.end(), row.span);
        let (mut passed, mut next) = (0, 0);
        let mut slot = self.slot(&mut left, &mut next)?;
        while let Some(changed) = slot
            && changed < template.scalars
        {
            let old = self.values.get(rest);
            let kept = position(old, changed - passed);
            let past = position(old, changed - passed + 1);
            let mut text = None;
            let mut span = Span { at: rest.at.wrapping_add(kept), len: past - kept };
            if self.reader.peek()? == TAIL {
                let Ok(known) = Reader::new(self.values.get(span)).str() else {
                    return self.refuse();
                };
                text = Some(known.len() as u32);
                self.reader.array_len()?;
                let len = self.reader.str()?.len();
                let at = self.start.wrapping_add((self.reader.position() - len) as u32);
                span = Span { at, len: len as u32 };
            } else {
                span = self.scalars(1, None)?;
            }
            if !self.checks {
                self.values.copy(Span { at: rest.at, len: kept });
                if let Some(len) = text {
                    self.values.head(len + span.len);
                    self.values.copy(Span { at: rest.at.wrapping_add(past - len), len });
                }
                self.values.copy(span);
            }
            rest = Span { at: rest.at.wrapping_add(past), len: rest.len - past };
            passed = changed + 1;
            slot = self.slot(&mut left, &mut next)?;
        }
        if passed > 0 && !self.checks {
            self.values.copy(rest);
            let len = self.values.end().wrapping_sub(start);
            self.set_scalars(row, Span { at: start, len });
        }
        // Step 2: everything else, in the order of the frame.
        while let Some(changed) = slot {
            let index = (changed - template.scalars) as usize;
            let (Some(structure), Some(children)) =
                (template.structures.get(index), row.children.get_mut(index))
            else {
                return self.refuse();
            };
            let anchor = NodeId(row.base + structure.anchor);
            match structure.kind {
                HoleKind::List => self.list(children, structure.template, anchor)?,
                HoleKind::Condition if self.reader.peek()? != TRUE => {
                    let (number, count) = self.content(structure)?;
                    self.rows(children, number, count, anchor)?;
                }
                HoleKind::Condition => {
                    self.reader.skip()?;
                    self.update(children)?;
                }
                _ => self.update(children)?,
            }
            slot = self.slot(&mut left, &mut next)?;
        }
        self.depth += 1;
        Ok(())
    }

    /// Reads the next slot of a delta, if one is left. Slots ascend: one that is named twice would
    /// be checked against what it held before the frame.
    fn slot(&mut self, left: &mut u32, next: &mut u32) -> Result<Option<u32>> {
        if *left == 0 {
            return Ok(None);
        }
        *left -= 1;
        let slot = self.reader.uint()?;
        if slot < *next {
            return self.refuse();
        }
        *next = slot.saturating_add(1);
        Ok(Some(slot))
    }

    /// Reads what became of a list.
    fn list(&mut self, rows: &mut Vec<Instance>, number: u32, anchor: NodeId) -> Result<()> {
        let mode = self.reader.uint()?;
        let mut order = Order { named: vec![false; rows.len()], kept: 0, rows: Vec::new() };
        let fresh = match mode {
            0 => {
                let count = self.reader.uint()?;
                return self.rows(rows, number, count, anchor);
            }
            1 => self.runs(number, &mut order)?,
            2 => self.indices(number, &mut order)?,
            3 => Vec::new(),
            _ => return self.refuse(),
        };
        // The frame counts changed rows in the new order. They are changed first, in the old one.
        let mut next = 0u32;
        for _ in 0..self.reader.uint()? {
            let index = next.saturating_add(self.reader.uint()?);
            next = index.saturating_add(1);
            // A new row has number 0 here: it is no old row, and is refused.
            let row = match order.rows.get(index as usize) {
                Some(row) => *row,
                None if mode == 3 => next,
                None => 0,
            };
            match rows.get_mut(row.wrapping_sub(1) as usize) {
                Some(row) => self.delta(row)?,
                None => return self.refuse(),
            }
        }
        if mode != 3 && !self.checks {
            self.arrange(rows, &order.rows, fresh, anchor);
        }
        Ok(())
    }

    /// Reads an order as runs of rows, and the new rows among them.
    fn runs(&mut self, number: u32, order: &mut Order) -> Result<Vec<Instance>> {
        let mut fresh = Vec::new();
        for _ in 0..self.reader.uint()? {
            let head = self.reader.uint()?;
            let mut count = head >> 2;
            if head & 3 == 1 {
                fresh.append(&mut self.build_all(number, count)?);
                order.rows.resize(order.rows.len() + count as usize, 0);
                continue;
            }
            let from = if head & 3 == 3 { order.kept } else { self.reader.uint()? };
            if head == 3 {
                count = (order.named.len() as u32).saturating_sub(from);
            }
            for step in 0..count {
                let index = match head & 3 {
                    2 => from.checked_sub(step),
                    _ => from.checked_add(step),
                };
                if !index.is_some_and(|index| order.keep(index)) {
                    return self.refuse();
                }
            }
        }
        Ok(fresh)
    }

    /// Reads an order row by row, and the new rows after it.
    fn indices(&mut self, number: u32, order: &mut Order) -> Result<Vec<Instance>> {
        let mut fresh = 0;
        for _ in 0..self.reader.uint()? {
            match self.reader.uint()?.checked_sub(1) {
                None => {
                    order.rows.push(0);
                    fresh += 1;
                }
                Some(index) if order.keep(index) => {}
                Some(_) => return self.refuse(),
            }
        }
        self.build_all(number, fresh)
    }

    // ---- Steps

    /// Goes to where the values of a new row are, which were passed before.
    pub fn seek(&mut self, place: Span) {
        self.reader.seek(place.at.wrapping_sub(self.start) as usize);
    }

    /// Whether the scalars of an instance are what comes next.
    pub fn is_next(&self, number: u32, row: &Instance) -> bool {
        let old = self.values.get(row.span);
        row.template == number
            && self.reader.rest().get(..old.len()).is_some_and(|next| is_equal(old, next))
    }

    /// Whether what comes next is another state of an instance: it has the same key or, without
    /// keys, it is alone before and after.
    fn follows(&self, number: u32, row: &Instance, is_single: bool) -> bool {
        row.template == number
            && match self.key(number) {
                None => is_single,
                Some(_) => is_equal(
                    self.identity(number, self.values.get(row.span)),
                    self.identity(number, self.reader.rest()),
                ),
            }
    }

    /// Reads scalars, or passes over them if their length is known; returns where they stand.
    fn scalars(&mut self, count: u32, known: Option<u32>) -> Result<Span> {
        let from = self.reader.position();
        match known {
            Some(len) => self.reader.seek(from + len as usize),
            None => {
                for _ in 0..count {
                    self.reader.scalar()?;
                }
            }
        }
        let len = (self.reader.position() - from) as u32;
        Ok(Span { at: self.start.wrapping_add(from as u32), len })
    }

    fn template(&self, number: u32) -> Result<&'a Template> {
        match self.templates.get(number as usize) {
            Some(template) => Ok(template),
            None => self.refuse(),
        }
    }

    /// Goes one level down; the caller comes back up.
    fn descend(&mut self) -> Result<()> {
        match self.depth.checked_sub(1) {
            Some(left) => self.depth = left,
            None => return self.reader.error(ErrorKind::Limit),
        }
        Ok(())
    }

    /// Allows so many more fragments.
    fn spend(&mut self, count: u32) -> Result<()> {
        match self.budget.checked_sub(count as usize) {
            Some(left) => self.budget = left,
            None => return self.reader.error(ErrorKind::Limit),
        }
        Ok(())
    }

    fn refuse<T>(&self) -> Result<T> {
        self.reader.error(ErrorKind::OutOfRange)
    }
}

/// How many bytes the first `count` values take.
pub(crate) fn position(values: &[u8], count: u32) -> u32 {
    let mut reader = Reader::new(values);
    for _ in 0..count {
        let _ = reader.skip();
    }
    reader.position() as u32
}

/// The new order of a list while it is read.
struct Order {
    /// Whether an old row has its place already.
    named: Vec<bool>,
    /// How many old rows have their place.
    kept: u32,
    /// For each new row the index of the old one + 1, or 0.
    rows: Vec<u32>,
}

impl Order {
    /// Gives an old row the next place. False if there is no such row, or if it has a place.
    fn keep(&mut self, index: u32) -> bool {
        match self.named.get_mut(index as usize) {
            Some(named) if !*named => {
                *named = true;
                self.kept += 1;
                self.rows.push(index + 1);
                true
            }
            _ => false,
        }
    }
}
