//! The interceptors in the runtime, input by input, with a clock of its own.

mod page;

use client::{Input, Timer};
use page::{BLUR, CLICK, INPUT, KEYDOWN, Page, SHARED, SUBMIT, counter, handlers};
use protocol::{ServerFrame, write};

/// A live page with these handlers.
fn page(list: &[(&str, &[u8])]) -> Page {
    let mut page = Page { handlers: handlers(list), ..Page::default() };
    page.attach();
    page.on(Input::Open);
    page.welcome();
    page.mount(1, 1, vec![counter()]);
    page
}

fn ack(page: &mut Page, ack: u32) -> Vec<String> {
    page.server(&ServerFrame::Ack { root: 0, ack })
}

const PLAIN: &[u8] = &[0xc0];
/// `{1: [50, 90]}`
const DEBOUNCED: &[u8] = &[0x81, 1, 0x92, 50, 90];
/// `{2: [100, flags]}`
const BOTH_EDGES: &[u8] = &[0x81, 2, 0x92, 100, 3];
const LEADING: &[u8] = &[0x81, 2, 0x92, 100, 1];
const TRAILING: &[u8] = &[0x81, 2, 0x92, 100, 2];
/// `{1: [50, nil], 2: [100, 3]}`
const BOTH: &[u8] = &[0x82, 1, 0x92, 50, 0xc0, 2, 0x92, 100, 3];
/// `{4: [60000, nil]}`
const CACHED: &[u8] = &[0x81, 4, 0x92, 0xcd, 0xea, 0x60, 0xc0];
/// `{4: [60000, ["p"]]}`
const BY_P: &[u8] = &[0x81, 4, 0x92, 0xcd, 0xea, 0x60, 0x91, 0xa1, b'p'];
/// `{5: [["k"], false]}` and the same for all tabs.
const SHARES: &[u8] = &[0x81, 5, 0x92, 0x91, 0xa1, b'k', 0xc2];
const TABS: &[u8] = &[0x81, 5, 0x92, 0x91, 0xa1, b'k', 0xc3];

/// The numbers of the events that leave when the animation frame begins.
fn sent(page: &mut Page) -> String {
    page.on(Input::Frame).join("; ")
}

// ---- Debounce

#[test]
fn two_fields_with_one_handler_do_not_share_a_wait() {
    let mut page = page(&[("hear", DEBOUNCED)]);
    page.click(1, "hear", "x", 1);
    assert!(page.wait(20).is_empty());
    page.click(2, "hear", "x", 2);
    page.wait(30);
    assert_eq!(sent(&mut page), "events 1:#0 x=1");
    page.wait(20);
    assert_eq!(sent(&mut page), "events 2:#0 x=2");
}

#[test]
fn who_never_pauses_is_heard_after_the_longest_wait() {
    let mut page = page(&[("hear", DEBOUNCED)]);
    for x in 1..=3 {
        page.click(1, "hear", "x", x);
        page.wait(30);
    }
    assert_eq!(sent(&mut page), "events 1:#0 x=3");
}

// ---- Throttle

#[test]
fn a_single_throttled_event_is_sent_once() {
    let mut page = page(&[("move", BOTH_EDGES)]);
    page.click(1, "move", "x", 1);
    assert_eq!(sent(&mut page), "events 1:#0 x=1");
    assert!(page.wait(100).is_empty());
    assert!(page.wait(1000).is_empty());
}

#[test]
fn of_the_events_in_an_interval_the_last_one_is_sent_at_its_end() {
    let mut page = page(&[("move", BOTH_EDGES)]);
    for x in 1..=4 {
        page.click(1, "move", "x", x);
        page.now += 20;
    }
    assert_eq!(sent(&mut page), "events 1:#0 x=1");
    assert!(page.wait(19).is_empty(), "not before the end");
    page.wait(1);
    assert_eq!(sent(&mut page), "events 2:#0 x=4");
    page.click(1, "move", "x", 5);
    assert_eq!(sent(&mut page), "", "what was sent at the end begins an interval");
    page.wait(100);
    assert_eq!(sent(&mut page), "events 3:#0 x=5");
}

