//! Debounce: of events that follow each other quickly the last one comes out, when it is quiet.
//!
//! Example, wait 150 ms: `a` at 0, `ab` at 100 and `abc` at 180 give `abc` at 330. With a longest
//! wait of 300 ms, `abc` comes out at 300. Events are told apart by element and handler.
//! An event that does not wait lets everything of its live view go first, so a submit never
//! overtakes what was typed before it. Key presses are the exception: they accompany typing.

use alloc::{boxed::Box, vec::Vec};

use super::{Interceptor, Scope};
use crate::{
    Millis,
    record::{Event, Kind, Options},
};

/// Events that wait, in the order in which they last came.
#[derive(Debug, Default)]
pub struct Debounce {
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Pending {
    event: Box<Event>,
    /// When it is quiet.
    quiet: Millis,
    /// When it goes even if it is not.
    latest: Option<Millis>,
}

impl Pending {
    fn due(&self) -> Millis {
        self.latest.map_or(self.quiet, |latest| latest.min(self.quiet))
    }
}

impl Interceptor for Debounce {
    fn event(&mut self, mut event: Box<Event>, now: Millis, next: &mut Vec<Box<Event>>) {
        let (wait, most) = option(&event).unwrap_or_default();
        if wait == 0 {
            if event.kind != Kind::Keydown {
                self.flush(Scope::Root(event.root), next);
            }
            next.push(event);
            return;
        }
        let same = |waiting: &Pending| {
            waiting.event.element == event.element
                && waiting.event.handler == event.handler
                && waiting.event.root == event.root
        };
        let mut latest = most.map(|most| now + most);
        if let Some(index) = self.pending.iter().position(same) {
            let old = self.pending.remove(index);
            latest = old.latest;
            // A form's handler may have seen several controls.
            event.changes.extend_from_slice(&old.event.changes);
        }
        self.pending.push(Pending { event, quiet: now + wait, latest });
    }

    fn flush(&mut self, scope: Scope, next: &mut Vec<Box<Event>>) {
        self.release(next, |waiting| scope.has(&waiting.event));
    }

    fn deadline(&self) -> Option<Millis> {
        self.pending.iter().map(Pending::due).min()
    }

    fn tick(&mut self, now: Millis, next: &mut Vec<Box<Event>>) {
        self.release(next, |waiting| waiting.due() <= now);
    }
}

/// How long an event waits, and how long at most: `[wait, longest wait or nil]`.
fn option(event: &Event) -> Option<(Millis, Option<Millis>)> {
    let mut scan = event.options.get(Options::DEBOUNCE)?;
    scan.array_len();
    let wait = scan.uint().into();
    Some((wait, (!scan.nil()).then(|| scan.uint().into())))
}

impl Debounce {
    fn release(&mut self, next: &mut Vec<Box<Event>>, ready: impl Fn(&Pending) -> bool) {
        let mut index = 0;
        while let Some(waiting) = self.pending.get(index) {
            if ready(waiting) {
                next.push(self.pending.remove(index).event);
            } else {
                index += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interceptors::Chain;
    use protocol::{Scan, write};

    fn event(element: u32, handler: &str, wait: u64, most: Option<u64>) -> Box<Event> {
        let mut bytes = vec![0x81, 1, 0x92];
        write::uint(&mut bytes, wait);
        match most {
            Some(most) => write::uint(&mut bytes, most),
            None => write::nil(&mut bytes),
        }
        let mut options = Options::default();
        options.add(&mut Scan::new(&bytes));
        Box::new(Event {
            root: 0,
            id: 0,
            kind: if wait > 0 { Kind::Input } else { Kind::Click },
            element,
            handler: handler.into(),
            options,
            changes: vec![],
            params: vec![0x80],
        })
    }

    fn names(events: Vec<Box<Event>>) -> Vec<String> {
        let name = |event: Box<Event>| {
            format!("{}{}", str::from_utf8(&event.handler).unwrap(), event.element)
        };
        events.into_iter().map(name).collect()
    }

    #[test]
    fn the_last_event_comes_out_when_it_is_quiet() {
        let mut chain = Chain::default();
        for now in [0, 100, 180] {
            assert!(chain.event(event(1, "a", 150, None), now).is_empty());
        }
        assert_eq!(chain.deadline(), Some(330));
        assert!(chain.tick(329).is_empty());
        assert_eq!(names(chain.tick(330)), ["a1"]);
        assert_eq!(chain.deadline(), None);
    }

    #[test]
    fn the_longest_wait_counts_from_the_first_event() {
        let mut chain = Chain::default();
        for now in [0, 100, 200, 290] {
            chain.event(event(1, "a", 150, Some(300)), now);
        }
        assert_eq!(chain.deadline(), Some(300));
        assert_eq!(names(chain.tick(300)), ["a1"]);
    }

    #[test]
    fn elements_and_handlers_wait_apart() {
        let mut chain = Chain::default();
        chain.event(event(1, "a", 100, None), 0);
        chain.event(event(1, "b", 100, None), 10);
        chain.event(event(2, "a", 100, None), 20);
        assert_eq!(names(chain.tick(110)), ["a1", "b1"]);
        assert_eq!(names(chain.tick(120)), ["a2"]);
    }

    #[test]
    fn an_event_that_does_not_wait_comes_after_those_that_did() {
        let mut chain = Chain::default();
        chain.event(event(1, "a", 100, None), 0);
        chain.event(event(2, "b", 100, None), 10);
        chain.event(event(1, "a", 100, None), 20);
        assert_eq!(names(chain.event(event(3, "save", 0, None), 30)), ["b2", "a1", "save3"]);
    }

    #[test]
    fn leaving_an_element_lets_go_what_waits_for_it_alone() {
        let mut chain = Chain::default();
        chain.event(event(1, "a", 100, None), 0);
        chain.event(event(2, "b", 100, None), 0);
        assert_eq!(names(chain.flush(Scope::Element(1), 5)), ["a1"]);
        assert_eq!(names(chain.flush(Scope::All, 5)), ["b2"]);
    }

    #[test]
    fn the_changes_of_a_replaced_event_go_with_the_one_that_replaces_it() {
        let mut chain = Chain::default();
        for change in [1, 2] {
            let event = Box::new(Event { changes: vec![change], ..*event(1, "a", 100, None) });
            chain.event(event, 0);
        }
        assert_eq!(chain.tick(100)[0].changes, [2, 1]);
    }
}
