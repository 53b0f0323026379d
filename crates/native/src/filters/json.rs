//! JSON for `json_script`: a value of plain types goes in, what Python's `json` and Django's escaping
//! make of it comes out.

use std::fmt::Write;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList, PyTuple};

use crate::django::Django;
use crate::value::{Kind, Value};

/// Deeper values are Python's: they may hold themselves.
const DEEPEST: usize = 32;

/// Nothing for values that Django's encoder has to look at.
pub fn write(value: &Value<'_>, django: &Django) -> PyResult<Option<String>> {
    let mut json = String::new();
    let is_plain = match value {
        Value::Text(text, _) => {
            string(text, &mut json);
            true
        }
        Value::Int(number) => write!(json, "{number}").is_ok(),
        Value::Bool(flag) => write!(json, "{flag}").is_ok(),
        Value::Object(object) => any(object, &mut json, django, DEEPEST)?,
    };
    Ok(is_plain.then_some(json))
}

/// Whether the object could be written.
fn any(
    object: &Bound<'_, PyAny>,
    json: &mut String,
    django: &Django,
    depth: usize,
) -> PyResult<bool> {
    if depth == 0 {
        return Ok(false);
    }
    match Kind::of(object, django) {
        Kind::Str | Kind::SafeString => {
            let Ok(text) = object.extract::<String>() else { return Ok(false) };
            string(&text, json);
        }
        Kind::Int => json.push_str(object.str()?.to_str()?),
        Kind::Bool => json.push_str(if object.is_truthy()? { "true" } else { "false" }),
        Kind::None => json.push_str("null"),
        Kind::Float => {
            if !object.cast::<PyFloat>().map_err(PyErr::from)?.value().is_finite() {
                return Ok(false);
            }
            json.push_str(object.repr()?.to_str()?);
        }
        Kind::List => {
            return items(
                object.cast::<PyList>().map_err(PyErr::from)?.iter(),
                json,
                django,
                depth,
            );
        }
        Kind::Tuple => {
            return items(
                object.cast::<PyTuple>().map_err(PyErr::from)?.iter(),
                json,
                django,
                depth,
            );
        }
        Kind::Dict => {
            json.push('{');
            let mut separator = "";
            for (key, value) in object.cast::<PyDict>().map_err(PyErr::from)? {
                let is_text = matches!(Kind::of(&key, django), Kind::Str | Kind::SafeString);
                json.push_str(separator);
                if !is_text || !any(&key, json, django, 1)? {
                    return Ok(false);
                }
                json.push_str(": ");
                if !any(&value, json, django, depth - 1)? {
                    return Ok(false);
                }
                separator = ", ";
            }
            json.push('}');
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn items<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    json: &mut String,
    django: &Django,
    depth: usize,
) -> PyResult<bool> {
    json.push('[');
    let mut separator = "";
    for item in items {
        json.push_str(separator);
        if !any(&item, json, django, depth - 1)? {
            return Ok(false);
        }
        separator = ", ";
    }
    json.push(']');
    Ok(true)
}

fn string(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{C}' => json.push_str("\\f"),
            // What Django escapes is in capital letters.
            '<' => json.push_str("\\u003C"),
            '>' => json.push_str("\\u003E"),
            '&' => json.push_str("\\u0026"),
            ' '..='~' => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
    }
    json.push('"');
}
