//! The shared vectors: the bytes in `tests/vectors` decode to frames that encode to the same bytes,
//! and the values that the JSON beside them describes encode to them as well.

use std::{fs, path::PathBuf};

use protocol::{ClientFrame, Definition, ServerFrame, write};
use serde_json::Value;

fn vectors() -> Vec<(String, Value, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let mut vectors: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let description = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let bytes = fs::read(path.with_extension("msgpack")).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), description, bytes)
        })
        .collect();
    vectors.sort_by(|one, other| one.0.cmp(&other.0));
    vectors
}

fn encode(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => write::nil(out),
        Value::Bool(flag) => write::boolean(out, *flag),
        Value::Number(number) => write::int(out, number.as_i64().unwrap()),
        Value::String(text) => write::str(out, text),
        Value::Array(items) => {
            write::array_len(out, items.len());
            items.iter().for_each(|item| encode(out, item));
        }
        Value::Object(object) => match object.iter().next().unwrap() {
            (kind, Value::String(hex)) if kind == "bin" => {
                let digit = |index| u8::from_str_radix(&hex[index..index + 2], 16).unwrap();
                let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(digit).collect();
                write::bin(out, &bytes);
            }
            (kind, Value::String(source)) if kind == "ext" => write::html(out, source),
            (kind, Value::Array(entries)) if kind == "map" => {
                write::map_len(out, entries.len());
                entries
                    .iter()
                    .flat_map(|entry| entry.as_array().unwrap())
                    .for_each(|item| encode(out, item));
            }
            other => panic!("unknown value {other:?}"),
        },
    }
}

#[test]
fn each_vector_decodes_to_a_frame_that_encodes_to_the_same_bytes() {
    let vectors = vectors();
    assert!(vectors.len() >= 20);
    for (name, description, bytes) in vectors {
        let mut out = Vec::new();
        match description["from"].as_str() {
            Some("client") => ClientFrame::decode(&bytes).expect(&name).encode(&mut out),
            Some("server") => ServerFrame::decode(&bytes).expect(&name).encode(&mut out),
            other => panic!("{name}: unknown sender {other:?}"),
        }
        assert_eq!(out, bytes, "{name}");
    }
}

#[test]
fn the_described_values_are_the_bytes() {
    for (name, description, bytes) in vectors() {
        let mut out = Vec::new();
        for value in description["values"].as_array().unwrap() {
            encode(&mut out, value);
        }
        assert_eq!(out, bytes, "{name}");
    }
}

#[test]
fn a_cut_vector_is_refused_or_is_a_shorter_tree() {
    for (name, description, bytes) in vectors() {
        for length in 0..bytes.len() {
            if description["from"] == "client" {
                assert!(ClientFrame::decode(&bytes[..length]).is_err(), "{name} cut to {length}");
            } else {
                let _ = ServerFrame::decode(&bytes[..length]);
            }
        }
    }
}

#[test]
fn a_definition_with_a_gap_or_a_missing_template_is_refused() {
    let definition = |scalars: u64, parts: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write::bin(&mut out, &[0; 8]);
        write::uint(&mut out, 0);
        write::uint(&mut out, 0);
        write::uint(&mut out, scalars);
        write::uint(&mut out, 1);
        parts(&mut out);
        Definition::read(&mut protocol::Reader::new(&out)).is_err()
    };
    assert!(!definition(1, &|out| write::uint(out, 0)));
    assert!(definition(2, &|out| write::uint(out, 0)), "a slot without a hole");
    assert!(definition(1, &|out| write::uint(out, 16)), "slot 1 before slot 0");
    assert!(definition(0, &|out| write::uint(out, 6)), "a list without its row");
    assert!(definition(1, &|out| write::uint(out, 5)), "a condition among the scalars");
}
