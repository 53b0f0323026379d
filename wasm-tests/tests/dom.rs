//! The op loop: every kind of hole and every edit, against the browser's own parser.
#![cfg(target_arch = "wasm32")]

use protocol::{Definition, TemplateId};
use testkit::{Fragment, random, shape};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wasm_tests::Page;

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
    for seed in 0..400 {
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
