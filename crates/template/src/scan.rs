//! Trial runs: operations go in; what they would do to the tokeniser and to the open elements comes
//! out, before anything is built for them.

mod omitted;

use crate::elements::{Elements, Namespace, Reach, depends_on};
use crate::op::Op;
use crate::plan::Guard;
use crate::tokenizer::{Content, State, Tokenizer};
use omitted::leading_text;
pub(crate) use omitted::omitted;

/// A trial run over operations: what they do to the tokeniser and to the open elements.
#[derive(Clone)]
pub(crate) struct Scan {
    pub(crate) tokenizer: Tokenizer,
    pub(crate) elements: Elements<()>,
    /// How many elements around them they close.
    pub(crate) closed: usize,
    /// Whether all branches do the same.
    pub(crate) agrees: bool,
    /// Whether they end where an attribute may follow without a space.
    pub(crate) clean: bool,
    /// The elements around them that some branch closes, and those that it leaves open; between
    /// attributes, the attributes.
    pub(crate) names: Vec<String>,
    /// Between attributes, whether they print what is not known.
    pub(crate) has_unknown: bool,
    /// What a parser rearranges beyond the operations.
    pub(crate) reach: Option<Reach>,
    /// What a parser opens before the first of their elements.
    pub(crate) implies: &'static [&'static str],
    /// How many elements are around them.
    depth: usize,
    /// How many elements were open where the branches that are read begin.
    level: usize,
    /// The elements of which it is not known whether they are open.
    unsure: Vec<String>,
}

impl Scan {
    pub(crate) fn new(outer: Vec<(String, Namespace)>) -> Self {
        let elements = Elements::inside(outer);
        let mut tokenizer = Tokenizer::default();
        tokenizer.foreign = elements.namespace() != Namespace::Html;
        Self {
            tokenizer,
            depth: elements.outer.len(),
            elements,
            closed: 0,
            agrees: true,
            clean: true,
            names: Vec::new(),
            has_unknown: false,
            reach: None,
            implies: &[],
            level: 0,
            unsure: Vec::new(),
        }
    }

    /// A trial run inside other elements.
    pub(crate) fn inside<T>(elements: &Elements<T>) -> Self {
        let mut scan = Self::new(elements.names());
        scan.elements.values_are_rows = elements.values_are_rows;
        scan.elements.trust.clone_from(&elements.trust);
        scan
    }

    pub(crate) fn over(mut self, ops: &[Op]) -> Self {
        self.run(ops);
        self
    }

    /// Whether they concern nothing around them.
    pub(crate) fn is_contained(&self) -> bool {
        self.is_balanced() && self.reach.is_none()
    }

    pub(crate) fn is_balanced(&self) -> bool {
        self.agrees
            && self.closed == 0
            && self.elements.open().is_empty()
            && self.tokenizer.state == State::Data
    }

