//! Single values: literal bytes, the ends of each range, mismatches and ends of input.
//! After a failure the cursor stands where it stood.

use protocol::{ErrorKind, Reader, Scalar, write};

fn fails<'a, T: std::fmt::Debug>(
    bytes: &'a [u8],
    read: impl Fn(&mut Reader<'a>) -> protocol::Result<T>,
    kind: ErrorKind,
) {
    let mut reader = Reader::new(bytes);
    let error = read(&mut reader).expect_err("the bytes should be refused");
    assert_eq!(error.kind, kind, "{bytes:02x?}");
    assert_eq!(reader.position(), 0, "{bytes:02x?} moved the cursor");
}

#[test]
fn integers_take_their_shortest_form() {
    for (number, bytes) in [
        (0, &[0x00][..]),
        (127, &[0x7f]),
        (128, &[0xcc, 0x80]),
        (255, &[0xcc, 0xff]),
        (256, &[0xcd, 0x01, 0x00]),
        (65_536, &[0xce, 0x00, 0x01, 0x00, 0x00]),
        (-1, &[0xff]),
        (-32, &[0xe0]),
        (-33, &[0xd0, 0xdf]),
        (-129, &[0xd1, 0xff, 0x7f]),
        (i64::MAX, &[0xcf, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        (i64::MIN, &[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        let mut out = Vec::new();
        write::int(&mut out, number);
        assert_eq!(out, bytes);
        let mut reader = Reader::new(&out);
        assert_eq!(reader.int(), Ok(number));
        assert!(reader.is_empty());
    }
}

#[test]
fn an_unsigned_integer_refuses_what_32_bits_do_not_hold() {
    assert_eq!(Reader::new(&[0xce, 0xff, 0xff, 0xff, 0xff]).uint(), Ok(u32::MAX));
    fails(&[0xcf, 0, 0, 0, 1, 0, 0, 0, 0], Reader::uint, ErrorKind::OutOfRange);
    fails(&[0xff], Reader::uint, ErrorKind::OutOfRange);
    fails(&[0xcf, 0xff, 0, 0, 0, 0, 0, 0, 0], Reader::int, ErrorKind::OutOfRange);
    fails(&[0xa1, b'7'], Reader::uint, ErrorKind::Mismatch);
    fails(&[], Reader::uint, ErrorKind::EndOfInput);
    fails(&[0xcd, 1], Reader::uint, ErrorKind::EndOfInput);
}

#[test]
fn strings_of_every_length_class_round_trip() {
    for length in [0, 31, 32, 255, 256, 65_535, 65_536] {
        let text = "x".repeat(length);
        let mut out = Vec::new();
        write::str(&mut out, &text);
        let mut reader = Reader::new(&out);
        assert_eq!(reader.str(), Ok(text.as_str()));
        assert!(reader.is_empty());
    }
}

#[test]
fn a_string_is_refused_when_it_is_cut_or_not_utf8_or_something_else() {
    fails(&[0xa2, b'a'], Reader::str, ErrorKind::EndOfInput);
    fails(&[0xdb, 0xff, 0xff, 0xff, 0xff], Reader::str, ErrorKind::EndOfInput);
    fails(&[0xa1, 0xff], Reader::str, ErrorKind::NotUtf8);
    fails(&[0xc0], Reader::str, ErrorKind::Mismatch);
}

#[test]
fn scalars_keep_their_kind() {
    for (value, first) in [
        (Scalar::Text("a<b"), 0xa3),
        (Scalar::Int(-5), 0xfb),
        (Scalar::Verbatim("it's"), 0xc4),
        (Scalar::Html("<b>"), 0xc7),
        (Scalar::Html("<br>"), 0xd6),
        (Scalar::Html(""), 0xc7),
    ] {
        let mut out = Vec::new();
        write::scalar(&mut out, value);
        assert_eq!(out[0], first);
        let mut reader = Reader::new(&out);
        assert_eq!(reader.scalar(), Ok(value));
        assert!(reader.is_empty());
    }
}

#[test]
fn a_scalar_is_no_container_no_boolean_and_no_foreign_extension() {
    for bytes in [&[0x90][..], &[0xc3], &[0xc0], &[0xd4, 2, 0]] {
        fails(bytes, Reader::scalar, ErrorKind::Mismatch);
    }
    fails(&[0xc7, 4, 1, b'<'], Reader::scalar, ErrorKind::EndOfInput);
}

#[test]
fn skipping_passes_over_any_value_without_recursion() {
    let mut deep = vec![0x91; 60_000];
    deep.push(0x07);
    let mut reader = Reader::new(&deep);
    assert_eq!(reader.skip(), Ok(()));
    assert!(reader.is_empty());
    fails(&[0x93, 1, 2], Reader::skip, ErrorKind::EndOfInput);
    fails(&[0xdf, 0xff, 0xff, 0xff, 0xff], Reader::skip, ErrorKind::EndOfInput);
    fails(&[0xc1], Reader::skip, ErrorKind::Mismatch);
}
