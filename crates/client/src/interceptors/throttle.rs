//! Throttle: events come out at most once in an interval: the first one at once (the leading edge),
//! and of those that follow within the interval the last one at its end (the trailing edge).
//!
//! Example, interval 100 ms: events at 0, 30 and 60 come out at 0 (the first) and 100 (the third).
//! The event at 100 begins an interval as well: one at 110 comes out at 200. A single event comes
//! out once. Events are told apart by element and handler.

use alloc::vec::Vec;

use crate::{
    Millis,
    record::{Event, Options},
};

/// The intervals that have not ended.
#[derive(Debug, Default)]
pub struct Throttle {
    open: Vec<Interval>,
}

#[derive(Debug)]
struct Interval {
    root: u32,
    element: u32,
    handler: Vec<u8>,
    end: Millis,
}

/// What becomes of an event.
pub enum Turn {
    /// It goes on.
    Go,
    /// It waits for another one that replaces it.
    Wait,
    /// It is one too many.
    Drop,
}

/// Flags of the option `[interval, flags]`.
const LEADING: u32 = 1;
const TRAILING: u32 = 2;

impl Throttle {
    /// Decides about an event; `due` becomes the time until which it waits.
    pub fn turn(&mut self, event: &Event, now: Millis, due: &mut Millis) -> Turn {
        let (interval, flags) = option(event);
        if interval == 0 {
            return Turn::Go;
        }
        let end = self.end(event, now);
        if *end > now {
            *due = *end;
            return if flags & TRAILING > 0 { Turn::Wait } else { Turn::Drop };
        }
        *end = now + interval;
        *due = *end;
        if flags & LEADING > 0 { Turn::Go } else { Turn::Wait }
    }

    /// Begins an interval with an event that has waited and goes now.
    pub fn sent(&mut self, event: &Event, now: Millis) {
        let (interval, _) = option(event);
        if interval > 0 {
            *self.end(event, now) = now + interval;
        }
    }

    /// The end of an event's interval, or a time that is not after now.
    fn end(&mut self, event: &Event, now: Millis) -> &mut Millis {
        self.open.retain(|open| open.end > now);
        let same = |open: &Interval| {
            open.element == event.element
                && open.handler == event.handler
                && open.root == event.root
        };
        let index = self.open.iter().position(same).unwrap_or_else(|| {
            let Event { root, element, .. } = *event;
            self.open.push(Interval { root, element, handler: event.handler.clone(), end: now });
            self.open.len() - 1
        });
        &mut self.open[index].end
    }
}

fn option(event: &Event) -> (Millis, u32) {
    let mut option = event.options.get(Options::THROTTLE);
    option.array_len();
    (option.uint().into(), option.uint())
}
