//! Filters that need no call of Python: a value of a plain type goes in, the filtered one comes
//! out. Any other type is left to Django's own function, and so is text beyond ASCII where Unicode
//! would matter.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::django::Django;
use crate::value::{Value, decimal_digits};

/// A filter with a fast path; its constant arguments are read when the template is lowered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Native {
    Add,
    Capfirst,
    Cut(String),
    Default,
    DefaultIfNone,
    DivisibleBy(i64),
    Escape,
    First,
    FloatFormat(usize),
    ForceEscape,
    Last,
    Length,
    Lower,
    Pluralize(String, String),
    Safe,
    TruncateChars(usize),
    Upper,
    YesNo(String, String, String),
}

/// What a filter needs to know of the render.
pub struct Locale {
    /// The decimal separator of the language; nothing where digits are grouped.
    pub separator: Option<String>,
    /// Whether truncated text ends with `…`, as in most languages.
    pub plain_ellipsis: bool,
}

/// What a template says about the argument of a filter.
pub enum Given<'a, 'py> {
    /// There is none.
    Nothing,
    /// An integer.
    Integer(i64),
    /// Another constant.
    Constant(&'a Bound<'py, PyAny>),
    /// Something that is looked up when the template renders.
    Variable,
}

impl Native {
    /// The fast path of a filter of Django, if it has one for this argument.
    pub fn named(name: &str, argument: &Given<'_, '_>) -> Option<Self> {
        let text = || match argument {
            Given::Constant(value) => value.extract::<String>().ok(),
            _ => None,
        };
        let number = || match argument {
            Given::Integer(number) => Some(*number),
            _ => None,
        };
        Some(match name {
            "add" => Self::Add,
            "capfirst" => Self::Capfirst,
            "cut" => Self::Cut(text()?),
            "default" => Self::Default,
            "default_if_none" => Self::DefaultIfNone,
            "divisibleby" => Self::DivisibleBy(number().filter(|number| *number > 0)?),
            "escape" => Self::Escape,
            "first" => Self::First,
            "floatformat" => {
                Self::FloatFormat(number().filter(|places| (1..=20).contains(places))? as usize)
            }
            "force_escape" => Self::ForceEscape,
            "last" => Self::Last,
            "length" => Self::Length,
            "lower" => Self::Lower,
            "pluralize" => {
                let suffixes =
                    if matches!(argument, Given::Nothing) { "s".into() } else { text()? };
                let bits: Vec<&str> = suffixes.split(',').collect();
                match bits[..] {
                    [plural] => Self::Pluralize(String::new(), plural.into()),
                    [singular, plural] => Self::Pluralize(singular.into(), plural.into()),
                    _ => return None,
                }
            }
            "safe" => Self::Safe,
            "truncatechars" => Self::TruncateChars(
                number().filter(|length| (2..=10_000).contains(length))? as usize,
            ),
            "upper" => Self::Upper,
            "yesno" => {
                let text = text()?;
                let bits: Vec<&str> = text.split(',').collect();
                match bits[..] {
                    [yes, no, maybe] => Self::YesNo(yes.into(), no.into(), maybe.into()),
                    [yes, no, ..] => Self::YesNo(yes.into(), no.into(), no.into()),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    /// Applies the filter, or gives nothing where only Django's function will do. The arguments
    /// are those that are not constant.
    pub fn apply<'py>(
        &self,
        value: &Value<'py>,
        argument: Option<&Value<'py>>,
        django: &Django,
        locale: &Locale,
    ) -> PyResult<Option<Value<'py>>> {
        Ok(match self {
            Self::Default | Self::DefaultIfNone => {
                let Some(argument) = argument else { return Ok(None) };
                let is_kept = match (self, value) {
                    (Self::DefaultIfNone, Value::Object(object)) => !object.is_none(),
                    (Self::DefaultIfNone, _) => true,
                    (_, value) => value.is_true()?,
                };
                Some(if is_kept { value } else { argument }.clone())
            }
            Self::Add => match (value.integer(), argument.and_then(Value::integer)) {
                (Some(first), Some(second)) => first.checked_add(second).map(Value::Int),
                _ => None,
            },
            Self::DivisibleBy(number) => {
                value.integer().map(|value| Value::Bool(value % number == 0))
            }
            Self::Pluralize(singular, plural) => value.integer().map(|value| {
                Value::Text(if value == 1 { singular } else { plural }.clone(), false)
            }),
            Self::YesNo(yes, no, maybe) => {
                let is_none = matches!(value, Value::Object(object) if object.is_none());
                let word = if is_none {
                    maybe
                } else if value.is_true()? {
                    yes
                } else {
                    no
                };
                Some(Value::Text(word.clone(), false))
            }
            Self::Length => length(value, django).map(|length| Value::Int(length as i64)),
            Self::First | Self::Last => match value {
                Value::Object(object) => end(object, *self == Self::First)?,
                _ => None,
            },
            Self::FloatFormat(places) => {
                let Some(separator) = &locale.separator else { return Ok(None) };
                let mut buffer = ryu::Buffer::new();
                let rounded = match value {
                    Value::Int(number) => round(&number.to_string(), *places, separator),
                    Value::Object(object) => match decimal_digits(object, &mut buffer) {
                        Some(digits) => round(digits, *places, separator),
                        None if is_number(object, django) => {
                            round(object.str()?.to_str()?, *places, separator)
                        }
                        None => None,
                    },
                    _ => None,
                };
                rounded.map(|text| Value::Text(text, true))
            }
            text_filter => match text(value, django) {
                Some((text, is_safe)) => text_filter.apply_to_text(&text, is_safe, locale),
                None => None,
            },
        })
    }

    /// Filters whose first argument Django turns into a string.
    fn apply_to_text<'py>(&self, text: &str, is_safe: bool, locale: &Locale) -> Option<Value<'py>> {
        Some(match self {
            Self::Lower if text.is_ascii() => Value::Text(text.to_ascii_lowercase(), is_safe),
            // Not a safe filter: `&amp;` in upper case is something else.
            Self::Upper if text.is_ascii() => Value::Text(text.to_ascii_uppercase(), false),
            Self::Capfirst if text.is_ascii() => {
                let mut text = String::from(text);
                if let Some(first) = text.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                Value::Text(text, is_safe)
            }
            Self::Cut(part) if !part.is_empty() => {
                // Django keeps a safe string safe unless the part is a semicolon.
                Value::Text(text.replace(part.as_str(), ""), is_safe && part != ";")
            }
            Self::Safe => Value::Text(text.into(), true),
            Self::Escape if is_safe => Value::Text(text.into(), true),
            Self::Escape | Self::ForceEscape => {
                let mut escaped = Vec::with_capacity(text.len() + 16);
                template::escape(&mut escaped, text);
                Value::Text(String::from_utf8(escaped).ok()?, true)
            }
            Self::TruncateChars(length) if text.is_ascii() => {
                if text.len() <= *length {
                    Value::Text(text.into(), is_safe)
                } else if locale.plain_ellipsis {
                    Value::Text(format!("{}…", &text[..length - 1]), is_safe)
                } else {
                    return None;
                }
            }
            _ => return None,
        })
    }
}

/// A string value's characters, and whether it is safe.
fn text<'v>(value: &'v Value<'_>, django: &Django) -> Option<(std::borrow::Cow<'v, str>, bool)> {
    match value {
        Value::Text(text, is_safe) => Some((text.as_str().into(), *is_safe)),
        Value::Object(object) => {
            let class = object.get_type_ptr();
            let is_safe = class == django.safe_string.as_ptr().cast();
            if !is_safe && class != &raw mut ffi::PyUnicode_Type {
                return None;
            }
            Some((object.cast::<PyString>().ok()?.to_str().ok()?.into(), is_safe))
        }
        _ => None,
    }
}

fn length(value: &Value<'_>, django: &Django) -> Option<usize> {
    match value {
        Value::Text(text, _) => Some(text.chars().count()),
        Value::Object(object) => {
            let class = object.get_type_ptr();
            let is_plain = class == &raw mut ffi::PyUnicode_Type
                || class == &raw mut ffi::PyList_Type
                || class == &raw mut ffi::PyTuple_Type
                || class == &raw mut ffi::PyDict_Type
                || class == django.safe_string.as_ptr().cast();
            if is_plain { object.len().ok() } else { None }
        }
        _ => None,
    }
}

/// The first or last item of a list or tuple, or an empty string.
fn end<'py>(object: &Bound<'py, PyAny>, is_first: bool) -> PyResult<Option<Value<'py>>> {
    let is_list = object.is_exact_instance_of::<PyList>();
    if !is_list && !object.is_exact_instance_of::<PyTuple>() {
        return Ok(None);
    }
    let length = object.len()?;
    if length == 0 {
        return Ok(Some(Value::Object(PyString::new(object.py(), "").into_any())));
    }
    let index = if is_first { 0 } else { length - 1 };
    object.get_item(index).map(|item| Some(Value::Object(item)))
}

