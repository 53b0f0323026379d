//! Selectors go in, an [`Excerpt`] comes out: the holes of a plan that stand in the elements that they
//! name. A render of these alone leaves all other holes as they were sent.
//!
//! The elements are looked for in the static text of the bodies, also in those of conditions and
//! includes. A list is taken whole: its rows are known by a sum over all of their values.

use std::rc::Rc;

use protocol::{HoleKind, Part};

use crate::elements::{Elements, Namespace};
use crate::op::{Op, ValueId};
use crate::plan::{BodyId, Plan, Step};
use crate::selector::{HOLE, Known, Selector, attributes};
use crate::tokenizer::{Content, State, Tag, Tokenizer};

/// What is rendered and sent of a plan: for each slot of its root.
#[derive(Debug)]
pub struct Excerpt(pub(crate) Vec<Share>);

/// What is rendered and sent of a slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Share {
    /// Nothing.
    Out,
    /// It runs, since it may change what comes after it, and is not sent.
    Aside,
    /// All.
    In,
    /// Some slots of the bodies that may stand in it.
    Within(Vec<(BodyId, Vec<Share>)>),
}

impl Share {
    pub(crate) fn is_sent(&self) -> bool {
        matches!(self, Self::In | Self::Within(_))
    }

    /// The shares of the slots of a body in it.
    pub(crate) fn within(&self, body: BodyId) -> &[Share] {
        let Self::Within(bodies) = self else { return &[] };
        bodies.iter().find(|(id, _)| *id == body).map_or(&[], |(_, shares)| shares)
    }
}

/// Finds the holes inside of all elements that the selectors name. None: one of the selectors is not
/// understood or names nothing. `writes` says of a value whether its evaluation may change what later
/// ones see.
#[must_use]
pub fn excerpt(
    plan: &Plan,
    selectors: &[&str],
    writes: &dyn Fn(ValueId) -> bool,
) -> Option<Excerpt> {
    let selectors: Option<Vec<_>> =
        selectors.iter().map(|source| Selector::parse(source)).collect();
    let selectors = selectors?;
    let mut running = Vec::with_capacity(plan.bodies.len());
    for body in &plan.bodies {
        let runs = body.steps.iter().any(|step| step_writes(step, &running, writes));
        running.push(runs);
    }
    let found = vec![0; selectors.len()];
    let elements = Elements::inside(Vec::new());
    let mut search = Search { plan, selectors, found, running, writes, elements };
    let shares = search.body(plan.root());
    search.found.iter().all(|found| *found > 0).then_some(Excerpt(shares))
}

/// Whether a step may change what later steps see; `running` says it of the bodies before.
fn step_writes(step: &Step, running: &[bool], writes: &dyn Fn(ValueId) -> bool) -> bool {
    let runs = |body: &BodyId| running.get(body.0 as usize).copied().unwrap_or(true);
    match step {
        Step::Value(id, _) | Step::Dynamic { id, .. } => writes(*id),
        Step::Capture(ops, _) => ops_write(ops, writes),
        Step::Condition { branches, .. } => branches.iter().any(|(_, body)| runs(body)),
        Step::List { row, empty, .. } => {
            runs(row) || empty.as_ref().is_some_and(|(_, body)| runs(body))
        }
        Step::Fragment { body, .. } | Step::Guard { body, .. } => runs(body),
        Step::Edge(..)
        | Step::Check(..)
        | Step::Enter(_)
        | Step::Leave(_)
        | Step::Groups { .. } => false,
        Step::Opaque(..) | Step::Set(_) | Step::Call { .. } | Step::Run(_) => true,
    }
}

