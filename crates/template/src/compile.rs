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
//! A *captured region* is everything inside the innermost element of the body that both opens and
//! closes in static text around the operation; without one, the whole body. It is one text hole
//! whose value is HTML. So `<main>{% if x %}<b>{% endif %}text{% if x %}</b>{% endif %}</main>`
//! has one hole, inside `main`.
//!
//! A body is built once from left to right. Each open element remembers how far the build was when
//! it began; a region is made by going back to that point and putting the hole there.

use std::hash::Hasher;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::{FLAG_MATH, FLAG_SINGLE, FLAG_SVG, Hole, HoleKind, Part, TemplateId, write};
use siphasher::sip::SipHasher24;

use crate::elements::{self, Element, Elements, Namespace, is_void};
use crate::items::{Item, Place, cut, flatten, locate, outside, regroup, scope};
use crate::op::{Op, ProcedureId, any_procedure};
use crate::plan::{Body, BodyId, Plan, Procedure, Step, Structure, Target, place};
use crate::report::{Finding, Reason, Source};
use crate::scan::{Scan, any_text, starts_with_space};
use crate::strip;
use crate::tokenizer::{Content, State, Tag, Tokenizer};

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
    compile_with_findings(ops, region).0
}

/// Compiles a template, and tells why it has raw regions.
#[must_use]
pub fn compile_with_findings(ops: &[Op], region: Region) -> (Plan, Vec<Finding>) {
    let mut items = Vec::new();
    flatten(ops, region == Region::Live, &mut items);
    let mut plan = new_plan();
    let (start, end) = match region {
        Region::Live => locate(&items),
        Region::Whole => ((0, 0), (items.len(), 0)),
    };
    plan.before = outside(&cut(&items, (0, 0), start));
    plan.after = outside(&cut(&items, end, (items.len(), 0)));
    let inside = cut(&items, start, end);
    let mut findings = Vec::new();
    let root = Builder::new(&mut plan.bodies, &mut findings, &inside, Vec::new(), false).build();
    plan.bodies.push(root);
    find_procedures(ops, &mut plan);
    (plan, findings)
}

