//! What is to be sent: events go in, frames of events come out, and answers are matched to them.
//!
//! An event is in one of three places: *queued* (not sent yet), *sent* (not answered yet), or
//! gone. A lost connection leaves the queued ones for the next one; of the sent ones nobody knows
//! whether the server handled them, so they are reported and not sent again.

use alloc::{boxed::Box, vec::Vec};

use protocol::{limits, write};

use crate::{
    record::{Event, Options},
    session::Session,
};

/// Events that may be queued.
pub const EVENTS: usize = 100;
/// Bytes of parameters that may be queued.
pub const BYTES: usize = 100_000;
/// Bytes that a frame of events keeps free for its head.
const HEAD: usize = 16;

/// Events on their way.
#[derive(Debug, Default)]
pub struct Outbox {
    /// First the sent ones, then the queued ones.
    events: Vec<Box<Event>>,
    /// How many are sent.
    sent: usize,
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
    event.params.len() + event.handler.len() + event.options.get(Options::TARGET).rest().len() + 20
}

impl Outbox {
    /// Why this event cannot be queued, if so: it can never be sent, or the queue is full.
    #[must_use]
    pub fn refusal(&self, event: &Event) -> Option<Refusal> {
        let queued = self.queued();
        let mut bytes = 0;
        for event in queued {
            bytes += size(event);
        }
        if size(event) > limits::MESSAGE - HEAD {
            return Some(Refusal::TooLarge);
        }
        (queued.len() >= EVENTS || bytes + size(event) > BYTES).then_some(Refusal::Full)
    }

    /// Queues an event.
    pub fn push(&mut self, event: Box<Event>) {
        self.events.push(event);
    }

