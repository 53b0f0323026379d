//! The two halves together: what a session sends, the engine of the page applies to a DOM, and the
//! DOM is what the template prints.

mod support;

use protocol::{Scan, ServerFrame, TemplateId};
use support::{Random, Wire, World, print};
use template::{Op, Region};
use testkit::{MockDom, html};
use vdom::Engine;

/// How many pages are tried: `DJUST_CASES`, or a few.
fn cases() -> u64 {
    std::env::var("DJUST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(500)
}

struct Browser {
    engine: Engine,
    dom: MockDom,
}

impl Browser {
    /// A page that the server printed.
    fn served(source: &str) -> Self {
        Self { engine: Engine::new(), dom: MockDom::served(source) }
    }

    fn apply(&mut self, frame: &[u8], hydrate: bool) {
        let Self { engine, dom } = self;
        match ServerFrame::decode(frame).expect("a frame") {
            ServerFrame::Tree(tree) => {
                let mut scan = Scan::new(tree.body);
                engine.define(&mut scan, dom).expect("definitions");
                if tree.full {
                    let template = TemplateId(scan.uint());
                    engine.mount(0, template, scan.rest(), hydrate, dom).expect("a tree");
                } else {
                    engine.update(0, scan.rest(), dom).expect("a delta");
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

fn check(seed: u64, ops: &[Op], random: &mut Random, hydrate: bool) {
    let mut world: World = random.world();
    let mut wire = Wire::new(ops, Region::Whole);
    let first = if hydrate { print(ops, &world) } else { String::new() };
    let mut browser = Browser::served(&first);
    for step in 0..8 {
        if let (Some(frame), _) = wire.show(&world) {
            browser.apply(&frame, hydrate && step == 0);
        }
        let expected = html::normal(&print(ops, &world));
        assert_eq!(browser.dom.html(), expected, "seed {seed}, step {step}, {ops:#?}");
        random.change(&mut world);
    }
}

#[test]
fn the_dom_follows_what_the_template_prints() {
    for seed in 0..cases() {
        let mut random = Random::new(seed << 8);
        let ops = random.tame_ops(3);
        check(seed, &ops, &mut random, false);
    }
}

#[test]
fn a_served_page_is_adopted_and_then_follows() {
    for seed in 0..cases() {
        let mut random = Random::new(seed << 8);
        let ops = random.tame_ops(3);
        check(seed, &ops, &mut random, true);
    }
}
