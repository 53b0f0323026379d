//! Filters that need no call of Python: a value of a plain type goes in, the filtered one comes
//! out. Any other type is left to Django's own function.

use pyo3::prelude::*;

use crate::program::Argument;

/// A filter with a fast path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {}

impl Native {
    /// The fast path of a filter of Django, if it has one for these arguments.
    pub fn named(_name: &str, _arguments: &[Argument], _py: Python<'_>) -> Option<Self> {
        None
    }
}
