//! Loops whose rows leave out their end tags: each becomes a list, with the end tags that a parser
//! adds, and the white space where a parser puts it.

use protocol::{HoleKind, Part};

use super::{Builder, Kind};
use crate::elements::Namespace;
use crate::items::Item;
use crate::op::Op;
use crate::plan::{Ends, First, Step, Structure};
use crate::scan::omitted;

impl Builder<'_, '_> {
    /// Builds the list, if it is known where the rows end; else nothing has changed.
    pub(super) fn rows_without_ends(&mut self, index: usize, op: &Op) -> bool {
        let Op::For { id, body, empty } = op else { return false };
        let next = match self.items.get(index + 1) {
            Some(Item::Text(text)) => text.as_str(),
            None => "",
            Some(_) => return false,
        };
        let is_last = self.kind == Kind::Page && self.items.len() <= index + 2;
        let own = self.elements.open().len();
        let Some(found) = omitted(&self.elements, own, (body, empty), next, is_last) else {
            return false;
        };
        let closing = &self.elements.open()[own - found.closes..];
        if closing.iter().any(|element| element.data.raw.is_some() || element.data.dynamic) {
            return false;
        }

        // Step 1: a row begins with its tag, and ends with the white space that stands before the
        // next one, or after the last.
        let (before, after) = (found.before, found.after);
        let is_same = before == after;
        let mut outer = self.elements.names();
        outer.truncate(outer.len() - found.closes);
        outer.extend(found.implies.iter().map(|name| ((*name).to_owned(), Namespace::Html)));
        let mut row = without_start(body, before.len());
        row.push(if is_same { Op::Text(before.clone()) } else { Op::Edge(before.clone()) });
        let (bodies, findings) = (self.bodies.len(), self.findings.len());
        let row = self.child_inside(outer, &row, true);
        let last = match self.bodies[row.0 as usize].steps.last() {
            _ if is_same => None,
            Some(Step::Edge(_, target)) => Some((target.slot, after.clone())),
            _ => {
                // All of a row is one hole.
                self.bodies.truncate(bodies);
                self.findings.truncate(findings);
                return false;
            }
        };

        // Step 2: what stands before the first row belongs to what is around it.
        let first = if is_same && empty.is_empty() {
            self.append(&before);
            None
        } else {
            let mut text = |text: &str| {
                (!text.is_empty()).then(|| self.child(&[Op::Text(text.into())], false))
            };
            let (some, none) = (text(&before), text(if empty.is_empty() { &after } else { "" }));
            some.or(none).map(|_| {
                let slot = self.structure(HoleKind::Condition, Structure::Condition);
                First { slot, some, none }
            })
        };
        for element in self.elements.close(found.closes).iter().rev() {
            self.body.parts.push(Part::Implied(format!("</{}>", element.name)));
        }
        self.imply(index, found.implies);

        let slot = self.structure(HoleKind::List, Structure::List(row));
        let empty = (!empty.is_empty()).then(|| {
            let ops = [empty.as_slice(), &[Op::Text(after.clone())]].concat();
            let body = self.child(&ops, false);
            (self.structure(HoleKind::Condition, Structure::Condition), body)
        });
        let ends = Some(Box::new(Ends { first, last }));
        self.body.steps.push(Step::List { slot, id: *id, row, empty, ends });
        self.skipped = after.len();
        true
    }

    /// Ends the elements that are open where a body ends, as a parser does.
    pub(super) fn end_all(&mut self) {
        let open = self.elements.close(usize::MAX);
        self.ends |= !open.is_empty();
        for element in open.iter().rev() {
            self.body.parts.push(Part::Implied(format!("</{}>", element.name)));
        }
    }
}

/// Operations that begin with text, without the first bytes of it.
fn without_start(ops: &[Op], mut count: usize) -> Vec<Op> {
    let mut rest = Vec::with_capacity(ops.len() + 1);
    for op in ops {
        match op {
            Op::Text(text) if count > 0 => {
                let cut = count.min(text.len());
                count -= cut;
                rest.push(Op::Text(text[cut..].into()));
            }
            op => rest.push(op.clone()),
        }
    }
    rest
}
