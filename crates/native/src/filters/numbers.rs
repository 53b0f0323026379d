//! Filters of numbers: a number, or text that is one, goes in, a number or its text comes out.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyFloat;

use super::{Argument, Surroundings, integer};
use crate::value::{Digits, Kind, Value};

#[derive(Debug)]
pub enum Number {
    Add,
    DivisibleBy(i64),
    FileSize,
    FloatFormat { places: i64, is_localized: bool, is_grouped: bool },
    GetDigit(usize),
    StringFormat(Conversion),
}

/// What stands behind the percent sign.
#[derive(Debug, Clone, Copy)]
pub enum Conversion {
    Decimal { width: usize, zeros: bool },
    Fixed { width: usize, zeros: bool, places: usize },
    Text,
}

/// More places, or a wider field, are Django's to refuse.
const MOST_PLACES: i64 = 50;

impl Number {
    pub(super) fn named(name: &str, argument: &Argument<'_, '_>) -> Option<Self> {
        Some(match name {
            "add" => Self::Add,
            "divisibleby" => Self::DivisibleBy(argument.integer().filter(|number| *number != 0)?),
            "filesizeformat" => Self::FileSize,
            "floatformat" => Self::float_format(argument)?,
            "get_digit" => Self::GetDigit(usize::try_from(argument.integer()?).ok()?),
            "stringformat" => Self::StringFormat(Conversion::read(&argument.text()?)?),
            _ => return None,
        })
    }

    fn float_format(argument: &Argument<'_, '_>) -> Option<Self> {
        let text = if argument.is_missing() { Some("-1".into()) } else { argument.text() };
        let (places, is_localized, is_grouped) = match text {
            // Of an empty string, Django takes the last character.
            Some(text) if text.is_empty() => return None,
            Some(text) => {
                let (number, is_localized, is_grouped) =
                    if let Some(number) = text.strip_suffix("gu").or(text.strip_suffix("ug")) {
                        (number, false, true)
                    } else if let Some(number) = text.strip_suffix('g') {
                        (number, true, true)
                    } else if let Some(number) = text.strip_suffix('u') {
                        (number, false, false)
                    } else {
                        (&*text, true, false)
                    };
                let places = if number.is_empty() { Some(-1) } else { integer(number) };
                (places?, is_localized, is_grouped)
            }
            None => (argument.integer()?, true, false),
        };
        let is_usual = places.abs() <= MOST_PLACES;
        is_usual.then_some(Self::FloatFormat { places, is_localized, is_grouped })
    }

    pub(super) fn apply<'py>(
        &self,
        value: &Value<'py>,
        argument: Option<&Value<'py>>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        Ok(match self {
            Self::Add => match argument {
                Some(argument) => add(value, argument, around),
                None => None,
            },
            Self::DivisibleBy(number) => whole(value, around)
                .and_then(|value| value.checked_rem(*number))
                .map(|rest| Value::Bool(rest == 0)),
            Self::FileSize => match whole(value, around) {
                Some(bytes) => file_size(bytes, around)?.map(|size| {
                    let is_safe = value.string(around.django).is_some_and(|(_, is_safe)| is_safe);
                    Value::Text(size, is_safe)
                }),
                None => None,
            },
            Self::FloatFormat { places, is_localized, is_grouped } => {
                let places_shown = places.unsigned_abs() as usize;
                let Some(rounded) = rounded(value, *places, around)? else { return Ok(None) };
                let numbers = around.locale.numbers(*is_localized)?;
                let shown = if rounded.contains('.') { places_shown } else { 0 };
                Some(Value::safe_text(match numbers.write(&rounded, Some(shown), *is_grouped) {
                    Cow::Borrowed(_) => rounded,
                    Cow::Owned(written) => written,
                }))
            }
            Self::GetDigit(place) => match whole(value, around) {
                Some(number) if *place == 0 => Some(Value::Int(number)),
                // In a negative number the sign has a place, too, and is no digit.
                Some(number) if number >= 0 => {
                    let digits = number.to_string();
                    let digit = digits.bytes().rev().nth(*place - 1).unwrap_or(b'0');
                    Some(Value::Int(i64::from(digit - b'0')))
                }
                _ => None,
            },
            Self::StringFormat(conversion) => conversion.apply(value, around)?,
        })
    }
}

