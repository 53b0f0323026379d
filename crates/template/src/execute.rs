//! Runs a plan: reads values from the host, writes a [`Tree`].

use std::sync::{Arc, LazyLock};

use protocol::{Reader, Scalar};

use crate::compile::{Region, compile};
use crate::decode::Decoder;
use crate::excerpt::{Excerpt, Share};
use crate::host::{Host, Out};
use crate::op::{Op, TestId, ValueId};
use crate::plan::{BodyId, Ends, First, Group, Guard, Plan, Step, Target, attributes_of};
use crate::scalar::{self, Place};
use crate::session::{Head, Session, Templates};
use crate::tree::{Slot, Tree};

/// How often procedures may call themselves in each other. Each call takes some frames of the stack,
/// which may be one of 256 KiB.
const DEEPEST: usize = 60;

/// Runs a plan. What the tree held before is forgotten; after an error it is of no use.
///
/// # Errors
/// The host's.
pub fn execute<H: Host>(plan: &Plan, host: &mut H, tree: &mut Tree) -> Result<(), H::Error> {
    tree.clear();
    let mut run = Run { plan, host, tree, captured: Vec::new(), depth: 0 };
    run.steps(&plan.before, 0)?;
    run.tree.root = run.fragment(plan.root(), false)?;
    run.steps(&plan.after, 0)
}

/// Runs the part of a plan that an excerpt names; the other slots stay empty.
///
/// # Errors
/// The host's.
pub fn execute_excerpt<H: Host>(
    plan: &Plan,
    excerpt: &Excerpt,
    host: &mut H,
    tree: &mut Tree,
) -> Result<(), H::Error> {
    tree.clear();
    let mut run = Run { plan, host, tree, captured: Vec::new(), depth: 0 };
    run.steps(&plan.before, 0)?;
    run.tree.root = run.part(plan.root(), &excerpt.0)?;
    run.steps(&plan.after, 0)
}

/// Runs operations that [`procedures`](crate::procedures) has seen, and returns what they print as
/// HTML source.
///
/// # Errors
/// The host's.
pub fn print<H: Host>(plan: &Plan, ops: &[Op], host: &mut H) -> Result<String, H::Error> {
    let mut tree = Tree::default();
    let mut run = Run { plan, host, tree: &mut tree, captured: Vec::new(), depth: 0 };
    run.source(ops)?;
    // The host prints only whole strings.
    Ok(String::from_utf8(run.captured)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// The same HTML as one hole: what a page gets of a tree whose plan is contradicted.
#[must_use]
pub fn as_one_hole(plan: &Plan, tree: &Tree) -> (Arc<Plan>, Tree) {
    let head = Head { root: 0, seq: 1, ack: 0 };
    let frame = Session::new((0, 0)).mount(plan, tree, &mut Templates::default(), head, None);
    let mut page = Decoder::default();
    let html = page.apply(&frame).map(|()| page.html()).unwrap_or_default();
    let mut whole = Tree::default();
    scalar::write_source(&mut whole.bytes, &html, Place::Markup);
    whole.slots.push(Slot { a: 0, b: whole.bytes.len() as u32 });
    (Arc::clone(&PRINTED), whole)
}

/// A dynamic hole, to be filled by exactly one call of one of its methods.
pub struct DynamicHole<'t> {
    tree: &'t mut Tree,
    filled: Slot,
}

/// What stands in a dynamic hole whose value brings no template.
static PRINTED: LazyLock<Arc<Plan>> =
    LazyLock::new(|| Arc::new(compile(&[Op::Value(ValueId(0))], Region::Whole)));

impl DynamicHole<'_> {
    /// Prints a value, by exactly one call of a method of [`Out`].
    ///
    /// # Errors
    /// Those of `print`.
    pub fn print<E>(&mut self, print: impl FnOnce(&mut Out<'_>) -> Result<(), E>) -> Result<(), E> {
        let (first, start) = (self.tree.slots.len(), self.tree.bytes.len());
        print(&mut Out::scalar(&mut self.tree.bytes, Place::Markup))?;
        let slot = self.tree.scalar_since(start);
        self.tree.slots.push(slot);
        self.fill(&PRINTED, first as u32);
        Ok(())
    }

    /// Says that what the hole prints concerns what is around it, so that the page gets all of the
    /// tree as [`one hole`](as_one_hole()).
    pub fn contradict(&mut self) {
        self.tree.is_contradicted = true;
    }

    /// Runs the plan of a template, with a host of its own.
    ///
    /// # Errors
    /// The host's.
    pub fn run<H: Host>(&mut self, plan: &Arc<Plan>, host: &mut H) -> Result<(), H::Error> {
        let mut run = Run { plan, host, tree: self.tree, captured: Vec::new(), depth: 0 };
        run.steps(&plan.before, 0)?;
        let first = run.fragment(plan.root(), false)?;
        run.steps(&plan.after, 0)?;
        if plan.is_stripped {
            self.tree.strip(plan, first);
        }
        self.fill(plan, first);
        Ok(())
    }

    fn fill(&mut self, plan: &Arc<Plan>, first: u32) {
        self.filled = Slot { a: self.tree.link(plan) + 1, b: first };
    }
}

struct Run<'r, H> {
    plan: &'r Plan,
    host: &'r mut H,
    tree: &'r mut Tree,
    /// The source of the operations that are captured at the moment.
    captured: Vec<u8>,
    /// How many calls of procedures are open.
    depth: usize,
}

