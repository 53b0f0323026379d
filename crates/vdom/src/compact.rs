//! The values of live instances go in, with what no instance holds any more between them; the same
//! come out, side by side.
//!
//! This file is a part that loads when the page is idle (docs/decisions/parts.md): until then values
//! are kept.

use crate::{Engine, tree::Instance, values::Values};

impl Engine {
    /// Drops values that no instance holds any more.
    #[inline(never)]
    pub(crate) fn collect(&mut self) {
        let mut live = Values::new();
        for root in &mut self.roots {
            collect(&mut root.rows, &self.values, &mut live);
            collect(root.kept.as_deref_mut().unwrap_or_default(), &self.values, &mut live);
        }
        self.values.replace(live);
    }
}

/// Copies the values of instances, and of all that stands in them, to another buffer.
fn collect(rows: &mut [Instance], from: &Values, to: &mut Values) {
    for row in rows {
        row.span = to.push(from.get(row.span));
        // What stands in it is not beside it any more.
        row.whole = if row.children.is_empty() { row.span.len } else { 0 };
        for children in &mut row.children {
            collect(children, from, to);
        }
    }
}
