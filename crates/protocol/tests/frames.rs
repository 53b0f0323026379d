//! Whole frames: round trips, limits, and bytes that no page would send.

use proptest::prelude::*;
use protocol::{
    ClientFrame, Definition, ErrorKind, Event, Handler, Hello, Reader, ServerFrame, Value, limits,
    write,
};

fn refused(bytes: &[u8]) -> ErrorKind {
    ClientFrame::decode(bytes).expect_err("the frame should be refused").kind
}

fn events(count: u64, params: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = vec![1];
    write::uint(&mut out, count);
    for id in 1..=count {
        out.push(0);
        write::uint(&mut out, id);
        out.push(0);
        params(&mut out);
    }
    out
}

#[test]
fn a_click_is_six_bytes_or_fewer() {
    assert_eq!(events(1, |out| write::map_len(out, 0)), [1, 1, 0, 1, 0, 0x80]);
}

#[test]
fn unknown_frames_and_trailing_bytes_are_refused() {
    assert_eq!(refused(&[]), ErrorKind::EndOfInput);
    assert_eq!(refused(&[9]), ErrorKind::UnknownFrame);
    assert_eq!(refused(&[3, 3]), ErrorKind::TrailingBytes);
    assert_eq!(refused(&[0x93, 3]), ErrorKind::Mismatch);
}

#[test]
fn the_size_of_a_message_is_limited() {
    let text = "x".repeat(limits::STRING);
    let fits = events(1, |out| {
        write::map_len(out, 1);
        write::str(out, "a");
        write::str(out, &text);
    });
    assert!(ClientFrame::decode(&fits).is_ok());
    assert_eq!(refused(&vec![3; limits::MESSAGE + 1]), ErrorKind::Limit);
}

#[test]
fn strings_parameters_events_and_names_are_limited() {
    let long = "x".repeat(limits::STRING + 1);
    let with = |text: &str| {
        events(1, |out| {
            write::map_len(out, 1);
            write::str(out, "a");
            write::str(out, text);
        })
    };
    assert_eq!(refused(&with(&long)), ErrorKind::Limit);
    let many = |count: usize| {
        events(1, |out| {
            write::map_len(out, count);
            for index in 0..count {
                write::str(out, &index.to_string());
                write::nil(out);
            }
        })
    };
    assert!(ClientFrame::decode(&many(limits::PARAMS)).is_ok());
    assert_eq!(refused(&many(limits::PARAMS + 1)), ErrorKind::Limit);
    let full = events(limits::EVENTS as u64, |out| write::map_len(out, 0));
    assert!(ClientFrame::decode(&full).is_ok());
    let over = events(limits::EVENTS as u64 + 1, |out| write::map_len(out, 0));
    assert_eq!(refused(&over), ErrorKind::Limit);
    let mut named = vec![1, 1, 0, 1];
    write::str(&mut named, &"n".repeat(limits::HANDLER_NAME + 1));
    named.push(0x80);
    assert_eq!(refused(&named), ErrorKind::Limit);
    let aimed = |length: usize| {
        let mut out = vec![1, 1, 0, 1, 0];
        write::str(&mut out, &"t".repeat(length));
        out.push(0x80);
        out
    };
    assert!(ClientFrame::decode(&aimed(limits::TARGET)).is_ok());
    assert_eq!(refused(&aimed(limits::TARGET + 1)), ErrorKind::Limit);
    assert_eq!(refused(&aimed(0)), ErrorKind::Mismatch);
}