    pub(crate) fn run(&mut self, ops: &[Op]) {
        for (index, op) in ops.iter().enumerate() {
            if let Some(id) = self.tokenizer.follows_name(op)
                && self.elements.trusts(id, Some(Guard::Space))
            {
                self.tokenizer.attributes(true);
                continue;
            }
            let in_name = self.tokenizer.may_be_in_name() || self.tokenizer.state == State::Cut;
            let is_static = matches!(op, Op::Text(_) | Op::Edge(_) | Op::Scope { .. });
            if in_name && !is_static && !starts_with_space(op) {
                // Which element it is, and what ends it, depends on a value.
                let keep = self.elements.outer.len() + self.elements.open().len();
                self.note(Some(Reach { keep, alone: false }));
            }
            match op {
                Op::Text(text) | Op::Edge(text) => self.text(text),
                Op::Value(_) | Op::Dynamic(_) | Op::Opaque(_) | Op::Filtered { .. } => {
                    if self.tokenizer.state == State::Data {
                        self.note(self.elements.hole(op));
                        if let Op::Filtered { body, .. } = op
                            && !Self::inside(&self.elements).over(body).is_contained()
                        {
                            let keep = self.elements.outer.len() + self.elements.open().len();
                            self.note(Some(Reach { keep, alone: false }));
                            self.agrees = false;
                        }
                    }
                    self.tokenizer.hole();
                }
                Op::Set(_) | Op::Check(..) => {}
                // Elsewhere the text of the procedure around it might end what it stands in.
                Op::Call { .. } if self.tokenizer.state == State::Data => {
                    self.note(self.elements.hole(op));
                    self.tokenizer.hole();
                }
                Op::Call { .. } => self.agrees = false,
                Op::Scope { body, .. } | Op::Include { body, .. } | Op::Procedure { body, .. } => {
                    self.run(body);
                }
                op if self.tokenizer.state.in_tag() => self.run_in_tag(op),
                Op::If(branches) => {
                    let has_else = branches.iter().any(|(test, _)| test.is_none());
                    let nothing = (!has_else).then_some(&[][..]);
                    let bodies = branches.iter().map(|(_, body)| &body[..]).chain(nothing);
                    self.branches(bodies);
                }
                Op::For { body, empty, .. } => {
                    let before = self.clone();
                    self.branches([&body[..], &empty[..], &[]].into_iter());
                    if !self.agrees {
                        self.rows_without_ends(before, (body, empty), &ops[index + 1..]);
                    }
                }
                Op::Guard(body) => self.branches([&body[..], &[]].into_iter()),
            }
        }
    }

    /// The branches of a loop differ; but perhaps each of its rows is ended by the next one.
    fn rows_without_ends(&mut self, before: Self, bodies: (&[Op], &[Op]), next: &[Op]) {
        let Self { elements, tokenizer, unsure, .. } = &before;
        if !unsure.is_empty() || !before.agrees || tokenizer.state != State::Data {
            return;
        }
        let own = elements.open().len();
        if let Some(found) = omitted(elements, own, bodies, &leading_text(next), false) {
            let serial = self.tokenizer.serial;
            *self = before;
            self.tokenizer.serial = serial;
            self.end_rows(&found);
        }
    }

    /// Inside a tag the branches may end differently, as long as none leaves the tag or the quotes
    /// that it begins in.
    fn run_in_tag(&mut self, op: &Op) {
        let before = self.tokenizer.state;
        let quoted = matches!(before, State::DoubleQuoted | State::SingleQuoted);
        let bodies: Vec<&[Op]> = match op {
            Op::If(branches) => branches.iter().map(|(_, body)| &body[..]).collect(),
            Op::For { body, empty, .. } => vec![body, empty],
            Op::Guard(body) => vec![body],
            _ => Vec::new(),
        };
        for body in bodies {
            let mut branch = self.clone();
            branch.run(body);
            let state = branch.tokenizer.state;
            self.agrees &= branch.agrees
                && branch.tokenizer.serial == self.tokenizer.serial
                && if quoted { state == before } else { state.in_tag() };
        }
        let follows = before.between_attributes() && !self.tokenizer.may_be_in_name();
        if follows || !quoted && starts_with_space(op) {
            self.tokenizer.attributes(may_be_empty(op));
        } else {
            self.tokenizer.hole();
        }
    }