/// Compiles a template for a dynamic hole: all of it, stripped of the white space around it if
/// `is_stripped`. `outer` names the elements around the hole, the outermost first, with spaces
/// between. None: the template closes one of them, so it cannot be built apart from its surroundings.
#[must_use]
pub fn compile_fragment(ops: &[Op], outer: &str, is_stripped: bool) -> Option<Plan> {
    let outer = elements::outer(outer);
    let mut scan = Scan::new(outer.clone());
    scan.run(ops);
    // The white space at the ends of a template that includes itself is not at its ends inside.
    let is_recursive = is_stripped && any_procedure(ops);
    if is_recursive || scan.closed > 0 || scan.tokenizer.state != State::Data {
        return None;
    }
    let stripped = is_stripped.then(|| strip::edges(ops));
    let mut items = Vec::new();
    flatten(stripped.as_deref().unwrap_or(ops), false, &mut items);
    let mut plan = Plan { is_stripped, ..new_plan() };
    let mut findings = Vec::new();
    let root = Builder::new(&mut plan.bodies, &mut findings, &items, outer, false).build();
    plan.bodies.push(root);
    find_procedures(ops, &mut plan);
    Some(plan)
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

/// What an open element remembers.
#[derive(Clone, Debug)]
struct Open {
    /// How far the build was when its children began.
    checkpoint: Checkpoint,
    /// Why its children become a captured region, if they do.
    raw: Option<Why>,
    /// Whether an operation opened it, so that its children cannot be told from what surrounds it.
    dynamic: bool,
    /// Whether only an HTML parser knows of it.
    implied: bool,
}

/// Why there is a captured region, and the operation to blame.
type Why = (Reason, Option<Source>);

#[derive(Clone, Debug, Default)]
struct Checkpoint {
    at: Place,
    parts: usize,
    text: usize,
    steps: usize,
    scalars: u32,
    structures: usize,
    bodies: usize,
    findings: usize,
    scopes: Vec<usize>,
}

struct Builder<'b, 'o> {
    bodies: &'b mut Vec<Body>,
    findings: &'b mut Vec<Finding>,
    items: &'b [Item<'o>],
    is_row: bool,
    first_body: usize,
    first_finding: usize,
    body: Body,
    tokenizer: Tokenizer,
    elements: Elements<Open>,
    /// The scopes that are open, by the index of their item.
    scopes: Vec<usize>,
    /// How much of the current text is in the parts already.
    copied: usize,
    /// Why nothing less than the whole body can be captured.
    raw: Option<Why>,
    /// The attribute, element or comment of the last hole.
    joint: Option<(u32, usize)>,
    /// The operations of the hole between attributes that has just been made, and whether a
    /// further attribute may follow without a space.
    attributes: Option<(Vec<Op>, bool)>,
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
        is_row: bool,
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
            is_row,
            first_body,
            first_finding,
            body: Body::default(),
            tokenizer,
            elements,
            scopes: Vec::new(),
            copied: 0,
            raw: None,
            joint: None,
            attributes: None,
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
                Item::Op(op) => self.dynamic(index, op),
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
        let unclosed = self.elements.open.iter().find_map(|element| element.data.raw);
        if let Some(why) = self.raw.or(unclosed) {
            self.capture_all(why);
        }
        self.finish()
    }

    /// Reads static text.
    fn text(&mut self, index: usize, text: &str) {
        if let Some((ops, clean)) = self.attributes.take() {
            let first = text.chars().next().unwrap_or(' ');
            if !clean && !matches!(first, ' ' | '\t' | '\n' | '\r' | '\x0c' | '/' | '>') {
                self.fail((Reason::Attributes, last_source(&ops)));
            }
        }
        self.copied = 0;
        let mut tokenizer = std::mem::take(&mut self.tokenizer);
        tokenizer.feed(index, text, &mut |tag| {
            let content = self.tag(index, text, tag);
            (content, self.elements.namespace() != Namespace::Html)
        });
        self.tokenizer = tokenizer;
        self.append(&text[self.copied..]);
    }

    fn tag(&mut self, index: usize, text: &str, tag: &Tag) -> Content {
        let effect = self.elements.effect(tag);
        let kept = self.elements.open.len() - effect.closes;
        let closed: Vec<Element<Open>> = self.elements.open.drain(kept..).collect();
        let raw = closed.iter().find_map(|element| Some((element, element.data.raw?)));
        if let Some((element, why)) = raw {
            // A tag that has holes itself is in the parts already: then go one element further out.
            if tag.piece == index && self.scopes == element.data.checkpoint.scopes {
                self.collapse(&element.data.checkpoint, (index, tag.start), why);
                self.copied = tag.start;
            } else {
                self.fail(why);
            }
        } else if closed.iter().any(|element| element.data.implied) && tag.piece == index {
            self.copy(text, tag.start);
            self.body.parts.push(Part::Implied("</tbody>".into()));
        }
        let at_top = kept == 0;
        self.copy(text, tag.end);
        if tag.is_end {
            self.ends = at_top && effect.closes > 0 && self.is_last(index, text, tag.end);
            return Content::Normal;
        }
        if at_top {
            self.top += 1;
            self.starts = self.top == 1 && self.is_first(tag);
            self.ends = is_void(&tag.name) || tag.self_closing;
            self.ends &= self.is_last(index, text, tag.end);
        }
        let data = self.open((index, tag.end));
        self.elements.push(tag, data)
    }

    fn open(&self, at: Place) -> Open {
        Open { checkpoint: self.checkpoint(at), raw: None, dynamic: false, implied: false }
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
                self.fail(why(Reason::Markup));
            }
            State::TagName | State::AttributeName | State::Unquoted if starts_with_space(op) => {
                self.between_attributes(op);
            }
            State::TagName => self.fail(why(Reason::TagName)),
            State::AttributeName => self.fail(why(Reason::AttributeName)),
            state if state.between_attributes() => self.between_attributes(op),
            _ => {
                self.tokenizer.hole();
                self.value(op);
            }
        }
    }

    /// A hole in the value of an attribute.
    fn value(&mut self, op: &Op) {
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
        if let Some(rank) = rank.filter(|_| self.elements.open.is_empty() && self.top == 0) {
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
    fn between_attributes(&mut self, op: &Op) {
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
        self.tokenizer.state = State::BeforeAttributeName;
        self.joint = None;
        if let [op] = &ops[..] {
            self.scalar(op, HoleKind::Attributes, None);
        } else {
            self.push_scalar(HoleKind::Attributes, None, |target| {
                Step::Capture(ops.clone(), target)
            });
        }
        self.attributes = Some((ops, scan.clean));
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
        match op {
            Op::Value(_) | Op::Opaque(_) | Op::Edge(_) | Op::Filtered { .. } => {
                return self.scalar(op, HoleKind::Text, None);
            }
            Op::Dynamic(id) => {
                let outer = self.elements.path().into();
                let slot = self.structure(HoleKind::Condition, Structure::Dynamic);
                return self.body.steps.push(Step::Dynamic { slot, id: *id, outer });
            }
            _ => {}
        }
        let mut scan = Scan::new(self.elements.names());
        scan.run(std::slice::from_ref(op));
        if !scan.is_balanced() {
            return self.unbalanced(index, op, &scan);
        }
        let is_in_table = self.elements.last().is_some_and(|name| name == "table");
        if is_in_table && first_element(std::slice::from_ref(op)).as_deref() == Some("tr") {
            self.body.parts.push(Part::Implied("<tbody>".into()));
            let data = Open { implied: true, ..self.open((index, 0)) };
            let element = Element { name: "tbody".into(), inside: Namespace::Html, data };
            self.elements.open.push(element);
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
                self.body.steps.push(Step::List { slot, id: *id, row, empty });
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
        let outer = self.elements.names();
        let body = Builder::new(self.bodies, self.findings, &items, outer, is_row).build();
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

    /// An operation that opens or closes elements around it.
    fn unbalanced(&mut self, index: usize, op: &Op, scan: &Scan) {
        if !scan.agrees || scan.tokenizer.state != State::Data {
            // Its branches differ. An element whose name none of them touches is safe.
            let touched = |name: &String| scan.names.contains(name);
            let safe = self
                .elements
                .open
                .iter_mut()
                .rev()
                .find(|element| !element.data.dynamic && !touched(&element.name));
            match safe {
                Some(element) if scan.tokenizer.state == State::Data => {
                    element.data.raw.get_or_insert((Reason::BranchesDiffer, op.source()));
                }
                _ => drop(self.raw.get_or_insert((Reason::BranchesDiffer, op.source()))),
            }
            return;
        }
        let closed = scan.closed.min(self.elements.open.len());
        self.elements.open.truncate(self.elements.open.len() - closed);
        self.fail((Reason::Unbalanced, op.source()));
        for name in &scan.elements.open {
            let data = Open { dynamic: true, ..self.open((index, 0)) };
            self.elements.open.push(Element { name: name.name.clone(), inside: name.inside, data });
        }
    }

    /// No hole can stand here: the smallest region around becomes one.
    fn fail(&mut self, why: Why) {
        match self.elements.open.iter_mut().rev().find(|element| !element.data.dynamic) {
            Some(element) => drop(element.data.raw.get_or_insert(why)),
            None => drop(self.raw.get_or_insert(why)),
        }
    }

    fn checkpoint(&self, at: Place) -> Checkpoint {
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
    fn collapse(&mut self, checkpoint: &Checkpoint, end: Place, (reason, cause): Why) {
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
        let items = cut(self.items, checkpoint.at, end);
        let mut sources = items.iter().filter_map(|item| match item {
            Item::Op(op) => op.source(),
            _ => None,
        });
        let first = sources.next();
        let last = sources.next_back().or(first);
        self.findings.push(Finding { reason, cause, first, last });
        for group in regroup(&items) {
            match group {
                Ok(ops) => {
                    self.push_scalar(HoleKind::Text, None, |target| Step::Capture(ops, target))
                }
                Err(border) => self.body.steps.push(border),
            }
        }
    }

    fn capture_all(&mut self, why: Why) {
        let start = Checkpoint {
            bodies: self.first_body,
            findings: self.first_finding,
            ..Checkpoint::default()
        };
        self.collapse(&start, (self.items.len(), 0), why);
        self.starts = false;
        self.key = None;
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
        if self.is_row {
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
                Step::List { slot, empty, .. } => {
                    *slot += body.scalars;
                    if let Some((slot, _)) = empty {
                        *slot += body.scalars;
                    }
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

fn last_source(ops: &[Op]) -> Option<Source> {
    ops.iter().rev().find_map(Op::source)
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
    let mut hasher = SipHasher24::new();
    hasher.write(&bytes);
    hasher.finish().to_be_bytes()
}

/// Whether the text ends inside what may be a character reference: `&#` or `&am`.
fn cuts_reference(text: &str) -> bool {
    let tail = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    tail.ends_with('&') && tail.len() < text.len() || tail.ends_with("&#")
}

/// The name of the first element that the operations print.
fn first_element(ops: &[Op]) -> Option<String> {
    ops.iter().find_map(|op| match op {
        Op::Text(text) => {
            let name = text.split('<').nth(1)?;
            let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
            (end > 0).then(|| name[..end].to_ascii_lowercase())
        }
        Op::If(branches) => branches.iter().find_map(|(_, body)| first_element(body)),
        Op::For { body, .. }
        | Op::Scope { body, .. }
        | Op::Include { body, .. }
        | Op::Guard(body)
        | Op::Procedure { body, .. } => first_element(body),
        Op::Value(_)
        | Op::Dynamic(_)
        | Op::Opaque(_)
        | Op::Edge(_)
        | Op::Check(..)
        | Op::Set(_)
        | Op::Filtered { .. }
        | Op::Call { .. } => None,
    })
}
