//! A page under test: inputs go in, what it was told comes out, in words.
#![allow(dead_code, reason = "each suite uses some of it")]

use client::{Clock, Effect, Effects, Input, Millis, Runtime, Timer};
use protocol::{
    ClientFrame, Definition, FLAG_SINGLE, Handler, Hole, HoleKind, Part, Reader, ServerFrame,
    TemplateId, Tree, Value, write,
};
use vdom::{NodeId, WriteMutations};

pub const CLICK: u8 = 0;
pub const INPUT: u8 = 1;
pub const SUBMIT: u8 = 3;
pub const KEYDOWN: u8 = 4;
pub const BLUR: u8 = 5;
pub const PUSH: u8 = 6;
pub const SHARED: u8 = 7;

/// A page under test: what it was told, in words.
pub struct Page {
    pub runtime: Runtime,
    pub log: Log,
    pub now: Millis,
    /// The handler list of the mount frames, encoded.
    pub handlers: Vec<u8>,
    /// How many events it was given.
    pub events: u32,
}

impl Default for Page {
    /// Its handlers are "increment" and "search", which waits for 300 ms.
    fn default() -> Self {
        let handlers =
            handlers(&[("increment", &[0xc0]), ("search", b"\x81\x01\x92\xcd\x01\x2c\xc0")]);
        Self { runtime: Runtime::default(), log: Log::default(), now: 0, handlers, events: 0 }
    }
}

/// A handler list: names, each with its options, encoded.
pub fn handlers(list: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    write::array_len(&mut out, list.len());
    for (name, options) in list {
        write::array_len(&mut out, 2);
        write::str(&mut out, name);
        out.extend_from_slice(options);
    }
    out
}

#[derive(Default)]
pub struct Log {
    lines: Vec<String>,
    /// The numbers of the events that are sent, and of those that are not, as it was said last.
    pub open: (Vec<u32>, Vec<u32>),
    opening: Vec<(u32, bool)>,
}

fn numbers(open: Vec<(u32, bool)>) -> Vec<u32> {
    open.into_iter().map(|(number, _)| number).collect()
}

