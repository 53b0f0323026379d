//! Render trees: the static shape of a template as it travels once, and the values of its holes.

use alloc::{string::String, vec::Vec};

use crate::{ErrorKind, Reader, Result, Scan};

/// The template is exactly one element.
pub const FLAG_SINGLE: u8 = 1;
/// The markup of the template stands inside `svg`.
pub const FLAG_SVG: u8 = 2;
/// The markup of the template stands inside `math`.
pub const FLAG_MATH: u8 = 4;
/// Variables follow the parts.
pub const FLAG_VARIABLES: u8 = 8;

/// A template on one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TemplateId(pub u32);

/// The static shape of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Names the template for ever: a hash of everything else here.
    pub hash: [u8; 8],
    /// [`FLAG_SINGLE`], [`FLAG_SVG`], [`FLAG_MATH`], [`FLAG_VARIABLES`].
    pub flags: u8,
    /// The slot that holds the key of a list row.
    pub key: Option<u32>,
    /// How many slots are scalars; structures take the slots after them.
    pub scalars: u32,
    /// Static source and holes, in document order.
    pub parts: Vec<Part>,
    /// What is known of the variables that fill slots: an encoded array of [`Variable`]s, if the
    /// flag says so.
    pub variables: Vec<u8>,
}

/// A slot that one variable alone fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// The slot: of a scalar, a condition, or a list whose sequence it is.
    pub slot: u32,
    /// How many list rows out it is the loop that gives the variable; 0: the view does.
    pub rows: u32,
    /// As the template spells it: `liked`, `todo.done`.
    pub name: &'a [u8],
    /// What the slot holds if the variable is true, and if it is not. None: it prints the variable.
    pub cases: Option<[&'a [u8]; 2]>,
    /// The variable counts as true if it prints this encoded scalar; none: if Python says so.
    pub equals: Option<&'a [u8]>,
}

impl<'a> Variable<'a> {
    /// Reads `[slot, rows, name]`, `[slot, rows, name, yes, no]` or
    /// `[slot, rows, name, yes, no, text]`.
    ///
    /// `yes` and `no` are encoded scalars; for a condition a template number, `false` for nothing,
    /// or nil for what cannot be shown without the server.
    pub fn read(scan: &mut Scan<'a>) -> Self {
        let length = scan.array_len();
        let (slot, rows, name) = (scan.uint(), scan.uint(), scan.str());
        let cases = if length > 3 { Some([scan.value(), scan.value()]) } else { None };
        let equals = if length > 5 { Some(scan.value()) } else { None };
        Self { slot, rows, name, cases, equals }
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// HTML source as Django prints it.
    Static(String),
    /// A tag that an HTML parser adds here: in the DOM, not in the source.
    Implied(String),
    /// A gap that a value fills.
    Hole(Hole),
}

/// A gap in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Where it stands and what fills it.
    pub kind: HoleKind,
    /// Whether it stands in the same attribute, element or comment as the hole before it.
    pub joined: bool,
    /// Which value of the fragment fills it.
    pub slot: u32,
    /// The template of a list's rows or of a fixed fragment.
    pub template: Option<TemplateId>,
}

/// Where a hole stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum HoleKind {
    /// Between tags.
    Text = 0,
    /// Inside an attribute's value.
    Attribute = 1,
    /// Inside a tag: the source of attributes.
    Attributes = 2,
    /// In `textarea` or `title`.
    EscapedText = 3,
    /// In `script`, `style` or a comment.
    RawText = 4,
    /// Nothing, or a fragment of any template.
    Condition = 5,
    /// Any number of fragments of one template.
    List = 6,
    /// One fragment of one template.
    Fragment = 7,
}

impl HoleKind {
    /// Whether a structure fills it rather than a scalar.
    #[must_use]
    pub const fn is_structure(self) -> bool {
        matches!(self, Self::Condition | Self::List | Self::Fragment)
    }

    const fn from_code(code: u32) -> Self {
        match code & 7 {
            0 => Self::Text,
            1 => Self::Attribute,
            2 => Self::Attributes,
            3 => Self::EscapedText,
            4 => Self::RawText,
            5 => Self::Condition,
            6 => Self::List,
            _ => Self::Fragment,
        }
    }
}

impl Hole {
    /// The hole as one number, without its template.
    #[must_use]
    pub const fn code(&self) -> u64 {
        self.slot as u64 * 16 + self.joined as u64 * 8 + self.kind as u64
    }

    /// The hole that [`code`](Self::code) wrote as this number.
    #[must_use]
    pub const fn from_code(code: u32, template: Option<TemplateId>) -> Self {
        Self { kind: HoleKind::from_code(code), joined: code & 8 != 0, slot: code >> 4, template }
    }
}

/// The value of a scalar hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// Text as it is; its source is escaped.
    Text(&'a str),
    /// An integer, printed in decimal.
    Int(i64),
    /// Text whose source is itself.
    Verbatim(&'a str),
    /// HTML source.
    Html(&'a str),
}

impl Definition {
    /// Reads what [`write::definition`](crate::write::definition) wrote.
    ///
    /// # Errors
    /// As [`Reader`]; `OutOfRange` at slots that leave a gap, a structure among the scalars or a scalar
    /// among the structures, a list or fragment without its template, and a hole joined to one of
    /// another kind or of one that stands alone.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut scan = Scan::new(reader.rest());
        let hash = <[u8; 8]>::try_from(scan.bin());
        let flags = scan.uint() as u8;
        let key = scan.uint().checked_sub(1);
        let declared = scan.uint();
        let mut parts = Vec::new();
        let (mut scalars, mut structures) = (0, declared);
        let (mut is_sound, mut is_text) = (hash.is_ok(), true);
        let mut text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.into());
            is_text &= text.is_ok();
            text.unwrap_or_default()
        };
        let mut before = HoleKind::Text;
        for _ in 0..scan.uint() {
            if !is_sound || scan.has_failed() {
                break;
            }
            let hole = match scan.peek() {
                0x91 => {
                    scan.array_len();
                    parts.push(Part::Implied(text(scan.str())));
                    continue;
                }
                0x92 => {
                    scan.array_len();
                    Hole::from_code(scan.uint(), Some(TemplateId(scan.uint())))
                }
                0x00..=0x7f | 0xcc..=0xcf => Hole::from_code(scan.uint(), None),
                _ => {
                    parts.push(Part::Static(text(scan.str())));
                    continue;
                }
            };
            let is_structure = hole.kind.is_structure();
            let next = if is_structure { &mut structures } else { &mut scalars };
            let fixed = matches!(hole.kind, HoleKind::List | HoleKind::Fragment);
            let shared = !is_structure && hole.slot < *next;
            is_sound = (shared || hole.slot == *next) && hole.template.is_some() == fixed;
            let joins = hole.kind == before && matches!(before as u32, 1 | 3 | 4);
            is_sound &= joins || !hole.joined;
            before = hole.kind;
            *next += u32::from(!shared);
            parts.push(Part::Hole(hole));
        }
        let start = scan.position();
        if flags & FLAG_VARIABLES > 0 {
            scan.value();
        }
        let variables = scan.since(start).into();
        if !is_sound || scalars != declared || key.is_some_and(|slot| slot >= scalars) {
            scan.fail(ErrorKind::OutOfRange);
        }
        if !is_text {
            scan.fail(ErrorKind::NotUtf8);
        }
        scan.result()?;
        reader.seek(reader.position() + scan.position());
        Ok(Self { hash: hash.unwrap_or_default(), flags, key, scalars, parts, variables })
    }

    /// The holes, in document order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            _ => None,
        })
    }
}
