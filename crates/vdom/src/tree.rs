//! What is kept of each instance.

use alloc::vec::Vec;

use crate::values::Span;

/// One filling of a template: 32 bytes in the browser, and no allocation if nothing stands in it.
#[derive(Clone, Default)]
pub(crate) struct Instance {
    pub template: u32,
    /// Its first node id; zero while it is not on the page.
    pub base: u32,
    /// Its scalars, encoded.
    pub span: Span,
    /// How many bytes from there are all of it, as it travelled, with what stands in it; zero if they
    /// do not stand side by side any more.
    pub whole: u32,
    /// What each structure holds, in slot order. A condition is a list of none or one.
    pub children: Vec<Vec<Instance>>,
}
