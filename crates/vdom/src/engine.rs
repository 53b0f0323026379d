//! Frames go in, mutations come out: the roots of a page, and the stores behind them.

use alloc::vec::Vec;
use core::mem::take;

use protocol::{ErrorKind, HoleKind, Result, Scan, TemplateId, write};

use crate::{
    NodeId, WriteMutations, ids::Ids, overlay::NOTHING, template::Template, tree::Instance,
    values::Values, walk::Walk,
};

/// The end of the element that holds a root.
const END: NodeId = NodeId(0);

/// The retained trees of a page.
///
/// Each frame is read and checked as a whole before anything changes. So a call that returns an
/// error has changed nothing and emitted nothing; the caller asks the server for a full tree, and
/// [`mount`](Self::mount) brings the page there from where it is. Only after an error of the kind
/// [`ErrorKind::Later`] it gives the same frame again.
pub struct Engine {
    pub(crate) templates: Vec<Template>,
    /// The templates of their lists' rows.
    lists: Vec<u32>,
    pub(crate) roots: Vec<Root>,
    pub(crate) values: Values,
    ids: Ids,
    /// Says that the next frame is not to wait for the part that gives rows another order: where it
    /// is not there, a full tree has such rows built anew, and a delta is refused.
    pub alone: bool,
}

/// A live view of the page.
pub(crate) struct Root {
    pub number: u32,
    /// Its instance; none while nothing is shown, as before it is mounted and after it ended.
    pub rows: Vec<Instance>,
    /// The server's tree, while something that it has not confirmed is shown over it.
    pub kept: Option<Vec<Instance>>,
}

