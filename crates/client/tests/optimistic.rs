//! What is shown before the server has answered, from the event to the answer, and over random
//! schedules of events, timers, answers, errors and disconnects.

use std::collections::VecDeque;

use client::{Clock, Effect, Effects, Input, Millis, Reason, Runtime};
use protocol::{ClientFrame, Definition, ServerFrame, TemplateId, Tree, write};
use testkit::{
    Fragment, MockDom, delta, encoded, html, mutations_go_to, noted, random::Rng, shape,
};

const ROOT: TemplateId = TemplateId(3);

fn definitions() -> Vec<Definition> {
    vec![
        shape("<b>♥</b>"),
        shape("<i>none</i>"),
        noted(
            "<li class=\"{0 attribute}\">{1 key}<button></button></li>",
            &["0 1 todo.done done open"],
        ),
        noted("<p>{0}</p>{1 if}<ul>{2 for 2}</ul>", &["0 0 count", "1 0 liked 0 1", "2 0 todos"]),
    ]
}

/// What a server has.
#[derive(Clone, Debug, PartialEq)]
struct State {
    count: i64,
    liked: bool,
    todos: Vec<(u8, bool)>,
}

impl State {
    fn tree(&self) -> Fragment {
        let row = |(key, done): &(u8, bool)| {
            let state = if *done { "done" } else { "open" };
            Fragment::new(TemplateId(2)).text(state).text(&format!("key {key}"))
        };
        Fragment::new(ROOT)
            .int(self.count)
            .holds([Fragment::new(TemplateId(if self.liked { 0 } else { 1 }))])
            .holds(self.todos.iter().map(row))
    }

    fn html(&self) -> String {
        html::normal(&self.tree().html(&definitions()))
    }
}

/// What the runtime wants of the world.
#[derive(Default)]
struct World {
    dom: MockDom,
    wants_socket: bool,
    closes: bool,
    frame: bool,
    sent: Vec<Vec<u8>>,
    timers: Vec<(u32, Millis)>,
    rollbacks: Vec<(String, Reason)>,
    told: Vec<String>,
    now: Millis,
}

impl Effects for World {
    fn emit(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Connect => self.wants_socket = true,
            Effect::Close => self.closes = true,
            Effect::Frame => self.frame = true,
            Effect::Send(bytes) => self.sent.push(bytes.into()),
            Effect::SetTimer(timer, wait) => {
                self.timers.retain(|(other, _)| *other != timer as u32);
                self.timers.push((timer as u32, self.now + wait));
            }
            Effect::ClearTimer(timer) => self.timers.retain(|(other, _)| *other != timer as u32),
            Effect::Rollback { handler, reason, .. } => {
                self.rollbacks.push((String::from_utf8_lossy(handler).into_owned(), reason));
            }
            Effect::Release(change) => self.told.push(format!("release {change}")),
            Effect::Revert(change) => self.told.push(format!("revert {change}")),
            _ => {}
        }
    }
}

mutations_go_to!(World, dom);

/// A page, its server, and what is on the way between them.
struct Conversation {
    runtime: Runtime,
    world: World,
    state: State,
    /// What the page was told last, if anything.
    known: Option<State>,
    seq: u32,
    ack: u32,
    open: bool,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    number: u8,
    handled: Vec<String>,
}

impl Conversation {
    fn new() -> Self {
        let state = State { count: 1, liked: false, todos: vec![(1, false), (2, true)] };
        let mut new = Self {
            runtime: Runtime::new(),
            // The page as it was served.
            world: World {
                dom: MockDom::served(&state.tree().html(&definitions())),
                ..World::default()
            },
            state,
            known: None,
            seq: 0,
            ack: 0,
            open: false,
            up: VecDeque::new(),
            down: VecDeque::new(),
            number: 0,
            handled: Vec::new(),
        };
        new.on(Input::Attach(&[0, 0xa1, b't']));
        new.settle();
        new
    }

    fn on(&mut self, input: Input<'_>) {
        let clock = Clock { now: self.world.now, random: 0.5 };
        self.runtime.handle(input, clock, &mut self.world);
        self.world.dom.check_places(self.runtime.values());
        self.world.dom.counts();
        self.up.extend(self.world.sent.drain(..));
        if std::mem::take(&mut self.world.closes) {
            self.hang_up();
        }
    }

