//! Templates whose output is stripped, as Django's form renderers do: operations go in, operations
//! out whose first and last white space can be dropped when they run; a tree goes in, and what is
//! white space at its two ends is gone.
//!
//! White space that comes first or last whatever the values are is dropped at once. Where only the
//! values decide (`{{ errors }}` may print nothing, and then the line after it comes first) it
//! becomes an [`Op::Edge`], a scalar like a printed value: the text of a definition is fixed.

use std::sync::Arc;

use protocol::{Part, Reader, Scalar};

use crate::op::Op;
use crate::plan::{BodyId, Plan, Structure, place};
use crate::scalar::{self, Place};
use crate::tree::{Slot, Tree};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// What stands between the end and a place: nothing ever, perhaps something, something always.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Nothing,
    Perhaps,
    Something,
}

/// The operations with the white space at their two ends dropped, or made droppable.
pub(crate) fn edges(ops: &[Op]) -> Vec<Op> {
    let (ops, _) = edge(ops, Side::Start, Beyond::Nothing);
    edge(&ops, Side::End, Beyond::Nothing).0
}

fn edge(ops: &[Op], side: Side, mut beyond: Beyond) -> (Vec<Op>, Beyond) {
    let mut result = Vec::with_capacity(ops.len());
    for index in 0..ops.len() {
        let op = match side {
            Side::Start => &ops[index],
            Side::End => &ops[ops.len() - 1 - index],
        };
        if beyond == Beyond::Something {
            result.push(op.clone());
            continue;
        }
        match op {
            Op::Text(text) => {
                let (space, rest) = split(text, side);
                if beyond == Beyond::Perhaps && !space.is_empty() {
                    result.push(Op::Edge(space.into()));
                }
                if !rest.is_empty() {
                    result.push(Op::Text(rest.into()));
                    beyond = Beyond::Something;
                }
            }
            Op::If(branches) => {
                let has_else = branches.iter().any(|(test, _)| test.is_none());
                let mut after = if has_else { Vec::new() } else { vec![beyond] };
                let branches = branches.iter().map(|(test, body)| {
                    let (body, printed) = edge(body, side, beyond);
                    after.push(printed);
                    (*test, body)
                });
                result.push(Op::If(branches.collect()));
                beyond = join(&after);
            }
            Op::For { id, body, empty } => {
                // Only the first (last) row stands at the end.
                let (body, printed) = edge(body, side, Beyond::Perhaps);
                let (empty, without) = edge(empty, side, beyond);
                result.push(Op::For { id: *id, body, empty });
                beyond = join(&[printed, without]);
            }
            Op::Scope { id, body } => {
                let (body, printed) = edge(body, side, beyond);
                result.push(Op::Scope { id: *id, body });
                beyond = printed;
            }
            Op::Include { id, body } => {
                let (body, printed) = edge(body, side, beyond);
                result.push(Op::Include { id: *id, body });
                beyond = printed;
            }
            Op::Guard(body) => {
                let (body, printed) = edge(body, side, beyond);
                result.push(Op::Guard(body));
                beyond = join(&[printed, beyond]);
            }
            Op::Check(..) | Op::Set(_) => result.push(op.clone()),
            Op::Value(_)
            | Op::Dynamic(_)
            | Op::Opaque(_)
            | Op::Edge(_)
            | Op::Filtered { .. }
            | Op::Procedure { .. }
            | Op::Call { .. } => {
                result.push(op.clone());
                beyond = Beyond::Perhaps;
            }
        }
    }
    if side == Side::End {
        result.reverse();
    }
    (result, beyond)
}

fn join(all: &[Beyond]) -> Beyond {
    let first = all.first().copied().unwrap_or(Beyond::Nothing);
    if all.iter().all(|each| *each == first) { first } else { Beyond::Perhaps }
}

/// A text as the white space at one end, and the rest.
fn split(text: &str, side: Side) -> (&str, &str) {
    match side {
        Side::Start => text.split_at(text.len() - text.trim_start_matches(is_space).len()),
        Side::End => {
            let (rest, space) = text.split_at(text.trim_end_matches(is_space).len());
            (space, rest)
        }
    }
}

/// A text without the white space around it.
#[must_use]
pub fn stripped(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// As Python's `str.strip` understands it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

impl Tree {
    /// Drops the white space at both ends of a fragment of a plan.
    pub(crate) fn strip(&mut self, plan: &Plan, first: u32) {
        self.trim(plan, plan.root(), first, Side::Start);
        self.trim(plan, plan.root(), first, Side::End);
    }

    /// Returns whether the fragment prints anything else.
    fn trim(&mut self, plan: &Plan, id: BodyId, base: u32, side: Side) -> bool {
        let body = plan.body(id);
        for index in 0..body.parts.len() {
            let part = match side {
                Side::Start => &body.parts[index],
                Side::End => &body.parts[body.parts.len() - 1 - index],
            };
            let hole = match part {
                // Made only of what must stay: the rest is an edge.
                Part::Static(_) => return true,
                Part::Implied(_) => continue,
                Part::Hole(hole) => hole,
            };
            let at = base as usize + hole.slot as usize;
            let stops = if hole.kind.is_structure() {
                let slot = self.slots[at];
                let structure = body.structures[(hole.slot - body.scalars) as usize];
                self.trim_structure(plan, structure, slot, side)
            } else {
                self.trim_scalar(at, place(hole.kind), side)
            };
            if stops {
                return true;
            }
        }
        false
    }

    fn trim_structure(&mut self, plan: &Plan, held: Structure, slot: Slot, side: Side) -> bool {
        match held {
            Structure::Condition if slot.a == 0 => false,
            Structure::Condition => self.trim(plan, BodyId(slot.a - 1), slot.b, side),
            Structure::Fragment(body) => self.trim(plan, body, slot.b, side),
            Structure::Dynamic => {
                let plan = Arc::clone(self.linked(slot));
                self.trim(&plan, plan.root(), slot.b, side)
            }
            Structure::List(row) => {
                let mut rows: Vec<u32> = self.rows(plan, slot, row).collect();
                if side == Side::End {
                    rows.reverse();
                }
                rows.into_iter().any(|base| self.trim(plan, row, base, side))
            }
        }
    }

    fn trim_scalar(&mut self, at: usize, place: Place, side: Side) -> bool {
        let Slot { a, b } = self.slots[at];
        let mut new = Vec::new();
        let stops = match Reader::new(&self.bytes[a as usize..b as usize]).scalar() {
            Ok(Scalar::Text(text)) => match split(text, side) {
                ("", rest) => return !rest.is_empty(),
                (_, rest) => {
                    scalar::write_text(&mut new, rest, place);
                    !rest.is_empty()
                }
            },
            Ok(Scalar::Verbatim(source) | Scalar::Html(source)) => match split(source, side) {
                ("", rest) => return !rest.is_empty(),
                (_, rest) => {
                    scalar::write_source(&mut new, rest, place);
                    !rest.is_empty()
                }
            },
            _ => return true,
        };
        let start = self.bytes.len();
        self.bytes.append(&mut new);
        self.slots[at] = Slot { a: start as u32, b: self.bytes.len() as u32 };
        stops
    }
}
