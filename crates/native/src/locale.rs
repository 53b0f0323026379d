//! What language, time zone and settings say about printing: asked for when a render first needs
//! it, and asked again when something may have changed it.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use pyo3::intern;
use pyo3::prelude::*;

use crate::django::{Django, Marked};
use crate::value::Kind;

/// The surroundings of one render.
pub struct Locale<'py> {
    py: Python<'py>,
    django: &'static Django,
    /// None while it has the options that contexts have.
    context: RefCell<Option<Bound<'py, PyAny>>>,
    is_doubtful: Cell<bool>,
    /// Whether digits stay as Python prints them, where that is known and beyond doubt.
    prints_like_python: Cell<Option<bool>>,
    /// Shared by the templates that values of the render bring.
    known: Rc<RefCell<Option<Known<'py>>>>,
}

/// What was asked so far, while the first four stayed as they are.
struct Known<'py> {
    /// What these were asked from, if that can be seen from here.
    marks: Option<Marks<'py>>,
    language: Bound<'py, PyAny>,
    zone: Bound<'py, PyAny>,
    is_localized: bool,
    has_zones: bool,
    /// What was asked for in these surroundings, also by other renders.
    memory: Bound<'py, PyAny>,
    /// For plain and for localized numbers.
    numbers: [Option<Rc<Numbers>>; 2],
    formats: Vec<(String, bool, Rc<[Piece]>)>,
    words: HashMap<(&'static str, i64), Rc<str>>,
    /// What stands for the rest of a text that is cut.
    ellipsis: Option<Rc<str>>,
}

/// The objects that hold language and zone, the options of the context, and the settings. As long as
/// all of them are the same objects, nobody has changed anything.
type Marks<'py> = [Bound<'py, PyAny>; 8];

/// How numbers are written.
pub struct Numbers {
    decimal: String,
    thousand: String,
    /// How many digits stand in each group, from the right, in the way of Python's locales.
    grouping: Vec<i64>,
    /// Whether digits are grouped without being asked to.
    is_grouped: bool,
}

/// A piece of a format of dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Code(u8),
}

/// More formats in one render are parsed each time.
const MOST_FORMATS: usize = 16;
/// More words in one render are asked for each time.
const MOST_WORDS: usize = 256;

impl<'py> Locale<'py> {
    /// The surroundings of a render with this context.
    pub fn new(context: &Bound<'py, PyAny>, django: &'static Django) -> Self {
        Self {
            py: context.py(),
            django,
            context: RefCell::new(Some(context.clone())),
            is_doubtful: Cell::new(false),
            prints_like_python: Cell::new(None),
            known: Rc::default(),
        }
    }

    /// The surroundings of a template that a value of the render brought.
    pub fn within(&self) -> Self {
        Self {
            py: self.py,
            django: self.django,
            context: RefCell::new(None),
            is_doubtful: Cell::new(true),
            prints_like_python: Cell::new(None),
            known: Rc::clone(&self.known),
        }
    }

    /// Code of someone else ran, or another context took over: language, time zone and
    /// localization may be others now.
    pub fn doubt(&self, context: Option<&Bound<'py, PyAny>>) {
        self.is_doubtful.set(true);
        self.prints_like_python.set(None);
        self.context.replace(context.cloned());
    }

    fn with<T>(&self, ask: impl FnOnce(&mut Known<'py>) -> PyResult<T>) -> PyResult<T> {
        let mut known = self.known.borrow_mut();
        if known.is_none() || self.is_doubtful.get() && !self.is_settled(&known)? {
            let surroundings = self.django.surroundings.bind(self.py);
            let (use_tz, use_l10n) = self.options()?;
            let (language, zone, is_localized, has_zones, memory): (
                Bound<'py, PyAny>,
                Bound<'py, PyAny>,
                bool,
                bool,
                Bound<'py, PyAny>,
            ) = surroundings.call1((use_tz, use_l10n))?.extract()?;
            let is_as_before = match &*known {
                Some(known) => {
                    known.zone.is(&zone)
                        && known.is_localized == is_localized
                        && known.has_zones == has_zones
                        && known.language.eq(&language)?
                }
                None => false,
            };
            let marks = self.marks()?;
            if let (Some(known), true) = (&mut *known, is_as_before) {
                known.marks = marks;
            } else {
                *known = Some(Known {
                    marks,
                    language,
                    zone,
                    is_localized,
                    has_zones,
                    memory,
                    numbers: [None, None],
                    formats: Vec::new(),
                    words: HashMap::new(),
                    ellipsis: None,
                });
            }
        }
        self.is_doubtful.set(false);
        ask(known.as_mut().expect("just asked"))
    }

    /// Whether nothing has changed since it was asked for.
    fn is_settled(&self, known: &Option<Known<'py>>) -> PyResult<bool> {
        let Some(before) = known.as_ref().and_then(|known| known.marks.as_ref()) else {
            return Ok(false);
        };
        Ok(self
            .marks()?
            .is_some_and(|marks| before.iter().zip(&marks).all(|(before, now)| before.is(now))))
    }

    fn marks(&self) -> PyResult<Option<Marks<'py>>> {
        let py = self.py;
        let Some(Marked { language, zone, settings, holder, active, none }) = &self.django.marks
        else {
            return Ok(None);
        };
        let now = holder.bind(py).get_item(intern!(py, "_active"))?;
        if now.is_none_or(|now| !now.is(active)) {
            return Ok(None);
        }
        let none = none.bind(py);
        let settings = settings.bind(py);
        // A setting is not there before it was read.
        let setting = |name| settings.get_item(name);
        let (Some(use_tz), Some(time_zone), Some(use_i18n), Some(code)) = (
            setting(intern!(py, "USE_TZ"))?,
            setting(intern!(py, "TIME_ZONE"))?,
            setting(intern!(py, "USE_I18N"))?,
            setting(intern!(py, "LANGUAGE_CODE"))?,
        ) else {
            return Ok(None);
        };
        let (use_tz_here, use_l10n) = self.options()?;
        Ok(Some([
            language.bind(py).call1(none)?,
            zone.bind(py).call1(none)?,
            use_tz_here,
            use_l10n,
            use_tz,
            time_zone,
            use_i18n,
            code,
        ]))
    }