/// What `int()` makes of a value of a plain type; nothing where it may fail.
fn whole(value: &Value<'_>, around: &Surroundings<'_, '_>) -> Option<i64> {
    if let Some(number) = value.integer() {
        return Some(number);
    }
    match value {
        Value::Bool(flag) => Some((*flag).into()),
        Value::Text(text, _) => integer(text),
        Value::Object(object) => match Kind::of(object, around.django) {
            Kind::Str | Kind::SafeString => integer(value.string(around.django)?.0),
            Kind::Bool => Some(object.is_truthy().ok()?.into()),
            Kind::Float => {
                let number = object.cast::<PyFloat>().ok()?.value();
                (number.abs() < 9e15).then_some(number as i64)
            }
            _ => None,
        },
        Value::Int(number) => Some(*number),
    }
}

fn add<'py>(
    value: &Value<'py>,
    argument: &Value<'py>,
    around: &Surroundings<'_, 'py>,
) -> Option<Value<'py>> {
    if let (Some(first), Some(second)) = (whole(value, around), whole(argument, around)) {
        return first.checked_add(second).map(Value::Int);
    }
    // Two strings of which one is surely no number are joined.
    let (first, is_first_safe) = value.string(around.django)?;
    let (second, is_second_safe) = argument.string(around.django)?;
    let is_joined = is_no_integer(first) || is_no_integer(second);
    is_joined.then(|| Value::Text([first, second].concat(), is_first_safe && is_second_safe))
}

/// Whether `int()` surely refuses the text: it is empty, or has a letter or a mark in it.
fn is_no_integer(text: &str) -> bool {
    let is_foreign = |byte: u8| {
        byte.is_ascii_alphabetic() || byte.is_ascii_punctuation() && !b"+-_".contains(&byte)
    };
    text.is_empty() || text.bytes().any(is_foreign)
}

fn file_size(bytes: i64, around: &Surroundings<'_, '_>) -> PyResult<Option<String>> {
    let size = bytes.unsigned_abs();
    // The plural forms of bytes are Django's business.
    let unit = match size.checked_ilog2().unwrap_or(0) / 10 {
        0 => return Ok(None),
        1 => "%s KB",
        2 => "%s MB",
        3 => "%s GB",
        4 => "%s TB",
        _ => "%s PB",
    };
    let power = (size.ilog2() / 10).min(5);
    let number = format!("{:.1}", size as f64 / (1_u64 << (10 * power)) as f64);
    let pattern = around.locale.word(unit, 0)?;
    let Some((before, after)) = pattern.split_once("%s") else { return Ok(None) };
    if before.contains('%') || after.contains('%') {
        return Ok(None);
    }
    let number = around.locale.numbers(true)?.write(&number, Some(1), false);
    let sign = if bytes < 0 { "-" } else { "" };
    Ok(Some([sign, before, &number, after].concat().replace(' ', "\u{A0}")))
}

/// The rounded digits of a number, or of text that is one.
fn rounded(
    value: &Value<'_>,
    places: i64,
    around: &Surroundings<'_, '_>,
) -> PyResult<Option<String>> {
    if let Some((text, _)) = value.string(around.django) {
        return Ok(round(text, places));
    }
    Ok(match value {
        Value::Int(number) => round(&number.to_string(), places),
        Value::Object(object) => match Kind::of(object, around.django) {
            Kind::Float => {
                let number = object.cast::<PyFloat>().map_err(PyErr::from)?.value();
                round_clear(number, places).or_else(|| round(Digits::new().of(object)?, places))
            }
            Kind::Int | Kind::Decimal => round(object.str()?.to_str()?, places),
            _ => None,
        },
        _ => None,
    })
}

/// As `round`, for a number that is clearly on one side of the half. `floatformat` rounds the digits
/// that Python prints; these are so close to the number that the result is the same.
fn round_clear(number: f64, places: i64) -> Option<String> {
    const POWERS: [f64; 7] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
    if places <= 0 && number.fract() == 0.0 {
        return (number.abs() < 1e15).then(|| (number as i64).to_string());
    }
    let places = usize::try_from(places.unsigned_abs()).ok()?;
    let scaled = number.abs() * POWERS.get(places)?;
    // Numbers with very many zeros are printed as they are.
    let is_tiny = number != 0.0 && number.abs() < 1e-100;
    // Below this limit the product is exact to a millionth.
    if is_tiny || !(scaled < 1e9 && (scaled.fract() - 0.5).abs() > 1e-4) {
        return None;
    }
    let mut rest = (scaled + 0.5) as u64;
    let is_negative = number < 0.0 && rest > 0;
    // From the last digit to the first, at least one of them in front of the point.
    let mut digits = Vec::with_capacity(16);
    let fewest = if places > 0 { places + 2 } else { 1 };
    while rest > 0 || digits.len() < fewest {
        digits.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if digits.len() == places && places > 0 {
            digits.push(b'.');
        }
    }
    if is_negative {
        digits.push(b'-');
    }
    digits.reverse();
    String::from_utf8(digits).ok()
}

