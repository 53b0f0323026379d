//! Holes whose template is known when the plan runs, pairs of conditions, and stripped output.

mod support;

use support::{DYNAMIC, Random, Wire, World, each, either, print, t, v, when};
use template::{Op, Region, TestId, ValueId, compile, compile_fragment, join_pairs};

const CASES: u64 = 300;

fn d(id: u32) -> Op {
    Op::Dynamic(ValueId(DYNAMIC + id))
}

/// A world in which the first value brings the first of these templates.
fn bringing(templates: &[&[Op]]) -> World {
    let templates = templates.iter().map(|ops| ops.to_vec()).collect();
    let mut world = World { templates, ..World::default() };
    world.brought.insert((0, vec![]), 0);
    world
}

#[test]
fn a_page_shows_what_brought_templates_print() {
    for seed in 0..CASES {
        let mut random = Random::new(seed << 8);
        let ops = if seed % 2 == 0 { random.tame_ops(3) } else { random.wild_ops(3) };
        let ops = random.with_dynamic_holes(ops);
        let mut world = random.world();
        for _ in 0..3 {
            let mut template =
                if random.below(3) > 0 { random.tame_ops(2) } else { random.wild_ops(2) };
            for at in [0, template.len()] {
                if random.below(2) == 0 {
                    let space = [" \n", "\u{a0}", "x \n "][random.below(3)];
                    template.insert(at.min(template.len()), t(space));
                }
            }
            world.templates.push(random.with_dynamic_holes(template));
        }
        let mut wire = Wire::new(&ops, Region::Whole);
        for step in 0..6 {
            random.bring(&mut world);
            let (_, html) = wire.show(&world);
            let expected = print(&ops, &world);
            assert_eq!(
                html, expected,
                "seed {seed}, step {step}, {ops:#?}\n{:#?}",
                world.templates
            );
            assert_eq!(wire.show(&world).0, None, "seed {seed}: nothing changed");
            random.change(&mut world);
        }
    }
}

#[test]
fn a_change_inside_a_brought_template_travels_alone() {
    let field = [t("<label>Name</label>"), v(1), t("<input class=\"wide field\" name=\"name\">")];
    let mut world = bringing(&[&field]);
    let mut wire = Wire::new(&[t("<form>"), d(0), t("</form>")], Region::Whole);
    wire.show(&world);
    world.values.insert((1, vec![]), support::Printed::Text("Enter a name.".into()));
    let (frame, html) = wire.show(&world);
    assert_eq!(html, print(&[t("<form>"), d(0), t("</form>")], &world));
    assert!(frame.is_some_and(|frame| frame.len() < 30));
}

#[test]
fn another_template_takes_the_place_of_the_first() {
    let mut world = bringing(&[&[t("<b>one</b>")], &[t("<i>two</i>")]]);
    let mut wire = Wire::new(&[d(0)], Region::Whole);
    assert_eq!(wire.show(&world).1, "<b>one</b>");
    world.brought.insert((0, vec![]), 1);
    assert_eq!(wire.show(&world).1, "<i>two</i>");
    world.brought.clear();
    assert_eq!(wire.show(&world).1, "");
}

#[test]
fn white_space_around_a_brought_template_is_dropped_as_the_values_have_it() {
    let template = [
        v(1),
        t("\n"),
        each(0, vec![t("\n<p>"), v(2), t("</p>\n")]),
        t("\n"),
        when(0, vec![t(" x ")]),
        t("\n"),
    ];
    for rows in [vec![], vec![1], vec![1, 2]] {
        for first in ["", "first", " \u{1f}"] {
            for last in [false, true] {
                let mut world = bringing(&[&template]);
                world.values.insert((1, vec![]), support::Printed::Source(first.into()));
                world.loops.insert((0, vec![]), rows.clone());
                world.tests.insert((0, vec![]), last);
                let printed = Wire::new(&[t("["), d(0), t("]")], Region::Whole).show(&world).1;
                let mut inner = print(&template, &world);
                inner = inner.trim_matches(|c: char| c.is_whitespace() || c == '\u{1f}').into();
                assert_eq!(printed, format!("[{inner}]"));
            }
        }
    }
}

