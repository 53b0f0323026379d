//! An allocator that counts what is allocated, for tests of how much that is.
//!
//! ```
//! #[global_allocator]
//! static ALLOCATOR: testkit::memory::Counting = testkit::memory::Counting;
//!
//! let (kept, most) = testkit::memory::measure(|| {
//!     drop(vec![0u8; 1000]);
//!     vec![0u8; 10]
//! });
//! assert_eq!((kept.1, most), (10, 1000));
//! ```
//!
//! Each thread counts for itself: the test runner allocates on its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The allocator of the system, counted.
pub struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    LIVE.set(LIVE.get() + bytes);
    MOST.set(MOST.get().max(LIVE.get()));
}

// SAFETY: every call is handed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(place, layout) }
    }
}

/// Runs something; returns its result with the bytes that it left allocated, and the most that
/// were allocated at once meanwhile.
pub fn measure<T>(run: impl FnOnce() -> T) -> ((T, isize), isize) {
    let before = LIVE.get();
    MOST.set(before);
    let result = run();
    ((result, LIVE.get() - before), MOST.get() - before)
}
