//! Captured regions: what no hole can stand for goes in, and the smallest stretch of the page around
//! it becomes one hole.
//!
//! A region is the inside of an element or, where its own tags are concerned, the element. Each open
//! element remembers how far the build was when it began; a region is made by going back to that
//! point and putting the hole there.

use protocol::{HoleKind, Part};

use super::Builder;
use crate::elements::{Element, Reach, closes_over, leaves_open, text_of};
use crate::items::{Item, Place, cut, regroup, texts};
use crate::op::Op;
use crate::plan::Step;
use crate::report::{Finding, Reason, Source};
use crate::scan::{Scan, may_be_empty};
use crate::tokenizer::{State, Tag};

/// What an open element remembers.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// How far the build was when it began, and when its children began.
    pub(super) before: Checkpoint,
    pub(super) checkpoint: Checkpoint,
    /// Why it becomes a captured region, if it does.
    pub(super) raw: Option<Raw>,
    /// The elements that its start tag closed.
    pub(super) ends: Vec<String>,
    /// Whether an operation opened it, so that its children cannot be told from what surrounds it.
    pub(super) dynamic: bool,
    /// Whether only an HTML parser knows of it.
    pub(super) implied: bool,
    /// Whether what it is implied by may print nothing, and then it is not there either.
    pub(super) unsure: bool,
    /// Those in it that have ended, and may not be there.
    pub(super) absent: Vec<String>,
}

/// An element that becomes a captured region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    pub(super) why: Why,
    /// Whether its tags belong to the region, or its children alone.
    pub(super) with_tags: bool,
}

/// Why there is a captured region, and the operation to blame.
pub(super) type Why = (Reason, Option<Source>);

#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoint {
    pub(super) at: Place,
    pub(super) parts: usize,
    pub(super) text: usize,
    pub(super) steps: usize,
    pub(super) scalars: u32,
    pub(super) structures: usize,
    pub(super) bodies: usize,
    pub(super) findings: usize,
    pub(super) scopes: Vec<usize>,
}

impl Builder<'_, '_> {
    /// Captures the region of an element that ends; returns how far the build is before the tag, and
    /// whether there is a hole now.
    pub(super) fn close_raw(
        &mut self,
        element: &Open,
        before: Checkpoint,
        tag: (usize, &Tag),
        ends: bool,
    ) -> (Checkpoint, bool) {
        let Some(Raw { why, with_tags }) = element.raw else { return (before, false) };
        let (index, tag) = tag;
        let start = if with_tags { &element.before } else { &element.checkpoint };
        let ended: &[String] = if with_tags { &element.ends } else { &[] };
        // A tag that has holes itself is in the parts already: then go one element further out.
        let takes_tag = with_tags && ends;
        if !takes_tag && tag.piece != index || self.scopes != start.scopes {
            self.fail(why);
            return (before, false);
        }
        let end = if takes_tag { tag.end } else { tag.start };
        if why.0 == Reason::BranchesDiffer {
            let items = cut(self.items, start.at, (index, end));
            if leaves_open(&texts(&items)) {
                // Each branch that opens one has its counterpart elsewhere, or has none.
                self.reach(Some(Reach { keep: 0, alone: false }), why.1);
            }
        }
        let is_hole = self.collapse(start, ended, (index, end), why);
        if is_hole {
            self.copied = end;
            self.starts &= !(with_tags && self.elements.open().is_empty());
        }
        (self.checkpoint((index, tag.start)), is_hole)
    }

    /// Puts a tag that a parser implies in front of a tag that is in the parts already, or not yet.
    pub(super) fn insert(&mut self, before: &mut Checkpoint, tag: String) {
        let mut at = before.parts;
        if at > 0
            && let Part::Static(text) = &mut self.body.parts[at - 1]
            && text.len() > before.text
        {
            let rest = text.split_off(before.text);
            if text.is_empty() {
                at -= 1;
                self.body.parts[at] = Part::Static(rest);
            } else {
                self.body.parts.insert(at, Part::Static(rest));
            }
        }
        self.body.parts.insert(at, Part::Implied(tag));
        (before.parts, before.text) = (at + 1, 0);
    }

    pub(super) fn open(&self, before: Checkpoint, at: Place) -> Open {
        let checkpoint = self.checkpoint(at);
        Open {
            before,
            checkpoint,
            raw: None,
            ends: Vec::new(),
            dynamic: false,
            implied: false,
            unsure: false,
            absent: Vec::new(),
        }
    }

