//! Where the two directions meet: inputs go in, effects and mutations come out. Whether there is a
//! connection, and when there is to be another one, say [`connection`](crate::connection) and [`ends`](crate::ends).

use alloc::{boxed::Box, vec::Vec};

use protocol::{ErrorKind, Scan, ServerFrame, TemplateId, Tree};
use vdom::Engine;

use crate::{
    Clock, Connection, Effect, Effects, Fault, Input, Millis, Reason, Refused, Timer,
    connection::{Line, Link},
    effect::Part,
    ends::End,
    interceptors::{Cache, Chain, Scope},
    optimistic::Optimistic,
    outbox::{Outbox, Refusal},
    record::{Event, Kind},
    session::{Session, Verdict},
};

/// The runtime of a page, or of one root without a session.
#[derive(Default)]
pub struct Runtime {
    pub(crate) engine: Engine,
    pub(crate) session: Session,
    pub(crate) outbox: Outbox,
    pub(crate) cache: Cache,
    pub(crate) chain: Chain,
    pub(crate) optimistic: Optimistic,
    pub(crate) line: Line,
    /// For when the timer of the interceptors is set.
    alarm: Option<Millis>,
    /// An animation frame is awaited.
    framing: bool,
    /// The highest number of an event that came, and whether some were open when that was last said.
    last: u32,
    is_open: bool,
}

const HEARTBEAT: u32 = Timer::Heartbeat as u32;
const INTERCEPTORS: u32 = Timer::Interceptors as u32;

