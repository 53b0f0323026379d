//! Frames go in, mutations come out: the roots of a page, and the stores behind them.

use alloc::vec::Vec;

use protocol::{Definition, Error, ErrorKind, Result, TemplateId};

use crate::{
    NodeId, WriteMutations,
    edit::DeltaDecoder,
    ids::Ids,
    patch::Patch,
    template::Template,
    tree::{Decoder, Instance},
    values::Values,
};

/// The end of the element that holds a root.
const END: NodeId = NodeId(0);

/// The retained trees of a page.
///
/// Each frame is read and checked as a whole before anything changes. So a call that returns an
/// error has changed nothing and emitted nothing; the caller asks the server for a full tree, and
/// [`mount`](Self::mount) brings the page there from where it is.
pub struct Engine {
    templates: Vec<Template>,
    roots: Vec<Root>,
    values: Values,
    ids: Ids,
}

/// A live view of the page.
struct Root {
    number: u32,
    tree: Instance,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine without templates and roots.
    #[must_use]
    pub const fn new() -> Self {
        Self { templates: Vec::new(), roots: Vec::new(), values: Values::new(), ids: Ids::new() }
    }

    /// Takes in a definition under the next template number, which it returns.
    pub fn define(&mut self, definition: &Definition, out: &mut dyn WriteMutations) -> TemplateId {
        let template = TemplateId(self.templates.len() as u32);
        self.templates.push(Template::new(definition));
        out.define(template, definition);
        template
    }

    /// The hashes of all templates in the order of their numbers, 8 bytes each, as the hello frame
    /// wants them: a new connection numbers them as this engine does.
    #[must_use]
    pub fn known(&self) -> Vec<u8> {
        let mut known = Vec::with_capacity(8 * self.templates.len());
        for template in &self.templates {
            known.extend_from_slice(&template.hash);
        }
        known
    }

    /// Shows a full tree: `fragment` is the encoded fragment of a template.
    ///
    /// A root that is not known yet is created at the end of its element, which is empty; with
    /// `hydrate` it is bound to the nodes that the element has from the server. A live root
    /// becomes what the frame says, by a diff.
    ///
    /// # Errors
    /// The fragment is malformed or names an unknown template; nothing has changed.
    pub fn mount(
        &mut self,
        root: u32,
        template: TemplateId,
        fragment: &[u8],
        hydrate: bool,
        out: &mut dyn WriteMutations,
    ) -> Result<()> {
        self.compact();
        let start = self.values.push(fragment).at;
        let mut decoder = Decoder::new(&self.templates, &self.values, start);
        let old = self.roots.iter().find(|live| live.number == root).map(|live| &live.tree);
        let tree =
            decoder.fragment(template.0, old).and_then(|tree| decoder.finish().map(|()| tree));
        let mut tree = match tree {
            Ok(tree) => tree,
            Err(error) => {
                self.values.truncate(start);
                return Err(error);
            }
        };
        let Self { templates, roots, values, ids } = self;
        let mut patch = Patch { templates, values, ids, out };
        match roots.iter_mut().find(|live| live.number == root) {
            Some(live) if live.tree.template == tree.template => {
                patch.reconcile(&mut live.tree, tree);
            }
            live => {
                if let Some(live) = &live {
                    patch.remove(&live.tree);
                }
                let hydrate = hydrate && live.is_none();
                patch.assign(core::slice::from_mut(&mut tree));
                if hydrate {
                    patch.adopt(&tree);
                } else {
                    patch.emit(core::slice::from_ref(&tree), END);
                }
                match live {
                    Some(live) => live.tree = tree,
                    None => roots.push(Root { number: root, tree }),
                }
            }
        }
        ids.flush(out);
        // All spans of the only root are in this frame now.
        if roots.len() == 1 {
            values.retire(start);
        }
        Ok(())
    }

    /// Shows what changed: `delta` is the encoded delta of the root's template.
    ///
    /// # Errors
    /// The delta is malformed, or does not fit the tree or any root; nothing has changed.
    pub fn update(&mut self, root: u32, delta: &[u8], out: &mut dyn WriteMutations) -> Result<()> {
        self.compact();
        let start = self.values.push(delta).at;
        let Self { templates, roots, values, ids } = self;
        let Some(live) = roots.iter_mut().find(|live| live.number == root) else {
            values.truncate(start);
            return Err(Error { kind: ErrorKind::OutOfRange, offset: 0 });
        };
        let decoder = Decoder::new(templates, values, start);
        let mut delta = DeltaDecoder { decoder, edits: Vec::new(), bytes: delta.len() };
        let read = delta.delta(&live.tree).and_then(|()| delta.decoder.finish());
        let DeltaDecoder { edits, bytes, .. } = delta;
        if let Err(error) = read {
            values.truncate(start);
            return Err(error);
        }
        values.reserve(bytes);
        let mut patch = Patch { templates, values, ids, out };
        patch.edit(&mut live.tree, &mut edits.into_iter());
        ids.flush(out);
        Ok(())
    }

    /// Creates a root again, with the node ids that it has, at the end of its element, which is
    /// empty: for a page whose nodes turned out not to be those of the frame.
    pub fn rebuild(&mut self, root: u32, out: &mut dyn WriteMutations) {
        let Self { templates, roots, values, ids } = self;
        if let Some(live) = roots.iter().find(|live| live.number == root) {
            Patch { templates, values, ids, out }.emit(core::slice::from_ref(&live.tree), END);
        }
    }

    /// Removes a root from the page and forgets it.
    pub fn unmount(&mut self, root: u32, out: &mut dyn WriteMutations) {
        let Self { templates, roots, values, ids } = self;
        if let Some(index) = roots.iter().position(|live| live.number == root) {
            let live = roots.swap_remove(index);
            Patch { templates, values, ids, out }.remove(&live.tree);
            ids.flush(out);
        }
    }

    /// How many bytes of values are stored: those of the retained trees, and at most twice as many
    /// and 64 KB that are not needed any more, next to the last frame.
    #[must_use]
    pub fn stored(&self) -> usize {
        self.values.len()
    }

    /// Drops values that no instance holds any more, if there are enough of them.
    fn compact(&mut self) {
        self.values.cut();
        if self.values.is_full() {
            let mut live = Values::new();
            for root in &mut self.roots {
                collect(&mut root.tree, &self.values, &mut live);
            }
            self.values.replace(live);
        }
    }
}

/// Copies the values of an instance, and of all that stands in it, to another buffer.
fn collect(instance: &mut Instance, from: &Values, to: &mut Values) {
    instance.span = to.push(from.get(instance.span));
    for child in instance.children.iter_mut().flatten() {
        collect(child, from, to);
    }
}
