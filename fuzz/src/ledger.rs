//! A page without nodes: mutations go in, and each is refused by a panic if a page could not carry
//! it out. Unlike the mock DOM it takes templates that nobody would write.

use client::{Effect, Effects};
use protocol::{Hole, Scan, TemplateId};
use vdom::{NodeId, WriteMutations, lead};

/// What a page knows about its templates and nodes.
#[derive(Default)]
pub struct Ledger {
    templates: Vec<Shape>,
    /// Whether a node has this id.
    bound: Vec<bool>,
    /// How many values the last mutation still needs.
    pending: u32,
    /// How many mutations there were, without definitions.
    pub mutations: u32,
    /// Whether a frame without a session was refused.
    pub refused: bool,
}

/// What a template needs.
struct Shape {
    scalars: u32,
    /// How many ids an instance has.
    ids: u32,
    lead: u32,
    /// How many values each part takes.
    parts: Vec<u32>,
}

impl Ledger {
    /// How many ids are bound.
    pub fn bound(&self) -> usize {
        self.bound.iter().filter(|&&bound| bound).count()
    }

    fn begin(&mut self, values: u32) {
        assert_eq!(self.pending, 0, "the mutation before lacks values");
        self.pending = values;
        self.mutations += 1;
    }

    fn set_bound(&mut self, base: NodeId, count: u32, bound: bool) {
        assert!(base.0 > 0, "zero is no node");
        let (from, to) = (base.0 as usize, (base.0 + count) as usize);
        if self.bound.len() < to {
            self.bound.resize(to, false);
        }
        for place in &mut self.bound[from..to] {
            assert_ne!(*place, bound, "an id is bound twice, or forgotten twice");
            *place = bound;
        }
    }

    fn is_bound(&self, id: NodeId) -> bool {
        self.bound.get(id.0 as usize).is_some_and(|&bound| bound)
    }

    fn instance(&self, template: TemplateId, base: NodeId) -> &Shape {
        let shape = &self.templates[template.0 as usize];
        assert!(self.is_bound(base) && self.is_bound(NodeId(base.0 + shape.lead - 1)));
        shape
    }

    fn place(&self, before: NodeId) {
        assert!(before == NodeId(0) || self.is_bound(before), "the place is on the page");
    }
}

impl WriteMutations for Ledger {
    fn define(&mut self, template: TemplateId, definition: &[u8]) {
        assert_eq!(template.0 as usize, self.templates.len());
        // What the HTML says is the browser's matter.
        let mut scan = Scan::new(definition);
        scan.bin();
        let lead = lead(scan.uint() as u8);
        scan.uint();
        let scalars = scan.uint();
        let mut parts: Vec<u32> = Vec::new();
        for _ in 0..scan.uint() {
            let mut piece = Scan::new(scan.value());
            // A hole with its template, a tag in an array, or what stands alone.
            if piece.peek() == 0x92 {
                piece.array_len();
            }
            let code = piece.uint();
            if piece.has_failed() {
                continue;
            }
            let hole = Hole::from_code(code, None);
            // A joined hole belongs to the part before it, as the page takes it (js/template.js).
            if !hole.joined {
                parts.push(0);
            }
            let part = parts.last_mut().expect("a part to join");
            *part += 1;
        }
        scan.result().expect("a definition that was read");
        let ids = lead + parts.len() as u32;
        self.templates.push(Shape { scalars, ids, lead, parts });
    }

    fn create(&mut self, template: TemplateId, base: NodeId, before: NodeId) {
        self.place(before);
        let Shape { scalars, ids, .. } = self.templates[template.0 as usize];
        self.begin(scalars);
        self.set_bound(base, ids, true);
    }

    fn adopt(&mut self, template: TemplateId, base: NodeId) {
        let Shape { scalars, ids, .. } = self.templates[template.0 as usize];
        self.begin(scalars);
        self.set_bound(base, ids, true);
    }

    fn adopt_children(&mut self, _: u32) {
        self.begin(0);
    }

    fn set(&mut self, template: TemplateId, base: NodeId, node: u32) {
        let shape = self.instance(template, base);
        let values = shape.parts[(node - shape.lead) as usize];
        self.begin(values);
    }

    fn set_text(&mut self, node: NodeId) {
        assert!(self.is_bound(node));
        self.begin(1);
    }

    fn append(&mut self, node: NodeId, _: u32, _: &[u8]) {
        assert!(self.is_bound(node));
        self.begin(0);
    }

    fn values(&mut self, _: u32, values: &[u8]) {
        let mut scan = Scan::new(values);
        while !scan.rest().is_empty() {
            scan.value();
            assert!(self.pending > 0, "a value too much");
            self.pending -= 1;
        }
    }

    fn move_before(&mut self, template: TemplateId, base: NodeId, before: NodeId) {
        self.begin(0);
        self.instance(template, base);
        self.place(before);
    }

    fn remove(&mut self, template: TemplateId, base: NodeId) {
        self.begin(0);
        self.instance(template, base);
    }

    fn clear(&mut self, first: NodeId, anchor: NodeId) {
        self.begin(0);
        assert!(self.is_bound(first) && self.is_bound(anchor));
    }

    fn release(&mut self, base: NodeId, count: u32) {
        self.begin(0);
        self.set_bound(base, count, false);
    }
}

impl Effects for Ledger {
    fn emit(&mut self, effect: Effect<'_>) {
        assert_eq!(self.pending, 0, "the mutation before lacks values");
        self.refused |= matches!(effect, Effect::Refused(_));
    }
}
