//! Debounce: of events that follow each other quickly the last one comes out, when it is quiet.
//!
//! Example, wait 150 ms: `a` at 0, `ab` at 100 and `abc` at 180 give `abc` at 330. With a longest
//! wait of 300 ms, `abc` comes out at 300. Events are told apart by element and handler.

use crate::{
    Millis,
    record::{Event, Kind, Options},
};

/// How long an input event waits when nobody says otherwise.
const INPUT: Millis = 150;

/// How long an event waits for another one, or zero, and how long at most.
pub fn option(event: &Event) -> (Millis, Millis) {
    let has = |code| event.options.has(code);
    if event.kind == Kind::Input && !has(Options::DEBOUNCE) && !has(Options::THROTTLE) {
        return (INPUT, Millis::MAX);
    }
    let mut option = event.options.get(Options::DEBOUNCE);
    option.array_len();
    let (wait, most) = (option.uint(), option.uint());
    // Without a longest wait it is nil, which reads as zero.
    (wait.into(), if most > 0 { most.max(wait).into() } else { Millis::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use protocol::Scan;

    #[test]
    fn an_attribute_outranks_the_handler_and_the_handler_the_kind() {
        let mut session = Session::default();
        // [["a", nil], ["b", {4: nil, 1: [90, 95]}], ["c", {2: [70, 3]}]]
        let list =
            b"\x93\x92\xa1a\xc0\x92\xa1b\x82\x04\xc0\x01\x92\x5a\x5f\x92\xa1c\x81\x02\x92\x46\x03";
        session.handlers(0, list);
        let debounce = |handler: &str, own: &[u8], kind| {
            let mut options = Options::default();
            options.add(&mut Scan::new(own));
            let (handler, changes, params) = (handler.into(), vec![], vec![]);
            let mut event = Event {
                root: 0,
                id: 0,
                number: 0,
                kind,
                element: 1,
                handler,
                options,
                changes,
                params,
            };
            session.options(&mut event);
            option(&event)
        };
        let none = &[0xc0];
        assert_eq!(debounce("a", none, Kind::Input), (150, Millis::MAX));
        assert_eq!(debounce("a", none, Kind::Click).0, 0);
        assert_eq!(debounce("b", none, Kind::Click), (90, 95));
        assert_eq!(debounce("c", none, Kind::Input).0, 0);
        // {9: "unknown", 1: [0, nil]}
        let own = b"\x82\x09\xa7unknown\x01\x92\x00\xc0";
        assert_eq!(debounce("b", own, Kind::Input), (0, Millis::MAX));
    }
}
