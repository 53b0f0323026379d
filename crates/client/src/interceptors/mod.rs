//! What stands between an event and the outbox: events go in, the same events come out, some of
//! them later, some of them never.
//!
//! An interceptor is a small state machine over a clock. What one lets through goes to the next.

use alloc::{boxed::Box, vec::Vec};

use crate::{Millis, record::Event};

mod debounce;

pub use debounce::Debounce;

/// One link of the chain.
pub trait Interceptor {
    /// Takes an event; what may go on, now, goes to `next`.
    fn event(&mut self, event: Box<Event>, now: Millis, next: &mut Vec<Box<Event>>);

    /// Lets go what waits within a scope, in order.
    fn flush(&mut self, scope: Scope, next: &mut Vec<Box<Event>>);

    /// When [`tick`](Self::tick) is to be called.
    fn deadline(&self) -> Option<Millis>;

    /// Lets go what has waited long enough.
    fn tick(&mut self, now: Millis, next: &mut Vec<Box<Event>>);
}

/// What is to be let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What waits for this element: it was left.
    Element(u32),
    /// What waits in this live view: another event of it must not overtake.
    Root(u32),
    /// Everything: the page is hidden.
    All,
}

impl Scope {
    /// Whether an event is meant.
    #[must_use]
    pub fn has(self, event: &Event) -> bool {
        match self {
            Self::Element(element) => event.element == element,
            Self::Root(root) => event.root == root,
            Self::All => true,
        }
    }
}

/// All interceptors, in the order in which an event meets them.
#[derive(Debug, Default)]
pub struct Chain {
    debounce: Debounce,
}

impl Chain {
    fn links(&mut self) -> [&mut dyn Interceptor; 1] {
        [&mut self.debounce]
    }

    /// Takes an event; returns what goes to the outbox now.
    pub fn event(&mut self, event: Box<Event>, now: Millis) -> Vec<Box<Event>> {
        self.run(Some(event), None, now)
    }

    /// Lets go what waits within a scope.
    pub fn flush(&mut self, scope: Scope, now: Millis) -> Vec<Box<Event>> {
        self.run(None, Some(scope), now)
    }

    /// Lets go what has waited long enough.
    pub fn tick(&mut self, now: Millis) -> Vec<Box<Event>> {
        self.run(None, None, now)
    }

    /// When [`tick`](Self::tick) is to be called.
    pub fn deadline(&mut self) -> Option<Millis> {
        self.links().iter().filter_map(|link| link.deadline()).min()
    }

    /// Asks each link in turn to let go what it holds, and hands it what the links before let go.
    fn run(
        &mut self,
        event: Option<Box<Event>>,
        scope: Option<Scope>,
        now: Millis,
    ) -> Vec<Box<Event>> {
        let ticks = event.is_none();
        let mut events: Vec<_> = event.into_iter().collect();
        for link in self.links() {
            let mut next = Vec::new();
            match scope {
                Some(scope) => link.flush(scope, &mut next),
                None if ticks => link.tick(now, &mut next),
                None => {}
            }
            for event in events {
                link.event(event, now, &mut next);
            }
            events = next;
        }
        events
    }
}
