//! Rows without end tags: a loop and the text after it go in, where a parser ends its rows comes out.
//!
//! ```text
//! <ul> {% for x in xs %} <li>{{ x }} {% endfor %} </ul>
//! ```
//!
//! Each `<li>` ends the one before, and `</ul>` the last. So white space that stands first in the
//! loop belongs to the row before, and white space after the loop to the last row, unless there is
//! none. That is so where the first tag of a row and the tag after the loop both end exactly what a
//! row leaves open, which is tried out; nothing else may stand between.

use super::Scan;
use crate::elements::{Elements, Namespace};
use crate::op::Op;
use crate::tokenizer::{State, Tag};

/// Where a parser ends the rows of a loop.
pub(crate) struct Omitted {
    /// How many elements that are open before the loop end before its first row, or without rows
    /// before what follows.
    pub(crate) closes: usize,
    /// What a parser opens before the first row.
    pub(crate) implies: &'static [&'static str],
    /// The white space in front of each row.
    pub(crate) before: String,
    /// The white space between the loop and the tag after it.
    pub(crate) after: String,
}

/// Finds where the rows of a loop end. `own` of the open elements may end before it; `next` is the
/// text that follows, and `is_last` says that the page ends with it.
pub(crate) fn omitted<T>(
    elements: &Elements<T>,
    own: usize,
    (body, empty): (&[Op], &[Op]),
    next: &str,
    is_last: bool,
) -> Option<Omitted> {
    // Step 1: the first tag of a row, where the loop begins.
    let text = leading_text(body);
    let (before, rest) = white_space(&text);
    let first = tag(rest).filter(|first| !first.is_end)?;
    let without = Scan::inside(elements).elements;
    let effect = without.effect(&first);
    let closes = effect.closes_outer;
    if without.namespace() != Namespace::Html
        || effect.reach.is_some()
        || effect.drops
        || closes > own
        || closes > 0 && !(effect.implies.is_empty() && empty.is_empty())
        || !effect.implies.is_empty() && !white_space(&leading_text(empty)).0.is_empty()
    {
        return None;
    }
    let mut around = without.clone();
    around.close_outer(closes);
    for name in effect.implies {
        around.imply(name, ());
    }

    // Step 2: a row, and the next one.
    let row = Scan::inside(&around).over(body);
    let opened = row.elements.open().len();
    let again = row.elements.effect(&first);
    let is_row = row.leaves_open() && (again.closes, again.closes_outer) == (opened, 0);
    if !is_row || !again.implies.is_empty() || again.reach.is_some() || opened + closes == 0 {
        return None;
    }

    // Step 3: what follows, after a row and without any.
    let (after, rest) = white_space(next);
    let none = Scan::inside(&around).over(empty);
    if !none.leaves_open() {
        return None;
    }
    match tag(rest) {
        Some(next) => {
            let plain = around.effect(&next);
            let beyond = plain.closes + plain.closes_outer;
            let ends = |elements: &Elements<()>, opened: usize| {
                let effect = elements.effect(&next);
                effect.closes + effect.closes_outer == opened + beyond
                    && effect.closes >= elements.open().len()
                    && effect.reach.is_none()
                    && (effect.implies, effect.drops) == (plain.implies, plain.drops)
            };
            let is_end = ends(&row.elements, opened)
                && ends(&none.elements, none.elements.open().len())
                && (!effect.implies.is_empty() || ends(&without, closes));
            if plain.reach.is_some() || !is_end {
                return None;
            }
        }
        None if is_last && rest.is_empty() => {}
        None => return None,
    }
    let (before, after) = (before.to_owned(), after.to_owned());
    Some(Omitted { closes, implies: effect.implies, before, after })
}

impl Scan {
    /// Whether they concern nothing around them, but may leave elements open.
    fn leaves_open(&self) -> bool {
        self.agrees
            && self.closed == 0
            && self.reach.is_none()
            && self.implies.is_empty()
            && self.tokenizer.state == State::Data
    }

    /// The elements after a loop whose rows leave out their end tags.
    pub(super) fn end_rows(&mut self, omitted: &Omitted) {
        self.elements.close(omitted.closes);
        if self.closed == 0 && self.elements.open().len() == self.level && self.implies.is_empty() {
            self.implies = omitted.implies;
        }
        for name in omitted.implies {
            self.elements.imply(name, ());
        }
    }
}

/// The static text that operations begin with.
pub(crate) fn leading_text(ops: &[Op]) -> String {
    let texts = ops.iter().map_while(|op| match op {
        Op::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// The white space at the start, and the rest. A carriage return may be half of a line end.
fn white_space(text: &str) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches([' ', '\t', '\n', '\x0c']).len())
}

/// The tag that a text begins with, as far as its name.
fn tag(text: &str) -> Option<Tag> {
    let rest = text.strip_prefix('<')?;
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let length = name.find([' ', '\t', '\n', '\x0c', '/', '>'])?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name[..length].chars().all(|c| c.is_ascii_alphanumeric());
    is_name.then(|| Tag {
        name: name[..length].to_ascii_lowercase(),
        is_end: name.len() < rest.len(),
        ..Tag::default()
    })
}
