//! Filters that choose between words or values: a value goes in, one of its alternatives comes out.

use pyo3::prelude::*;

use super::{Argument, Surroundings, integer};
use crate::value::{Kind, Value};

#[derive(Debug)]
pub enum Choice {
    Default,
    DefaultIfNone,
    /// The suffixes for one and for any other number.
    Pluralize(String, String),
    /// The words for yes, no and maybe; those of the language where the template gives none.
    YesNo(Option<Vec<String>>),
}

impl Choice {
    pub(super) fn named(name: &str, argument: &Argument<'_, '_>) -> Option<Self> {
        Some(match name {
            "default" => Self::Default,
            "default_if_none" => Self::DefaultIfNone,
            "pluralize" => {
                let suffixes = if argument.is_missing() { "s".into() } else { argument.text()? };
                let bits: Vec<&str> = suffixes.split(',').collect();
                match bits[..] {
                    [plural] => Self::Pluralize(String::new(), plural.into()),
                    [singular, plural] => Self::Pluralize(singular.into(), plural.into()),
                    _ => Self::Pluralize(String::new(), String::new()),
                }
            }
            "yesno" if argument.is_missing() => Self::YesNo(None),
            "yesno" => Self::YesNo(Some(words(&argument.text()?))),
            _ => return None,
        })
    }

    pub(super) fn takes_argument(&self) -> bool {
        matches!(self, Self::Default | Self::DefaultIfNone)
    }

    pub(super) fn apply<'py>(
        &self,
        value: &Value<'py>,
        argument: Option<&Value<'py>>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        Ok(match self {
            Self::Default => if value.is_true()? { Some(value) } else { argument }.cloned(),
            Self::DefaultIfNone => if value.is_none() { argument } else { Some(value) }.cloned(),
            Self::Pluralize(singular, plural) => match is_one(value, around)? {
                Some(Some(is_one)) => {
                    Some(Value::unsafe_text(if is_one { singular } else { plural }))
                }
                Some(None) => Some(Value::unsafe_text("")),
                None => None,
            },
            Self::YesNo(Some(words)) => Some(yes_or_no(value, words)?),
            Self::YesNo(None) => {
                Some(yes_or_no(value, &words(&around.locale.word("yes,no,maybe", 0)?))?)
            }
        })
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(Into::into).collect()
}

fn yes_or_no<'py>(value: &Value<'py>, words: &[String]) -> PyResult<Value<'py>> {
    let (yes, no, maybe) = match words {
        [yes, no, maybe] => (yes, no, maybe),
        [yes, no, ..] => (yes, no, no),
        _ => return Ok(value.clone()),
    };
    let word = if value.is_none() {
        maybe
    } else if value.is_true()? {
        yes
    } else {
        no
    };
    Ok(Value::unsafe_text(word))
}

/// Whether a number is one, or a container has one item; `Some(None)` where that cannot be said,
/// nothing where only Django can.
fn is_one(value: &Value<'_>, around: &Surroundings<'_, '_>) -> PyResult<Option<Option<bool>>> {
    if let Some(number) = value.integer() {
        return Ok(Some(Some(number == 1)));
    }
    if let Some((text, _)) = value.string(around.django) {
        return Ok(match integer(text) {
            Some(number) => Some(Some(number == 1)),
            None => text.is_empty().then_some(None),
        });
    }
    Ok(match value {
        Value::Bool(flag) => Some(Some(*flag)),
        Value::Object(object) => match Kind::of(object, around.django) {
            Kind::Float => Some(Some(object.extract::<f64>()? == 1.0)),
            Kind::Bool => Some(Some(object.is_truthy()?)),
            Kind::List | Kind::Tuple | Kind::Dict => Some(Some(object.len()? == 1)),
            Kind::None => Some(None),
            _ => None,
        },
        _ => None,
    })
}
