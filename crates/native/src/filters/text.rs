//! Filters whose value Django turns into a string: text goes in, text or a number comes out.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::{Argument, Surroundings, is_space, is_uncombined};
use crate::value::Value;

#[derive(Debug)]
pub enum Text {
    AddSlashes,
    CapFirst,
    Center(usize),
    Cut(String),
    Lower,
    PadEnd(usize),
    PadStart(usize),
    Slugify,
    Title,
    TruncateChars(usize),
    TruncateWords(usize),
    Upper,
    /// The characters that stay beside letters and digits.
    UrlEncode(String),
    WordCount,
}

/// Wider fields are Django's to refuse.
const WIDEST: usize = 10_000;

impl Text {
    pub(super) fn named(name: &str, argument: &Argument<'_, '_>) -> Option<Self> {
        // Nothing is left of a text that is cut at zero or before.
        let length = || Some(usize::try_from(argument.integer()?).unwrap_or(0));
        // Fields narrower than nothing are Django's to refuse or to ignore.
        let width = || usize::try_from(argument.integer()?).ok().filter(|width| *width <= WIDEST);
        Some(match name {
            "addslashes" => Self::AddSlashes,
            "capfirst" => Self::CapFirst,
            "center" => Self::Center(width()?),
            "cut" => Self::Cut(argument.text()?),
            "lower" => Self::Lower,
            "ljust" => Self::PadEnd(width()?),
            "rjust" => Self::PadStart(width()?),
            "slugify" => Self::Slugify,
            "title" => Self::Title,
            "truncatechars" => Self::TruncateChars(length()?),
            "truncatewords" => Self::TruncateWords(length()?),
            "upper" => Self::Upper,
            "urlencode" if argument.is_missing() => Self::UrlEncode("/".into()),
            "urlencode" => Self::UrlEncode(argument.text()?),
            "wordcount" => Self::WordCount,
            _ => return None,
        })
    }

    pub(super) fn apply<'py>(
        &self,
        value: &Value<'py>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        let Some((text, is_safe)) = value.text(around.django)? else { return Ok(None) };
        let text = text.as_ref();
        let filtered: Cow<'_, str> = match self {
            Self::AddSlashes => {
                let backslashed = text.replace('\\', "\\\\");
                backslashed.replace('"', "\\\"").replace('\'', "\\'").into()
            }
            Self::CapFirst => match cap_first(text) {
                Some(text) => text.into(),
                None => return Ok(None),
            },
            Self::Cut(part) => {
                // Django keeps a safe string safe unless the part is a semicolon.
                let rest = text.replace(part.as_str(), "");
                return Ok(Some(Value::Text(rest, is_safe && part != ";")));
            }
            Self::Lower if text.is_ascii() => text.to_ascii_lowercase().into(),
            Self::Lower if is_old_latin(text) => text.to_lowercase().into(),
            // Not a safe filter: `&amp;` in upper case is something else.
            Self::Upper if is_old_latin(text) => {
                return Ok(Some(Value::unsafe_text(text.to_uppercase())));
            }
            Self::Lower | Self::Upper => return Ok(None),
            Self::Center(width) => {
                let missing = width.saturating_sub(text.chars().count());
                // On which side an odd space stands depends on the version of Django.
                if missing % 2 == 1 {
                    return Ok(None);
                }
                padded(text, missing / 2, missing / 2).into()
            }
            Self::PadEnd(width) => {
                padded(text, 0, width.saturating_sub(text.chars().count())).into()
            }
            Self::PadStart(width) => {
                padded(text, width.saturating_sub(text.chars().count()), 0).into()
            }
            Self::Slugify if text.is_ascii() => slug(text).into(),
            Self::Title if text.is_ascii() => title(text).into(),
            Self::Slugify | Self::Title => return Ok(None),
            Self::TruncateChars(length) if is_uncombined(text) => {
                match truncated(text, *length, around)? {
                    Some(text) => text,
                    None => return Ok(None),
                }
            }
            Self::TruncateWords(length) if is_uncombined(text) => first_words(text, *length).into(),
            Self::TruncateChars(_) | Self::TruncateWords(_) => return Ok(None),
            // Python's `quote` gives an empty text back as it is, safe or not.
            Self::UrlEncode(_) if text.is_empty() => text.into(),
            Self::UrlEncode(safe) => {
                return Ok(Some(Value::unsafe_text(url_encoded(text, safe))));
            }
            Self::WordCount if is_uncombined(text) => {
                return Ok(Some(Value::Int(words(text).count() as i64)));
            }
            Self::WordCount => return Ok(None),
        };
        Ok(Some(match (filtered, value) {
            // All of a string.
            (Cow::Borrowed(rest), Value::Object(object))
                if rest.len() == text.len() && object.is_instance_of::<PyString>() =>
            {
                value.clone()
            }
            (filtered, _) => Value::Text(filtered.into_owned(), is_safe),
        }))
    }
}

