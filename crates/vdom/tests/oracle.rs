//! Random pages and random changes: after each frame the DOM is what a fresh page would be.
//! `make campaign PAGES=125000 SEED=0` tries more of them, eight changes for each page
//! (docs/campaigns.md says what has been tried).

use std::{env, ops::Range};

use protocol::{Definition, TemplateId};
use testkit::{
    Fragment, Page,
    random::{self, Rng},
};

const ROOT: TemplateId = TemplateId(7);
const CHANGES: usize = 8;

/// The pages to begin with, by their seeds.
fn seeds() -> Range<u64> {
    let number =
        |name, usual| env::var(name).map_or(usual, |text: String| text.parse().expect("a number"));
    let first = number("SEED", 0);
    first..first + number("PAGES", 250)
}

/// How many node ids a page of this filling takes.
fn ids(definitions: &[Definition], fragment: &Fragment) -> usize {
    let definition = &definitions[fragment.template.0 as usize];
    let parts = definition.holes().filter(|hole| !hole.joined).count();
    let below = fragment.structures.iter().flatten().map(|child| ids(definitions, child));
    vdom::lead(definition.flags) as usize + parts + below.sum::<usize>()
}

#[test]
fn full_trees_and_deltas_give_what_a_fresh_page_shows() {
    for seed in seeds() {
        let mut rng = Rng::new(seed);
        let definitions = random::definitions();
        let mut page = Page::new(definitions.clone());
        let mut old = random::fragment(&mut rng, &definitions, ROOT);
        page.mount(&old);
        for _ in 0..CHANGES {
            let new = random::change(&mut rng, &definitions, &old);
            if rng.one_in(3) {
                page.mount(&new);
            } else {
                page.change(&mut rng, &old, &new);
            }
            assert_eq!(page.dom.bound(), ids(&definitions, &new), "seed {seed}: ids are released");
            old = new;
        }
        page.engine.unmount(0, &mut page.dom);
        assert_eq!((page.dom.bound(), page.dom.html()), (0, String::new()), "seed {seed}");
    }
}

#[test]
fn unrelated_trees_follow_each_other() {
    let mut rng = Rng::new(seeds().start + 1);
    let definitions = random::definitions();
    let mut page = Page::new(definitions.clone());
    for _ in seeds() {
        let template = TemplateId(rng.below(definitions.len()) as u32);
        page.mount(&random::fragment(&mut rng, &definitions, template));
    }
}

#[test]
fn a_served_page_is_adopted_and_then_changed() {
    for seed in seeds() {
        let mut rng = Rng::new(seed);
        let definitions = random::definitions();
        let old = random::fragment(&mut rng, &definitions, ROOT);
        let new = random::change(&mut rng, &definitions, &old);
        let mut page = Page::served(definitions.clone(), &old);
        let served = page.dom.elements("section");
        let counts = page.hydrate(&old);
        assert_eq!((counts.creates, counts.sets, counts.moves), (0, 0, 0));
        assert_eq!(page.dom.elements("section"), served, "nodes of the page are kept");
        page.change(&mut rng, &old, &new);
        page.mount(&old);
    }
}

#[test]
fn a_snapshot_brings_back_what_was_shown() {
    for seed in seeds() {
        let mut rng = Rng::new(seed);
        let definitions = random::definitions();
        let mut page = Page::new(definitions.clone());
        assert!(page.engine.snapshot(0).is_none(), "nothing is shown yet");
        let mut shown = random::fragment(&mut rng, &definitions, ROOT);
        page.mount(&shown);
        for _ in 0..4 {
            let (template, bytes) = page.engine.snapshot(0).expect("a root");
            assert_eq!((template, &bytes), (ROOT, &page.bytes(&shown)), "seed {seed}");
            let new = random::change(&mut rng, &definitions, &shown);
            page.change(&mut rng, &shown, &new);
            page.mount_bytes(template, &bytes).expect("a sound fragment");
            page.check(&shown);
            page.change(&mut rng, &shown, &new);
            shown = new;
        }
    }
}
