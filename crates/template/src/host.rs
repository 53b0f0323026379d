//! The outside of a plan: [`Host`] reads values, decides tests and walks through sequences;
//! [`Out`] receives what it prints.

use crate::execute::DynamicHole;
use crate::op::{FilterId, LoopId, NodeId, ScopeId, TestId, ValueId};
use crate::scalar::{self, Place};

/// Gives a plan its values. The numbers are those that lowering put into the operations.
///
/// After an error the plan stops at once and calls nothing more: the host unwinds the scopes and
/// loops that it has entered itself.
pub trait Host {
    /// What stops a render.
    type Error;

    /// Prints a value, by exactly one call of a method of `out`.
    fn value(&mut self, id: ValueId, out: &mut Out<'_>) -> Result<(), Self::Error>;

    /// Fills a hole with a value that may bring a template of its own. `outer` names the elements
    /// around the hole: the template's plan must be compiled for them.
    fn dynamic(
        &mut self,
        id: ValueId,
        outer: &str,
        hole: &mut DynamicHole<'_>,
    ) -> Result<(), Self::Error>;

    /// Decides a test again; an error when it does not come out as `expected`.
    fn check(&mut self, id: TestId, expected: bool) -> Result<(), Self::Error>;

    /// Prints a node, by exactly one call of a method of `out`.
    fn opaque(&mut self, id: NodeId, out: &mut Out<'_>) -> Result<(), Self::Error>;

    /// Evaluates a value that prints nothing.
    fn set(&mut self, id: ValueId) -> Result<(), Self::Error>;

    /// Prints what becomes of the source that a body printed, by at most one call of a method of
    /// `out`. False: nothing, the body shall run again and print as it does.
    fn filtered(
        &mut self,
        id: FilterId,
        source: &str,
        out: &mut Out<'_>,
    ) -> Result<bool, Self::Error>;

    /// Decides a test.
    fn test(&mut self, id: TestId) -> Result<bool, Self::Error>;

    /// Starts a loop. False: it has no items.
    fn begin(&mut self, id: LoopId) -> Result<bool, Self::Error>;

    /// Takes the next item of the innermost loop. False: there is none left.
    fn next(&mut self, id: LoopId) -> Result<bool, Self::Error>;

    /// Ends the innermost loop, also one without items.
    fn end(&mut self, id: LoopId) -> Result<(), Self::Error>;

    /// Enters a scope.
    fn enter(&mut self, id: ScopeId) -> Result<(), Self::Error>;

    /// Leaves the innermost scope.
    fn leave(&mut self, id: ScopeId) -> Result<(), Self::Error>;

    /// How many scopes and loops are entered.
    fn entered(&self) -> usize;

    /// Forgives an error, and leaves what was entered since there were `entered` scopes and loops;
    /// or gives it back.
    fn forgive(&mut self, error: Self::Error, entered: usize) -> Result<(), Self::Error>;

    /// A value did not print what the plan relies on: the tree is no good as it is.
    fn contradicted(&mut self) {}

    /// The error for procedures that call themselves too often.
    fn too_deep(&self) -> Self::Error;
}

/// Where a printed value goes: the scalar of a hole, or HTML source that is being captured.
pub struct Out<'a> {
    buffer: &'a mut Vec<u8>,
    place: Option<Place>,
}

impl<'a> Out<'a> {
    /// Appends one encoded scalar.
    pub(crate) fn scalar(buffer: &'a mut Vec<u8>, place: Place) -> Self {
        Self { buffer, place: Some(place) }
    }

    /// Appends HTML source.
    pub(crate) fn capture(buffer: &'a mut Vec<u8>) -> Self {
        Self { buffer, place: None }
    }

    /// Prints text that has still to be escaped.
    #[inline]
    pub fn text(&mut self, text: &str) {
        match self.place {
            Some(place) => scalar::write_text(self.buffer, text, place),
            None => scalar::escape(self.buffer, text),
        }
    }

    /// Prints HTML source as it is.
    #[inline]
    pub fn source(&mut self, source: &str) {
        match self.place {
            Some(place) => scalar::write_source(self.buffer, source, place),
            None => self.buffer.extend_from_slice(source.as_bytes()),
        }
    }

    /// Prints an integer.
    #[inline]
    pub fn int(&mut self, number: i64) {
        match self.place {
            Some(Place::Markup | Place::Value) => protocol::write::int(self.buffer, number),
            _ => {
                let mut digits = itoa::Buffer::new();
                self.source(digits.format(number));
            }
        }
    }
}
