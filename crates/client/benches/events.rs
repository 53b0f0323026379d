//! Events, natively: a record in, the bytes of a message out.
//!
//! The goal for an event is 50 µs in a browser, where WebAssembly takes two to three times as long.

use std::hint::black_box;

use client::{Clock, Input, Millis, Runtime, Timer, packed::Packed};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use protocol::write;

const MOUNT: &[u8] = include_bytes!("../../../tests/vectors/mount_counter.msgpack");

struct Page {
    runtime: Runtime,
    packed: Packed,
    now: Millis,
    id: u64,
}

impl Page {
    fn live() -> Self {
        let (runtime, packed) = (Runtime::new(), Packed::default());
        let mut page = Self { runtime, packed, now: 0, id: 0 };
        page.on(Input::Attach(&[0, 0xa1, b't']));
        page.on(Input::Open);
        page.on(Input::Bytes(&[0, 1, 0]));
        page.on(Input::Bytes(MOUNT));
        page
    }

    fn on(&mut self, input: Input<'_>) {
        self.packed.begin();
        self.runtime.handle(input, Clock { now: self.now, random: 0.5 }, &mut self.packed);
    }

    /// The animation frame begins, and the server answers what leaves.
    fn frame(&mut self) {
        self.on(Input::Frame);
        self.id += 1;
        let mut ack = vec![3, 0];
        write::uint(&mut ack, self.id);
        self.on(Input::Bytes(&ack));
    }
}

/// What js/events.js writes for typing into a field.
fn record(kind: u8, handler: &str, value: &str) -> Vec<u8> {
    let mut record = vec![0, kind, 1, 0x80, 0x90];
    write::str(&mut record, handler);
    write::map_len(&mut record, 3);
    for (name, text) in [("value", value), ("field", "query"), ("query", value)] {
        write::str(&mut record, name);
        write::str(&mut record, text);
    }
    record
}

fn events(bench: &mut Criterion) {
    let mut page = Page::live();
    let click = record(0, "increment", "laptop");
    bench.bench_function("an event, its message and its answer", |timer| {
        timer.iter(|| {
            page.on(Input::Event(black_box(&click), 1));
            page.frame();
        });
    });

    // A second of an event each 100 µs; the handler waits for 300 ms.
    let mut page = Page::live();
    let typed: Vec<_> = (0..10).map(|n| record(1, "search", &"laptop bag"[..=n])).collect();
    let mut group = bench.benchmark_group("a debounce");
    group.throughput(Throughput::Elements(10_000));
    group.sample_size(10);
    group.bench_function("10,000 events", |timer| {
        timer.iter(|| {
            for number in 0..10_000 {
                if number % 10 == 0 {
                    page.now += 1;
                }
                page.on(Input::Event(black_box(&typed[number % 10]), 1));
            }
            page.now += 300;
            page.on(Input::Timer(Timer::Interceptors as u32));
            page.frame();
        });
    });
}

criterion_group!(benches, events);
criterion_main!(benches);
