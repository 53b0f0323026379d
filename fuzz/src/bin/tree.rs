//! Looks for bytes that [`fuzz::tree()`] does not bear.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::tree(bytes));
