//! A frame, value by value, along the retained tree. Each frame is walked over twice by the same
//! code: the first walk only checks, so that a frame which does not fit changes nothing; the second
//! one changes the tree and says so. After an error all that is read is zero or empty ([`Scan`]), so
//! the first walk comes to its end, and the second one does not begin.
//!
//! A full fragment is read along the old one. Where the bytes that come next are those of the old
//! instance, they need not be read value by value, since equal bytes have equal structure, and the
//! instance keeps its values where they are. What is new is stored, and so is what changed: a row with
//! all that stands in it, so that the next tree can be compared with it at once, of all else the
//! scalars alone.

use alloc::vec::Vec;

use protocol::{ErrorKind, HoleKind, Scan, write};

use crate::{
    NodeId, WriteMutations,
    ids::Ids,
    template::{Hole, Template},
    tree::Instance,
    values::{Span, Values, common, is_equal, room},
};

/// Levels of fragments inside each other.
const DEPTH: u32 = 64;

/// What a frame may hold beyond one fragment and one change for each of its bytes: a row without
/// values takes no byte (`{% for star in stars %}★{% endfor %}`).
const EMPTY_FRAGMENTS: usize = 65_536;

/// From so many rows in it on, a row is not stored as a whole when something in it changes.
const MANY: usize = 32;

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
    pub frame: &'a [u8],
    /// Where the first byte of the frame would stand among the values, while instances are read that
    /// are stored when they are whole.
    start: u32,
    /// Whether this walk changes nothing.
    pub checks: bool,
    /// Whether this goes on where list.rs is not there: rows that it would move are built anew.
    pub alone: bool,
    /// Levels that are left.
    depth: u32,
    /// Fragments and changes that are left.
    budget: usize,
    /// Rows of lists inside each other that are not whole yet.
    open: u32,
    /// Whether a new root is bound to the nodes that the page has.
    pub adopts: bool,
    /// How many rows the first walk found to be as they were, and where the frame goes on, for each time
    /// it looked; and how many of these the second walk has come to.
    runs: Vec<(usize, usize)>,
    pub passed: usize,
}

impl<'a, W: WriteMutations + ?Sized> Walk<'a, W> {
    /// At the start of a frame.
    pub fn new(
        templates: &'a [Template],
        values: &'a mut Values,
        ids: &'a mut Ids,
        out: &'a mut W,
        frame: &'a [u8],
        alone: bool,
    ) -> Self {
        Self {
            templates,
            values,
            ids,
            out,
            scan: Scan::new(frame),
            frame,
            start: 0,
            checks: true,
            alone,
            depth: DEPTH,
            budget: 2 * frame.len() + EMPTY_FRAGMENTS,
            open: 0,
            adopts: false,
            runs: Vec::new(),
            passed: usize::MAX,
        }
    }

    /// At the start of the second walk, which reads some rows twice.
    pub fn again(&mut self) {
        self.scan = Scan::new(self.frame);
        self.checks = false;
        self.passed = 0;
        self.budget = usize::MAX;
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
        loop {
            start += self.repeat(rows.get(start..).unwrap_or_default(), number, count - start);
            let Some(row) = rows.get_mut(start).filter(|_| start < count) else { break };
            let is_next = self.is_next(number, row);
            if !is_next && !self.follows(number, row, is_single) {
                break;
            }
            self.fragment(row, is_next);
            start += 1;
        }
        if start == count && start == rows.len() {
            return;
        }
        // Step 2: the others stand at the end, or are alone; else list.rs finds out where they go.
        let is_plain = start == count || start == rows.len() || count.max(rows.len()) == 1;
        if !is_plain && self.reorder(rows, start, number, count, anchor) {
            return;
        }
        if !is_plain && !self.alone {
            return self.miss();
        }
        let fresh = self.fresh(number, (count - start) as u32, None);
        if !self.checks {
            self.refill(rows, start, fresh, anchor);
        }
    }

