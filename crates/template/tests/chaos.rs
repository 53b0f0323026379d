//! Frames that are lost, come twice or in another order: the page asks for a full tree or connects
//! anew, never shows what it was not sent for, and ends up with what the template prints.
//!
//! `DJUST_CASES` says how many pages are tried.

mod support;

use std::collections::VecDeque;

use client::{Clock, Effect, Effects, Input, Runtime, Timer};
use protocol::{ClientFrame, ServerFrame, write};
use support::{MockHost, Random, World, print};
use template::{Head, Plan, Region, Session, Templates, Tree, compile, execute};
use testkit::{MockDom, html, mutations_go_to};

const STEPS: usize = 12;

/// The DOM of a page, and what the page wants from outside.
struct Outside {
    dom: MockDom,
    sent: VecDeque<Vec<u8>>,
    connects: bool,
    closes: bool,
    retries: bool,
}

impl Effects for Outside {
    fn emit(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send(bytes) => self.sent.push_back(bytes.into()),
            Effect::Connect => self.connects = true,
            // What the socket still holds, in either direction, goes nowhere.
            Effect::Close => {
                self.closes = true;
                self.sent.clear();
            }
            Effect::SetTimer(Timer::Retry, _) => self.retries = true,
            _ => {}
        }
    }
}

mutations_go_to!(Outside, dom);

/// A page, its connection and the server behind it.
struct Net {
    runtime: Runtime,
    outside: Outside,
    plan: Plan,
    session: Session,
    templates: Templates,
    seq: u32,
    /// Frames on their way to the page.
    down: VecDeque<Vec<u8>>,
    connections: usize,
    resyncs: usize,
}

impl Net {
    fn new(plan: Plan, served: &str) -> Self {
        let outside = Outside {
            dom: MockDom::served(served),
            sent: VecDeque::new(),
            connects: false,
            closes: false,
            retries: false,
        };
        let (session, templates) = (Session::new((1, 2)), Templates::default());
        let (runtime, down) = (Runtime::new(), VecDeque::new());
        let mut net = Self {
            runtime,
            outside,
            plan,
            session,
            templates,
            seq: 0,
            down,
            connections: 0,
            resyncs: 0,
        };
        let mut roots = vec![0];
        write::str(&mut roots, "token");
        net.page(Input::Attach(&roots));
        net
    }

    fn page(&mut self, input: Input<'_>) {
        let clock = Clock { now: 0, random: 0.5 };
        self.runtime.handle(input, clock, &mut self.outside);
    }

    /// The server shows a world.
    fn show(&mut self, world: &World) {
        let mut tree = Tree::default();
        execute(&self.plan, &mut MockHost::new(world), &mut tree).expect("nothing fails");
        let head = Head { root: 0, seq: self.seq + 1, ack: 0 };
        if let Some(frame) = self.session.update(&self.plan, &tree, &mut self.templates, head) {
            self.seq += 1;
            self.down.push_back(frame);
        }
    }

    /// Does what the page asked for; says whether it asked for anything.
    fn answer(&mut self, world: &World) -> bool {
        let mut asked = false;
        if std::mem::take(&mut self.outside.closes) {
            asked = true;
            self.down.clear();
        }
        if std::mem::take(&mut self.outside.retries) {
            asked = true;
            self.page(Input::Timer(Timer::Retry as u32));
        }
        if std::mem::take(&mut self.outside.connects) {
            asked = true;
            self.connections += 1;
            self.page(Input::Open);
        }
        while let Some(message) = self.outside.sent.pop_front() {
            asked = true;
            match ClientFrame::decode(&message).expect("a sound message") {
                ClientFrame::Hello(hello) => {
                    self.templates = Templates::new(hello.known);
                    self.session.forget();
                    self.seq = 0;
                    let mut welcome = Vec::new();
                    ServerFrame::Welcome { version: 1, heartbeat: 0 }.encode(&mut welcome);
                    self.down.push_back(welcome);
                    self.show(world);
                }
                ClientFrame::Resync { .. } => {
                    self.resyncs += 1;
                    self.session.forget();
                    self.show(world);
                }
                other => panic!("{other:?}"),
            }
        }
        asked
    }

    /// Delivers all that is on its way, and answers, until nobody has anything more to say.
    fn settle(&mut self, world: &World) {
        for _ in 0..100 {
            let asked = self.answer(world);
            match self.down.pop_front() {
                Some(frame) => self.page(Input::Bytes(&frame)),
                None if !asked => return,
                None => {}
            }
        }
        panic!("the page and the server do not come to an end");
    }
}

fn cases(usual: u64) -> u64 {
    std::env::var("DJUST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

#[test]
fn a_page_that_loses_frames_ends_up_right() {
    let (mut connections, mut resyncs) = (0, 0);
    for seed in 0..cases(200) {
        let mut random = Random::new(seed << 8);
        let ops = random.tame_ops(3);
        let mut world = random.world();
        let plan = compile(&ops, Region::Whole);
        let mut net = Net::new(plan, &print(&ops, &world));
        net.settle(&world);
        let mut shown = vec![html::normal(&print(&ops, &world))];
        for _ in 0..STEPS {
            random.change(&mut world);
            shown.push(html::normal(&print(&ops, &world)));
            net.show(&world);
            match random.below(8) {
                0 => drop(net.down.pop_back()),
                1 => net.down.extend(net.down.back().cloned()),
                2 => net.down.make_contiguous().reverse(),
                3 => net.down.rotate_left(usize::from(net.down.len() > 1)),
                _ => {}
            }
            // Part of what is on its way arrives.
            for _ in 0..random.below(3) {
                if !net.outside.closes
                    && let Some(frame) = net.down.pop_front()
                {
                    net.page(Input::Bytes(&frame));
                    let html = net.outside.dom.html();
                    assert!(shown.contains(&html), "seed {seed}: {html} was never to be shown");
                }
            }
            if random.below(2) == 0 {
                net.answer(&world);
            }
        }
        net.settle(&world);
        // What was lost at the end is seen by the next frame, if there is one.
        for _ in 0..20 {
            if net.down.is_empty() {
                random.change(&mut world);
                net.show(&world);
            }
        }
        if net.down.is_empty() {
            continue;
        }
        net.settle(&world);
        assert_eq!(net.outside.dom.html(), html::normal(&print(&ops, &world)), "seed {seed}");
        connections += net.connections - 1;
        resyncs += net.resyncs;
    }
    assert!(connections > 0 && resyncs > 0, "{connections} connections, {resyncs} resyncs");
}