/// Whether `str()` of the object may be plain decimal digits.
fn is_number(object: &Bound<'_, PyAny>, django: &Django) -> bool {
    let class = object.get_type_ptr();
    class == &raw mut ffi::PyFloat_Type
        || class == &raw mut ffi::PyLong_Type
        || class == django.decimal.as_ptr().cast()
}

/// Rounds decimal digits half up, away from zero. Nothing for anything but plain digits.
fn round(number: &str, places: usize, separator: &str) -> Option<String> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_plain(whole) || !is_plain(fraction) || digits.len() > 100 {
        return None;
    }
    // The digits without their separator, and room for a carry in front.
    let mut rounded = String::with_capacity(whole.len() + places + 4);
    rounded.push('0');
    rounded.push_str(whole);
    let kept = fraction.len().min(places);
    rounded.push_str(&fraction[..kept]);
    rounded.extend(std::iter::repeat_n('0', places - kept));
    let mut digits = rounded.into_bytes();
    if fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5') {
        for digit in digits.iter_mut().rev() {
            if *digit != b'9' {
                *digit += 1;
                break;
            }
            *digit = b'0';
        }
    }
    let sign = if digits.iter().all(|digit| *digit == b'0') { "" } else { sign };
    let digits = std::str::from_utf8(&digits).ok()?;
    let digits = digits.strip_prefix('0').unwrap_or(digits);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    Some([sign, whole, separator, fraction].concat())
}
