//! A definition, prepared: what the diff needs of it, without its HTML.

use alloc::vec::Vec;

use protocol::{ErrorKind, FLAG_SINGLE, FLAG_VARIABLES, HoleKind, Scan, write};

/// How many ids the top-level nodes of an instance take, by the flags of its definition: one for a single element, else two.
#[must_use]
pub const fn lead(flags: u8) -> u32 {
    if flags & FLAG_SINGLE == 0 { 2 } else { 1 }
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
    pub holes: Vec<Hole>,
    /// Structures in slot order.
    pub structures: Vec<Hole>,
    /// What is known of its variables, encoded.
    pub variables: Vec<u8>,
}

/// A hole.
pub(crate) struct Hole {
    pub kind: HoleKind,
    /// The id of its part's node, of a structure's anchor, counted from the base of the instance.
    pub node: u32,
    /// The slot of a scalar; the template of what stands in a structure, if it is always the same.
    pub number: u32,
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

    /// Reads what the diff needs of a definition. What its HTML says is the browser's matter, which
    /// makes a prototype of it. But each value that the page is told to read has to be there, or it
    /// would go on at the wrong place.
    pub fn read(scan: &mut Scan<'_>) -> Self {
        let hash = scan.bin().first_chunk().copied().unwrap_or_default();
        let flags = scan.uint() as u8;
        let (key, scalars) = (scan.uint(), scan.uint());
        let lead = lead(flags);
        let mut ids = lead;
        let (mut holes, mut structures) = (Vec::new(), Vec::new());
        let mut may_join = false;
        let mut left = scan.uint();
        while left > 0 && !scan.has_failed() {
            left -= 1;
            // A hole with its template, a tag in an array, or what stands alone.
            let mut piece = Scan::new(scan.value());
            let is_fixed = piece.peek() == 0x92;
            if is_fixed {
                piece.array_len();
            }
            let code = piece.uint();
            if piece.has_failed() {
                continue;
            }
            let hole = protocol::Hole::from_code(code, None);
            // A joined hole belongs to the part before it.
            ids += u32::from(!hole.joined);
            let number = if is_fixed { piece.uint() } else { hole.slot };
            let is_scalar = !hole.kind.is_structure();
            if hole.joined && !(may_join && is_scalar) || is_scalar && number >= scalars {
                scan.fail(ErrorKind::OutOfRange);
            }
            may_join = is_scalar;
            let list = if is_scalar { &mut holes } else { &mut structures };
            list.push(Hole { kind: hole.kind, node: ids - 1, number });
        }
        let start = scan.position();
        if flags & FLAG_VARIABLES > 0 {
            scan.value();
        }
        if key.max(scalars) as usize > holes.len() {
            scan.fail(ErrorKind::OutOfRange);
        }
        let (key, variables) = (key.checked_sub(1), write::owned(scan.since(start)));
        Self { hash, scalars, key, is_row: false, ids, holes, structures, variables }
    }
}