/// What a frame does with a root.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// It shows a full tree of this template.
    Mount(TemplateId),
    /// It is bound to the nodes that its element has.
    Hydrate(TemplateId),
    /// It changes.
    Update,
    /// It shows a full tree that is not the server's.
    Lay(TemplateId),
    /// It goes.
    Unmount,
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
        Self {
            templates: Vec::new(),
            lists: Vec::new(),
            roots: Vec::new(),
            values: Values::new(),
            ids: Ids::new(1),
            alone: false,
        }
    }

    /// Takes in the definitions of a frame: a count and, if that is not zero, the number of the
    /// first one and that many. Those that are known already, by number and hash, are passed over.
    ///
    /// # Errors
    /// One of them is malformed, has the number of another template, or leaves a number out: then
    /// a frame is lost for good, since the server defines nothing twice. Those before it count.
    pub fn define<W>(&mut self, scan: &mut Scan<'_>, out: &mut W) -> Result<()>
    where
        W: WriteMutations + ?Sized,
    {
        let count = scan.uint();
        let first = if count > 0 { scan.uint() } else { 0 };
        for number in first..first.saturating_add(count) {
            let start = scan.position();
            let template = Template::read(scan);
            scan.result()?;
            match self.templates.get(number as usize) {
                Some(known) if known.hash == template.hash => {}
                None if number as usize == self.templates.len() => {
                    out.define(TemplateId(number), scan.since(start));
                    for structure in &template.structures {
                        if structure.kind == HoleKind::List {
                            self.lists.push(structure.number);
                        }
                    }
                    self.templates.push(template);
                }
                _ => scan.fail(ErrorKind::OutOfRange),
            }
        }
        // A list may be defined before its row or after it.
        for list in &self.lists {
            if let Some(row) = self.templates.get_mut(*list as usize) {
                row.is_row = true;
            }
        }
        scan.result()
    }

    /// How many of the templates hold lists.
    #[must_use]
    pub const fn lists(&self) -> usize {
        self.lists.len()
    }

    /// The hashes of all templates in the order of their numbers, 8 bytes each, as the hello frame
    /// wants them: a new connection numbers them as this engine does.
    #[must_use]
    pub fn known(&self) -> Vec<u8> {
        let mut known = Vec::new();
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
    pub fn mount<W: WriteMutations + ?Sized>(
        &mut self,
        root: u32,
        template: TemplateId,
        fragment: &[u8],
        hydrate: bool,
        out: &mut W,
    ) -> Result<()> {
        if !self.roots.iter().any(|live| live.number == root) {
            self.roots.push(Root { number: root, rows: Vec::new(), kept: None });
        }
        let goal = if hydrate { Goal::Hydrate(template) } else { Goal::Mount(template) };
        self.frame(root, goal, fragment, out)
    }

    /// Shows what changed: `delta` is the encoded delta of the root's template.
    ///
    /// # Errors
    /// The delta is malformed, or does not fit the tree or any root; nothing has changed.
    pub fn update<W>(&mut self, root: u32, delta: &[u8], out: &mut W) -> Result<()>
    where
        W: WriteMutations + ?Sized,
    {
        self.frame(root, Goal::Update, delta, out)
    }

    /// Removes a root from the page.
    pub fn unmount<W: WriteMutations + ?Sized>(&mut self, root: u32, out: &mut W) {
        let _ = self.frame(root, Goal::Unmount, &[], out);
    }

    /// What the server has of a root: the template and the fragment that [`mount`](Self::mount) takes to show it
    /// again.
    #[must_use]
    pub fn snapshot(&self, root: u32) -> Option<(TemplateId, Vec<u8>)> {
        let live = self.roots.iter().find(|live| live.number == root)?;
        let row = live.kept.as_ref().unwrap_or(&live.rows).first()?;
        let mut out = Vec::new();
        self.write(row, &mut out);
        Some((TemplateId(row.template), out))
    }

    pub(crate) fn write(&self, row: &Instance, out: &mut Vec<u8>) {
        out.extend_from_slice(self.values.get(row.span));
        let Some(template) = self.templates.get(row.template as usize) else { return };
        for (structure, children) in template.structures.iter().zip(&row.children) {
            let mut shown = usize::MAX;
            match structure.kind {
                HoleKind::List => write::uint(out, children.len() as u64),
                HoleKind::Condition => {
                    shown = 1;
                    match children.first() {
                        Some(body) if body.template != NOTHING => {
                            write::uint(out, u64::from(body.template));
                        }
                        _ => write::boolean(out, false),
                    }
                }
                _ => {}
            }
            children.iter().take(shown).for_each(|child| self.write(child, out));
        }
    }

    /// Whether something lies over the server's tree of a root.
    #[must_use]
    pub fn is_laid(&self, root: u32) -> bool {
        self.roots.iter().any(|live| live.number == root && live.kept.is_some())
    }

    /// Drops values that no instance holds any more, if there are enough of them. To be called
    /// when nobody reads in place any more what the calls before have given.
    pub fn compact(&mut self) {
        if self.values.is_full() {
            self.collect();
        }
    }

    /// The values that are stored, encoded: those of the retained trees, and at most twice as many
    /// bytes and 64 KB that are not needed any more, next to the last frame.
    #[must_use]
    pub fn stored(&self) -> &[u8] {
        self.values.all()
    }

    /// Walks over a frame twice: the first time it is only checked.
    pub(crate) fn frame<W: WriteMutations + ?Sized>(
        &mut self,
        root: u32,
        goal: Goal,
        bytes: &[u8],
        out: &mut W,
    ) -> Result<()> {
        let Self { templates, roots, values, ids, alone, .. } = self;
        // What the user meant cannot wait: it would lie over another tree then.
        let alone = take(alone) || matches!(goal, Goal::Lay(_));
        let mut none = Root { number: root, rows: Vec::new(), kept: None };
        let live = roots.iter_mut().find(|live| live.number == root).unwrap_or(&mut none);
        // What the page does not show has no nodes.
        let mut no_ids = Ids::new(0);
        let (rows, ids) = match (&mut live.kept, goal) {
            (Some(kept), Goal::Mount(_) | Goal::Hydrate(_) | Goal::Update) => (kept, &mut no_ids),
            _ => (&mut live.rows, ids),
        };
        let mut walk = Walk::new(templates, values, ids, out, bytes, alone);
        walk.adopts = rows.is_empty() && matches!(goal, Goal::Hydrate(_));
        for checks in [true, false] {
            match goal {
                Goal::Mount(template) | Goal::Hydrate(template) | Goal::Lay(template) => {
                    walk.rows(rows, template.0, 1, END);
                }
                Goal::Update => walk.update(rows),
                Goal::Unmount => walk.rows(rows, 0, 0, END),
            }
            walk.scan.finish()?;
            if checks {
                walk.again();
            }
        }
        ids.flush(out);
        Ok(())
    }
}