    fn branches<'o>(&mut self, bodies: impl Iterator<Item = &'o [Op]> + Clone) {
        // Step 1: a parser may open elements before the first one of a branch; they stay open.
        let level = std::mem::replace(&mut self.level, self.elements.open().len());
        let implies = std::mem::take(&mut self.implies);
        let mut merged = self.merged(bodies.clone());
        if !merged.implies.is_empty() {
            for name in merged.implies {
                self.elements.imply(name, ());
            }
            let implied = merged.implies;
            merged = self.merged(bodies);
            merged.implies = if level == self.level { implied } else { &[] };
        }
        // Step 2: what came before counts first.
        merged.level = level;
        if !implies.is_empty() {
            merged.implies = implies;
        }
        *self = merged;
    }

    fn merged<'o>(&self, bodies: impl Iterator<Item = &'o [Op]>) -> Self {
        let mut first: Option<Self> = None;
        let mut touched = self.names.clone();
        for body in bodies {
            let mut branch = self.clone();
            branch.names.clear();
            branch.run(body);
            add(&mut touched, branch.names.drain(..));
            add(&mut touched, branch.elements.open().iter().map(|element| element.name.clone()));
            let Some(first) = &mut first else {
                first = Some(branch);
                continue;
            };
            let names = |scan: &Self| -> Vec<String> {
                scan.elements.open().iter().map(|element| element.name.clone()).collect()
            };
            first.agrees &= branch.agrees
                && first.closed == branch.closed
                && first.tokenizer.state == branch.tokenizer.state
                && names(first) == names(&branch);
            first.reach = wider(first.reach, branch.reach);
            add(&mut first.unsure, branch.unsure.drain(..));
            if first.implies.is_empty() {
                first.implies = branch.implies;
            }
            if first.tokenizer.state == State::Data {
                first.tokenizer.state = branch.tokenizer.state;
            }
            first.tokenizer.serial = first.tokenizer.serial.max(branch.tokenizer.serial);
        }
        let mut merged = first.unwrap_or_else(|| self.clone());
        if !merged.agrees {
            add(&mut merged.unsure, touched.iter().cloned());
        }
        merged.names = touched;
        merged
    }

    fn text(&mut self, text: &str) {
        let Self { tokenizer, elements, closed, names, implies, depth, level, unsure, .. } = self;
        let mut reach = None;
        tokenizer.feed(0, text, &mut |tag| {
            let effect = elements.effect(tag);
            reach = wider(reach, effect.reach.filter(|reach| reach.is_beyond(*depth)));
            if unsure.iter().any(|name| depends_on(tag, name)) {
                // What it does depends on the branches before it.
                reach = Some(Reach { keep: 0, alone: false });
            }
            elements.close(effect.closes);
            // A tag may close elements that it does not name.
            let closed_outer = elements.close_outer(effect.closes_outer);
            names.extend(closed_outer.into_iter().map(|(name, _)| name));
            *closed += effect.closes_outer;
            if *closed == 0 && elements.open().len() == *level && implies.is_empty() {
                *implies = effect.implies;
            }
            for name in effect.implies {
                elements.imply(name, ());
            }
            let is_none = tag.is_end || effect.drops;
            let content = if is_none { Content::Normal } else { elements.push(tag, ()) };
            (content, elements.namespace() != Namespace::Html)
        });
        self.reach = wider(self.reach, reach);
        if std::mem::take(&mut self.tokenizer.has_text) {
            self.note(self.elements.text());
        }
    }

    fn note(&mut self, reach: Option<Reach>) {
        self.reach = wider(self.reach, reach.filter(|reach| reach.is_beyond(self.depth)));
    }

    /// As [`run`](Self::run), between attributes: each branch must end in the same tag, outside
    /// quotes.
    pub(crate) fn run_attributes(&mut self, ops: &[Op]) {
        for op in ops {
            if let Op::Set(_) | Op::Check(..) = op {
                continue;
            }
            self.clean = false;
            match op {
                Op::Set(_) | Op::Check(..) => {}
                Op::Text(text) | Op::Edge(text) => {
                    self.text(text);
                    add(&mut self.names, self.tokenizer.tag.attributes.iter().cloned());
                    self.clean = matches!(
                        self.tokenizer.state,
                        State::BeforeAttributeName | State::AfterAttributeValue
                    );
                }
                Op::Value(_) | Op::Dynamic(_) | Op::Opaque(_) | Op::Filtered { .. } => {
                    // In quotes a value brings no attribute.
                    let state = self.tokenizer.state;
                    self.has_unknown |= !matches!(state, State::DoubleQuoted | State::SingleQuoted);
                    self.tokenizer.hole();
                }
                Op::Call { .. } => self.agrees = false,
                Op::If(branches) => {
                    let mut all_clean = true;
                    for (_, body) in branches {
                        all_clean &= self.attribute_branch(body);
                    }
                    self.clean = all_clean;
                }
                Op::For { body, empty, .. } => {
                    self.clean = self.attribute_branch(body) & self.attribute_branch(empty);
                }
                Op::Guard(body) => self.clean = self.attribute_branch(body),
                Op::Scope { body, .. } | Op::Include { body, .. } | Op::Procedure { body, .. } => {
                    self.run_attributes(body);
                }
            }
        }
        self.agrees &= !self.tokenizer.state.in_value() || self.tokenizer.state == State::Unquoted;
    }

    fn attribute_branch(&mut self, body: &[Op]) -> bool {
        let mut branch = self.clone();
        branch.clean = true;
        // Inside a quoted value that began before, a branch must stay in it.
        let quoted = matches!(self.tokenizer.state, State::DoubleQuoted | State::SingleQuoted);
        branch.run_attributes(body);
        self.agrees &= if quoted {
            branch.tokenizer.state == self.tokenizer.state
        } else {
            branch.agrees && branch.tokenizer.serial == self.tokenizer.serial
        };
        self.has_unknown |= branch.has_unknown;
        add(&mut self.names, branch.names.into_iter());
        branch.clean
    }
}