    /// An event from a node of the page, with an optimistic meaning and a wait.
    fn event(&mut self, handler: &str, source: &str, node: u32, wait: u64) {
        self.number += 1;
        let mut record = vec![0, 0, 1, 0x82, 1, 0x92];
        write::uint(&mut record, wait);
        record.extend([0xc0, 3, 0x93]);
        write::str(&mut record, source);
        write::uint(&mut record, u64::from(node));
        write::uint(&mut record, u64::from(self.number));
        record.push(0x91);
        write::uint(&mut record, u64::from(self.number));
        write::str(&mut record, handler);
        record.push(0x80);
        self.on(Input::Event(&record, 1));
    }

    fn hang_up(&mut self) {
        self.open = false;
        self.up.clear();
        self.down.clear();
    }

    /// The connection breaks.
    fn disconnect(&mut self) {
        if self.open {
            self.hang_up();
            self.on(Input::Closed(1006));
        }
    }

    fn connect(&mut self) {
        self.world.wants_socket = false;
        self.open = true;
        (self.known, self.seq, self.ack) = (None, 0, 0);
        self.on(Input::Open);
    }

    /// The server takes the next message. `fails` says which event fails.
    fn serve(&mut self, mut changes: impl FnMut(&mut State, &str) -> bool) {
        let Some(message) = self.up.pop_front() else { return };
        match ClientFrame::decode(&message).expect("a sound frame") {
            ClientFrame::Hello(_) => {
                self.send(&ServerFrame::Welcome { version: 1, heartbeat: 25_000 });
                self.render();
            }
            ClientFrame::Events(events) => {
                for event in &events {
                    let protocol::Handler::Name(handler) = event.handler else {
                        panic!("there is no list of handlers")
                    };
                    assert_eq!(event.id, self.ack + 1, "no event is lost or sent twice");
                    self.ack = event.id;
                    self.handled.push(handler.into());
                    if !changes(&mut self.state, handler) {
                        let (code, message) = ("handler_error", "no");
                        let (root, event) = (0, event.id);
                        let (code, message) = (code.as_bytes(), message.as_bytes());
                        self.send(&ServerFrame::Error { root, event, code, message });
                    }
                }
                self.render();
            }
            ClientFrame::Resync { .. } => {
                self.known = None;
                self.render();
            }
            ClientFrame::Ping => self.send(&ServerFrame::Pong),
            ClientFrame::Leave { .. } => {}
            #[allow(unreachable_patterns, reason = "further frames are no concern here")]
            _ => {}
        }
    }

    fn send(&mut self, frame: &ServerFrame<'_>) {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        self.down.push_back(bytes);
    }

    /// Sends what changed, or the whole tree.
    fn render(&mut self) {
        let (root, ack) = (0, self.ack);
        let full = self.known.is_none();
        if self.known.as_ref() == Some(&self.state) {
            return self.send(&ServerFrame::Ack { root, ack });
        }
        let (mut body, definitions) = (vec![0], definitions());
        match &self.known {
            Some(known) => {
                let rng = &mut Rng::new(self.seq.into());
                delta(rng, &definitions, &known.tree(), &self.state.tree(), &mut body);
            }
            None => {
                body = encoded(0, &definitions);
                write::uint(&mut body, u64::from(ROOT.0));
                self.state.tree().encode(&definitions, &mut body);
            }
        }
        self.seq += 1;
        self.known = Some(self.state.clone());
        let tree = Tree { full, root, seq: self.seq, ack, handlers: None, body: &body };
        self.send(&ServerFrame::Tree(tree));
    }

    /// The page takes the next message.
    fn receive(&mut self) {
        if let Some(message) = self.down.pop_front() {
            self.on(Input::Bytes(&message));
        }
    }

    fn wait(&mut self, time: Millis) {
        let end = self.world.now + time;
        while let Some(next) = self.world.timers.iter().position(|(_, due)| *due <= end) {
            let (timer, due) = self.world.timers.remove(next);
            self.world.now = due.max(self.world.now);
            self.on(Input::Timer(timer));
        }
        self.world.now = end;
    }

    fn frame(&mut self) {
        if std::mem::take(&mut self.world.frame) {
            self.on(Input::Frame);
        }
    }

    /// Lets everything come to its end.
    fn settle(&mut self) {
        self.settle_with(|_, _| true);
    }

    fn settle_with(&mut self, mut changes: impl FnMut(&mut State, &str) -> bool) {
        for _ in 0..8 {
            if self.world.wants_socket {
                self.connect();
            }
            self.frame();
            while !self.up.is_empty() {
                self.serve(&mut changes);
            }
            while !self.down.is_empty() {
                self.receive();
            }
            self.wait(2_000);
        }
    }

