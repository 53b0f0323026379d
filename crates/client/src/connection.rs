//! The connection of a page: what the socket, the network and the clock say goes in; when to connect,
//! to ask, to start anew and to give up comes out.
//!
//! ```text
//!            Attach             Open, hello          mount frame
//!    Idle ───────────> Opening ─────────────> Open ──────────────> Live
//!                       ^   │ closed           │ closed, silent     │
//!      Retry, Wake, Show│   v                  v                    │
//!                      Waiting <────────────────────────────────────┘
//!                       Hide: Idle           4403, 4401, 4406: Stopped
//! ```

use alloc::vec::Vec;

use protocol::{limits, write};

use crate::{
    Clock, Connection, Effect, Effects, Fault, Millis, Reason, Runtime, Timer,
    backoff::{Backoff, STABLE},
    runtime::busy,
};

/// How long the server may take to answer a ping.
const PATIENCE: Millis = 10_000;
/// The same after the page woke up: then a dead connection is likely.
const PROBE: Millis = 5_000;
/// How often a minute the page may start anew because it and the server do not understand each other.
const RESTARTS: u32 = 3;
const MINUTE: Millis = 60_000;

/// What is known of the connection.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub link: Link,
    backoff: Backoff,
    /// Time between two pings.
    heartbeat: Millis,
    /// The network is known to be away.
    offline: bool,
    /// How often the page has started anew since a time.
    restarts: u32,
    since: Millis,
}

/// The state of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Link {
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
    pub(crate) fn connect(&mut self, fx: &mut impl Effects) {
        self.line.link = Link::Opening;
        fx.emit(Effect::ClearTimer(Timer::Retry));
        fx.emit(Effect::Connect);
    }

    pub(crate) fn hello(&mut self, fx: &mut impl Effects) {
        let known = self.engine.known();
        // The server would number new templates anew from its limit on.
        if known.len() > limits::KNOWN * 8 {
            return fx.emit(Effect::Reload);
        }
        self.line.link = Link::Open;
        let mut out = Vec::new();
        self.session.hello(&known, &mut out);
        fx.emit(Effect::Send(&out));
        fx.emit(Effect::SetTimer(Timer::Silence, PATIENCE));
    }

    /// Ends the connection from this side.
    pub(crate) fn disconnect(&mut self, fx: &mut impl Effects) {
        fx.emit(Effect::Close);
        self.forget(fx);
    }

    /// Ends what belongs to the connection.
    fn forget(&mut self, fx: &mut impl Effects) {
        for timer in [Timer::Stable, Timer::Heartbeat, Timer::Silence, Timer::Retry] {
            fx.emit(Effect::ClearTimer(timer));
        }
        let lost = self.outbox.take(&|_, is_sent| is_sent);
        if !lost.is_empty() {
            fx.emit(Effect::Unconfirmed(&lost));
        }
        for event in &lost {
            self.roll_back(&event.changes, Reason::Disconnect, fx);
            busy(event, false, fx);
        }
        self.settle(fx);
    }

    fn retry(&mut self, clock: Clock, fx: &mut impl Effects) {
        self.line.link = Link::Waiting;
        let offline = self.line.offline;
        fx.emit(Effect::State(if offline {
            Connection::Offline
        } else {
            Connection::Reconnecting
        }));
        fx.emit(Effect::SetTimer(Timer::Retry, self.line.backoff.fail(clock.random)));
    }

    fn stop(&mut self, fx: &mut impl Effects) {
        self.line.link = Link::Stopped;
        fx.emit(Effect::State(Connection::Stopped));
    }

    pub(crate) fn closed(&mut self, code: u32, clock: Clock, fx: &mut impl Effects) {
        if !matches!(self.line.link, Link::Opening | Link::Open | Link::Live) {
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
        match self.line.link {
            Link::Stopped => {}
            _ if code == 4400 => self.restart(clock, fx),
            _ => self.retry(clock, fx),
        }
    }

    pub(crate) fn wake(&mut self, fx: &mut impl Effects) {
        self.line.offline = false;
        match self.line.link {
            Link::Waiting => self.connect(fx),
            Link::Live => self.ping(PROBE, fx),
            _ => {}
        }
    }

    fn ping(&mut self, patience: Millis, fx: &mut impl Effects) {
        self.tell(3, &[], fx);
        fx.emit(Effect::SetTimer(Timer::Silence, patience));
    }

    pub(crate) fn welcome(&mut self, heartbeat: u32, fx: &mut impl Effects) {
        self.line.heartbeat = Millis::from(heartbeat);
        if heartbeat > 0 {
            fx.emit(Effect::SetTimer(Timer::Heartbeat, self.line.heartbeat));
        }
        fx.emit(Effect::SetTimer(Timer::Stable, STABLE));
    }

    pub(crate) fn offline(&mut self, fx: &mut impl Effects) {
        // What a browser says about the network is a hint; the connection is asked.
        self.line.offline = true;
        if self.line.link == Link::Live {
            self.ping(PROBE, fx);
        } else if self.line.link == Link::Waiting {
            fx.emit(Effect::State(Connection::Offline));
        }
    }

    pub(crate) fn timer(&mut self, timer: u32, clock: Clock, fx: &mut impl Effects) {
        const RETRY: u32 = Timer::Retry as u32;
        const STABLE: u32 = Timer::Stable as u32;
        const HEARTBEAT: u32 = Timer::Heartbeat as u32;
        const SILENCE: u32 = Timer::Silence as u32;
        match timer {
            RETRY => {
                if self.line.link == Link::Waiting {
                    self.connect(fx);
                }
            }
            STABLE => self.line.backoff.reset(),
            HEARTBEAT => {
                self.ping(PATIENCE, fx);
                fx.emit(Effect::SetTimer(Timer::Heartbeat, self.line.heartbeat));
            }
            SILENCE => {
                self.disconnect(fx);
                self.retry(clock, fx);
            }
            _ => self.tick(clock.now, fx),
        }
    }

    pub(crate) fn malformed(&mut self, clock: Clock, fx: &mut impl Effects) {
        fx.emit(Effect::Fault(Fault::Malformed));
        self.restart(clock, fx);
    }

    /// Starts the connection anew at once, but not for ever.
    pub(crate) fn restart(&mut self, clock: Clock, fx: &mut impl Effects) {
        self.disconnect(fx);
        if clock.now.saturating_sub(self.line.since) > MINUTE {
            (self.line.restarts, self.line.since) = (0, clock.now);
        }
        self.line.restarts += 1;
        if self.line.restarts > RESTARTS {
            self.stop(fx);
            return fx.emit(Effect::Fault(Fault::NoUse));
        }
        fx.emit(Effect::State(Connection::Reconnecting));
        self.connect(fx);
    }

    /// Asks for a full tree.
    pub(crate) fn resync(&mut self, root: u32, clock: Clock, fx: &mut impl Effects) {
        if self.line.link != Link::Live {
            return self.restart(clock, fx);
        }
        self.session.outdate(root);
        self.send(fx);
    }

    /// Sends a frame of a root alone.
    pub(crate) fn tell_root(&self, kind: u8, root: u32, fx: &mut impl Effects) {
        let mut values = Vec::new();
        write::uint(&mut values, u64::from(root));
        self.tell(kind, &values, fx);
    }

    /// Sends a frame.
    pub(crate) fn tell(&self, kind: u8, values: &[u8], fx: &mut impl Effects) {
        let mut out = Vec::new();
        write::uint(&mut out, u64::from(kind));
        out.extend_from_slice(values);
        fx.emit(Effect::Send(&out));
    }
}
