//! Filters that need no call of Python: a value of a plain type goes in, the filtered one comes
//! out. Any other type is left to Django's own function, and so is text beyond ASCII where Unicode
//! would matter.
//!
//! One file holds what works on one kind of value. Each has an enum whose `named` reads the
//! argument and whose `apply` does the work; both give nothing where only Django's function will
//! do, before anything happened that could be seen.

mod choices;
mod dates;
mod elapsed;
mod html;
mod json;
mod numbers;
mod sequences;
mod text;

pub use dates::write as write_date;

use pyo3::prelude::*;

use crate::django::Django;
use crate::locale::Locale;
use crate::value::Value;

/// A filter with a fast path, its argument read.
#[derive(Debug)]
pub enum Native {
    Choice(choices::Choice),
    Date(dates::Date),
    Elapsed(elapsed::Elapsed),
    Html(html::Html),
    Number(numbers::Number),
    Sequence(sequences::Sequence),
    Text(text::Text),
}

/// What a filter may ask beside its value.
pub struct Surroundings<'a, 'py> {
    pub py: Python<'py>,
    pub django: &'static Django,
    pub locale: &'a Locale<'py>,
    /// Whether values are escaped when they are printed.
    pub autoescape: bool,
}

impl Native {
    /// The fast path of a filter of Django, if it has one for this argument.
    pub fn named(
        name: &str,
        argument: Option<&Value<'_>>,
        py: Python<'_>,
        django: &Django,
    ) -> Option<Self> {
        let argument = Argument { value: argument, django };
        None.or_else(|| choices::Choice::named(name, &argument).map(Self::Choice))
            .or_else(|| text::Text::named(name, &argument).map(Self::Text))
            .or_else(|| numbers::Number::named(name, &argument).map(Self::Number))
            .or_else(|| dates::Date::named(name, &argument).map(Self::Date))
            .or_else(|| html::Html::named(name, &argument).map(Self::Html))
            .or_else(|| sequences::Sequence::named(name, &argument, py).map(Self::Sequence))
            .or_else(|| elapsed::Elapsed::named(name).map(Self::Elapsed))
    }

    /// Whether `apply` wants the argument itself: all others have read it.
    pub fn takes_argument(&self) -> bool {
        match self {
            Self::Choice(choice) => choice.takes_argument(),
            Self::Number(number) => matches!(number, numbers::Number::Add),
            Self::Sequence(sequence) => matches!(sequence, sequences::Sequence::Join),
            Self::Elapsed(_) => true,
            Self::Date(_) | Self::Html(_) | Self::Text(_) => false,
        }
    }

    /// Applies the filter, or gives nothing where only Django's function will do.
    pub fn apply<'py>(
        &self,
        value: &Value<'py>,
        argument: Option<&Value<'py>>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        match self {
            Self::Choice(choice) => choice.apply(value, argument, around),
            Self::Date(date) => date.apply(value, around),
            Self::Elapsed(elapsed) => elapsed.apply(value, argument, around),
            Self::Html(html) => html.apply(value, around),
            Self::Number(number) => number.apply(value, argument, around),
            Self::Sequence(sequence) => sequence.apply(value, argument, around),
            Self::Text(text) => text.apply(value, around),
        }
    }
}

/// The argument of a filter, while it is read.
struct Argument<'a, 'py> {
    value: Option<&'a Value<'py>>,
    django: &'a Django,
}

impl Argument<'_, '_> {
    fn is_missing(&self) -> bool {
        self.value.is_none()
    }

    /// A string.
    fn text(&self) -> Option<String> {
        self.value?.string(self.django).map(|(text, _)| text.into())
    }

    /// An integer, also one in a string, as `int()` reads it.
    fn integer(&self) -> Option<i64> {
        let value = self.value?;
        value.integer().or_else(|| integer(value.string(self.django)?.0))
    }
}

/// The integer that plain ASCII digits mean.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = (1..=18).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

/// Whether all characters are from before U+0300: none combines with another, and normal form C
/// changes none.
fn is_uncombined(text: &str) -> bool {
    text.bytes().all(|byte| byte < 0xCC)
}

/// Whether `str.split` splits at the character; for those before U+0300.
fn is_space(character: char) -> bool {
    matches!(
        character,
        '\t'..='\r' | '\u{1C}'..='\u{1F}' | ' ' | '\u{85}' | '\u{A0}'
    )
}