    /// Opens what a parser implies in front of what an operation prints, if it prints any.
    pub(super) fn imply(&mut self, index: usize, names: &[&str]) {
        if let Some(first) = names.first() {
            self.follows_absent(first);
        }
        for name in names {
            self.body.parts.push(Part::Implied(format!("<{name}>")));
            let at = self.checkpoint((index, 0));
            let data = Open { implied: true, unsure: true, ..self.open(at, (index, 0)) };
            self.elements.imply(name, data);
        }
    }

    /// An element has ended: notes it where a parser may not have made it.
    pub(super) fn note_absent(&mut self, element: &Element<Open>) {
        let is_tag = |part: &Part| matches!(part, Part::Static(text) if text.contains('<'));
        if element.data.unsure
            && !self.body.parts.iter().skip(element.data.checkpoint.parts).any(is_tag)
        {
            self.absent().push(element.name.clone());
        }
    }

    /// An element begins, whose name may be that of one which a parser has not made. The page would
    /// take the one for the other where it adopts what was served.
    pub(super) fn follows_absent(&mut self, name: &str) {
        if self.absent().iter().any(|absent| absent == name) {
            self.fail((Reason::Misplaced, self.last));
        }
    }

    /// A parser drops a line end right after `<pre>`, wherever it comes from. The page does so for a
    /// value; where a branch begins with one, or what follows a branch, the element is a region.
    pub(super) fn follows_pre(&mut self, index: usize, op: &Op) {
        let Some(last) = self.elements.open().len().checked_sub(1) else { return };
        let Element { name, data, .. } = &self.elements.open()[last];
        let is_first = matches!(&**name, "pre" | "listing")
            && data.checkpoint.parts == self.body.parts.len()
            && data.checkpoint.text == self.tail().len();
        let next = match self.items.get(index + 1) {
            Some(Item::Text(text)) => text.as_str(),
            _ => "",
        };
        let rest = [op.clone(), Op::Text(next.to_owned())];
        if is_first && !matches!(op, Op::Value(_)) && starts_with_line_end(&rest) == Some(true) {
            self.mark(last, true, (Reason::Misplaced, op.source()));
        }
    }

    /// The elements beside the next one that have ended, and may not be there.
    pub(super) fn absent(&mut self) -> &mut Vec<String> {
        match self.elements.open().len().checked_sub(1) {
            Some(last) => &mut self.elements.data(last).absent,
            None => &mut self.absent,
        }
    }

    /// An operation that opens or closes elements around it.
    pub(super) fn unbalanced(&mut self, index: usize, op: &Op, scan: &Scan) {
        if !scan.agrees || scan.tokenizer.state != State::Data {
            // Its branches differ. An element whose name none of them touches is safe.
            let touched =
                |name: &String| scan.names.contains(name) || !closes_over(name, &scan.names);
            let why = (Reason::BranchesDiffer, op.source());
            let safe = self.elements.open().iter().rposition(|element| !touched(&element.name));
            match safe {
                Some(at) if scan.tokenizer.state == State::Data => self.mark(at, false, why),
                _ => drop(self.raw.get_or_insert(why)),
            }
            return;
        }
        self.elements.close(scan.closed);
        self.fail((Reason::Unbalanced, op.source()));
        for element in scan.elements.open() {
            let at = self.checkpoint((index, 0));
            let data = Open { dynamic: true, ..self.open(at, (index, 0)) };
            self.elements.open_element(&element.name, element.inside, data);
        }
    }

    /// No hole can stand here: the smallest region around becomes one.
    pub(super) fn fail(&mut self, why: Why) {
        match self.elements.open().len().checked_sub(1) {
            Some(last) => self.mark(last, false, why),
            None => drop(self.raw.get_or_insert(why)),
        }
    }

    /// A parser rearranges so much of the page.
    pub(super) fn reach(&mut self, reach: Option<Reach>, cause: Option<Source>) {
        let Some(Reach { keep, alone }) = reach else { return };
        let why = (Reason::Misplaced, cause);
        let around = self.elements.outer.len() + usize::from(!alone);
        match keep.checked_sub(around) {
            Some(at) => self.mark(at, alone, why),
            None => drop(self.raw.get_or_insert(why)),
        }
    }

