//! What tests and benches need around the engine: definitions and fragments go in as short texts
//! and values, encoded frames, HTML and a judged DOM come out.
//!
//! In reading order: [`shape()`] (a definition from its HTML), [`Fragment`] (a filling: its bytes,
//! its HTML), [`delta()`] (the bytes between two fillings), [`MockDom`] (carries out mutations and
//! refuses wrong ones; [`mutations_go_to!`] leads them there), [`Page`] (an engine on such a DOM, compared with a fresh page after each
//! frame), [`html`] (the small reader and printer below), [`random`] (seeded generators), [`memory`] (a counting
//! allocator).
//!
//! ```
//! use protocol::TemplateId;
//! use testkit::{Fragment, Page, shape};
//!
//! let mut page = Page::new(vec![shape("<li>{0}</li>")]);
//! let fragment = |text| Fragment::new(TemplateId(0)).text(text);
//! page.mount(&fragment("one"));
//! let counts = page.mount(&fragment("two"));
//! assert_eq!((counts.sets, page.dom.html()), (1, "<li>two</li>".to_string()));
//! ```

mod delegate;
mod delta;
mod dom;
mod fragment;
pub mod html;
pub mod memory;
mod page;
pub mod random;
mod shape;

pub use delta::delta;
pub use dom::{Counts, MockDom};
pub use fragment::{Fragment, Value};
pub use page::{Page, define, encoded};
pub use shape::{noted, shape};

// What the macro names.
#[doc(hidden)]
pub use {
    protocol::TemplateId,
    vdom::{NodeId, WriteMutations},
};
