//! Templates become render trees: operations and a [`Host`] of values go in, frames come out.
//!
//! In reading order: [`Op`] (what a template does, as Django compiled it), [`compile()`] (finds where
//! each hole stands in the HTML, with [`Tokenizer`] and the stack of open elements, and cuts the
//! template into bodies; [`Variables`] says what a page may change by itself), [`Plan`] (the result), [`Finding`] (why a region is raw), [`execute()`] (runs it: values from a [`Host`] into
//! a [`Tree`]; [`print()`] prints HTML instead; [`excerpt()`] says what of it stands in some elements, [`bound_fields()`] what its controls are bound to), [`Session`] (mount and update frames from trees, by hashes of what was sent before),
//! [`Decoder`] (frames to HTML: the judge of all the rest).
#![forbid(unsafe_code)]

mod bound;
mod compile;
mod decode;
mod doubles;
mod elements;
mod excerpt;
mod execute;
mod host;
mod items;
mod list;
mod names;
mod op;
mod pairs;
mod places;
mod plan;
mod report;
mod scalar;
mod scan;
mod selector;
mod session;
mod shadow;
mod strip;
mod tokenizer;
mod tree;
mod variables;

pub use bound::bound_fields;
pub use compile::{
    Region, compile, compile_fragment, compile_with_findings, note_variables, procedures,
};
pub use decode::{Child, Decoder, Piece};
pub use excerpt::{Excerpt, excerpt};
pub use execute::{DynamicHole, as_one_hole, execute, execute_excerpt, print};
pub use host::{Host, Out};
pub use op::{FilterId, LoopId, NodeId, Op, ProcedureId, ScopeId, TestId, ValueId};
pub use pairs::join_pairs;
pub use plan::{Body, BodyId, Ends, First, Guard, Plan, Step, Structure, Target};
pub use report::{Filled, Filling, Finding, Reason, Source};
pub use scalar::{Place, escape};
pub use session::{Elsewhere, Head, Session, Templates, definitions};
pub use strip::stripped;
pub use tokenizer::{Content, State, Tag, Tokenizer};
pub use tree::Tree;
pub use variables::{Truth, Variable, Variables};
