//! What is to be sent: events go in, frames of events come out, and answers are matched to them.
//!
//! An event is in one of three places: *queued* (not sent yet), *sent* (not answered yet), or
//! gone. A lost connection leaves the queued ones for the next one; of the sent ones nobody knows
//! whether the server handled them, so they are reported and not sent again.

use alloc::{collections::VecDeque, string::String, vec::Vec};

use protocol::{limits, write};

use crate::record::Event;

/// Events that may be queued.
pub const EVENTS: usize = 100;
/// Bytes of parameters that may be queued.
pub const BYTES: usize = 100_000;
/// Bytes that a frame of events keeps free for its head.
const HEAD: usize = 16;

/// Events on their way.
#[derive(Debug, Default)]
pub struct Outbox {
    queued: VecDeque<Event>,
    bytes: usize,
    sent: Vec<Sent>,
    /// The last event id of each root.
    ids: Vec<(u32, u32)>,
}

#[derive(Debug)]
struct Sent {
    root: u32,
    id: u32,
    handler: String,
    changes: Vec<u32>,
}

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The event is larger than a message may be.
    TooLarge,
    /// Too much is queued; tell the user that there is no connection.
    Full,
}

/// Bytes of an event in a frame, at most.
fn size(event: &Event) -> usize {
    event.params.len() + event.handler.len() + 20
}

impl Outbox {
    /// Queues an event.
    ///
    /// # Errors
    /// The event is dropped if it can never be sent or the queue is full.
    pub fn push(&mut self, event: Event) -> Result<(), Refusal> {
        if size(&event) > limits::MESSAGE - HEAD {
            return Err(Refusal::TooLarge);
        }
        if self.queued.len() >= EVENTS || self.bytes + size(&event) > BYTES {
            return Err(Refusal::Full);
        }
        self.bytes += size(&event);
        self.queued.push_back(event);
        Ok(())
    }

    /// Whether something is queued.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.queued.is_empty()
    }

    /// Writes the next frame, of as many events as fit. `index` finds a handler in the handler
    /// list of a root.
    pub fn frame(&mut self, out: &mut Vec<u8>, index: impl Fn(&Event) -> Option<u32>) {
        let mut room = limits::MESSAGE - HEAD;
        let mut count = 0;
        for event in self.queued.iter().take(limits::EVENTS) {
            match room.checked_sub(size(event)) {
                Some(left) => room = left,
                None => break,
            }
            count += 1;
        }
        write::uint(out, 1);
        write::uint(out, count as u64);
        for event in self.queued.drain(..count) {
            self.bytes -= size(&event);
            let id = match self.ids.iter_mut().find(|(root, _)| *root == event.root) {
                Some((_, id)) => {
                    *id += 1;
                    *id
                }
                None => {
                    self.ids.push((event.root, 1));
                    1
                }
            };
            write::uint(out, u64::from(event.root));
            write::uint(out, u64::from(id));
            match index(&event) {
                Some(index) => write::uint(out, u64::from(index)),
                None => write::str(out, &event.handler),
            }
            out.extend_from_slice(&event.params);
            let Event { root, handler, changes, .. } = event;
            self.sent.push(Sent { root, id, handler, changes });
        }
    }

    /// The server handled all events of a root up to this one: returns the changes of controls
    /// that they carried.
    pub fn ack(&mut self, root: u32, id: u32) -> Vec<u32> {
        let mut changes = Vec::new();
        self.sent.retain(|sent| {
            let open = sent.root != root || sent.id > id;
            if !open {
                changes.extend_from_slice(&sent.changes);
            }
            open
        });
        changes
    }

    /// The connection is lost: ids start anew, and `report` gets the handlers of the events that
    /// were sent and not answered.
    pub fn lost(&mut self, report: impl FnOnce(&[&str])) {
        self.ids.clear();
        let handlers: Vec<&str> = self.sent.iter().map(|sent| sent.handler.as_str()).collect();
        if !handlers.is_empty() {
            report(&handlers);
        }
        self.sent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Kind;
    use protocol::{ClientFrame, Handler};

    fn event(handler: &str, bytes: usize) -> Event {
        let mut params = vec![0x81, 0xa1, b'x'];
        write::str(&mut params, &"x".repeat(bytes));
        Event {
            root: 0,
            kind: Kind::Click,
            element: 1,
            handler: handler.into(),
            wait: None,
            max_wait: None,
            changes: vec![7],
            params,
        }
    }

    /// Ids and handlers of the next frame.
    fn frame(outbox: &mut Outbox) -> Vec<(u32, String)> {
        let mut out = Vec::new();
        outbox.frame(&mut out, |event| (event.handler == "known").then_some(3));
        let Ok(ClientFrame::Events(events)) = ClientFrame::decode(&out) else {
            panic!("a server would refuse this frame")
        };
        let name = |handler| match handler {
            Handler::Index(index) => index.to_string(),
            Handler::Name(name) => name.to_string(),
        };
        events.iter().map(|event| (event.id, name(event.handler))).collect()
    }

    #[test]
    fn events_leave_in_order_with_growing_ids() {
        let mut outbox = Outbox::default();
        for name in ["known", "other"] {
            outbox.push(event(name, 1)).unwrap();
        }
        assert_eq!(frame(&mut outbox), [(1, "3".into()), (2, "other".into())]);
        outbox.push(event("known", 1)).unwrap();
        assert_eq!(frame(&mut outbox), [(3, "3".into())]);
        assert!(!outbox.is_ready());
    }

    #[test]
    fn a_frame_holds_no_more_than_the_server_takes() {
        let mut outbox = Outbox::default();
        (0..60).for_each(|_| outbox.push(event("a", 1)).unwrap());
        assert_eq!(frame(&mut outbox).len(), limits::EVENTS);
        assert_eq!(frame(&mut outbox).len(), 10);
        (0..3).for_each(|_| outbox.push(event("a", 30_000)).unwrap());
        assert_eq!(frame(&mut outbox).len(), 2);
        assert_eq!(frame(&mut outbox).len(), 1);
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut outbox = Outbox::default();
        (0..EVENTS).for_each(|_| outbox.push(event("a", 1)).unwrap());
        assert_eq!(outbox.push(event("a", 1)), Err(Refusal::Full));
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(event("a", 70_000)), Err(Refusal::TooLarge));
        (0..3).for_each(|_| outbox.push(event("a", 32_000)).unwrap());
        assert_eq!(outbox.push(event("a", 32_000)), Err(Refusal::Full));
    }

    #[test]
    fn an_answer_frees_the_changes_that_its_events_carried() {
        let mut outbox = Outbox::default();
        for change in [4, 5, 6] {
            outbox.push(Event { changes: vec![change], ..event("a", 1) }).unwrap();
        }
        frame(&mut outbox);
        assert_eq!(outbox.ack(0, 2), [4, 5]);
        assert_eq!(outbox.ack(1, 3), []);
        assert_eq!(outbox.ack(0, 3), [6]);
    }

    #[test]
    fn a_lost_connection_keeps_the_queued_and_reports_the_sent() {
        let mut outbox = Outbox::default();
        outbox.push(event("sent", 1)).unwrap();
        frame(&mut outbox);
        outbox.push(event("queued", 1)).unwrap();
        let mut reported = Vec::new();
        outbox.lost(|names| reported.extend(names.iter().map(|name| name.to_string())));
        assert_eq!(reported, ["sent"]);
        assert_eq!(frame(&mut outbox), [(1, "queued".into())]);
    }
}
