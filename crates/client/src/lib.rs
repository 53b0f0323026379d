//! The page runtime: what happens in a page goes in as [`Input`], what is to be done comes out as
//! [`Effect`]s and DOM mutations. Everything but `browser` is pure, so a native test drives it with
//! values and a clock of its own.
//!
//! In reading order: [`Input`] and [`Effect`] (the two sides), [`Runtime`] (between them),
//! `connection` (when there is one), `ends` (when it breaks), [`session`] (what the server says), [`record`] (what the user
//! did), [`interceptors`] (what may wait), [`optimistic`] (what is shown before the answer),
//! [`outbox`] (what is to be sent), [`backoff`] (when to try again), [`packed`] (effects as numbers
//! for JavaScript), `browser` (the exports), `heap` (memory).
#![cfg_attr(target_arch = "wasm32", no_std)]
#![allow(
    clippy::vec_box,
    reason = "events go from list to list, and moving them whole is more code"
)]

extern crate alloc;

pub mod backoff;
#[cfg(target_arch = "wasm32")]
mod browser;
mod connection;
mod effect;
mod ends;
#[cfg(target_arch = "wasm32")]
mod heap;
mod input;
pub mod interceptors;
pub mod optimistic;
pub mod outbox;
pub mod packed;
pub mod record;
mod runtime;
pub mod session;

pub use effect::{Connection, Effect, Effects, Fault, Part, Reason, Refused, Timer};
pub use input::{Clock, Input, Millis};
pub use runtime::Runtime;
