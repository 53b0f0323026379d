//! What a message may make a server allocate: 2 MiB if it is accepted, 64 KiB if it is refused.

use protocol::{ClientFrame, limits};
use testkit::memory::{Counting, measure};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ACCEPTED: isize = 2 << 20;
const REFUSED: isize = 64 << 10;

/// An events frame whose only parameter is an array of as many of these items as fit.
fn message(item: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1, 1, 0, 1, 0, 0x81, 0xa1, b'x', 0xdd];
    let count = (limits::MESSAGE - bytes.len() - 4) / item.len();
    bytes.extend((count as u32).to_be_bytes());
    bytes.extend(item.repeat(count));
    bytes
}

/// The most bytes that decoding takes, and whether the message is accepted.
fn cost(bytes: &[u8]) -> (isize, bool) {
    let ((accepted, kept), most) = measure(|| ClientFrame::decode(bytes).is_ok());
    assert_eq!(kept, 0);
    (most, accepted)
}

#[test]
fn a_message_takes_no_more_than_its_share() {
    let items: [&[u8]; 9] = [
        &[0],
        &[0xc0],
        &[0xa0],
        &[0x90],
        &[0x80],
        &[0x91, 0],
        &[0x91, 0x91, 0x91, 0x90],
        &[0x81, 0xa0, 0],
        &[0xa1, b'x'],
    ];
    let mut accepted = 0;
    for item in items {
        let mut bytes = message(item);
        let (most, is_accepted) = cost(&bytes);
        assert!(most <= if is_accepted { ACCEPTED } else { REFUSED }, "{item:02x?}: {most} bytes");
        accepted += usize::from(is_accepted);
        // Refused at its last byte, by what no value may be, or because it is not there.
        *bytes.last_mut().unwrap() = 0xc1;
        assert!(!cost(&bytes).1);
        assert!(cost(&bytes).0 <= REFUSED, "{item:02x?} and a broken end");
        bytes.pop();
        assert!(!cost(&bytes).1);
        assert!(cost(&bytes).0 <= REFUSED, "{item:02x?} without its end");
    }
    assert!(accepted >= 6, "{accepted} messages are within the limits");

    // A second event is refused after a first one of many items.
    let mut bytes = message(&[0]);
    bytes.truncate(limits::MESSAGE - 100);
    let count = (bytes.len() - 13) as u32;
    bytes[9..13].copy_from_slice(&count.to_be_bytes());
    bytes[1] = 2;
    bytes.extend([0, 2, 0, 0x81, 0xa1, b'x', 0xc1]);
    let (most, is_accepted) = cost(&bytes);
    assert!(!is_accepted && most <= REFUSED, "{most} bytes");

    // Lengths that the message does not have.
    for head in [0xdd, 0xdf, 0xdb, 0xc6] {
        let bytes = [1, 1, 0, 1, 0, 0x81, 0xa1, b'x', head, 0xff, 0xff, 0xff, 0xff];
        assert!(cost(&bytes).0 <= REFUSED && !cost(&bytes).1);
    }
    // 65 levels.
    let deep = [&[1, 1, 0, 1, 0, 0x81, 0xa1, b'x'][..], &[0x91; 64], &[0]].concat();
    assert!(cost(&deep).0 <= REFUSED && !cost(&deep).1);
}
