//! The runtime, input by input, with a clock of its own.

mod page;

use client::{Input, Timer};
use page::{BLUR, CLICK, INPUT, Page, SUBMIT, body, counter};
use protocol::{Definition, ServerFrame, Tree};

#[test]
fn a_page_says_hello_and_binds_the_served_nodes() {
    let mut page = Page::default();
    assert_eq!(page.attach(), ["Connect"]);
    assert_eq!(page.on(Input::Open), [r#"hello 0 known, [(0, "t")]"#]);
    page.welcome();
    let told = page.mount(1, 7, vec![counter()]);
    assert_eq!(told, ["define 0", "2 handlers", "root 0", "adopt", "Int(7)", "Connected"]);
    assert_eq!(page.update(2, 0, 8), ["set", "Int(8)"]);
}

#[test]
fn events_of_one_animation_frame_leave_in_one_message() {
    let mut page = Page::live();
    assert_eq!(page.event(CLICK, "increment", 5), ["Frame"]);
    assert!(page.event(CLICK, "other", 6).is_empty());
    assert_eq!(page.on(Input::Frame), ["events 1:#0 2:other"]);
    assert_eq!(page.update(2, 1, 8), ["set", "Int(8)", "release 5"]);
    assert_eq!(page.server(&ServerFrame::Ack { root: 0, ack: 2 }), ["release 6"]);
}

#[test]
fn typing_waits_and_a_submit_does_not_overtake_it() {
    let mut page = Page::live();
    assert!(page.event(INPUT, "search", 1).is_empty());
    page.now = 200;
    assert_eq!(page.all(Input::Timer(Timer::Interceptors as u32)), ["Interceptors in 100"]);
    assert_eq!(page.event(SUBMIT, "save", 1), ["Frame"]);
    assert_eq!(page.on(Input::Frame), ["events 1:#1 2:save"]);
}

#[test]
fn leaving_a_field_sends_what_waits_for_it() {
    let mut page = Page::live();
    page.event(INPUT, "other", 1);
    assert_eq!(page.event(BLUR, "", 1), ["Frame"]);
    assert_eq!(page.on(Input::Frame), ["events 1:other"]);
}

#[test]
fn a_page_knows_which_events_are_sent_and_which_are_not() {
    let mut page = Page::live();
    page.event(INPUT, "search", 1);
    page.event_of(0, page::KEYDOWN, "key", 2);
    assert_eq!(page.log.open, (vec![], vec![2, 1]));
    page.on(Input::Frame);
    assert_eq!(page.log.open, (vec![2], vec![1]));
    // Another letter: one event stands for both.
    page.event(INPUT, "search", 3);
    assert_eq!(page.log.open, (vec![2], vec![3]));
    page.update(2, 1, 8);
    assert_eq!(page.log.open, (vec![], vec![3]));
    page.on(Input::Unmount(0));
    assert_eq!(page.log.open, (vec![], vec![]));
}

#[test]
fn a_hidden_page_sends_what_waits_and_closes_and_comes_back() {
    let mut page = Page::live();
    page.event(INPUT, "search", 1);
    assert_eq!(page.on(Input::Hide), ["events 1:#1", "Close", "unconfirmed search"]);
    assert_eq!(page.on(Input::Show), ["Connect"]);
}

#[test]
fn a_gap_is_answered_by_a_resync_and_its_definitions_count() {
    let mut page = Page::live();
    let told = page.delta(3, 0, &[counter()], &[1, 0, 9]);
    assert_eq!(told, ["define 1", "resync 0"]);
    assert!(page.update(4, 0, 9).is_empty());
    assert_eq!(page.mount(5, 9, vec![]), ["2 handlers", "root 0", "set", "Int(9)"]);
    assert_eq!(page.update(6, 0, 10), ["set", "Int(10)"]);
}

#[test]
fn a_definition_that_came_before_is_passed_over() {
    let mut page = Page::live();
    assert_eq!(page.delta(2, 0, &[counter()], &[1, 0, 8]), ["define 1", "set", "Int(8)"]);
    assert_eq!(page.delta(2, 0, &[counter()], &[1, 0, 8]), ["resync 0"]);
    assert_eq!(page.mount(3, 9, vec![counter()]), ["2 handlers", "root 0", "set", "Int(9)"]);
}

#[test]
fn a_definition_that_is_lost_starts_the_connection_anew() {
    let mut page = Page::live();
    let other = Definition { hash: [9; 8], ..counter() };
    for (first, definition) in [(2, counter()), (0, other)] {
        let body = body(first, &[definition], &[1, 0, 8]);
        let tree = Tree { full: false, root: 0, seq: 2, ack: 0, handlers: None, body: &body };
        let told = page.server(&ServerFrame::Tree(tree));
        assert_eq!(told[..2], ["Malformed", "Close"], "{told:?}");
        page = Page::live();
    }
}

#[test]
fn a_full_tree_that_does_not_apply_starts_the_connection_anew() {
    let mut page = Page::live();
    let body = body(0, &[], &[7, 1]);
    let tree = Tree { full: true, root: 0, seq: 2, ack: 0, handlers: None, body: &body };
    let told = page.server(&ServerFrame::Tree(tree));
    assert!(told.contains(&"Close".to_string()), "{told:?}");
    assert!(!told.contains(&"resync 0".to_string()), "{told:?}");
}

#[test]
fn a_malformed_definition_starts_the_connection_anew() {
    let mut page = Page::live();
    let mut frame = vec![2, 0, 2, 0];
    frame.extend([2, 1, 0xc4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xc0]);
    let told = page.on(Input::Bytes(&frame));
    assert_eq!(told[..3], ["define 1", "Malformed", "Close"]);
    assert!(told.contains(&"Reconnecting".to_string()), "{told:?}");
}

#[test]
fn a_delta_that_does_not_apply_is_answered_by_a_resync() {
    let mut page = Page::live();
    assert_eq!(page.delta(2, 0, &[], &[1, 9, 9]), ["resync 0"]);
}

#[test]
fn a_broken_connection_is_made_again_with_the_templates_that_are_known() {
    let mut page = Page::live();
    assert_eq!(page.on(Input::Closed(1006)), ["Reconnecting"]);
    assert_eq!(page.on(Input::Timer(Timer::Retry as u32)), ["Connect"]);
    assert_eq!(page.on(Input::Open), [r#"hello 1 known, [(0, "t")]"#]);
    page.welcome();
    assert_eq!(page.mount(1, 3, vec![]), ["2 handlers", "root 0", "set", "Int(3)", "Connected"]);
}

#[test]
fn waits_grow_until_a_connection_has_held() {
    let mut page = Page::live();
    let wait = |page: &mut Page| {
        let told = page.all(Input::Closed(1006));
        page.on(Input::Timer(Timer::Retry as u32));
        page.on(Input::Open);
        page.welcome();
        told.iter().find_map(|line| line.strip_prefix("Retry in ")).map(str::to_string)
    };
    assert_eq!([wait(&mut page), wait(&mut page)], [Some("125".into()), Some("250".into())]);
    page.now += 9_999;
    assert_eq!(wait(&mut page), Some("500".into()));
    page.now += 10_000;
    assert_eq!([wait(&mut page), wait(&mut page)], [Some("125".into()), Some("250".into())]);
    // What does not come about does not hold.
    page.on(Input::Closed(1006));
    page.on(Input::Timer(Timer::Retry as u32));
    page.now += 10_000;
    let told = page.all(Input::Closed(1006));
    assert!(told.contains(&"Retry in 1000".to_string()), "{told:?}");
}

#[test]
fn what_was_queued_offline_is_sent_after_the_next_mount() {
    let mut page = Page::live();
    page.event(CLICK, "increment", 1);
    page.on(Input::Frame);
    let told = page.on(Input::Closed(1006));
    assert_eq!(told, ["unconfirmed increment", "Reconnecting"]);
    assert!(page.event(CLICK, "later", 2).is_empty());
    page.on(Input::Timer(Timer::Retry as u32));
    page.on(Input::Open);
    page.welcome();
    assert_eq!(page.mount(1, 1, vec![]).last().unwrap(), "events 1:later");
}

#[test]
fn a_full_queue_is_reported() {
    let mut page = Page::live();
    page.on(Input::Closed(1006));
    for _ in 0..100 {
        assert!(page.event(CLICK, "increment", 1).is_empty());
    }
    assert_eq!(page.event(CLICK, "increment", 1), ["Full"]);
}

#[test]
fn pings_keep_the_connection_and_silence_ends_it() {
    let mut page = Page::live();
    let heartbeat = Input::Timer(Timer::Heartbeat as u32);
    assert_eq!(page.all(heartbeat), ["ping", "Silence in 10000", "Heartbeat in 25000"]);
    assert!(page.server(&ServerFrame::Pong).is_empty());
    page.on(heartbeat);
    assert_eq!(page.on(Input::Timer(Timer::Silence as u32)), ["Close", "Reconnecting"]);
}

#[test]
fn a_page_that_wakes_probes_its_connection_or_connects_at_once() {
    let mut page = Page::live();
    assert_eq!(page.all(Input::Wake), ["ping", "Silence in 5000"]);
    page.on(Input::Closed(1006));
    assert_eq!(page.on(Input::Wake), ["Connect"]);
}

#[test]
fn close_codes_do_what_the_protocol_says() {
    let told = |code| Page::live().on(Input::Closed(code));
    assert_eq!(told(1001), ["Reconnecting"]);
    assert_eq!(told(1009), ["Undelivered", "Reconnecting"]);
    assert_eq!(told(1003), ["Misunderstood", "Reconnecting"]);
    assert_eq!(told(4401), ["Stopped", "Reload"]);
    assert_eq!(told(4403), ["Stopped", "Forbidden"]);
    assert_eq!(told(4406), ["Stopped", "Reload"]);
    let mut page = Page::live();
    for _ in 0..3 {
        let told = page.on(Input::Closed(4400));
        assert_eq!(told, ["Misunderstood", "Close", "Reconnecting", "Connect"]);
        page.on(Input::Open);
    }
    let told = page.on(Input::Closed(4400));
    assert_eq!(told, ["Misunderstood", "Close", "Stopped", "NoUse"]);
}

#[test]
fn a_malformed_frame_starts_the_connection_anew() {
    let mut page = Page::live();
    assert_eq!(page.on(Input::Bytes(&[9])), ["Malformed", "Close", "Reconnecting", "Connect"]);
}

#[test]
fn a_server_that_the_page_never_understands_is_left_alone_after_three_attempts() {
    let mut page = Page::live();
    page.now = 70_000;
    for _ in 0..3 {
        let told = page.on(Input::Bytes(&[9]));
        assert_eq!(told, ["Malformed", "Close", "Reconnecting", "Connect"]);
        page.now += 10_000;
    }
    let told = page.on(Input::Bytes(&[9]));
    assert_eq!(told, ["Malformed", "Close", "Stopped", "NoUse"]);
    assert_eq!(page.on(Input::Wake), [""; 0]);
}

#[test]
fn malformed_frames_that_are_minutes_apart_do_not_add_up() {
    let mut page = Page::live();
    for minute in 1..9 {
        page.now = minute * 61_000;
        let told = page.on(Input::Bytes(&[9]));
        assert_eq!(told, ["Malformed", "Close", "Reconnecting", "Connect"], "minute {minute}");
    }
}

#[test]
fn errors_and_pushes_are_handed_on() {
    let mut page = Page::live();
    let error = ServerFrame::Error { root: 0, event: 3, code: b"handler", message: b"no" };
    assert_eq!(page.server(&error), ["error handler 3"]);
    let push = ServerFrame::Push { root: 0, name: b"saved", payload: &[0xc0] };
    assert_eq!(page.server(&push), ["push 0 saved"]);
}

#[test]
fn a_root_without_a_session_takes_frames_and_says_why_it_refuses() {
    let mut page = Page::default();
    let mut bytes = vec![1, 4, 1, 0, 0xc0];
    bytes.extend(body(0, &[counter()], &[0, 7]));
    assert_eq!(page.apply(&bytes), ["define 0", "root 4", "create", "Int(7)"]);
    assert_eq!(page.apply(&[2, 4, 3, 0, 0, 1, 0, 8]), ["refused: Gap"]);
    assert_eq!(page.apply(&[6]), ["refused: Waits"]);
    assert_eq!(page.apply(&[3, 0, 0]), [""; 0], "nothing visible changed");
    assert_eq!(page.apply(&[1]), ["refused: Bad(EndOfInput)"]);
    assert_eq!(page.on(Input::Unmount(4)), ["remove"]);
}

#[test]
fn views_of_a_page_share_a_connection_and_come_back_together() {
    let mut page = Page::default();
    assert_eq!(page.on(Input::Attach(&[0, 0xa1, b't', 1, 0xa1, b'u'])), ["Connect"]);
    assert_eq!(page.on(Input::Open), [r#"hello 0 known, [(0, "t"), (1, "u")]"#]);
    page.welcome();
    page.mount(1, 7, vec![counter()]);
    assert_eq!(page.mount_child(1, 3), ["0 handlers", "root 1", "adopt", "Int(3)"]);
    assert_eq!(page.update_child(1, 2, 0, 4), ["set", "Int(4)"]);
    assert_eq!(page.update(2, 0, 8), ["set", "Int(8)"]);
    page.on(Input::Closed(1006));
    page.on(Input::Timer(Timer::Retry as u32));
    assert_eq!(page.on(Input::Open), [r#"hello 1 known, [(0, "t"), (1, "u")]"#]);
}

#[test]
fn a_view_that_comes_with_a_patch_joins_and_one_that_goes_leaves() {
    let mut page = Page::live();
    assert_eq!(page.on(Input::Attach(&[5, 0xa1, b'v'])), ["join 5 v"]);
    assert_eq!(page.mount_child(5, 3), ["0 handlers", "root 5", "adopt", "Int(3)"]);
    page.event_of(5, CLICK, "sent", 1);
    page.on(Input::Frame);
    page.event_of(5, CLICK, "queued", 2);
    page.event_of(5, INPUT, "waits", 3);
    page.event(CLICK, "increment", 4);
    assert_eq!(page.on(Input::Unmount(5)), ["remove", "leave 5"]);
    assert_eq!(page.on(Input::Frame), ["events 1:#0"]);
    assert_eq!(page.update_child(5, 2, 1, 4), ["release 1"], "it is not shown any more");
    assert_eq!(page.on(Input::Unmount(5)), [""; 0]);
}

#[test]
fn a_view_that_comes_while_there_is_no_connection_is_named_by_the_next_hello() {
    let mut page = Page::live();
    page.on(Input::Closed(1006));
    assert_eq!(page.on(Input::Attach(&[5, 0xa1, b'v'])), [""; 0]);
    page.on(Input::Timer(Timer::Retry as u32));
    assert_eq!(page.on(Input::Open), [r#"hello 1 known, [(0, "t"), (5, "v")]"#]);
}

#[test]
fn a_restarted_server_gets_the_events_of_the_new_connection_from_one_on() {
    let mut page = Page::live();
    page.event(CLICK, "increment", 1);
    page.on(Input::Frame);
    page.reconnect();
    page.welcome();
    page.mount(1, 1, vec![]);
    page.event(CLICK, "increment", 1);
    assert_eq!(page.on(Input::Frame), ["events 1:#0"]);
}

#[test]
fn a_lost_network_is_believed_when_the_connection_is_silent() {
    let mut page = Page::live();
    assert_eq!(page.on(Input::Offline), ["ping"]);
    assert_eq!(page.on(Input::Timer(Timer::Silence as u32)), ["Close", "Offline"]);
    assert_eq!(page.on(Input::Wake), ["Connect"]);
}
