//! The script-tag build on a page of its own, with the test as its server.
#![cfg(target_arch = "wasm32")]

use protocol::{ServerFrame, TemplateId, write};
use testkit::{Fragment, shape};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use wasm_tests::live::{Live, handlers};

wasm_bindgen_test_configure!(run_in_browser);

fn root() -> Fragment {
    Fragment::new(TemplateId(0))
}

async fn page(html: &str, fragment: Fragment) -> Live {
    Live::new(vec![shape(html)], fragment).await
}

#[wasm_bindgen_test]
async fn a_click_goes_up_and_the_answer_comes_down() {
    let html = "<button dj-click=\"add(2, 'x')\" data-item-id=\"7\">+</button> <b>{0}</b>";
    let mut live = Live::serve(vec![shape(html)], root().int(1), 0).await;
    live.greet(Some(&handlers(&["other", "add"]))).await;
    assert_eq!(live.run("return document.documentElement.dataset.djust"), "connected");
    live.run("$('b').kept = true; $('button').click(); $('button').click()");
    let event = "#1(item_id='7', args=[2, 'x'])";
    assert_eq!(live.sent().await, format!("1 {event}; 2 {event}"));
    live.update(2, root().int(5));
    assert_eq!(live.run("return $('b').textContent + $('b').kept"), "5true");
}

#[wasm_bindgen_test]
async fn typing_is_sent_when_it_is_quiet_and_kept_until_it_is_answered() {
    let html = "<input name=\"q\" dj-input=\"search\" value=\"{0 attribute}\">";
    let mut live = page(html, root().text("")).await;
    let kind = |text: &str| {
        let event = "new Event('input', {bubbles: true})";
        format!("const q = $('input'); q.focus(); q.value = '{text}'; q.dispatchEvent({event})")
    };
    live.run(&kind("a"));
    live.run(&kind("ab"));
    assert_eq!(live.sent().await, "1 search(value='ab', field='q', q='ab')");
    live.run(&kind("abc"));
    live.update(1, root().text("AB"));
    assert_eq!(live.run("return $('input').value"), "abc");
    assert_eq!(live.sent().await, "2 search(value='abc', field='q', q='abc')");
    live.run("$('input').setSelectionRange(1, 1)");
    live.update(2, root().text("ABC"));
    assert_eq!(live.run("return $('input').value + $('input').selectionStart"), "ABC1");
}

#[wasm_bindgen_test]
async fn a_submit_sends_the_form_and_its_answer_empties_it() {
    let html = "<form dj-submit=\"add\"><input name=\"title\" value=\"{0 attribute}\">\
        <input name=\"note\" value=\"\">\
        <input type=\"checkbox\" name=\"tag\" value=\"a\" checked>\
        <input type=\"checkbox\" name=\"tag\" value=\"b\"><button name=\"by\" value=\"me\">ok</button></form>";
    let live = page(html, root().text("")).await;
    live.run(
        "const type = (field, text) => {\
         field.value = text; field.dispatchEvent(new Event('input', {bubbles: true})) };\
         type($('input'), 'milk'); type($('[name=note]'), 'x'); $('button').click()",
    );
    assert_eq!(live.sent().await, "1 add(title='milk', note='x', tag=['a'], by='me')");
    let texts = "return $('input').value + $('[name=note]').value";
    assert_eq!(live.run(texts), "milkx");
    live.server(&ServerFrame::Ack { root: 0, ack: 1 });
    assert_eq!(live.run(texts), "");
}

#[wasm_bindgen_test]
async fn an_answer_leaves_a_field_alone_that_the_template_does_not_fill() {
    let live =
        page("<input value=\"\" dj-input=\"search\" dj-debounce=\"0\">{0}", root().int(1)).await;
    live.run(
        "$('input').value = 'a'; $('input').dispatchEvent(new Event('input', {bubbles: true}))",
    );
    assert_eq!(live.sent().await, "1 search(value='a')");
    live.server(&ServerFrame::Ack { root: 0, ack: 1 });
    assert_eq!(live.run("return $('input').value"), "a");
}

#[wasm_bindgen_test]
async fn a_checkbox_follows_the_server_after_its_answer() {
    let html = "<input type=\"checkbox\" name=\"done\" dj-change=\"toggle\" {0 attributes}>";
    let mut live = page(html, root().text("")).await;
    live.run("$('input').click()");
    assert_eq!(live.sent().await, "1 toggle(value='on', checked=true, field='done', done=true)");
    live.server(&ServerFrame::Ack { root: 0, ack: 1 });
    assert_eq!(live.run("return String($('input').checked)"), "false");
    live.update(0, root().text("checked"));
    assert_eq!(live.run("return String($('input').checked)"), "true");
}

#[wasm_bindgen_test]
async fn text_without_a_handler_stays_as_it_was_typed() {
    let html = "<input value=\"{0 attribute}\"><textarea>{1 escaped}</textarea>";
    let mut live = page(html, root().text("a").text("b")).await;
    live.run(
        "for (const it of document.querySelectorAll('input,textarea')) {\
         it.value += '!'; it.dispatchEvent(new Event('input', {bubbles: true})) }",
    );
    live.update(0, root().text("c").text("d"));
    assert_eq!(live.run("return $('input').value + $('textarea').value"), "a!b!");
    assert_eq!(live.run("return $('input').defaultValue + $('textarea').defaultValue"), "cd");
}

