//! Filters that make HTML or leave it alone: text goes in, source comes out.

use pyo3::prelude::*;

use super::{Argument, Surroundings, json};
use crate::value::Value;

#[derive(Debug)]
pub enum Html {
    Escape,
    EscapeJs,
    ForceEscape,
    /// The `id` of the element, with its markup, or nothing.
    JsonScript(String),
    LineBreaks,
    LineBreaksBr,
    Safe,
    StripTags,
}

impl Html {
    pub(super) fn named(name: &str, argument: &Argument<'_, '_>) -> Option<Self> {
        Some(match name {
            "escape" => Self::Escape,
            "escapejs" => Self::EscapeJs,
            "force_escape" => Self::ForceEscape,
            "json_script" => Self::JsonScript(match argument.value {
                None => String::new(),
                Some(value) => match value.string(argument.django)? {
                    ("", _) => String::new(),
                    (id, true) => format!(" id=\"{id}\""),
                    (id, false) => format!(" id=\"{}\"", escaped(id)),
                },
            }),
            "linebreaks" => Self::LineBreaks,
            "linebreaksbr" => Self::LineBreaksBr,
            "safe" => Self::Safe,
            "striptags" => Self::StripTags,
            _ => return None,
        })
    }

    pub(super) fn apply<'py>(
        &self,
        value: &Value<'py>,
        around: &Surroundings<'_, 'py>,
    ) -> PyResult<Option<Value<'py>>> {
        if let Self::JsonScript(id) = self {
            let json = json::write(value, around.django)?;
            return Ok(json.map(|json| {
                Value::safe_text(format!("<script{id} type=\"application/json\">{json}</script>"))
            }));
        }
        let Some((text, is_safe)) = value.text(around.django)? else { return Ok(None) };
        let text = text.as_ref();
        let is_escaped = around.autoescape && !is_safe;
        Ok(Some(Value::safe_text(match self {
            Self::Escape if is_safe => text.to_owned(),
            Self::Escape | Self::ForceEscape => escaped(text),
            // Django 6.1 escapes the second range of control characters, too.
            Self::EscapeJs if text.contains(is_late_control) => return Ok(None),
            Self::EscapeJs => escaped_for_scripts(text),
            Self::LineBreaks => paragraphs(text, is_escaped),
            Self::LineBreaksBr => {
                let text = with_line_feeds(text);
                let text = if is_escaped { escaped(&text) } else { text };
                text.replace('\n', "<br>")
            }
            Self::Safe => text.to_owned(),
            // Text without tags is left as it is; whatever may be a tag is Python's to parse.
            Self::StripTags if !text.contains('<') => {
                return Ok(Some(Value::Text(text.to_owned(), is_safe)));
            }
            Self::StripTags | Self::JsonScript(_) => return Ok(None),
        })))
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = Vec::with_capacity(text.len() + 16);
    template::escape(&mut escaped, text);
    String::from_utf8(escaped).unwrap_or_default()
}

fn is_late_control(character: char) -> bool {
    ('\u{7F}'..='\u{9F}').contains(&character)
}

fn escaped_for_scripts(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\\'
            | '\''
            | '"'
            | '>'
            | '<'
            | '&'
            | '='
            | '-'
            | ';'
            | '`'
            | '\u{2028}'
            | '\u{2029}'
            | '\0'..='\u{1F}' => {
                escaped.push_str(&format!("\\u{:04X}", u32::from(character)));
            }
            character => escaped.push(character),
        }
    }
    escaped
}

fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Paragraphs end where two or more line feeds stand.
fn paragraphs(text: &str, is_escaped: bool) -> String {
    let text = with_line_feeds(text);
    let mut html = String::with_capacity(text.len() + 16);
    let mut rest = text.as_str();
    loop {
        let (paragraph, next) = match rest.split_once("\n\n") {
            Some((paragraph, next)) => (paragraph, Some(next.trim_start_matches('\n'))),
            None => (rest, None),
        };
        html.push_str("<p>");
        if is_escaped {
            html.push_str(&escaped(paragraph).replace('\n', "<br>"));
        } else {
            html.push_str(&paragraph.replace('\n', "<br>"));
        }
        html.push_str("</p>");
        match next {
            Some(next) => rest = next,
            None => return html,
        }
        html.push_str("\n\n");
    }
}
