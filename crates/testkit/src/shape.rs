//! A definition from its HTML, in which `{…}` are the holes.

use protocol::{
    Definition, FLAG_SINGLE, FLAG_VARIABLES, Hole, HoleKind, Part, Reader, TemplateId, Variable,
    write,
};

use crate::html::{self, Node};

/// Builds a definition. The flag for a single element and the number of scalars are found out.
///
/// | hole | is |
/// |---|---|
/// | `{0}` | a text hole of slot 0 |
/// | `{0 key}` | the same, and the slot is the key of the row |
/// | `{0 attribute}`, `{0 attributes}`, `{0 escaped}`, `{0 raw}` | the other scalar holes |
/// | `{+0 attribute}` | a hole joined to the one before it |
/// | `{2 if}` | a condition |
/// | `{2 for 1}` | a list of fragments of template 1 |
/// | `{2 with 1}` | one fragment of template 1 |
/// | `{implied <tbody>}` | a tag that is in the DOM and not in the source |
///
/// ```
/// let row = testkit::shape("<li class=\"{0 attribute}\">{1 key}</li>");
/// assert_eq!((row.scalars, row.key, row.flags), (2, Some(1), protocol::FLAG_SINGLE));
/// ```
///
/// # Panics
/// If the text is not as described, or if no definition may look like that.
#[must_use]
pub fn shape(text: &str) -> Definition {
    let mut definition = Definition::default();
    let mut rest = text;
    while let Some((source, tail)) = rest.split_once('{') {
        let (hole, tail) = tail.split_once('}').expect("a hole ends with a brace");
        if !source.is_empty() {
            definition.parts.push(Part::Static(source.into()));
        }
        definition.parts.push(part(hole, &mut definition.key));
        rest = tail;
    }
    if !rest.is_empty() {
        definition.parts.push(Part::Static(rest.into()));
    }
    for hole in definition.parts.iter().filter_map(as_scalar) {
        definition.scalars = definition.scalars.max(hole.slot + 1);
    }
    if let [Node::Element { .. }] = html::prototype(&definition)[..] {
        definition.flags |= FLAG_SINGLE;
    }
    // A name for the template: its text, folded to eight bytes.
    for (at, byte) in text.bytes().enumerate() {
        let place = &mut definition.hash[at % 8];
        *place = place.wrapping_mul(31).wrapping_add(byte);
    }
    let mut bytes = Vec::new();
    write::definition(&mut bytes, &definition);
    let read = Definition::read(&mut Reader::new(&bytes));
    assert_eq!(read.as_ref(), Ok(&definition), "{text} is a definition that may travel");
    definition
}

/// A definition with notes of its variables: `slot rows name`, and `yes no` with `-` for nothing,
/// `?` for what cannot be shown, a number for a template, and anything else for a text.
///
/// ```
/// let row = testkit::noted("<li class=\"{0 attribute}\">{1}</li>", &["0 1 todo.done on off", "1 1 todo.title"]);
/// assert_eq!(row.flags & protocol::FLAG_VARIABLES, protocol::FLAG_VARIABLES);
/// ```
///
/// # Panics
/// As [`shape`], or if a note is not as described.
#[must_use]
pub fn noted(text: &str, notes: &[&str]) -> Definition {
    let mut definition = shape(text);
    definition.flags |= FLAG_VARIABLES;
    write::array_len(&mut definition.variables, notes.len());
    for note in notes {
        let words: Vec<&str> = note.split(' ').collect();
        let number = |at: usize| words[at].parse().expect("a number");
        let case = |word: &&str| {
            let mut out = Vec::new();
            match (*word, word.parse()) {
                ("-", _) => write::boolean(&mut out, false),
                ("?", _) => write::nil(&mut out),
                (_, Ok(number)) => write::uint(&mut out, number),
                (text, _) => write::str(&mut out, text),
            }
            out
        };
        let cases: Vec<Vec<u8>> = words.iter().skip(3).take(2).map(case).collect();
        let cases = if let [yes, no] = &cases[..] { Some([&yes[..], &no[..]]) } else { None };
        let equals = words.get(5).map(case);
        let equals = equals.as_deref();
        let (slot, rows, name) = (number(0), number(1), words[2].as_bytes());
        let variable = Variable { slot, rows, name, cases, equals };
        write::variable(&mut definition.variables, &variable);
    }
    definition
}

fn part(text: &str, key: &mut Option<u32>) -> Part {
    if let Some(tag) = text.strip_prefix("implied ") {
        return Part::Implied(tag.into());
    }
    let words: Vec<&str> = text.split(' ').collect();
    let slot = words[0].trim_start_matches('+').parse().expect("a hole names its slot");
    let kind = match words.get(1).copied().unwrap_or("text") {
        "key" => {
            *key = Some(slot);
            HoleKind::Text
        }
        "text" => HoleKind::Text,
        "attribute" => HoleKind::Attribute,
        "attributes" => HoleKind::Attributes,
        "escaped" => HoleKind::EscapedText,
        "raw" => HoleKind::RawText,
        "if" => HoleKind::Condition,
        "for" => HoleKind::List,
        "with" => HoleKind::Fragment,
        other => panic!("{other} is no kind of hole"),
    };
    let template = words.get(2).map(|number| TemplateId(number.parse().expect("a number")));
    Part::Hole(Hole { kind, joined: text.starts_with('+'), slot, template })
}

fn as_scalar(part: &Part) -> Option<&Hole> {
    match part {
        Part::Hole(hole) if !hole.kind.is_structure() => Some(hole),
        _ => None,
    }
}