#[wasm_bindgen_test]
async fn a_key_is_sent_if_the_element_asks_for_it() {
    let html =
        "<div dj-keydown.escape=\"close\"><input dj-keydown=\"save\" dj-key=\"Enter\">{0}</div>";
    let live = page(html, root().int(1)).await;
    live.run(
        "for (const key of ['a', 'Enter', 'Escape'])\
         $('input').dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))",
    );
    assert_eq!(live.sent().await, "1 save(key='Enter', value=''); 2 close(key='Escape', value='')");
}

#[wasm_bindgen_test]
async fn the_enter_key_does_not_overtake_what_was_typed() {
    let html = "<input dj-input=\"typed\" dj-debounce=\"60000\" dj-keydown.enter=\"go\">{0}";
    let live = page(html, root().int(1)).await;
    live.run(
        "$('input').value = 'a'; $('input').dispatchEvent(new Event('input', {bubbles: true}));\
         for (const key of ['a', 'Enter'])\
         $('input').dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))",
    );
    assert_eq!(live.sent().await, "1 typed(value='a'); 2 go(key='Enter', value='a')");
}

#[wasm_bindgen_test]
async fn leaving_a_field_sends_what_waits_and_a_change_that_the_browser_missed() {
    let html =
        "<input dj-input=\"typed\" dj-debounce=\"60000\" dj-change=\"left\"><button>{0}</button>";
    let live = page(html, root().int(1)).await;
    live.run(
        "$('input').focus(); $('input').value = 'a';\
         $('input').dispatchEvent(new Event('input', {bubbles: true})); $('button').focus()",
    );
    assert_eq!(live.sent().await, "1 typed(value='a'); 2 left(value='a')");
}

#[wasm_bindgen_test]
async fn a_broken_connection_is_made_again_and_the_page_is_as_the_server_says() {
    let html = "<button dj-click=\"add\">{0}</button>";
    let mut live = page(html, root().int(1)).await;
    live.run("$('button').kept = true");
    live.drop(1006);
    assert_eq!(live.run("return document.documentElement.dataset.djust"), "reconnecting");
    live.run("$('button').click()");
    live.connection(2).await;
    live.greet(None).await;
    assert_eq!(live.sent().await, "1 add()");
    live.update(1, root().int(9));
    assert_eq!(live.run("return $('button').textContent + $('button').kept"), "9true");
}

#[wasm_bindgen_test]
async fn an_engine_that_breaks_is_replaced_and_the_nodes_are_kept() {
    let html = "<p>Hello {0}!</p>{1}<input value=\"{2 attribute}\">";
    let fragment = || root().text("Bob").text("").text("x");
    // Attach, open, welcome and mount are the first four calls.
    let mut live = Live::serve(vec![shape(html)], fragment(), 5).await;
    live.greet(None).await;
    live.run("$('p').kept = true; $('input').value = 'typed'");
    live.server(&ServerFrame::Ack { root: 0, ack: 0 });
    live.connection(2).await;
    live.greet(None).await;
    live.update(0, root().text("Eve").text("1").text("y"));
    assert_eq!(live.run("return document.body.innerHTML"), "<p>Hello Eve!</p>1<input value=\"y\">");
    assert_eq!(live.run("return $('p').kept + $('input').value"), "truetyped");
}

#[wasm_bindgen_test]
async fn pushes_reach_the_scripts_of_the_page_and_scripts_reach_the_view() {
    let live = page("<b>{0}</b>", root().int(1)).await;
    live.run("window.got = []; djust.on('saved', (payload) => got.push(JSON.stringify(payload)))");
    let mut payload = Vec::new();
    write::map_len(&mut payload, 2);
    write::str(&mut payload, "id");
    write::int(&mut payload, -300);
    write::str(&mut payload, "tags");
    write::array_len(&mut payload, 3);
    write::float(&mut payload, 0.5);
    write::nil(&mut payload);
    write::str(&mut payload, "é");
    live.server(&ServerFrame::Push { root: 0, name: b"saved", payload: &payload });
    assert_eq!(live.run("return got.join()"), r#"{"id":-300,"tags":[0.5,null,"é"]}"#);
    live.run("djust.pushEvent('hi', {a: [1, -70000, 2.5, true, null], b: 'é', c: 300})");
    assert_eq!(live.sent().await, "1 hi(a=[1, -70000, Float(2.5), true, Nil], b='é', c=300)");
}

#[wasm_bindgen_test]
async fn errors_reach_the_page() {
    let live = page("<b>{0}</b>", root().int(1)).await;
    live.server(&ServerFrame::Error { root: 0, event: 0, code: b"handler", message: b"no" });
    // The part of the engine that tells them comes first.
    for _ in 0..300 {
        if live.run("return errors.join()") == "handler" {
            return;
        }
        live.is_silent(10).await;
    }
    panic!("no error was told");
}

#[wasm_bindgen_test]
async fn what_follows_the_view_in_the_body_is_left_alone() {
    let mut live = Live::serve(vec![shape("<b>{0}</b>")], root().int(1), 0).await;
    live.run("document.body.append('\\n', document.createElement('aside'))");
    live.greet(None).await;
    live.update(0, root().int(2));
    assert_eq!(live.run("return document.body.innerHTML"), "<b>2</b>\n<aside></aside>");
}
