//! What crosses the wire: bytes of one message go in, typed frames come out, and back.
//! The format is described in `docs/protocol.md`; this crate does no I/O.
//!
//! In reading order: [`limits`] (what is refused before anything is allocated), [`Reader`], [`Scan`] and
//! [`write`](mod@write) (MessagePack values), [`Value`] (parameters), [`Definition`] and [`Scalar`]
//! (render trees), [`ClientFrame`] (what a page says), [`ServerFrame`] (what Django says).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod client_frame;
mod definition;
mod error;
pub mod limits;
mod reader;
mod scan;
mod server_frame;
mod value;
pub mod write;

pub use client_frame::{ClientFrame, Event, Handler, Hello};
pub use definition::{
    Definition, FLAG_MATH, FLAG_SINGLE, FLAG_SVG, FLAG_VARIABLES, Hole, HoleKind, Part, Scalar,
    TemplateId, Variable,
};
pub use error::{Error, ErrorKind, Result};
pub use reader::Reader;
pub use scan::Scan;
pub use server_frame::{HandlerEntry, ServerFrame, Tree, read_handlers};
pub use value::Value;

/// The version that this crate speaks, as the hello and welcome frames carry it.
pub const VERSION: u32 = 1;