    /// Passes over the rows that are what comes next, with all that stands in them, and returns how
    /// many these are, at most `most`. The rows of a full tree stand next to each other, so one
    /// comparison serves many of them; its `window` grows with success.
    pub fn repeat(&mut self, rows: &[Instance], number: u32, most: usize) -> usize {
        if let Some(&(count, to)) = self.runs.get(self.passed) {
            self.passed += 1;
            self.scan.seek(to);
            return count;
        }
        let mut at = self.scan.position();
        let (mut count, mut window) = (0, 0);
        // The frame, up to here, is what is kept so many bytes ahead of it.
        let (mut ahead, mut to) = (0, 0);
        for row in rows.iter().take(most) {
            let whole = row.whole as usize;
            let by = row.span.at.wrapping_sub(at as u32);
            if by != ahead || at + whole > to {
                window = (2 * window).min(COMPARED).max(whole);
                let old = self.values.from(row.span.at);
                let new = self.frame.get(at..).unwrap_or_default();
                (ahead, to) = (by, at + common(old.get(..window).unwrap_or(old), new));
            }
            if row.template != number || whole == 0 || at + whole > to {
                break;
            }
            at += whole;
            count += 1;
        }
        if self.checks {
            self.runs.push((count, at));
        }
        self.scan.seek(at);
        count
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
        if !is_next && !self.checks {
            let span = self.values.push(self.scan.since(from));
            self.set_scalars(row, span);
        }
        for (structure, children) in template.structures.iter().zip(&mut row.children) {
            let (number, count) = self.content(structure);
            self.rows(children, number, count, NodeId(row.base + structure.node));
        }
        if !self.checks {
            row.whole = if row.children.is_empty() { span.len } else { 0 };
            let is_small = row.children.iter().all(|rows| rows.len() < MANY);
            if template.is_row && is_small && row.whole == 0 {
                self.start = self.values.end().wrapping_sub(from as u32);
                self.scan.seek(from);
                self.settle(row);
                self.values.push(self.scan.since(from));
            }
        }
        self.leave(template);
        self.depth += 1;
    }

    /// Reads once more what an instance is now: there it stands from now on, with all that is in it.
    fn settle(&mut self, row: &mut Instance) {
        let from = self.scan.position();
        row.span = self.scalars(0, Some(row.span.len));
        let template = self.template(row.template);
        for (structure, children) in template.structures.iter().zip(&mut row.children) {
            self.content(structure);
            children.iter_mut().for_each(|child| self.settle(child));
        }
        row.whole = self.scan.since(from).len() as u32;
    }

    /// Reads fragments as new instances, and stores them. `known` is the length of the scalars, if it
    /// is known.
    pub fn fresh(&mut self, number: u32, count: u32, known: Option<u32>) -> Vec<Instance> {
        let from = self.scan.position();
        self.start = self.values.end().wrapping_sub(from as u32);
        let rows = self.build_all(number, count, known);
        if !self.checks {
            self.values.push(self.scan.since(from));
        }
        rows
    }

    /// Reads a fragment as a new instance. `known` is the length of its scalars, if it is known.
    pub fn build(&mut self, number: u32, known: Option<u32>) -> Instance {
        let template = self.template(number);
        if !self.descend() {
            return Instance::default();
        }
        let from = self.scan.position();
        let span = self.scalars(template.scalars, known);
        let mut children = room(template.structures.len());
        for structure in &template.structures {
            let (number, count) = self.content(structure);
            let count = self.allow(count);
            children.push(self.build_all(number, count, None));
        }
        self.depth += 1;
        let whole = self.scan.since(from).len() as u32;
        Instance { template: number, base: 0, span, whole, children }
    }

    /// Reads fragments of one template, one after the other.
    fn build_all(&mut self, number: u32, count: u32, known: Option<u32>) -> Vec<Instance> {
        let mut rows = room(count as usize);
        for _ in 0..count {
            rows.push(self.build(number, known));
        }
        rows
    }

