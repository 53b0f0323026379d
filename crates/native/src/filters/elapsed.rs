//! `timesince` and `timeuntil`: two moments go in, the two largest units between them come out.

use pyo3::intern;
use pyo3::prelude::*;

use super::Surroundings;
use super::dates::days_before;
use crate::value::{Kind, Value};

#[derive(Debug)]
pub enum Elapsed {
    Since,
    Until,
}

const UNITS: [&str; 6] = ["year", "month", "week", "day", "hour", "minute"];
const SECONDS: [i64; 4] = [7 * 86_400, 86_400, 3_600, 60];

impl Elapsed {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "timesince" => Some(Self::Since),
            "timeuntil" => Some(Self::Until),
            _ => None,
        }
    }

    pub(super) fn apply<'py>(
        &self,
        value: &Value<'py>,
        argument: Option<&Value<'py>>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        if value.is_none() || matches!(value.string(around.django), Some(("", _))) {
            return Ok(Some(Value::unsafe_text("")));
        }
        let Value::Object(object) = value else { return Ok(None) };
        let zone = match Kind::of(object, around.django) {
            Kind::Date => around.py.None().into_bound(around.py),
            Kind::DateTime => object.getattr(intern!(around.py, "tzinfo"))?,
            _ => return Ok(None),
        };
        if !zone.is_none() && !around.django.is_usual_zone(&zone) {
            return Ok(None);
        }
        let now = match argument {
            None => around.django.now(around.py, &zone)?,
            Some(Value::Object(now)) => now.clone(),
            Some(_) => return Ok(None),
        };
        let Some(now) = in_zone(&now, &zone, around)? else { return Ok(None) };
        let moment = Moment::of(object, around)?;
        let now = Moment::of(&now, around)?;
        let (from, to) = match self {
            Self::Since => (moment, now),
            Self::Until => (now, moment),
        };
        let mut text = String::new();
        for (unit, count) in between(&from, &to) {
            if !text.is_empty() {
                text.push_str(&around.locale.word(", ", 0)?);
            }
            text.push_str(&around.locale.word(unit, count)?);
        }
        if text.is_empty() {
            text.push_str(&around.locale.word("minute", 0)?);
        }
        Ok(Some(Value::unsafe_text(text)))
    }
}

/// The other moment in the same time zone; nothing where the two do not go together.
fn in_zone<'py>(
    now: &Bound<'py, PyAny>,
    zone: &Bound<'py, PyAny>,
    around: &Surroundings<'_, 'py>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match Kind::of(now, around.django) {
        Kind::Date if zone.is_none() => return Ok(Some(now.clone())),
        Kind::DateTime => {}
        _ => return Ok(None),
    }
    let own = now.getattr(intern!(around.py, "tzinfo"))?;
    if zone.is_none() || own.is_none() {
        return Ok((zone.is_none() && own.is_none()).then(|| now.clone()));
    }
    if !around.django.is_usual_zone(&own) {
        return Ok(None);
    }
    now.call_method1(intern!(around.py, "astimezone"), (zone,)).map(Some)
}

/// A moment as the clock on the wall shows it.
struct Moment {
    year: i64,
    month: i64,
    day: i64,
    /// Microseconds since midnight.
    time: i64,
}

impl Moment {
    fn of(object: &Bound<'_, PyAny>, around: &Surroundings<'_, '_>) -> PyResult<Self> {
        let py = around.py;
        let field = |name| -> PyResult<i64> { object.getattr(name)?.extract() };
        let mut time = 0;
        if Kind::of(object, around.django) == Kind::DateTime {
            let (hour, minute) = (field(intern!(py, "hour"))?, field(intern!(py, "minute"))?);
            let second = field(intern!(py, "second"))?;
            time = ((hour * 60 + minute) * 60 + second) * 1_000_000
                + field(intern!(py, "microsecond"))?;
        }
        let (year, month) = (field(intern!(py, "year"))?, field(intern!(py, "month"))?);
        Ok(Self { year, month, day: field(intern!(py, "day"))?, time })
    }

    /// Microseconds since a day long ago.
    fn instant(&self) -> i64 {
        days_before(self.year, self.month, self.day) * 86_400_000_000 + self.time
    }
}

/// The largest unit of the time between two moments, and the next one, if there is some of it.
fn between(from: &Moment, to: &Moment) -> Vec<(&'static str, i64)> {
    if to.instant() - from.instant() < 1_000_000 {
        return Vec::new();
    }
    let mut months = (to.year - from.year) * 12 + to.month - from.month;
    if (from.day, from.time) > (to.day, to.time) {
        months -= 1;
    }
    let mut counts = vec![months / 12, months % 12];
    // From here on, years and months later.
    let mut rest = to.instant() - from.instant();
    if months > 0 {
        let month = from.month - 1 + months;
        let (year, month) = (from.year + month / 12, month % 12 + 1);
        let longest = match month {
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let time = from.time - from.time % 1_000_000;
        let pivot = Moment { year, month, day: from.day.min(longest), time };
        rest = to.instant() - pivot.instant();
    }
    for unit in SECONDS {
        let unit = unit * 1_000_000;
        counts.push(rest.div_euclid(unit));
        rest = rest.rem_euclid(unit);
    }
    let counted = UNITS.into_iter().zip(counts).skip_while(|(_, count)| *count == 0);
    counted.take(2).take_while(|(_, count)| *count != 0).collect()
}
