//! What ends: a connection, a live view, an event that failed. What happened goes in; what is to be
//! forgotten, when to try again, to start anew and to give up comes out.
//!
//! No page needs this before something goes wrong, so this file is a part that loads when the page is
//! idle (docs/decisions/parts.md): what others call here is not inlined, and does nothing as long as
//! the part is not there. What cannot go without it waits.

use alloc::vec::Vec;

use protocol::limits;

use crate::{
    Clock, Connection, Effect, Effects, Fault, Millis, Reason, Runtime, Timer,
    backoff::STABLE,
    connection::Link,
    interceptors::Scope,
    packed::Packed,
    record::Event,
    runtime::{Trouble, busy},
};

/// How long the server may take to answer a ping after the page woke up: then a dead connection is
/// likely.
const PROBE: Millis = 5_000;
/// How often a minute the page may start anew because it and the server do not understand each other.
const RESTARTS: u32 = 3;
const MINUTE: Millis = 60_000;

/// An input by which something may end. The numbers are those of `browser`: so no code translates them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum End {
    /// The socket closed with a code.
    Closed = 3,
    /// A timer ended.
    Timer = 5,
    /// The page became visible or the network came back.
    Wake = 7,
    /// The network went away.
    Offline = 8,
    /// The page is hidden, and its socket closed.
    Hide = 9,
    /// The page came back.
    Show = 10,
    /// The element of a root left the page.
    Unmount = 12,
}

impl Runtime {
    /// Takes an input by which something may end, with its code, timer or root; says that it has done so.
    #[inline(never)]
    pub(crate) fn end(
        &mut self,
        what: End,
        argument: u32,
        clock: Clock,
        fx: &mut impl Effects,
    ) -> bool {
        match what {
            End::Closed => self.closed(argument, clock, fx),
            End::Timer => self.timer(argument, clock, fx),
            End::Wake => self.wake(fx),
            End::Offline => self.offline(fx),
            End::Hide => {
                self.forget(fx);
                // Nobody asks. But if it were always the same, the compiler would not ask either.
                return false;
            }
            End::Show => self.show_again(fx),
            End::Unmount => self.unmount(argument, fx),
        }
        true
    }

    /// Deals with a frame that shows nothing; says that it has done so.
    #[inline(never)]
    pub(crate) fn mend(
        &mut self,
        trouble: &Trouble<'_>,
        clock: Clock,
        fx: &mut impl Effects,
    ) -> bool {
        match *trouble {
            Trouble::Waits => return false,
            Trouble::Malformed(_) => {
                fx.emit(Effect::Fault(Fault::Malformed));
                self.restart(clock, fx);
            }
            Trouble::Useless => self.restart(clock, fx),
            // Asks for a full tree.
            Trouble::Gap(root) | Trouble::Bad(root, _) => {
                if self.line.link != Link::Live {
                    self.restart(clock, fx);
                } else {
                    self.session.outdate(root);
                    self.send(fx);
                }
            }
            Trouble::Failed { root, code, message, event } => {
                fx.emit(Effect::Error { code, message, event });
                let is_it =
                    |sent: &Event, is_sent| is_sent && sent.root == root && sent.id == event;
                for failed in &self.outbox.take(&is_it) {
                    self.roll_back(&failed.changes, Reason::Error, fx);
                    self.finish(failed, fx);
                }
            }
        }
        true
    }

    /// Adds the hashes of the templates that the page knows, for a new connection; says if they are too
    /// many for one.
    #[inline(never)]
    pub(crate) fn known(&mut self, out: &mut Vec<u8>, fx: &mut impl Effects) -> bool {
        *out = self.engine.known();
        // The server would number new templates anew from its limit on.
        let is_full = out.len() > limits::KNOWN * 8;
        if is_full {
            fx.emit(Effect::Reload);
        }
        is_full
    }

    /// Asks for the full trees that are due.
    #[inline(never)]
    pub(crate) fn resync(&mut self, fx: &mut impl Effects) {
        while let Some(root) = self.session.take_stale() {
            self.tell_root(2, root, fx);
        }
    }

    fn closed(&mut self, code: u32, clock: Clock, fx: &mut impl Effects) {
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

    fn timer(&mut self, timer: u32, clock: Clock, fx: &mut impl Effects) {
        const RETRY: u32 = Timer::Retry as u32;
        const SILENCE: u32 = Timer::Silence as u32;
        match (timer, self.line.link) {
            (RETRY, Link::Waiting) => self.connect(fx),
            (SILENCE, Link::Opening | Link::Open | Link::Live) => {
                self.disconnect(fx);
                self.retry(clock, fx);
            }
            _ => {}
        }
    }

    fn wake(&mut self, fx: &mut impl Effects) {
        self.line.offline = false;
        match self.line.link {
            Link::Waiting => {
                fx.emit(Effect::ClearTimer(Timer::Retry));
                self.connect(fx);
            }
            Link::Live => self.ping(PROBE, fx),
            _ => {}
        }
    }

    fn offline(&mut self, fx: &mut impl Effects) {
        // What a browser says about the network is a hint; the connection is asked.
        self.line.offline = true;
        if self.line.link == Link::Live {
            self.ping(PROBE, fx);
        } else if self.line.link == Link::Waiting {
            fx.emit(Effect::State(Connection::Offline));
        }
    }

    /// Connects a page that was hidden.
    fn show_again(&mut self, fx: &mut impl Effects) {
        if self.line.link == Link::Idle {
            // It may have been hidden before this part was there.
            self.forget(fx);
            self.connect(fx);
        }
    }

    /// Starts the connection anew at once, but not for ever.
    fn restart(&mut self, clock: Clock, fx: &mut impl Effects) {
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

    fn retry(&mut self, clock: Clock, fx: &mut impl Effects) {
        self.line.link = Link::Waiting;
        let offline = self.line.offline;
        fx.emit(Effect::State(if offline {
            Connection::Offline
        } else {
            Connection::Reconnecting
        }));
        // It has held, and what follows are other failures.
        if clock.now.saturating_sub(core::mem::replace(&mut self.line.made, Millis::MAX)) >= STABLE
        {
            self.line.backoff.reset();
        }
        fx.emit(Effect::SetTimer(Timer::Retry, self.line.backoff.fail(clock.random)));
    }

    fn stop(&mut self, fx: &mut impl Effects) {
        self.line.link = Link::Stopped;
        fx.emit(Effect::State(Connection::Stopped));
    }

    /// Ends the connection from this side.
    fn disconnect(&mut self, fx: &mut impl Effects) {
        fx.emit(Effect::Close);
        self.forget(fx);
    }

    /// Ends what belongs to the connection.
    fn forget(&mut self, fx: &mut impl Effects) {
        for timer in [Timer::Heartbeat, Timer::Silence, Timer::Retry] {
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

    fn unmount(&mut self, root: u32, fx: &mut impl Effects) {
        self.engine.unmount(root, fx);
        if !self.session.remove(root) {
            return;
        }
        // Nobody would answer what waits.
        self.chain.forget(Scope::Root(root));
        self.cache.leave(root);
        for event in &self.outbox.take(&|event, is_sent| event.root == root && !is_sent) {
            busy(event, false, fx);
        }
        self.optimistic.forget(root, fx);
        if matches!(self.line.link, Link::Open | Link::Live) {
            self.tell_root(4, root, fx);
        }
    }
}

impl Packed {
    /// Gives the memory of a large frame back.
    #[inline(never)]
    pub(crate) fn shrink(&mut self) {
        *self = Self::default();
    }
}
