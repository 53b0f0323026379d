//! Where the two directions meet: inputs go in, effects and mutations come out.
//!
//! The connection goes through these states:
//!
//! ```text
//!            Attach             Open, hello          mount frame
//!    Idle ───────────> Opening ─────────────> Open ──────────────> Live
//!                       ^   │ closed           │ closed, silent     │
//!      Retry, Wake, Show│   v                  v                    │
//!                      Waiting <────────────────────────────────────┘
//!                       Hide: Idle           4403, 4401, 4406: Stopped
//! ```

use alloc::{boxed::Box, vec::Vec};
use core::mem::take;

use protocol::{ErrorKind, Scan, ServerFrame, TemplateId, Tree, limits, write};
use vdom::Engine;

use crate::{
    Clock, Connection, Effect, Effects, Fault, Input, Millis, Reason, Refused, Timer,
    backoff::{Backoff, STABLE},
    interceptors::{Cache, Chain, Scope},
    optimistic::Optimistic,
    outbox::{Outbox, Refusal},
    record::{Event, Kind, Options},
    session::{Session, Verdict},
};

/// How long the server may take to answer a ping.
const PATIENCE: Millis = 10_000;
/// The same after the page woke up: then a dead connection is likely.
const PROBE: Millis = 5_000;
/// How often a minute the page may start anew because it and the server do not understand each other.
const RESTARTS: u32 = 3;
const MINUTE: Millis = 60_000;

/// The runtime of a page, or of one root without a session.
#[derive(Default)]
pub struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) session: Session,
    pub(crate) outbox: Outbox,
    pub(crate) cache: Cache,
    pub(crate) chain: Chain,
    pub(crate) optimistic: Optimistic,
    backoff: Backoff,
    link: Link,
    /// Time between two pings.
    heartbeat: Millis,
    /// For when the timer of the interceptors is set.
    alarm: Option<Millis>,
    /// An animation frame is awaited.
    framing: bool,
    /// The network is known to be away.
    offline: bool,
    /// The highest number of an event that came, and whether some were open when that was last said.
    last: u32,
    is_open: bool,
    /// How often the page has started anew since a time.
    restarts: u32,
    since: Millis,
}

/// Why a tree or a delta was not shown.
enum Trouble {
    /// A frame of this root is missing.
    Gap(u32),
    /// A mount frame is awaited.
    Waits,
    /// A definition is malformed, so nothing can follow on this connection.
    Malformed(ErrorKind),
    /// The frame does not fit what this root shows.
    Bad(u32, ErrorKind),
}

/// The state of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Link {
    /// Not wanted.
    #[default]
    Idle,
    /// Being made.
    Opening,
    /// Made; the tree is not there yet.
    Open,
    /// The page is live.
    Live,
    /// Broken; a timer runs.
    Waiting,
    /// Not wanted by the server.
    Stopped,
}

