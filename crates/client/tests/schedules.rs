//! Random schedules of events, timers, answers, errors and lost connections: no event that was taken
//! is lost, none is sent twice, the order is kept, and at the end the page shows the server's truth. So
//! it is when the engine traps and js/page.js gives a fresh one what has not left.
//! `make schedules SCHEDULES=1000000 SEED=0` tries more of them.

mod page;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    env,
};

use client::{Clock, Connection, Effect, Effects, Input, Millis, Runtime, Timer};
use page::{body, handlers};
use protocol::{
    ClientFrame, Definition, FLAG_SINGLE, Handler, Hole, HoleKind, Part, Reader, Scalar,
    ServerFrame, TemplateId, Tree, Value, write,
};
use testkit::random::Rng;
use vdom::{NodeId, WriteMutations};

/// What handlers there are: the name, its options, and what may become of its events.
const HANDLERS: [(&str, &[u8], Fate); 9] = [
    ("plain", &[0xc0], Fate::All),
    ("key", &[0xc0], Fate::All),
    // {1: [40, nil]}, {1: [40, 90]}
    ("debounced", b"\x81\x01\x92\x28\xc0", Fate::Last),
    ("bounded", b"\x81\x01\x92\x28\x5a", Fate::Last),
    // {2: [50, flags]}
    ("throttled", &[0x81, 2, 0x92, 50, 3], Fate::Last),
    ("trailing", &[0x81, 2, 0x92, 50, 2], Fate::Last),
    ("leading", &[0x81, 2, 0x92, 50, 1], Fate::Some),
    // {1: [30, nil], 2: [50, 3]}
    ("both", b"\x82\x01\x92\x1e\xc0\x02\x92\x32\x03", Fate::Last),
    // {4: [2000, ["p"]]}
    ("cached", b"\x81\x04\x92\xcd\x07\xd0\x91\xa1p", Fate::Newest),
];

/// The place of the cached handler.
const CACHED: usize = 8;

/// What may become of the events of a handler, of one element.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Each is sent.
    All,
    /// At least the last one of those that follow each other is sent.
    Last,
    /// Some are not sent.
    Some,
    /// The last one is sent, whichever element it was of.
    Newest,
}

/// An event of the schedule. Its number is its place among all of them.
#[derive(Clone, Copy)]
struct Fired {
    handler: usize,
    element: u8,
    /// Whether nothing that came before may come after it.
    hurries: bool,
}

/// The server: what it was told, and what it would show.
#[derive(Default)]
struct Server {
    base: u32,
    picked: u32,
    seq: u32,
    ack: u32,
    /// What it sent last; none before the first tree.
    sent: Option<Shown>,
}

/// Three numbers. A change of one of them leaves others as they are, so that what a page shows
/// wrongly is not put right by what comes next.
type Shown = [u8; 3];

impl Server {
    /// What the page is to show: what others did, and what was picked, which depends on it.
    fn shown(&self) -> Shown {
        self.picking(self.picked)
    }

    fn picking(&self, picked: u32) -> Shown {
        [self.base as u8, picked as u8, (self.base / 16 + 10 * picked) as u8]
    }

    /// Something changes.
    fn turn(&mut self, by: u32) {
        self.base = (self.base * 31 + by) % 97;
    }

    fn tree(&mut self, full: bool) -> Vec<u8> {
        self.seq += 1;
        let shown = self.shown();
        let before = self.sent.replace(shown);
        let list = handlers(&HANDLERS.map(|(name, options, _)| (name, options)));
        let first = full && self.seq == 1;
        let definitions = if first { vec![three()] } else { Vec::new() };
        let mut rest = vec![0];
        if full {
            rest.extend(shown);
        } else {
            let before = before.expect("a tree comes before a delta");
            let changed = (0..3u8).filter(|&slot| before[slot as usize] != shown[slot as usize]);
            let changed: Vec<u8> = changed.flat_map(|slot| [slot, shown[slot as usize]]).collect();
            rest = vec![changed.len() as u8 / 2];
            rest.extend(changed);
        }
        let body = body(0, &definitions, &rest);
        let handlers = first.then_some(&list[..]);
        let tree = Tree { full, root: 0, seq: self.seq, ack: self.ack, handlers, body: &body };
        encoded(&ServerFrame::Tree(tree))
    }
}

/// Three numbers in an element.
fn three() -> Definition {
    let hole =
        |slot| Part::Hole(Hole { kind: HoleKind::Text, joined: false, slot, template: None });
    let text = |text: &str| Part::Static(text.into());
    let space = || text(" ");
    let parts = vec![text("<b>"), hole(0), space(), hole(1), space(), hole(2), text("</b>")];
    Definition { flags: FLAG_SINGLE, scalars: 3, parts, ..Definition::default() }
}

