//! A frame, value by value, along the retained tree. Each frame is walked over twice by the same
//! code: the first walk only checks, so that a frame which does not fit changes nothing; the second
//! one changes the tree and says so. After an error all that is read is zero or empty ([`Scan`]), so
//! the first walk comes to its end, and the second one does not begin.
//!
//! A full fragment is read along the old one. Where the bytes that come next are those of the old
//! instance, they need not be read value by value, since equal bytes have equal structure.

use alloc::{vec, vec::Vec};

use protocol::{ErrorKind, HoleKind, Scan, write};

use crate::{
    NodeId, WriteMutations,
    ids::Ids,
    template::{Structure, Template},
    tree::Instance,
    values::{Span, Values, common, is_equal},
};

/// Levels of fragments inside each other.
const DEPTH: u32 = 64;

/// What a frame may hold beyond one fragment and one change for each of its bytes: a row without
/// values takes no byte (`{% for star in stars %}★{% endfor %}`).
const EMPTY_FRAGMENTS: usize = 65_536;

/// How many bytes of rows are compared at once.
const COMPARED: usize = 4096;

/// Makes the count of open rows more than zero.
const HURRY: u32 = 1 << 31;

/// No slot.
const END: u32 = u32::MAX;

/// `false` and `true` on the wire.
pub(crate) const FALSE: u8 = 0xc2;
pub(crate) const TRUE: u8 = 0xc3;

/// An array of one string: with what a text goes on.
const TAIL: u8 = 0x91;

/// The stores of the engine and the way out, while a frame is walked over.
pub(crate) struct Walk<'a, W: ?Sized> {
    pub templates: &'a [Template],
    pub values: &'a mut Values,
    pub ids: &'a mut Ids,
    pub out: &'a mut W,
    pub scan: Scan<'a>,
    /// Offset of the frame's first byte in the value buffer.
    start: u32,
    /// Whether this walk changes nothing.
    checks: bool,
    /// Levels that are left.
    depth: u32,
    /// Fragments and changes that are left.
    budget: usize,
    /// Rows of lists inside each other that are not whole yet.
    open: u32,
    /// What the last comparison found.
    equal: Equal,
}

/// A piece of the frame that is what is kept so many bytes `ahead` of it.
#[derive(Clone, Copy, Default)]
struct Equal {
    ahead: u32,
    from: usize,
    to: usize,
}

impl Equal {
    /// Whether an instance is what the frame has at a place.
    #[inline(always)]
    fn has(&self, row: &Instance, at: usize) -> bool {
        row.span.at.wrapping_sub(at as u32) == self.ahead
            && self.from <= at
            && at + row.whole as usize <= self.to
            && row.whole > 0
    }
}

impl<'a, W: WriteMutations + ?Sized> Walk<'a, W> {
    /// At the start of a frame, whose bytes stand in the value buffer as well.
    pub fn new(
        templates: &'a [Template],
        values: &'a mut Values,
        ids: &'a mut Ids,
        out: &'a mut W,
        bytes: &'a [u8],
        start: u32,
        checks: bool,
    ) -> Self {
        let scan = Scan::new(bytes);
        // The second walk reads some rows twice.
        let budget = if checks { 2 * bytes.len() + EMPTY_FRAGMENTS } else { usize::MAX };
        let (depth, open, equal) = (DEPTH, 0, Equal::default());
        Self { templates, values, ids, out, scan, start, checks, depth, budget, open, equal }
    }

    /// Reads a full tree of which the page has the nodes already.
    pub fn hydrate(&mut self, rows: &mut Vec<Instance>, number: u32) {
        let mut tree = self.build(number, None);
        if !self.checks {
            self.adopt(&mut tree);
            rows.push(tree);
        }
    }

    /// Reads the delta of a structure that holds one instance.
    pub fn update(&mut self, rows: &mut [Instance]) {
        match rows.first_mut() {
            Some(row) => self.delta(row),
            None => self.refuse(),
        }
    }

    // ---- Full fragments

