//! Filters of sequences: a string, list or tuple goes in, a part of it or its length comes out.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::{PyList, PySlice, PyTuple};

use super::{Argument, Surroundings, integer};
use crate::value::{Kind, Value};

#[derive(Debug)]
pub enum Sequence {
    First,
    Join,
    Last,
    Length,
    /// An object of Python that does the slicing.
    Slice(Py<PyAny>),
}

impl Sequence {
    pub(super) fn named(name: &str, argument: &Argument<'_, '_>, py: Python<'_>) -> Option<Self> {
        Some(match name {
            "first" => Self::First,
            "join" => Self::Join,
            "last" => Self::Last,
            "length" => Self::Length,
            "slice" => Self::Slice(slice(argument, py)?),
            _ => return None,
        })
    }

    pub(super) fn apply<'py>(
        &self,
        value: &Value<'py>,
        argument: Option<&Value<'py>>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        Ok(match self {
            Self::First | Self::Last => end(value, matches!(self, Self::First), around)?,
            Self::Join => match (value, argument) {
                (Value::Object(object), Some(argument)) => join(object, argument, around)?,
                _ => None,
            },
            Self::Length => match (value.string(around.django), value) {
                (Some((text, _)), _) => Some(Value::Int(text.chars().count() as i64)),
                (None, Value::Object(object)) => match Kind::of(object, around.django) {
                    Kind::List | Kind::Tuple | Kind::Dict => Some(Value::Int(object.len()? as i64)),
                    _ => None,
                },
                _ => None,
            },
            Self::Slice(slice) => cut(value, slice.bind(around.py), around)?,
        })
    }
}

/// Reads up to three numbers with colons between.
fn slice(argument: &Argument<'_, '_>, py: Python<'_>) -> Option<Py<PyAny>> {
    let text = match argument.value?.integer() {
        Some(number) => number.to_string(),
        None => argument.text()?,
    };
    let bits = text.split(':').map(|bit| match bit {
        "" => Some(None),
        bit => integer(bit).map(Some),
    });
    let bits = bits.collect::<Option<Vec<_>>>()?;
    if bits.len() > 3 || bits.get(2) == Some(&Some(0)) {
        return None;
    }
    let slice = py.get_type::<PySlice>().call1(PyTuple::new(py, bits).ok()?);
    slice.ok().map(Bound::unbind)
}

/// A slice of a string, list or tuple.
fn cut<'py>(
    value: &Value<'py>,
    slice: &Bound<'py, PyAny>,
    around: &Surroundings<'_, 'py>,
) -> PyResult<Option<Value<'py>>> {
    if let Some((_, is_safe)) = value.string(around.django) {
        let object = value.clone().into_object(around.py, around.django)?;
        let part = object.get_item(slice)?.extract::<String>()?;
        return Ok(Some(Value::Text(part, is_safe)));
    }
    let Value::Object(object) = value else { return Ok(None) };
    Ok(match Kind::of(object, around.django) {
        Kind::List | Kind::Tuple => Some(Value::Object(object.get_item(slice)?)),
        _ => None,
    })
}

/// The first or last item or character, or an empty string.
fn end<'py>(
    value: &Value<'py>,
    is_first: bool,
    around: &Surroundings<'_, 'py>,
) -> PyResult<Option<Value<'py>>> {
    if let Some((text, is_safe)) = value.string(around.django) {
        let end = if is_first { text.chars().next() } else { text.chars().next_back() };
        let end = end.map_or(String::new(), String::from);
        // Of the two only `last` is a safe filter.
        return Ok(Some(Value::Text(end, is_safe && !is_first)));
    }
    let Value::Object(object) = value else { return Ok(None) };
    if !matches!(Kind::of(object, around.django), Kind::List | Kind::Tuple) {
        return Ok(None);
    }
    let length = object.len()?;
    if length == 0 {
        return Ok(Some(Value::unsafe_text("")));
    }
    let index = if is_first { 0 } else { length - 1 };
    object.get_item(index).map(|item| Some(Value::Object(item)))
}

/// Joins a list or tuple of plain values.
fn join<'py>(
    object: &Bound<'py, PyAny>,
    argument: &Value<'py>,
    around: &Surroundings<'_, 'py>,
) -> PyResult<Option<Value<'py>>> {
    let Some((separator, is_safe)) = argument.string(around.django) else { return Ok(None) };
    let separator = source(separator.into(), is_safe, around);
    match Kind::of(object, around.django) {
        Kind::List => {
            joined(object.cast::<PyList>().map_err(PyErr::from)?.iter(), &separator, around)
        }
        Kind::Tuple => {
            joined(object.cast::<PyTuple>().map_err(PyErr::from)?.iter(), &separator, around)
        }
        _ => Ok(None),
    }
}

fn joined<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    separator: &str,
    around: &Surroundings<'_, 'py>,
) -> PyResult<Option<Value<'py>>> {
    let mut html = String::new();
    for (index, item) in items.enumerate() {
        if index > 0 {
            html.push_str(separator);
        }
        let item = Value::Object(item);
        // Where nothing is escaped, Django joins strings alone.
        let text = if around.autoescape {
            item.text(around.django)?
        } else {
            item.string(around.django).map(|(text, is_safe)| (text.into(), is_safe))
        };
        let Some((text, is_safe)) = text else { return Ok(None) };
        html.push_str(&source(text, is_safe, around));
    }
    Ok(Some(Value::safe_text(html)))
}

/// Text as HTML source, escaped where values are escaped.
fn source<'t>(text: Cow<'t, str>, is_safe: bool, around: &Surroundings<'_, '_>) -> Cow<'t, str> {
    if is_safe || !around.autoescape {
        return text;
    }
    let mut escaped = Vec::with_capacity(text.len() + 16);
    template::escape(&mut escaped, &text);
    String::from_utf8(escaped).unwrap_or_default().into()
}