#[test]
fn without_its_trailing_edge_a_throttle_drops_what_comes_too_soon() {
    let mut page = page(&[("move", LEADING)]);
    for (time, x) in [(0, 1), (50, 2), (49, 3), (1, 4)] {
        page.now += time;
        page.click(1, "move", "x", x);
    }
    page.wait(1000);
    assert_eq!(sent(&mut page), "events 1:#0 x=1 2:#0 x=4");
}

#[test]
fn without_its_leading_edge_a_throttle_sends_at_the_end_alone() {
    let mut page = page(&[("move", TRAILING)]);
    page.click(1, "move", "x", 1);
    assert_eq!(sent(&mut page), "");
    page.wait(100);
    assert_eq!(sent(&mut page), "events 1:#0 x=1");
    assert!(page.wait(1000).is_empty());
}

#[test]
fn throttled_elements_and_handlers_have_intervals_of_their_own() {
    let mut page = page(&[("move", BOTH_EDGES), ("turn", BOTH_EDGES)]);
    for (element, handler) in [(1, "move"), (2, "move"), (1, "turn"), (1, "move")] {
        page.click(element, handler, "e", element);
    }
    assert_eq!(sent(&mut page), "events 1:#0 e=1 2:#0 e=2 3:#1 e=1");
}

#[test]
fn typing_into_a_throttled_handler_is_not_debounced_as_well() {
    let mut page = page(&[("move", BOTH_EDGES)]);
    assert_eq!(page.event(INPUT, "move", 1), ["Frame"]);
}

#[test]
fn a_debounced_event_is_throttled_when_it_is_quiet() {
    let mut page = page(&[("find", BOTH)]);
    let mut all = String::new();
    for step in 0..60 {
        if let Some(q) = [0, 2, 14].iter().position(|&at| at == step) {
            page.click(1, "find", "q", q as u8);
        }
        page.wait(5);
        let frame = sent(&mut page);
        if !frame.is_empty() {
            all += &format!("{}: {frame}; ", page.now);
        }
    }
    assert_eq!(all, "60: events 1:#0 q=1; 160: events 2:#0 q=2; ");
}

// ---- Order

#[test]
fn a_submit_goes_after_everything_that_waits_in_the_order_in_which_it_came() {
    let mut page = page(&[("move", BOTH_EDGES), ("search", PLAIN), ("save", PLAIN)]);
    page.event(INPUT, "search", 1);
    page.click(1, "move", "x", 1);
    page.click(1, "move", "x", 2);
    page.record(&[0, INPUT, 2, 0xc0, 0x90], "search", &[0x80]);
    assert_eq!(sent(&mut page), "events 1:#1 2:#0 x=1", "a click sends what was typed before it");
    page.event(SUBMIT, "save", 1);
    assert_eq!(sent(&mut page), "events 3:#0 x=2 4:#1 5:#2");
    assert!(page.wait(1000).is_empty(), "nothing is sent twice");
}

#[test]
fn what_accompanies_typing_does_not_hurry_it() {
    let mut page = page(&[("search", PLAIN), ("key", PLAIN), ("key2", BOTH_EDGES)]);
    page.event(INPUT, "search", 1);
    for name in ["key", "key2"] {
        page.event(KEYDOWN, name, 1);
    }
    assert_eq!(sent(&mut page), "events 1:#1 2:#2");
    page.wait(150);
    assert_eq!(sent(&mut page), "events 3:#0");
}

#[test]
fn leaving_an_element_lets_go_what_its_throttle_holds() {
    let mut page = page(&[("move", BOTH_EDGES)]);
    page.click(1, "move", "x", 1);
    page.click(1, "move", "x", 2);
    page.event(BLUR, "", 1);
    assert_eq!(sent(&mut page), "events 1:#0 x=1 2:#0 x=2");
    page.click(1, "move", "x", 3);
    assert_eq!(sent(&mut page), "", "the interval counts from what was sent last");
}