/// Why a frame shows nothing.
pub(crate) enum Trouble<'a> {
    /// A frame of this root is missing.
    Gap(u32),
    /// A mount frame is awaited.
    Waits,
    /// A definition is malformed, so nothing can follow on this connection.
    Malformed(ErrorKind),
    /// The frame does not fit what this root shows.
    Bad(u32, ErrorKind),
    /// A full tree does not apply: it would not do so again.
    Useless,
    /// An event failed.
    Failed {
        /// Its live view.
        root: u32,
        /// A word for programs, as text.
        code: &'a [u8],
        /// A sentence for people, as text.
        message: &'a [u8],
        /// The event, or zero.
        event: u32,
    },
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
    #[inline]
    pub fn handle(&mut self, input: Input<'_>, clock: Clock, fx: &mut impl Effects) {
        self.engine.compact();
        match input {
            Input::Attach(roots) => self.attach(roots, fx),
            Input::Open => self.hello(fx),
            Input::Bytes(bytes) => {
                fx.emit(Effect::ClearTimer(Timer::Silence));
                self.receive(bytes, clock, fx);
            }
            Input::Event(record, number) => self.event(record, number, clock, fx),
            Input::Timer(HEARTBEAT) => self.beat(fx),
            Input::Timer(INTERCEPTORS) => self.tick(clock.now, fx),
            Input::Frame => {
                self.framing = false;
                self.send(fx);
            }
            Input::Hide => {
                // Who is told of what waited may wait with it in turn.
                for _ in 0..2 {
                    let mut events = Vec::new();
                    self.chain.flush(Scope::All, clock.now, &mut events);
                    self.post(events, clock.now, fx);
                }
                self.settle(fx);
                self.send(fx);
                fx.emit(Effect::Close);
                self.line.link = Link::Idle;
                self.end(End::Hide, 0, clock, fx);
            }
            Input::Gone(element) => self.chain.forget(Scope::Element(element)),
            Input::Closed(code) => self.try_end(End::Closed, code, clock, fx),
            Input::Timer(timer) => self.try_end(End::Timer, timer, clock, fx),
            Input::Wake => self.try_end(End::Wake, 0, clock, fx),
            Input::Offline => self.try_end(End::Offline, 0, clock, fx),
            Input::Show => self.try_end(End::Show, 0, clock, fx),
            Input::Unmount(root) => self.try_end(End::Unmount, root, clock, fx),
        }
        let due = match (self.chain.due, self.optimistic.due) {
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
        if !self.cache.owed.is_empty() {
            is_open = true;
            self.cache.tell(fx);
        }
        if self.chain.due.is_some() {
            is_open = true;
            self.chain.tell(fx);
        }
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
        match self.line.link {
            Link::Idle => self.connect(fx),
            // It came with a patch.
            Link::Open | Link::Live => self.tell(5, roots, fx),
            // The next hello names it.
            _ => {}
        }
    }

    /// Lets go what has waited long enough.
    pub(crate) fn tick(&mut self, now: Millis, fx: &mut impl Effects) {
        self.alarm = None;
        let mut events = Vec::new();
        self.chain.tick(now, &mut events);
        self.queue(events, now, fx);
        self.expire(now, fx);
    }

    // ---- Down

    /// Takes a frame.
    fn receive(&mut self, bytes: &[u8], clock: Clock, fx: &mut impl Effects) {
        let trouble = match ServerFrame::decode(bytes) {
            Ok(ServerFrame::Tree(tree)) => match self.show(&tree, true, clock.now, fx) {
                Ok(()) | Err(Trouble::Waits) => return,
                Err(Trouble::Bad(..)) if tree.full => Trouble::Useless,
                Err(trouble) => trouble,
            },
            Ok(ServerFrame::Welcome { heartbeat, .. }) => {
                return self.welcome(heartbeat, clock.now, fx);
            }
            Ok(ServerFrame::Ack { root, ack }) => {
                self.hear(root, ack);
                return self.acknowledge(root, ack, clock.now, fx);
            }
            Ok(ServerFrame::Push { root, name, payload }) => {
                return fx.emit(Effect::Push { root, name, payload });
            }
            Ok(ServerFrame::Error { root, code, message, event }) => {
                Trouble::Failed { root, code, message, event }
            }
            Ok(ServerFrame::Pong) => return,
            Err(error) => Trouble::Malformed(error.kind),
        };
        if !self.mend(&trouble, clock, fx) {
            self.wait(matches!(trouble, Trouble::Malformed(_) | Trouble::Useless), fx);
        }
    }

    /// Lets something end, now or when the part for it is there. What the browser says of the network is a
    /// hint, which may be missed.
    #[inline(never)]
    fn try_end(&mut self, what: End, argument: u32, clock: Clock, fx: &mut impl Effects) {
        if !self.end(what, argument, clock, fx) && !matches!(what, End::Wake | End::Offline) {
            self.wait(what != End::Unmount, fx);
        }
    }

    /// Has the input given again when the part for what ends is there; `is_lost` says that there is no
    /// connection until then.
    fn wait(&mut self, is_lost: bool, fx: &mut impl Effects) {
        if is_lost {
            if self.line.link == Link::Live {
                // Nothing is sent any more, also when the page goes before.
                self.line.link = Link::Open;
            }
            fx.emit(Effect::State(Connection::Reconnecting));
        }
        fx.emit(Effect::Again(Part::Ends));
    }

    /// Takes a frame for a root without a session (`mount` and `apply` of the ES module); `hydrate` says
    /// that its element has the content already.
    pub fn apply(&mut self, bytes: &[u8], hydrate: bool, fx: &mut impl Effects) {
        self.engine.compact();
        let refused = match ServerFrame::decode(bytes) {
            Ok(ServerFrame::Tree(tree)) => match self.show(&tree, hydrate, 0, fx) {
                Ok(()) => return,
                Err(Trouble::Gap(_)) => Refused::Gap,
                Err(Trouble::Malformed(kind) | Trouble::Bad(_, kind)) => Refused::Bad(kind),
                Err(_) => Refused::Waits,
            },
            // Nothing visible changed.
            Ok(ServerFrame::Ack { .. }) => return,
            Ok(_) => Refused::Waits,
            Err(error) => Refused::Bad(error.kind),
        };
        fx.emit(Effect::Refused(refused));
    }

    /// Carries out a tree or a delta.
    fn show(
        &mut self,
        tree: &Tree<'_>,
        hydrate: bool,
        now: Millis,
        fx: &mut impl Effects,
    ) -> Result<(), Trouble<'static>> {
        let Tree { full, root, seq, ack, .. } = *tree;
        // Definitions count even in a frame that is dropped: the server numbers them.
        let mut scan = Scan::new(tree.body);
        let lists = self.engine.lists();
        self.engine.define(&mut scan, fx).map_err(|error| Trouble::Malformed(error.kind))?;
        // A root without a session has no page that could load anything.
        let is_live = self.line.link != Link::Idle;
        if is_live && self.engine.lists() > lists {
            fx.emit(Effect::Lists);
        }
        if is_live && !self.session.has(root) {
            // It left while this was on its way.
            self.acknowledge(root, ack, now, fx);
            return Ok(());
        }
        let verdict = self.session.sequence(root, seq, full);
        self.hear(root, ack);
        if !self.cache.owed.is_empty() && self.pay(root, fx) {
            // The page shows an answer that the server does not know of: this is none to show now.
            self.acknowledge(root, ack, now, fx);
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
                if is_live {
                    fx.emit(Effect::Handlers(list));
                }
            }
            fx.emit(Effect::Root(root));
            let template = TemplateId(scan.uint());
            let engine = &mut self.engine;
            scan.result().and_then(|()| engine.mount(root, template, scan.rest(), hydrate, fx))
        } else {
            self.engine.update(root, scan.rest(), fx)
        };
        if let Err(error) = shown {
            if error.kind == ErrorKind::Later {
                // The second time it has to do without.
                self.engine.alone = true;
                self.session.rewind(root, seq);
                fx.emit(Effect::Again(Part::Lists));
                return Err(Trouble::Waits);
            }
            return Err(Trouble::Bad(root, error.kind));
        }
        if self.line.link == Link::Open {
            self.line.link = Link::Live;
            fx.emit(Effect::State(Connection::Connected));
        }
        self.acknowledge(root, ack, now, fx);
        if self.chain.due.is_some() {
            self.chain.check(fx);
        }
        self.send(fx);
        Ok(())
    }

    /// The server has handled all events of a root up to this one, and the page shows what it said,
    /// unless the root is not current.
    fn acknowledge(&mut self, root: u32, ack: u32, now: Millis, fx: &mut impl Effects) {
        let is_it = |sent: &Event, is_sent| is_sent && sent.root == root && sent.id <= ack;
        let answered = self.outbox.take(&is_it);
        if !answered.is_empty() {
            answered.iter().for_each(|event| self.finish(event, fx));
            self.keep(root, &answered, ack, now);
        }
        if !self.optimistic.open.is_empty() || self.engine.is_laid(root) {
            self.lay(root, fx);
        }
    }

    /// A frame came, shown or not. One that answers no event is what the server says of its own
    /// accord: the answers that are kept do not know of it.
    fn hear(&mut self, root: u32, ack: u32) {
        if !self.session.answers(root, ack) && !self.cache.entries.is_empty() {
            self.cache.forget(root, b"");
        }
    }

    /// The changes of an answered event are what the page shows.
    pub(crate) fn release(&mut self, changes: &[u32], fx: &mut impl Effects) {
        self.optimistic.confirm(changes);
        changes.iter().for_each(|&change| fx.emit(Effect::Release(change)));
    }

    /// An event is answered.
    pub(crate) fn finish(&mut self, event: &Event, fx: &mut impl Effects) {
        self.release(&event.changes, fx);
        busy(event, false, fx);
        self.cache.forget(event.root, &event.handler);
    }

    // ---- Up

    fn event(&mut self, record: &[u8], number: u32, clock: Clock, fx: &mut impl Effects) {
        self.last = number;
        let Ok(event) = Event::read(record, number) else { return };
        let mut events = Vec::new();
        if event.kind == Kind::Blur {
            self.chain.flush(Scope::Element(event.element), clock.now, &mut events);
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
            out.push(event);
            return self.chain.event(now, out);
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
        if self.line.link == Link::Live && self.outbox.is_ready() && !self.framing {
            self.framing = true;
            fx.emit(Effect::Frame);
        }
    }

    fn post(&mut self, mut events: Vec<Box<Event>>, now: Millis, fx: &mut impl Effects) {
        while let Some(event) = first(&mut events) {
            self.pay(event.root, fx);
            let mut told = Vec::new();
            self.publish(&event, now, &mut told, fx);
            self.push(event, fx);
            self.post(told, now, fx);
        }
    }

    pub(crate) fn push(&mut self, event: Box<Event>, fx: &mut impl Effects) {
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

    pub(crate) fn send(&mut self, fx: &mut impl Effects) {
        while self.line.link == Link::Live && self.outbox.is_ready() {
            let mut out = Vec::new();
            self.outbox.frame(&mut self.session, &mut out);
            fx.emit(Effect::Send(&out));
        }
        if self.line.link == Link::Live && self.session.is_stale {
            self.resync(fx);
        }
    }
}

/// Takes out the first of some events. All lists that get shorter do it like this: they are short, and
/// an iterator that owns its events is 0.1 KB.
fn first(events: &mut Vec<Box<Event>>) -> Option<Box<Event>> {
    (!events.is_empty()).then(|| events.remove(0))
}

/// Says that an event is on its way, or no longer.
pub(crate) fn busy(event: &Event, on: bool, fx: &mut impl Effects) {
    let Event { root, element, ref handler, .. } = *event;
    fx.emit(Effect::Busy { root, element, handler, on });
}
