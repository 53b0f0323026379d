//! Looks for bytes that [`fuzz::runtime()`] does not bear.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::runtime(bytes));
