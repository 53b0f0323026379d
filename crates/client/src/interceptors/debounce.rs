//! Debounce: of events that follow each other quickly the last one comes out, when it is quiet.
//!
//! Example, wait 150 ms: `a` at 0, `ab` at 100 and `abc` at 180 give `abc` at 330. With a longest
//! wait of 300 ms, `abc` comes out at 300. Events are told apart by element and handler.

use crate::{
    Millis,
    record::{Event, Options},
};

/// How long an event waits for another one, or zero, and how long at most.
pub fn option(event: &Event) -> (Millis, Millis) {
    let mut option = event.options.get(Options::DEBOUNCE);
    option.array_len();
    let (wait, most) = (option.uint(), option.uint());
    // Without a longest wait it is nil, which reads as zero.
    (wait.into(), if most > 0 { most.max(wait).into() } else { Millis::MAX })
}