impl Runtime {
    /// A runtime at rest.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The engine's store, where the places of values are.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        self.engine.stored()
    }

    /// Takes what happened; `fx` receives what is to be done, in order.
    /// Takes what happened; `fx` receives what is to be done, in order.
    #[inline]
    pub fn handle(&mut self, input: Input<'_>, clock: Clock, fx: &mut impl Effects) {
        self.engine.compact();
        match input {
            Input::Attach(roots) => self.attach(roots, fx),
            Input::Open => self.hello(fx),
            Input::Bytes(bytes) => {
                fx.emit(Effect::ClearTimer(Timer::Silence));
                self.receive(bytes, None, clock, fx);
            }
            Input::Closed(code) => self.closed(code, clock, fx),
            Input::Event(record, number) => self.event(record, number, clock, fx),
            Input::Timer(timer) => self.timer(timer, clock, fx),
            Input::Frame => {
                self.framing = false;
                self.send(fx);
            }
            Input::Wake => self.wake(fx),
            Input::Offline => {
                // What a browser says about the network is a hint; the connection is asked.
                self.offline = true;
                if self.link == Link::Live {
                    self.ping(PROBE, fx);
                } else if self.link == Link::Waiting {
                    fx.emit(Effect::State(Connection::Offline));
                }
            }
            Input::Hide => {
                let mut events = Vec::new();
                self.chain.flush(Scope::All, clock.now, &mut events);
                self.post(events, clock.now, fx);
                self.settle(fx);
                self.send(fx);
                self.disconnect(fx);
                self.link = Link::Idle;
            }
            Input::Show => {
                if self.link == Link::Idle {
                    self.connect(fx);
                }
            }
            Input::Apply { bytes, hydrate } => self.receive(bytes, Some(hydrate), clock, fx),
            Input::Unmount(root) => self.unmount(root, fx),
            Input::Gone(element) => self.chain.forget(Scope::Element(element)),
        }
        let due = match (self.chain.deadline(), self.optimistic.due) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        if due != self.alarm {
            self.alarm = due;
            fx.emit(match due {
                Some(due) => Effect::SetTimer(Timer::Interceptors, due.saturating_sub(clock.now)),
                None => Effect::ClearTimer(Timer::Interceptors),
            });
        }
        self.tell_open(fx);
    }

    /// Says which events are open, if there are any or have just been some.
    fn tell_open(&mut self, fx: &mut impl Effects) {
        let mut is_open = false;
        let mut tell = |event: &Event, is_sent| {
            is_open = true;
            fx.emit(Effect::Open(event.number, is_sent));
        };
        self.outbox.each(&mut tell);
        self.cache.owed.iter().for_each(|event| tell(event, false));
        self.chain.events().for_each(|event| tell(event, false));
        if is_open || self.is_open {
            fx.emit(Effect::Opened(self.last));
        }
        self.is_open = is_open;
    }

    // ---- Live views come and go

    fn attach(&mut self, roots: &[u8], fx: &mut impl Effects) {
        if self.session.attach(roots).is_err() {
            return;
        }
        match self.link {
            Link::Idle => self.connect(fx),
            // It came with a patch.
            Link::Open | Link::Live => self.tell(5, roots, fx),
            // The next hello names it.
            _ => {}
        }
    }

    fn unmount(&mut self, root: u32, fx: &mut impl Effects) {
        self.engine.unmount(root, fx);
        if !self.session.remove(root) {
            return;
        }
        // Nobody would answer what waits.
        self.chain.forget(Scope::Root(root));
        self.cache.settle(root);
        self.cache.forget(root, b"");
        for event in self.outbox.take(&|event, is_sent| event.root == root && !is_sent) {
            busy(&event, false, fx);
        }
        self.optimistic.forget(root, fx);
        if matches!(self.link, Link::Open | Link::Live) {
            self.tell_root(4, root, fx);
        }
    }

    /// Sends a frame of a root alone.
    fn tell_root(&self, kind: u8, root: u32, fx: &mut impl Effects) {
        let mut values = Vec::new();
        write::uint(&mut values, u64::from(root));
        self.tell(kind, &values, fx);
    }

    /// Sends a frame.
    fn tell(&self, kind: u8, values: &[u8], fx: &mut impl Effects) {
        let mut out = Vec::new();
        write::uint(&mut out, u64::from(kind));
        out.extend_from_slice(values);
        fx.emit(Effect::Send(&out));
    }

    // ---- The connection

    fn connect(&mut self, fx: &mut impl Effects) {
        self.link = Link::Opening;
        fx.emit(Effect::ClearTimer(Timer::Retry));
        fx.emit(Effect::Connect);
    }

    fn hello(&mut self, fx: &mut impl Effects) {
        let known = self.engine.known();
        // The server would number new templates anew from its limit on.
        if known.len() > limits::KNOWN * 8 {
            return fx.emit(Effect::Reload);
        }
        self.link = Link::Open;
        let mut out = Vec::new();
        self.session.hello(&known, &mut out);
        fx.emit(Effect::Send(&out));
        fx.emit(Effect::SetTimer(Timer::Silence, PATIENCE));
    }

    /// Ends the connection from this side.
    fn disconnect(&mut self, fx: &mut impl Effects) {
        fx.emit(Effect::Close);
        self.forget(fx);
    }

    /// Ends what belongs to the connection.
    fn forget(&mut self, fx: &mut impl Effects) {
        for timer in [Timer::Stable, Timer::Heartbeat, Timer::Silence, Timer::Retry] {
            fx.emit(Effect::ClearTimer(timer));
        }
        let lost = self.outbox.take(&|_, is_sent| is_sent);
        let handlers: Vec<&[u8]> = lost.iter().map(|event| &*event.handler).collect();
        if !handlers.is_empty() {
            fx.emit(Effect::Unconfirmed(&handlers));
        }
        for event in lost {
            self.roll_back(&event.changes, Reason::Disconnect, fx);
            busy(&event, false, fx);
        }
        self.settle(fx);
    }

    /// Queues what is owed and drops all answers: they end with the connection.
    fn settle(&mut self, fx: &mut impl Effects) {
        self.cache.entries.clear();
        for owed in take(&mut self.cache.owed) {
            self.push(owed, fx);
        }
    }

    fn retry(&mut self, clock: Clock, fx: &mut impl Effects) {
        self.link = Link::Waiting;
        let offline = self.offline;
        fx.emit(Effect::State(if offline {
            Connection::Offline
        } else {
            Connection::Reconnecting
        }));
        fx.emit(Effect::SetTimer(Timer::Retry, self.backoff.fail(clock.random)));
    }

    fn stop(&mut self, fx: &mut impl Effects) {
        self.link = Link::Stopped;
        fx.emit(Effect::State(Connection::Stopped));
    }

    fn closed(&mut self, code: u32, clock: Clock, fx: &mut impl Effects) {
        if !matches!(self.link, Link::Opening | Link::Open | Link::Live) {
            return;
        }
        self.forget(fx);
        let fault = match code {
            4401 | 4406 => {
                self.stop(fx);
                return fx.emit(Effect::Reload);
            }
            4403 => {
                self.stop(fx);
                Some(Fault::Forbidden)
            }
            1003 | 4400 => Some(Fault::Misunderstood),
            1009 => Some(Fault::Undelivered),
            _ => None,
        };
        if let Some(fault) = fault {
            fx.emit(Effect::Fault(fault));
        }
        match self.link {
            Link::Stopped => {}
            _ if code == 4400 => self.restart(clock, fx),
            _ => self.retry(clock, fx),
        }
    }

    fn wake(&mut self, fx: &mut impl Effects) {
        self.offline = false;
        match self.link {
            Link::Waiting => self.connect(fx),
            Link::Live => self.ping(PROBE, fx),
            _ => {}
        }
    }

    fn ping(&mut self, patience: Millis, fx: &mut impl Effects) {
        self.tell(3, &[], fx);
        fx.emit(Effect::SetTimer(Timer::Silence, patience));
    }

    fn timer(&mut self, timer: u32, clock: Clock, fx: &mut impl Effects) {
        const RETRY: u32 = Timer::Retry as u32;
        const STABLE: u32 = Timer::Stable as u32;
        const HEARTBEAT: u32 = Timer::Heartbeat as u32;
        const SILENCE: u32 = Timer::Silence as u32;
        match timer {
            RETRY => {
                if self.link == Link::Waiting {
                    self.connect(fx);
                }
            }
            STABLE => {
                self.backoff.reset();
            }
            HEARTBEAT => {
                self.ping(PATIENCE, fx);
                fx.emit(Effect::SetTimer(Timer::Heartbeat, self.heartbeat));
            }
            SILENCE => {
                self.disconnect(fx);
                self.retry(clock, fx);
            }
            _ => {
                self.alarm = None;
                let mut events = Vec::new();
                self.chain.tick(clock.now, &mut events);
                self.queue(events, clock.now, fx);
                self.expire(clock.now, fx);
            }
        }
    }

    // ---- Down

    /// Takes a frame. `embedded` says that it is one of a root without a session, and whether its
    /// element has the content already.
    fn receive(
        &mut self,
        bytes: &[u8],
        embedded: Option<bool>,
        clock: Clock,
        fx: &mut impl Effects,
    ) {
        let mut refused = Refused::Waits;
        match (ServerFrame::decode(bytes), embedded) {
            (Ok(ServerFrame::Tree(tree)), _) => {
                let shown = self.show(&tree, embedded.unwrap_or(true), clock.now, fx);
                match (shown, embedded) {
                    (Ok(()), _) | (Err(Trouble::Waits), None) => return,
                    (Err(Trouble::Malformed(_)), None) => return self.malformed(clock, fx),
                    // A full tree that does not apply would do so again.
                    (Err(_), None) if tree.full => return self.restart(clock, fx),
                    (Err(Trouble::Gap(root) | Trouble::Bad(root, _)), None) => {
                        return self.resync(root, clock, fx);
                    }
                    (Err(Trouble::Gap(_)), _) => refused = Refused::Gap,
                    (Err(Trouble::Waits), _) => {}
                    (Err(Trouble::Malformed(kind) | Trouble::Bad(_, kind)), _) => {
                        refused = Refused::Bad(kind);
                    }
                }
            }
            (Err(_), None) => return self.malformed(clock, fx),
            (Err(error), _) => refused = Refused::Bad(error.kind),
            // Nothing visible changed.
            (Ok(ServerFrame::Ack { .. }), Some(_)) => return,
            (Ok(_), Some(_)) => {}
            (Ok(frame), None) => return self.other(frame, clock, fx),
        }
        fx.emit(Effect::Refused(refused));
    }

    /// Takes a frame that shows nothing.
    #[inline]
    fn other(&mut self, frame: ServerFrame<'_>, clock: Clock, fx: &mut impl Effects) {
        match frame {
            ServerFrame::Welcome { heartbeat, .. } => {
                self.heartbeat = Millis::from(heartbeat);
                if heartbeat > 0 {
                    fx.emit(Effect::SetTimer(Timer::Heartbeat, self.heartbeat));
                }
                fx.emit(Effect::SetTimer(Timer::Stable, STABLE));
            }
            ServerFrame::Ack { root, ack } => {
                self.hear(root, ack);
                self.acknowledge(root, ack, clock.now, fx);
            }
            ServerFrame::Push { root, name, payload } => {
                fx.emit(Effect::Push { root, name, payload });
            }
            ServerFrame::Error { root, code, message, event } => {
                fx.emit(Effect::Error { code, message, event });
                let is_it =
                    |sent: &Event, is_sent| is_sent && sent.root == root && sent.id == event;
                for failed in self.outbox.take(&is_it) {
                    self.roll_back(&failed.changes, Reason::Error, fx);
                    self.finish(&failed, fx);
                }
            }
            ServerFrame::Pong | ServerFrame::Tree(_) => {}
        }
    }

    fn malformed(&mut self, clock: Clock, fx: &mut impl Effects) {
        fx.emit(Effect::Fault(Fault::Malformed));
        self.restart(clock, fx);
    }

    /// Carries out a tree or a delta.
    fn show(
        &mut self,
        tree: &Tree<'_>,
        hydrate: bool,
        now: Millis,
        fx: &mut impl Effects,
    ) -> Result<(), Trouble> {
        let Tree { full, root, seq, ack, .. } = *tree;
        // Definitions count even in a frame that is dropped: the server numbers them.
        let mut scan = Scan::new(tree.body);
        self.engine.define(&mut scan, fx).map_err(|error| Trouble::Malformed(error.kind))?;
        if self.link != Link::Idle && !self.session.has(root) {
            // It left while this was on its way.
            self.acknowledge(root, ack, now, fx);
            return Ok(());
        }
        let verdict = self.session.sequence(root, seq, full);
        self.hear(root, ack);
        if let Some(owed) = self.cache.settle(root) {
            // The page shows an answer that the server does not know of: this is none to show now.
            self.session.outdate(root);
            self.acknowledge(root, ack, now, fx);
            self.push(owed, fx);
            self.ask_frame(fx);
            return Err(Trouble::Waits);
        }
        match verdict {
            Verdict::Apply => {}
            Verdict::Resync => return Err(Trouble::Gap(root)),
            Verdict::Wait => return Err(Trouble::Waits),
        }
        let shown = if full {
            if let Some(list) = tree.handlers {
                self.session.handlers(root, list);
                need(list, fx);
            }
            fx.emit(Effect::Root(root));
            let template = TemplateId(scan.uint());
            let engine = &mut self.engine;
            scan.result().and_then(|()| engine.mount(root, template, scan.rest(), hydrate, fx))
        } else {
            self.engine.update(root, scan.rest(), fx)
        };
        if let Err(error) = shown {
            return Err(Trouble::Bad(root, error.kind));
        }
        if self.link == Link::Open {
            self.link = Link::Live;
            fx.emit(Effect::State(Connection::Connected));
        }
        self.acknowledge(root, ack, now, fx);
        self.check(fx);
        self.send(fx);
        Ok(())
    }

    /// Asks whether what something waits for is still there.
    pub(crate) fn check(&self, fx: &mut impl Effects) {
        self.chain.events().for_each(|event| fx.emit(Effect::Check(event.element)));
    }

    /// The server has handled all events of a root up to this one, and the page shows what it said,
    /// unless the root is not current.
    fn acknowledge(&mut self, root: u32, ack: u32, now: Millis, fx: &mut impl Effects) {
        let is_it = |sent: &Event, is_sent| is_sent && sent.root == root && sent.id <= ack;
        let answered = self.outbox.take(&is_it);
        for event in &answered {
            self.finish(event, fx);
        }
        self.keep(root, &answered, ack, now);
        self.lay(root, fx);
    }

    /// The changes of an answered event are what the page shows.
    pub(crate) fn release(&mut self, changes: &[u32], fx: &mut impl Effects) {
        self.optimistic.confirm(changes);
        changes.iter().for_each(|&change| fx.emit(Effect::Release(change)));
    }

    /// An event is answered.
    fn finish(&mut self, event: &Event, fx: &mut impl Effects) {
        self.release(&event.changes, fx);
        busy(event, false, fx);
        self.cache.forget(event.root, &event.handler);
    }

    /// Starts the connection anew at once, but not for ever.
    fn restart(&mut self, clock: Clock, fx: &mut impl Effects) {
        self.disconnect(fx);
        if clock.now.saturating_sub(self.since) > MINUTE {
            (self.restarts, self.since) = (0, clock.now);
        }
        self.restarts += 1;
        if self.restarts > RESTARTS {
            self.stop(fx);
            return fx.emit(Effect::Fault(Fault::NoUse));
        }
        fx.emit(Effect::State(Connection::Reconnecting));
        self.connect(fx);
    }

    /// Asks for a full tree.
    fn resync(&mut self, root: u32, clock: Clock, fx: &mut impl Effects) {
        if self.link != Link::Live {
            return self.restart(clock, fx);
        }
        self.session.outdate(root);
        self.send(fx);
    }

    // ---- Up

    fn event(&mut self, record: &[u8], number: u32, clock: Clock, fx: &mut impl Effects) {
        self.last = number;
        let Ok(event) = Event::read(record, number) else { return };
        let mut events = Vec::new();
        if event.kind == Kind::Blur {
            self.chain.flush(Scope::Element(event.element), clock.now, &mut events);
        } else if event.handler.is_empty() {
            if !event.options.get(Options::OPTIMISTIC).rest().is_empty() {
                event.changes.iter().for_each(|&change| fx.emit(Effect::Revert(change)));
            }
            return fx.emit(Effect::Fault(Fault::Attribute));
        } else if event.kind == Kind::Shared {
            self.share(&event.handler, &event, clock.now, &mut events, fx);
        } else {
            self.enter(event, clock.now, &mut events, fx);
        }
        self.queue(events, clock.now, fx);
    }

    /// Leads an event through the interceptors; what goes to the outbox now is added to `out`.
    pub(crate) fn enter(
        &mut self,
        mut event: Box<Event>,
        now: Millis,
        out: &mut Vec<Box<Event>>,
        fx: &mut impl Effects,
    ) {
        self.session.options(&mut event);
        if !self.answer(&mut event, now, fx) {
            self.mean(&event, now, fx);
            return self.chain.event(event, now, out);
        }
        self.publish(&event, now, out, fx);
        self.cache.owe(event);
    }

    /// Puts events into the outbox, which is emptied when the next animation frame begins.
    fn queue(&mut self, events: Vec<Box<Event>>, now: Millis, fx: &mut impl Effects) {
        self.post(events, now, fx);
        self.ask_frame(fx);
    }

    fn ask_frame(&mut self, fx: &mut impl Effects) {
        if self.link == Link::Live && self.outbox.is_ready() && !self.framing {
            self.framing = true;
            fx.emit(Effect::Frame);
        }
    }

    fn post(&mut self, events: Vec<Box<Event>>, now: Millis, fx: &mut impl Effects) {
        for event in events {
            if let Some(owed) = self.cache.settle(event.root) {
                self.session.outdate(event.root);
                self.push(owed, fx);
            }
            let mut told = Vec::new();
            self.publish(&event, now, &mut told, fx);
            self.push(event, fx);
            self.post(told, now, fx);
        }
    }

    fn push(&mut self, event: Box<Event>, fx: &mut impl Effects) {
        let refusal = self.outbox.refusal(&event);
        let fault = match refusal {
            None => {
                busy(&event, true, fx);
                return self.outbox.push(event);
            }
            Some(Refusal::TooLarge) => Fault::TooLarge,
            Some(Refusal::Full) => Fault::Full,
        };
        fx.emit(Effect::Fault(fault));
        self.roll_back(&event.changes, Reason::Unsent, fx);
    }

    fn send(&mut self, fx: &mut impl Effects) {
        while self.link == Link::Live && self.outbox.is_ready() {
            let mut out = Vec::new();
            self.outbox.frame(&mut self.session, &mut out);
            fx.emit(Effect::Send(&out));
        }
        while self.link == Link::Live
            && let Some(root) = self.session.take_stale()
        {
            self.tell_root(2, root, fx);
        }
    }
}

/// Says that an event is on its way, or no longer.
fn busy(event: &Event, on: bool, fx: &mut impl Effects) {
    let Event { root, element, ref handler, .. } = *event;
    fx.emit(Effect::Busy { root, element, handler, on });
}

/// Says which parts the handlers of a view ask for.
fn need(handlers: &[u8], fx: &mut impl Effects) {
    let mut scan = Scan::new(handlers);
    for _ in 0..scan.array_len() {
        scan.array_len();
        scan.str();
        let options = if scan.nil() { 0 } else { scan.map_len() };
        for _ in 0..options {
            let option = scan.uint();
            if option >= Options::OPTIMISTIC {
                fx.emit(Effect::Need(option));
            }
            let is_shared = option == Options::CLIENT_STATE && scan.array_len() > 1;
            scan.value();
            if is_shared && scan.boolean() {
                fx.emit(Effect::Tabs);
            }
        }
    }
}