    /// Whether something is queued.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.queued().is_empty()
    }

    /// Writes the next frame, of as many events as fit.
    pub fn frame(&mut self, session: &mut Session, out: &mut Vec<u8>) {
        let mut room = limits::MESSAGE - HEAD;
        let mut body = Vec::new();
        let mut count = 0;
        for event in self.events.iter_mut().skip(self.sent).take(limits::EVENTS) {
            if size(event) > room {
                break;
            }
            room -= size(event);
            count += 1;
            event.id = session.next_id(event.root);
            write::uint(&mut body, u64::from(event.root));
            write::uint(&mut body, u64::from(event.id));
            match session.find(event) {
                Some((index, _)) => write::uint(&mut body, u64::from(index)),
                None => write::text(&mut body, &event.handler),
            }
            let target = event.options.get(Options::TARGET).str();
            if (1..=limits::TARGET).contains(&target.len()) {
                write::text(&mut body, target);
            }
            body.extend_from_slice(&event.params);
        }
        self.sent += count;
        write::uint(out, 1);
        write::uint(out, count as u64);
        out.extend_from_slice(&body);
    }

    /// Takes out those that are wanted, by what they are and whether they are sent, in order.
    pub fn take(&mut self, wanted: &dyn Fn(&Event, bool) -> bool) -> Vec<Box<Event>> {
        let (mut taken, mut at) = (Vec::new(), 0);
        while let Some(event) = self.events.get(at) {
            let is_sent = at < self.sent;
            if wanted(event, is_sent) {
                self.sent -= usize::from(is_sent);
                taken.push(self.events.remove(at));
            } else {
                at += 1;
            }
        }
        taken
    }

    /// Whether an event of the same root and another handler is on its way.
    #[must_use]
    pub fn has_others(&self, event: &Event) -> bool {
        self.events.iter().any(|on| on.root == event.root && on.handler != event.handler)
    }

    /// The events that are sent and not answered.
    #[must_use]
    pub fn sent(&self) -> &[Box<Event>] {
        self.events.get(..self.sent).unwrap_or_default()
    }

    /// Goes through all, with whether they are sent.
    pub fn each(&self, each: &mut dyn FnMut(&Event, bool)) {
        self.events.iter().enumerate().for_each(|(at, event)| each(event, at < self.sent));
    }

    fn queued(&self) -> &[Box<Event>] {
        self.events.get(self.sent..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Kind, Options};
    use protocol::{ClientFrame, Handler};

    fn event(handler: &str, bytes: usize) -> Box<Event> {
        let mut params = vec![0x81, 0xa1, b'x'];
        write::str(&mut params, &"x".repeat(bytes));
        Box::new(Event {
            root: 0,
            id: 0,
            number: 0,
            kind: Kind::Click,
            element: 1,
            handler: handler.into(),
            options: Options::default(),
            changes: vec![7],
            params,
        })
    }

    /// Ids and handlers of the next frame.
    fn frame(outbox: &mut Outbox, ids: &mut u32) -> Vec<(u32, String)> {
        let mut out = Vec::new();
        // The handler list: [["other name", nil], ["known", nil]].
        let mut session = Session::default();
        session.handlers(0, b"\x92\x92\xa1x\xc0\x92\xa5known\xc0");
        (0..*ids).for_each(|_| assert!(session.next_id(0) > 0));
        outbox.frame(&mut session, &mut out);
        let Ok(ClientFrame::Events(events)) = ClientFrame::decode(&out) else {
            panic!("a server would refuse this frame")
        };
        let name = |handler| match handler {
            Handler::Index(index) => index.to_string(),
            Handler::Name(name) => name.to_string(),
        };
        *ids += events.len() as u32;
        events.iter().map(|event| (event.id, name(event.handler))).collect()
    }

    #[test]
    fn events_leave_in_order_with_growing_ids() {
        let mut outbox = Outbox::default();
        for name in ["known", "other"] {
            outbox.push(event(name, 1));
        }
        let ids = &mut 0;
        assert_eq!(frame(&mut outbox, ids), [(1, "1".into()), (2, "other".into())]);
        outbox.push(event("known", 1));
        assert_eq!(frame(&mut outbox, ids), [(3, "1".into())]);
        assert!(!outbox.is_ready());
    }

    #[test]
    fn an_event_carries_its_target_unless_no_server_would_take_it() {
        let sent = |target: &str| {
            let mut options = vec![0x81, Options::TARGET as u8];
            write::str(&mut options, target);
            let mut outbox = Outbox::default();
            let mut aimed = event("aimed", 1);
            aimed.options.add(&mut protocol::Scan::new(&options));
            outbox.push(aimed);
            let mut out = Vec::new();
            outbox.frame(&mut Session::default(), &mut out);
            let Ok(ClientFrame::Events(events)) = ClientFrame::decode(&out) else { panic!() };
            events[0].target.to_owned()
        };
        assert_eq!(sent("#results"), "#results");
        assert_eq!(sent(&"a".repeat(256)).len(), 256);
        assert_eq!((sent(""), sent(&"a".repeat(257))), (String::new(), String::new()));
    }

    #[test]
    fn a_frame_holds_no_more_than_the_server_takes() {
        let mut outbox = Outbox::default();
        (0..60).for_each(|_| outbox.push(event("a", 1)));
        assert_eq!(frame(&mut outbox, &mut 0).len(), limits::EVENTS);
        assert_eq!(frame(&mut outbox, &mut 0).len(), 10);
        (0..3).for_each(|_| outbox.push(event("a", 30_000)));
        assert_eq!(frame(&mut outbox, &mut 0).len(), 2);
        assert_eq!(frame(&mut outbox, &mut 0).len(), 1);
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut outbox = Outbox::default();
        (0..EVENTS).for_each(|_| outbox.push(event("a", 1)));
        assert_eq!(outbox.refusal(&event("a", 1)), Some(Refusal::Full));
        let mut outbox = Outbox::default();
        assert_eq!(outbox.refusal(&event("a", 70_000)), Some(Refusal::TooLarge));
        (0..3).for_each(|_| outbox.push(event("a", 32_000)));
        assert_eq!(outbox.refusal(&event("a", 32_000)), Some(Refusal::Full));
    }

    #[test]
    fn an_answer_takes_out_what_was_sent_and_leaves_what_is_queued() {
        let mut outbox = Outbox::default();
        for change in [4, 5, 6] {
            outbox.push(Box::new(Event { changes: vec![change], ..*event("a", 1) }));
        }
        frame(&mut outbox, &mut 0);
        outbox.push(event("queued", 1));
        let mut take = |ids: std::ops::RangeInclusive<u32>| -> Vec<u32> {
            let taken = outbox.take(&|event, is_sent| is_sent && ids.contains(&event.id));
            taken.iter().map(|event| event.changes[0]).collect()
        };
        assert_eq!(take(2..=2), [5]);
        assert_eq!(take(2..=2), []);
        assert_eq!(take(0..=3), [4, 6]);
        assert_eq!(frame(&mut outbox, &mut 0), [(1, "queued".into())]);
    }

    #[test]
    fn a_lost_connection_keeps_the_queued_and_reports_the_sent() {
        let mut outbox = Outbox::default();
        outbox.push(event("sent", 1));
        frame(&mut outbox, &mut 0);
        outbox.push(event("queued", 1));
        let lost = outbox.take(&|_, is_sent| is_sent);
        assert_eq!((lost.len(), &*lost[0].handler), (1, &b"sent"[..]));
        assert_eq!(frame(&mut outbox, &mut 0), [(1, "queued".into())]);
    }
}
