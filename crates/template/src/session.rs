//! One live view's side of the wire: trees go in, mount and update frames come out.
//!
//! [`Templates`] belongs to a connection, [`Session`] to a root on it.

use std::collections::HashMap;

use protocol::{Definition, Hole, Part, TemplateId, write};

use crate::excerpt::Excerpt;
use crate::plan::{BodyId, Plan};
use crate::shadow::{Differ, Shadow};
use crate::tree::{Numbers, Tree};

/// The templates that a page has, by their hashes: which number each has on this connection.
#[derive(Debug, Default)]
pub struct Templates {
    numbers: HashMap<[u8; 8], u32>,
    next: u32,
}

impl Templates {
    /// For a page that names the hashes of the templates it has, 8 bytes each.
    #[must_use]
    pub fn new(known: &[u8]) -> Self {
        let mut templates = Self::default();
        for hash in known.chunks_exact(8) {
            let mut name = [0; 8];
            name.copy_from_slice(hash);
            templates.numbers.entry(name).or_insert(templates.next);
            templates.next += 1;
        }
        templates
    }
}

/// The numbers and names of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The live view.
    pub root: u32,
    /// The number of the frame.
    pub seq: u32,
    /// The highest event id that it includes.
    pub ack: u32,
}

/// What a root remembers between two frames.
#[derive(Debug)]
pub struct Session {
    key: (u64, u64),
    shadow: Option<Shadow>,
}

impl Session {
    /// A session that has sent nothing. The key must be secret and random.
    #[must_use]
    pub fn new(key: (u64, u64)) -> Self {
        Self { key, shadow: None }
    }

    /// Whether the next frame must be a mount frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shadow.is_none()
    }

    /// Drops what it remembers.
    pub fn forget(&mut self) {
        self.shadow = None;
    }

    /// A mount frame: the whole tree. `handlers` is an encoded array, or nothing when unchanged.
    pub fn mount(
        &mut self,
        plan: &Plan,
        tree: &Tree,
        templates: &mut Templates,
        head: Head,
        handlers: Option<&[u8]>,
    ) -> Vec<u8> {
        let mut definitions = Definitions::new(plan, templates);
        let mut fragment = Vec::new();
        let number = definitions.number(plan, plan.root());
        tree.fragment(plan, plan.root(), tree.root, &mut definitions, &mut fragment);
        let mut frame = begin(1, head, fragment.len());
        match handlers {
            Some(handlers) => frame.extend_from_slice(handlers),
            None => write::nil(&mut frame),
        }
        definitions.write(&mut frame);
        write::uint(&mut frame, u64::from(number));
        frame.append(&mut fragment);
        let differ = Differ { tree, key: self.key, numbers: &mut definitions };
        self.shadow = Some(differ.shadow(plan, plan.root(), tree.root));
        frame
    }

    /// An update frame: what changed since the last frame. Nothing when nothing changed.
    /// Without an earlier frame it is a mount frame.
    pub fn update(
        &mut self,
        plan: &Plan,
        tree: &Tree,
        templates: &mut Templates,
        head: Head,
    ) -> Option<Vec<u8>> {
        let Some(shadow) = &mut self.shadow else {
            return Some(self.mount(plan, tree, templates, head, None));
        };
        let mut definitions = Definitions::new(plan, templates);
        let mut delta = Vec::new();
        let mut differ = Differ { tree, key: self.key, numbers: &mut definitions };
        if !differ.delta(plan, plan.root(), tree.root, None, shadow, &mut delta) {
            return None;
        }
        Some(update_frame(head, definitions, delta))
    }

    /// An update frame of what changed in an excerpt, for a tree of
    /// [`execute_excerpt`](crate::execute_excerpt()). Nothing when nothing of it changed.
    ///
    /// # Errors
    /// What stands around the excerpt has changed, or nothing was sent before: the page needs an
    /// update of everything.
    pub fn update_excerpt(
        &mut self,
        plan: &Plan,
        (tree, excerpt): (&Tree, &Excerpt),
        templates: &mut Templates,
        head: Head,
    ) -> Result<Option<Vec<u8>>, Elsewhere> {
        let shadow = self.shadow.as_mut().ok_or(Elsewhere)?;
        let mut definitions = Definitions::new(plan, templates);
        let mut delta = Vec::new();
        let mut differ = Differ { tree, key: self.key, numbers: &mut definitions };
        if !differ.fits(plan, plan.root(), tree.root, &excerpt.0, shadow) {
            return Err(Elsewhere);
        }
        let shares = Some(&excerpt.0[..]);
        let is_new = differ.delta(plan, plan.root(), tree.root, shares, shadow, &mut delta);
        Ok(is_new.then(|| update_frame(head, definitions, delta)))
    }
}

