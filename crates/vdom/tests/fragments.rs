//! Everything but lists: scalars and the parts they feed, conditions, fragments, roots, node ids.

use protocol::{ErrorKind, TemplateId};
use testkit::{Counts, Fragment, MockDom, Page, Value, shape};
use vdom::Engine;

fn filled(template: u32) -> Fragment {
    Fragment::new(TemplateId(template))
}

const SET: Counts = Counts {
    creates: 0,
    adopts: 0,
    sets: 1,
    appends: 0,
    moves: 0,
    removes: 0,
    clears: 0,
    releases: 0,
};

#[test]
fn a_scalar_sets_every_part_that_it_feeds_and_no_other() {
    let mut page =
        Page::new(vec![shape("<p class=\"{0 attribute}\" title=\"{1 attribute}\">{0}</p>")]);
    page.mount(&filled(0).text("a").text("b"));
    assert_eq!(page.mount(&filled(0).text("c").text("b")).sets, 2);
    assert_eq!(page.update(&[1, 1, 7], &filled(0).text("c").int(7)), SET);
}

#[test]
fn a_part_with_several_holes_is_set_as_a_whole() {
    let mut page = Page::new(vec![shape("<p class=\"row {0 attribute} {+1 attribute}\"></p>")]);
    page.mount(&filled(0).text("a").text("b"));
    assert_eq!(page.mount(&filled(0).text("a").text("c")), SET);
    assert_eq!(page.mount(&filled(0).text("d").text("e")), SET);
}

#[test]
fn an_equal_value_sets_nothing() {
    let mut page = Page::new(vec![shape("<p>{0}</p>")]);
    page.mount(&filled(0).int(5));
    assert_eq!(page.update(&[1, 0, 5], &filled(0).int(5)), Counts::default());
    assert_eq!(page.update(&[0, 5], &filled(0).int(5)), Counts::default());
}

#[test]
fn a_long_text_that_goes_on_is_appended_to() {
    let old = "A text of more than 32 bytes, é, ";
    let new = format!("{old}and its end.");
    let mut page = Page::new(vec![shape("<p title=\"{0 attribute}\">{1}{0}</p>"), shape("{0}{1}")]);
    let fill = |text: &str| filled(0).text(text).int(7);
    page.mount(&fill(old));
    let delta = [&[1, 0, 0x91, 0xa8][..], b"and its "].concat();
    let counts = page.update(&delta, &fill(&new[..new.len() - 4]));
    assert_eq!((counts.sets, counts.appends), (1, 1), "an attribute is set, a text appended to");
    // A full frame that says the same does the same.
    assert_eq!(page.mount(&fill(&new)).appends, 1);
    assert_eq!(page.mount(&fill(&format!("{new}\r"))).appends, 1);
    assert_eq!(page.mount(&fill(&format!("{new}\r\n"))).appends, 0, "a line end in two halves");
    assert_eq!(page.mount(&fill(old)).appends, 0, "a text that became shorter");
    // A number, HTML and text that is its own source have no text to go on.
    let number = page.update_bytes(&[1, 1, 0x91, 0xa1, 0x21]);
    assert_eq!(number.map_err(|error| error.kind), Err(ErrorKind::OutOfRange));
    for value in [Value::Html("<b></b>".into()), Value::Verbatim("it's".into())] {
        let mut fragment = filled(0).text(old);
        fragment.scalars.push(value);
        page.mount(&fragment);
        assert!(page.update_bytes(&[1, 1, 0x91, 0xa1, 0x21]).is_err());
        page.check(&fragment);
    }
}

#[test]
fn a_text_grows_by_many_small_ends() {
    let mut page = Page::new(vec![shape("<p>{0}, {1}, {2}</p>")]);
    let mut text = String::from("a");
    let fill = |text: &str| filled(0).int(1).text(text).text("after");
    page.mount(&fill(&text));
    for _ in 0..2_000 {
        text.push_str("more é");
        page.update(&[1, 1, 0x91, 0xa7, b'm', b'o', b'r', b'e', b' ', 0xc3, 0xa9], &fill(&text));
        assert!(page.engine.stored().len() <= 3 * text.len() + 70_000);
    }
}

#[test]
fn values_around_a_changed_one_stay() {
    let mut page = Page::new(vec![shape("<p>{0}{1}{2}{3}{4}</p>")]);
    let numbers = |numbers: [i64; 5]| numbers.into_iter().fold(filled(0), Fragment::int);
    page.mount(&numbers([1, 2, 3, 4, 5]));
    page.update(&[1, 0, 9], &numbers([9, 2, 3, 4, 5]));
    page.update(&[2, 1, 0xcd, 1, 0, 3, 8], &numbers([9, 256, 3, 8, 5]));
    page.update(&[2, 3, 7, 4, 6], &numbers([9, 256, 3, 7, 6]));
    page.mount(&numbers([9, 256, 3, 7, 6]));
}

