//! A filling of a template as plain values: its bytes on the wire, and its HTML.

use protocol::{Definition, Part, Scalar, TemplateId, write};

use crate::html;

/// The value of a scalar hole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Text; its source is escaped.
    Text(String),
    /// An integer.
    Int(i64),
    /// Text whose source is itself.
    Verbatim(String),
    /// HTML source.
    Html(String),
}

/// One filling of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The template.
    pub template: TemplateId,
    /// The scalars in slot order.
    pub scalars: Vec<Value>,
    /// What each structure holds, in slot order; a condition holds none or one.
    pub structures: Vec<Vec<Fragment>>,
}

impl Value {
    /// As the protocol has it.
    #[must_use]
    pub fn as_scalar(&self) -> Scalar<'_> {
        match self {
            Self::Text(text) => Scalar::Text(text),
            Self::Int(number) => Scalar::Int(*number),
            Self::Verbatim(text) => Scalar::Verbatim(text),
            Self::Html(source) => Scalar::Html(source),
        }
    }

    /// What Django prints for it.
    #[must_use]
    pub fn source(&self) -> String {
        match self {
            Self::Text(text) => html::escape(text),
            Self::Int(number) => number.to_string(),
            Self::Verbatim(text) | Self::Html(text) => text.clone(),
        }
    }
}

impl From<Scalar<'_>> for Value {
    fn from(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::Text(text) => Self::Text(text.into()),
            Scalar::Int(number) => Self::Int(number),
            Scalar::Verbatim(text) => Self::Verbatim(text.into()),
            Scalar::Html(source) => Self::Html(source.into()),
        }
    }
}

impl Fragment {
    /// A filling without values yet.
    #[must_use]
    pub const fn new(template: TemplateId) -> Self {
        Self { template, scalars: Vec::new(), structures: Vec::new() }
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.scalars.push(Value::Text(text.into()));
        self
    }

    /// Adds an integer.
    #[must_use]
    pub fn int(mut self, number: i64) -> Self {
        self.scalars.push(Value::Int(number));
        self
    }

    /// Adds what the next structure holds.
    #[must_use]
    pub fn holds(mut self, fragments: impl IntoIterator<Item = Self>) -> Self {
        self.structures.push(fragments.into_iter().collect());
        self
    }

    /// The fragment as it travels. The kinds of its structures follow from what they hold only in
    /// part, so lists are told apart by `definitions`.
    ///
    /// # Panics
    /// If the fragment does not fit its template.
    pub fn encode(&self, definitions: &[Definition], out: &mut Vec<u8>) {
        for value in &self.scalars {
            write::scalar(out, value.as_scalar());
        }
        let kinds = definitions[self.template.0 as usize].holes().map(|hole| hole.kind);
        let kinds: Vec<_> = kinds.filter(|kind| kind.is_structure()).collect();
        assert_eq!(kinds.len(), self.structures.len(), "the structures fit the template");
        for (kind, fragments) in kinds.into_iter().zip(&self.structures) {
            encode_structure(kind, fragments, definitions, out);
        }
    }

    /// What Django prints for it, and the tags that an HTML parser implies.
    #[must_use]
    pub fn html(&self, definitions: &[Definition]) -> String {
        let definition = &definitions[self.template.0 as usize];
        let mut out = String::new();
        for part in &definition.parts {
            match part {
                Part::Static(source) | Part::Implied(source) => out += source,
                Part::Hole(hole) if hole.kind.is_structure() => {
                    let index = (hole.slot - definition.scalars) as usize;
                    for fragment in &self.structures[index] {
                        out += &fragment.html(definitions);
                    }
                }
                Part::Hole(hole) => match (&self.scalars[hole.slot as usize], hole.kind) {
                    (
                        Value::Text(source),
                        protocol::HoleKind::Attributes | protocol::HoleKind::RawText,
                    ) => out += source,
                    (value, _) => out += &value.source(),
                },
            }
        }
        out
    }
}

/// Writes what a structure holds.
pub(crate) fn encode_structure(
    kind: protocol::HoleKind,
    fragments: &[Fragment],
    definitions: &[Definition],
    out: &mut Vec<u8>,
) {
    match (kind, fragments) {
        (protocol::HoleKind::Condition, []) => write::boolean(out, false),
        (protocol::HoleKind::Condition, [body]) => {
            write::uint(out, u64::from(body.template.0));
        }
        (protocol::HoleKind::List, _) => write::uint(out, fragments.len() as u64),
        (protocol::HoleKind::Fragment, [_]) => {}
        _ => panic!("a condition holds none or one, a fragment one"),
    }
    for fragment in fragments {
        fragment.encode(definitions, out);
    }
}
