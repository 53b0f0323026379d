//! A host of made-up values for the tests, and generators of templates for it.
#![allow(dead_code)]

use std::collections::HashMap;
use std::convert::Infallible;

use template::{
    Decoder, Head, Host, LoopId, NodeId, Op, Out, Plan, Region, ScopeId, Session, Templates,
    TestId, Tree, ValueId, compile, execute,
};

/// A value of the made-up host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    Text(String),
    Source(String),
    Int(i64),
}

/// Values by name and by the items of the loops around them.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub values: HashMap<(u32, Vec<u32>), Printed>,
    pub tests: HashMap<(u32, Vec<u32>), bool>,
    pub loops: HashMap<(u32, Vec<u32>), Vec<u32>>,
}

/// One render of a world.
pub struct MockHost<'w> {
    world: &'w World,
    items: Vec<u32>,
    loops: Vec<(Vec<u32>, usize)>,
    depth: usize,
}

impl<'w> MockHost<'w> {
    pub fn new(world: &'w World) -> Self {
        Self { world, items: Vec::new(), loops: Vec::new(), depth: 0 }
    }
}

impl Host for MockHost<'_> {
    type Error = Infallible;

    fn value(&mut self, id: ValueId, out: &mut Out<'_>) -> Result<(), Infallible> {
        if id.0 == DEPTH {
            out.int(self.depth as i64);
            return Ok(());
        }
        match self.world.values.get(&(id.0, self.items.clone())) {
            Some(Printed::Text(text)) => out.text(text),
            Some(Printed::Source(source)) => out.source(source),
            Some(Printed::Int(number)) => out.int(*number),
            None if id.0 == KEY => out.text(&format!("k{:?}", self.items.last())),
            None => out.text(""),
        }
        Ok(())
    }

    fn opaque(&mut self, id: NodeId, out: &mut Out<'_>) -> Result<(), Infallible> {
        self.value(ValueId(id.0), out)
    }

    fn test(&mut self, id: TestId) -> Result<bool, Infallible> {
        Ok(self.world.tests.get(&(id.0, self.items.clone())).copied().unwrap_or(false))
    }

    fn begin(&mut self, id: LoopId) -> Result<bool, Infallible> {
        let items = self.world.loops.get(&(id.0, self.items.clone())).cloned().unwrap_or_default();
        let some = !items.is_empty();
        self.loops.push((items, 0));
        Ok(some)
    }

    fn next(&mut self, _id: LoopId) -> Result<bool, Infallible> {
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

    fn end(&mut self, _id: LoopId) -> Result<(), Infallible> {
        self.loops.pop();
        Ok(())
    }

    fn enter(&mut self, _id: ScopeId) -> Result<(), Infallible> {
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self, _id: ScopeId) -> Result<(), Infallible> {
        self.depth -= 1;
        Ok(())
    }
}

/// The value that is the item of the innermost loop.
pub const KEY: u32 = 1000;

/// The value that is the number of scopes around it.
pub const DEPTH: u32 = 1001;

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
        let Ok(()) = execute(&self.plan, &mut host, &mut tree);
        assert!(host.items.is_empty() && host.loops.is_empty() && host.depth == 0);
        self.seq += 1;
        let head = Head { root: 0, seq: self.seq, ack: 0 };
        let frame = self.session.update(&self.plan, &tree, &mut self.templates, head);
        if let Some(frame) = &frame {
            self.page.apply(frame).expect("the frame fits the page");
        }
        (frame, self.page.html())
    }
}

/// What the operations print, without any plan.
pub fn print(ops: &[Op], world: &World) -> String {
    let mut host = MockHost::new(world);
    let mut html = String::new();
    run(ops, &mut host, &mut html);
    html
}

fn run(ops: &[Op], host: &mut MockHost<'_>, html: &mut String) {
    for op in ops {
        match op {
            Op::Text(text) => html.push_str(text),
            Op::Value(ValueId(DEPTH)) => html.push_str(&host.depth.to_string()),
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
            Op::If(branches) => {
                for (test, body) in branches {
                    if test.is_none_or(|test| host.test(test) == Ok(true)) {
                        run(body, host, html);
                        break;
                    }
                }
            }
            Op::For { id, body, empty } => {
                if host.begin(*id) == Ok(true) {
                    while host.next(*id) == Ok(true) {
                        run(body, host, html);
                    }
                } else {
                    run(empty, host, html);
                }
                let Ok(()) = host.end(*id);
            }
            Op::Scope { id, body } | Op::Include { id, body } => {
                let Ok(()) = host.enter(*id);
                run(body, host, html);
                let Ok(()) = host.leave(*id);
            }
        }
    }
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
    Op::For { id: LoopId(id), body, empty: Vec::new() }
}

// ---- generators ---------------------------------------------------------------------------------

/// A small random number generator (SplitMix64), so that a seed names a case for ever.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit as u64) as usize
    }

    fn pick<'a>(&mut self, options: &[&'a str]) -> &'a str {
        options[self.below(options.len())]
    }

    /// Operations whose HTML may be anything: tags cut in two, unbalanced branches, raw text.
    pub fn wild_ops(&mut self, depth: usize) -> Vec<Op> {
        (0..1 + self.below(6)).map(|_| self.wild_op(depth)).collect()
    }

    fn wild_op(&mut self, depth: usize) -> Op {
        match self.below(if depth == 0 { 7 } else { 14 }) {
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
            7 => when(self.below(4) as u32, self.wild_ops(depth - 1)),
            8 => either(self.below(4) as u32, self.wild_ops(depth - 1), self.wild_ops(depth - 1)),
            9 => Op::For {
                id: LoopId(self.below(3) as u32),
                body: self.wild_ops(depth - 1),
                empty: if self.below(2) == 0 { Vec::new() } else { self.wild_ops(depth - 1) },
            },
            10..=12 => Op::Scope { id: ScopeId(0), body: self.wild_ops(depth - 1) },
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
        match self.below(if depth == 0 { 3 } else { 9 }) {
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
            3 => {
                ops.push(t("<div>"));
                ops.append(&mut self.tame_ops(depth - 1));
                ops.push(t("</div>"));
            }
            4 => ops.push(when(self.below(4) as u32, self.tame_ops(depth - 1))),
            5 => {
                let (yes, no) = (self.tame_ops(depth - 1), self.tame_ops(depth - 1));
                ops.push(either(self.below(4) as u32, yes, no));
            }
            6 | 7 => {
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
        let text = self.pick(&["", "a", "b", "7", "-12", "a & b", "<i>", "it's", "é", "x y"]);
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