    /// What the context says of time zones and of localization: None, if it does not.
    fn options(&self) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        match &*self.context.borrow() {
            Some(context) => Ok((
                context.getattr(intern!(self.py, "use_tz"))?,
                context.getattr(intern!(self.py, "use_l10n"))?,
            )),
            None => Ok((self.py.None().into_bound(self.py), self.py.None().into_bound(self.py))),
        }
    }

    /// How numbers are printed; nothing for the way of Python.
    #[inline]
    pub fn printed_numbers(&self) -> PyResult<Option<Rc<Numbers>>> {
        self.with(|known| match known.is_localized {
            true => known.numbers(true, self.django).map(Some),
            false => Ok(None),
        })
    }

    /// Whether printed numbers stay as Python prints them.
    #[inline]
    pub fn prints_like_python(&self) -> PyResult<bool> {
        if let Some(answer) = self.prints_like_python.get() {
            return Ok(answer);
        }
        let answer = self
            .printed_numbers()?
            .is_none_or(|numbers| numbers.is_plain() && numbers.decimal == ".");
        self.prints_like_python.set(Some(answer));
        Ok(answer)
    }

    /// Whether values are printed in the way of the language.
    pub fn is_localized(&self) -> PyResult<bool> {
        self.with(|known| Ok(known.is_localized))
    }

    /// How numbers are written in the active language, or without regard to it.
    pub fn numbers(&self, is_localized: bool) -> PyResult<Rc<Numbers>> {
        self.with(|known| known.numbers(is_localized, self.django))
    }

    /// A format of dates or times: a named one, or the format itself.
    pub fn format(&self, name: &str, is_localized: bool) -> PyResult<Rc<[Piece]>> {
        self.with(|known| {
            let found = known.formats.iter().find(|(known_name, known_localized, _)| {
                known_name == name && *known_localized == is_localized
            });
            if let Some((_, _, pieces)) = found {
                return Ok(pieces.clone());
            }
            // Django asks for the language if it is not told.
            let language = is_localized.then_some(&known.language);
            let function = &self.django.get_format;
            let arguments = (&known.memory, function, name, language, is_localized);
            let format = self.django.remembered.bind(self.py).call1(arguments)?.str()?;
            let pieces: Rc<[Piece]> = parse(format.to_str()?).into();
            if known.formats.len() < MOST_FORMATS {
                known.formats.push((name.into(), is_localized, pieces.clone()));
            }
            Ok(pieces)
        })
    }

    /// A word of the active language: see `word` in djust.surroundings.
    pub fn word(&self, kind: &'static str, number: i64) -> PyResult<Rc<str>> {
        self.with(|known| {
            if let Some(word) = known.words.get(&(kind, number)) {
                return Ok(word.clone());
            }
            let arguments = (&known.memory, &self.django.word, kind, number);
            let word = self.django.remembered.bind(self.py).call1(arguments)?;
            let word: Rc<str> = word.extract::<String>()?.into();
            if known.words.len() < MOST_WORDS {
                known.words.insert((kind, number), word.clone());
            }
            Ok(word)
        })
    }

    /// What stands for the rest of a text that is cut.
    pub fn ellipsis(&self) -> PyResult<Rc<str>> {
        if let Some(ellipsis) = self.with(|known| Ok(known.ellipsis.clone()))? {
            return Ok(ellipsis);
        }
        let ellipsis = self.word("…", 0)?;
        self.with(|known| Ok(known.ellipsis.insert(ellipsis).clone()))
    }

    /// An aware datetime in the current time zone, any other object as it is; nothing where only
    /// Django can tell.
    pub fn local(&self, object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = object.py();
        match Kind::of(object, self.django) {
            Kind::DateTime => {}
            Kind::Other => return Ok(None),
            _ => return Ok(Some(object.clone())),
        }
        let zone = object.getattr(intern!(py, "tzinfo"))?;
        if zone.is_none() {
            return Ok(Some(object.clone()));
        }
        if !self.django.is_usual_zone(&zone) {
            return Ok(None);
        }
        let (has_zones, current) = self.with(|known| Ok((known.has_zones, known.zone.clone())))?;
        if !has_zones {
            return Ok(Some(object.clone()));
        }
        object.call_method1(intern!(py, "astimezone"), (current,)).map(Some)
    }
}