/// What changed is not in the excerpt alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere;

fn update_frame(head: Head, mut definitions: Definitions<'_>, mut delta: Vec<u8>) -> Vec<u8> {
    let mut frame = begin(2, head, delta.len());
    definitions.write(&mut frame);
    frame.append(&mut delta);
    frame
}

/// All definitions of a plan, as a page that has none of them would get them.
#[must_use]
pub fn definitions(plan: &Plan) -> Vec<u8> {
    let mut templates = Templates::default();
    let mut definitions = Definitions::new(plan, &mut templates);
    for id in 0..plan.bodies.len() {
        definitions.number(plan, BodyId(id as u32));
    }
    definitions.written
}

fn begin(kind: u64, head: Head, length: usize) -> Vec<u8> {
    let mut frame = Vec::with_capacity(length + 64);
    for number in [kind, head.root.into(), head.seq.into(), head.ack.into()] {
        write::uint(&mut frame, number);
    }
    frame
}

/// Numbers bodies for one frame, and collects the definitions that the page needs for it.
struct Definitions<'d> {
    plan: &'d Plan,
    templates: &'d mut Templates,
    /// The numbers of this plan's bodies, as far as they were asked for. Those of other plans are
    /// found by their hashes.
    known: Vec<Option<u32>>,
    /// The number of the first definition.
    first: u32,
    written: Vec<u8>,
    count: u64,
}

impl<'d> Definitions<'d> {
    fn new(plan: &'d Plan, templates: &'d mut Templates) -> Self {
        let known = vec![None; plan.bodies.len()];
        let first = templates.next;
        Self { plan, templates, known, first, written: Vec::new(), count: 0 }
    }

    fn write(&mut self, frame: &mut Vec<u8>) {
        write::uint(frame, self.count);
        if self.count > 0 {
            write::uint(frame, u64::from(self.first));
        }
        frame.append(&mut self.written);
    }

    /// Defines a body after those that its holes name, so that no definition points ahead.
    fn define(&mut self, plan: &Plan, id: BodyId) -> u32 {
        let body = plan.body(id);
        if let Some(&number) = self.templates.numbers.get(&body.hash) {
            return number;
        }
        let parts = body.parts.iter().map(|part| match part {
            Part::Hole(hole) => Part::Hole(Hole {
                template: hole.template.map(|child| TemplateId(self.number(plan, BodyId(child.0)))),
                ..*hole
            }),
            other => other.clone(),
        });
        let parts = parts.collect();
        let mut variables = Vec::new();
        if !body.variables.is_empty() {
            write::array_len(&mut variables, body.variables.len());
        }
        for note in &body.variables {
            note.write(&mut variables, |id, out| write::uint(out, self.number(plan, id).into()));
        }
        let definition = Definition {
            hash: body.hash,
            flags: body.flags,
            key: body.key,
            scalars: body.scalars,
            parts,
            variables,
        };
        write::definition(&mut self.written, &definition);
        self.count += 1;
        let number = self.templates.next;
        self.templates.next += 1;
        self.templates.numbers.insert(body.hash, number);
        number
    }
}

impl Numbers for Definitions<'_> {
    fn number(&mut self, plan: &Plan, body: BodyId) -> u32 {
        if plan.number != self.plan.number {
            return self.define(plan, body);
        }
        if let Some(number) = self.known[body.0 as usize] {
            return number;
        }
        let number = self.define(plan, body);
        self.known[body.0 as usize] = Some(number);
        number
    }
}