    fn shows(&self, expected: &State) {
        assert_eq!(self.world.dom.html(), expected.html());
    }
}

fn state(count: i64, liked: bool) -> State {
    State { count, liked, todos: vec![(1, false), (2, true)] }
}

#[test]
fn a_change_is_shown_before_anything_is_sent() {
    let mut page = Conversation::new();
    page.event("add", "count:count+1 | liked:!liked", 0, 0);
    assert!(page.up.is_empty());
    page.shows(&state(2, true));
}

#[test]
fn the_answer_confirms() {
    let mut page = Conversation::new();
    page.event("add", "count:count+1", 0, 0);
    page.settle_with(|state, _| {
        state.count += 1;
        true
    });
    page.shows(&state(2, false));
    assert!(page.world.rollbacks.is_empty());
    assert_eq!(page.world.told, ["release 1"]);
}

#[test]
fn the_answer_corrects() {
    let mut page = Conversation::new();
    page.event("add", "count:count+1", 0, 0);
    page.settle_with(|state, _| {
        state.count = 9;
        true
    });
    page.shows(&state(9, false));
    assert!(page.world.rollbacks.is_empty());
}

#[test]
fn an_answer_without_a_change_corrects_too() {
    let mut page = Conversation::new();
    page.event("add", "count:count+1", 0, 0);
    page.settle();
    page.shows(&state(1, false));
}

#[test]
fn an_error_takes_back_what_its_event_meant_and_nothing_else() {
    let mut page = Conversation::new();
    page.event("add", "count:count+1", 0, 0);
    page.event("like", "liked:!liked", 0, 0);
    page.frame();
    page.serve(|state, handler| {
        state.liked |= handler == "like";
        handler == "like"
    });
    page.receive();
    page.shows(&state(1, true));
    assert_eq!(page.world.rollbacks, [("add".to_string(), Reason::Error)]);
    page.settle();
    page.shows(&state(1, true));
    assert_eq!(page.world.told, ["revert 1", "release 1", "release 2"]);
}

#[test]
fn a_lost_connection_takes_back_what_was_sent_and_keeps_what_waits() {
    let mut page = Conversation::new();
    page.event("add", "count:count+1", 0, 0);
    page.frame();
    page.event("like", "liked:!liked", 0, 0);
    page.disconnect();
    page.shows(&state(1, true));
    assert_eq!(page.world.rollbacks, [("add".to_string(), Reason::Disconnect)]);
    page.settle_with(|state, handler| {
        state.liked = handler == "like";
        true
    });
    page.shows(&state(1, true));
    assert_eq!(page.handled, ["like"]);
}

#[test]
fn the_patience_with_the_server_ends_after_thirty_seconds() {
    let mut page = Conversation::new();
    page.event("add", "count:count+1", 0, 0);
    page.frame();
    // The handler hangs; the connection is fine.
    page.up.clear();
    let seconds = |page: &mut Conversation, count: u64| {
        for _ in 0..count {
            page.wait(1_000);
            page.serve(|_, _| true);
            page.receive();
        }
    };
    seconds(&mut page, 29);
    page.shows(&state(2, false));
    seconds(&mut page, 1);
    page.shows(&state(1, false));
    assert_eq!(page.world.rollbacks, [("add".to_string(), Reason::Timeout)]);
}

#[test]
fn the_patience_with_an_event_that_could_not_be_sent_does_not() {
    let mut page = Conversation::new();
    page.disconnect();
    page.event("add", "count:count+1", 0, 0);
    page.wait(100_000);
    page.shows(&state(2, false));
    page.settle_with(|state, _| {
        state.count += 1;
        true
    });
    page.shows(&state(2, false));
    assert!(page.world.rollbacks.is_empty());
}

#[test]
fn an_event_that_is_not_taken_is_taken_back() {
    let mut page = Conversation::new();
    page.disconnect();
    (0..=100).for_each(|_| page.event("add", "count:count+1", 0, 0));
    page.shows(&state(101, false));
    assert_eq!(page.world.rollbacks, [("add".to_string(), Reason::Unsent)]);
}

#[test]
fn what_replaced_events_meant_belongs_to_the_one_that_is_sent() {
    let mut page = Conversation::new();
    (0..3).for_each(|_| page.event("add", "count:count+1", 0, 100));
    page.shows(&state(4, false));
    page.wait(50);
    page.shows(&state(4, false));
    page.settle_with(|state, _| {
        state.count += 1;
        true
    });
    page.shows(&state(2, false));
    assert_eq!(page.handled, ["add"]);
}

