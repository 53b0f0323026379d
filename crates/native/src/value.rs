//! Values on their way from a template's names to its output.

use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

/// A value on its way to being printed.
#[derive(Clone)]
pub enum Value<'py> {
    /// A Python object.
    Object(Bound<'py, PyAny>),
    /// A string that a native filter made, and whether it is safe.
    Text(String, bool),
    /// A number that nobody asked to be an object.
    Int(i64),
    /// Likewise.
    Bool(bool),
}

impl Value<'_> {
    /// Whether Python takes it for true.
    pub fn is_true(&self) -> PyResult<bool> {
        match self {
            Self::Bool(flag) => Ok(*flag),
            Self::Int(number) => Ok(*number != 0),
            Self::Text(text, _) => Ok(!text.is_empty()),
            Self::Object(object) => object.is_truthy(),
        }
    }

    /// The number, if it is a plain integer of usual size.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Object(object) if object.is_exact_instance_of::<PyInt>() => object.extract().ok(),
            _ => None,
        }
    }
}

/// What `str()` of a float prints, unless it is in exponent notation: Django has its own for that.
pub(crate) fn decimal_digits<'b>(
    object: &Bound<'_, PyAny>,
    buffer: &'b mut ryu::Buffer,
) -> Option<&'b str> {
    let number = object.cast_exact::<PyFloat>().ok()?.value();
    let is_usual = number == 0.0 || (1e-4..1e16).contains(&number.abs());
    is_usual.then(|| buffer.format_finite(number))
}
