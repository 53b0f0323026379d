//! Looks for bytes that [`fuzz::frames()`] does not bear.
#![no_main]

#[global_allocator]
static ALLOCATOR: testkit::memory::Counting = testkit::memory::Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::frames(bytes));
