//! What a page is told to do, besides the edits of its DOM.

use alloc::boxed::Box;

use protocol::ErrorKind;
use vdom::WriteMutations;

use crate::{Millis, record::Event};

/// Something to be done outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect<'a> {
    /// Open a socket.
    Connect,
    /// Send a message.
    Send(&'a [u8]),
    /// Close the socket; nothing that it still says is wanted.
    Close,
    /// Call back after a while; a timer of the same name is replaced.
    SetTimer(Timer, Millis),
    /// Do not call back.
    ClearTimer(Timer),
    /// Call back when the next animation frame begins.
    Frame,
    /// Show the state of the connection.
    State(Connection),
    /// The mutations that follow belong to this root.
    Root(u32),
    /// The server answered the event that carried this change of a control.
    Release(u32),
    /// What came with this change of a control is taken back, and so is the change itself.
    Revert(u32),
    /// Say that what an event meant was taken back.
    Rollback {
        /// The live view.
        root: u32,
        /// The handler of the event.
        handler: &'a [u8],
        /// What was in the way.
        reason: Reason,
    },
    /// Tell the user or the page's own scripts what went wrong here.
    Fault(Fault),
    /// Tell them what went wrong at the server.
    Error {
        /// A word for programs, as text.
        code: &'a [u8],
        /// A sentence for people, as text.
        message: &'a [u8],
        /// The event that failed, or zero.
        event: u32,
    },
    /// Hand an event to the page's own scripts.
    Push {
        /// The live view that sends it.
        root: u32,
        /// Its name, as text.
        name: &'a [u8],
        /// One MessagePack value.
        payload: &'a [u8],
    },
    /// The connection broke before these events were answered: whether the server handled them
    /// is not known.
    Unconfirmed(&'a [Box<Event>]),
    /// Say that an event of an element is on its way to the server, or that it is no longer. Each
    /// one that is said to be on its way is said to be no longer, once.
    Busy {
        /// Its live view.
        root: u32,
        /// The element that caused it, or zero.
        element: u32,
        /// Its handler, as text.
        handler: &'a [u8],
        /// Whether it is on its way.
        on: bool,
    },
    /// Tell the page's own scripts a value that is shared, and other tabs if they share it.
    Publish {
        /// Its key, as text.
        key: &'a [u8],
        /// One MessagePack value.
        value: &'a [u8],
        /// How many changes by scripts led to it.
        depth: u32,
        /// Whether other tabs get it.
        tabs: bool,
    },
    /// Say that the event with this number is not answered, and whether it is sent. A page gives those
    /// that are not to a fresh instance when this one fails.
    Open(u32, bool),
    /// Say that these were all, of the events up to this number.
    Opened(u32),
    /// Load what serves the options of these handlers: the list of a mount frame, encoded.
    Handlers(&'a [u8]),
    /// Load what serves rows of lists that get another order.
    Lists,
    /// Give this input again, and nothing else before: when this part is there or, if it is the one for
    /// lists, known not to come.
    Again(Part),
    /// Say whether this element is still on the page: something waits for it.
    Check(u32),
    /// Load the page again.
    Reload,
    /// The frame of a root without a session does not apply.
    Refused(Refused),
}

/// A part of the engine that something waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Part {
    /// Rows of lists that get another order.
    Lists = 0,
    /// What ends.
    Ends = 1,
}

/// What went wrong here; js/messages.js has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Fault {
    /// An event is larger than a message may be.
    TooLarge = 0,
    /// Too much waits for a connection.
    Full = 1,
    /// The server does not let this page connect.
    Forbidden = 3,
    /// The server did not understand a message.
    Misunderstood = 4,
    /// A message was too large for the server.
    Undelivered = 5,
    /// A message of the server makes no sense.
    Malformed = 6,
    /// Starting anew did not help.
    NoUse = 7,
}

/// Why a frame is not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A frame before it is missing.
    Gap,
    /// Only a mount frame can be applied now.
    Waits,
    /// It is malformed, or does not fit.
    Bad(ErrorKind),
}

/// Why something is taken back that the page showed before the server had answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Reason {
    /// The event failed or was refused.
    Error = 0,
    /// The server did not answer in time.
    Timeout = 1,
    /// The connection broke before the answer.
    Disconnect = 2,
    /// The event could not be sent.
    Unsent = 3,
}

/// Timers, each of which runs at most once at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Timer {
    /// Try to connect again.
    Retry = 0,
    /// Send a ping.
    Heartbeat = 1,
    /// The server has been silent for too long after a ping.
    Silence = 2,
    /// The earliest deadline of the interceptors.
    Interceptors = 3,
}

/// The state of the connection, as `<html data-djust="…">` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Connection {
    /// The first connection is being made.
    Connecting = 0,
    /// The page is live.
    Connected = 1,
    /// The connection broke; another one is being made.
    Reconnecting = 2,
    /// There is no network.
    Offline = 3,
    /// There will be no connection any more: the page is plain HTML. It is shown as offline.
    Stopped = 4,
}

/// Receives what is to be done, in order.
pub trait Effects: WriteMutations {
    /// Does this next.
    fn emit(&mut self, effect: Effect<'_>);
}
