//! `date` and `time`: an object of Python's datetime and a format go in, text comes out, as
//! `django.utils.dateformat` writes it.

use std::fmt::Write;

use pyo3::intern;
use pyo3::prelude::*;

use super::{Argument, Surroundings};
use crate::django::Django;
use crate::locale::{Locale, Piece};
use crate::value::{Kind, Value};

#[derive(Debug)]
pub struct Date {
    /// Whether only the codes for times are allowed.
    is_time: bool,
    /// The format or its name.
    format: String,
}

impl Date {
    pub(super) fn named(name: &str, argument: &Argument<'_, '_>) -> Option<Self> {
        let (is_time, usual) = match name {
            "date" => (false, "DATE_FORMAT"),
            "time" => (true, "TIME_FORMAT"),
            _ => return None,
        };
        let format = if argument.is_missing() { String::new() } else { argument.text()? };
        let format = if format.is_empty() { usual.into() } else { format };
        Some(Self { is_time, format })
    }

    pub(super) fn apply<'py>(
        &self,
        value: &Value<'py>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        if value.is_none() || matches!(value.string(around.django), Some(("", _))) {
            return Ok(Some(Value::unsafe_text("")));
        }
        let Value::Object(object) = value else { return Ok(None) };
        if !matches!(Kind::of(object, around.django), Kind::DateTime | Kind::Date | Kind::Time) {
            return Ok(None);
        }
        let Some(local) = around.locale.local(object)? else { return Ok(None) };
        let format = around.locale.format(&self.format, true)?;
        let text = write(&local, &format, self.is_time, around.locale, around.django)?;
        Ok(text.map(Value::unsafe_text))
    }
}

/// Writes an object of datetime. Nothing where the format and the object do not go together, and
/// where only Django can tell.
pub fn write<'py>(
    object: &Bound<'py, PyAny>,
    format: &[Piece],
    is_time: bool,
    locale: &Locale<'py>,
    django: &'static Django,
) -> PyResult<Option<String>> {
    let kind = Kind::of(object, django);
    let moment = Moment { object, kind, locale, django };
    let mut text = String::with_capacity(24);
    for piece in format {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Code(code) => {
                let is_of_time = b"aAefgGhHiOPsTuZ".contains(code);
                let is_of_date = !is_of_time || b"OTZe".contains(code);
                let fits = match kind {
                    Kind::Date => !is_of_time && !is_time,
                    Kind::Time => is_of_time,
                    Kind::DateTime => is_of_time || is_of_date && !is_time,
                    _ => false,
                };
                if !fits || !moment.code(*code, &mut text)? {
                    return Ok(None);
                }
            }
        }
    }
    Ok(Some(text))
}

struct Moment<'a, 'py> {
    object: &'a Bound<'py, PyAny>,
    kind: Kind,
    locale: &'a Locale<'py>,
    django: &'static Django,
}

