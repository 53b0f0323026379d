//! Bytes that nobody wrote go in; what must hold for all of them is checked, or the process ends.
//!
//! In reading order: [`frames()`] (the decoders), [`tree()`] (frames applied to a page that is
//! judged), [`runtime()`] (everything that may happen in a page), [`inputs()`] (bytes as a list of
//! inputs), [`Ledger`] (the page of `runtime`, which only keeps the books).

mod frames;
mod inputs;
mod ledger;
mod runtime;
mod tree;

pub use frames::frames;
pub use inputs::{inputs, joined};
pub use ledger::Ledger;
pub use runtime::runtime;
pub use tree::{known, tree};
