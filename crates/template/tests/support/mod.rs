//! A host of made-up values for the tests, and generators of templates for it.
#![allow(dead_code)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use template::{
    Decoder, DynamicHole, FilterId, Head, Host, LoopId, NodeId, Op, Out, Plan, ProcedureId, Region,
    ScopeId, Session, Templates, TestId, Tree, ValueId, compile, compile_fragment, excerpt,
    execute, execute_excerpt,
};

/// A value of the made-up host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    Text(String),
    Source(String),
    Int(i64),
}

/// The plans of templates, for the elements around them.
type Plans = HashMap<(usize, String), Option<Arc<Plan>>>;

/// Values by name and by the items of the loops around them.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub values: HashMap<(u32, Vec<u32>), Printed>,
    pub tests: HashMap<(u32, Vec<u32>), bool>,
    pub loops: HashMap<(u32, Vec<u32>), Vec<u32>>,
    /// Templates that values bring, and which value brings which.
    pub templates: Vec<Vec<Op>>,
    pub brought: HashMap<(u32, Vec<u32>), usize>,
    pub plans: Rc<RefCell<Plans>>,
}

/// What the value [`FAIL`] raises, and a procedure that calls itself for ever.
#[derive(Debug, PartialEq, Eq)]
pub struct Failed;

/// One render of a world.
pub struct MockHost<'w> {
    world: &'w World,
    items: Vec<u32>,
    loops: Vec<(Vec<u32>, usize)>,
    depth: usize,
    written: usize,
    /// What is open, loops among scopes.
    entered: Vec<IsLoop>,
    /// How many templates are rendered inside each other.
    nested: usize,
}

/// Deeper than this, no value brings a template.
const NESTED: usize = 2;

type IsLoop = bool;

impl<'w> MockHost<'w> {
    pub fn new(world: &'w World) -> Self {
        Self {
            world,
            items: Vec::new(),
            loops: Vec::new(),
            depth: 0,
            written: 0,
            entered: Vec::new(),
            nested: 0,
        }
    }

    fn brought(&self, id: ValueId) -> Option<usize> {
        let key = (id.0.checked_sub(DYNAMIC)?, self.items.clone());
        let template = self.world.brought.get(&key).copied();
        template.filter(|_| self.nested < NESTED)
    }
}

