//! Operations in, a [`Plan`] out: finds where each dynamic operation stands in the HTML, and cuts
//! the template into bodies with holes.
//!
//! | the operation stands | it becomes |
//! |---|---|
//! | between tags | a text hole, a condition, a list or a fragment |
//! | in an attribute, `textarea`, `script`, a comment | one scalar: what it prints is captured |
//! | between attributes | one scalar: the source of the attributes |
//! | where no hole can be, or it opens what it does not close | part of a captured region |
//!
//! A *captured region* ([`regions`]) is the smallest stretch around an operation that an HTML parser
//! can read by itself. It is one text hole whose value is HTML. So
//! `<main>{% if x %}<b>{% endif %}text{% if x %}</b>{% endif %}</main>` has one hole, inside `main`.
//!
//! A body is built once from left to right. Tags that a parser adds are in the definition, so that
//! the page built from it is the page that the parser makes of the HTML.

mod regions;
mod rows;
mod tags;

use std::hash::Hasher;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::{FLAG_MATH, FLAG_SINGLE, FLAG_SVG, Hole, HoleKind, Part, TemplateId, write};
use siphasher::sip::SipHasher24;

use crate::elements::{self, Element, Elements, Namespace, Trust, is_void};
use crate::items::{Item, Place, cut, flatten, locate, outside, scope, texts};
use crate::op::{Op, ProcedureId, any_procedure};
use crate::plan::{Body, BodyId, Group, Plan, Procedure, Step, Structure, Target, place};
use crate::report::{Finding, Reason, Source};
use crate::scan::{Scan, starts_with_space};
use crate::strip;
use crate::tokenizer::{Content, State, Tag, Tokenizer};
use crate::variables::{self, Variables};
use regions::{Checkpoint, Open, Raw, Why};

/// What part of the page a plan renders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The inside of the element with `dj-root`, else of `body`, else everything.
    Live,
    /// Everything.
    Whole,
}

/// Compiles a template.
#[must_use]
pub fn compile(ops: &[Op], region: Region) -> Plan {
    compile_with_findings(ops, region, false).0
}

/// Compiles a template, and tells why it has raw regions. If it `trusts`, the plan relies on what
/// values print in tables and after the names of tags, and tells the host when one does not.
#[must_use]
pub fn compile_with_findings(ops: &[Op], region: Region, trusts: bool) -> (Plan, Vec<Finding>) {
    let mut items = Vec::new();
    flatten(ops, region == Region::Live, &mut items);
    let mut plan = new_plan();
    let (start, end, around) = match region {
        Region::Live => locate(&items),
        Region::Whole => ((0, 0), (items.len(), 0), Vec::new()),
    };
    plan.before = outside(&cut(&items, (0, 0), start));
    plan.after = outside(&cut(&items, end, (items.len(), 0)));
    let inside = cut(&items, start, end);
    let mut findings = Vec::new();
    let mut builder = Builder::new(&mut plan.bodies, &mut findings, &inside, around, Kind::Page);
    let trust = Trust::default();
    builder.elements.trust = trusts.then(|| trust.clone());
    let root = builder.build();
    plan.bodies.push(root);
    plan.guards = trust.take();
    find_procedures(ops, &mut plan);
    (plan, findings)
}

/// Compiles a template for a dynamic hole: all of it; that of a form is stripped of the white space
/// around it, and brings rows where it prints values in a table. `outer` names the elements around the hole, the outermost first, with spaces
/// between. None: the template closes one of them, so it cannot be built apart from its surroundings.
#[must_use]
pub fn compile_fragment(ops: &[Op], outer: &str, is_form: bool) -> Option<Plan> {
    let outer = elements::outer(outer);
    let mut scan = Scan::new(outer.clone());
    scan.elements.values_are_rows = is_form;
    scan.run(ops);
    // The white space at the ends of a template that includes itself is not at its ends inside.
    let is_recursive = is_form && any_procedure(ops);
    // What follows a form is another element; what follows an include may belong to the same one.
    let goes_on = !is_form && !scan.is_balanced();
    if is_recursive
        || goes_on
        || scan.closed > 0
        || scan.reach.is_some()
        || scan.tokenizer.state != State::Data
    {
        return None;
    }
    let stripped = is_form.then(|| strip::edges(ops));
    let mut items = Vec::new();
    flatten(stripped.as_deref().unwrap_or(ops), false, &mut items);
    let mut plan = Plan { is_stripped: is_form, ..new_plan() };
    let mut findings = Vec::new();
    let mut builder = Builder::new(&mut plan.bodies, &mut findings, &items, outer, Kind::Fragment);
    builder.elements.values_are_rows = is_form;
    let root = builder.build();
    plan.bodies.push(root);
    find_procedures(ops, &mut plan);
    Some(plan)
}

