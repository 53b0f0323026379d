//! Holes in a tag: in its name, between attributes, and in the value of one.
//!
//! Between attributes a hole may print any of them, and a parser takes the first of two with one name.
//! Where it is known what the holes of a tag may print, such an element becomes a captured region.
//! What is not known is looked at when it is printed.

use protocol::HoleKind;

use super::Builder;
use crate::op::Op;
use crate::plan::{Group, Guard, Step};
use crate::report::Reason;
use crate::scan::{Scan, any_text, may_be_empty, starts_with_space};
use crate::tokenizer::{State, Tag};

impl Builder<'_, '_> {
    /// A tag is complete, and with it what is known of its attributes.
    pub(super) fn end_attributes(&mut self, tag: &Tag) {
        let stands_twice =
            |(before, name): (usize, String)| tag.attributes[before..].contains(&name);
        if self.conditional.drain(..).any(stands_twice) {
            self.tag_raw.get_or_insert((Reason::Attributes, self.last));
        }
        let groups = std::mem::take(&mut self.groups);
        if std::mem::take(&mut self.has_unknown) && !tag.is_end {
            self.body.steps.push(Step::Groups { groups, names: tag.attributes.clone() });
        }
    }

    /// Whether an operation may be relied on to leave the name before it alone.
    pub(super) fn follows_name(&self, op: &Op) -> bool {
        let value = self.tokenizer.follows_name(op);
        value.is_some_and(|id| self.elements.trusts(id, Some(Guard::Space)))
    }

    /// A hole in a name. Which element it is, and whether its end tag is its own, depends on a value;
    /// a hole in the name of an attribute concerns the element alone.
    pub(super) fn name(&mut self, op: &Op) {
        if self.tokenizer.state == State::AttributeName && stays_in_tag(op) {
            self.tag_raw.get_or_insert((Reason::AttributeName, op.source()));
        } else {
            self.tokenizer.hole();
            self.fail((Reason::TagName, op.source()));
        }
    }

    /// A hole in the value of an attribute.
    pub(super) fn value(&mut self, op: &Op) {
        let leaves = |text: &str| match self.tokenizer.state {
            State::DoubleQuoted => text.contains('"'),
            State::SingleQuoted => text.contains('\''),
            _ => text.contains([' ', '\t', '\n', '\r', '\x0c', '>']),
        };
        if any_text(std::slice::from_ref(op), &leaves) {
            return self.fail((Reason::LeavesValue, op.source()));
        }
        let tag = &self.tokenizer.tag;
        let place = (self.tokenizer.serial, tag.attributes.len());
        let name = tag.attributes.last().map_or("", String::as_str);
        let rank = ["dj-key", "data-key", "id"].iter().position(|key| *key == name);
        if let Some(rank) = rank.filter(|_| self.elements.open().is_empty() && self.top == 0) {
            match &mut self.key {
                // A second hole: neither of the two names the row alone.
                Some((_, known, slot)) if *known == place => *slot = None,
                Some((best, _, Some(_))) if *best < rank => {}
                key => *key = Some((rank, place, Some(self.body.scalars))),
            }
        }
        self.scalar(op, HoleKind::Attribute, Some(place));
    }

    /// A hole between attributes. Neighbours without a space between them are one hole.
    pub(super) fn between_attributes(&mut self, op: &Op) {
        let mut ops = vec![op.clone()];
        if let Some((mut before, clean)) = self.attributes.take()
            && !clean
            && !starts_with_space(op)
        {
            // The border of a scope between the two: they cannot be one capture.
            if matches!(
                self.body.steps.last(),
                Some(Step::Enter(_) | Step::Leave(_) | Step::Set(_) | Step::Check(..))
            ) {
                return self.fail((Reason::Attributes, op.source()));
            }
            self.body.parts.pop();
            self.body.steps.pop();
            self.body.scalars -= 1;
            self.conditional.truncate(self.last_hole);
            self.groups.pop();
            before.append(&mut ops);
            ops = before;
        }
        let mut scan = Scan::new(Vec::new());
        scan.tokenizer.state = State::BeforeAttributeName;
        let serial = scan.tokenizer.serial;
        scan.run_attributes(&ops);
        if !scan.agrees || scan.tokenizer.serial != serial {
            return self.fail((Reason::Attributes, op.source()));
        }
        // A parser takes the first of two attributes with one name, and it depends which that is.
        let before = self.tokenizer.tag.attributes.len();
        if scan.names.iter().any(|name| self.conditional.iter().any(|(_, other)| other == name)) {
            self.tag_raw.get_or_insert((Reason::Attributes, op.source()));
        }
        self.last_hole = self.conditional.len();
        self.conditional.extend(scan.names.into_iter().map(|name| (before, name)));
        self.has_unknown |= scan.has_unknown;
        self.groups.push(Group { slot: self.body.scalars, before });
        self.tokenizer.attributes(ops.iter().all(may_be_empty));
        self.joint = None;
        if let [op] = &ops[..] {
            self.push(op, HoleKind::Attributes, None);
        } else {
            self.push_scalar(HoleKind::Attributes, None, |target| {
                Step::Capture(ops.clone(), target)
            });
        }
        self.attributes = Some((ops, scan.clean));
    }
}

/// Whether the operation, in a name, leaves the tag open.
fn stays_in_tag(op: &Op) -> bool {
    !any_text(std::slice::from_ref(op), &|text| text.contains(['<', '>', '"', '\'']))
}
