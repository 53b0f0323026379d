"""A connection that breaks takes nothing away from the person who uses the page."""

from selenium.webdriver.common.keys import Keys

from tests.gentle.scenes import scene
from tests.gentle.test_page import SILENCE


@scene("<input id='a'><p>{{ other }}</p>", other="first")
def test_typed_text_focus_and_caret_survive(page):
    page.type("#a", "half a wo", Keys.ARROW_LEFT)
    page.mark("#a")
    page.reconnect()
    assert page.kept("#a")
    assert page.value("#a") == "half a wo"
    assert page.focused("#a")
    assert page.caret("#a") == [8, 8]


@scene("<input id='a' value='{{ q }}' dj-change='typed'>", q="")
def test_what_was_typed_while_offline_is_kept_and_can_be_sent(page):
    page.type("#a", "abc")
    page.reconnect()
    assert page.value("#a") == "abc"
    page.find("#turn").click()
    page.until("document.querySelector('#a').value === 'ABC'")


@scene(
    "<details><summary>s</summary>{{ other }}</details><div id='a'><p>{{ other }}</p></div>",
    head="""<style nonce="{{ view.request.csp_nonce }}">
    #a { height: 50px; overflow: auto }
    #a p { height: 500px }
    </style>""",
    other="first",
)
def test_open_details_and_scroll_survive(page):
    page.find("summary").click()
    page.run("document.querySelector('#a').scrollTop = 120;")
    page.reconnect()
    assert page.run("document.querySelector('details').open") is True
    assert page.run("document.querySelector('#a').scrollTop") == 120


@scene("{% for row in rows %}<p id='r{{ row }}'>{{ row }}</p>{% endfor %}", rows=[1, 2, 3])
def test_every_element_of_the_page_survives(page):
    page.mark("main *")
    page.reconnect()
    assert page.kept("main *")


@scene("<input id='a' type='file'><input id='b' type='checkbox'><p>{{ other }}</p>", other="")
def test_files_and_boxes_survive(page):
    page.find("#a").send_keys(__file__)
    page.find("#b").click()
    page.reconnect()
    assert page.run("document.querySelector('#a').files.length") == 1
    assert page.run("document.querySelector('#b').checked") is True


@scene("<button dj-click='refuse'>go</button><p>{{ other }}</p>", other="")
def test_the_page_works_on(page):
    page.reconnect()
    page.find("button").click()
    page.answered()


@scene(
    """<select id="a"><option>one</option><option>two</option></select>
    <select id="b" multiple><option>1</option><option>2</option><option>3</option></select>
    <input type="radio" name="r" value="x" checked><input id="c" type="radio" name="r" value="y">
    <textarea id="d">{{ other }}</textarea><input id="e" type="range" value="{{ number }}">""",
    other="first",
    number=3,
)
def test_what_was_chosen_and_moved_survives(page):
    page.find("#a option:nth-child(2)").click()
    page.run("document.querySelector('#b').focus();")
    page.find("#b option:nth-child(2)").click()
    page.find("#c").click()
    page.type("#e", Keys.ARROW_RIGHT)
    page.type("#d", " line", Keys.ENTER, "two", Keys.ARROW_LEFT)
    caret = page.caret("#d")
    moved = page.value("#e")
    page.reconnect()
    assert page.value("#a") == "two"
    assert page.run("document.querySelector('#b').selectedOptions.length") == 1
    assert page.run("document.querySelector('#c').checked") is True
    assert page.value("#d").endswith("line\ntwo")
    assert page.focused("#d")
    assert page.caret("#d") == caret
    assert page.value("#e") == moved != "3"


@scene(
    "<dialog id='b'><p id='a'>select me</p>{{ other }}</dialog>"
    "<div id='c' popover='manual'>{{ other }}</div><audio id='d' loop muted></audio>",
    head=SILENCE,
    other="first",
)
def test_what_is_open_selected_and_playing_survives(page):
    page.run(
        "const a = document.querySelector('#d'); a.src = silence(); a.play();"
        "document.querySelector('#c').showPopover();"
    )
    page.until("document.querySelector('#d').currentTime > 0")
    page.run(
        "document.querySelector('#b').showModal();"
        "getSelection().selectAllChildren(document.querySelector('#a'));"
    )
    page.reconnect()
    assert page.run("document.querySelector('#b').matches(':modal')") is True
    assert page.run("document.querySelector('#c').matches(':popover-open')") is True
    assert page.run("getSelection().toString()") == "select me"
    assert page.run("document.querySelector('#d').paused") is False


@scene("<input id='a' value='{{ q }}' dj-input='typed'>", q="")
def test_a_character_that_is_being_composed_survives(page):
    page.find("#a").click()
    page.run(
        "const a = document.querySelector('#a');"
        "a.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));"
        "a.value = 'に';"
        "a.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true}));"
    )
    page.reconnect()
    assert page.value("#a") == "に"
    assert page.focused("#a")


@scene(
    "<iframe id='a' src='/memory/'></iframe><canvas id='b' width='2' height='2'></canvas>"
    "<x-note id='c'></x-note><p>{{ other }}</p>",
    head="""<script nonce="{{ view.request.csp_nonce }}">
    window.made = 0;
    customElements.define("x-note", class extends HTMLElement {
      connectedCallback() { made++; this.attachShadow({ mode: "open" }).textContent = "own"; }
    });
    </script>""",
    other="first",
)
def test_what_lives_in_the_page_is_not_made_again(page):
    page.until("document.querySelector('#a').contentDocument?.readyState === 'complete'")
    page.run(
        "document.querySelector('#a').contentWindow.mark = 1;"
        "document.querySelector('#b').getContext('2d').fillRect(0, 0, 1, 1);"
    )
    page.reconnect()
    assert page.run("document.querySelector('#a').contentWindow.mark") == 1
    drawn = "return document.querySelector('#b').getContext('2d').getImageData(0, 0, 1, 1).data[3]"
    assert page.run(drawn) == 255
    assert page.run("[made, document.querySelector('#c').shadowRoot.textContent]") == [1, "own"]


@scene("<a href='#there'>plain</a>")
def test_a_page_whose_token_has_expired_is_loaded_again_but_not_again_and_again(page):
    expire = "sockets.at(-1).dispatchEvent(new CloseEvent('close', { code: 4401 }));"
    page.run(f"sessionStorage.clear(); window.old = true; {expire}")
    page.until("!window.old")
    page.connected()
    page.run(
        "window.old = true; window.told = [];"
        "document.addEventListener('djust:error', ({ detail }) => told.push(detail.code));"
        f"{expire}"
    )
    page.until("told.join() === 'expired'")
    assert page.run("old && document.documentElement.dataset.djust") == "offline"
    page.run("sessionStorage.clear();")
