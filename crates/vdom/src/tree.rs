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

impl Instance {
    /// Says that its values, and those of all that stands in it, have gone so many bytes further.
    #[inline(always)]
    pub fn shift(&mut self, by: u32) {
        self.span.at = self.span.at.wrapping_add(by);
        if !self.children.is_empty() {
            self.shift_children(by);
        }
    }

    fn shift_children(&mut self, by: u32) {
        self.children.iter_mut().flatten().for_each(|child| child.shift(by));
    }
}
