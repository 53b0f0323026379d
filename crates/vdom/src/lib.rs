//! The retained tree of a page and its diff: definitions, fragments and deltas go in as encoded
//! bytes, and the fewest DOM instructions that bring the page there come out. Nothing here touches
//! a browser, and a frame that is refused changes nothing.
//!
//! In reading order: [`WriteMutations`] (what comes out), [`Engine`] (what goes in), `template`
//! (a definition, prepared), `tree` (what is kept of each instance), `walk` (along a frame and the
//! tree), `patch` (what that says), `list` (keyed lists), `place` and `overlay` (where the user
//! did something, and what that shows before the server has confirmed it), `ids` and `values` (the
//! two stores), `compact` (what of them is not needed any more).
//!
//! ```
//! use protocol::{Definition, FLAG_SINGLE, Hole, HoleKind, Part, Scan, TemplateId, write};
//! use vdom::{Engine, NodeId, WriteMutations};
//!
//! /// Counts what the engine says.
//! #[derive(Default)]
//! struct Log { creates: usize, sets: usize }
//!
//! impl WriteMutations for Log {
//!     fn create(&mut self, _: TemplateId, _: NodeId, _: NodeId) { self.creates += 1 }
//!     fn set_text(&mut self, _: NodeId) { self.sets += 1 }
//! #   fn define(&mut self, _: TemplateId, _: &[u8]) {}
//! #   fn adopt(&mut self, _: TemplateId, _: NodeId) {}
//! #   fn adopt_children(&mut self, _: u32) {}
//! #   fn set(&mut self, _: TemplateId, _: NodeId, _: u32) {}
//! #   fn append(&mut self, _: NodeId, _: u32, _: &[u8]) {}
//! #   fn values(&mut self, _: u32, _: &[u8]) {}
//! #   fn move_before(&mut self, _: TemplateId, _: NodeId, _: NodeId) {}
//! #   fn remove(&mut self, _: TemplateId, _: NodeId) {}
//! #   fn clear(&mut self, _: NodeId, _: NodeId) {}
//! #   fn release(&mut self, _: NodeId, _: u32) {}
//!     // ...
//! }
//!
//! // <b>{{ count }}</b>
//! let hole = Hole { kind: HoleKind::Text, joined: false, slot: 0, template: None };
//! let counter = Definition {
//!     flags: FLAG_SINGLE,
//!     scalars: 1,
//!     parts: vec![Part::Static("<b>".into()), Part::Hole(hole), Part::Static("</b>".into())],
//!     ..Definition::default()
//! };
//! let (mut engine, mut log) = (Engine::new(), Log::default());
//! let mut bytes = vec![1, 0]; // one definition, which gets number 0
//! write::definition(&mut bytes, &counter);
//! engine.define(&mut Scan::new(&bytes), &mut log)?;
//! engine.mount(0, TemplateId(0), &[41], false, &mut log)?; // the fragment: one integer
//! engine.update(0, &[1, 0, 42], &mut log)?; // the delta: one change, slot 0, the integer
//! assert_eq!((log.creates, log.sets), (1, 1));
//! # Ok::<(), protocol::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod compact;
mod engine;
mod ids;
mod list;
mod mutation;
mod overlay;
mod patch;
mod place;
mod template;
mod tree;
mod values;
mod walk;

pub use engine::Engine;
pub use mutation::{NodeId, WriteMutations};
pub use overlay::{Change, Overlay, param};
pub use place::{Step, integer, literal};
pub use template::lead;