#[test]
fn a_hidden_page_sends_what_its_throttles_hold() {
    let mut page = page(&[("move", TRAILING)]);
    page.click(1, "move", "x", 1);
    assert_eq!(page.on(Input::Hide)[0], "events 1:#0 x=1");
}

#[test]
fn what_waits_for_an_element_that_is_gone_is_dropped() {
    let mut page = page(&[("search", PLAIN)]);
    page.record(&[0, INPUT, 1, 0xc0, 0x90], "search", &[0x80]);
    page.record(&[0, INPUT, 2, 0xc0, 0x90], "search", &[0x80]);
    let body = [0, 1, 0, 9];
    let tree = protocol::Tree { full: false, root: 0, seq: 2, ack: 0, handlers: None, body: &body };
    let mut bytes = Vec::new();
    ServerFrame::Tree(tree).encode(&mut bytes);
    let told = page.all(Input::Bytes(&bytes));
    assert_eq!(told[told.len() - 2..], ["check 1", "check 2"], "the page is asked after a change");
    assert!(page.on(Input::Gone(1)).is_empty());
    page.wait(150);
    assert_eq!(sent(&mut page), "events 1:#0");
    assert!(page.on(Input::Gone(2)).is_empty(), "what is sent stays sent");
}

#[test]
fn what_waits_in_a_view_that_leaves_is_dropped() {
    let mut page = page(&[("search", PLAIN)]);
    page.event(INPUT, "search", 1);
    page.on(Input::Unmount(0));
    assert!(page.wait(1000).is_empty());
}

// ---- Busy

/// What is under way after an input.
fn busy(page: &mut Page, input: Input<'_>) -> Vec<String> {
    let mut told = page.all(input);
    told.retain(|line| line.starts_with("busy"));
    told
}

#[test]
fn an_event_is_under_way_from_the_outbox_to_its_answer() {
    let mut page = page(&[("search", PLAIN), ("save", PLAIN)]);
    page.event(INPUT, "search", 1);
    let timer = Input::Timer(Timer::Interceptors as u32);
    assert!(busy(&mut page, timer).is_empty(), "what waits is not under way");
    page.now = 150;
    assert_eq!(busy(&mut page, timer), ["busy search1 on"]);
    assert!(busy(&mut page, Input::Frame).is_empty());
    assert_eq!(busy(&mut page, Input::Bytes(&[3, 0, 1])), ["busy search1 off"]);
    assert!(busy(&mut page, Input::Bytes(&[3, 0, 1])).is_empty());
}

#[test]
fn a_refused_event_is_no_longer_under_way_even_without_an_ack() {
    let mut page = page(&[("save", PLAIN)]);
    page.event(CLICK, "save", 7);
    page.on(Input::Frame);
    let mut error = Vec::new();
    let frame = ServerFrame::Error { root: 0, event: 1, code: b"rate_limited", message: b"Later." };
    frame.encode(&mut error);
    assert_eq!(busy(&mut page, Input::Bytes(&error)), ["busy save1 off"]);
    assert!(busy(&mut page, Input::Bytes(&[3, 0, 1])).is_empty());
}

#[test]
fn a_lost_event_is_no_longer_under_way_and_a_queued_one_still_is() {
    let mut page = page(&[("save", PLAIN)]);
    page.event(CLICK, "save", 1);
    page.on(Input::Frame);
    page.record(&[0, CLICK, 2, 0xc0, 0x90], "save", &[0x80]);
    assert_eq!(busy(&mut page, Input::Closed(1006)), ["busy save1 off"]);
}

// ---- Cache

/// Sends the event and lets the server answer it with this count.
fn ask(page: &mut Page, seq: &mut u32, id: u32, value: u8, count: u8) {
    page.click(1, "find", "p", value);
    page.on(Input::Frame);
    *seq += 1;
    let told = page.update(*seq, id, count);
    assert!(told.contains(&format!("Int({count})")), "{told:?}");
}