/// Rounds decimal digits half up, away from zero, as `floatformat` does: to so many places, or, if
/// below zero, to as many unless all of them would be zeros. Nothing for anything but plain digits.
fn round(number: &str, places: i64) -> Option<String> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (digits, ""),
    };
    let is_plain = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || !is_plain(whole) || !is_plain(fraction) || digits.len() > 100 {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if places <= 0 && fraction.bytes().all(|digit| digit == b'0') {
        let sign = if whole == "0" { "" } else { sign };
        return Some([sign, whole].concat());
    }
    let places = places.unsigned_abs() as usize;
    // The sign, room for a carry, and the digits without their separator.
    let mut rounded = Vec::with_capacity(whole.len() + places + 3);
    rounded.extend_from_slice(b"-0");
    rounded.extend_from_slice(whole.as_bytes());
    let kept = fraction.len().min(places);
    rounded.extend_from_slice(&fraction.as_bytes()[..kept]);
    rounded.resize(rounded.len() + places - kept, b'0');
    if fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5') {
        for digit in rounded[1..].iter_mut().rev() {
            if *digit != b'9' {
                *digit += 1;
                break;
            }
            *digit = b'0';
        }
    }
    let is_zero = rounded[1..].iter().all(|digit| *digit == b'0');
    if places > 0 {
        rounded.insert(rounded.len() - places, b'.');
    }
    if rounded[1] == b'0' {
        rounded.remove(1);
    }
    if sign.is_empty() || is_zero {
        rounded.remove(0);
    }
    String::from_utf8(rounded).ok()
}

impl Conversion {
    /// Reads `d`, `05d`, `.2f`, `08.3f` and `s`.
    fn read(text: &str) -> Option<Self> {
        let (text, kind) = text.split_at_checked(text.len().checked_sub(1)?)?;
        if kind == "s" {
            return text.is_empty().then_some(Self::Text);
        }
        let (field, places) = match text.split_once('.') {
            Some((field, places)) => (field, Some(places)),
            None => (text, None),
        };
        let zeros = field.starts_with('0');
        let read = |digits: &str| match digits {
            "" => Some(0),
            _ if digits.starts_with('-') => None,
            digits => integer(digits).filter(|number| *number <= MOST_PLACES),
        };
        let width = read(field)? as usize;
        match (kind, places) {
            ("d", None) => Some(Self::Decimal { width, zeros }),
            ("f", None) => Some(Self::Fixed { width, zeros, places: 6 }),
            ("f", Some(places)) => {
                Some(Self::Fixed { width, zeros, places: read(places)? as usize })
            }
            _ => None,
        }
    }

    fn apply<'py>(
        self,
        value: &Value<'py>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        let text = match self {
            Self::Text => {
                // Python gives the very string back, which `is` can see.
                if let Value::Object(object) = value
                    && Kind::of(object, around.django) == Kind::Str
                {
                    return Ok(Some(value.clone()));
                }
                let text = value.text(around.django)?;
                return Ok(text.map(|(text, is_safe)| Value::Text(text.into_owned(), is_safe)));
            }
            Self::Decimal { width, zeros } => match value.integer() {
                Some(number) if zeros => format!("{number:0width$}"),
                Some(number) => format!("{number:width$}"),
                None => return Ok(None),
            },
            Self::Fixed { width, zeros, places } => {
                let number = match value {
                    Value::Object(object) if Kind::of(object, around.django) == Kind::Float => {
                        object.cast::<PyFloat>().map_err(PyErr::from)?.value()
                    }
                    value => match value.integer() {
                        Some(number) => number as f64,
                        None => return Ok(None),
                    },
                };
                if !number.is_finite() {
                    return Ok(None);
                }
                if zeros {
                    format!("{number:0width$.places$}")
                } else {
                    format!("{number:width$.places$}")
                }
            }
        };
        Ok(Some(Value::unsafe_text(text)))
    }
}