impl<'py> Moment<'_, 'py> {
    /// Writes what a code stands for; false where only Django can tell.
    fn code(&self, code: u8, text: &mut String) -> PyResult<bool> {
        let py = self.object.py();
        let written = match code {
            b'a' => return self.word("a", (self.hour()? > 11).into(), text),
            b'A' => return self.word("A", (self.hour()? > 11).into(), text),
            b'b' => return self.word("b", self.month()?, text),
            b'c' => {
                text.push_str(
                    &self.object.call_method0(intern!(py, "isoformat"))?.extract::<String>()?,
                );
                Ok(())
            }
            b'd' => write!(text, "{:02}", self.day()?),
            b'D' => return self.word("D", self.weekday()?, text),
            b'e' => return self.zone_name(text),
            b'E' => return self.word("E", self.month()?, text),
            b'f' => return self.hour_and_minute(text),
            b'F' => return self.word("F", self.month()?, text),
            b'g' => write!(text, "{}", hour_of_twelve(self.hour()?)),
            b'G' => write!(text, "{}", self.hour()?),
            b'h' => write!(text, "{:02}", hour_of_twelve(self.hour()?)),
            b'H' => write!(text, "{:02}", self.hour()?),
            b'i' => write!(text, "{:02}", self.minute()?),
            b'I' => match self.zone()? {
                Some(zone) => {
                    let saving = zone.call_method1(intern!(py, "dst"), (self.object,))?;
                    write!(text, "{}", i32::from(saving.is_truthy()?))
                }
                None => Ok(()),
            },
            b'j' => write!(text, "{}", self.day()?),
            b'l' => return self.word("l", self.weekday()?, text),
            b'L' => {
                text.push_str(if is_leap(self.year()?) { "True" } else { "False" });
                Ok(())
            }
            b'm' => write!(text, "{:02}", self.month()?),
            b'M' => return self.word("M", self.month()?, text),
            b'n' => write!(text, "{}", self.month()?),
            b'N' => return self.word("N", self.month()?, text),
            b'o' => write!(text, "{}", self.iso_week(0)?),
            b'O' => match self.offset()? {
                Some(seconds) => {
                    let sign = if seconds < 0 { '-' } else { '+' };
                    let seconds = seconds.abs();
                    write!(text, "{sign}{:02}{:02}", seconds / 3600, seconds / 60 % 60)
                }
                None => Ok(()),
            },
            b'P' => match (self.hour()?, self.minute()?) {
                (0, 0) => return self.word("P", 0, text),
                (12, 0) => return self.word("P", 1, text),
                (hour, _) => {
                    self.hour_and_minute(text)?;
                    text.push(' ');
                    return self.word("a", (hour > 11).into(), text);
                }
            },
            b's' => write!(text, "{:02}", self.field(intern!(py, "second"))?),
            b'S' => {
                let day = self.day()?;
                text.push_str(match (day, day % 10) {
                    (11..=13, _) => "th",
                    (_, 1) => "st",
                    (_, 2) => "nd",
                    (_, 3) => "rd",
                    _ => "th",
                });
                Ok(())
            }
            b't' => write!(text, "{}", days_of_month(self.year()?, self.month()?)),
            b'T' => match self.zone()? {
                Some(zone) => {
                    let name = zone.call_method1(intern!(py, "tzname"), (self.object,))?;
                    text.push_str(name.str()?.to_str()?);
                    Ok(())
                }
                None => Ok(()),
            },
            b'u' => write!(text, "{:06}", self.field(intern!(py, "microsecond"))?),
            b'U' if self.kind == Kind::DateTime => {
                let stamp = self.object.call_method0(intern!(py, "timestamp"))?;
                write!(text, "{}", stamp.extract::<f64>()? as i64)
            }
            b'w' => write!(text, "{}", (self.weekday()? + 1) % 7),
            b'W' => write!(text, "{}", self.iso_week(1)?),
            b'y' => write!(text, "{:02}", self.year()? % 100),
            b'Y' => write!(text, "{:04}", self.year()?),
            b'z' => {
                let (year, month, day) = (self.year()?, self.month()?, self.day()?);
                write!(text, "{}", days_before(year, month, day) - days_before(year, 1, 0))
            }
            b'Z' => match self.offset()? {
                Some(seconds) => write!(text, "{seconds}"),
                None => Ok(()),
            },
            _ => return Ok(false),
        };
        Ok(written.is_ok())
    }

    fn field(&self, name: &Bound<'py, pyo3::types::PyString>) -> PyResult<i64> {
        self.object.getattr(name)?.extract()
    }

    fn year(&self) -> PyResult<i64> {
        self.field(intern!(self.object.py(), "year"))
    }

    fn month(&self) -> PyResult<i64> {
        self.field(intern!(self.object.py(), "month"))
    }

    fn day(&self) -> PyResult<i64> {
        self.field(intern!(self.object.py(), "day"))
    }

    fn hour(&self) -> PyResult<i64> {
        self.field(intern!(self.object.py(), "hour"))
    }

    fn minute(&self) -> PyResult<i64> {
        self.field(intern!(self.object.py(), "minute"))
    }

    /// Monday is zero.
    fn weekday(&self) -> PyResult<i64> {
        Ok((days_before(self.year()?, self.month()?, self.day()?) + 6).rem_euclid(7))
    }

    /// Year and week of ISO 8601.
    fn iso_week(&self, index: usize) -> PyResult<i64> {
        let calendar = self.object.call_method0(intern!(self.object.py(), "isocalendar"))?;
        calendar.get_item(index)?.extract()
    }

    fn word(&self, kind: &'static str, number: i64, text: &mut String) -> PyResult<bool> {
        text.push_str(&self.locale.word(kind, number)?);
        Ok(true)
    }

    fn hour_and_minute(&self, text: &mut String) -> PyResult<bool> {
        let (hour, minute) = (hour_of_twelve(self.hour()?), self.minute()?);
        let written = match minute {
            0 => write!(text, "{hour}"),
            minute => write!(text, "{hour}:{minute:02}"),
        };
        Ok(written.is_ok())
    }

    /// The time zone of a datetime, unless it has the hour twice or not at all. Times have none.
    fn zone(&self) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.kind != Kind::DateTime {
            return Ok(None);
        }
        let py = self.object.py();
        let own = self.object.getattr(intern!(py, "tzinfo"))?;
        let zone = if own.is_none() { self.django.default_timezone.bind(py).call0()? } else { own };
        let utcoffset = intern!(py, "utcoffset");
        let fold = self.object.getattr(intern!(py, "fold"))?.extract::<u8>()?;
        let keywords = pyo3::types::PyDict::new(py);
        keywords.set_item(intern!(py, "fold"), 1 - fold)?;
        let other = self.object.call_method(intern!(py, "replace"), (), Some(&keywords))?;
        let is_unique = zone
            .call_method1(utcoffset, (other,))?
            .eq(zone.call_method1(utcoffset, (self.object,))?)?;
        Ok(is_unique.then_some(zone))
    }

    fn zone_name(&self, text: &mut String) -> PyResult<bool> {
        let py = self.object.py();
        let is_named =
            self.zone()?.is_some() && !self.object.getattr(intern!(py, "tzinfo"))?.is_none();
        if is_named {
            let name = self.object.call_method0(intern!(py, "tzname"))?;
            if name.is_truthy()? {
                text.push_str(name.str()?.to_str()?);
            }
        }
        Ok(true)
    }

    /// Seconds east of Greenwich.
    fn offset(&self) -> PyResult<Option<i64>> {
        let py = self.object.py();
        let Some(zone) = self.zone()? else { return Ok(None) };
        let offset = zone.call_method1(intern!(py, "utcoffset"), (self.object,))?;
        let days: i64 = offset.getattr(intern!(py, "days"))?.extract()?;
        let seconds: i64 = offset.getattr(intern!(py, "seconds"))?.extract()?;
        Ok(Some(days * 86_400 + seconds))
    }
}

fn hour_of_twelve(hour: i64) -> i64 {
    match hour % 12 {
        0 => 12,
        hour => hour,
    }
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How many days a day is after the last one of the year 0, a Sunday.
pub(super) fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let months: i64 = (1..month).map(|month| days_of_month(year, month)).sum();
    before * 365 + before / 4 - before / 100 + before / 400 + months + day
}