    /// Reads `count` fragments of a template, which a structure holds from now on.
    pub fn rows(&mut self, rows: &mut Vec<Instance>, number: u32, count: u32, anchor: NodeId) {
        let count = self.allow(count) as usize;
        // Step 1: as long as the same rows follow each other, they are brought up to date in place.
        let is_single = count == 1 && rows.len() == 1;
        let mut start = 0;
        let mut window = 0;
        let template = self.templates.get(number as usize);
        let is_flat = template.is_some_and(|template| template.structures.is_empty());
        while start < count
            && let Some(row) = rows.get_mut(start)
        {
            let at = self.scan.position();
            if row.template == number
                && (self.equal.has(row, at) || self.repeats(row, at, &mut window))
            {
                self.scan.seek(at + row.whole as usize);
                if !self.checks {
                    row.shift(self.start.wrapping_add(at as u32).wrapping_sub(row.span.at));
                }
            } else {
                let is_next = self.is_next(number, row);
                if !is_next && !self.follows(number, row, is_single) {
                    break;
                }
                self.fragment(row, is_next);
            }
            start += 1;
        }
        if start == count && start == rows.len() {
            return;
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
            places.push(match template {
                Some(template) if is_flat => self.scalars(template.scalars, known),
                _ => self.build(number, known).span,
            });
            next = next.wrapping_add(1);
        }
        // Step 3: match them with the old rows.
        if !self.checks {
            let end = self.scan.position();
            self.replace(rows, start, number, &places, anchor);
            self.scan.seek(end);
        }
    }

    /// Whether an instance, with all that stands in it, is what comes next. The rows of a full tree
    /// stand next to each other, so one comparison serves many of them; the `window` grows with
    /// success.
    fn repeats(&mut self, row: &Instance, at: usize, window: &mut usize) -> bool {
        *window = (2 * *window).min(COMPARED).max(row.whole as usize);
        let old = self.values.from(row.span.at);
        let to = at + common(old.get(..*window).unwrap_or(old), self.scan.rest());
        self.equal = Equal { ahead: row.span.at.wrapping_sub(at as u32), from: at, to };
        if !self.equal.has(row, at) {
            *window = 0;
        }
        *window > 0
    }

    /// Reads a full fragment of an instance. `is_next` says that its scalars are what comes next.
    pub fn fragment(&mut self, row: &mut Instance, is_next: bool) {
        let template = self.template(row.template);
        if !self.descend() {
            return;
        }
        self.enter(template);
        let from = self.scan.position();
        let span = self.scalars(template.scalars, is_next.then_some(row.span.len));
        if is_next && !self.checks {
            row.span = span;
        } else if !self.checks {
            self.set_scalars(row, span);
        }
        for (structure, children) in template.structures.iter().zip(&mut row.children) {
            let (number, count) = self.content(structure);
            self.rows(children, number, count, NodeId(row.base + structure.anchor));
        }
        if !self.checks {
            row.whole = self.scan.since(from).len() as u32;
        }
        self.leave(template);
        self.depth += 1;
    }

    /// Reads a fragment as a new instance. `known` is the length of its scalars, if it is known.
    pub fn build(&mut self, number: u32, known: Option<u32>) -> Instance {
        let template = self.template(number);
        if !self.descend() {
            return Instance::default();
        }
        let from = self.scan.position();
        let span = self.scalars(template.scalars, known);
        let mut children = Vec::with_capacity(template.structures.len());
        for structure in &template.structures {
            let (number, count) = self.content(structure);
            children.push(self.build_all(number, count));
        }
        self.depth += 1;
        let (whole, children) = (self.scan.since(from).len() as u32, children.into_boxed_slice());
        Instance { template: number, base: 0, span, whole, children }
    }

    /// Reads fragments of one template, one after the other.
    fn build_all(&mut self, number: u32, count: u32) -> Vec<Instance> {
        let count = self.allow(count);
        let mut rows = Vec::with_capacity(count as usize);
        for _ in 0..count {
            rows.push(self.build(number, None));
        }
        rows
    }

    /// Reads what stands before the fragments of a structure: their template and how many they are.
    fn content(&mut self, structure: &Structure) -> (u32, u32) {
        match structure.kind {
            HoleKind::List => (structure.template, self.scan.uint()),
            HoleKind::Condition if self.scan.peek() == FALSE => {
                self.scan.value();
                (0, 0)
            }
            HoleKind::Condition => (self.scan.uint(), 1),
            _ => (structure.template, 1),
        }
    }

    // ---- Deltas