impl Host for MockHost<'_> {
    type Error = Failed;

    fn value(&mut self, id: ValueId, out: &mut Out<'_>) -> Result<(), Failed> {
        let number = match id.0 {
            DEPTH => Some(self.depth),
            WRITTEN => Some(self.written),
            FAIL => return Err(Failed),
            _ => None,
        };
        if let Some(number) = number {
            out.int(number as i64);
            return Ok(());
        }
        if let Some(template) = self.brought(id) {
            out.source(&render(template, self)?);
            return Ok(());
        }
        match self.world.values.get(&(id.0 % DYNAMIC, self.items.clone())) {
            Some(Printed::Text(text)) => out.text(text),
            Some(Printed::Source(source)) => out.source(source),
            Some(Printed::Int(number)) => out.int(*number),
            None if id.0 == KEY => out.text(&format!("k{:?}", self.items.last())),
            None => out.text(""),
        }
        Ok(())
    }

    fn dynamic(
        &mut self,
        id: ValueId,
        outer: &str,
        hole: &mut DynamicHole<'_>,
    ) -> Result<(), Failed> {
        let Some(template) = self.brought(id) else {
            return hole.print(|out| self.value(id, out));
        };
        let ops = &self.world.templates[template];
        let compiled = || compile_fragment(ops, outer, true).map(Arc::new);
        let key = (template, outer.to_owned());
        let plan = self.world.plans.borrow_mut().entry(key).or_insert_with(compiled).clone();
        match plan {
            Some(plan) => {
                self.nested += 1;
                let ran = hole.run(&plan, self);
                self.nested -= 1;
                ran?;
            }
            None => {
                let html = render(template, self)?;
                hole.print(|out| -> Result<(), Failed> {
                    out.source(&html);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    fn check(&mut self, id: TestId, expected: bool) -> Result<(), Failed> {
        assert_eq!(self.test(id)?, expected);
        Ok(())
    }

    fn opaque(&mut self, id: NodeId, out: &mut Out<'_>) -> Result<(), Failed> {
        self.value(ValueId(id.0), out)
    }

    /// The number of scopes grows for the rest of the render.
    fn set(&mut self, _id: ValueId) -> Result<(), Failed> {
        self.written += 1;
        Ok(())
    }

    /// Prints the source between brackets; every second filter has the body run again.
    fn filtered(&mut self, id: FilterId, source: &str, out: &mut Out<'_>) -> Result<bool, Failed> {
        if id.0 % 2 == 1 {
            return Ok(false);
        }
        out.source(&format!("[{source}]"));
        Ok(true)
    }

    fn test(&mut self, id: TestId) -> Result<bool, Failed> {
        Ok(self.world.tests.get(&(id.0, self.items.clone())).copied().unwrap_or(false))
    }

    fn begin(&mut self, id: LoopId) -> Result<bool, Failed> {
        let items = self.world.loops.get(&(id.0, self.items.clone())).cloned().unwrap_or_default();
        let some = !items.is_empty();
        self.loops.push((items, 0));
        self.entered.push(true);
        Ok(some)
    }

    fn next(&mut self, _id: LoopId) -> Result<bool, Failed> {
        let (items, index) = self.loops.last_mut().expect("a loop is open");
        if *index > 0 {
            self.items.pop();
        }
        let Some(item) = items.get(*index) else {
            return Ok(false);
        };
        *index += 1;
        self.items.push(*item);
        Ok(true)
    }

    fn end(&mut self, _id: LoopId) -> Result<(), Failed> {
        self.loops.pop();
        self.entered.pop();
        Ok(())
    }

    fn enter(&mut self, _id: ScopeId) -> Result<(), Failed> {
        self.depth += 1;
        self.entered.push(false);
        Ok(())
    }

    fn leave(&mut self, _id: ScopeId) -> Result<(), Failed> {
        self.depth -= 1;
        self.entered.pop();
        Ok(())
    }

    fn entered(&self) -> usize {
        self.entered.len()
    }

    fn forgive(&mut self, _error: Failed, entered: usize) -> Result<(), Failed> {
        for is_loop in self.entered.drain(entered..).rev() {
            if !is_loop {
                self.depth -= 1;
            } else if self
                .loops
                .pop()
                .is_some_and(|(items, index)| index > 0 && index <= items.len())
            {
                self.items.pop();
            }
        }
        Ok(())
    }

    fn too_deep(&self) -> Failed {
        Failed
    }
}

/// Values from this number on may bring templates; without one they are those counted from zero.
pub const DYNAMIC: u32 = 100;

/// The value that is the item of the innermost loop.
pub const KEY: u32 = 50;

/// The value that is the number of scopes around it.
pub const DEPTH: u32 = 51;

/// The value that is the number of writes before it.
pub const WRITTEN: u32 = 52;

/// The value that cannot be had.
pub const FAIL: u32 = 53;

/// A page and the session that feeds it.
pub struct Wire {
    pub plan: Plan,
    pub session: Session,
    pub templates: Templates,
    pub page: Decoder,
    seq: u32,
}

impl Wire {
    pub fn new(ops: &[Op], region: Region) -> Self {
        Self {
            plan: compile(ops, region),
            session: Session::new((1, 2)),
            templates: Templates::default(),
            page: Decoder::default(),
            seq: 0,
        }
    }

    /// Renders a world, sends the frame, and returns it with the page's HTML.
    pub fn show(&mut self, world: &World) -> (Option<Vec<u8>>, String) {
        let mut tree = Tree::default();
        let mut host = MockHost::new(world);
        execute(&self.plan, &mut host, &mut tree).expect("failures are guarded");
        assert!(host.items.is_empty() && host.loops.is_empty() && host.entered.is_empty());
        self.seq += 1;
        let head = Head { root: 0, seq: self.seq, ack: 0 };
        let frame = self.session.update(&self.plan, &tree, &mut self.templates, head);
        if let Some(frame) = &frame {
            self.page.apply(frame).expect("the frame fits the page");
        }
        (frame, self.page.html())
    }

    /// Renders what stands in the elements that selectors name, and sends it. Returns whether there
    /// was a frame; nothing if all has to be rendered.
    pub fn show_excerpt(&mut self, world: &World, selectors: &[&str]) -> Option<bool> {
        let excerpt = excerpt(&self.plan, selectors, &|id| id.0 == WRITTEN)?;
        let mut tree = Tree::default();
        let mut host = MockHost::new(world);
        execute_excerpt(&self.plan, &excerpt, &mut host, &mut tree).expect("failures are guarded");
        assert!(host.items.is_empty() && host.loops.is_empty() && host.entered.is_empty());
        let head = Head { root: 0, seq: self.seq + 1, ack: 0 };
        let sent = (&tree, &excerpt);
        let frame =
            self.session.update_excerpt(&self.plan, sent, &mut self.templates, head).ok()?;
        self.seq += u32::from(frame.is_some());
        if let Some(frame) = &frame {
            self.page.apply(frame).expect("the frame fits the page");
        }
        Some(frame.is_some())
    }
}

/// What the operations print, without any plan.
pub fn print(ops: &[Op], world: &World) -> String {
    let mut host = MockHost::new(world);
    let mut html = String::new();
    run(ops, &mut host, &mut html, &mut Vec::new()).expect("failures are guarded");
    html
}

/// A template that a value brings, stripped.
fn render(template: usize, host: &mut MockHost<'_>) -> Result<String, Failed> {
    let mut html = String::new();
    let world = host.world;
    host.nested += 1;
    let ran = run(&world.templates[template], host, &mut html, &mut Vec::new());
    host.nested -= 1;
    ran.map(|()| html.trim().into())
}

pub type Procedures<'o> = Vec<(ProcedureId, &'o [Op])>;

pub fn run<'o>(
    ops: &'o [Op],
    host: &mut MockHost<'_>,
    html: &mut String,
    procedures: &mut Procedures<'o>,
) -> Result<(), Failed> {
    for op in ops {
        match op {
            Op::Text(text) | Op::Edge(text) => html.push_str(text),
            Op::Check(..) => {}
            Op::Dynamic(id) => match host.brought(*id) {
                Some(template) => html.push_str(&render(template, host)?),
                None => run(&[Op::Value(ValueId(id.0 % DYNAMIC))], host, html, &mut Vec::new())?,
            },
            Op::Value(ValueId(DEPTH)) => html.push_str(&host.depth.to_string()),
            Op::Value(ValueId(WRITTEN)) => html.push_str(&host.written.to_string()),
            Op::Value(ValueId(FAIL)) => return Err(Failed),
            Op::Value(ValueId(id)) | Op::Opaque(NodeId(id)) => {
                match host.world.values.get(&(*id, host.items.clone())) {
                    Some(Printed::Text(text)) => {
                        let mut bytes = Vec::new();
                        template::escape(&mut bytes, text);
                        html.push_str(&String::from_utf8(bytes).unwrap());
                    }
                    Some(Printed::Source(source)) => html.push_str(source),
                    Some(Printed::Int(number)) => html.push_str(&number.to_string()),
                    None if *id == KEY => html.push_str(&format!("k{:?}", host.items.last())),
                    None => {}
                }
            }
            Op::Set(id) => host.set(*id)?,
            Op::If(branches) => {
                for (test, body) in branches {
                    if test.is_none_or(|test| host.test(test) == Ok(true)) {
                        run(body, host, html, procedures)?;
                        break;
                    }
                }
            }
            Op::For { id, body, empty } => {
                if host.begin(*id)? {
                    while host.next(*id)? {
                        run(body, host, html, procedures)?;
                    }
                } else {
                    run(empty, host, html, procedures)?;
                }
                host.end(*id)?;
            }
            Op::Scope { id, body } | Op::Include { id, body } => {
                host.enter(*id)?;
                run(body, host, html, procedures)?;
                host.leave(*id)?;
            }
            Op::Filtered { id, body } => {
                let mut inner = String::new();
                run(body, host, &mut inner, procedures)?;
                if id.0 % 2 == 0 {
                    html.push_str(&format!("[{inner}]"));
                } else {
                    run(body, host, html, procedures)?;
                }
            }
            Op::Guard(body) => {
                let (entered, start) = (host.entered(), html.len());
                if let Err(error) = run(body, host, html, procedures) {
                    html.truncate(start);
                    host.forgive(error, entered)?;
                }
            }
            Op::Procedure { procedure, id, body } => {
                procedures.push((*procedure, body));
                host.enter(*id)?;
                run(body, host, html, procedures)?;
                host.leave(*id)?;
            }
            Op::Call { procedure, id } => {
                let body = procedures.iter().rev().find(|(number, _)| number == procedure);
                let body = body.expect("calls stand in their procedures").1;
                host.enter(*id)?;
                run(body, host, html, procedures)?;
                host.leave(*id)?;
            }
        }
    }
    Ok(())
}

// ---- shorthands ---------------------------------------------------------------------------------

pub fn t(text: &str) -> Op {
    Op::Text(text.into())
}

pub fn v(id: u32) -> Op {
    Op::Value(ValueId(id))
}

pub fn when(test: u32, body: Vec<Op>) -> Op {
    Op::If(vec![(Some(TestId(test)), body)])
}

pub fn either(test: u32, body: Vec<Op>, other: Vec<Op>) -> Op {
    Op::If(vec![(Some(TestId(test)), body), (None, other)])
}

pub fn each(id: u32, body: Vec<Op>) -> Op {
    each_or(id, body, Vec::new())
}

pub fn each_or(id: u32, body: Vec<Op>, empty: Vec<Op>) -> Op {
    Op::For { id: LoopId(id), body, empty }
}

// ---- generators ---------------------------------------------------------------------------------

/// A small random number generator (SplitMix64), so that a seed names a case for ever.
pub struct Random {
    state: u64,
    /// How many procedures it has made.
    procedures: u32,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed, procedures: 0 }
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.below(options.len())]
    }

    /// Operations whose HTML may be anything: tags cut in two, unbalanced branches, raw text.
    pub fn wild_ops(&mut self, depth: usize) -> Vec<Op> {
        (0..1 + self.below(6)).map(|_| self.wild_op(depth)).collect()
    }

    fn wild_op(&mut self, depth: usize) -> Op {
        match self.below(if depth == 0 { 9 } else { 20 }) {
            0..=3 => t(self.pick(&[
                "<p>",
                "</p>",
                "<div class=\"",
                "\">",
                "</div>",
                "<b>",
                "</b>",
                " text ",
                "<",
                "<input ",
                ">",
                " checked",
                "a='",
                "'",
                "<table>",
                "<tr><td>",
                "</table>",
                "<script>",
                "</script>",
                "<title>",
                "</title>",
                "<!--",
                "-->",
                "&am",
                "&#",
                ";",
                "<ul>",
                "<li>x",
                "</ul>",
                "<br/>",
                "=",
                "</",
                "<svg>",
                "</svg>",
                "<textarea>",
                "</textarea>",
                "<!",
                "]]>",
                "<select><option ",
                "é",
                "\n",
                "<h",
                "1>",
                "</h1>",
            ])),
            4 => v(self.below(4) as u32),
            5 => v(KEY),
            6 => v(DEPTH),
            7 => Op::Set(ValueId(0)),
            8 => v(WRITTEN),
            9 => self.guard(Self::wild_ops, depth),
            10 => {
                Op::Filtered { id: FilterId(self.below(2) as u32), body: self.wild_ops(depth - 1) }
            }
            11 => self.procedure(Self::wild_ops, depth),
            12 => when(self.below(4) as u32, self.wild_ops(depth - 1)),
            13 => either(self.below(4) as u32, self.wild_ops(depth - 1), self.wild_ops(depth - 1)),
            14 => Op::For {
                id: LoopId(self.below(3) as u32),
                body: self.wild_ops(depth - 1),
                empty: if self.below(2) == 0 { Vec::new() } else { self.wild_ops(depth - 1) },
            },
            15..=18 => Op::Scope { id: ScopeId(0), body: self.wild_ops(depth - 1) },
            _ => Op::Include { id: ScopeId(0), body: self.wild_ops(depth - 1) },
        }
    }

    /// Operations whose HTML is well formed, so that holes and lists arise.
    pub fn tame_ops(&mut self, depth: usize) -> Vec<Op> {
        let mut ops = Vec::new();
        for _ in 0..1 + self.below(4) {
            self.tame_op(depth, &mut ops);
        }
        ops
    }

    fn tame_op(&mut self, depth: usize, ops: &mut Vec<Op>) {
        match self.below(if depth == 0 { 5 } else { 15 }) {
            0 => ops.push(v(self.below(4) as u32)),
            1 => ops.push(t(self.pick(&["text", "<br>", "<i>x</i>", "&amp;", "\n"]))),
            2 => ops.extend([
                t("<a class=\"c "),
                when(self.below(4) as u32, vec![t("on")]),
                t("\" "),
                when(self.below(4) as u32, vec![t("disabled")]),
                t(" href=\""),
                v(self.below(4) as u32),
                t("\">"),
                v(self.below(4) as u32),
                t("</a>"),
            ]),
            3 => ops.push(Op::Set(ValueId(0))),
            4 => ops.push(v(WRITTEN)),
            5 => ops.push(self.guard(Self::tame_ops, depth)),
            6 => ops.push(self.procedure(Self::tame_ops, depth)),
            7 => {
                let id = FilterId(self.below(2) as u32);
                ops.push(Op::Filtered { id, body: self.tame_ops(depth - 1) });
            }
            8 => {
                ops.push(t("<div>"));
                ops.append(&mut self.tame_ops(depth - 1));
                ops.push(t("</div>"));
            }
            9 => ops.push(when(self.below(4) as u32, self.tame_ops(depth - 1))),
            10 => {
                let (yes, no) = (self.tame_ops(depth - 1), self.tame_ops(depth - 1));
                ops.push(either(self.below(4) as u32, yes, no));
            }
            11..=13 => {
                let mut body = vec![t("<li id=\""), v(KEY), t("\">")];
                if self.below(3) == 0 {
                    body = vec![t("<li>")];
                }
                body.append(&mut self.tame_ops(depth - 1));
                body.push(t("</li>"));
                let empty = if self.below(2) == 0 { vec![t("none")] } else { Vec::new() };
                ops.extend([
                    t("<ul>"),
                    Op::For { id: LoopId(self.below(3) as u32), body, empty },
                    t("</ul>"),
                ]);
            }
            _ => ops.push(Op::Include { id: ScopeId(0), body: self.tame_ops(depth - 1) }),
        }
    }

    fn guard(&mut self, ops: impl Fn(&mut Self, usize) -> Vec<Op>, depth: usize) -> Op {
        let mut body = ops(self, depth - 1);
        if self.below(2) == 0 {
            body.insert(self.below(body.len() + 1), v(FAIL));
        }
        Op::Guard(body)
    }

    /// A template that includes itself for each item of a loop, until a loop has no items.
    fn procedure(&mut self, ops: impl Fn(&mut Self, usize) -> Vec<Op>, depth: usize) -> Op {
        self.procedures += 1;
        let procedure = ProcedureId(self.procedures - 1);
        let mut body = ops(self, depth - 1);
        let mut inner = ops(self, depth - 1);
        inner.push(Op::Call { procedure, id: ScopeId(0) });
        body.push(each(self.below(3) as u32, inner));
        Op::Procedure { procedure, id: ScopeId(0), body }
    }

    /// The operations with some of their values in dynamic holes.
    pub fn with_dynamic_holes(&mut self, ops: Vec<Op>) -> Vec<Op> {
        let mut inside = |ops| self.with_dynamic_holes(ops);
        let map = |op| match op {
            Op::If(branches) => {
                Op::If(branches.into_iter().map(|(test, body)| (test, inside(body))).collect())
            }
            Op::For { id, body, empty } => Op::For { id, body: inside(body), empty: inside(empty) },
            Op::Scope { id, body } => Op::Scope { id, body: inside(body) },
            Op::Include { id, body } => Op::Include { id, body: inside(body) },
            Op::Filtered { id, body } => Op::Filtered { id, body: inside(body) },
            Op::Guard(body) => Op::Guard(inside(body)),
            Op::Procedure { procedure, id, body } => {
                Op::Procedure { procedure, id, body: inside(body) }
            }
            op => op,
        };
        let mut ops: Vec<Op> = ops.into_iter().map(map).collect();
        for op in &mut ops {
            if let Op::Value(id) = *op
                && id.0 < 4
                && self.below(3) > 0
            {
                *op = Op::Dynamic(ValueId(DYNAMIC + id.0));
            }
        }
        ops
    }

    /// Gives some values of a world templates.
    pub fn bring(&mut self, world: &mut World) {
        let mut keys: Vec<_> = world.values.keys().cloned().collect();
        keys.sort();
        for key in keys {
            if self.below(3) > 0 {
                world.brought.insert(key, self.below(world.templates.len()));
            } else {
                world.brought.remove(&key);
            }
        }
    }

    /// Operations as careless authors write them: end tags left out, elements where they do not
    /// belong, branches and loops around all of it.
    pub fn careless_ops(&mut self, depth: usize) -> Vec<Op> {
        let mut ops = Vec::new();
        for _ in 0..1 + self.below(3) {
            self.careless_op(depth, &mut ops);
        }
        ops
    }

    fn careless_op(&mut self, depth: usize, ops: &mut Vec<Op>) {
        let names = [
            "div", "p", "ul", "li", "table", "tbody", "tr", "td", "b", "i", "a", "button", "form",
            "h1", "h2", "select", "option", "svg", "span", "dl", "dt", "dd", "caption", "colgroup",
            "title", "textarea", "table", "tr", "td", "li", "p", "template", "math",
        ];
        match self.below(if depth == 0 { 3 } else { 12 }) {
            0 => ops.push(v(self.below(4) as u32)),
            1 => ops.push(t(self.pick(&["text", "<br>", "&amp;", "\n", " ", "<col>", "<input>"]))),
            2 => ops.push(t(self.pick(&["\n", "x", "</p>", "</b>", "</li>", "<hr>", "</div>"]))),
            3..=8 => {
                let name = self.pick(&names);
                let has_page = name == "svg" && self.below(2) == 0;
                let name = if has_page { "foreignObject" } else { name };
                let before = if has_page { "<svg>" } else { "" };
                ops.push(t(&format!("{before}<{name}")));
                match self.below(6) {
                    0 => ops.extend([t(" class=\""), v(self.below(4) as u32), t("\"")]),
                    1 => ops.push(when(self.below(4) as u32, vec![t(" hidden")])),
                    2 => ops.extend([
                        when(self.below(4) as u32, vec![t(" class=\"1\"")]),
                        t(self.pick(&[" class=2", " id=2", ""])),
                        when(self.below(4) as u32, vec![t(" class=\"3\"")]),
                    ]),
                    3 => match self.below(8) {
                        0 => ops.push(v(self.below(4) as u32)),
                        1 => {
                            let inner = when(self.below(4) as u32, vec![t(" hidden")]);
                            ops.push(when(self.below(4) as u32, vec![inner, t(" id=1")]));
                        }
                        2 => ops.push(when(self.below(4) as u32, vec![t("x")])),
                        3 => ops.extend([when(self.below(4) as u32, vec![t(" id=1")]), t("a=b")]),
                        4 => ops.extend([
                            when(self.below(4) as u32, vec![t(" id=1")]),
                            when(self.below(4) as u32, vec![t("a")]),
                        ]),
                        _ => {}
                    },
                    _ => {}
                }
                ops.push(t(">"));
                if !matches!(name, "title" | "textarea") {
                    ops.append(&mut self.careless_ops(depth - 1));
                }
                if self.below(8) > 0 {
                    ops.push(t(&format!("</{name}>")));
                }
                if has_page {
                    ops.push(t("</svg>"));
                }
            }
            9 => ops.push(when(self.below(4) as u32, self.careless_ops(depth - 1))),
            10 => {
                let (yes, no) = (self.careless_ops(depth - 1), self.careless_ops(depth - 1));
                ops.push(either(self.below(4) as u32, yes, no));
            }
            _ => ops.push(each(self.below(3) as u32, self.careless_ops(depth - 1))),
        }
    }

    /// A world for such operations.
    pub fn world(&mut self) -> World {
        let mut world = World::default();
        self.fill(&mut world, &mut Vec::new());
        world
    }

    fn fill(&mut self, world: &mut World, path: &mut Vec<u32>) {
        for id in 0..4 {
            let printed = self.printed();
            world.values.insert((id, path.clone()), printed);
            let test = self.below(2) == 0;
            world.tests.insert((id, path.clone()), test);
        }
        if path.len() >= 2 {
            return;
        }
        for id in 0..3 {
            let count = self.below(if path.is_empty() { 6 } else { 3 });
            let items: Vec<u32> = (0..count).map(|_| self.below(9) as u32).collect();
            for item in &items {
                path.push(*item);
                if !world.values.contains_key(&(0, path.clone())) {
                    self.fill(world, path);
                }
                path.pop();
            }
            world.loops.insert((id, path.clone()), items);
        }
    }

    fn printed(&mut self) -> Printed {
        let text =
            self.pick(&["", "a", "b", "7", "-12", "a & b", "<i>", "it's", "é", "x y", "ig", "z\r"]);
        match self.below(4) {
            0 => Printed::Int(self.below(300) as i64 - 100),
            1 => {
                Printed::Source(self.pick(&["<b>x</b>", "a &amp; b", "&nbsp;", "it's", "1"]).into())
            }
            _ => Printed::Text(text.into()),
        }
    }

    /// Changes a few things in a world.
    pub fn change(&mut self, world: &mut World) {
        let mut names: Vec<_> = world.values.keys().cloned().collect();
        names.sort();
        for _ in 0..1 + self.below(3) {
            let (id, path) = names[self.below(names.len())].clone();
            match self.below(8) {
                6 | 7 => {
                    if let Some(Printed::Text(text)) = world.values.get_mut(&(id, path)) {
                        text.push_str(self.pick(&[
                            "é",
                            " <b>",
                            "\r",
                            "\n",
                            " and so it goes on, ",
                        ]));
                    }
                }
                0..=2 => drop(world.values.insert((id, path), self.printed())),
                3 => drop(world.tests.insert((id, path), self.below(2) == 0)),
                _ => {
                    let mut paths: Vec<_> = world.loops.keys().cloned().collect();
                    paths.sort();
                    let name = paths[self.below(paths.len())].clone();
                    let mut items = world.loops[&name].clone();
                    match self.below(4) {
                        0 => items.reverse(),
                        1 if !items.is_empty() => drop(items.remove(self.below(items.len()))),
                        2 => items.insert(self.below(items.len() + 1), self.below(9) as u32),
                        _ if items.len() > 1 => {
                            let (first, second) =
                                (self.below(items.len()), self.below(items.len()));
                            items.swap(first, second);
                        }
                        _ => {}
                    }
                    world.loops.insert(name, items);
                }
            }
        }
    }
}
