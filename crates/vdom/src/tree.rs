//! What is kept of each instance.

use alloc::{boxed::Box, vec::Vec};

use crate::values::Span;

/// One filling of a template: 24 bytes in the browser, and no allocation if nothing stands in it.
#[derive(Clone, Default)]
pub(crate) struct Instance {
    pub template: u32,
    /// Its first node id; zero while it is not on the page.
    pub base: u32,
    /// Its scalars, encoded.
    pub span: Span,
    /// What each structure holds, in slot order. A condition is a list of none or one.
    pub children: Box<[Vec<Instance>]>,
}