/// Notes what a page may show by itself when its `dj-optimistic` attributes say so; `ops` are what
/// the plan was compiled from.
pub fn note_variables(plan: &mut Plan, ops: &[Op], variables: &dyn Variables) {
    // The hashes cover the notes.
    if variables::note(plan, ops, variables) {
        for index in 0..plan.bodies.len() {
            plan.bodies[index].hash = content_hash(&plan.bodies[index], &plan.bodies);
        }
    }
}

fn new_plan() -> Plan {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    Plan { number: NUMBER.fetch_add(1, Ordering::Relaxed), ..Plan::default() }
}

fn find_procedures(ops: &[Op], plan: &mut Plan) {
    collect(ops, &mut plan.procedures);
    for (index, body) in plan.bodies.iter().enumerate() {
        if let Some(ProcedureId(number)) = body.procedure {
            plan.procedures[number as usize].body = Some(BodyId(index as u32));
        }
    }
}

/// A plan without bodies, for operations that are only printed: it knows their procedures.
#[must_use]
pub fn procedures(ops: &[Op]) -> Plan {
    let mut plan = Plan::default();
    collect(ops, &mut plan.procedures);
    plan
}

fn collect(ops: &[Op], found: &mut Vec<Procedure>) {
    for op in ops {
        if let Op::Procedure { procedure: ProcedureId(number), body, .. } = op {
            let number = *number as usize;
            found.resize_with(found.len().max(number + 1), Procedure::default);
            found[number].ops.clone_from(body);
        }
        match op {
            Op::If(branches) => branches.iter().for_each(|(_, body)| collect(body, found)),
            Op::For { body, empty, .. } => {
                collect(body, found);
                collect(empty, found);
            }
            Op::Scope { body, .. }
            | Op::Include { body, .. }
            | Op::Filtered { body, .. }
            | Op::Guard(body)
            | Op::Procedure { body, .. } => collect(body, found),
            Op::Text(_)
            | Op::Value(_)
            | Op::Dynamic(_)
            | Op::Opaque(_)
            | Op::Edge(_)
            | Op::Check(..)
            | Op::Set(_)
            | Op::Call { .. } => {}
        }
    }
}

/// What a body is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The whole region.
    Page,
    /// A template for a dynamic hole.
    Fragment,
    /// A branch, or an include.
    Part,
    /// A row of a list.
    Row,
}

struct Builder<'b, 'o> {
    bodies: &'b mut Vec<Body>,
    findings: &'b mut Vec<Finding>,
    items: &'b [Item<'o>],
    kind: Kind,
    first_body: usize,
    first_finding: usize,
    body: Body,
    tokenizer: Tokenizer,
    elements: Elements<Open>,
    /// The scopes that are open, by the index of their item.
    scopes: Vec<usize>,
    /// How much of the current text is in the parts already.
    copied: usize,
    /// How much of the next text is.
    skipped: usize,
    /// Why nothing less than the whole body can be captured.
    raw: Option<Why>,
    /// How far the build was when the tag began that is not complete, and why its element becomes
    /// a captured region, if it does.
    tag_start: Option<Checkpoint>,
    tag_raw: Option<Why>,
    /// The last operation.
    last: Option<Source>,
    /// The attribute, element or comment of the last hole.
    joint: Option<(u32, usize)>,
    /// The elements at the top that have ended, and may not be there.
    absent: Vec<String>,
    /// The operations of the hole between attributes that has just been made, and whether a
    /// further attribute may follow without a space.
    attributes: Option<(Vec<Op>, bool)>,
    /// The attributes that holes of the open tag may print, and how many the tag names before. Those
    /// of the last hole begin at the index.
    conditional: Vec<(usize, String)>,
    last_hole: usize,
    /// The holes between attributes of the open tag, and whether one prints what is not known.
    groups: Vec<Group>,
    has_unknown: bool,
    /// How many elements stand side by side at the top, and whether the first is at the start.
    top: usize,
    starts: bool,
    ends: bool,
    /// The best key so far: its rank, its attribute, and its slot.
    key: Option<(usize, (u32, usize), Option<u32>)>,
}