impl<H: Host> Run<'_, H> {
    /// Fills the slots of a body, and returns the first of them.
    fn fragment(&mut self, id: BodyId, is_row: bool) -> Result<u32, H::Error> {
        let plan = self.plan;
        let body = plan.body(id);
        let base = self.tree.slots.len();
        let count = body.slots() + usize::from(is_row);
        self.tree.slots.resize(base + count, Slot::default());
        self.steps(&body.steps, base)?;
        Ok(base as u32)
    }

    /// Fills the slots of a body that an excerpt names.
    fn part(&mut self, id: BodyId, shares: &[Share]) -> Result<u32, H::Error> {
        let body = self.plan.body(id);
        let base = self.tree.slots.len();
        self.tree.slots.resize(base + body.slots(), Slot::default());
        for step in &body.steps {
            let share = step.slot().map(|slot| &shares[slot as usize]);
            match (step, share) {
                (_, Some(Share::Out)) => {}
                (Step::Condition { slot, branches }, Some(share @ Share::Within(_))) => {
                    if let Some(body) = self.branch(branches)? {
                        let first = self.part(body, share.within(body))?;
                        self.set(base, *slot, body.0 as usize + 1, first as usize);
                    }
                }
                (Step::Fragment { slot, id, body }, Some(share @ Share::Within(_))) => {
                    self.host.enter(*id)?;
                    let first = self.part(*body, share.within(*body))?;
                    self.host.leave(*id)?;
                    self.set(base, *slot, body.0 as usize, first as usize);
                }
                _ => self.steps(std::slice::from_ref(step), base)?,
            }
        }
        Ok(base as u32)
    }

    /// The body of the first branch whose test holds.
    fn branch(
        &mut self,
        branches: &[(Option<TestId>, BodyId)],
    ) -> Result<Option<BodyId>, H::Error> {
        for (test, body) in branches {
            let holds = match test {
                Some(test) => self.host.test(*test)?,
                None => true,
            };
            if holds {
                return Ok(Some(*body));
            }
        }
        Ok(None)
    }

    fn steps(&mut self, steps: &[Step], base: usize) -> Result<(), H::Error> {
        for step in steps {
            match step {
                Step::Value(id, target) => {
                    let start = self.tree.bytes.len();
                    self.host.value(*id, &mut Out::scalar(&mut self.tree.bytes, target.place))?;
                    if let Some(guard) = self.guard(*id) {
                        self.watch_scalar(guard, *target, start);
                    }
                    self.set_scalar(base, target.slot, start);
                }
                Step::Opaque(id, target) => {
                    let start = self.tree.bytes.len();
                    self.host.opaque(*id, &mut Out::scalar(&mut self.tree.bytes, target.place))?;
                    self.set_scalar(base, target.slot, start);
                }
                Step::Set(id) => self.host.set(*id)?,
                Step::Capture(ops, target) => self.capture(ops, *target, base)?,
                Step::Condition { slot, branches } => {
                    if let Some(body) = self.branch(branches)? {
                        let first = self.fragment(body, false)?;
                        self.set(base, *slot, body.0 as usize + 1, first as usize);
                    }
                }
                Step::List { slot, id, row, empty, ends } => {
                    let slots = self.plan.body(*row).slots();
                    let (mut first, mut count, mut last) = (0, 0, None);
                    if self.host.begin(*id)? {
                        while self.host.next(*id)? {
                            let next = self.fragment(*row, true)?;
                            match last.replace(next) {
                                Some(before) => {
                                    self.tree.slots[before as usize + slots].a = next;
                                }
                                None => first = next,
                            }
                            count += 1;
                        }
                    } else if let Some((slot, body)) = empty {
                        let first = self.fragment(*body, false)?;
                        self.set(base, *slot, body.0 as usize + 1, first as usize);
                    }
                    self.host.end(*id)?;
                    self.set(base, *slot, first as usize, count);
                    if let Some(ends) = ends {
                        self.end_rows(ends, base, last)?;
                    }
                }
                Step::Fragment { slot, id, body } => {
                    self.host.enter(*id)?;
                    let first = self.fragment(*body, false)?;
                    self.host.leave(*id)?;
                    self.set(base, *slot, body.0 as usize, first as usize);
                }
                Step::Guard { slot, body } => {
                    let entered = self.host.entered();
                    let (slots, bytes) = (self.tree.slots.len(), self.tree.bytes.len());
                    match self.fragment(*body, false) {
                        Ok(first) => self.set(base, *slot, body.0 as usize + 1, first as usize),
                        Err(error) => {
                            self.host.forgive(error, entered)?;
                            self.tree.slots.truncate(slots);
                            self.tree.bytes.truncate(bytes);
                            self.set(base, *slot, 0, 0);
                        }
                    }
                }
                Step::Call { slot, id, procedure } => {
                    self.call(|run| {
                        run.host.enter(*id)?;
                        if let Some(body) = run.plan.procedures[procedure.0 as usize].body {
                            let first = run.fragment(body, false)?;
                            run.set(base, *slot, body.0 as usize + 1, first as usize);
                        }
                        run.host.leave(*id)
                    })?;
                }
                Step::Dynamic { slot, id, outer } => {
                    let mut hole = DynamicHole { tree: self.tree, filled: Slot::default() };
                    self.host.dynamic(*id, outer, &mut hole)?;
                    self.tree.slots[base + *slot as usize] = hole.filled;
                }
                Step::Edge(source, target) => self.edge(source, *target, base),
                Step::Check(id, expected) => self.host.check(*id, *expected)?,
                Step::Enter(id) => self.host.enter(*id)?,
                Step::Leave(id) => self.host.leave(*id)?,
                Step::Run(ops) => {
                    let start = self.captured.len();
                    self.source(ops)?;
                    self.captured.truncate(start);
                }
                Step::Groups { groups, names } => {
                    self.tree.is_contradicted |= !self.are_apart(groups, names, base);
                }
            }
        }
        Ok(())
    }

    /// The white space around rows without end tags.
    fn end_rows(&mut self, ends: &Ends, base: usize, last: Option<u32>) -> Result<(), H::Error> {
        if let Some(First { slot, some, none }) = ends.first
            && let Some(body) = if last.is_some() { some } else { none }
        {
            let first = self.fragment(body, false)?;
            self.set(base, slot, body.0 as usize + 1, first as usize);
        }
        if let (Some((slot, text)), Some(row)) = (&ends.last, last) {
            self.edge(text, Target { slot: *slot, place: Place::Markup }, row as usize);
        }
        Ok(())
    }

    fn edge(&mut self, source: &str, target: Target, base: usize) {
        let start = self.tree.bytes.len();
        Out::scalar(&mut self.tree.bytes, target.place).source(source);
        self.set_scalar(base, target.slot, start);
    }

    /// What the plan relies on that a value prints.
    #[inline]
    fn guard(&self, id: ValueId) -> Option<Guard> {
        if self.plan.guards.is_empty() { None } else { self.plan.guards.get(&id).copied() }
    }

    fn watch_scalar(&mut self, guard: Guard, target: Target, start: usize) {
        let mut source = Vec::new();
        if let Ok(scalar) = Reader::new(&self.tree.bytes[start..]).scalar() {
            scalar::print(&mut source, scalar, target.place);
        }
        self.watch(guard.holds(&String::from_utf8_lossy(&source)));
    }

    /// Whether what holes between attributes have printed is attributes, none of which has the name of
    /// another hole's, or of one that the tag names after it: a parser takes the first of two.
    fn are_apart(&self, groups: &[Group], names: &[String], base: usize) -> bool {
        let mut known: Vec<String> = Vec::new();
        groups.iter().all(|group| {
            let Slot { a, b } = self.tree.slots[base + group.slot as usize];
            let scalar = Reader::new(&self.tree.bytes[a as usize..b as usize]).scalar();
            // Source travels as it is; in an excerpt there is nothing.
            let Ok(Scalar::Text(source)) = scalar else { return true };
            let Some(found) = attributes_of(source) else { return false };
            let is_new = |name| !known.contains(name) && !names[group.before..].contains(name);
            let are_new = found.iter().all(is_new);
            known.extend(found);
            are_new
        })
    }

    fn watch(&mut self, holds: bool) {
        if !holds {
            self.tree.is_contradicted = true;
            self.host.contradicted();
        }
    }

    fn call(
        &mut self,
        body: impl FnOnce(&mut Self) -> Result<(), H::Error>,
    ) -> Result<(), H::Error> {
        if self.depth == DEEPEST {
            return Err(self.host.too_deep());
        }
        let before = self.depth;
        self.depth += 1;
        let result = body(self);
        self.depth = before;
        result
    }

    #[inline]
    fn set(&mut self, base: usize, slot: u32, a: usize, b: usize) {
        self.tree.slots[base + slot as usize] = Slot { a: a as u32, b: b as u32 };
    }

    #[inline]
    fn set_scalar(&mut self, base: usize, slot: u32, start: usize) {
        self.tree.slots[base + slot as usize] = self.tree.scalar_since(start);
    }

    fn capture(&mut self, ops: &[Op], target: Target, base: usize) -> Result<(), H::Error> {
        self.captured.clear();
        self.source(ops)?;
        let start = self.tree.bytes.len();
        // The host prints only whole strings.
        let source = String::from_utf8_lossy(&self.captured);
        Out::scalar(&mut self.tree.bytes, target.place).source(&source);
        self.set_scalar(base, target.slot, start);
        Ok(())
    }

    /// Appends what operations print as HTML source.
    fn source(&mut self, ops: &[Op]) -> Result<(), H::Error> {
        for op in ops {
            match op {
                Op::Text(text) | Op::Edge(text) => self.captured.extend_from_slice(text.as_bytes()),
                Op::Check(id, expected) => self.host.check(*id, *expected)?,
                Op::Value(id) | Op::Dynamic(id) => {
                    let start = self.captured.len();
                    self.host.value(*id, &mut Out::capture(&mut self.captured))?;
                    if let Some(guard) = self.guard(*id) {
                        let holds = guard.holds(&String::from_utf8_lossy(&self.captured[start..]));
                        self.watch(holds);
                    }
                }
                Op::Opaque(id) => self.host.opaque(*id, &mut Out::capture(&mut self.captured))?,
                Op::If(branches) => {
                    for (test, body) in branches {
                        let holds = match test {
                            Some(test) => self.host.test(*test)?,
                            None => true,
                        };
                        if holds {
                            self.source(body)?;
                            break;
                        }
                    }
                }
                Op::For { id, body, empty } => {
                    if self.host.begin(*id)? {
                        while self.host.next(*id)? {
                            self.source(body)?;
                        }
                    } else {
                        self.source(empty)?;
                    }
                    self.host.end(*id)?;
                }
                Op::Scope { id, body }
                | Op::Include { id, body }
                | Op::Procedure { id, body, .. } => {
                    self.host.enter(*id)?;
                    self.source(body)?;
                    self.host.leave(*id)?;
                }
                Op::Set(id) => self.host.set(*id)?,
                Op::Filtered { id, body } => {
                    let start = self.captured.len();
                    self.source(body)?;
                    let printed = self.captured.split_off(start);
                    let printed = String::from_utf8_lossy(&printed);
                    let mut out = Out::capture(&mut self.captured);
                    if !self.host.filtered(*id, &printed, &mut out)? {
                        self.source(body)?;
                    }
                }
                Op::Guard(body) => {
                    let (entered, start) = (self.host.entered(), self.captured.len());
                    if let Err(error) = self.source(body) {
                        self.host.forgive(error, entered)?;
                        self.captured.truncate(start);
                    }
                }
                Op::Call { procedure, id } => self.call(|run| {
                    run.host.enter(*id)?;
                    run.source(&run.plan.procedures[procedure.0 as usize].ops)?;
                    run.host.leave(*id)
                })?,
            }
        }
        Ok(())
    }
}