/// A page that has two answers: 10 for p=1 and 20 for p=2, which it shows.
fn cached(options: &[u8]) -> (Page, u32) {
    let mut page = page(&[("find", options), ("other", PLAIN), ("also", CACHED)]);
    let mut seq = 1;
    ask(&mut page, &mut seq, 1, 1, 10);
    ask(&mut page, &mut seq, 2, 2, 20);
    (page, seq)
}

#[test]
fn an_answer_that_is_kept_is_shown_without_a_message() {
    let (mut page, _) = cached(CACHED);
    assert_eq!(page.click(1, "find", "p", 1), ["root 0", "set", "Int(10)"]);
    assert_eq!(page.click(1, "find", "p", 2), ["root 0", "set", "Int(20)"]);
    assert_eq!(page.click(1, "find", "p", 2), ["root 0"], "it is shown already");
    assert_eq!(sent(&mut page), "");
}

#[test]
fn an_answer_that_changed_nothing_is_an_answer_too() {
    let (mut page, seq) = cached(CACHED);
    page.click(1, "find", "p", 3);
    page.on(Input::Frame);
    ack(&mut page, 3);
    assert_eq!(page.click(1, "find", "p", 1), ["root 0", "set", "Int(10)"]);
    assert_eq!(page.click(1, "find", "p", 3), ["root 0", "set", "Int(20)"]);
    assert_eq!(seq, 3);
}

#[test]
fn an_answer_holds_for_its_time() {
    let (mut page, _) = cached(CACHED);
    page.now += 59_999;
    assert_eq!(page.click(1, "find", "p", 1), ["root 0", "set", "Int(10)"]);
    page.now += 1;
    assert_eq!(page.click(1, "find", "p", 2), ["Frame"]);
}

#[test]
fn other_parameters_are_other_keys() {
    let (mut page, _) = cached(CACHED);
    for value in [0, 3, 0xc0, 0xc2, 0xa0] {
        page.click(1, "find", "p", value);
    }
    let frame = sent(&mut page);
    assert_eq!(frame.matches("#0").count(), 5, "0, false, nothing and an empty text: {frame}");
}

#[test]
fn texts_with_separators_are_not_taken_for_each_other() {
    let options = &[0x81, 4, 0x92, 0xcd, 0xea, 0x60, 0x92, 0xa1, b'p', 0xa1, b'q'];
    let mut page = page(&[("find", options)]);
    let ask = |page: &mut Page, p: &str, q: &str| {
        let mut params = vec![0x82, 0xa1, b'p'];
        write::str(&mut params, p);
        params.extend([0xa1, b'q']);
        write::str(&mut params, q);
        page.record(&[0, CLICK, 1, 0xc0, 0x90], "find", &params)
    };
    ask(&mut page, "a:b", "c");
    page.on(Input::Frame);
    page.update(2, 1, 10);
    assert_eq!(ask(&mut page, "a", "b:c"), ["Frame"]);
    page.on(Input::Frame);
    page.update(3, 2, 20);
    assert_eq!(ask(&mut page, "a:b", "c"), ["root 0", "set", "Int(10)"]);
}

#[test]
fn parameters_that_are_not_named_do_not_count_but_those_given_by_position_do() {
    let mut page = page(&[("find", BY_P)]);
    let record =
        |page: &mut Page, params: &[u8]| page.record(&[0, CLICK, 1, 0xc0, 0x90], "find", params);
    record(&mut page, b"\x82\xa1p\x01\xa1x\x01");
    page.on(Input::Frame);
    page.update(2, 1, 10);
    assert_eq!(record(&mut page, b"\x82\xa1p\x01\xa1x\x02"), ["root 0"], "x is not named");
    assert_eq!(record(&mut page, b"\x81\xa4args\x91\x01"), ["Frame"], "find(1)");
    page.on(Input::Frame);
    assert!(page.update(3, 2, 20).is_empty(), "what was owed went first");
    page.tree(4, 3, 20, vec![]);
    assert_eq!(record(&mut page, b"\x81\xa4args\x91\x02"), ["Frame"], "find(2)");
    assert_eq!(record(&mut page, b"\x81\xa4args\x91\x01"), ["root 0"], "find(1) again");
}