#[test]
fn nesting_is_limited_and_safe_on_a_small_stack() {
    let nested = |depth: usize| {
        events(1, |out| {
            write::map_len(out, 1);
            write::str(out, "a");
            out.resize(out.len() + depth, 0x91);
            write::nil(out);
        })
    };
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || {
            assert!(ClientFrame::decode(&nested(limits::DEPTH - 1)).is_ok());
            for depth in [limits::DEPTH, 1_024, 60_000] {
                assert_eq!(refused(&nested(depth)), ErrorKind::Limit);
            }
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn a_length_that_the_bytes_cannot_hold_is_refused() {
    for head in [
        &[0xdd, 0xff, 0xff, 0xff, 0xff][..],
        &[0xdf, 0xff, 0xff, 0xff, 0xff],
        &[0xdb, 0xff, 0xff, 0xff, 0xff],
    ] {
        let bytes = events(1, |out| {
            write::map_len(out, 1);
            write::str(out, "a");
            out.extend_from_slice(head);
        });
        assert!(matches!(refused(&bytes), ErrorKind::EndOfInput | ErrorKind::Limit));
    }
}

#[test]
fn a_hello_names_whole_hashes_and_each_root_once() {
    let hello = |known: &[u8], roots: &[(u32, &str)]| {
        let mut out = Vec::new();
        let hello = Hello { version: 1, known, roots: roots.to_vec() };
        ClientFrame::Hello(hello).encode(&mut out);
        out
    };
    assert!(ClientFrame::decode(&hello(&[0; 16], &[(0, "a"), (1, "b")])).is_ok());
    assert_eq!(refused(&hello(&[0; 7], &[])), ErrorKind::Limit);
    assert_eq!(refused(&hello(&[], &[(0, "a"), (0, "b")])), ErrorKind::Limit);
    assert_eq!(refused(&hello(&vec![0; (limits::KNOWN + 1) * 8], &[])), ErrorKind::Limit);
}

#[test]
fn handler_options_are_found_by_their_code() {
    let mut out = Vec::new();
    write::array_len(&mut out, 2);
    write::array_len(&mut out, 2);
    write::str(&mut out, "save");
    write::nil(&mut out);
    write::array_len(&mut out, 2);
    write::str(&mut out, "search");
    write::map_len(&mut out, 2);
    write::uint(&mut out, 9);
    write::array_len(&mut out, 0);
    write::uint(&mut out, 1);
    write::uint(&mut out, 300);
    let handlers = protocol::read_handlers(&out).unwrap();
    assert_eq!(handlers[0].name, "save");
    assert!(handlers[0].option(1).is_none());
    assert_eq!(handlers[1].option(1).unwrap().uint(), Ok(300));
    assert!(handlers[1].option(2).is_none());
}

#[test]
fn a_hole_joins_one_of_its_kind_or_none() {
    let read = |holes: &[u64]| {
        let mut out = Vec::new();
        write::bin(&mut out, &[0; 8]);
        for number in [0, 0, 1, holes.len() as u64] {
            write::uint(&mut out, number);
        }
        holes.iter().for_each(|&kind| write::uint(&mut out, kind));
        Definition::read(&mut Reader::new(&out)).map_err(|error| error.kind)
    };
    // Texts, attributes, tags with attributes, escaped and raw texts; 8 joins.
    for kind in [1, 3, 4] {
        assert!(read(&[kind, kind + 8]).is_ok());
        assert_eq!(read(&[kind + 8]), Err(ErrorKind::OutOfRange));
        assert_eq!(read(&[0, kind + 8]), Err(ErrorKind::OutOfRange));
    }
    for kind in [0, 2] {
        assert_eq!(read(&[kind, kind + 8]), Err(ErrorKind::OutOfRange));
    }
}

fn value() -> impl Strategy<Value = Value<'static>> {
    const WORDS: [&str; 4] = ["", "id", "größe", "a long name that does not fit a short string"];
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Int),
        any::<i32>().prop_map(|number| Value::Float(f64::from(number) / 8.0)),
        (0..4usize).prop_map(|index| Value::Str(WORDS[index])),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec(inner, 0..5).prop_map(|items| Value::Map(
                items.into_iter().map(|item| ("key", item)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn events_round_trip(ids in prop::collection::vec((0u32..5, any::<u32>(), value()), 0..8)) {
        let events = ids
            .iter()
            .map(|(root, id, value)| Event {
                root: *root,
                id: *id,
                handler: if id % 2 == 0 { Handler::Index(*id) } else { Handler::Name("save") },
                target: if id % 3 == 0 { "" } else { "#results" },
                params: vec![("value", value.clone())],
            })
            .collect();
        let frame = ClientFrame::Events(events);
        let mut out = Vec::new();
        frame.encode(&mut out);
        prop_assert_eq!(ClientFrame::decode(&out).unwrap(), frame);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ClientFrame::decode(&bytes);
        let _ = ServerFrame::decode(&bytes);
        let _ = protocol::read_handlers(&bytes);
    }

    #[test]
    fn a_frame_with_a_flipped_bit_is_read_or_refused(bit in 0..1_000usize) {
        let bytes = events(3, |out| {
            write::map_len(out, 2);
            write::str(out, "value");
            write::str(out, "laptop");
            write::str(out, "list");
            write::array_len(out, 2);
            write::float(out, 1.5);
            write::boolean(out, true);
        });
        let mut bent = bytes.clone();
        bent[bit / 8 % bytes.len()] ^= 1 << (bit % 8);
        let _ = ClientFrame::decode(&bent);
    }
}
