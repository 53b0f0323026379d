//! Both decoders: what they accept says the same when it is written again, and neither of them
//! takes more memory than it may.

use protocol::{ClientFrame, Definition, Reader, Result, ServerFrame, read_handlers, write};
use testkit::memory::measure;

/// What a decoder may allocate for a message that is refused, and for one that is accepted.
const REFUSED: isize = 64 << 10;
const ACCEPTED: isize = 2 << 20;

/// Decodes bytes as everything that they might be.
pub fn frames(bytes: &[u8]) {
    if let Some(frame) = bounded(|| ClientFrame::decode(bytes)) {
        let again = written(|out| frame.encode(out));
        // As bytes: not a number is not equal to itself.
        let read = ClientFrame::decode(&again).expect("what was written is read");
        assert_eq!(written(|out| read.encode(out)), again);
    }
    if let Some(frame) = bounded(|| ServerFrame::decode(bytes)) {
        let again = written(|out| frame.encode(out));
        assert_eq!(ServerFrame::decode(&again).as_ref(), Ok(&frame));
        if let ServerFrame::Tree(tree) = frame {
            tree.handlers.map(handlers);
            definitions(tree.body);
        }
    }
    handlers(bytes);
    definitions(bytes);
}

/// Runs a decoder, and counts what it takes.
fn bounded<T>(decode: impl FnOnce() -> Result<T>) -> Option<T> {
    let ((result, _), most) = measure(decode);
    let limit = if result.is_ok() { ACCEPTED } else { REFUSED };
    assert!(most <= limit, "{most} bytes");
    result.ok()
}

fn handlers(bytes: &[u8]) {
    for entry in read_handlers(bytes).unwrap_or_default() {
        for code in 0..6 {
            let _ = entry.option(code);
        }
    }
}

/// The definitions of a frame, one after the other.
fn definitions(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    for _ in 0..reader.uint().unwrap_or(0).min(64) {
        let Ok(read) = Definition::read(&mut reader) else { return };
        let again = written(|out| write::definition(out, &read));
        assert_eq!(Definition::read(&mut Reader::new(&again)).as_ref(), Ok(&read));
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}