#[test]
fn each_view_has_its_own_answers() {
    let (mut page, _) = cached(CACHED);
    page.on(Input::Attach(&[7, 0xa1, b'u']));
    page.mount_child(7, 1);
    let told = page.record(&[7, CLICK, 5, 0xc0, 0x90], "find", b"\x81\xa1p\x01");
    assert_eq!(told, ["Frame"], "the same event of another view is asked");
    page.on(Input::Frame);
    let answered = ["root 0", "set", "Int(10)"];
    assert_eq!(page.click(1, "find", "p", 1), answered, "and drops no answer here");
}

#[test]
fn an_event_of_another_handler_drops_the_answers_also_if_nothing_visible_changed() {
    let (mut page, _) = cached(CACHED);
    page.click(1, "other", "p", 1);
    page.on(Input::Frame);
    assert_eq!(page.click(1, "find", "p", 1), ["Frame"], "the other one is under way");
    page.on(Input::Frame);
    ack(&mut page, 3);
    assert_eq!(page.click(1, "find", "p", 2), ["Frame"]);
}

#[test]
fn what_the_server_says_of_its_own_accord_drops_the_answers() {
    let (mut page, seq) = cached(CACHED);
    page.update(seq + 1, 2, 30);
    assert_eq!(page.click(1, "find", "p", 1), ["Frame"]);
}

#[test]
fn it_does_so_also_while_a_tree_is_missing() {
    let (mut page, seq) = cached(CACHED);
    page.click(1, "find", "p", 3);
    page.on(Input::Frame);
    assert_eq!(page.update(seq + 2, 2, 30), ["resync 0"]);
    // The tree answers an event of the handler as well.
    page.tree(seq + 3, 3, 40, vec![]);
    assert_eq!(page.click(1, "find", "p", 3), ["root 0"], "what is shown is the newest answer");
    assert_eq!(page.click(1, "find", "p", 1), ["Frame"], "and no other one holds");
}

#[test]
fn a_new_connection_drops_the_answers() {
    let (mut page, _) = cached(CACHED);
    page.reconnect();
    page.welcome();
    page.mount(1, 1, vec![]);
    assert_eq!(page.click(1, "find", "p", 1), ["Frame"]);
}

#[test]
fn a_failed_event_leaves_no_answer() {
    let (mut page, seq) = cached(CACHED);
    page.click(1, "find", "p", 3);
    page.on(Input::Frame);
    page.server(&ServerFrame::Error { root: 0, event: 3, code: b"handler_error", message: b"" });
    page.update(seq + 1, 3, 30);
    assert_eq!(page.click(1, "find", "p", 3), ["Frame"]);
}

#[test]
fn the_page_hears_of_the_handlers_before_it_shows_their_view() {
    let handlers = [("a", PLAIN), ("b", CACHED), ("c", SHARES), ("d", TABS)];
    let mut page = Page { handlers: self::handlers(&handlers), ..Page::default() };
    page.attach();
    page.on(Input::Open);
    page.welcome();
    let said = page.mount(1, 1, vec![counter()]);
    assert_eq!(said[..3], ["define 0", "4 handlers", "root 0"]);
}

#[test]
fn what_is_owed_goes_before_the_next_event_and_the_tree_comes_anew() {
    let (mut page, seq) = cached(CACHED);
    page.click(1, "find", "p", 1);
    assert_eq!(page.click(1, "other", "p", 7), ["Frame"]);
    assert_eq!(sent(&mut page), "events 3:#0 p=1 4:#1 p=7; resync 0");
    assert!(page.update(seq + 1, 4, 77).is_empty(), "it does not fit what is shown");
    let said = page.tree(seq + 2, 4, 17, vec![]);
    assert_eq!(said[1..], ["root 0", "set", "Int(17)"]);
    assert_eq!(page.update(seq + 3, 4, 18), ["set", "Int(18)"]);
}