    /// Reads the delta of an instance.
    fn delta(&mut self, row: &mut Instance) {
        let template = self.template(row.template);
        let mut left = self.count();
        if left == 0 {
            let is_next = self.is_next(row.template, row);
            return self.fragment(row, is_next);
        }
        if !self.descend() {
            return;
        }
        self.enter(template);
        // Step 1: the new values, and between them those that stay, become a new span.
        let mut next = 0;
        let mut slot = Self::slot(&mut self.scan, &mut left, &mut next);
        if slot < template.scalars {
            let mut new = Vec::with_capacity(2 * row.span.len as usize);
            let mut old = Scan::new(self.values.get(row.span));
            for index in 0..template.scalars {
                let known = old.value();
                if slot != index {
                    new.extend_from_slice(known);
                    continue;
                }
                if self.scan.peek() == TAIL {
                    let mut known = Scan::new(known);
                    let text = known.str();
                    if known.has_failed() {
                        self.scan.fail(ErrorKind::OutOfRange);
                    }
                    self.scan.array_len();
                    let more = self.scan.str();
                    write::str_len(&mut new, text.len() + more.len());
                    new.extend_from_slice(text);
                    new.extend_from_slice(more);
                } else {
                    let from = self.scan.position();
                    self.scan.scalar();
                    new.extend_from_slice(self.scan.since(from));
                }
                slot = Self::slot(&mut self.scan, &mut left, &mut next);
            }
            if !self.checks {
                let span = self.values.push(&new);
                self.set_scalars(row, span);
            }
        }
        if !self.checks {
            row.whole = if template.structures.is_empty() { row.span.len } else { 0 };
        }
        // Step 2: everything else, in the order of the frame.
        while slot != END {
            let index = (slot - template.scalars) as usize;
            let (Some(structure), Some(children)) =
                (template.structures.get(index), row.children.get_mut(index))
            else {
                return self.refuse();
            };
            let anchor = NodeId(row.base + structure.anchor);
            match structure.kind {
                HoleKind::List => self.list(children, structure.template, anchor),
                HoleKind::Condition if self.scan.peek() != TRUE => {
                    let (number, count) = self.content(structure);
                    self.rows(children, number, count, anchor);
                }
                HoleKind::Condition => {
                    self.scan.value();
                    self.update(children);
                }
                _ => self.update(children),
            }
            slot = Self::slot(&mut self.scan, &mut left, &mut next);
        }
        self.leave(template);
        self.depth += 1;
    }

    /// Reads the next slot of a delta, or says that none is left. Slots ascend: one that is named
    /// twice would be checked against what it held before the frame.
    fn slot(scan: &mut Scan<'_>, left: &mut u32, next: &mut u32) -> u32 {
        if *left == 0 || scan.has_failed() {
            return END;
        }
        *left -= 1;
        let slot = scan.uint();
        if slot < *next || slot == END {
            scan.fail(ErrorKind::OutOfRange);
            return END;
        }
        *next = slot + 1;
        slot
    }

    /// Reads what became of a list.
    fn list(&mut self, rows: &mut Vec<Instance>, number: u32, anchor: NodeId) {
        let mode = self.scan.uint();
        let mut order = Order { named: vec![false; rows.len()], kept: 0, rows: Vec::new() };
        let mut fresh = match mode {
            0 => {
                let count = self.scan.uint();
                return self.rows(rows, number, count, anchor);
            }
            1 => self.runs(number, &mut order),
            2 => self.indices(number, &mut order),
            3 => Vec::new(),
            _ => return self.refuse(),
        };
        // The frame counts changed rows in the new order. They are changed first, in the old one.
        let mut next = 0u32;
        for _ in 0..self.count() {
            let index = next.saturating_add(self.scan.uint());
            next = index.saturating_add(1);
            // A new row has number 0 here: it is no old row, and is refused.
            let row = match order.rows.get(index as usize) {
                Some(row) => *row,
                None if mode == 3 => next,
                None => 0,
            };
            match rows.get_mut(row.wrapping_sub(1) as usize) {
                Some(row) => self.delta(row),
                None => return self.refuse(),
            }
        }
        if mode != 3 && !self.checks {
            self.arrange(rows, &order.rows, &mut fresh, anchor);
        }
    }