    /// Reads what stands before the fragments of a structure: their template and how many they are.
    fn content(&mut self, structure: &Hole) -> (u32, u32) {
        match structure.kind {
            HoleKind::List => (structure.number, self.scan.uint()),
            HoleKind::Condition if self.scan.peek() == FALSE => {
                self.scan.value();
                (0, 0)
            }
            HoleKind::Condition => (self.scan.uint(), 1),
            _ => (structure.number, 1),
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
            let mut old = Scan::new(self.values.get(row.span));
            let mut new = Vec::new();
            // The first walk only reads.
            if !self.checks {
                new.reserve(2 * row.span.len as usize);
            }
            let (mut index, mut from) = (0, 0);
            while slot < template.scalars {
                while index < slot {
                    old.value();
                    index += 1;
                }
                let stays = old.since(from);
                let known = old.value();
                (index, from) = (slot + 1, old.position());
                if !self.checks {
                    new.extend_from_slice(stays);
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
                    let start = self.scan.position();
                    self.scan.scalar();
                    if !self.checks {
                        new.extend_from_slice(self.scan.since(start));
                    }
                }
                slot = Self::slot(&mut self.scan, &mut left, &mut next);
            }
            if !self.checks {
                new.extend_from_slice(old.rest());
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
            let anchor = NodeId(row.base + structure.node);
            match structure.kind {
                HoleKind::List => self.list(children, structure.number, anchor),
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
        match self.scan.uint() {
            0 => {
                let count = self.scan.uint();
                self.rows(rows, number, count, anchor);
            }
            mode @ (1 | 2) => {
                if !self.rearrange(rows, number, mode == 1, anchor) {
                    self.miss();
                }
            }
            3 => self.changes(rows, None),
            _ => self.refuse(),
        }
    }

    /// Reads the deltas of rows, which are counted in the order that is given: for each new row the
    /// index of the old one + 1, or 0. So they change before they move.
    pub fn changes(&mut self, rows: &mut [Instance], order: Option<&[u32]>) {
        let mut next = 0u32;
        for _ in 0..self.count() {
            let index = next.saturating_add(self.scan.uint());
            next = index.saturating_add(1);
            // A new row has number 0 here: it is no old row, and is refused.
            let row = match order {
                Some(order) => order.get(index as usize).copied().unwrap_or_default(),
                None => next,
            };
            match rows.get_mut(row.wrapping_sub(1) as usize) {
                Some(row) => self.delta(row),
                None => return self.refuse(),
            }
        }
    }

    // ---- Steps

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

    /// What tells a row from its neighbours: its key, or all its values.
    pub fn identity<'v>(&self, number: u32, values: &'v [u8]) -> &'v [u8] {
        let Some(slot) = self.key(number) else { return values };
        let mut scan = Scan::new(values);
        for _ in 0..slot {
            scan.value();
        }
        scan.value()
    }

    /// The slot of the key in the rows of a template.
    pub fn key(&self, number: u32) -> Option<u32> {
        self.templates.get(number as usize)?.key
    }

    /// Reads scalars, or passes over them if their length is known; returns where they stand.
    pub fn scalars(&mut self, count: u32, known: Option<u32>) -> Span {
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
    pub fn count(&mut self) -> u32 {
        let count = self.scan.uint();
        self.allow(count)
    }

    /// Takes so many things from the budget, or none if that is too much.
    pub fn allow(&mut self, count: u32) -> u32 {
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

    pub fn refuse(&mut self) {
        self.scan.fail(ErrorKind::OutOfRange);
    }

    /// What the part with list.rs would do here is to be done later, or not at all.
    fn miss(&mut self) {
        self.scan.fail(if self.alone { ErrorKind::OutOfRange } else { ErrorKind::Later });
    }
}
