//! A definition, prepared: what the diff needs of it, without its HTML.

use alloc::vec::Vec;

use protocol::{Definition, FLAG_SINGLE, HoleKind, Piece, Scan};

/// How many ids the top-level nodes of an instance take: one for a single element, else two.
#[must_use]
pub const fn lead(definition: &Definition) -> u32 {
    if definition.flags & FLAG_SINGLE == 0 { 2 } else { 1 }
}

/// What the diff knows of a template.
pub(crate) struct Template {
    /// Its name for ever.
    pub hash: [u8; 8],
    /// How many values lead each fragment.
    pub scalars: u32,
    /// The value that names a list row.
    pub key: Option<u32>,
    /// Whether a list has rows of it.
    pub is_row: bool,
    /// How many node ids an instance takes.
    pub ids: u32,
    /// Scalar holes in document order; those of one part follow each other.
    pub holes: Vec<ScalarHole>,
    /// Structures in slot order.
    pub structures: Vec<Structure>,
    /// What is known of its variables, encoded.
    pub variables: Vec<u8>,
}

/// A hole that a scalar fills.
pub(crate) struct ScalarHole {
    pub slot: u32,
    /// The id of its part's node, counted from the base of the instance.
    pub node: u32,
    /// Whether it stands between tags, and so has a text node of its own.
    pub is_text: bool,
}

/// A hole that fragments fill.
pub(crate) struct Structure {
    pub kind: HoleKind,
    /// The template of what stands in it, if it is always the same.
    pub template: u32,
    /// The id of its anchor, counted from the base of the instance.
    pub anchor: u32,
}

impl Template {
    /// Stands for one that is not known, in a frame that is refused.
    pub const NONE: &Self = &Self {
        hash: [0; 8],
        scalars: 0,
        key: None,
        is_row: false,
        ids: 0,
        holes: Vec::new(),
        structures: Vec::new(),
        variables: Vec::new(),
    };

    /// Reads a definition.
    pub fn read(scan: &mut Scan<'_>) -> Self {
        let (mut parts, mut holes, mut structures) = (0, Vec::new(), Vec::new());
        let definition = Definition::walk(scan, |piece| {
            let Piece::Hole(hole) = piece else { return };
            // A joined hole belongs to the part before it; the first hole of all is never joined.
            parts += u32::from(!hole.joined);
            let part = u32::saturating_sub(parts, 1);
            if hole.kind.is_structure() {
                let template = hole.template.unwrap_or_default().0;
                structures.push(Structure { kind: hole.kind, template, anchor: part });
            } else {
                let is_text = hole.kind == HoleKind::Text;
                holes.push(ScalarHole { slot: hole.slot, node: part, is_text });
            }
        });
        let lead = lead(&definition);
        structures.iter_mut().for_each(|structure| structure.anchor += lead);
        holes.iter_mut().for_each(|hole| hole.node += lead);
        let Definition { hash, scalars, key, variables, .. } = definition;
        Self { hash, scalars, key, is_row: false, ids: lead + parts, holes, structures, variables }
    }
}
