//! The connection of a page: that it is wanted, made and quiet goes in; when to connect and what to say
//! comes out. When it breaks see [`ends`](crate::ends).
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

use protocol::write;

use crate::{Effect, Effects, Millis, Runtime, Timer, backoff::Backoff};

/// How long the server may take to answer a ping.
pub(crate) const PATIENCE: Millis = 10_000;

/// What is known of the connection.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub link: Link,
    pub backoff: Backoff,
    /// When it was made; [`Millis::MAX`] when that does not matter any more.
    pub made: Millis,
    /// Time between two pings.
    pub heartbeat: Millis,
    /// The network is known to be away.
    pub offline: bool,
    /// How often the page has started anew since a time.
    pub restarts: u32,
    pub since: Millis,
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
        fx.emit(Effect::Connect);
    }

    pub(crate) fn hello(&mut self, fx: &mut impl Effects) {
        let mut known = Vec::new();
        if self.known(&mut known, fx) {
            return;
        }
        self.line.link = Link::Open;
        let mut out = Vec::new();
        self.session.hello(&known, &mut out);
        fx.emit(Effect::Send(&out));
        fx.emit(Effect::SetTimer(Timer::Silence, PATIENCE));
    }

    pub(crate) fn welcome(&mut self, heartbeat: u32, now: Millis, fx: &mut impl Effects) {
        self.line.made = now;
        self.line.heartbeat = Millis::from(heartbeat);
        if heartbeat > 0 {
            fx.emit(Effect::SetTimer(Timer::Heartbeat, self.line.heartbeat));
        }
    }

    /// Keeps a connection alive, and asks whether it is.
    pub(crate) fn beat(&mut self, fx: &mut impl Effects) {
        if self.line.link == Link::Live {
            self.ping(PATIENCE, fx);
            fx.emit(Effect::SetTimer(Timer::Heartbeat, self.line.heartbeat));
        }
    }

    pub(crate) fn ping(&self, patience: Millis, fx: &mut impl Effects) {
        self.tell(3, &[], fx);
        fx.emit(Effect::SetTimer(Timer::Silence, patience));
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
