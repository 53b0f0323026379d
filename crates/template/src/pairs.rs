//! Pairs of conditions that open and close the same element: operations go in, operations without
//! such pairs come out.
//!
//! ```text
//! {% if url %}<a href="{{ url }}">{% endif %}text{% if url %}</a>{% endif %}
//! {% if url %}<a href="{{ url }}">text</a>{% else %}text{% endif %}
//! ```
//!
//! The first form has no place for a hole, since nobody knows whether the element is open; the
//! second prints the same, and everything in it keeps its own hole. Both branches end with a
//! [`Op::Check`], so that the condition is decided as often as before, and at the same places.

use crate::items::has_root;
use crate::op::{Op, TestId, any_procedure};
use crate::scan::{Scan, any_text};

/// Operations that such pairs become part of grow at most to this.
const LARGEST: usize = 200;

/// The operations with each pair made one condition, wherever that balances the elements. `same`
/// says whether two tests read the same values.
#[must_use]
pub fn join_pairs(ops: &[Op], same: &dyn Fn(TestId, TestId) -> bool) -> Vec<Op> {
    let mut ops: Vec<Op> = ops.iter().map(|op| inside(op, same)).collect();
    let mut index = 0;
    while index < ops.len() {
        if let Some((last, joined)) = pair(&ops, index, same) {
            ops.splice(index..=last, [joined]);
        }
        index += 1;
    }
    ops
}

fn inside(op: &Op, same: &dyn Fn(TestId, TestId) -> bool) -> Op {
    let body = |body: &Vec<Op>| join_pairs(body, same);
    match op {
        Op::If(branches) => Op::If(branches.iter().map(|(test, ops)| (*test, body(ops))).collect()),
        Op::For { id, body: row, empty } => {
            Op::For { id: *id, body: body(row), empty: body(empty) }
        }
        Op::Scope { id, body: ops } => Op::Scope { id: *id, body: body(ops) },
        Op::Include { id, body: ops } => Op::Include { id: *id, body: body(ops) },
        Op::Filtered { id, body: ops } => Op::Filtered { id: *id, body: body(ops) },
        Op::Guard(ops) => Op::Guard(body(ops)),
        Op::Procedure { procedure, id, body: ops } => {
            Op::Procedure { procedure: *procedure, id: *id, body: body(ops) }
        }
        op => op.clone(),
    }
}

/// The pair that begins here: the index of its second condition, and what stands for all of it.
fn pair(ops: &[Op], index: usize, same: &dyn Fn(TestId, TestId) -> bool) -> Option<(usize, Op)> {
    let (test, first) = simple(&ops[index])?;
    if is_balanced(&ops[index]) {
        return None;
    }
    for (offset, op) in ops[index + 1..].iter().enumerate() {
        let Some((other, second)) = simple(op).filter(|(other, _)| same(test, *other)) else {
            if op.may_write() {
                return None;
            }
            continue;
        };
        let last = index + 1 + offset;
        let middle = &ops[index + 1..last];
        let branch = |outcome: bool| {
            let part = usize::from(!outcome);
            let mut body = first[part].to_vec();
            body.extend_from_slice(middle);
            body.push(Op::Check(other, outcome));
            body.extend_from_slice(second[part]);
            body
        };
        let joined = Op::If(vec![(Some(test), branch(true)), (None, branch(false))]);
        let is_fixed = any_text(std::slice::from_ref(&joined), &has_root)
            || any_procedure(std::slice::from_ref(&joined));
        if is_balanced(&joined) && !is_fixed && size(std::slice::from_ref(&joined)) <= LARGEST {
            return Some((last, joined));
        }
    }
    None
}

/// The test of a condition that has only one, with what it prints when it holds and when not.
fn simple(op: &Op) -> Option<(TestId, [&[Op]; 2])> {
    let Op::If(branches) = op else { return None };
    let bodies = match &branches[..] {
        [(Some(test), body)] => (*test, [&body[..], &[]]),
        [(Some(test), body), (None, other)] => (*test, [&body[..], &other[..]]),
        _ => return None,
    };
    (!op.may_write()).then_some(bodies)
}

fn is_balanced(op: &Op) -> bool {
    let mut scan = Scan::new(Vec::new());
    scan.run(std::slice::from_ref(op));
    scan.is_balanced()
}

fn size(ops: &[Op]) -> usize {
    let sizes = ops.iter().map(|op| match op {
        Op::If(branches) => branches.iter().map(|(_, body)| size(body)).sum(),
        Op::For { body, empty, .. } => size(body) + size(empty),
        Op::Scope { body, .. }
        | Op::Include { body, .. }
        | Op::Filtered { body, .. }
        | Op::Guard(body) => size(body),
        _ => 1,
    });
    sizes.sum::<usize>() + ops.len()
}