    /// Captures the children of an element or the element, or of the first around it for which that
    /// is possible.
    pub(super) fn mark(&mut self, at: usize, mut with_tags: bool, why: Why) {
        let outer = self.elements.outer.last().map(|(_, inside)| *inside).unwrap_or_default();
        for index in (0..=at).rev() {
            // Apart from their table, rows would lose what a parser implies around them; and where all
            // is text no hole for markup can stand.
            let name = self.elements.open()[index].name.as_str();
            with_tags |= name == "table" || text_of(name).is_some();
            // The page parses a region in the language around the body.
            with_tags |= self.elements.open()[index].inside != outer;
            let around =
                index.checked_sub(1).map_or(outer, |around| self.elements.open()[around].inside);
            let data = self.elements.data(index);
            if !data.dynamic && !data.implied && (!with_tags || around == outer) {
                let raw = data.raw.get_or_insert(Raw { why, with_tags });
                raw.with_tags |= with_tags;
                if why.0 == Reason::BranchesDiffer {
                    // Then the region may have to be larger, which is known when it ends.
                    raw.why = why;
                }
                return;
            }
            with_tags = false;
        }
        self.raw.get_or_insert(why);
    }

    pub(super) fn checkpoint(&self, at: Place) -> Checkpoint {
        Checkpoint {
            at,
            parts: self.body.parts.len(),
            text: self.tail().len(),
            steps: self.body.steps.len(),
            scalars: self.body.scalars,
            structures: self.body.structures.len(),
            bodies: self.bodies.len(),
            findings: self.findings.len(),
            scopes: self.scopes.clone(),
        }
    }

    /// Goes back to a checkpoint and puts one hole there for all operations since.
    /// `ended` are elements that the first tag of the region closes: the hole is no tag, so that is
    /// said. Where nothing is dynamic there is nothing to capture.
    pub(super) fn collapse(
        &mut self,
        checkpoint: &Checkpoint,
        ended: &[String],
        end: Place,
        (reason, cause): Why,
    ) -> bool {
        let items = cut(self.items, checkpoint.at, end);
        if !items.iter().any(|item| item.prints() && matches!(item, Item::Op(_))) {
            return false;
        }
        self.body.parts.truncate(checkpoint.parts);
        if let Some(Part::Static(text)) = self.body.parts.last_mut() {
            text.truncate(checkpoint.text);
        }
        self.body.steps.truncate(checkpoint.steps);
        self.body.structures.truncate(checkpoint.structures);
        self.bodies.truncate(checkpoint.bodies);
        self.findings.truncate(checkpoint.findings);
        self.body.scalars = checkpoint.scalars;
        self.joint = None;
        self.key =
            self.key.filter(|(_, _, slot)| slot.is_none_or(|slot| slot < checkpoint.scalars));
        let mut sources = items.iter().filter_map(|item| match item {
            Item::Op(op) => op.source(),
            _ => None,
        });
        let first = sources.next();
        let last = sources.next_back().or(first);
        self.findings.push(Finding { reason, cause, first, last });
        for name in ended {
            self.body.parts.push(Part::Implied(format!("</{name}>")));
        }
        for group in regroup(&items) {
            match group {
                Ok(ops) => {
                    self.push_scalar(HoleKind::Text, None, |target| Step::Capture(ops, target))
                }
                Err(border) => self.body.steps.push(border),
            }
        }
        true
    }

    pub(super) fn capture_all(&mut self, why: Why) {
        let start = Checkpoint {
            bodies: self.first_body,
            findings: self.first_finding,
            ..Checkpoint::default()
        };
        if self.collapse(&start, &[], (self.items.len(), 0), why) {
            self.starts = false;
            self.key = None;
        }
    }
}

/// Whether what operations print may begin with a line end that a template has; nothing if they may
/// print nothing.
fn starts_with_line_end(ops: &[Op]) -> Option<bool> {
    for op in ops {
        let branches: Vec<&[Op]> = match op {
            Op::Text(text) | Op::Edge(text) if text.is_empty() => continue,
            Op::Text(text) | Op::Edge(text) => return Some(text.starts_with(['\n', '\r'])),
            Op::Set(_) | Op::Check(..) => continue,
            Op::If(branches) => branches.iter().map(|(_, body)| &body[..]).collect(),
            Op::For { body, empty, .. } => vec![body, empty],
            Op::Guard(body)
            | Op::Scope { body, .. }
            | Op::Include { body, .. }
            | Op::Procedure { body, .. } => vec![body],
            Op::Value(_)
            | Op::Dynamic(_)
            | Op::Opaque(_)
            | Op::Filtered { .. }
            | Op::Call { .. } => {
                return Some(false);
            }
        };
        let found: Vec<_> = branches.into_iter().map(starts_with_line_end).collect();
        if found.contains(&Some(true)) {
            return Some(true);
        }
        if !may_be_empty(op) {
            return Some(false);
        }
    }
    None
}
