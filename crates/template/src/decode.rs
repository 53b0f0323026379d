//! The reference decoder: mount and update frames go in, HTML comes out. It is what a page does
//! with frames, without a page: the judge of everything that writes them.

use protocol::{
    Definition, Error, ErrorKind, HoleKind, Part, Reader, Result, Scalar, ServerFrame, write,
};

use crate::plan::place;
use crate::scalar;

/// A page that shows one root: its templates, and its tree.
#[derive(Debug, Default)]
pub struct Decoder {
    templates: Vec<Definition>,
    root: Option<Fragment>,
}

/// A stretch of a page: see [`Decoder::pieces`].
#[derive(Debug)]
pub enum Piece<'p> {
    /// Source of the template.
    Static(&'p str),
    /// A value, as it stands in the HTML.
    Value(String),
    /// What a condition, a list or an included template shows.
    Structure(HoleKind, Vec<Child<'p>>),
}

/// One fragment of a structure.
#[derive(Debug)]
pub struct Child<'p> {
    /// The key of a row.
    pub key: Option<String>,
    /// The number of its template: others have other pieces.
    pub template: usize,
    /// What it shows.
    pub pieces: Vec<Piece<'p>>,
}

#[derive(Clone, Debug, Default)]
struct Fragment {
    template: usize,
    scalars: Vec<Vec<u8>>,
    structures: Vec<Vec<Fragment>>,
}

impl Decoder {
    /// Applies a mount or update frame; an ack frame changes nothing.
    ///
    /// # Errors
    /// Whatever is wrong with the frame; `Mismatch` also where it does not fit the tree.
    pub fn apply(&mut self, frame: &[u8]) -> Result<()> {
        match ServerFrame::decode(frame)? {
            ServerFrame::Tree(tree) => {
                let mut reader = Reader::new(tree.body);
                self.define(&mut reader)?;
                if tree.full {
                    let template = reader.uint()?;
                    self.root = Some(self.fragment(template, &mut reader)?);
                } else {
                    let mut root = self.root.take().ok_or_else(misfit)?;
                    self.delta(&mut root, &mut reader)?;
                    self.root = Some(root);
                }
                end(&reader)
            }
            ServerFrame::Ack { .. } => Ok(()),
            _ => Err(misfit()),
        }
    }

    /// The HTML of the tree.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = Vec::new();
        if let Some(root) = &self.root {
            self.print(root, &mut out);
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The tree as it is, for tests that ask what an update changed.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        self.root.as_ref().map(|root| self.pieces_of(root)).unwrap_or_default()
    }