fn encoded(frame: &ServerFrame<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(&mut bytes);
    bytes
}

/// What the page says, and what it shows.
#[derive(Default)]
struct World {
    sent: VecDeque<Vec<u8>>,
    shown: Shown,
    /// Its element, and to which of its texts the next values belong.
    base: u32,
    slots: Vec<usize>,
    alarm: Option<Millis>,
    now: Millis,
    frame: bool,
    live: bool,
    busy: BTreeMap<(u32, Vec<u8>), i32>,
    /// The events that are not answered, and whether they are sent, as js/page.js keeps them.
    open: BTreeMap<u32, bool>,
    opening: BTreeSet<u32>,
}

impl Effects for World {
    fn emit(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send(bytes) => self.sent.push_back(bytes.to_vec()),
            Effect::SetTimer(Timer::Interceptors, wait) => self.alarm = Some(self.now + wait),
            Effect::ClearTimer(Timer::Interceptors) => self.alarm = None,
            Effect::Frame => self.frame = true,
            Effect::State(state) => self.live = state == Connection::Connected,
            Effect::Busy { element, handler, on, .. } => {
                let count = self.busy.entry((element, handler.into())).or_default();
                *count += if on { 1 } else { -1 };
                assert!(*count >= 0, "{handler:?} ended more often than it began");
            }
            Effect::Open(number, is_sent) => {
                *self.open.entry(number).or_default() |= is_sent;
                self.opening.insert(number);
            }
            Effect::Opened(last) => {
                let opening = std::mem::take(&mut self.opening);
                self.open.retain(|number, _| *number > last || opening.contains(number));
            }
            Effect::Error { code, .. } => assert_eq!(code, b"failed"),
            Effect::Fault(fault) => panic!("{fault:?}"),
            _ => {}
        }
    }
}

impl WriteMutations for World {
    fn define(&mut self, _: TemplateId, _: &[u8]) {}
    fn create(&mut self, _: TemplateId, base: NodeId, _: NodeId) {
        (self.base, self.slots) = (base.0, vec![0, 1, 2]);
    }
    fn adopt(&mut self, _: TemplateId, base: NodeId) {
        (self.base, self.slots) = (base.0, vec![0, 1, 2]);
    }
    fn adopt_children(&mut self, _: u32) {}
    fn set(&mut self, _: TemplateId, _: NodeId, node: u32) {
        self.slots = vec![node as usize - 1];
    }
    fn set_text(&mut self, node: NodeId) {
        self.slots = vec![(node.0 - self.base - 1) as usize];
    }
    fn append(&mut self, _: NodeId, _: u32, _: &[u8]) {}
    fn values(&mut self, _: u32, values: &[u8]) {
        let mut reader = Reader::new(values);
        for slot in std::mem::take(&mut self.slots) {
            let Ok(Scalar::Int(number)) = reader.scalar() else { panic!("a number") };
            self.shown[slot] = number as u8;
        }
    }
    fn move_before(&mut self, _: TemplateId, _: NodeId, _: NodeId) {}
    fn remove(&mut self, _: TemplateId, _: NodeId) {}
    fn clear(&mut self, _: NodeId, _: NodeId) {}
    fn release(&mut self, _: NodeId, _: u32) {}
}

#[derive(Default)]
struct Schedule {
    runtime: Runtime,
    world: World,
    server: Server,
    /// Frames on their way to the page.
    down: VecDeque<Vec<u8>>,
    fired: Vec<Fired>,
    /// How often an answer was shown while nothing else was on its way.
    hits: usize,
    /// The numbers of the events that reached the wire, in order.
    wire: Vec<usize>,
    /// The records of all events; they are numbered from 1.
    records: Vec<Vec<u8>>,
    /// The instance is fresh and has not got what the one before it held.
    is_late: bool,
}

impl Schedule {
    fn input(&mut self, input: Input<'_>) {
        let clock = Clock { now: self.world.now, random: 0.5 };
        self.runtime.handle(input, clock, &mut self.world);
    }

    /// Gives the page an event, as js/page.js does.
    fn record(&mut self, record: Vec<u8>) {
        self.records.push(record.clone());
        let number = self.records.len() as u32;
        self.world.open.insert(number, false);
        if !self.is_late {
            self.input(Input::Event(&record, number));
        }
    }

    /// The engine traps, maybe in the midst of an input, of which nothing is carried out; a fresh one
    /// takes over.
    fn trap(&mut self, input: Option<Input<'_>>) {
        if let Some(input) = input {
            let clock = Clock { now: self.world.now, random: 0.5 };
            self.runtime.handle(input, clock, &mut World::default());
        }
        self.runtime = Runtime::default();
        let world = &mut self.world;
        (world.alarm, world.frame) = (None, false);
        world.busy.clear();
        world.open.retain(|_, is_sent| !*is_sent);
        self.is_late = true;
        self.input(Input::Attach(&[0, 0xa1, b't']));
    }