#[test]
fn of_several_answers_only_the_last_one_is_owed() {
    let (mut page, _) = cached(CACHED);
    for value in [1, 2, 1] {
        page.click(1, "find", "p", value);
    }
    page.click(1, "other", "p", 7);
    assert_eq!(sent(&mut page), "events 3:#0 p=1 4:#1 p=7; resync 0");
}

#[test]
fn a_tree_that_comes_while_something_is_owed_is_not_shown() {
    let (mut page, seq) = cached(CACHED);
    page.click(1, "find", "p", 3);
    page.on(Input::Frame);
    assert_eq!(page.click(1, "find", "p", 1), ["root 0", "set", "Int(10)"]);
    assert_eq!(page.update(seq + 1, 3, 30), ["Frame"], "the answer to p=3 came too late");
    assert_eq!(sent(&mut page), "events 4:#0 p=1; resync 0");
    let said = page.tree(seq + 2, 4, 10, vec![]);
    assert_eq!(said[1..], ["root 0"], "what is shown is right");
    assert_eq!(page.click(1, "find", "p", 2), ["root 0", "set", "Int(20)"]);
}

#[test]
fn an_ack_that_comes_while_something_is_owed_is_no_answer() {
    let (mut page, _) = cached(CACHED);
    page.click(1, "find", "p", 3);
    page.on(Input::Frame);
    assert_eq!(page.click(1, "find", "p", 1), ["root 0", "set", "Int(10)"]);
    ack(&mut page, 3);
    assert_eq!(page.click(1, "find", "p", 3), ["Frame"], "what is shown is the answer to p=1");
}

#[test]
fn an_answer_replaces_what_waits_for_the_same_element() {
    let waits = b"\x82\x01\x92\x64\xc0\x04\x92\xcd\xea\x60\xc0"; // {1: [100, nil], 4: [60000, nil]}
    let mut page = page(&[("find", waits), ("other", PLAIN)]);
    page.click(1, "find", "p", 1);
    page.wait(100);
    page.on(Input::Frame);
    page.update(2, 1, 10);
    page.click(1, "find", "p", 2);
    assert_eq!(page.click(1, "find", "p", 1), ["root 0"]);
    assert!(page.wait(1000).is_empty(), "p=2 would come too late");
    page.record(&[0, INPUT, 2, 0xc0, 0x90], "other", &[0x80]);
    assert!(page.click(1, "find", "p", 1).is_empty(), "what waits in the view comes first");
}

#[test]
fn what_is_owed_is_sent_when_the_page_is_hidden_or_the_connection_breaks() {
    let (mut page, _) = cached(CACHED);
    page.click(1, "find", "p", 1);
    assert_eq!(page.on(Input::Hide)[0], "events 3:#0 p=1");
    let (mut page, _) = cached(CACHED);
    page.click(1, "find", "p", 1);
    page.reconnect();
    page.welcome();
    assert_eq!(page.mount(1, 1, vec![]).last().unwrap(), "events 1:#0 p=1");
}

#[test]
fn answers_of_one_handler_do_not_outlive_those_of_another() {
    let (mut page, _) = cached(CACHED);
    page.click(1, "also", "p", 1);
    page.on(Input::Frame);
    page.update(4, 3, 40);
    assert_eq!(page.click(1, "also", "p", 1), ["root 0"]);
    assert_eq!(page.click(1, "find", "p", 1), ["Frame"]);
}

#[test]
fn what_is_kept_is_bounded_and_the_least_used_goes_first() {
    let mut page = page(&[("find", CACHED)]);
    let mut seq = 1;
    for value in 1..=50 {
        ask(&mut page, &mut seq, u32::from(value), value, value + 1);
    }
    assert_eq!(page.click(1, "find", "p", 1), ["root 0", "set", "Int(2)"], "it is used");
    page.click(1, "find", "p", 51);
    assert_eq!(sent(&mut page), "events 51:#0 p=1 52:#0 p=51; resync 0");
    page.tree(seq + 2, 52, 52, vec![]);
    assert_eq!(page.click(1, "find", "p", 1), ["root 0", "set", "Int(2)"]);
    assert_eq!(page.click(1, "find", "p", 3), ["root 0", "set", "Int(4)"]);
    assert_eq!(page.click(1, "find", "p", 2), ["Frame"], "it was not used for longest");
}