#[test]
fn a_template_that_closes_an_element_around_it_has_no_plan_there() {
    let ops = [t("<div>in a paragraph</div>")];
    assert!(compile_fragment(&ops, "form p", true).is_none());
    assert!(compile_fragment(&ops, "form", true).is_some());
    assert!(compile_fragment(&[t("</form>")], "form", true).is_none());
}

#[test]
fn rows_brought_into_a_table_get_the_body_that_a_parser_adds() {
    let ops = [each(0, vec![t("<tr><td>"), v(0), t("</td></tr>")])];
    let plan = compile_fragment(&ops, "table", true).expect("a plan");
    let parts = format!("{:?}", plan.body(plan.root()).parts);
    assert!(parts.contains("Implied(\"<tbody>\")"), "{parts}");
}

#[test]
fn conditions_that_open_and_close_one_element_become_one() {
    let ops = [
        t("<div>"),
        when(0, vec![t("<a href=\""), v(0), t("\">")]),
        v(1),
        when(0, vec![t("</a>")]),
        t("</div>"),
    ];
    assert_eq!(compile(&ops, Region::Whole).captured_regions(), 1);
    let joined = join_pairs(&ops, &|one, other| one == other);
    assert_eq!(compile(&joined, Region::Whole).captured_regions(), 0);
    assert_eq!(joined.len(), 3);
}

#[test]
fn joined_conditions_are_decided_as_often_as_before() {
    let ops = [when(0, vec![t("<a>")]), v(1), when(0, vec![t("</a>")])];
    let joined = join_pairs(&ops, &|one, other| one == other);
    let check = |outcome| Op::Check(TestId(0), outcome);
    let expected =
        either(0, vec![t("<a>"), v(1), check(true), t("</a>")], vec![v(1), check(false)]);
    assert_eq!(joined, [expected]);
}

#[test]
fn conditions_are_joined_only_where_that_balances_the_elements() {
    for ops in [
        // Other tests, balanced already, and never closed.
        vec![when(0, vec![t("<a>")]), when(1, vec![t("</a>")])],
        vec![when(0, vec![t("<a></a>")]), v(0), when(0, vec![t("<b></b>")])],
        vec![when(0, vec![t("<a>")]), v(0), when(0, vec![t("<b>")])],
        // Something between that may change what the test reads.
        vec![when(0, vec![t("<a>")]), Op::Opaque(template::NodeId(0)), when(0, vec![t("</a>")])],
        // The live region must stay where it can be found.
        vec![when(0, vec![t("<a>")]), t("<main dj-root>"), when(0, vec![t("</a>")])],
    ] {
        assert_eq!(join_pairs(&ops, &|one, other| one == other), ops);
    }
}

#[test]
fn a_page_shows_what_joined_conditions_print() {
    for seed in 0..CASES {
        let mut random = Random::new(seed << 24);
        let pairs = [("<a>", "</a>"), ("<p class=\"x\">", "</p>"), ("<td>", "</td>"), ("<b", ">")];
        let mut ops = random.tame_ops(3);
        for _ in 0..2 {
            let (open, close) = pairs[random.below(pairs.len())];
            let test = random.below(2) as u32;
            let at = random.below(ops.len() + 1);
            ops.insert(at, when(test, vec![t(open)]));
            let at = at + 1 + random.below(ops.len() - at);
            ops.insert(at, either(test, vec![t(close)], random.tame_ops(1)));
        }
        let joined = join_pairs(&ops, &|one, other| one == other);
        let mut world = random.world();
        let mut wire = Wire::new(&joined, Region::Whole);
        for step in 0..4 {
            assert_eq!(
                wire.show(&world).1,
                print(&ops, &world),
                "seed {seed}, step {step}: {ops:#?}"
            );
            random.change(&mut world);
        }
    }
}