    fn connect(&mut self) {
        (self.server, self.world.live) = (Server::default(), false);
        self.world.sent.clear();
        self.down.clear();
        self.input(Input::Open);
        self.world.sent.clear(); // hello
        self.down.push_back(encoded(&ServerFrame::Welcome { version: 1, heartbeat: 0 }));
        let tree = self.server.tree(true);
        self.down.push_back(tree);
    }

    fn fire(&mut self, handler: usize, element: u8, picked: u8) {
        let number = self.fired.len();
        let name = HANDLERS[handler].0;
        let hurries = name == "plain";
        self.fired.push(Fired { handler, element, hurries });
        let kind = if name == "key" { page::KEYDOWN } else { page::CLICK };
        let mut record = vec![0, kind, element, 0xc0, 0x90];
        write::str(&mut record, name);
        record.extend(b"\x82\xa1p");
        record.push(picked);
        record.extend(b"\xa1n");
        write::uint(&mut record, number as u64);
        let world = &self.world;
        let rests = world.live && world.alarm.is_none() && !world.frame;
        let rests = rests && world.sent.is_empty() && self.down.is_empty();
        self.record(record);
        if rests && name == "cached" && !self.world.frame {
            let truth = self.server.picking(u32::from(picked));
            assert_eq!(self.world.shown, truth, "an answer that does not hold was shown");
            self.hits += 1;
        }
    }

    /// The server answers the next message.
    fn answer(&mut self, rng: &mut Rng, fails: bool) {
        let Some(message) = self.world.sent.pop_front() else { return };
        match ClientFrame::decode(&message).expect("a sound frame") {
            ClientFrame::Events(events) => {
                for event in events {
                    let param = |name| match event.params.iter().find(|(key, _)| *key == name) {
                        Some((_, Value::Int(number))) => *number as usize,
                        _ => panic!("{event:?} has no {name}"),
                    };
                    let Handler::Index(handler) = event.handler else { panic!("{event:?}") };
                    self.server.ack = event.id;
                    if fails && rng.one_in(8) {
                        let id = event.id;
                        let error = ServerFrame::Error {
                            root: 0,
                            event: id,
                            code: b"failed",
                            message: b"",
                        };
                        self.down.push_back(encoded(&error));
                    } else if HANDLERS[handler as usize].0 == "cached" {
                        self.server.picked = param("p") as u32;
                    } else if rng.one_in(4) {
                        // It changes nothing.
                    } else {
                        self.server.turn(param("n") as u32 % 7);
                    }
                }
                let frame = if self.server.sent == Some(self.server.shown()) {
                    encoded(&ServerFrame::Ack { root: 0, ack: self.server.ack })
                } else {
                    self.server.tree(false)
                };
                self.down.push_back(frame);
            }
            ClientFrame::Resync { .. } => {
                let tree = self.server.tree(true);
                self.down.push_back(tree);
            }
            other => panic!("{other:?}"),
        }
    }

    /// Something changes on the server of its own accord.
    fn changes(&mut self, by: u32) {
        self.server.turn(by);
        if self.server.sent.is_some_and(|sent| sent != self.server.shown()) {
            let frame = self.server.tree(false);
            self.down.push_back(frame);
        }
    }

    fn deliver(&mut self) {
        if let Some(frame) = self.down.pop_front() {
            self.input(Input::Bytes(&frame));
        }
        if self.is_late && self.world.live {
            self.is_late = false;
            for number in self.world.open.keys().copied().collect::<Vec<_>>() {
                let record = self.records[number as usize - 1].clone();
                self.input(Input::Event(&record, number));
            }
        }
    }

    /// Begins an animation frame; what then leaves is on the wire.
    fn frame(&mut self) {
        if std::mem::take(&mut self.world.frame) {
            self.input(Input::Frame);
        }
    }

    /// Notes what has come to the wire since the last call.
    fn listen(&mut self, from: usize) {
        for message in self.world.sent.iter().skip(from) {
            if let Ok(ClientFrame::Events(events)) = ClientFrame::decode(message) {
                for event in events {
                    let number = event.params.iter().find(|(key, _)| *key == "n");
                    let Some((_, Value::Int(number))) = number else { panic!("{event:?}") };
                    self.wire.push(*number as usize);
                }
            }
        }
    }

    fn pass(&mut self, time: Millis) {
        let end = self.world.now + time;
        while let Some(alarm) = self.world.alarm.filter(|&alarm| alarm <= end) {
            self.world.now = alarm;
            self.world.alarm = None;
            self.input(Input::Timer(Timer::Interceptors as u32));
        }
        self.world.now = end;
    }

