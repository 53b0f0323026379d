//! A render of what stands in some elements sends that alone, and leaves the rest to be sent later.

mod support;

use support::{Printed, Random, Wire, World, each, print, t, v, when};
use template::{Op, Region, ScopeId, ValueId};

/// A world whose value 1 and 2 print a number, whose test 1 holds if `yes`, and whose loop 1 has
/// `rows` rows.
fn world(number: i64, yes: bool, rows: u32) -> World {
    let mut world = World::default();
    for id in 1..=4 {
        world.values.insert((id, vec![]), Printed::Int(number));
        for row in 0..9 {
            world.values.insert((id, vec![row]), Printed::Int(number));
        }
    }
    world.tests.insert((1, vec![]), yes);
    world.loops.insert((1, vec![]), (0..rows).collect());
    world
}

/// What a page shows of the world of 1 after a render of that of 2 within the selectors; or, with
/// nothing, that all has to be rendered.
fn shown(ops: &[Op], selectors: &[&str], after: &World) -> Option<String> {
    let mut wire = Wire::new(ops, Region::Whole);
    wire.show(&world(1, true, 2));
    wire.show_excerpt(after, selectors)?;
    let html = wire.page.html();
    // What was left out comes with the next whole render.
    assert_eq!(wire.show(after).1, print(ops, after));
    Some(html)
}

fn template() -> Vec<Op> {
    vec![
        t("<h1 class=\"big "),
        v(1),
        t("\">"),
        v(2),
        t("</h1><div id=a title="),
        v(1),
        t(" ><p>"),
        v(3),
        t("</p></div><input id=b value="),
        v(4),
        t(">"),
        v(1),
    ]
}

#[test]
fn an_element_s_attributes_and_all_inside_of_it_are_sent() {
    let ops = &template();
    let after = &world(2, true, 2);
    let page = |selectors: &[&str]| shown(ops, selectors, after).expect("they name something");
    let with = |h1: &str, a: &str, b: &str| {
        format!(
            "<h1 class=\"big {h1}\">{h1}</h1><div id=a title={a} ><p>{a}</p></div><input id=b value={b}>1"
        )
    };
    // One slot that feeds two holes is one value: value 1 stands in three, so three slots.
    assert_eq!(page(&["#a"]), with("1", "2", "1"));
    assert_eq!(page(&[".big"]), with("2", "1", "1"));
    assert_eq!(page(&["input#b"]), with("1", "1", "2"));
    assert_eq!(page(&["#a, .big"]), with("2", "2", "1"));
    assert_eq!(page(&["#b", "h1"]), with("2", "1", "2"));
    assert_eq!(page(&["div > p"]), with("1", "1", "1").replace("<p>1", "<p>2"));
}

#[test]
fn what_names_nothing_or_is_not_understood_asks_for_everything() {
    let after = &world(2, true, 2);
    for selectors in [&["#c"][..], &["#a", "#c"], &["#a:hover"], &["p > div"], &[".1"]] {
        assert_eq!(shown(&template(), selectors, after), None, "{selectors:?}");
    }
}

#[test]
fn conditions_and_includes_around_the_element_stay_as_they_were() {
    let inner = vec![v(1), t("<p>"), v(2), t("</p>")];
    let condition = [v(1), when(1, inner.clone()), v(1)];
    let include =
        [t("<div>"), v(1), Op::Include { id: ScopeId(1), body: inner.clone() }, t("</div>")];
    assert_eq!(shown(&condition, &["p"], &world(2, true, 2)).as_deref(), Some("11<p>2</p>1"));
    assert_eq!(shown(&include, &["p"], &world(2, true, 2)).unwrap(), "<div>11<p>2</p></div>");
    // Now it is another element, or none.
    assert_eq!(shown(&condition, &["p"], &world(2, false, 2)), None);
    // It may have nothing in it that changes.
    let plain = [v(1), when(1, vec![t("<p>Hello</p>")])];
    assert_eq!(shown(&plain, &["p"], &world(2, true, 2)).unwrap(), "1<p>Hello</p>");
    assert_eq!(shown(&plain, &["p"], &world(2, false, 2)), None);
    // Inside of the element a condition may change.
    let around = [t("<div>"), when(1, inner), t("</div>"), v(1)];
    assert_eq!(shown(&around, &["div"], &world(2, false, 2)).unwrap(), "<div></div>1");
    assert_eq!(shown(&around, &["div", "p"], &world(2, false, 2)).unwrap(), "<div></div>1");
}

#[test]
fn a_list_is_taken_whole() {
    let list = Op::For {
        id: template::LoopId(1),
        body: vec![t("<li><b>"), v(1), t("</b>"), v(2), t("</li>")],
        empty: vec![t("<i>none</i>")],
    };
    let ops = &[t("<ul>"), list, t("</ul>"), v(3)];
    for selectors in [["b"], ["ul"], ["i"], ["ul > li"]] {
        let page = |rows| shown(ops, &selectors, &world(2, true, rows)).unwrap();
        assert_eq!(page(1), "<ul><li><b>2</b>2</li></ul>1");
        assert_eq!(page(0), "<ul><i>none</i></ul>1");
    }
}

#[test]
fn what_changes_later_values_runs_also_outside() {
    let written = v(support::WRITTEN);
    let set = Op::Set(ValueId(9));
    let ops = &[
        t("<h1>"),
        when(1, vec![t("x"), set.clone(), v(1)]),
        each(1, vec![set.clone(), v(1)]),
        t("</h1><p>"),
        v(1),
        set,
        written,
        t("</p>"),
    ];
    let html = shown(ops, &["p"], &world(2, true, 2)).unwrap();
    assert_eq!(html, "<h1>x111</h1><p>24</p>");
}

#[test]
fn nothing_is_sent_when_only_others_changed() {
    let ops = &[t("<p>"), v(1), t("</p>"), v(2)];
    let mut wire = Wire::new(ops, Region::Whole);
    assert_eq!(wire.show_excerpt(&world(1, true, 2), &["p"]), None, "nothing was sent before");
    wire.show(&world(1, true, 2));
    let mut after = world(1, true, 2);
    after.values.insert((2, vec![]), Printed::Int(7));
    assert_eq!(wire.show_excerpt(&after, &["p"]), Some(false));
    assert_eq!(wire.page.html(), "<p>1</p>1");
}

#[test]
fn whatever_was_left_out_comes_later() {
    let names = ["p", "div", "b", "td", "li", "*", "table", "ul", "option", "span"];
    let mut excerpts = 0;
    for seed in 0..600u64 {
        let mut random = Random::new(seed << 8);
        let ops = if seed % 2 == 0 { random.tame_ops(4) } else { random.wild_ops(3) };
        let mut world: World = random.world();
        let mut wire = Wire::new(&ops, Region::Whole);
        wire.show(&world);
        for step in 0..4 {
            random.change(&mut world);
            let name = names[random.below(names.len())];
            if wire.show_excerpt(&world, &[name]).is_some() {
                excerpts += 1;
                assert_eq!(wire.show_excerpt(&world, &[name]), Some(false), "seed {seed}: again");
            }
            if step % 2 == 1 {
                let html = wire.show(&world).1;
                assert_eq!(html, print(&ops, &world), "seed {seed}, {name}, {ops:#?}");
            }
        }
    }
    assert!(excerpts > 300, "{excerpts}");
}
