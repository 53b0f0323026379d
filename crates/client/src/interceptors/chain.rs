//! The chain: an event goes in, and comes out at once, later, or never. `debounce` and `throttle` say
//! which, and the one list of what waits keeps the order.
//!
//! Together with these two it is a part, as in optimistic.rs: without it every event goes at once.

use alloc::{boxed::Box, vec::Vec};

use super::{
    debounce,
    throttle::{Throttle, Turn},
};
use crate::{
    Effect, Effects, Millis,
    record::{Event, Kind},
};

/// What is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Events of this element: it was left, or is gone.
    Element(u32),
    /// Events of this live view.
    Root(u32),
    /// All events: the page is hidden.
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

/// Changes of controls that an event carries for those that it replaced, the last ones: of one control
/// only the last change counts.
const CHANGES: usize = 64;

/// What waits, in the order in which it last came, and when each may go.
#[derive(Debug, Default)]
pub struct Chain {
    waiting: Vec<Box<Waiting>>,
    throttle: Throttle,
    /// When [`tick`](Self::tick) is to be called, if anything waits.
    pub due: Option<Millis>,
}

#[derive(Debug)]
struct Waiting {
    event: Box<Event>,
    /// When it goes on.
    due: Millis,
    /// When it goes on even if others follow; zero for an event that is throttled.
    latest: Millis,
}

impl Chain {
    /// Takes the last event of `out`; what goes to the outbox now is added there.
    ///
    /// An event that goes at once lets everything of its live view go first, so a submit never
    /// overtakes what was typed before it. What accompanies typing or pointing does not.
    #[inline(never)]
    pub fn event(&mut self, now: Millis, out: &mut Vec<Box<Event>>) {
        let Some(mut event) = out.pop() else { return };
        let (wait, most) = debounce::option(&event);
        if wait == 0 {
            self.pass(event, now, true, out);
        } else {
            let old = self.replace(&mut event, true);
            let latest = old.map_or(now.saturating_add(most), |old| old.latest);
            let due = latest.min(now + wait);
            self.waiting.push(Box::new(Waiting { event, due, latest }));
        }
        self.note();
    }

    /// Lets go what has waited long enough.
    #[inline(never)]
    pub fn tick(&mut self, now: Millis, out: &mut Vec<Box<Event>>) {
        while let Some(waiting) = self.take(|waiting| waiting.due <= now) {
            if waiting.latest > 0 {
                self.pass(waiting.event, now, false, out);
            } else {
                self.throttle.sent(&waiting.event, now);
                out.push(waiting.event);
            }
        }
        self.note();
    }

    /// Lets go what waits within a scope, in order.
    #[inline(never)]
    pub fn flush(&mut self, scope: Scope, now: Millis, out: &mut Vec<Box<Event>>) {
        while let Some(waiting) = self.take(|waiting| scope.has(&waiting.event)) {
            self.throttle.sent(&waiting.event, now);
            out.push(waiting.event);
        }
        self.note();
    }

    /// Drops what waits within a scope.
    #[inline(never)]
    pub fn forget(&mut self, scope: Scope) {
        while self.take(|waiting| scope.has(&waiting.event)).is_some() {}
        self.note();
    }

    /// Says what waits, as [`Effect::Open`].
    #[inline(never)]
    pub fn tell(&self, fx: &mut impl Effects) {
        for waiting in &self.waiting {
            fx.emit(Effect::Open(waiting.event.number, false));
        }
    }

    /// Asks whether what something waits for is still there.
    #[inline(never)]
    pub fn check(&self, fx: &mut impl Effects) {
        for waiting in &self.waiting {
            fx.emit(Effect::Check(waiting.event.element));
        }
    }

    /// Whether something of the same live view waits that this event would not replace.
    #[must_use]
    #[inline(never)]
    pub fn holds_others(&self, event: &Event) -> bool {
        let mut waiting = self.waiting.iter();
        waiting.any(|waiting| waiting.event.root == event.root && !is_same(waiting, event))
    }

    /// Drops what this event replaces; it carries what that carried.
    #[inline(never)]
    pub fn supersede(&mut self, event: &mut Event) {
        for is_debounced in [true, false] {
            self.replace(event, is_debounced);
        }
        self.note();
    }

    /// An event that has been debounced, or need not be. `hurries` says that it has just come.
    fn pass(
        &mut self,
        mut event: Box<Event>,
        now: Millis,
        hurries: bool,
        out: &mut Vec<Box<Event>>,
    ) {
        let mut due = 0;
        match self.throttle.turn(&event, now, &mut due) {
            Turn::Drop => {}
            Turn::Wait => {
                self.replace(&mut event, false);
                self.waiting.push(Box::new(Waiting { event, due, latest: 0 }));
            }
            Turn::Go => {
                // Its timer is late.
                self.replace(&mut event, false);
                if hurries && !matches!(event.kind, Kind::Keydown | Kind::Shared) {
                    self.flush(Scope::Root(event.root), now, out);
                }
                out.push(event);
            }
        }
    }

    /// Takes out what waits for the same reason, and gives the event the changes of controls that
    /// it carried: a form's handler may have seen several.
    fn replace(&mut self, event: &mut Event, is_debounced: bool) -> Option<Box<Waiting>> {
        let old =
            self.take(|waiting| (waiting.latest > 0) == is_debounced && is_same(waiting, event))?;
        event.changes.extend_from_slice(&old.event.changes);
        event.changes.truncate(CHANGES);
        Some(old)
    }

    fn note(&mut self) {
        self.due = self.waiting.iter().map(|waiting| waiting.due).min();
    }

    fn take(&mut self, wanted: impl Fn(&Waiting) -> bool) -> Option<Box<Waiting>> {
        let index = self.waiting.iter().position(|waiting| wanted(waiting))?;
        Some(self.waiting.remove(index))
    }
}

/// Whether an event is another one of the same element and handler.
fn is_same(waiting: &Waiting, event: &Event) -> bool {
    let other = &waiting.event;
    other.element == event.element && other.handler == event.handler && other.root == event.root
}