    /// Does something, and notes what left.
    fn step(&mut self, act: impl FnOnce(&mut Self)) {
        let before = self.world.sent.len();
        act(self);
        self.listen(before);
    }

    /// Lets time pass, and everything go where it is on its way to.
    fn rest(&mut self, rng: &mut Rng, rounds: usize, fails: bool) {
        for _ in 0..rounds {
            self.step(|schedule| schedule.pass(10));
            self.step(Schedule::frame);
            self.answer(rng, fails);
            self.step(Schedule::deliver);
        }
    }

    fn breaks(&mut self) {
        self.input(Input::Closed(1006));
        assert!(!self.world.live);
        self.input(Input::Timer(Timer::Retry as u32));
        self.world.sent.clear();
    }
}

fn run(seed: u64) -> usize {
    let mut rng = Rng::new(seed);
    let mut schedule = Schedule::default();
    schedule.input(Input::Attach(&[0, 0xa1, b't']));
    schedule.connect();
    let steps = 10 + rng.below(60);
    let breaks = rng.one_in(3);
    let fails = rng.one_in(3);
    let traps = rng.one_in(3);
    let mut pool: Vec<usize> = (0..1 + rng.below(4)).map(|_| rng.below(HANDLERS.len())).collect();
    if rng.one_in(3) {
        pool.extend([CACHED; 3]);
    }
    for _ in 0..steps {
        let choice = rng.below(25);
        match choice {
            0..=7 => {
                let (handler, element) = (pool[rng.below(pool.len())], 1 + rng.below(3) as u8);
                let picked = rng.below(4) as u8;
                schedule.step(|schedule| schedule.fire(handler, element, picked));
            }
            8..=10 => {
                let time = rng.below(60) as Millis;
                schedule.step(|schedule| schedule.pass(time));
            }
            11..=13 => schedule.step(Schedule::frame),
            14..=15 => schedule.answer(&mut rng, fails),
            16..=17 => schedule.step(Schedule::deliver),
            18 => schedule
                .step(|schedule| schedule.record(vec![0, page::BLUR, 1, 0xc0, 0x90, 0xa0, 0x80])),
            19..=21 => schedule.rest(&mut rng, 6, fails),
            22 => schedule.changes(rng.below(5) as u32),
            _ if traps => {
                let input = match rng.below(3) {
                    0 => Some(Input::Frame),
                    1 => Some(Input::Timer(Timer::Interceptors as u32)),
                    _ => None,
                };
                schedule.trap(input);
                schedule.step(Schedule::connect);
            }
            _ if breaks => {
                schedule.breaks();
                schedule.step(Schedule::connect);
            }
            _ => {}
        }
    }
    // Everything comes to rest. The last click brings what is owed to the server.
    for end in [false, true] {
        if end {
            schedule.step(|schedule| schedule.fire(0, 9, 0));
        }
        schedule.rest(&mut rng, 400, false);
    }
    check(seed, &schedule);
    schedule.hits
}

fn check(seed: u64, schedule: &Schedule) {
    let Schedule { fired, wire, world, server, .. } = schedule;
    assert_eq!(world.shown, server.shown(), "seed {seed}: the page shows something else");
    assert!(world.busy.values().all(|&count| count == 0), "seed {seed}: {:?}", world.busy);
    let sent: BTreeSet<usize> = wire.iter().copied().collect();
    assert_eq!(sent.len(), wire.len(), "seed {seed}: something was sent twice: {wire:?}");
    let mut last = BTreeMap::new();
    for (number, event) in fired.iter().enumerate() {
        let fate = HANDLERS[event.handler].2;
        if fate == Fate::All {
            assert!(sent.contains(&number), "seed {seed}: event {number} was lost");
        } else if fate == Fate::Last {
            last.insert((event.handler, event.element), number);
        } else if fate == Fate::Newest {
            last.insert((event.handler, 0), number);
        }
    }
    for number in last.values() {
        assert!(sent.contains(number), "seed {seed}: event {number}, the last one, was lost");
    }
    let mut highest = BTreeMap::new();
    let mut barrier = 0;
    for &number in wire {
        let Fired { handler, element, hurries } = fired[number];
        assert!(barrier <= number, "seed {seed}: {number} was overtaken: {wire:?}");
        if hurries {
            barrier = number;
        }
        let before = highest.insert((handler, element), number);
        assert!(before < Some(number), "seed {seed}: {number} came after {before:?}");
    }
}

#[test]
fn nothing_is_lost_doubled_or_overtaken() {
    let number =
        |name, usual| env::var(name).map_or(usual, |text: String| text.parse().expect("a number"));
    let first: u64 = number("SEED", 0);
    let schedules = number("SCHEDULES", 3000);
    let hits: usize = (first..first + schedules).map(run).sum();
    assert!(hits as u64 >= schedules / 10, "the cache answered {hits} events only");
}
