//! Many frames in a row: what the engine keeps follows what is on the page, not how often it changed.

use protocol::{Definition, Reader, TemplateId};
use testkit::{
    delta,
    random::{self, Rng},
};
use vdom::{Engine, NodeId, WriteMutations};

/// Remembers the highest node id that was given out, and how many there were at once.
#[derive(Default)]
struct Ids {
    highest: u32,
    live: u32,
    most: u32,
    counts: Vec<u32>,
}

impl WriteMutations for Ids {
    fn define(&mut self, _: TemplateId, definition: &[u8]) {
        let definition =
            Definition::read(&mut Reader::new(definition)).expect("a sound definition");
        let parts = definition.holes().filter(|hole| !hole.joined).count();
        self.counts.push(vdom::lead(definition.flags) + parts as u32);
    }
    fn create(&mut self, template: TemplateId, base: NodeId, _: NodeId) {
        let ids = self.counts[template.0 as usize];
        self.highest = self.highest.max(base.0 + ids);
        self.live += ids;
        self.most = self.most.max(self.live);
    }
    fn adopt(&mut self, _: TemplateId, _: NodeId) {}
    fn adopt_children(&mut self, _: u32) {}
    fn set(&mut self, _: TemplateId, _: NodeId, _: u32) {}
    fn set_text(&mut self, _: NodeId) {}
    fn append(&mut self, _: NodeId, _: u32, _: &[u8]) {}
    fn values(&mut self, _: u32, _: &[u8]) {}
    fn move_before(&mut self, _: TemplateId, _: NodeId, _: NodeId) {}
    fn remove(&mut self, _: TemplateId, _: NodeId) {}
    fn clear(&mut self, _: NodeId, _: NodeId) {}
    fn release(&mut self, _: NodeId, count: u32) {
        self.live -= count;
    }
}

#[test]
fn ids_and_values_reach_a_plateau() {
    let definitions = random::definitions();
    let (mut engine, mut out) = (Engine::new(), Ids::default());
    testkit::define(&mut engine, &definitions, &mut out);
    let mut rng = Rng::new(1);
    let root = TemplateId(7);
    let first = random::fragment(&mut rng, &definitions, root);
    let mut bytes = Vec::new();
    first.encode(&definitions, &mut bytes);
    engine.mount(0, root, &bytes, false, &mut out).expect("a sound fragment");
    let mut old = first;
    for round in 0..4_000 {
        // The page starts over now and then, so that its size stays the same on average.
        let new = if rng.one_in(10) {
            random::fragment(&mut rng, &definitions, root)
        } else {
            random::change(&mut rng, &definitions, &old)
        };
        bytes.clear();
        delta(&mut rng, &definitions, &old, &new, &mut bytes);
        engine.compact();
        engine.update(0, &bytes, &mut out).expect("a sound delta");
        assert!(engine.stored().len() < 100_000, "round {round}: {} bytes", engine.stored().len());
        old = new;
    }
    // Ids of a frame's new and old nodes are live together; the rest is what lies between runs.
    assert!(out.highest < out.most * 3 / 2, "{} ids, {} at once", out.highest, out.most);
}