#[test]
fn a_row_is_found_by_a_node_in_it_and_followed_by_its_key() {
    let mut page = Conversation::new();
    // The nodes of the page: a root with two ends and three parts, a condition, then the rows.
    let second = page.world.dom.highest();
    page.event("toggle", "todo.done:!todo.done", second, 0);
    let row = State { todos: vec![(1, false), (2, false)], ..state(1, false) };
    page.shows(&row);
    page.state.todos.swap(0, 1);
    page.render();
    page.receive();
    page.shows(&State { todos: vec![(2, false), (1, false)], ..row });
}

#[test]
fn rows_come_and_go_before_the_answer() {
    let mut page = Conversation::new();
    let second = page.world.dom.highest();
    page.event("delete", "remove", second, 0);
    page.shows(&State { todos: vec![(1, false)], ..state(1, false) });
    page.event("add", "todos:append", 0, 0);
    assert_eq!(page.world.dom.elements("li").len(), 2);
    page.settle_with(|state, handler| {
        if handler == "add" {
            state.todos.push((3, false));
        } else {
            state.todos.pop();
        }
        true
    });
    page.shows(&State { todos: vec![(1, false), (3, false)], ..state(1, false) });
}

/// How many schedules are tried: `SCHEDULES`, else some.
fn schedules() -> u64 {
    std::env::var("SCHEDULES").map_or(1_000, |count| count.parse().expect("a number"))
}

#[test]
fn after_any_schedule_the_page_shows_what_the_server_has() {
    const SOURCES: [&str; 8] = [
        "count:count+1",
        "count:count-1",
        "liked:!liked",
        "todo.done:!todo.done",
        "remove",
        "todos:append",
        "count:7 | liked:true",
        "",
    ];
    let first: u64 = std::env::var("SEED").map_or(0, |seed| seed.parse().expect("a number"));
    for seed in first..first + schedules() {
        let mut rng = Rng::new(seed);
        let mut page = Conversation::new();
        let (mut events, mut key) = (0, 10);
        for _ in 0..8 + rng.below(25) {
            match rng.below(16) {
                0..5 => {
                    let node = rng.below(page.world.dom.highest() as usize + 2) as u32;
                    let source = SOURCES[rng.below(SOURCES.len())];
                    let wait = [0, 0, 0, 100][rng.below(4)];
                    page.event(&format!("event {events}"), source, node, wait);
                    events += 1;
                }
                5..7 => page.frame(),
                7..10 => {
                    let mut fate = rng.clone();
                    page.serve(|state, _| change(state, &mut fate, &mut key));
                    rng.below(1);
                }
                10..13 => page.receive(),
                13 => page.wait([20, 200, 5_000, 31_000][rng.below(4)]),
                14 => {
                    // The server changes by itself.
                    if page.open && page.known.is_some() {
                        change(&mut page.state, &mut rng, &mut key);
                        page.render();
                    }
                }
                _ if rng.one_in(3) => page.disconnect(),
                _ => {
                    if page.world.wants_socket {
                        page.connect();
                    }
                }
            }
        }
        let mut fate = rng.clone();
        page.settle_with(|state, _| change(state, &mut fate, &mut key));
        page.wait(70_000);
        page.settle();
        assert_eq!(page.world.dom.html(), page.state.html(), "seed {seed}");
        assert!(page.handled.is_sorted_by_key(|name| order(name)), "seed {seed}: order is kept");
    }
}

/// The number of an event.
fn order(name: &str) -> u32 {
    name.trim_start_matches("event ").parse().expect("a number")
}

/// Something happens on the server, or an event fails.
fn change(state: &mut State, rng: &mut Rng, key: &mut u8) -> bool {
    match rng.below(7) {
        0 => return false,
        1 => state.count += 1,
        2 => state.liked = !state.liked,
        3 => {
            *key = key.wrapping_add(1);
            state.todos.insert(rng.below(state.todos.len() + 1), (*key, false));
        }
        4 if !state.todos.is_empty() => {
            state.todos.remove(rng.below(state.todos.len()));
        }
        5 if !state.todos.is_empty() => {
            let at = rng.below(state.todos.len());
            state.todos[at].1 = rng.one_in(2);
        }
        _ => {}
    }
    true
}
