//! What a developer wants to know of a plan: why regions are raw, and what its holes are.
//!
//! The compiler notes a [`Finding`] where it captures a region; [`Plan::fillings`] reads the rest
//! from the plan. Nothing of it stays in a plan that renders pages.

use protocol::{HoleKind, Part};

use crate::op::{FilterId, LoopId, NodeId, Op, ScopeId, TestId, ValueId};
use crate::plan::{Body, Plan, Step, Structure};

/// Why a region is captured as HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// An operation opens an element that it does not close, or closes one that it did not open.
    Unbalanced,
    /// The branches of an operation open or close different elements.
    BranchesDiffer,
    /// A hole in the name of a tag.
    TagName,
    /// A hole in the name of an attribute.
    AttributeName,
    /// An operation between attributes ends the tag, or touches what stands next to it.
    Attributes,
    /// An operation in the value of an attribute ends the value.
    LeavesValue,
    /// An operation in a comment, or in an element without markup, ends that.
    LeavesText,
    /// A hole after `<`, or in a document type.
    Markup,
    /// A hole in a character reference.
    Reference,
    /// Text or an element where a parser moves it out of a table, or drops its tag.
    Misplaced,
    /// The element has `dj-update="ignore"`: what stands in it is the page's own after the start.
    Ignored,
}

impl Reason {
    /// Its name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unbalanced => "unbalanced",
            Self::BranchesDiffer => "branches-differ",
            Self::TagName => "tag-name",
            Self::AttributeName => "attribute-name",
            Self::Attributes => "attributes",
            Self::LeavesValue => "leaves-value",
            Self::LeavesText => "leaves-text",
            Self::Markup => "markup",
            Self::Reference => "reference",
            Self::Misplaced => "misplaced",
            Self::Ignored => "ignored",
        }
    }
}

/// An operation, by the number that the host knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A value.
    Value(ValueId),
    /// A condition.
    Test(TestId),
    /// A loop.
    Loop(LoopId),
    /// A scope.
    Scope(ScopeId),
    /// A node that the host renders.
    Node(NodeId),
    /// A tag that does something with what its body prints.
    Filter(FilterId),
}

impl Op {
    /// What names the operation; static text has no name.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        Some(match self {
            Self::Text(_) | Self::Edge(_) => return None,
            Self::Check(id, _) => Source::Test(*id),
            Self::Value(id) | Self::Dynamic(id) | Self::Set(id) => Source::Value(*id),
            Self::If(branches) => Source::Test(branches.iter().find_map(|(test, _)| *test)?),
            Self::For { id, .. } => Source::Loop(*id),
            Self::Scope { id, .. }
            | Self::Include { id, .. }
            | Self::Procedure { id, .. }
            | Self::Call { id, .. } => Source::Scope(*id),
            Self::Filtered { id, .. } => Source::Filter(*id),
            Self::Guard(body) => return body.iter().find_map(Self::source),
            Self::Opaque(id) => Source::Node(*id),
        })
    }
}

/// A captured region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Why it is one.
    pub reason: Reason,
    /// The operation to blame.
    pub cause: Option<Source>,
    /// The first operation in it.
    pub first: Option<Source>,
    /// The last operation in it.
    pub last: Option<Source>,
}

/// What a hole is for a developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// A scalar, or a structure that is no list.
    Hole(HoleKind),
    /// A captured region.
    Region,
    /// A list; whether its rows have a key.
    List(bool),
}

/// A hole, and the first operation that fills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What it is.
    pub filling: Filling,
    /// The operation.
    pub source: Option<Source>,
}

impl Plan {
    /// All holes of all bodies: children before their parents, in document order in each.
    #[must_use]
    pub fn fillings(&self) -> Vec<Filled> {
        let mut fillings = Vec::new();
        for body in &self.bodies {
            for step in &body.steps {
                self.fill(body, step, &mut fillings);
            }
        }
        fillings
    }

    /// The nodes of the region that the host renders, in no order that means anything.
    #[must_use]
    pub fn opaque(&self) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        for step in self.bodies.iter().flat_map(|body| &body.steps) {
            match step {
                Step::Opaque(id, _) => nodes.push(*id),
                Step::Capture(ops, _) => opaque_in(ops, &mut nodes),
                _ => {}
            }
        }
        nodes
    }

    fn fill(&self, body: &Body, step: &Step, fillings: &mut Vec<Filled>) {
        let (slot, source) = match step {
            Step::Value(id, target) => (target.slot, Some(Source::Value(*id))),
            Step::Opaque(id, target) => (target.slot, Some(Source::Node(*id))),
            Step::Capture(ops, target) => (target.slot, ops.iter().find_map(Op::source)),
            Step::Condition { slot, branches } => {
                (*slot, branches.iter().find_map(|(test, _)| *test).map(Source::Test))
            }
            Step::List { slot, id, .. } => (*slot, Some(Source::Loop(*id))),
            Step::Fragment { slot, id, .. } | Step::Call { slot, id, .. } => {
                (*slot, Some(Source::Scope(*id)))
            }
            Step::Dynamic { slot, id, .. } => (*slot, Some(Source::Value(*id))),
            Step::Edge(_, target) => (target.slot, None),
            Step::Guard { slot, .. } => (*slot, None),
            Step::Set(_)
            | Step::Enter(_)
            | Step::Leave(_)
            | Step::Run(_)
            | Step::Check(..)
            | Step::Groups { .. } => {
                return;
            }
        };
        let kinds = body.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) if hole.slot == slot => Some(hole.kind),
            _ => None,
        });
        let index = slot.checked_sub(body.scalars).map(|index| index as usize);
        let structure = index.map(|index| body.structures[index]);
        for kind in kinds {
            let filling = match (step, structure) {
                (_, Some(Structure::List(row))) => Filling::List(self.body(row).key.is_some()),
                (Step::Capture(..), _) if kind == HoleKind::Text => Filling::Region,
                _ => Filling::Hole(kind),
            };
            fillings.push(Filled { filling, source });
        }
    }
}

fn opaque_in(ops: &[Op], nodes: &mut Vec<NodeId>) {
    for op in ops {
        match op {
            Op::Opaque(id) => nodes.push(*id),
            Op::Text(_)
            | Op::Value(_)
            | Op::Dynamic(_)
            | Op::Edge(_)
            | Op::Check(..)
            | Op::Set(_)
            | Op::Call { .. } => {}
            Op::If(branches) => {
                for (_, body) in branches {
                    opaque_in(body, nodes);
                }
            }
            Op::For { body, empty, .. } => {
                opaque_in(body, nodes);
                opaque_in(empty, nodes);
            }
            Op::Scope { body, .. }
            | Op::Include { body, .. }
            | Op::Filtered { body, .. }
            | Op::Guard(body)
            | Op::Procedure { body, .. } => opaque_in(body, nodes),
        }
    }
}