impl<'b, 'o> Builder<'b, 'o> {
    fn new(
        bodies: &'b mut Vec<Body>,
        findings: &'b mut Vec<Finding>,
        items: &'b [Item<'o>],
        outer: Vec<(String, Namespace)>,
        kind: Kind,
    ) -> Self {
        let first_body = bodies.len();
        let first_finding = findings.len();
        let elements = Elements::inside(outer);
        let mut tokenizer = Tokenizer::default();
        tokenizer.foreign = elements.namespace() != Namespace::Html;
        Self {
            bodies,
            findings,
            items,
            kind,
            first_body,
            first_finding,
            body: Body::default(),
            tokenizer,
            elements,
            scopes: Vec::new(),
            copied: 0,
            skipped: 0,
            raw: None,
            tag_start: None,
            tag_raw: None,
            last: None,
            joint: None,
            absent: Vec::new(),
            attributes: None,
            conditional: Vec::new(),
            last_hole: 0,
            groups: Vec::new(),
            has_unknown: false,
            top: 0,
            starts: false,
            ends: false,
            key: None,
        }
    }

    fn build(mut self) -> Body {
        let items = self.items;
        for (index, item) in items.iter().enumerate() {
            match item {
                Item::Text(text) => self.text(index, text),
                Item::Op(Op::Set(id)) => self.body.steps.push(Step::Set(*id)),
                Item::Op(op) => {
                    self.last = op.source().or(self.last);
                    self.dynamic(index, op);
                }
                Item::Enter(id) => {
                    self.scopes.push(index);
                    self.body.steps.push(Step::Enter(*id));
                }
                Item::Leave(id) => {
                    self.scopes.pop();
                    self.body.steps.push(Step::Leave(*id));
                }
            }
        }
        let unclosed = self.elements.open().iter().find_map(|element| element.data.raw);
        if let Some(why) = self.raw.or(self.tag_raw).or(unclosed.map(|raw| raw.why)) {
            self.capture_all(why);
        } else if matches!(self.kind, Kind::Part | Kind::Row) {
            self.end_all();
        }
        self.finish()
    }

    /// Reads static text.
    fn text(&mut self, index: usize, text: &str) {
        if let Some((ops, clean)) = self.attributes.take() {
            let first = text.chars().next().unwrap_or(' ');
            let apart = match first {
                ' ' | '\t' | '\n' | '\r' | '\x0c' | '>' => true,
                // It would belong to a value without quotes, which only a tag may end with.
                '/' => !ops.last().is_some_and(Op::may_write),
                _ => false,
            };
            if !clean && !apart {
                let why = (Reason::Attributes, ops.iter().rev().find_map(Op::source));
                self.tag_raw.get_or_insert(why);
            }
        }
        self.copied = std::mem::take(&mut self.skipped);
        let mut tokenizer = std::mem::take(&mut self.tokenizer);
        tokenizer.feed(index, text, &mut |tag| {
            let content = self.tag(index, text, tag);
            (content, self.elements.namespace() != Namespace::Html)
        });
        self.tokenizer = tokenizer;
        self.append(&text[self.copied..]);
        if let Some(start) = self.tokenizer.open_tag() {
            let length = self.tail().len() - (text.len() - start);
            self.tag_start = Some(Checkpoint { text: length, ..self.checkpoint((index, start)) });
        }
        if std::mem::take(&mut self.tokenizer.has_text) {
            self.reach(self.elements.text(), self.last);
        }
    }

    fn tag(&mut self, index: usize, text: &str, tag: &Tag) -> Content {
        let effect = self.elements.effect(tag);
        self.reach(effect.reach, self.last);
        self.end_attributes(tag);
        if tag.piece == index {
            self.copy(text, tag.start);
            self.tag_start = None;
        }
        let before = self.tag_start.take();
        let before = before.unwrap_or_else(|| self.checkpoint((index, tag.start)));
        let mut closed: Vec<Element<Open>> = self.elements.close(effect.closes);
        let raw = closed.iter().position(|element| element.data.raw.is_some());
        let mut open_in_parts = closed.len();
        let mut before = match raw {
            Some(at) => {
                let ends = at == 0 && tag.is_end && tag.name == closed[0].name;
                let (after, is_hole) = self.close_raw(&closed[at].data, before, (index, tag), ends);
                if is_hole {
                    let has_tags = closed[at].data.raw.is_some_and(|raw| raw.with_tags);
                    open_in_parts = at + usize::from(!has_tags);
                }
                after
            }
            None => before,
        };
        for element in closed[..raw.unwrap_or(closed.len())].iter().rev() {
            if element.data.implied {
                self.insert(&mut before, format!("</{}>", element.name));
            }
        }
        if let Some(outermost) = closed.first() {
            self.note_absent(outermost);
        }
        let at_top = self.elements.open().is_empty();
        if !tag.is_end {
            self.follows_absent(effect.implies.first().unwrap_or(&tag.name.as_str()));
        }
        for name in effect.implies {
            self.insert(&mut before, format!("<{name}>"));
            let data = Open { implied: true, ..self.open(before.clone(), before.at) };
            self.elements.imply(name, data);
        }
        self.copy(text, tag.end);
        if tag.is_end {
            self.ends = at_top && effect.closes > 0 && self.is_last(index, text, tag.end);
            return Content::Normal;
        }
        if effect.drops {
            return Content::Normal;
        }
        let is_empty = is_void(&tag.name) || tag.self_closing;
        if at_top {
            self.top += 1;
            self.starts = self.top == 1 && self.is_first(tag);
            self.ends = is_empty && self.is_last(index, text, tag.end);
        }
        let outer = self.elements.outer.last().map(|(_, inside)| *inside);
        if self.elements.namespace() != outer.unwrap_or_default()
            && let Some(why) = self.tag_raw.take()
        {
            // The page would parse the element as one of another language.
            self.fail(why);
        }
        let mut data = self.open(before, (index, tag.end));
        data.raw = self.tag_raw.take().map(|why| Raw { why, with_tags: true });
        if !is_empty && self.is_ignored(tag, (index, tag.end)) {
            data.raw.get_or_insert(Raw { why: (Reason::Ignored, None), with_tags: false });
        }
        data.ends = closed.drain(..open_in_parts).rev().map(|element| element.name).collect();
        let before = data.raw.map(|raw| (data.clone(), raw.why));
        let depth = self.elements.open().len();
        let content = self.elements.push(tag, data);
        if let Some((before, why)) = before
            && self.elements.open().len() == depth
        {
            // It is over already.
            if before.before.scopes == self.scopes {
                self.collapse(&before.before, &before.ends, (index, tag.end), why);
                self.starts &= !at_top;
            } else {
                self.fail(why);
            }
        }
        content
    }

    /// Whether a start tag says `dj-update="ignore"`: what stands in the element becomes one hole,
    /// which the page fills once.
    fn is_ignored(&self, tag: &Tag, end: Place) -> bool {
        tag.attributes.iter().any(|name| name == "dj-update")
            && texts(&cut(self.items, (tag.piece, tag.start), end))
                .concat()
                .split_once("dj-update")
                .is_some_and(|(_, rest)| {
                    let value = rest.trim_start_matches(['=', '"', '\'', ' ']);
                    value.starts_with("ignore")
                })
    }

    fn is_first(&self, tag: &Tag) -> bool {
        tag.start == 0 && !self.items[..tag.piece].iter().any(Item::prints)
    }

    fn is_last(&self, index: usize, text: &str, end: usize) -> bool {
        end == text.len() && !self.items[index + 1..].iter().any(Item::prints)
    }

    /// Puts an operation where it stands.
    fn dynamic(&mut self, index: usize, op: &Op) {
        if let Op::Check(id, expected) = op {
            self.body.steps.push(Step::Check(*id, *expected));
            return;
        }
        let state = self.tokenizer.state;
        let why = |reason| (reason, op.source());
        if cuts_reference(self.tail()) && !matches!(state, State::Script | State::RawText) {
            self.fail(why(Reason::Reference));
        }
        if !state.between_attributes() {
            self.attributes = None;
        }
        let serial = self.tokenizer.serial;
        match state {
            State::Data => self.markup(index, op),
            State::EscapedText if self.stays(op) => {
                self.scalar(op, HoleKind::EscapedText, Some((serial, 0)));
            }
            State::RawText | State::Script | State::Comment | State::Cdata if self.stays(op) => {
                self.scalar(op, HoleKind::RawText, Some((serial, 0)));
            }
            State::EscapedText
            | State::RawText
            | State::PlainText
            | State::Script
            | State::Comment
            | State::Cdata => self.fail(why(Reason::LeavesText)),
            State::Cut => {
                self.tokenizer.hole();
                if self.tokenizer.state == State::TagName {
                    self.name(op);
                } else {
                    self.fail(why(Reason::Markup));
                }
            }
            State::TagName | State::AttributeName | State::Unquoted if starts_with_space(op) => {
                self.between_attributes(op);
            }
            _ if self.follows_name(op) => self.between_attributes(op),
            _ if self.tokenizer.may_be_in_name() && !starts_with_space(op) => self.name(op),
            State::AttributeName => self.name(op),
            state if state.between_attributes() => self.between_attributes(op),
            _ => {
                self.tokenizer.hole();
                self.value(op);
            }
        }
    }

    /// Whether an operation leaves the text that it stands in as it found it.
    fn stays(&self, op: &Op) -> bool {
        let mut scan = Scan::new(Vec::new());
        scan.tokenizer = self.tokenizer.clone();
        scan.run(std::slice::from_ref(op));
        scan.agrees
            && scan.tokenizer.state == self.tokenizer.state
            && scan.tokenizer.serial == self.tokenizer.serial
    }

    fn scalar(&mut self, op: &Op, kind: HoleKind, place: Option<(u32, usize)>) {
        self.tokenizer.hole();
        self.push(op, kind, place);
    }

    fn push(&mut self, op: &Op, kind: HoleKind, place: Option<(u32, usize)>) {
        self.push_scalar(kind, place, |target| match op {
            Op::Value(id) | Op::Dynamic(id) => Step::Value(*id, target),
            Op::Edge(source) => Step::Edge(source.clone(), target),
            Op::Opaque(id) => Step::Opaque(*id, target),
            op => Step::Capture(vec![op.clone()], target),
        });
    }

    fn push_scalar(
        &mut self,
        kind: HoleKind,
        joint: Option<(u32, usize)>,
        step: impl FnOnce(Target) -> Step,
    ) {
        let joined = joint.is_some() && joint == self.joint;
        self.joint = joint;
        let slot = self.body.scalars;
        self.body.scalars += 1;
        self.body.parts.push(Part::Hole(Hole { kind, joined, slot, template: None }));
        self.body.steps.push(step(Target { slot, place: place(kind) }));
    }

    /// An operation between tags.
    fn markup(&mut self, index: usize, op: &Op) {
        self.joint = None;
        if !self.absent().is_empty() {
            self.fail((Reason::Misplaced, op.source()));
        }
        self.follows_pre(index, op);
        if let Op::Filtered { body, .. } = op {
            let scan = Scan::inside(&self.elements).over(body);
            if !scan.is_contained() {
                self.reach(scan.reach, op.source());
                return self.unbalanced(index, op, &scan);
            }
        }
        match op {
            Op::Value(_) | Op::Opaque(_) | Op::Edge(_) | Op::Filtered { .. } => {
                self.reach(self.elements.hole(op), op.source());
                let outer = self.elements.outer.last().map(|(_, inside)| *inside);
                let is_markup = matches!(op, Op::Opaque(_) | Op::Filtered { .. });
                if is_markup && self.elements.namespace() != outer.unwrap_or_default() {
                    self.fail((Reason::Misplaced, op.source()));
                }
                return self.scalar(op, HoleKind::Text, None);
            }
            Op::Dynamic(id) => {
                let outer = self.elements.path().into();
                let slot = self.structure(HoleKind::Condition, Structure::Dynamic);
                return self.body.steps.push(Step::Dynamic { slot, id: *id, outer });
            }
            _ => {}
        }
        let mut scan = Scan::inside(&self.elements);
        scan.run(std::slice::from_ref(op));
        if !scan.is_balanced() && self.rows_without_ends(index, op) {
            return;
        }
        if !scan.implies.is_empty() {
            self.imply(index, scan.implies);
            scan = Scan::inside(&self.elements);
            scan.run(std::slice::from_ref(op));
        }
        self.reach(scan.reach, op.source());
        if !scan.is_balanced() {
            return self.unbalanced(index, op, &scan);
        }
        if scan.reach.is_some() {
            return;
        }
        match op {
            Op::If(branches) => {
                let branches =
                    branches.iter().map(|(test, body)| (*test, self.child(body, false))).collect();
                let slot = self.structure(HoleKind::Condition, Structure::Condition);
                self.body.steps.push(Step::Condition { slot, branches });
            }
            Op::For { id, body, empty } => {
                let row = self.child(body, true);
                let slot = self.structure(HoleKind::List, Structure::List(row));
                let empty = (!empty.is_empty()).then(|| {
                    let body = self.child(empty, false);
                    (self.structure(HoleKind::Condition, Structure::Condition), body)
                });
                self.body.steps.push(Step::List { slot, id: *id, row, empty, ends: None });
            }
            Op::Include { id, body } => {
                let body = self.child(body, false);
                let slot = self.structure(HoleKind::Fragment, Structure::Fragment(body));
                self.body.steps.push(Step::Fragment { slot, id: *id, body });
            }
            Op::Guard(body) => {
                let body = self.child(body, false);
                let slot = self.structure(HoleKind::Condition, Structure::Condition);
                self.body.steps.push(Step::Guard { slot, body });
            }
            Op::Procedure { procedure, id, body } => {
                let body = self.child(body, false);
                self.bodies[body.0 as usize].procedure = Some(*procedure);
                let slot = self.structure(HoleKind::Fragment, Structure::Fragment(body));
                self.body.steps.push(Step::Fragment { slot, id: *id, body });
            }
            // A condition, whose hole does not name its body: that is not finished yet.
            Op::Call { procedure, id } => {
                let slot = self.structure(HoleKind::Condition, Structure::Condition);
                self.body.steps.push(Step::Call { slot, id: *id, procedure: *procedure });
            }
            Op::Text(_)
            | Op::Value(_)
            | Op::Dynamic(_)
            | Op::Opaque(_)
            | Op::Edge(_)
            | Op::Check(..)
            | Op::Set(_)
            | Op::Filtered { .. }
            | Op::Scope { .. } => unreachable!("handled above, or flattened"),
        }
    }

    fn child(&mut self, ops: &[Op], is_row: bool) -> BodyId {
        self.child_inside(self.elements.names(), ops, is_row)
    }

    fn child_inside(
        &mut self,
        outer: Vec<(String, Namespace)>,
        ops: &[Op],
        is_row: bool,
    ) -> BodyId {
        let mut items = Vec::new();
        match ops_of_only_include(ops) {
            // A row that is an include is that template itself, so that its key can be seen.
            Some(index) if is_row => {
                flatten(&ops[..index], false, &mut items);
                if let Op::Include { id, body } = &ops[index] {
                    scope(*id, body, false, &mut items);
                }
                flatten(&ops[index + 1..], false, &mut items);
            }
            _ => flatten(ops, false, &mut items),
        }
        let kind = if is_row { Kind::Row } else { Kind::Part };
        let mut builder = Builder::new(self.bodies, self.findings, &items, outer, kind);
        builder.elements.values_are_rows = self.elements.values_are_rows;
        builder.elements.trust.clone_from(&self.elements.trust);
        let body = builder.build();
        self.bodies.push(body);
        BodyId(self.bodies.len() as u32 - 1)
    }

    /// Adds a structure; its slot counts from the first structure until the body is finished.
    fn structure(&mut self, kind: HoleKind, structure: Structure) -> u32 {
        let slot = self.body.structures.len() as u32;
        let template = match structure {
            Structure::Condition | Structure::Dynamic => None,
            Structure::List(body) | Structure::Fragment(body) => Some(TemplateId(body.0)),
        };
        self.body.structures.push(structure);
        self.body.parts.push(Part::Hole(Hole { kind, joined: false, slot, template }));
        slot
    }

    fn copy(&mut self, text: &str, end: usize) {
        if self.copied < end {
            self.append(&text[self.copied..end]);
            self.copied = end;
        }
    }

    fn append(&mut self, text: &str) {
        match self.body.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Static(before)) => before.push_str(text),
            _ => self.body.parts.push(Part::Static(text.into())),
        }
    }

    /// The static text right before this point.
    fn tail(&self) -> &str {
        match self.body.parts.last() {
            Some(Part::Static(text)) => text,
            _ => "",
        }
    }

    fn finish(self) -> Body {
        let Self { mut body, bodies, .. } = self;
        if self.starts && self.ends && self.top == 1 {
            body.flags |= FLAG_SINGLE;
        }
        let outer = self.elements.outer.last().map(|(_, inside)| *inside).unwrap_or_default();
        match outer {
            Namespace::Html => {}
            Namespace::Svg => body.flags |= FLAG_SVG,
            Namespace::Math => body.flags |= FLAG_MATH,
        }
        if self.kind == Kind::Row {
            body.key = self.key.and_then(|(_, _, slot)| slot);
        }
        for part in &mut body.parts {
            if let Part::Hole(hole) = part
                && hole.kind.is_structure()
            {
                hole.slot += body.scalars;
            }
        }
        for step in &mut body.steps {
            match step {
                Step::Condition { slot, .. }
                | Step::Fragment { slot, .. }
                | Step::Guard { slot, .. }
                | Step::Call { slot, .. }
                | Step::Dynamic { slot, .. } => *slot += body.scalars,
                Step::List { slot, empty, ends, .. } => {
                    let first = ends.as_mut().and_then(|ends| ends.first.as_mut());
                    let first = first.map(|first| &mut first.slot);
                    let beside = empty.as_mut().map(|(slot, _)| slot).into_iter().chain(first);
                    beside.chain([slot]).for_each(|slot| *slot += body.scalars);
                }
                _ => {}
            }
        }
        body.has_list = body.structures.iter().any(|structure| match structure {
            // What it will hold is not known.
            Structure::List(_) | Structure::Dynamic => true,
            Structure::Fragment(body) => bodies[body.0 as usize].has_list,
            Structure::Condition => false,
        }) || body.steps.iter().any(|step| match step {
            Step::Condition { branches, .. } => {
                branches.iter().any(|(_, body)| bodies[body.0 as usize].has_list)
            }
            Step::List { empty: Some((_, body)), .. } | Step::Guard { body, .. } => {
                bodies[body.0 as usize].has_list
            }
            Step::Call { .. } => true,
            _ => false,
        });
        body.hash = content_hash(&body, bodies);
        body
    }
}

