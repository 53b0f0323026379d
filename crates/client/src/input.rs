//! What happens in a page, and when.

/// Milliseconds since the page began.
pub type Millis = u64;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input<'a> {
    /// The page has these live views: for each a root number and a signed token, encoded. One that
    /// came with a patch comes alone.
    Attach(&'a [u8]),
    /// The socket is open.
    Open,
    /// A message came.
    Bytes(&'a [u8]),
    /// The socket closed with this code.
    Closed(u32),
    /// The user or a script did something: a [`record`](crate::record), and the number by which the
    /// page knows it, which grows from event to event.
    Event(&'a [u8], u32),
    /// A timer ended.
    Timer(u32),
    /// The animation frame that was asked for began.
    Frame,
    /// The page became visible or the network came back.
    Wake,
    /// The network went away.
    Offline,
    /// The page is about to be hidden for good, or kept for the back button.
    Hide,
    /// The page came back by the back button.
    Show,
    /// A root ends: its element left the page.
    Unmount(u32),
    /// An element that was [asked for](crate::Effect::Check) is not on the page any more.
    Gone(u32),
}

/// The time, and a number that nobody can guess, for inputs that need them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Now.
    pub now: Millis,
    /// At least 0, less than 1.
    pub random: f64,
}
