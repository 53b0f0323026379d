//! What stands between an event and the outbox: events go in, the same events come out, some of
//! them later, some of them never.
//!
//! An event meets [`Cache`], which may answer it, then the [`Chain`], where it may wait. At the end
//! `bus` shares what it carries.

mod bus;
mod cache;
mod chain;
mod debounce;
mod throttle;

pub use cache::Cache;
pub use chain::{Chain, Scope};
