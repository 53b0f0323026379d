//! The exports: JavaScript calls in with numbers, and reads numbers and strings from memory.
//! A crossing costs more than what it says, so there is one for each input (js/engine.js).

use alloc::{boxed::Box, vec::Vec};

use crate::{
    Clock, Input, Millis, Runtime,
    heap::Heap,
    packed::{Header, Packed},
};

#[global_allocator]
static HEAP: Heap = Heap::new();

/// A panic is a trap; JavaScript then starts a fresh instance (js/page.js).
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// A runtime, what comes in, and what it said last.
#[derive(Default)]
pub struct Page {
    runtime: Runtime,
    input: Vec<u8>,
    packed: Packed,
    header: Header,
}

/// Makes a runtime. JavaScript gives its address back with each call.
#[unsafe(no_mangle)]
pub extern "C" fn create() -> *mut Page {
    Box::into_raw(Box::default())
}

/// Forgets a runtime.
///
/// # Safety
/// It comes from [`create`], and this is its last call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn destroy(page: *mut Page) {
    // SAFETY: as above.
    drop(unsafe { Box::from_raw(page) });
}

/// The address of room for so many bytes, which stays there until the next call of this function.
///
/// # Safety
/// The page comes from [`create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn reserve(page: *mut Page, length: usize) -> *mut u8 {
    // SAFETY: as above; there is one thread, and no call is made from within another.
    let page = unsafe { &mut *page };
    page.input = Vec::new();
    page.input.resize(length, 0);
    page.input.as_mut_ptr()
}

/// Takes an input and returns the address of the header of what is to be done. `kind` is one of
/// the numbers in js/engine.js; `length` bytes of the input were written to the reserved room.
///
/// # Safety
/// The page comes from [`create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn step(
    page: *mut Page,
    kind: u32,
    argument: u32,
    length: usize,
    now: f64,
    random: f64,
) -> *const u32 {
    // SAFETY: as in `reserve`.
    let page = unsafe { &mut *page };
    let input = page.input.get(..length).unwrap_or_default();
    let input = match kind {
        0 => Input::Attach(input),
        1 => Input::Open,
        2 => Input::Bytes(input),
        3 => Input::Closed(argument),
        4 => Input::Event(input, argument),
        5 => Input::Timer(argument),
        6 => Input::Frame,
        7 => Input::Wake,
        8 => Input::Offline,
        9 => Input::Hide,
        10 => Input::Show,
        12 => Input::Unmount(argument),
        _ => Input::Gone(argument),
    };
    page.packed.begin();
    page.runtime.handle(input, Clock { now: now as Millis, random }, &mut page.packed);
    page.header = page.packed.header(page.runtime.values());
    page.header.as_ptr()
}

/// As [`step`], for a frame of a root without a session.
///
/// # Safety
/// The page comes from [`create`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn apply(page: *mut Page, hydrate: u32, length: usize) -> *const u32 {
    // SAFETY: as in `reserve`.
    let page = unsafe { &mut *page };
    page.packed.begin();
    page.runtime.apply(page.input.get(..length).unwrap_or_default(), hydrate > 0, &mut page.packed);
    page.header = page.packed.header(page.runtime.values());
    page.header.as_ptr()
}