/// The index of the include, if that is all that the operations print but white space.
fn ops_of_only_include(ops: &[Op]) -> Option<usize> {
    let index = ops.iter().position(|op| matches!(op, Op::Include { .. }))?;
    let blank = |op: &Op| match op {
        Op::Text(text) => text.trim_ascii().is_empty(),
        op => matches!(op, Op::Set(_)),
    };
    (ops[..index].iter().all(blank) && ops[index + 1..].iter().all(blank)).then_some(index)
}

/// Hashes what the definition says, with the hashes of the templates that it names.
fn content_hash(body: &Body, bodies: &[Body]) -> [u8; 8] {
    let mut bytes = vec![body.flags];
    write::uint(&mut bytes, body.key.map_or(0, |slot| u64::from(slot) + 1));
    write::uint(&mut bytes, u64::from(body.scalars));
    for part in &body.parts {
        match part {
            Part::Static(text) => write::str(&mut bytes, text),
            Part::Implied(tag) => write::bin(&mut bytes, tag.as_bytes()),
            Part::Hole(hole) => {
                write::uint(&mut bytes, hole.code());
                if let Some(template) = hole.template {
                    write::bin(&mut bytes, &bodies[template.0 as usize].hash);
                }
            }
        }
    }
    for note in &body.variables {
        note.write(&mut bytes, |body, out| write::bin(out, &bodies[body.0 as usize].hash));
    }
    let mut hasher = SipHasher24::new();
    hasher.write(&bytes);
    hasher.finish().to_be_bytes()
}

/// Whether the text ends inside what may be a character reference: `&#` or `&am`.
fn cuts_reference(text: &str) -> bool {
    let tail = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    tail.ends_with('&') && tail.len() < text.len() || tail.ends_with("&#")
}
