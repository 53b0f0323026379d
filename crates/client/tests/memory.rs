//! What a runtime keeps: events that replace each other leave nothing behind.

mod page;

use page::{INPUT, KEYDOWN, Page};
use testkit::memory::{Counting, measure};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that a list may keep for the next time.
const SLACK: isize = 4096;

#[test]
fn ten_thousand_events_a_second_through_a_debounce_leave_nothing_behind() {
    let mut page = Page::live();
    let second = |page: &mut Page| {
        for number in 0..10_000 {
            page.now += u64::from(number % 10 == 0);
            assert!(page.event(INPUT, "search", (number % 100) as u8).is_empty());
        }
    };
    second(&mut page);
    let (((), kept), most) = measure(|| (0..3).for_each(|_| second(&mut page)));
    assert!(kept < SLACK && most < SLACK, "{kept} bytes are kept, {most} were needed");
    page.wait(300);
    assert_eq!(page.on(client::Input::Frame), ["events 1:#1"], "and the last one is sent");
}

#[test]
fn throttled_elements_that_come_and_go_are_forgotten() {
    let mut page = Page::live();
    let move_all = |page: &mut Page, from: u32| {
        for element in from..from + 10_000 {
            page.now += 1;
            let mut head = vec![0, KEYDOWN];
            protocol::write::uint(&mut head, u64::from(element));
            head.extend([0x81, 2, 0x92, 100, 1, 0x90]); // {2: [100, leading]}
            page.record(&head, "increment", &[0x80]);
            page.on(client::Input::Frame);
            let mut ack = vec![3, 0];
            protocol::write::uint(&mut ack, u64::from(element));
            page.on(client::Input::Bytes(&ack));
        }
    };
    move_all(&mut page, 1);
    let (((), kept), _) = measure(|| move_all(&mut page, 10_001));
    assert!(kept < SLACK, "{kept} bytes are kept");
}