impl Effects for Log {
    fn emit(&mut self, effect: Effect<'_>) {
        self.lines.push(match effect {
            Effect::Open(number, is_sent) => return self.opening.push((number, is_sent)),
            Effect::Opened(_) => {
                let (sent, others) = self.opening.drain(..).partition(|(_, is_sent)| *is_sent);
                self.open = (numbers(sent), numbers(others));
                return;
            }
            Effect::Send(bytes) => match ClientFrame::decode(bytes).expect("a sound frame") {
                ClientFrame::Hello(hello) => {
                    format!("hello {} known, {:?}", hello.known.len() / 8, hello.roots)
                }
                ClientFrame::Events(events) => {
                    let name = |handler| match handler {
                        Handler::Index(index) => format!("#{index}"),
                        Handler::Name(name) => name.to_string(),
                    };
                    let events = events.iter().map(|event| {
                        let mut line = format!("{}:{}", event.id, name(event.handler));
                        for (name, value) in &event.params {
                            match value {
                                Value::Int(number) => line += &format!(" {name}={number}"),
                                _ => line += &format!(" {name}"),
                            }
                        }
                        line
                    });
                    format!("events {}", events.collect::<Vec<_>>().join(" "))
                }
                ClientFrame::Resync { root } => format!("resync {root}"),
                ClientFrame::Ping => "ping".into(),
                ClientFrame::Leave { root } => format!("leave {root}"),
                ClientFrame::Join { root, token } => format!("join {root} {token}"),
            },
            Effect::SetTimer(timer, wait) => format!("{timer:?} in {wait}"),
            Effect::ClearTimer(timer) => format!("no {timer:?}"),
            Effect::State(state) => format!("{state:?}"),
            Effect::Error { code, event, .. } => format!("error {} {event}", text(code)),
            Effect::Root(root) => format!("root {root}"),
            Effect::Release(change) => format!("release {change}"),
            Effect::Unconfirmed(events) => {
                let names: Vec<_> = events.iter().map(|event| text(&event.handler)).collect();
                format!("unconfirmed {}", names.join(" "))
            }
            Effect::Push { root, name, .. } => format!("push {root} {}", text(name)),
            Effect::Refused(reason) => format!("refused: {reason:?}"),
            Effect::Fault(fault) => format!("{fault:?}"),
            Effect::Busy { element, handler, on, .. } => {
                format!("busy {}{element} {}", text(handler), if on { "on" } else { "off" })
            }
            Effect::Check(element) => format!("check {element}"),
            Effect::Publish { key, value, depth, tabs } => {
                format!(
                    "publish {}={value:?} {depth}{}",
                    text(key),
                    if tabs { " tabs" } else { "" }
                )
            }
            Effect::Handlers(list) => format!("{} handlers", list[0] & 15),
            other => format!("{other:?}"),
        });
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

impl WriteMutations for Log {
    fn define(&mut self, template: TemplateId, _: &[u8]) {
        self.lines.push(format!("define {}", template.0));
    }
    fn create(&mut self, _: TemplateId, _: NodeId, _: NodeId) {
        self.lines.push("create".into());
    }
    fn adopt(&mut self, _: TemplateId, _: NodeId) {
        self.lines.push("adopt".into());
    }
    fn adopt_children(&mut self, _: u32) {}
    fn set(&mut self, _: TemplateId, _: NodeId, _: u32) {
        self.lines.push("set".into());
    }
    fn set_text(&mut self, _: NodeId) {
        self.lines.push("set".into());
    }
    fn append(&mut self, _: NodeId, _: u32, _: &[u8]) {
        self.lines.push("append".into());
    }
    fn values(&mut self, _: u32, values: &[u8]) {
        let mut reader = Reader::new(values);
        while let Ok(value) = reader.scalar() {
            self.lines.push(format!("{value:?}"));
        }
    }
    fn move_before(&mut self, _: TemplateId, _: NodeId, _: NodeId) {}
    fn remove(&mut self, _: TemplateId, _: NodeId) {
        self.lines.push("remove".into());
    }
    fn clear(&mut self, _: NodeId, _: NodeId) {}
    fn release(&mut self, _: NodeId, _: u32) {}
}

/// Definitions, the first one with this number, and what follows them, as in a frame.
pub fn body(first: u8, definitions: &[Definition], rest: &[u8]) -> Vec<u8> {
    let mut body = vec![definitions.len() as u8];
    if !definitions.is_empty() {
        body.push(first);
    }
    definitions.iter().for_each(|definition| write::definition(&mut body, definition));
    body.extend(rest);
    body
}

impl Page {
    /// Does something and returns what it led to, without the timers and what is under way.
    pub fn on(&mut self, input: Input<'_>) -> Vec<String> {
        let mut told = self.all(input);
        told.retain(|line| {
            let is_timer = line.starts_with("no ") || line.contains(" in ");
            !is_timer && !line.starts_with("busy ") && !line.starts_with("check ")
        });
        told
    }

    pub fn all(&mut self, input: Input<'_>) -> Vec<String> {
        let clock = Clock { now: self.now, random: 0.5 };
        self.runtime.handle(input, clock, &mut self.log);
        std::mem::take(&mut self.log.lines)
    }

    /// Takes a frame for a root without a session.
    pub fn apply(&mut self, bytes: &[u8]) -> Vec<String> {
        self.runtime.apply(bytes, false, &mut self.log);
        std::mem::take(&mut self.log.lines)
    }

    pub fn server(&mut self, frame: &ServerFrame<'_>) -> Vec<String> {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        self.on(Input::Bytes(&bytes))
    }

    pub fn welcome(&mut self) {
        self.server(&ServerFrame::Welcome { version: 1, heartbeat: 25_000 });
    }

    pub fn mount(&mut self, seq: u32, count: u8, definitions: Vec<Definition>) -> Vec<String> {
        self.tree(seq, 0, count, definitions)
    }

    /// A full tree.
    pub fn tree(
        &mut self,
        seq: u32,
        ack: u32,
        count: u8,
        definitions: Vec<Definition>,
    ) -> Vec<String> {
        let body = body(0, &definitions, &[0, count]);
        let handlers = std::mem::take(&mut self.handlers);
        let list = Some(&handlers[..]);
        let tree = Tree { full: true, root: 0, seq, ack, handlers: list, body: &body };
        let told = self.server(&ServerFrame::Tree(tree));
        self.handlers = handlers;
        told
    }

    pub fn update(&mut self, seq: u32, ack: u32, count: u8) -> Vec<String> {
        self.delta(seq, ack, &[], &[1, 0, count])
    }

    /// The first frame of another live view than the page.
    pub fn mount_child(&mut self, root: u32, count: u8) -> Vec<String> {
        let body = [0, 0, count];
        let tree = Tree { full: true, root, seq: 1, ack: 0, handlers: Some(&[0x90]), body: &body };
        self.server(&ServerFrame::Tree(tree))
    }

    pub fn update_child(&mut self, root: u32, seq: u32, ack: u32, count: u8) -> Vec<String> {
        let tree = Tree { full: false, root, seq, ack, handlers: None, body: &[0, 1, 0, count] };
        self.server(&ServerFrame::Tree(tree))
    }

    pub fn delta(&mut self, seq: u32, ack: u32, new: &[Definition], delta: &[u8]) -> Vec<String> {
        let body = body(1, new, delta);
        let tree = Tree { full: false, root: 0, seq, ack, handlers: None, body: &body };
        self.server(&ServerFrame::Tree(tree))
    }

    pub fn event(&mut self, kind: u8, handler: &str, change: u8) -> Vec<String> {
        self.event_of(0, kind, handler, change)
    }

    pub fn event_of(&mut self, root: u8, kind: u8, handler: &str, change: u8) -> Vec<String> {
        self.record(&[root, kind, 1, 0xc0, 0x91, change], handler, &[0x80])
    }

    /// A click on an element, with one parameter that is a small number.
    pub fn click(&mut self, element: u8, handler: &str, name: &str, value: u8) -> Vec<String> {
        let mut params = vec![0x81];
        write::str(&mut params, name);
        params.push(value);
        self.record(&[0, CLICK, element, 0xc0, 0x90], handler, &params)
    }

    pub fn record(&mut self, head: &[u8], handler: &str, params: &[u8]) -> Vec<String> {
        let mut record = head.to_vec();
        write::str(&mut record, handler);
        record.extend_from_slice(params);
        self.events += 1;
        self.on(Input::Event(&record, self.events))
    }

    /// Lets time pass; the timer of the interceptors goes off when it is due.
    pub fn wait(&mut self, time: Millis) -> Vec<String> {
        self.now += time;
        self.on(Input::Timer(Timer::Interceptors as u32))
    }

    /// A page that is live.
    pub fn live() -> Self {
        let mut page = Self::default();
        page.attach();
        page.on(Input::Open);
        page.welcome();
        page.mount(1, 1, vec![counter()]);
        page
    }

    pub fn attach(&mut self) -> Vec<String> {
        self.on(Input::Attach(&[0, 0xa1, b't']))
    }

    /// Lets the connection break and comes back.
    pub fn reconnect(&mut self) {
        self.on(Input::Closed(1006));
        self.on(Input::Timer(Timer::Retry as u32));
        self.on(Input::Open);
    }
}

pub fn counter() -> Definition {
    let hole = Hole { kind: HoleKind::Text, joined: false, slot: 0, template: None };
    Definition {
        flags: FLAG_SINGLE,
        scalars: 1,
        parts: vec![Part::Static("<b>".into()), Part::Hole(hole), Part::Static("</b>".into())],
        ..Definition::default()
    }
}
