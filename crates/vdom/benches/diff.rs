//! The diff alone, natively: bytes in, mutations out, for the lists of a page with 1,000 rows.
//!
//! Each case applies its frame and one that takes it back, so a figure is for two frames.
//! The time that a page takes is measured in a browser (`benches/browser`); most of it is the DOM's.

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use protocol::{Definition, TemplateId, write};
use testkit::{Fragment, random::Rng, shape};
use vdom::{Engine, NodeId, WriteMutations};

const ROW: TemplateId = TemplateId(0);
const LIST: TemplateId = TemplateId(1);

/// As little as a writer can do: one word for each call.
#[derive(Default)]
struct Words(Vec<u32>);

impl WriteMutations for Words {
    fn define(&mut self, template: TemplateId, _: &[u8]) {
        self.0.push(template.0);
    }
    fn create(&mut self, _: TemplateId, base: NodeId, _: NodeId) {
        self.0.push(base.0);
    }
    fn adopt(&mut self, _: TemplateId, base: NodeId) {
        self.0.push(base.0);
    }
    fn adopt_children(&mut self, count: u32) {
        self.0.push(count);
    }
    fn set(&mut self, _: TemplateId, base: NodeId, _: u32) {
        self.0.push(base.0);
    }
    fn set_text(&mut self, node: NodeId) {
        self.0.push(node.0);
    }
    fn append(&mut self, node: NodeId, _: u32, _: &[u8]) {
        self.0.push(node.0);
    }
    fn values(&mut self, place: u32, _: &[u8]) {
        self.0.push(place);
    }
    fn move_before(&mut self, _: TemplateId, base: NodeId, _: NodeId) {
        self.0.push(base.0);
    }
    fn remove(&mut self, _: TemplateId, base: NodeId) {
        self.0.push(base.0);
    }
    fn clear(&mut self, first: NodeId, _: NodeId) {
        self.0.push(first.0);
    }
    fn release(&mut self, base: NodeId, _: u32) {
        self.0.push(base.0);
    }
}

/// A frame, by what it is.
enum Frame {
    Full(Vec<u8>),
    Delta(Vec<u8>),
}

struct Page {
    engine: Engine,
    out: Words,
}

impl Page {
    fn new() -> Self {
        let mut page = Self { engine: Engine::new(), out: Words::default() };
        testkit::define(&mut page.engine, &definitions(), &mut page.out);
        page
    }

    fn apply(&mut self, frame: &Frame) {
        self.out.0.clear();
        let applied = match frame {
            Frame::Full(bytes) => self.engine.mount(0, LIST, bytes, false, &mut self.out),
            Frame::Delta(bytes) => self.engine.update(0, bytes, &mut self.out),
        };
        applied.expect("a sound frame");
        black_box(&self.out.0);
    }
}

fn definitions() -> Vec<Definition> {
    let row = "<tr class=\"{0 attribute}\"><td>{1 key}</td><td><a>{2}</a></td><td>{3}</td></tr>";
    vec![shape(row), shape("<table>{0 for 0}</table>")]
}

/// A full frame of these rows; a marked row has a class.
fn full(rows: impl IntoIterator<Item = usize>, marked: fn(usize) -> bool) -> Frame {
    let rows = rows.into_iter().map(|key| {
        Fragment::new(ROW)
            .text(if marked(key) { "danger" } else { "" })
            .int(key as i64)
            .text(&format!("pretty red table {}", key % 100))
            .int(key as i64 * 7 % 1000)
    });
    let mut bytes = Vec::new();
    Fragment::new(LIST).holds(rows).encode(&definitions(), &mut bytes);
    Frame::Full(bytes)
}

/// A delta that sets the class of each `step`th row.
fn classes(rows: usize, step: usize, class: &str) -> Frame {
    let mut bytes = vec![1, 0, 3];
    write::uint(&mut bytes, (rows / step) as u64);
    for row in 0..rows / step {
        write::uint(&mut bytes, if row == 0 { 0 } else { step as u64 - 1 });
        bytes.extend([1, 0]);
        write::str(&mut bytes, class);
    }
    Frame::Delta(bytes)
}

/// A delta that brings the rows into an order of old indices.
fn order(indices: &[usize]) -> Frame {
    let mut bytes = vec![1, 0, 2];
    write::uint(&mut bytes, indices.len() as u64);
    for &index in indices {
        write::uint(&mut bytes, index as u64 + 1);
    }
    bytes.push(0);
    Frame::Delta(bytes)
}

fn never(_: usize) -> bool {
    false
}

fn diff(criterion: &mut Criterion) {
    let start = || full(0..1000, never);
    let reversed = || (0..1000).rev();
    let mut shuffled: Vec<usize> = (0..1000).collect();
    Rng::new(1).shuffle(&mut shuffled);
    let mut swapped: Vec<usize> = (0..1000).collect();
    swapped.swap(1, 998);
    let mut unshuffled = vec![0; 1000];
    for (at, &row) in shuffled.iter().enumerate() {
        unshuffled[row] = at;
    }
    let cases = [
        ("full: create and clear", full([], never), start(), full([], never)),
        ("full: replace", start(), full(1000..2000, never), start()),
        ("full: every 10th", start(), full(0..1000, |key| key % 10 == 0), start()),
        ("full: one cell", start(), full(0..1000, |key| key == 500), start()),
        (
            "full: one of 10,000 rows",
            full(0..10_000, never),
            full(0..10_000, |key| key == 500),
            full(0..10_000, never),
        ),
        ("full: append and cut", start(), full(0..2000, never), start()),
        ("full: remove the first", start(), full(1..1000, never), start()),
        ("full: swap", start(), full(swapped.clone(), never), start()),
        ("full: reverse", start(), full(reversed(), never), start()),
        ("full: shuffle", start(), full(shuffled.clone(), never), start()),
        ("delta: one cell", start(), classes(1, 1, "danger"), classes(1, 1, "")),
        ("delta: every 10th", start(), classes(1000, 10, "danger"), classes(1000, 10, "")),
        ("delta: swap", start(), order(&swapped), order(&swapped)),
        (
            "delta: reverse",
            start(),
            order(&reversed().collect::<Vec<_>>()),
            order(&reversed().collect::<Vec<_>>()),
        ),
        ("delta: shuffle", start(), order(&shuffled), order(&unshuffled)),
    ];
    for (name, start, there, back) in cases {
        let mut page = Page::new();
        page.apply(&start);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                page.apply(&there);
                page.apply(&back);
            });
        });
    }
}

criterion_group! {
    name = benches;
    // Fifteen cases in half a minute.
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30);
    targets = diff
}
criterion_main!(benches);