/// Whether all characters are from before U+0180, whose cases are the same in every version of
/// Unicode. Later Latin letters still get partners.
fn is_old_latin(text: &str) -> bool {
    text.bytes().all(|byte| byte < 0xC6)
}

fn cap_first(text: &str) -> Option<String> {
    let Some(first) = text.chars().next() else { return Some(String::new()) };
    let (first, rest) = text.split_at(first.len_utf8());
    is_old_latin(first).then(|| first.to_uppercase() + rest)
}

fn padded(text: &str, before: usize, after: usize) -> String {
    let mut padded = String::with_capacity(before + text.len() + after);
    padded.extend(std::iter::repeat_n(' ', before));
    padded.push_str(text);
    padded.extend(std::iter::repeat_n(' ', after));
    padded
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|word| !word.is_empty())
}

fn first_words(text: &str, count: usize) -> String {
    let mut words = words(text);
    if count == 0 {
        return String::new();
    }
    let first: Vec<&str> = words.by_ref().take(count).collect();
    let is_cut = words.next().is_some();
    first.join(" ") + if is_cut { " …" } else { "" }
}

/// Text of at most so many characters, the last one an ellipsis where something is missing.
fn truncated<'t>(
    text: &'t str,
    length: usize,
    around: &Surroundings<'_, '_>,
) -> PyResult<Option<Cow<'t, str>>> {
    if length == 0 {
        return Ok(Some("".into()));
    }
    if text.len() <= length || text.chars().nth(length).is_none() {
        return Ok(Some(text.into()));
    }
    // What a language puts around the rest is Django's business.
    if &*around.locale.ellipsis()? != "…" {
        return Ok(None);
    }
    let end = text.char_indices().nth(length - 1).map_or(text.len(), |(index, _)| index);
    Ok(Some([&text[..end], "…"].concat().into()))
}

/// ASCII letters, digits, underscores, and single hyphens for what is between.
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || character == '_' {
            slug.push(character.to_ascii_lowercase());
        } else if (character == '-' || is_space(character)) && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches(['-', '_']).into()
}

/// Words with a capital letter each, but for those behind an apostrophe or a digit.
fn title(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut is_within = false;
    for byte in &mut bytes {
        if is_within {
            byte.make_ascii_lowercase();
        } else {
            byte.make_ascii_uppercase();
        }
        is_within = byte.is_ascii_alphabetic();
    }
    let mut place = 0;
    while place + 2 < bytes.len() {
        let is_match = bytes[place].is_ascii_lowercase()
            && bytes[place + 1] == b'\''
            && bytes[place + 2].is_ascii_uppercase();
        if is_match {
            bytes[place + 2].make_ascii_lowercase();
        }
        // What a match took is not part of the next one.
        place += if is_match { 3 } else { 1 };
    }
    for place in 1..bytes.len() {
        if bytes[place - 1].is_ascii_digit() {
            bytes[place].make_ascii_lowercase();
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn url_encoded(text: &str, safe: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        let stays = byte.is_ascii_alphanumeric()
            || b"_.-~".contains(&byte)
            || byte.is_ascii() && safe.as_bytes().contains(&byte);
        if stays {
            encoded.push(byte.into());
        } else {
            encoded.push('%');
            encoded.push(DIGITS[usize::from(byte >> 4)].into());
            encoded.push(DIGITS[usize::from(byte & 15)].into());
        }
    }
    encoded
}