/// Adds names that are not there yet. Each branch begins with those that were known before, so a list
/// that took all of them would double with every condition.
fn add(names: &mut Vec<String>, more: impl Iterator<Item = String>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// The one of which the other is a part.
fn wider(one: Option<Reach>, other: Option<Reach>) -> Option<Reach> {
    [one, other].into_iter().flatten().min_by_key(|reach| (reach.keep, reach.alone))
}

/// Whether everything that the operation can print begins with white space (or is nothing).
pub(crate) fn starts_with_space(op: &Op) -> bool {
    let all = |ops: &[Op]| {
        let first = ops.iter().position(|op| !may_be_empty(op)).map_or(ops.len(), |at| at + 1);
        ops[..first].iter().all(starts_with_space)
    };
    match op {
        Op::Text(text) | Op::Edge(text) => {
            text.is_empty() || text.starts_with([' ', '\t', '\n', '\r', '\x0c'])
        }
        Op::If(branches) => branches.iter().all(|(_, body)| all(body)),
        Op::For { body, empty, .. } => all(body) && all(empty),
        Op::Scope { body, .. }
        | Op::Include { body, .. }
        | Op::Procedure { body, .. }
        | Op::Guard(body) => all(body),
        Op::Set(_) | Op::Check(..) => true,
        Op::Value(_) | Op::Dynamic(_) | Op::Opaque(_) | Op::Filtered { .. } | Op::Call { .. } => {
            false
        }
    }
}

/// Whether the operation may print nothing.
pub(crate) fn may_be_empty(op: &Op) -> bool {
    let all = |ops: &[Op]| ops.iter().all(may_be_empty);
    match op {
        Op::Text(text) | Op::Edge(text) => text.is_empty(),
        Op::If(branches) => {
            branches.iter().all(|(test, _)| test.is_some())
                || branches.iter().any(|(_, body)| all(body))
        }
        Op::Scope { body, .. } | Op::Include { body, .. } | Op::Procedure { body, .. } => all(body),
        // A loop may have no turn, a guard may fail.
        _ => true,
    }
}

/// Whether some static text in the operations has a property.
pub(crate) fn any_text(ops: &[Op], property: &dyn Fn(&str) -> bool) -> bool {
    ops.iter().any(|op| match op {
        Op::Text(text) | Op::Edge(text) => property(text),
        Op::Value(_)
        | Op::Dynamic(_)
        | Op::Opaque(_)
        | Op::Set(_)
        | Op::Check(..)
        | Op::Filtered { .. } => false,
        // It may print whatever ends what it stands in.
        Op::Call { .. } => property("\"'> \n"),
        Op::If(branches) => branches.iter().any(|(_, body)| any_text(body, property)),
        Op::For { body, empty, .. } => any_text(body, property) || any_text(empty, property),
        Op::Scope { body, .. }
        | Op::Include { body, .. }
        | Op::Procedure { body, .. }
        | Op::Guard(body) => any_text(body, property),
    })
}