fn ops_write(ops: &[Op], writes: &dyn Fn(ValueId) -> bool) -> bool {
    ops.iter().any(|op| match op {
        Op::Value(id) | Op::Dynamic(id) => writes(*id),
        Op::If(branches) => branches.iter().any(|(_, body)| ops_write(body, writes)),
        Op::For { body, empty, .. } => ops_write(body, writes) || ops_write(empty, writes),
        Op::Scope { body, .. } | Op::Include { body, .. } => ops_write(body, writes),
        Op::Text(_) | Op::Edge(_) | Op::Check(..) => false,
        _ => true,
    })
}

/// An open element: what is known of it, and whether it or one around it is named.
#[derive(Clone)]
struct Inside {
    known: Rc<Known>,
    is_in: bool,
}

struct Search<'s> {
    plan: &'s Plan,
    selectors: Vec<Selector>,
    /// How many elements each selector names.
    found: Vec<usize>,
    /// Which bodies may change what comes after them.
    running: Vec<bool>,
    writes: &'s dyn Fn(ValueId) -> bool,
    elements: Elements<Inside>,
}

impl Search<'_> {
    /// The shares of a body's slots.
    fn body(&mut self, id: BodyId) -> Vec<Share> {
        let body = self.plan.body(id);
        let mut shares = vec![Share::Out; body.slots()];
        for step in &body.steps {
            if let Some(slot) = step.slot()
                && step_writes(step, &self.running, self.writes)
            {
                shares[slot as usize] = Share::Aside;
            }
        }
        let depth = self.elements.open().len();
        let mut tokenizer = Tokenizer::default();
        tokenizer.foreign = self.elements.namespace() != Namespace::Html;
        // The slots in the tag that is not complete.
        let mut pending = Vec::new();
        for (index, part) in body.parts.iter().enumerate() {
            let (Part::Static(text) | Part::Implied(text)) = part else {
                let Part::Hole(hole) = part else { continue };
                let slot = hole.slot as usize;
                if tokenizer.state.in_tag() || tokenizer.state == State::Cut {
                    pending.push(slot);
                } else if hole.kind.is_structure() {
                    let share = self.structure(id, slot, hole.kind);
                    merge(&mut shares[slot], share);
                } else if self.is_in() {
                    shares[slot] = Share::In;
                }
                tokenizer.hole();
                continue;
            };
            tokenizer.feed(index, text, &mut |tag| {
                let content = self.tag(
                    tag,
                    &source(&body.parts, tag, index),
                    |slot| {
                        shares[slot] = Share::In;
                    },
                    &mut pending,
                );
                (content, self.elements.namespace() != Namespace::Html)
            });
        }
        self.elements.close(self.elements.open().len().saturating_sub(depth));
        // The rows of a list and what stands there without rows are rendered by one step.
        for step in &body.steps {
            if let Step::List { slot, .. } = step {
                let slots: Vec<u32> = step.beside().chain([*slot]).collect();
                if slots.iter().any(|slot| shares[*slot as usize].is_sent()) {
                    slots.iter().for_each(|slot| shares[*slot as usize] = Share::In);
                }
            }
        }
        shares
    }

    fn is_in(&self) -> bool {
        self.elements.open().last().is_some_and(|element| element.data.is_in)
    }

    /// A complete tag; `take` gets the slots in it, if its element is named.
    fn tag(
        &mut self,
        tag: &Tag,
        source: &str,
        mut take: impl FnMut(usize),
        pending: &mut Vec<usize>,
    ) -> Content {
        let slots = std::mem::take(pending);
        let effect = self.elements.effect(tag);
        self.elements.close(effect.closes);
        for name in effect.implies {
            let known = Rc::new(Known { name: (*name).into(), attributes: Vec::new() });
            let is_in = self.is_in();
            self.elements.imply(name, Inside { known, is_in });
        }
        if tag.is_end || effect.drops {
            return Content::Normal;
        }
        let known = Rc::new(Known { name: tag.name.clone(), attributes: attributes(source) });
        let around = self.elements.open().iter().map(|element| &*element.data.known);
        let path: Vec<&Known> = around.chain([&*known]).collect();
        let mut is_in = self.is_in();
        for (selector, found) in self.selectors.iter().zip(&mut self.found) {
            if selector.matches(&path) {
                (*found, is_in) = (*found + 1, true);
            }
        }
        if is_in {
            slots.into_iter().for_each(&mut take);
        }
        self.elements.push(tag, Inside { known, is_in })
    }

    /// The share of a structure. What stands in it is looked at in any case: a selector may name it.
    fn structure(&mut self, id: BodyId, slot: usize, kind: HoleKind) -> Share {
        let body = self.plan.body(id);
        let step = body.steps.iter().find(|step| step.fills(slot as u32));
        let is_whole = kind == HoleKind::List
            || !matches!(step, Some(Step::Condition { .. } | Step::Fragment { .. }));
        let bodies: Vec<BodyId> = match step {
            Some(Step::Condition { branches, .. }) => branches.iter().map(|(_, id)| *id).collect(),
            Some(Step::List { slot: rows, row, .. }) if *rows == slot as u32 => vec![*row],
            Some(Step::List { empty: Some((empty, body)), .. }) if *empty == slot as u32 => {
                vec![*body]
            }
            Some(Step::Fragment { body, .. } | Step::Guard { body, .. }) => vec![*body],
            _ => Vec::new(),
        };
        let before = self.found.clone();
        let within: Vec<_> = bodies.into_iter().map(|id| (id, self.body(id))).collect();
        // An element without slots counts as well: it comes and goes.
        let is_named = self.found != before;
        if self.is_in() || is_named && is_whole {
            Share::In
        } else if is_named {
            Share::Within(within)
        } else {
            Share::Out
        }
    }
}

