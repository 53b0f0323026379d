//! The exports: JavaScript calls in with numbers, and reads numbers and strings from memory.
//! A crossing costs more than what it says, so there is one for each input (js/engine.js).

use alloc::{boxed::Box, vec, vec::Vec};
use core::cell::UnsafeCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{
    Clock, Input, Millis, Runtime,
    packed::{Header, Packed},
};

// lol_alloc would save 0.4 KB (brotli) and search its free list from the start at each call; dlmalloc
// would cost 1.7 KB.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A panic is a trap; JavaScript then starts a fresh instance (js/page.js).
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// A runtime and what it said last.
#[derive(Default)]
struct Page {
    runtime: Runtime,
    packed: Packed,
    header: Header,
}

/// All there is in an instance.
struct State {
    pages: Vec<Option<Box<Page>>>,
    /// Where JavaScript writes frames and records; as long as the longest one.
    input: Vec<u8>,
    /// The length of the last one.
    length: usize,
}

struct Global(UnsafeCell<State>);

// SAFETY: an instance has one thread, and none of the exports calls back into JavaScript, so no
// two references to the state exist at a time.
unsafe impl Sync for Global {}

static STATE: Global =
    Global(UnsafeCell::new(State { pages: Vec::new(), input: Vec::new(), length: 0 }));

#[allow(clippy::mut_from_ref, reason = "the one place that takes the state out of its cell")]
fn state() -> &'static mut State {
    // SAFETY: see `Global`.
    unsafe { &mut *STATE.0.get() }
}

/// Makes a runtime and returns its number.
#[wasm_bindgen]
pub fn create() -> usize {
    let pages = &mut state().pages;
    let free = pages.iter().position(Option::is_none).unwrap_or_else(|| {
        pages.push(None);
        pages.len() - 1
    });
    pages[free] = Some(Box::default());
    free
}

/// Forgets a runtime.
#[wasm_bindgen]
pub fn destroy(page: usize) {
    state().pages[page] = None;
}

/// The address of room for this many bytes.
#[wasm_bindgen]
pub fn reserve(length: usize) -> *mut u8 {
    let state = state();
    state.length = length;
    if state.input.len() < length {
        state.input = vec![0; length];
    }
    state.input.as_mut_ptr()
}

/// Takes an input and returns the address of the header of what is to be done. `kind` is one of
/// the numbers in js/engine.js; the bytes of the input were written to the reserved room.
#[wasm_bindgen]
pub fn step(page: usize, kind: u32, argument: u32, now: f64, random: f64) -> *const u32 {
    let State { pages, input, length } = state();
    let Some(Some(page)) = pages.get_mut(page) else { return core::ptr::null() };
    let input = input.get(..*length).unwrap_or_default();
    let input = match kind {
        0 => Input::Attach(input),
        1 => Input::Open,
        2 => Input::Bytes(input),
        3 => Input::Closed(argument),
        4 => Input::Event(input),
        5 => Input::Timer(argument),
        6 => Input::Frame,
        7 => Input::Wake,
        8 => Input::Offline,
        9 => Input::Hide,
        10 => Input::Show,
        11 => Input::Apply { bytes: input, hydrate: argument != 0 },
        _ => Input::Unmount(argument),
    };
    page.packed.begin();
    page.runtime.handle(input, Clock { now: now as Millis, random }, &mut page.packed);
    page.header = page.packed.header();
    page.header.as_ptr()
}