impl Known<'_> {
    fn numbers(&mut self, is_localized: bool, django: &Django) -> PyResult<Rc<Numbers>> {
        let numbers = &mut self.numbers[usize::from(is_localized)];
        if let Some(numbers) = numbers {
            return Ok(numbers.clone());
        }
        let language = is_localized.then_some(&self.language);
        let arguments = (&self.memory, &django.number_formats, is_localized, language);
        let (decimal, thousand, grouping, is_grouped) =
            django.remembered.bind(self.zone.py()).call1(arguments)?.extract()?;
        Ok(numbers.insert(Rc::new(Numbers { decimal, thousand, grouping, is_grouped })).clone())
    }
}

impl Numbers {
    /// Writes decimal digits in the way of the language, with as many decimals as there are or as
    /// are asked for, as `django.utils.numberformat.format` does with strings.
    pub fn write<'d>(
        &self,
        digits: &'d str,
        decimals: Option<usize>,
        force_grouping: bool,
    ) -> Cow<'d, str> {
        let is_grouped = (self.is_grouped || force_grouping) && !self.grouping.is_empty();
        let fraction = || digits.bytes().rev().position(|byte| byte == b'.').unwrap_or(0);
        if !is_grouped
            && self.decimal == "."
            && decimals.is_none_or(|decimals| decimals == fraction())
        {
            return digits.into();
        }
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = decimals.and_then(|count| fraction.get(..count)).unwrap_or(fraction);
        let zeros = decimals.unwrap_or(0).saturating_sub(fraction.len());
        let mut written = String::with_capacity(digits.len() + zeros + 8);
        written.push_str(sign);
        if is_grouped {
            self.group(whole, &mut written);
        } else {
            written.push_str(whole);
        }
        if fraction.len() + zeros > 0 {
            written.push_str(&self.decimal);
            written.push_str(fraction);
            written.extend(std::iter::repeat_n('0', zeros));
        }
        written.into()
    }

    /// Whether digits stay as Python prints them, but for the decimal separator.
    pub fn is_plain(&self) -> bool {
        !self.is_grouped || self.grouping.is_empty()
    }

    fn group(&self, digits: &str, written: &mut String) {
        // Where the separators stand, counted from the right.
        let mut intervals = self.grouping.iter().copied();
        let mut active = intervals.next().unwrap_or(0);
        let mut places = Vec::new();
        let mut count = 0;
        for place in 0..digits.len() {
            if count != 0 && count == active {
                active = match intervals.next() {
                    Some(0) | None => active,
                    Some(next) => next,
                };
                places.push(place);
                count = 0;
            }
            count += 1;
        }
        let mut start = 0;
        for place in places.into_iter().rev() {
            let end = digits.len() - place;
            written.push_str(&digits[start..end]);
            written.push_str(&self.thousand);
            start = end;
        }
        written.push_str(&digits[start..]);
    }
}

/// Cuts a format of dates into codes and the text between. A backslash takes the meaning from the
/// character behind it.
fn parse(format: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut before = '\0';
    for character in format.chars() {
        let is_code = character.is_ascii_alphabetic()
            && b"aAbcdDeEfFgGhHiIjlLmMnNoOPrsStTUuwWyYzZ".contains(&(character as u8));
        if is_code && before != '\\' {
            if !text.is_empty() {
                pieces.push(Piece::Text(unescape(&text)));
                text.clear();
            }
            pieces.push(Piece::Code(character as u8));
        } else {
            text.push(character);
        }
        before = character;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(unescape(&text)));
    }
    pieces
}

/// Takes away the backslash in front of any character but a line feed.
fn unescape(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match characters.peek() {
            Some(&next) if character == '\\' && next != '\n' => {
                unescaped.push(next);
                characters.next();
            }
            _ => unescaped.push(character),
        }
    }
    unescaped
}