    fn pieces_of(&self, fragment: &Fragment) -> Vec<Piece<'_>> {
        let definition = &self.templates[fragment.template];
        let mut pieces = Vec::new();
        for part in &definition.parts {
            pieces.push(match part {
                Part::Implied(_) => continue,
                Part::Static(source) => Piece::Static(source),
                Part::Hole(hole) if hole.kind.is_structure() => {
                    let index = hole.slot - definition.scalars;
                    let children = fragment.structures[index as usize].iter();
                    let children = children.map(|child| self.child(child)).collect();
                    Piece::Structure(hole.kind, children)
                }
                Part::Hole(hole) => Piece::Value(source(fragment, hole.slot, hole.kind)),
            });
        }
        pieces
    }

    fn child(&self, fragment: &Fragment) -> Child<'_> {
        let key = self.templates[fragment.template].key;
        let key = key.map(|slot| source(fragment, slot, HoleKind::Attribute));
        Child { key, template: fragment.template, pieces: self.pieces_of(fragment) }
    }

    fn define(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        let count = reader.uint()?;
        let first = if count > 0 { reader.uint()? } else { 0 };
        for number in first..first.saturating_add(count) {
            let definition = Definition::read(reader)?;
            match self.templates.get(number as usize) {
                Some(known) if known.hash == definition.hash => {}
                None if number as usize == self.templates.len() => self.templates.push(definition),
                _ => return Err(misfit()),
            }
        }
        Ok(())
    }

    fn template(&self, number: usize) -> Result<&Definition> {
        self.templates.get(number).ok_or_else(misfit)
    }

    fn fragment(&self, number: u32, reader: &mut Reader<'_>) -> Result<Fragment> {
        let definition = self.template(number as usize)?;
        let mut fragment = Fragment { template: number as usize, ..Fragment::default() };
        for _ in 0..definition.scalars {
            fragment.scalars.push(scalar(reader)?);
        }
        for hole in definition.holes().filter(|hole| hole.kind.is_structure()) {
            let fixed = hole.template.map_or(0, |template| template.0);
            fragment.structures.push(match hole.kind {
                HoleKind::Condition => self.condition(reader)?,
                HoleKind::List => self.rows(fixed, reader)?,
                _ => vec![self.fragment(fixed, reader)?],
            });
        }
        Ok(fragment)
    }

    fn condition(&self, reader: &mut Reader<'_>) -> Result<Vec<Fragment>> {
        if reader.peek()? == 0xc2 {
            reader.boolean()?;
            return Ok(Vec::new());
        }
        let number = reader.uint()?;
        Ok(vec![self.fragment(number, reader)?])
    }

    fn rows(&self, template: u32, reader: &mut Reader<'_>) -> Result<Vec<Fragment>> {
        let count = reader.uint()?;
        (0..count).map(|_| self.fragment(template, reader)).collect()
    }

    fn delta(&self, fragment: &mut Fragment, reader: &mut Reader<'_>) -> Result<()> {
        let definition = self.template(fragment.template)?;
        let count = reader.uint()?;
        if count == 0 {
            *fragment = self.fragment(fragment.template as u32, reader)?;
            return Ok(());
        }
        for _ in 0..count {
            let slot = reader.uint()?;
            let Some(index) = slot.checked_sub(definition.scalars) else {
                let held = fragment.scalars.get_mut(slot as usize).ok_or_else(misfit)?;
                *held = match reader.peek()? {
                    0x91 => longer(held, reader)?,
                    _ => scalar(reader)?,
                };
                continue;
            };
            let hole =
                definition.holes().find(|hole| hole.kind.is_structure() && hole.slot == slot);
            let hole = hole.ok_or_else(misfit)?;
            let held = &mut fragment.structures[index as usize];
            match hole.kind {
                HoleKind::Condition if reader.peek()? == 0xc3 => {
                    reader.boolean()?;
                    self.delta(held.first_mut().ok_or_else(misfit)?, reader)?;
                }
                HoleKind::Condition => *held = self.condition(reader)?,
                HoleKind::List => {
                    let template = hole.template.map_or(0, |template| template.0);
                    *held = self.list(template, std::mem::take(held), reader)?;
                }
                _ => self.delta(&mut held[0], reader)?,
            }
        }
        Ok(())
    }

    fn list(
        &self,
        template: u32,
        old: Vec<Fragment>,
        reader: &mut Reader<'_>,
    ) -> Result<Vec<Fragment>> {
        let mut old: Vec<Option<Fragment>> = old.into_iter().map(Some).collect();
        let all = old.len() as u32;
        let mut take =
            |index: u32| old.get_mut(index as usize).and_then(Option::take).ok_or_else(misfit);
        let mut rows = Vec::new();
        match reader.uint()? {
            0 => return self.rows(template, reader),
            1 => {
                let mut named = 0;
                for _ in 0..reader.uint()? {
                    let head = reader.uint()?;
                    let mut count = head >> 2;
                    if head & 3 == 1 {
                        for _ in 0..count {
                            rows.push(self.fragment(template, reader)?);
                        }
                        continue;
                    }
                    let from = if head & 3 == 3 { named } else { reader.uint()? };
                    if head == 3 {
                        count = all.checked_sub(named).ok_or_else(misfit)?;
                    }
                    for step in 0..count {
                        let index = match head & 3 {
                            2 => from.checked_sub(step),
                            _ => from.checked_add(step),
                        };
                        rows.push(take(index.ok_or_else(misfit)?)?);
                    }
                    named += count;
                }
            }
            2 => {
                let count = reader.uint()?;
                let sources: Vec<u32> = (0..count).map(|_| reader.uint()).collect::<Result<_>>()?;
                for source in sources {
                    rows.push(match source.checked_sub(1) {
                        Some(index) => take(index)?,
                        None => self.fragment(template, reader)?,
                    });
                }
            }
            3 => rows = old.into_iter().flatten().collect(),
            _ => return Err(misfit()),
        }
        let mut next = 0;
        for _ in 0..reader.uint()? {
            next += reader.uint()? as usize;
            self.delta(rows.get_mut(next).ok_or_else(misfit)?, reader)?;
            next += 1;
        }
        Ok(rows)
    }

    fn print(&self, fragment: &Fragment, out: &mut Vec<u8>) {
        let definition = &self.templates[fragment.template];
        for part in &definition.parts {
            let hole = match part {
                Part::Static(source) => {
                    out.extend_from_slice(source.as_bytes());
                    continue;
                }
                Part::Implied(_) => continue,
                Part::Hole(hole) => hole,
            };
            if hole.kind.is_structure() {
                let index = hole.slot - definition.scalars;
                for child in &fragment.structures[index as usize] {
                    self.print(child, out);
                }
            } else {
                print_scalar(fragment, hole.slot, hole.kind, out);
            }
        }
    }
}

/// Reads with what a text goes on.
fn longer(held: &[u8], reader: &mut Reader<'_>) -> Result<Vec<u8>> {
    reader.array_len()?;
    let text = [Reader::new(held).str()?, reader.str()?].concat();
    let mut bytes = Vec::new();
    write::str(&mut bytes, &text);
    Ok(bytes)
}

fn print_scalar(fragment: &Fragment, slot: u32, kind: HoleKind, out: &mut Vec<u8>) {
    if let Ok(value) = Reader::new(&fragment.scalars[slot as usize]).scalar() {
        scalar::print(out, value, place(kind));
    }
}

/// The HTML source of a scalar.
fn source(fragment: &Fragment, slot: u32, kind: HoleKind) -> String {
    let mut out = Vec::new();
    print_scalar(fragment, slot, kind, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Reads a scalar, and keeps it encoded.
fn scalar(reader: &mut Reader<'_>) -> Result<Vec<u8>> {
    let value: Scalar<'_> = reader.scalar()?;
    let mut bytes = Vec::new();
    write::scalar(&mut bytes, value);
    Ok(bytes)
}

fn end(reader: &Reader<'_>) -> Result<()> {
    if reader.is_empty() { Ok(()) } else { reader.error(ErrorKind::TrailingBytes) }
}

fn misfit() -> Error {
    Error { kind: ErrorKind::Mismatch, offset: 0 }
}
