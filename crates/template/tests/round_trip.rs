//! Whatever a template prints, the page that applies its frames shows the same: full trees and
//! deltas, over random templates, well formed and wild.

mod support;

use support::{Random, Wire, World, print};
use template::{Op, Region};

const CASES: u64 = 300;

fn check(seed: u64, ops: &[Op], random: &mut Random) {
    let mut world: World = random.world();
    let mut wire = Wire::new(ops, Region::Whole);
    for step in 0..6 {
        let expected = print(ops, &world);
        let (frame, html) = wire.show(&world);
        assert_eq!(html, expected, "seed {seed}, step {step}, {ops:#?}\n{:#?}", wire.plan);
        let (again, _) = wire.show(&world);
        assert_eq!(again, None, "seed {seed}: nothing changed");
        if step > 0 {
            let mut fresh = Wire::new(ops, Region::Whole);
            let full = fresh.show(&world).0.unwrap_or_default();
            let sent = frame.unwrap_or_default();
            assert!(sent.len() <= full.len() + 16, "seed {seed}: {} > {}", sent.len(), full.len());
        }
        random.change(&mut world);
    }
}

#[test]
fn a_page_shows_what_a_well_formed_template_prints() {
    for seed in 0..CASES {
        let mut random = Random::new(seed);
        let ops = random.tame_ops(4);
        check(seed, &ops, &mut random);
    }
}

#[test]
fn a_page_shows_what_any_template_prints() {
    for seed in 0..CASES {
        let mut random = Random::new(seed << 32);
        let ops = random.wild_ops(3);
        check(seed, &ops, &mut random);
    }
}

#[test]
fn the_live_region_is_a_part_of_the_page() {
    for seed in 0..2 * CASES {
        let mut random = Random::new(seed << 16);
        let mut ops = random.wild_ops(3);
        for _ in 0..random.below(3) {
            let at = random.below(ops.len() + 1);
            ops.insert(
                at,
                Op::Text(["<main dj-root>", "</main>", "<body>"][random.below(3)].into()),
            );
        }
        let world = random.world();
        let (_, html) = Wire::new(&ops, Region::Live).show(&world);
        assert!(print(&ops, &world).contains(&html), "seed {seed}: {html:?} {ops:#?}");
    }
}
