//! What the user did, in the engine's words: a node goes in, the way to its instance comes out, and a
//! text becomes a scalar. That is all that `overlay` needs to know of it.

use alloc::vec::Vec;

use protocol::{HoleKind, write};

use crate::{Engine, overlay::Editor, tree::Instance};

/// One instance on the way from a root to an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub(crate) template: u32,
    /// The structure that holds it, in the instance before.
    pub(crate) structure: u32,
    /// Which of the instances there it is: by its key, or else by its index.
    pub(crate) index: u32,
    pub(crate) key: Vec<u8>,
    pub(crate) is_row: bool,
}

impl Engine {
    /// Where an element stands of whose instance this is a node; in the root, if no node is.
    #[must_use]
    pub fn place(&mut self, root: u32, node: u32) -> Vec<Step> {
        let Self { templates, roots, values, .. } = self;
        let (editor, mut path) = (Editor { templates, values }, Vec::new());
        if let Some(live) = roots.iter().find(|live| live.number == root)
            && !editor.find(&live.rows, node, 0, false, &mut path)
        {
            let first = live.rows.first().map_or(0, |row| row.base);
            editor.find(&live.rows, first, 0, false, &mut path);
        }
        path
    }
}

impl Editor<'_> {
    /// Appends the way to the instance that owns a node. False: none of these has it inside.
    pub fn find(
        &self,
        rows: &[Instance],
        node: u32,
        structure: u32,
        is_row: bool,
        path: &mut Vec<Step>,
    ) -> bool {
        for (index, row) in (0..).zip(rows) {
            let template = self.template(row.template);
            let key = self.key(row).unwrap_or_default().into();
            path.push(Step { template: row.template, structure, index, key, is_row });
            let mut inside = (0..).zip(template.structures.iter().zip(&row.children));
            if node.wrapping_sub(row.base) < template.ids
                || inside.any(|(at, (structure, rows))| {
                    self.find(rows, node, at, structure.kind == HoleKind::List, path)
                })
            {
                return true;
            }
            path.pop();
        }
        false
    }
}

/// Writes a text as a scalar: one that is an integer in its shortest form as that integer.
pub fn literal(out: &mut Vec<u8>, text: &[u8]) {
    match integer(text) {
        Some(number) => write::int(out, number),
        None => write::text(out, text),
    }
}

/// The integer whose shortest form a text is; up to 18 digits.
#[must_use]
pub fn integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let mut number = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 || digits.len() > 18 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    let is_short = digits.first().is_some_and(|&first| first != b'0') || text == b"0";
    is_short.then_some(if text.len() > digits.len() { -number } else { number })
}
