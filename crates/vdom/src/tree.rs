//! What is kept of each instance, and the decoder of full fragments.

use alloc::{boxed::Box, vec::Vec};

use protocol::{ErrorKind, HoleKind, Reader, Result};

use crate::{
    template::Template,
    values::{Span, Values, is_equal},
};

/// Levels of fragments inside each other.
const DEPTH: u32 = 64;

/// Fragments that a frame may hold beyond one for each of its bytes: a row without values takes no
/// byte (`{% for star in stars %}★{% endfor %}`).
const EMPTY_FRAGMENTS: usize = 65_536;

/// `false` and `true` on the wire.
const FALSE: u8 = 0xc2;
pub(crate) const TRUE: u8 = 0xc3;

/// One filling of a template: 24 bytes in the browser, and no allocation if nothing stands in it.
#[derive(Default)]
pub(crate) struct Instance {
    pub template: u32,
    /// Its first node id; zero while it is not on the page.
    pub base: u32,
    /// Its scalars, encoded.
    pub span: Span,
    /// What each structure holds, in slot order. A condition is a list of none or one.
    pub children: Box<[Vec<Instance>]>,
}

/// Reads trees that were appended to the value buffer; spans of the buffer go into the instances.
///
/// An old tree is a hint: where the new bytes are those of an old instance, they need not be read
/// value by value, since equal bytes have equal structure.
pub(crate) struct Decoder<'a> {
    pub templates: &'a [Template],
    pub reader: Reader<'a>,
    values: &'a Values,
    /// Offset of the reader's first byte in the value buffer.
    start: u32,
    /// Levels that are left.
    pub depth: u32,
    /// Fragments that are left.
    budget: usize,
}

impl<'a> Decoder<'a> {
    pub fn new(templates: &'a [Template], values: &'a Values, start: u32) -> Self {
        let bytes = values.from(start);
        let budget = bytes.len() + EMPTY_FRAGMENTS;
        Self { templates, reader: Reader::new(bytes), values, start, depth: DEPTH, budget }
    }

    /// Refuses bytes after the tree.
    pub fn finish(&self) -> Result<()> {
        if self.reader.is_empty() {
            return Ok(());
        }
        self.reader.error(ErrorKind::TrailingBytes)
    }

    pub fn template(&self, number: u32) -> Result<&'a Template> {
        match self.templates.get(number as usize) {
            Some(template) => Ok(template),
            None => self.reader.error(ErrorKind::OutOfRange),
        }
    }

    /// Goes one level down; the caller comes back up.
    pub fn descend(&mut self) -> Result<()> {
        match self.depth.checked_sub(1) {
            Some(left) => self.depth = left,
            None => return self.reader.error(ErrorKind::Limit),
        }
        Ok(())
    }

    /// Reads scalars, and returns where they stand.
    pub fn scalars(&mut self, count: u32) -> Result<Span> {
        let from = self.reader.position();
        for _ in 0..count {
            self.reader.scalar()?;
        }
        Ok(self.span(from))
    }

    /// Reads the values of one instance and all that stands in it.
    pub fn fragment(&mut self, number: u32, old: Option<&Instance>) -> Result<Instance> {
        let is_next = old.is_some_and(|old| self.is_next(number, old));
        self.fragment_like(number, old, is_next)
    }

    /// Reads an instance near an old one; `is_next` says that the scalars of that come next.
    fn fragment_like(
        &mut self,
        number: u32,
        old: Option<&Instance>,
        is_next: bool,
    ) -> Result<Instance> {
        let template = self.template(number)?;
        self.descend()?;
        let from = self.reader.position();
        let span = match old {
            Some(old) if is_next => {
                self.reader.pass(old.span.len as usize);
                self.span(from)
            }
            _ => self.scalars(template.scalars)?,
        };
        let mut children = Vec::with_capacity(template.structures.len());
        for (index, structure) in template.structures.iter().enumerate() {
            let old = old.and_then(|old| old.children.get(index)).map_or(&[][..], Vec::as_slice);
            children.push(match structure.kind {
                HoleKind::List => self.list(structure.template, old)?,
                HoleKind::Condition => self.body(old)?,
                _ => self.fragments(structure.template, 1, old)?,
            });
        }
        self.depth += 1;
        Ok(Instance { template: number, base: 0, span, children: children.into_boxed_slice() })
    }

    /// Reads the body of a condition, or that it has none.
    pub fn body(&mut self, old: &[Instance]) -> Result<Vec<Instance>> {
        if self.reader.peek() == Ok(FALSE) {
            self.reader.boolean()?;
            return Ok(Vec::new());
        }
        let number = self.reader.uint()?;
        self.fragments(number, 1, old)
    }

    /// Reads the rows of a list.
    pub fn list(&mut self, number: u32, old: &[Instance]) -> Result<Vec<Instance>> {
        let count = self.reader.uint()?;
        self.fragments(number, count, old)
    }

    /// Reads fragments of one template, one after the other.
    pub fn fragments(
        &mut self,
        number: u32,
        count: u32,
        old: &[Instance],
    ) -> Result<Vec<Instance>> {
        let count = count as usize;
        match self.budget.checked_sub(count) {
            Some(left) => self.budget = left,
            None => return self.reader.error(ErrorKind::Limit),
        }
        let mut fragments = Vec::with_capacity(count);
        // The old row that comes next if nothing is inserted or removed, then its neighbours.
        let mut next = 0usize;
        for _ in 0..count {
            let mut is_next = false;
            for at in [next, next.wrapping_add(1), next.wrapping_sub(1)] {
                if old.get(at).is_some_and(|old| self.is_next(number, old)) {
                    is_next = true;
                    next = at;
                    break;
                }
            }
            fragments.push(self.fragment_like(number, old.get(next), is_next)?);
            next = next.wrapping_add(1);
        }
        Ok(fragments)
    }

    /// Whether the next bytes are the scalars of an old instance of this template.
    fn is_next(&self, number: u32, old: &Instance) -> bool {
        let known = self.values.get(old.span);
        old.template == number
            && self.reader.rest().get(..known.len()).is_some_and(|next| is_equal(known, next))
    }

    /// The bytes from a position of the reader to where it is.
    fn span(&self, from: usize) -> Span {
        let len = self.reader.position() - from;
        Span { at: self.start.wrapping_add(from as u32), len: len as u32 }
    }
}
