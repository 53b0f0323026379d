//! The op loop: every kind of hole and every edit, against the browser's own parser.
#![cfg(target_arch = "wasm32")]

use protocol::{Definition, FLAG_MATH, FLAG_SVG, TemplateId};
use testkit::{Fragment, Value, random, shape};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wasm_tests::{Page, parsed, place, printed};
use web_sys::{Element, HtmlElement, HtmlInputElement, window};

wasm_bindgen_test_configure!(run_in_browser);

fn of(template: u32) -> Fragment {
    Fragment::new(TemplateId(template))
}

#[wasm_bindgen_test]
async fn text_and_attributes_show_what_they_say() {
    let definitions =
        vec![shape("<p class=\"a {0 attribute} b\" title='{1 attribute}'>Hello {1}, {0}!</p>")];
    let page = |name: &str, count| of(0).int(count).text(name);
    let mut page_ = Page::new(definitions, page("<Bob> & \"co\"", 3)).await;
    page_.update(page("é😀", -7));
    page_.update(page("", 1 << 40));
    page_.remount(page("x\r\ny", 0));
}

#[wasm_bindgen_test]
async fn a_selection_in_a_text_that_goes_on_stays() {
    let text = "A text of more than 32 bytes, and ";
    let mut page = Page::new(vec![shape("<p id=\"long\">{0}</p>")], of(0).text(text)).await;
    let run = |body: &str| js_sys::Function::new_no_args(body).call0(&JsValue::NULL).unwrap();
    run("const node = document.getElementById('long').firstChild;
         getSelection().setBaseAndExtent(node, 2, node, 6);");
    page.update(of(0).text(&format!("{text}its end")));
    page.update(of(0).text(&format!("{text}its end.\r\nAnother line.")));
    assert_eq!(run("return getSelection().toString()"), JsValue::from("text"));
}

/// The definitions of the mock's tests, with their table, which would need a parser's rules for
/// what stands in it, as a `div`.
fn definitions() -> Vec<Definition> {
    let mut definitions = random::definitions();
    let root = "<h1>{0}</h1>{1 for 0}<ul>{2 for 5}</ul>{3 if}<div>{4 for 4}</div>{5 for 3}{6 if}";
    *definitions.last_mut().unwrap() = shape(root);
    definitions
}

#[wasm_bindgen_test]
async fn random_pages_equal_the_parse_of_their_html() {
    let definitions = definitions();
    for seed in 0..100 {
        let mut rng = random::Rng::new(seed);
        let root = TemplateId(definitions.len() as u32 - 1);
        let mut shown = random::fragment(&mut rng, &definitions, root);
        let html = shown.html(&definitions);
        let mut page = if rng.one_in(2) {
            Page::new(definitions.clone(), shown.clone()).await
        } else {
            Page::served(&html, definitions.clone(), shown.clone()).await
        };
        for _ in 0..25 {
            shown = random::change(&mut rng, &definitions, &shown);
            if rng.one_in(4) { page.remount(shown.clone()) } else { page.update(shown.clone()) }
        }
    }
}

#[wasm_bindgen_test]
async fn a_page_served_in_another_state_is_brought_up_to_date() {
    let definitions = definitions();
    let root = TemplateId(definitions.len() as u32 - 1);
    for seed in 0..60 {
        let mut rng = random::Rng::new(seed);
        let served = random::fragment(&mut rng, &definitions, root);
        let mut shown = random::change(&mut rng, &definitions, &served);
        let html = served.html(&definitions);
        let mut page = Page::served(&html, definitions.clone(), shown.clone()).await;
        for _ in 0..5 {
            shown = random::change(&mut rng, &definitions, &shown);
            page.update(shown.clone());
        }
    }
}

/// Rows of template 0 in a list of template 1.
fn list(row: &str, list: &str) -> Vec<Definition> {
    vec![shape(row), shape(list)]
}

fn rows(keys: &[i64]) -> Fragment {
    of(1).holds(keys.iter().map(|&key| of(0).int(key)))
}

#[wasm_bindgen_test]
async fn a_row_that_moves_keeps_its_element_its_focus_and_its_caret() {
    let definitions = list(
        "<li id=\"r{0 attribute}\">{0 key}<input value=\"{0 attribute}\"></li>",
        "<ul>{0 for 0}</ul>",
    );
    let mut page = Page::new(definitions, rows(&[1, 2, 3, 4])).await;
    let input: HtmlInputElement = page.find("#r3 input");
    input.set_value("half-typed");
    input.focus().unwrap();
    input.set_selection_range(2, 4).unwrap();
    for keys in [[3, 4, 1, 2], [4, 2, 3, 1], [1, 2, 4, 3]] {
        page.remount(rows(&keys));
        assert!(page.find::<Element>("#r3 input").is_same_node(Some(&input)));
        let active = window().unwrap().document().unwrap().active_element();
        assert!(input.is_same_node(active.as_deref().map(AsRef::as_ref)));
        assert_eq!(input.selection_start().unwrap(), Some(2));
        assert_eq!(input.value(), "half-typed");
    }
}

#[wasm_bindgen_test]
async fn rows_of_several_nodes_move_and_go_as_one() {
    let definitions = list(" <dt>{0}</dt>{1 for 2} <dd>{0}</dd> ", "<dl>{0 for 0}</dl>");
    let definitions = [definitions, vec![shape("{0}, ")]].concat();
    let shown = |keys: &[i64]| {
        of(1).holds(keys.iter().map(|&key| of(0).int(key).holds((0..key).map(|it| of(2).int(it)))))
    };
    let mut page = Page::new(definitions, shown(&[1, 2, 3])).await;
    for keys in [&[3, 1, 2][..], &[2], &[], &[4, 2, 0], &[0, 2, 4], &[2, 4]] {
        page.update(shown(keys));
    }
}

#[wasm_bindgen_test]
async fn html_values_keep_what_they_can_and_run_no_scripts() {
    let definitions = list("{0}<i>{0}</i>", "<div>{0 for 0}</div>");
    let shown = |sources: &[&str]| {
        let mut root = of(1);
        root.structures.push(Vec::new());
        for source in sources {
            let mut row = of(0);
            row.scalars.push(Value::Html((*source).into()));
            root.structures[0].push(row);
        }
        root
    };
    let mut page = Page::new(definitions, shown(&["a<b id=\"x\">1</b><p>2</p>", "<hr>"])).await;
    let kept: Element = page.find("#x");
    page.update(shown(&["<p>3</p><b id=\"x\" title=\"t\">4<u></u></b>", "<hr>"]));
    assert!(page.find::<Element>("#x").is_same_node(Some(&kept)));
    page.update(shown(&["", "text"]));
    page.update(shown(&[
        "<script>window.ran = 1</script><img src=\"data:,\" onerror=\"1\">",
        "<hr>",
    ]));
    page.update(shown(&["<hr>", "<script>window.ran = 2</script>"]));
    page.update(shown(&["<svg><script>window.ran = 3</script></svg>"]));
    page.update(shown(&[
        "<b>{}</b>".repeat(3).as_str(),
        "<p>a</p><script>window.ran = 4</script>",
    ]));
    assert!(js_sys::Reflect::get(&window().unwrap(), &"ran".into()).unwrap().is_undefined());
}

#[wasm_bindgen_test]
async fn scripts_of_a_template_do_not_run_when_it_is_cloned() {
    let html =
        "<p>{0}</p><script>window.cloned = 1</script><svg><script>window.cloned = 2</script></svg>";
    let mut page = Page::new(list(html, "<div>{0 for 0}</div>"), rows(&[1])).await;
    page.remount(rows(&[1, 2]));
    let alone = list("<script>window.cloned = {0 raw}</script>", "<div>{0 for 0}</div>");
    Page::new(alone, rows(&[3])).await;
    assert!(js_sys::Reflect::get(&window().unwrap(), &"cloned".into()).unwrap().is_undefined());
}

#[wasm_bindgen_test]
async fn an_html_value_at_the_start_of_a_row_moves_with_it() {
    let definitions = list("{0}<i>{1}</i>", "<div>{0 for 0}</div>");
    let row = |source: &str, number| {
        let mut row = of(0);
        row.scalars.push(Value::Html(source.into()));
        row.int(number)
    };
    let mut page =
        Page::new(definitions, of(1).holds([row("<b>1</b>", 1), row("<u>2</u>2", 2)])).await;
    page.update(of(1).holds([row("<u>2</u>2", 2), row("<b>1</b><b>x</b>", 1)]));
    page.update(of(1).holds([row("<b>1</b>", 1), row("", 3), row("<u>2</u>2", 2)]));
    page.update(of(1).holds([row("", 3), row("<u>2</u>2", 2)]));
    page.update(of(1).holds([]));
}

#[wasm_bindgen_test]
async fn attributes_follow_their_source() {
    let html = "<input type=\"checkbox\" {0 attributes} class=\"b\"><a href=\"/{1 attribute}?a=1&amp;b=2\" {2 attributes}>x</a>";
    let shown = |group: &str, path: &str, more: &str| of(0).text(group).text(path).text(more);
    let mut page =
        Page::new(vec![shape(html)], shown("checked", "p&q", "title=\"a &amp; b\"")).await;
    let input: HtmlInputElement = page.find("input");
    assert!(input.checked());
    page.update(shown("", "é\"'", "title='c' hidden data-x=1"));
    assert!(!input.checked());
    page.update(shown("checked @click=\"go()\" :x.y", "", "@a"));
    page.update(shown("@click=\"go(1)\"", "", "@a=b"));
    page.update(shown("checked disabled", "", ""));
    assert!(input.checked() && input.disabled());
}

#[wasm_bindgen_test]
async fn html_source_in_attributes_and_text_controls_is_decoded() {
    let mut page = Page::new(
        vec![shape("<a title=\"{0 attribute}\">x</a><textarea>{0 escaped}</textarea><title>{0 escaped}</title>")],
        of(0).text("plain"),
    )
    .await;
    for source in ["a &amp;&copy; b", "&lt;b&gt;&copy=1", "\n&quot;"] {
        let mut shown = of(0);
        shown.scalars.push(Value::Html(source.into()));
        page.update(shown);
    }
}

#[wasm_bindgen_test]
async fn svg_and_mathml_have_their_namespaces() {
    let mut row = shape("<circle r=\"{0 attribute}\"></circle>");
    row.flags |= FLAG_SVG;
    let mut page =
        Page::new(vec![row, shape("<svg viewBox=\"0 0 9 9\">{0 for 0}</svg>")], rows(&[1])).await;
    page.update(rows(&[2, 1]));
    let circle: Element = page.find("circle");
    assert_eq!(circle.namespace_uri().as_deref(), Some("http://www.w3.org/2000/svg"));
    let mut row = shape("<mn>{0}</mn>");
    row.flags |= FLAG_MATH;
    let page = Page::new(vec![row, shape("<math>{0 for 0}</math>")], rows(&[1, 2])).await;
    let number: Element = page.find("mn");
    assert_eq!(number.namespace_uri().as_deref(), Some("http://www.w3.org/1998/Math/MathML"));
}

#[wasm_bindgen_test]
async fn tables_selects_and_templates_are_built_where_a_parser_builds_them() {
    let html = "<table>{implied <tbody>}<tr><td>{0}</td></tr>{implied </tbody>}</table>\
        <select><option value=\"1\" {1 attributes}>a</option><option value=\"2\" {2 attributes}>b</option></select>\
        <template><b title=\"{0 attribute}\">{0}</b></template><pre>{3}</pre>";
    let shown = |number, first: &str, second: &str, text: &str| {
        of(0).int(number).text(first).text(second).text(text)
    };
    let mut page = Page::new(vec![shape(html)], shown(1, "", "selected", "\nx")).await;
    let select: HtmlElement = page.find("select");
    let value = || js_sys::Reflect::get(&select, &"value".into()).unwrap().as_string().unwrap();
    assert_eq!(value(), "2");
    page.update(shown(2, "selected", "", "y\n"));
    assert_eq!(value(), "1");
    page.update(shown(3, "", "selected", ""));
    assert_eq!(value(), "2");
    let served = page.definitions[0].clone();
    let fragment = shown(4, "", "", "\nz");
    let definitions = vec![served];
    Page::served(&fragment.html(&definitions), definitions, fragment).await;
}

#[wasm_bindgen_test]
async fn hydration_keeps_every_element_and_what_was_typed() {
    let definitions = list(
        "<li>{0 key}: <input value=\"{0 attribute}\"></li>\n",
        "<h1>Hi</h1><ul>\n{0 for 0}</ul>",
    );
    let shown = rows(&[1, 2]);
    let element = place();
    element.set_inner_html(&shown.html(&definitions));
    let inputs = element.query_selector_all("input").unwrap();
    let first: HtmlInputElement = inputs.item(0).unwrap().unchecked_into();
    first.set_value("typed");
    let mut page = Page::adopt(element, definitions, shown).await;
    page.remount(rows(&[2, 1]));
    assert!(page.find::<Element>("li:last-child input").is_same_node(Some(&first)));
    assert_eq!(first.value(), "typed");
}

#[wasm_bindgen_test]
async fn what_others_put_into_static_elements_is_kept() {
    let definitions = vec![shape("<nav><a>x</a></nav><p>{0}</p>")];
    let element = place();
    element.set_inner_html("<nav class=\"open\"><a>x</a><i>mine</i></nav><p>1</p>");
    let nav = element.first_element_child().unwrap();
    let page = Page::adopt_unchecked(element, definitions, of(0).int(2)).await;
    assert!(page.find::<Element>("nav").is_same_node(Some(&nav)));
    assert_eq!(printed(&page.element), "<nav class=\"open\"><a>x</a><i>mine</i></nav><p>2</p>");
}

#[wasm_bindgen_test]
async fn frames_that_do_not_apply_are_refused_and_change_nothing() {
    let mut page = Page::new(vec![shape("<b>{0}</b>")], of(0).int(1)).await;
    for frame in [&[][..], &[9], &[6], &[2, 0, 3, 0, 0, 1, 0, 5], &[1, 0, 9]] {
        assert!(page.apply(frame).is_err(), "{frame:?}");
    }
    page.check();
    page.remount(of(0).int(2));
    page.update(of(0).int(3));
    let element = page.unmount();
    assert_eq!(printed(&element), printed(&parsed("")));
}
