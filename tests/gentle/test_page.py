"""What a page holds besides its controls survives a patch that does not concern it."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.gentle.scenes import scene

# A quarter of a second of silence, as a WAV file.
SILENCE = """<script nonce="{{ view.request.csp_nonce }}">
window.silence = () => {
  const bytes = new Uint8Array(44 + 2000).fill(128);
  const view = new DataView(bytes.buffer);
  const text = (at, value) => [...value].forEach((one, i) => (bytes[at + i] = one.charCodeAt()));
  text(0, "RIFF"); view.setUint32(4, 36 + 2000, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true); view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true); view.setUint16(34, 8, true);
  text(36, "data"); view.setUint32(40, 2000, true);
  return URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }));
};
</script>"""

SMALL = """<style nonce="{{ view.request.csp_nonce }}">
#a { height: 90px; overflow: auto }
</style>"""

ROWS = "{% for row in rows %}<li id='r{{ row }}'>{{ row }}</li>{% endfor %}"


@scene("<details id='a'><summary>more</summary><p>{{ other }}</p></details>", other="")
def test_details_that_were_opened_stay_open(page):
    page.find("summary").click()
    page.show(other="news")
    assert page.run("document.querySelector('#a').open") is True
    assert page.text("#a p") == "news"


@scene("<dialog id='a'><p>{{ other }}</p><button>ok</button></dialog>", other="")
def test_a_dialog_that_a_script_opened_stays_open_and_modal(page):
    page.run("document.querySelector('#a').showModal();")
    page.show(other="news")
    assert page.run("document.querySelector('#a').matches(':modal')") is True


@scene("<div id='a' popover><p>{{ other }}</p></div>", other="")
def test_a_popover_stays_open(page):
    page.run("document.querySelector('#a').showPopover();")
    page.show(other="news")
    assert page.run("document.querySelector('#a').matches(':popover-open')") is True


@scene(f"<ul id='a'>{ROWS}</ul>", head=SMALL, rows=list(range(50)))
def test_a_scrolled_box_stays_scrolled(page):
    page.run("document.querySelector('#a').scrollTop = 300;")
    page.show(rows=list(range(60)))
    assert page.run("document.querySelector('#a').scrollTop") == 300


@scene(f"<ul>{ROWS}</ul>", rows=list(range(200)))
def test_a_scrolled_page_stays_scrolled(page):
    page.run("scrollTo(0, 1200);")
    page.show(rows=[*range(199), 500])
    assert page.run("Math.round(scrollY)") == 1200


@scene(f"<ul>{ROWS}</ul>", rows=list(range(100)))
def test_rows_that_come_and_go_leave_the_others_alone(page):
    page.mark("#r10, #r20, #r30")
    page.show(rows=[99, *range(5, 50), 200, 201])
    assert page.kept("#r10, #r20, #r30")


@scene(f"<ul>{ROWS}</ul>", rows=list(range(20)))
def test_sorting_keeps_every_row(page):
    page.mark("li")
    page.show(rows=list(reversed(range(20))))
    assert page.kept("li")
    assert page.text("li") == "19"


@scene("<p id='a'>select me, please</p><p>{{ other }}</p>", other="")
def test_selected_text_stays_selected(page):
    page.run("getSelection().selectAllChildren(document.querySelector('#a'));")
    page.show(other="news")
    assert page.run("getSelection().toString()") == "select me, please"


@scene("<p id='a'>Hello {{ other }}, how are you?</p>", other="you")
def test_a_selection_beside_a_hole_stays(page):
    page.run(
        "const texts = document.querySelector('#a').childNodes;"
        "getSelection().setBaseAndExtent(texts[texts.length - 1], 2, texts[texts.length - 1], 5);"
    )
    selected = page.run("getSelection().toString()")
    page.show(other="somebody else")
    assert page.run("getSelection().toString()") == selected != ""


@scene("<audio id='a' loop muted></audio><p>{{ other }}</p>", head=SILENCE, other="")
def test_media_go_on_playing(page):
    page.run("const a = document.querySelector('#a'); a.src = silence(); a.play();")
    page.until("document.querySelector('#a').currentTime > 0")
    page.show(other="news")
    assert page.run("document.querySelector('#a').paused") is False
    assert page.run("document.querySelector('#a').src").startswith("blob:")


@scene(
    "{% if first %}<p>first</p>{% endif %}<iframe id='a' srcdoc='<input>'></iframe>", first=False
)
def test_a_frame_is_not_loaded_again(page):
    page.until("!!document.querySelector('#a').contentDocument?.querySelector('input')")
    page.run("document.querySelector('#a').contentDocument.querySelector('input').value = 'kept';")
    page.show(first=True)
    inner = "document.querySelector('#a').contentDocument.querySelector('input')?.value"
    assert page.run(inner) == "kept"


@scene(
    "<canvas id='a' width='4' height='4' class='{{ other }}'></canvas><p>{{ other }}</p>", other=""
)
def test_a_drawing_stays(page):
    page.run("document.querySelector('#a').getContext('2d').fillRect(0, 0, 4, 4);")
    page.show(other="news")
    alpha = "document.querySelector('#a').getContext('2d').getImageData(1, 1, 1, 1).data[3]"
    assert page.run(alpha) == 255


@scene(
    "{% for row in rows %}<x-card id='r{{ row }}'></x-card>{% endfor %}",
    head="""<script nonce="{{ view.request.csp_nonce }}">
    window.made = 0;
    customElements.define("x-card", class extends HTMLElement {
      constructor() { super(); made++; }
      connectedMoveCallback() {}
    });
    </script>""",
    rows=[1, 2, 3],
)
def test_custom_elements_are_kept_and_new_ones_are_made_once(page):
    page.mark("x-card")
    page.show(rows=[3, 1, 2])
    assert page.kept("x-card")
    assert page.run("made") == 3
    page.show(rows=[3, 1, 2, 4])
    assert page.run("made") == 4


@scene("<div id='a'><p>{{ other }}</p></div>", other="")
def test_a_shadow_tree_of_a_script_is_left_alone(page):
    page.run(
        "const root = document.querySelector('#a').attachShadow({mode: 'open'});"
        "root.append(document.createElement('slot'), document.createElement('input'));"
        "root.lastChild.focus();"
    )
    page.show(other="news")
    focus = "document.querySelector('#a').shadowRoot.activeElement?.localName"
    assert page.run(focus) == "input"


@scene("<p id='a' class='{{ q }}' title='t'>{{ other }}</p>", q="one", other="")
def test_what_a_script_added_to_an_element_stays(page):
    page.run(
        "const a = document.querySelector('#a'); a.dataset.mine = 1;"
        "a.append(document.createElement('em'));"
    )
    page.show(other="news", q="two")
    assert page.run("document.querySelector('#a').dataset.mine") == "1"
    assert page.run("document.querySelector('#a em') !== null") is True
    assert page.run("document.querySelector('#a').className") == "two"


@scene("<p id='a'>x</p><p>{{ other }}</p>", other="")
def test_listeners_of_a_script_stay(page):
    page.run("window.clicks = 0; document.querySelector('#a').onclick = () => window.clicks++;")
    page.show(other="news")
    page.find("#a").click()
    page.until("clicks === 1")


@scene(
    "<p id='a'>{{ other }}</p>{% for row in rows %}<b id='r{{ row }}'></b>{% endfor %}",
    head="""<style nonce="{{ view.request.csp_nonce }}">
    #a { animation: turn 100s linear }
    @keyframes turn { to { opacity: 0 } }
    </style>""",
    other="",
    rows=[1, 2],
)
def test_an_animation_is_not_started_again(page):
    page.run("document.querySelector('#a').getAnimations()[0].currentTime = 50000;")
    page.show(other="news", rows=[2, 1])
    assert page.run("document.querySelector('#a').getAnimations()[0].currentTime") >= 50000


@scene("<button id='a' dj-click='refuse' class='{{ other }}'>{{ other }} press</button>", other="")
def test_a_click_that_a_patch_interrupts_still_counts(page):
    button = page.find("#a")
    actions = ActionChains(page.driver, duration=0)
    actions.move_to_element(button).click_and_hold().perform()
    page.show(other="news")
    ActionChains(page.driver, duration=0).release().perform()
    page.until("+document.querySelector('#turn').textContent === 2")


@scene("<div>{{ html|safe }}</div>", html="<p id='k'>one</p><input id='a'>")
def test_html_of_the_server_keeps_what_it_can(page):
    page.type("#a", "abc")
    page.mark("#k, #a")
    page.show(html="<h2>new</h2><p id='k'>two</p><input id='a'>")
    assert page.kept("#k, #a")
    assert page.text("#k") == "two"
    assert page.value("#a") == "abc"
    assert page.focused("#a")


@scene("<div>{{ html|safe }}</div>", html="<details><summary>s</summary>one</details>")
def test_html_of_the_server_keeps_what_was_opened(page):
    page.find("summary").click()
    page.show(html="<details><summary>s</summary>two</details><p>more</p>")
    assert page.run("document.querySelector('details').open") is True
    assert "two" in page.text("details")


@scene(
    "<svg id='a' viewBox='0 0 9 9'>{{ html|safe }}<foreignObject>{{ note|safe }}</foreignObject></svg>"
    "<math>{{ formula|safe }}</math>",
    html="<circle r='1'/>",
    note="<p>1</p>",
    formula="<mi>x</mi>",
)
def test_html_of_the_server_in_a_drawing_is_drawn(page):
    kind = "document.querySelector('%s').namespaceURI.split('/').pop()"
    wanted = {"svg > *": "svg", "foreignObject > *": "xhtml", "math > *": "MathML"}
    for _ in range(2):
        assert {each: page.run(kind % each) for each in wanted} == wanted
        page.show(html="<rect width='4' height='3'/>", note="<b>2</b>", formula="<mn>2</mn>")
    assert page.run("document.querySelector('rect').getBBox().width") == 4


@scene("<div>{{ html|safe }}</div>", html="")
def test_html_of_the_server_runs_no_scripts(page):
    page.show(
        html="<script>window.ran = 1</script><b>x</b><svg><script>window.ran = 2</script></svg>"
    )
    assert page.text("b") == "x"
    assert page.run("window.ran ?? 0") == 0


@scene("{% if on %}<video id='a'></video>{% endif %}<p>{{ other }}</p>", on=True, other="")
def test_an_element_is_the_same_after_many_patches(page):
    page.mark("#a")
    for turn in range(10):
        page.show(other=str(turn))
    assert page.kept("#a")
    assert len(page.driver.find_elements(By.CSS_SELECTOR, "p")) == 1