#[test]
fn every_type_of_scalar_arrives() {
    let mut page = Page::new(vec![shape("<p title=\"{0 attribute}\">{1}</p>")]);
    let both = |value: Value| Fragment { scalars: vec![Value::Int(1), value], ..filled(0) };
    for value in [
        Value::Html("<i>a</i> &amp; b".into()),
        Value::Text("<i>".into()),
        Value::Verbatim("\"quoted\"".into()),
        Value::Int(-40_000),
        Value::Html(String::new()),
    ] {
        page.mount(&both(value));
    }
}

#[test]
fn a_condition_keeps_its_body_while_the_template_stays() {
    let bodies = ["<div>{0 if}</div>", "<b>{0}</b>", "<i>{0}</i>"];
    let mut page = Page::new(bodies.map(shape).into());
    let body = |template, text: &str| filled(0).holds([filled(template).text(text)]);
    page.mount(&body(1, "a"));
    let bold = page.dom.elements("b");
    assert_eq!(page.mount(&body(1, "b")).sets, 1);
    assert_eq!(page.dom.elements("b")[0].1, bold[0].1);
    // true and a delta; another body; none; one again.
    assert_eq!(page.update(b"\x01\x00\xc3\x01\x00\xa1c", &body(1, "c")), SET);
    assert_eq!(page.update(b"\x01\x00\x02\xa1d", &body(2, "d")).creates, 1);
    assert_eq!(page.update(b"\x01\x00\xc2", &filled(0).holds([])).clears, 1);
    assert_eq!(page.update(b"\x01\x00\x01\xa1e", &body(1, "e")).creates, 1);
    assert_eq!(page.mount(&body(2, "e")).creates, 1);
    assert_eq!(page.mount(&filled(0).holds([])).clears, 1);
}

#[test]
fn a_full_tree_does_not_take_a_changed_body_for_what_the_tree_before_had() {
    let shapes = ["<b>{0}</b>", "<li>{0 key}{1 if}</li>", "<ul>{0 for 1}</ul>"];
    let mut page = Page::new(shapes.map(shape).into());
    let list = |middle: i64| {
        filled(2).holds((0..3).map(|at| {
            let number = if at == 1 { middle } else { 0 };
            filled(1).int(at).holds([filled(0).int(number)])
        }))
    };
    page.mount(&list(5));
    page.update(&[1, 0, 3, 1, 1, 1, 1, 0xc3, 1, 0, 9], &list(9));
    assert_eq!(page.mount(&list(5)), SET);
    assert_eq!(page.mount(&list(5)).sets, 0);
    assert_eq!(page.mount(&list(6)), SET);
}

#[test]
fn a_fixed_fragment_changes_inside() {
    let mut page = Page::new(vec![shape("<div>{0 with 1}</div>"), shape("<b>{0}</b>")]);
    page.mount(&filled(0).holds([filled(1).text("a")]));
    assert_eq!(page.mount(&filled(0).holds([filled(1).text("b")])), SET);
    assert_eq!(page.update(b"\x01\x00\x01\x00\xa1c", &filled(0).holds([filled(1).text("c")])), SET);
    assert_eq!(page.update(b"\x01\x00\x00\xa1d", &filled(0).holds([filled(1).text("d")])), SET);
}

#[test]
fn freed_ids_are_given_out_again() {
    let mut page = Page::new(vec![shape("<li>{0}</li>"), shape("<ul>{0 for 0}</ul>{1 for 0}")]);
    let lists = |first: i64, second: i64| {
        filled(1)
            .holds((0..first).map(|at| filled(0).int(at)))
            .holds((0..second).map(|at| filled(0).int(at)))
    };
    let mut highest = 0;
    for round in 0..40 {
        for (first, second) in [(50, 0), (0, 0), (25, 25), (0, 50), (10, 3)] {
            page.mount(&lists(first, second));
            if round < 2 {
                highest = highest.max(page.dom.highest());
            }
            assert!(page.dom.highest() <= highest, "ids do not grow");
        }
    }
}

#[test]
fn values_do_not_pile_up() {
    let mut page = Page::new(vec![shape("<li>{0 key}{1}</li>"), shape("<ul>{1 for 0}</ul>{0}")]);
    let list = |edited: u8| {
        let rows =
            (0..100).map(|at| filled(0).int(at).int(if at == 50 { i64::from(edited) } else { 0 }));
        filled(1).text(&"long ".repeat(100)).holds(rows)
    };
    page.mount(&list(0));
    for round in 0..5000u32 {
        let edited = (round % 100) as u8;
        let update = [1, 1, 3, 1, 50, 1, 1, edited];
        page.update_bytes(&update).expect("a sound delta");
        assert!(page.engine.stored().len() < 70_000, "{} bytes", page.engine.stored().len());
    }
    page.check(&list(99));
    for round in 0..300u32 {
        page.mount(&list((round % 100) as u8));
        assert!(page.engine.stored().len() < 70_000, "{} bytes", page.engine.stored().len());
    }
    page.update(&[1, 1, 3, 1, 50, 1, 1, 7], &list(7));
}