/// Adds the share of a further hole of the same slot.
fn merge(share: &mut Share, more: Share) {
    match (&*share, &more) {
        (Share::Out | Share::Aside, more) if more.is_sent() => {}
        (Share::Within(_), Share::In) => {}
        _ => return,
    }
    *share = more;
}

/// The source of a tag that ends in this part, with [`HOLE`] for each hole.
pub(crate) fn source(parts: &[Part], tag: &Tag, last: usize) -> String {
    let mut source = String::new();
    for (index, part) in parts.iter().enumerate().take(last + 1).skip(tag.piece) {
        match part {
            Part::Static(text) | Part::Implied(text) => {
                let from = if index == tag.piece { tag.start } else { 0 };
                let to = if index == last { tag.end } else { text.len() };
                source.push_str(text.get(from..to).unwrap_or_default());
            }
            Part::Hole(_) => source.push(HOLE),
        }
    }
    source
}

impl Step {
    /// The slot that it fills; of a list, that of its rows.
    pub(crate) fn slot(&self) -> Option<u32> {
        match self {
            Self::Value(_, target)
            | Self::Opaque(_, target)
            | Self::Capture(_, target)
            | Self::Edge(_, target) => Some(target.slot),
            Self::Condition { slot, .. }
            | Self::List { slot, .. }
            | Self::Fragment { slot, .. }
            | Self::Guard { slot, .. }
            | Self::Call { slot, .. }
            | Self::Dynamic { slot, .. } => Some(*slot),
            Self::Set(_)
            | Self::Check(..)
            | Self::Enter(_)
            | Self::Leave(_)
            | Self::Run(_)
            | Self::Groups { .. } => None,
        }
    }

    /// Whether it fills this slot, if need be besides another one.
    fn fills(&self, wanted: u32) -> bool {
        self.slot() == Some(wanted) || self.beside().any(|slot| slot == wanted)
    }

    /// The slots of the conditions beside a list.
    fn beside(&self) -> impl Iterator<Item = u32> {
        let (empty, first) = match self {
            Self::List { empty, ends, .. } => {
                let first = ends.as_ref().and_then(|ends| ends.first.as_ref());
                (empty.map(|(slot, _)| slot), first.map(|first| first.slot))
            }
            _ => (None, None),
        };
        empty.into_iter().chain(first)
    }
}