    /// Reads an order as runs of rows, and the new rows among them.
    fn runs(&mut self, number: u32, order: &mut Order) -> Vec<Instance> {
        let mut fresh = Vec::new();
        for _ in 0..self.count() {
            let head = self.scan.uint();
            let mut count = head >> 2;
            if head & 3 == 1 {
                let mut rows = self.build_all(number, count);
                order.rows.resize(order.rows.len() + rows.len(), 0);
                fresh.append(&mut rows);
                continue;
            }
            let from = if head & 3 == 3 { order.kept } else { self.scan.uint() };
            if head == 3 {
                count = (order.named.len() as u32).saturating_sub(from);
            }
            for step in 0..count {
                let index = match head & 3 {
                    2 => from.checked_sub(step),
                    _ => from.checked_add(step),
                };
                if !index.is_some_and(|index| order.keep(index)) {
                    self.refuse();
                    break;
                }
            }
        }
        fresh
    }

    /// Reads an order row by row, and the new rows after it.
    fn indices(&mut self, number: u32, order: &mut Order) -> Vec<Instance> {
        let mut fresh = 0;
        for _ in 0..self.count() {
            match self.scan.uint().checked_sub(1) {
                None => {
                    order.rows.push(0);
                    fresh += 1;
                }
                Some(index) if order.keep(index) => {}
                Some(_) => self.refuse(),
            }
        }
        self.build_all(number, fresh)
    }

    // ---- Steps

    /// Goes to where the values of a new row are, which were passed before.
    pub fn seek(&mut self, place: Span) {
        self.scan.seek(place.at.wrapping_sub(self.start) as usize);
    }

    /// Whether the scalars of an instance are what comes next.
    pub fn is_next(&self, number: u32, row: &Instance) -> bool {
        let old = self.values.get(row.span);
        row.template == number
            && self.scan.rest().get(..old.len()).is_some_and(|next| is_equal(old, next))
    }

    /// Whether what comes next is another state of an instance: it has the same key or, without
    /// keys, it is alone before and after.
    fn follows(&self, number: u32, row: &Instance, is_single: bool) -> bool {
        row.template == number
            && match self.key(number) {
                None => is_single,
                Some(_) => is_equal(
                    self.identity(number, self.values.get(row.span)),
                    self.identity(number, self.scan.rest()),
                ),
            }
    }

    /// Reads scalars, or passes over them if their length is known; returns where they stand.
    fn scalars(&mut self, count: u32, known: Option<u32>) -> Span {
        let from = self.scan.position();
        match known {
            Some(len) => self.scan.seek(from + len as usize),
            None => {
                for _ in 0..count {
                    self.scan.scalar();
                }
            }
        }
        let len = (self.scan.position() - from) as u32;
        Span { at: self.start.wrapping_add(from as u32), len }
    }

    pub fn template(&mut self, number: u32) -> &'a Template {
        let template = self.templates.get(number as usize);
        if template.is_none() {
            self.refuse();
        }
        template.unwrap_or(Template::NONE)
    }

    /// Begins with a filling of a template.
    pub fn enter(&mut self, template: &Template) {
        self.open += u32::from(template.is_row);
    }

    /// A filling is whole. If it is a row of a list that stands in no other, all rows are.
    pub fn leave(&mut self, template: &Template) {
        let is_row = template.is_row;
        self.open -= u32::from(is_row);
        if is_row && self.open == 0 && !self.checks {
            self.out.pause();
        }
    }

    /// Takes care that no pause comes any more, if this is in no row: something goes, and a page that
    /// is shorter for a while would lose the place to which it is scrolled.
    pub fn hurry(&mut self) {
        if self.open == 0 {
            self.open = HURRY;
        }
    }

    /// Goes one level down; the caller comes back up. False if that is too deep, or if it does not
    /// matter any more.
    fn descend(&mut self) -> bool {
        if self.depth == 0 {
            self.scan.fail(ErrorKind::Limit);
        } else {
            self.depth -= 1;
        }
        !self.scan.has_failed()
    }

    /// Reads how many things follow.
    fn count(&mut self) -> u32 {
        let count = self.scan.uint();
        self.allow(count)
    }

    /// Takes so many things from the budget, or none if that is too much.
    fn allow(&mut self, count: u32) -> u32 {
        match self.budget.checked_sub(count as usize) {
            Some(left) => {
                self.budget = left;
                count
            }
            None => {
                self.scan.fail(ErrorKind::Limit);
                0
            }
        }
    }

    fn refuse(&mut self) {
        self.scan.fail(ErrorKind::OutOfRange);
    }
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
