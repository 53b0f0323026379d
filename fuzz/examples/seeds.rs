//! Writes sound inputs for each target, from which the search begins, into a folder. Without
//! them it would first have to find out what MessagePack is.

use std::{env, fs, io, path::Path};

use client::record;
use fuzz::{joined, known};
use protocol::{TemplateId, write};
use testkit::{
    delta, encoded,
    random::{self, Rng},
};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
/// The kinds of inputs (crates/client/src/browser.rs).
const ATTACH: u8 = 0;
const OPEN: u8 = 1;
const BYTES: u8 = 2;
const EVENT: u8 = 4;
const FRAME: u8 = 6;
const APPLY: u8 = 11;
const UNMOUNT: u8 = 12;

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).expect("a folder");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    let mut server = Vec::new();
    for entry in fs::read_dir(VECTORS)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "msgpack") {
            let bytes = fs::read(&path)?;
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            write("frames", &name, &bytes)?;
            server.push(bytes);
        }
    }
    let definitions = random::definitions();
    for seed in 0..20 {
        let mut rng = Rng::new(seed);
        let (mut old, mut steps) = (known(), Vec::new());
        let mut frames = vec![mount(&definitions, &old, 1)];
        for seq in 2..5 {
            let new = random::change(&mut rng, &definitions, &old);
            let mut bytes = Vec::new();
            delta(&mut rng, &definitions, &old, &new, &mut bytes);
            frames.push([&[2, 0, seq, 0, 0], &bytes[..]].concat());
            steps.push(bytes);
            old = new;
        }
        write("tree", &seed.to_string(), &joined(steps.iter().map(|bytes| (1, 0, &bytes[..]))))?;
        let live = [(ATTACH, 0, &[0, 0xa1, b't'][..]), (OPEN, 0, &[])];
        let said = live.into_iter().chain(frames.iter().map(|bytes| (BYTES, 0, &bytes[..])));
        let click = [0, 0, 1, 0xc0, 0x90, 0xa1, b'a', 0x80];
        record::Event::read(&click, 1).expect("a sound record");
        let events = [(EVENT, 0, &click[..]), (0x30 | FRAME, 0, &[])];
        write("runtime", &seed.to_string(), &joined(said.chain(events)))?;
        let alone = frames.iter().map(|bytes| (APPLY, 0, &bytes[..]));
        let alone = alone.chain([(UNMOUNT, 0, &[][..])]);
        write("runtime", &format!("{seed}-alone"), &joined(alone))?;
    }
    write("runtime", "vectors", &joined(server.iter().map(|bytes| (BYTES, 0, &bytes[..]))))
}

/// A mount frame with its definitions.
fn mount(definitions: &[protocol::Definition], fragment: &testkit::Fragment, seq: u8) -> Vec<u8> {
    let mut bytes = vec![1, 0, seq, 0, 0x91, 0x92, 0xa1, b'a', 0x81, 1, 0x92, 10, 20];
    bytes.extend(encoded(0, definitions));
    let TemplateId(number) = fragment.template;
    write::uint(&mut bytes, u64::from(number));
    fragment.encode(definitions, &mut bytes);
    bytes
}