const TEXT: &str =
    "A line of some words, so that the rows are more than the engine copies for their garbage.";

#[test]
fn the_first_update_of_a_large_page_leaves_its_values_where_they_are() {
    let mut page = Page::new(vec![shape("<li>{0 key}{1}</li>"), shape("<ul>{0 for 0}</ul>")]);
    let list = |edited: &str| {
        let rows = (0..1000).map(|at| filled(0).int(at).text(if at == 50 { edited } else { TEXT }));
        filled(1).holds(rows)
    };
    page.mount(&list(TEXT));
    let mounted = page.engine.stored().as_ptr();
    page.update(&[1, 0, 3, 1, 50, 1, 1, 0xa1, b'a'], &list("a"));
    assert_eq!(page.engine.stored().as_ptr(), mounted);
}

/// Sections with a list of so many rows in each.
fn sections(sections: i64, rows: i64, edited: i64) -> Fragment {
    filled(2).holds((0..sections).map(|section| {
        let rows = (0..rows).map(move |at| {
            let is_edited = section == 1 && at == 1;
            let note = is_edited.then(|| filled(3).int(edited));
            filled(0).int(at).text(TEXT).holds(note)
        });
        filled(1).int(section).holds(rows)
    }))
}

/// A page of them.
fn sectioned() -> Page {
    let row = "<li>{0 key}{1}{2 if}</li>";
    let shapes = [row, "<ul>{0 key}{1 for 0}</ul>", "<div>{0 for 1}</div>", "<b>{0}</b>"];
    Page::new(shapes.map(shape).into())
}

#[test]
fn of_a_full_tree_what_changed_is_stored_alone() {
    let mut page = sectioned();
    page.mount(&sections(3, 200, 1));
    for edited in 2..20 {
        let before = page.engine.stored().len();
        assert_eq!(page.mount(&sections(3, 200, edited)), SET);
        let stored = page.engine.stored().len() - before;
        assert!(stored < 2 * TEXT.len(), "{stored} bytes");
        assert_eq!(page.mount(&sections(3, 200, edited)).sets, 0);
        assert_eq!(page.engine.stored().len(), before + stored, "an equal tree stores nothing");
    }
}

#[test]
fn a_row_that_a_delta_changed_is_stored_as_a_whole_by_the_next_full_tree() {
    let mut page = sectioned();
    page.mount(&sections(3, 3, 1));
    // Section 1, row 1, the body of its condition.
    let delta = [1, 0, 3, 1, 1, 1, 1, 3, 1, 1, 1, 2, 0xc3, 1, 0, 9];
    assert_eq!(page.update(&delta, &sections(3, 3, 9)), SET);
    let before = page.engine.stored().len();
    assert_eq!(page.mount(&sections(3, 3, 9)).sets, 0);
    let stored = page.engine.stored().len() - before;
    assert!(stored > 3 * TEXT.len(), "{stored} bytes");
    assert_eq!(page.mount(&sections(3, 3, 9)).sets, 0);
    assert_eq!(page.engine.stored().len(), before + stored);
    assert_eq!(page.mount(&sections(3, 3, 1)), SET);
    assert_eq!(page.mount(&sections(3, 2, 1)).removes, 3);
}

#[test]
fn several_roots_live_side_by_side() {
    let (mut engine, mut dom) = (Engine::new(), MockDom::new());
    let template = TemplateId(0);
    testkit::define(&mut engine, &[shape("<p>{0}</p>")], &mut dom);
    for root in [0, 5, 9] {
        engine.mount(root, template, &[root as u8], false, &mut dom).expect("a sound fragment");
    }
    engine.update(5, &[1, 0, 55], &mut dom).expect("a sound delta");
    engine.unmount(0, &mut dom);
    engine.mount(9, template, &[99], false, &mut dom).expect("a sound fragment");
    assert_eq!(dom.html(), "<p>55</p><p>99</p>");
    assert_eq!(
        engine.update(0, &[1, 0, 1], &mut dom).map_err(|error| error.kind),
        Err(ErrorKind::OutOfRange)
    );
    engine.unmount(0, &mut dom);
    assert_eq!(dom.html(), "<p>55</p><p>99</p>");
}

#[test]
fn known_hashes_stand_in_the_order_of_their_numbers() {
    let (mut engine, mut dom) = (Engine::new(), MockDom::new());
    let (first, second) = (shape("<p>{0}</p>"), shape("<b>{0}</b>"));
    let hashes = [first.hash, second.hash].concat();
    testkit::define(&mut engine, &[first, second], &mut dom);
    assert_eq!(engine.known(), hashes);
}