#[test]
fn the_changes_of_an_answered_control_are_the_servers_again() {
    let mut page = page(&[("find", CACHED)]);
    page.event(CLICK, "find", 4);
    page.on(Input::Frame);
    page.update(2, 1, 10);
    assert_eq!(page.event(CLICK, "find", 5), ["root 0", "release 5"]);
}

// ---- The state bus

#[test]
fn a_parameter_that_is_shared_goes_to_every_other_handler_with_its_key() {
    let mut page = page(&[("pick", SHARES), ("show", SHARES), ("count", SHARES), ("not", PLAIN)]);
    assert_eq!(page.click(1, "pick", "k", 7), ["publish k=[7] 0", "Frame"]);
    assert_eq!(sent(&mut page), "events 1:#0 k=7 2:#1 k=7 3:#2 k=7");
    assert_eq!(page.click(1, "pick", "x", 7), ["Frame"], "another parameter");
    assert_eq!(sent(&mut page), "events 4:#0 x=7");
}

#[test]
fn a_debounced_event_is_shared_when_it_is_sent() {
    let debounced = b"\x82\x01\x92\x32\xc0\x05\x92\x91\xa1k\xc2"; // {1: [50, nil], 5: [["k"], false]}
    let mut page = page(&[("pick", debounced), ("show", SHARES)]);
    assert!(page.click(1, "pick", "k", 1).is_empty());
    assert!(page.click(1, "pick", "k", 2).is_empty());
    assert_eq!(page.wait(50), ["publish k=[2] 0", "Frame"]);
    assert_eq!(sent(&mut page), "events 1:#0 k=2 2:#1 k=2");
}

#[test]
fn who_is_told_goes_through_its_own_interceptors() {
    let mut page =
        page(&[("pick", SHARES), ("show", b"\x82\x01\x92\x32\xc0\x05\x92\x91\xa1k\xc2")]);
    for value in [1, 2] {
        page.record(&[0, KEYDOWN, 1, 0xc0, 0x90], "pick", &[0x81, 0xa1, b'k', value]);
    }
    assert_eq!(sent(&mut page), "events 1:#0 k=1 2:#0 k=2");
    page.wait(50);
    assert_eq!(sent(&mut page), "events 3:#1 k=2");
}

#[test]
fn a_hidden_page_sends_what_those_who_are_told_would_wait_with() {
    let debounced = b"\x82\x01\x92\x32\xc0\x05\x92\x91\xa1k\xc2"; // {1: [50, nil], 5: [["k"], false]}
    let mut page = page(&[("pick", debounced), ("show", debounced)]);
    page.click(1, "pick", "k", 1);
    let told = page.on(Input::Hide);
    assert_eq!(told[..2], ["publish k=[1] 0", "events 1:#0 k=1 2:#1 k=1"]);
}

fn script(page: &mut Page, depth: u8, from_tab: u8, value: u8) -> Vec<String> {
    page.record(&[depth, SHARED, from_tab, 0xc0, 0x90], "k", &[0x81, 0xa1, b'k', value])
}

#[test]
fn a_script_tells_all_handlers_with_the_key() {
    let mut page = page(&[("pick", SHARES), ("show", TABS)]);
    assert_eq!(script(&mut page, 3, 0, 7), ["publish k=[7] 3 tabs", "Frame"]);
    assert_eq!(sent(&mut page), "events 1:#0 k=7 2:#1 k=7");
}

#[test]
fn another_tab_tells_only_the_handlers_that_asked_for_it() {
    let mut page = page(&[("pick", SHARES), ("show", TABS)]);
    assert_eq!(script(&mut page, 1, 1, 7), ["publish k=[7] 1", "Frame"], "it does not go back");
    assert_eq!(sent(&mut page), "events 1:#1 k=7");
    let mut page = self::page(&[("pick", SHARES)]);
    assert!(script(&mut page, 0, 1, 7).is_empty(), "nobody asked for it");
}
