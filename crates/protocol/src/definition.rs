//! Render trees: the static shape of a template as it travels once, and the values of its holes.

use alloc::{string::String, vec::Vec};

use crate::{ErrorKind, Reader, Result};

/// The template is exactly one element.
pub const FLAG_SINGLE: u8 = 1;
/// The markup of the template stands inside `svg`.
pub const FLAG_SVG: u8 = 2;
/// The markup of the template stands inside `math`.
pub const FLAG_MATH: u8 = 4;

/// A template on one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TemplateId(pub u32);

/// The static shape of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Names the template for ever: a hash of everything else here.
    pub hash: [u8; 8],
    /// [`FLAG_SINGLE`], [`FLAG_SVG`], [`FLAG_MATH`].
    pub flags: u8,
    /// The slot that holds the key of a list row.
    pub key: Option<u32>,
    /// How many slots are scalars; structures take the slots after them.
    pub scalars: u32,
    /// Static source and holes, in document order.
    pub parts: Vec<Part>,
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

/// A [`Part`] as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As [`Part::Static`].
    Static(&'a str),
    /// As [`Part::Implied`].
    Implied(&'a str),
    /// As [`Part::Hole`].
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

    const fn from_code(code: u32, template: Option<TemplateId>) -> Self {
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
    /// As [`walk`](Self::walk).
    pub fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut parts = Vec::new();
        let mut definition = Self::walk(reader, |piece| {
            parts.push(match piece {
                Piece::Static(source) => Part::Static(source.into()),
                Piece::Implied(tag) => Part::Implied(tag.into()),
                Piece::Hole(hole) => Part::Hole(hole),
            });
        })?;
        definition.parts = parts;
        Ok(definition)
    }

    /// The same without keeping the parts: `each` gets them one by one.
    ///
    /// # Errors
    /// Refuses slots that leave a gap, a structure among the scalars or a scalar among the
    /// structures, and a list or fragment without its template.
    pub fn walk<'a>(reader: &mut Reader<'a>, mut each: impl FnMut(Piece<'a>)) -> Result<Self> {
        let mut definition = Self::default();
        match <[u8; 8]>::try_from(reader.bin()?) {
            Ok(hash) => definition.hash = hash,
            Err(_) => return reader.error(ErrorKind::OutOfRange),
        }
        definition.flags = reader.uint()? as u8;
        definition.key = reader.uint()?.checked_sub(1);
        definition.scalars = reader.uint()?;
        let mut structures = definition.scalars;
        let mut scalars = 0;
        for _ in 0..reader.uint()? {
            let hole = match reader.peek()? {
                0x91 => {
                    reader.array_len()?;
                    each(Piece::Implied(reader.str()?));
                    continue;
                }
                0x92 => {
                    reader.array_len()?;
                    let code = reader.uint()?;
                    Hole::from_code(code, Some(TemplateId(reader.uint()?)))
                }
                0x00..=0x7f | 0xcc..=0xcf => Hole::from_code(reader.uint()?, None),
                _ => {
                    each(Piece::Static(reader.str()?));
                    continue;
                }
            };
            let next = if hole.kind.is_structure() { &mut structures } else { &mut scalars };
            let fixed = matches!(hole.kind, HoleKind::List | HoleKind::Fragment);
            let shared = !hole.kind.is_structure() && hole.slot < *next;
            if !shared && hole.slot != *next || hole.template.is_some() != fixed {
                return reader.error(ErrorKind::OutOfRange);
            }
            *next += u32::from(!shared);
            each(Piece::Hole(hole));
        }
        if scalars != definition.scalars || definition.key.is_some_and(|slot| slot >= scalars) {
            return reader.error(ErrorKind::OutOfRange);
        }
        Ok(definition)
    }

    /// The holes, in document order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            _ => None,
        })
    }
}
