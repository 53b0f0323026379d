//! Values on their way from a template's names to its output, and what is known of their types.

use std::borrow::Cow;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt, PyString};

use crate::django::Django;

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

/// The exact type of an object. Objects of the named types run no code of anyone else when they are
/// printed, compared or measured; an object of a subclass may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Str,
    SafeString,
    Int,
    Float,
    Bool,
    None,
    Decimal,
    DateTime,
    Date,
    Time,
    List,
    Tuple,
    Dict,
    Other,
}

impl Kind {
    /// The kind of an object.
    #[inline]
    pub fn of(object: &Bound<'_, PyAny>, django: &Django) -> Self {
        let class = object.get_type_ptr();
        let is = |known: &Py<pyo3::types::PyType>| class == known.as_ptr().cast();
        if class == &raw mut ffi::PyUnicode_Type {
            Self::Str
        } else if class == &raw mut ffi::PyLong_Type {
            Self::Int
        } else if is(&django.safe_string) {
            Self::SafeString
        } else if class == &raw mut ffi::PyFloat_Type {
            Self::Float
        } else if class == &raw mut ffi::PyBool_Type {
            Self::Bool
        } else if object.is_none() {
            Self::None
        } else if class == &raw mut ffi::PyList_Type {
            Self::List
        } else if class == &raw mut ffi::PyTuple_Type {
            Self::Tuple
        } else if class == &raw mut ffi::PyDict_Type {
            Self::Dict
        } else if is(&django.decimal) {
            Self::Decimal
        } else if is(&django.datetime) {
            Self::DateTime
        } else if is(&django.date) {
            Self::Date
        } else if is(&django.time) {
            Self::Time
        } else {
            Self::Other
        }
    }
}

impl<'py> Value<'py> {
    /// Text that still has to be escaped.
    pub fn unsafe_text(text: impl Into<String>) -> Self {
        Self::Text(text.into(), false)
    }

    /// HTML source.
    pub fn safe_text(text: impl Into<String>) -> Self {
        Self::Text(text.into(), true)
    }

    /// Whether Python takes it for true.
    pub fn is_true(&self) -> PyResult<bool> {
        match self {
            Self::Bool(flag) => Ok(*flag),
            Self::Int(number) => Ok(*number != 0),
            Self::Text(text, _) => Ok(!text.is_empty()),
            Self::Object(object) => object.is_truthy(),
        }
    }

    /// Whether it is Python's `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Object(object) if object.is_none())
    }

    /// The number, if it is a plain integer of usual size.
    #[inline]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Object(object) if object.is_exact_instance_of::<PyInt>() => small_integer(object),
            _ => None,
        }
    }

    /// The characters of a string, and whether it is safe. Nothing for other types, and for lone
    /// surrogates.
    pub fn string(&self, django: &Django) -> Option<(&str, bool)> {
        match self {
            Self::Text(text, is_safe) => Some((text, *is_safe)),
            Self::Object(object) => {
                let is_safe = match Kind::of(object, django) {
                    Kind::Str => false,
                    Kind::SafeString => true,
                    _ => return None,
                };
                // SAFETY: of both kinds are strings alone.
                let text = unsafe { object.cast_unchecked::<PyString>() };
                Some((text.to_str().ok()?, is_safe))
            }
            _ => None,
        }
    }

    /// What `str()` makes of a value of a plain type, and whether it is safe. Nothing for values
    /// that run their own code then.
    pub fn text(&self, django: &Django) -> PyResult<Option<(Cow<'_, str>, bool)>> {
        if let Some((text, is_safe)) = self.string(django) {
            return Ok(Some((text.into(), is_safe)));
        }
        let text: Cow<'_, str> = match self {
            Self::Int(number) => number.to_string().into(),
            Self::Bool(flag) => (if *flag { "True" } else { "False" }).into(),
            Self::Object(object) => match Kind::of(object, django) {
                Kind::Int | Kind::Float | Kind::Bool | Kind::None | Kind::Decimal | Kind::Date => {
                    object.str()?.to_str()?.to_owned().into()
                }
                _ => return Ok(None),
            },
            Self::Text(..) => return Ok(None),
        };
        Ok(Some((text, false)))
    }

    /// A value as an object of Python.
    pub fn into_object(self, py: Python<'py>, django: &Django) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Self::Object(object) => object,
            Self::Int(number) => number.into_pyobject(py)?.into_any(),
            Self::Bool(flag) => pyo3::types::PyBool::new(py, flag).to_owned().into_any(),
            Self::Text(text, false) => PyString::new(py, &text).into_any(),
            Self::Text(text, true) => django.safe_string.bind(py).call1((text,))?,
        })
    }
}

/// The number in an object of the type `int`, if it is of usual size. Runs no code of Python, and
/// so leaves borrowed objects alone.
#[inline]
pub fn small_integer(object: &Bound<'_, PyAny>) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: a live object, which is an integer.
    let number = unsafe { ffi::PyLong_AsLongLongAndOverflow(object.as_ptr(), &mut overflow) };
    (overflow == 0).then_some(number)
}

/// Room for the digits of a float.
pub struct Digits {
    shortest: ryu::Buffer,
    few: [u8; 24],
}

impl Digits {
    pub fn new() -> Self {
        Self { shortest: ryu::Buffer::new(), few: [0; 24] }
    }

    /// What `str()` of a float prints, unless it is in exponent notation: Django has its own for
    /// that.
    pub fn of(&mut self, object: &Bound<'_, PyAny>) -> Option<&str> {
        let number = object.cast_exact::<PyFloat>().ok()?.value();
        if let Some(length) = self.thousandths(number) {
            return std::str::from_utf8(&self.few[24 - length..]).ok();
        }
        let is_usual = number == 0.0 || (1e-4..1e16).contains(&number.abs());
        is_usual.then(|| self.shortest.format_finite(number))
    }

    /// Writes a number that is nearest to one with at most three decimals, and returns how many
    /// bytes that takes. Of all numbers with at most 15 digits no two are nearest to the same float,
    /// so that these are the shortest digits.
    fn thousandths(&mut self, number: f64) -> Option<usize> {
        let size = number.abs();
        if !(1e-3..1e11).contains(&size) {
            return None;
        }
        let mut rest = (size * 1e3 + 0.5) as u64;
        if rest as f64 / 1e3 != size {
            return None;
        }
        let mut decimals = 3;
        while decimals > 1 && rest.is_multiple_of(10) {
            rest /= 10;
            decimals -= 1;
        }
        let mut at = self.few.len();
        let mut written = 0;
        while rest > 0 || written <= decimals {
            if written == decimals {
                at -= 1;
                self.few[at] = b'.';
            }
            at -= 1;
            self.few[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            written += 1;
        }
        if number < 0.0 {
            at -= 1;
            self.few[at] = b'-';
        }
        Some(self.few.len() - at)
    }
}
