"""Modules load when a page needs them: those that come late or never cost nobody what was entered."""

import secrets

from selenium.webdriver.common.keys import Keys

from djust import event_handler
from tests.gentle.conftest import Page
from tests.gentle.scenes import scene, step
from tests.gentle.test_drafts import Drafts, saved
from tests.gentle.test_failure import Ears

# A module that is fetched when the test says so.
LATE = """
const { dataset } = document.querySelector('script[data-forms]');
const address = new URL(dataset[arguments[0]], location);
const gate = new Promise((open) => (window.open_gate = open));
window.gate = gate;
const source = `await window.gate; export const { start } = await import('${address}');`;
dataset[arguments[0]] = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
"""
LOADED = "performance.getEntriesByType('resource').some(({{ name }}) => name.includes('djust-{}.'))"
# The part of the engine that lets events wait comes when the test opens the gate, or not at all.
LATE_PART = """<script>
const load = fetch;
const gate = new Promise((open, refuse) => Object.assign(window, { open_gate: open, refuse }));
window.fetch = (address, ...rest) =>
  /djust-wait/.test(address) ? gate.then(() => load(address, ...rest)) : load(address, ...rest);
</script>"""
# The same for a served page: all that its markup names is fetched then. It is never idle.
LATE_PAGE = """<script>
window.requestIdleCallback = () => {};
const gate = new Promise((open) => (window.open_gate = open));
window.gate = gate;
new MutationObserver((records, observer) => {
  const { dataset } = document.querySelector('script[data-forms]') ?? {};
  if (!dataset) return;
  observer.disconnect();
  for (const name of ["directives", "drafts", "lifecycle", "loading"]) {
    const address = new URL(dataset[name], location);
    const source = `await window.gate; export const { start } = await import('${address}');`;
    dataset[name] = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  }
}).observe(document, { childList: true, subtree: true });
window.log = [];
window.djust = { hooks: { Talker: { mounted() {
  this.handleEvent("welcome", ({ who }) => log.push(who));
  this.pushEvent("note", { from: "hook" });
} } } };
// As soon as the page says that it is live, somebody is there.
document.addEventListener("djust:connected", () => {
  document.querySelector("#a").click();
  dispatchEvent(new KeyboardEvent("keydown", { key: "x" }));
});
</script>"""
FORM = (
    "<iframe name='other'></iframe>"
    "{% if later %}<form id='f' dj-submit='note' action='/elsewhere/' target='other'>"
    "<input id='a' name='a' dj-input='typed' value='{{ q }}'></form>{% endif %}<p>{{ q }}</p>"
)


def late(page, module):
    page.run(LATE, module)


@scene("<p>{{ other }}</p><button dj-click='note'>b</button>", other="")
def test_a_page_without_controls_does_not_load_what_serves_them(page):
    page.loaded("idle")
    page.find("button").click()
    page.answered()
    assert page.run(LOADED.format("idle"))
    assert not page.run(LOADED.format("forms"))
    assert not page.run(LOADED.format("wait"))
    assert not page.run(LOADED.format("calls"))


@scene("<p></p><input id='a'>")
def test_a_page_with_controls_has_what_serves_them_before_it_is_live(page):
    assert page.run(LOADED.format("forms"))
    assert page.run(LOADED.format("wait"))


@scene(FORM, strict=False, later=False, q="")
def test_what_is_typed_before_its_module_came_is_sent_when_it_comes(page):
    late(page, "forms")
    page.show(later=True)
    page.type("#a", "abc")
    page.show(q="theirs")
    assert page.value("#a") == "abc"
    assert page.text("p") == "theirs"
    page.run("open_gate();")
    page.until("document.querySelector('p').textContent === 'ABC'")
    page.until("document.querySelector('#a').value === 'ABC'")
    assert page.focused("#a")


@scene(FORM, strict=False, later=False, q="")
def test_a_form_that_is_sent_before_its_module_came_is_sent_once_and_to_its_handler(page):
    late(page, "forms")
    page.show(later=True)
    page.type("#a", "abc", Keys.ENTER)
    page.show(later=True)
    turn = page.turn()
    page.run("open_gate();")
    # Three characters and the form.
    page.until(f"+document.querySelector('#turn').textContent >= {turn + 2}")
    page.until("document.querySelector('p').textContent === 'a=abc'")
    assert "elsewhere" not in page.run("frames.other.location.href")


@scene(FORM, strict=False, later=False, q="")
def test_a_form_whose_module_cannot_be_had_is_sent_the_ordinary_way(page):
    page.run("document.querySelector('script[data-forms]').dataset.forms = '/nowhere.js';")
    page.show(later=True)
    page.type("#a", "abc")
    page.show(q="theirs")
    assert page.value("#a") == "abc"
    assert page.text("p") == "theirs"
    page.type("#a", Keys.ENTER)
    page.until("frames.other.location.href.endsWith('/elsewhere/?a=abc')")


@scene(
    "{% if later %}<b id='a' dj-click='note' dj-optimistic='class:read'>a</b>{% endif %}",
    strict=False,
    later=False,
    q="",
)
def test_an_event_waits_for_the_module_that_shows_what_it_means(page):
    late(page, "classes")
    page.show(later=True)
    page.run(
        "window.seen = [];"
        "const { classList } = document.querySelector('#a');"
        "const look = () => seen.push(classList.contains('read'));"
        "new MutationObserver(look).observe(document.querySelector('#a'), { attributeFilter: ['class'] });"
    )
    turn = page.turn()
    page.find("#a").click()
    page.driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert page.run("seen.length") == 0
    assert page.turn() == turn
    page.run("open_gate();")
    page.answered(turn)
    assert page.run("seen[0] && !seen.at(-1)")


@scene("<b id='a' dj-click='note' dj-optimistic='class:read'>a</b><p>{{ q }}</p>", q="")
def test_what_shows_the_meaning_of_events_is_there_before_the_page_is_live(page):
    assert page.run(LOADED.format("classes"))
    assert not page.run(LOADED.format("forms"))


@scene(
    "{% load djust %}<p>{{ q }}</p>"
    "{% if later %}{% live_render 'tests.gentle.test_views.Box' id='one' %}{% endif %}",
    strict=False,
    later=False,
    q="",
)
def test_a_view_whose_module_comes_late_is_live_when_it_comes(page):
    late(page, "views")
    page.show(later=True)
    page.show(q="the page goes on")
    page.run("open_gate();")
    page.until("document.querySelector('#one .add')")
    page.until(
        "document.querySelector('#one .add').click(),"
        "document.querySelector('#one .add').textContent !== 'box 0'"
    )
    page.show(later=False)
    assert page.run("document.querySelector('#one')") is None


@event_handler
async def wait(self, **rest):
    """Shows a step in between, as long as the test wants."""
    self.later = True
    await self.push_state()
    await step()
    self.q = "done"
    self.turn += 1


class Greeting:
    """Says something as soon as somebody listens."""

    heard = ""

    def mount(self, request, **kwargs):
        self.push_event("welcome", {"who": "Ada"})

    @event_handler
    def hear(self, what: str = "", **rest):
        self.heard += f"{what} "


@scene(
    "<button id='a' dj-click='wait' dj-disable-with='Wait'>Go</button>"
    "<i dj-hook='Talker'></i><i dj-mounted='hear(\"mounted\")'></i>"
    "<i dj-window-keydown='hear(\"key\")'></i><p>{{ heard }}</p>",
    LATE_PAGE,
    strict=False,
    mixins=[Greeting],
    later=False,
    q="",
    wait=wait,
)
def test_a_page_is_live_when_all_that_it_names_is_there(driver, address):
    scene = "a_page_is_live_when_all_that_it_names_is_there"
    page = Page(driver, address, scene, is_live=False)
    page.until("document.documentElement.dataset.djust === 'connecting'")
    driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert page.run("document.documentElement.dataset.djust") == "connecting"
    page.run("open_gate();")
    page.until("document.querySelector('#a').textContent === 'Wait'")
    page.until("log.join() === 'Ada'")
    page.step()
    page.until("document.querySelector('#a').textContent === 'Go'")
    page.until("document.querySelector('p').textContent.includes('mounted ')")
    page.until("document.querySelector('p').textContent.includes('key ')")


@scene(
    "<button id='a' dj-click='wait'>Go</button>"
    "{% if later %}<b dj-loading.show>under way</b>{% endif %}",
    strict=False,
    later=False,
    q="",
    wait=wait,
)
def test_what_shows_that_something_is_under_way_learns_it_when_it_comes_late(page):
    late(page, "loading")
    page.find("#a").click()
    page.until("document.querySelector('b')")
    page.run("open_gate();")
    page.until("document.querySelector('b').hasAttribute('data-djust-busy')")
    page.step()
    page.until("!document.querySelector('b').hasAttribute('data-djust-busy')")


@scene(
    "<form><input id='a' name='name'><input id='b' name='secret' type='password'></form>",
    LATE_PAGE,
    strict=False,
    mixins=[Drafts],
    q="",
)
def test_what_was_typed_before_drafts_were_kept_is_in_the_draft_but_no_password(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    page.type("#b", "geheim")
    page.run("document.querySelector('#b').type = 'text';")
    page.run("open_gate();")
    saved(page, "Ada")
    assert "geheim" not in page.run("JSON.stringify(localStorage)")


@scene(
    "<button id='a' dj-click='note' dj-lock>pay</button>"
    "{% if later %}<button id='b' dj-click='note' dj-throttle='10'>b</button>{% endif %}",
    LATE_PART,
    strict=False,
    later=False,
    q="",
)
def test_a_locked_button_is_heard_once_while_a_part_is_on_its_way(page):
    page.show(later=True)
    turn = page.turn()
    page.find("#b").click()
    for _ in range(3):
        page.find("#a").click()
    page.run("open_gate();")
    page.answered(turn + 1)
    page.show(later=False)
    assert page.turn() == turn + 3


FIELD = (
    "{% if later %}<input id='a' dj-input='typed'><button id='b' dj-click='note' data-n='1'>b</button>"
    "{% endif %}<p>{{ q }}</p>"
)


@scene(FIELD, LATE_PART, strict=False, later=False, q="")
def test_what_is_typed_waits_for_the_part_that_lets_it_wait_and_what_follows_as_well(page):
    page.show(later=True)
    page.loaded("forms")
    turn = page.turn()
    page.type("#a", "abc")
    page.find("#b").click()
    page.driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert page.turn() == turn
    page.run("open_gate();")
    page.until("document.querySelector('p').textContent === 'n=1'")
    assert page.turn() == turn + 2, "of three characters one event"


@scene(FIELD, LATE_PART, strict=False, later=False, q="")
def test_where_nothing_can_wait_each_character_is_sent(page):
    page.run("refuse(new Error('away'));")
    page.show(later=True)
    page.loaded("forms")
    turn = page.turn()
    for number, key in enumerate("abc", 1):
        page.type("#a", key)
        page.until(f"+document.querySelector('#turn').textContent === {turn + number}")
    assert page.text("p") == "ABC"


@scene(FIELD, LATE_PART, strict=False, later=True, q="")
def test_a_page_with_a_field_is_live_when_what_is_typed_can_wait(driver, address):
    scene = "a_page_with_a_field_is_live_when_what_is_typed_can_wait"
    page = Page(driver, address, scene, is_live=False)
    page.until("document.documentElement.dataset.djust === 'connecting'")
    driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert page.run("sockets.length") == 0
    page.type("#a", "abc")
    page.run("open_gate();")
    page.until("document.querySelector('p').textContent === 'ABC'")
    assert page.turn() == 1


@scene(
    "{% if later %}<button id='b' dj-click='note' dj-debounce='200' data-n='1'>b</button>{% endif %}"
    "<p>{{ q }}</p>",
    LATE_PART,
    strict=False,
    later=False,
    q="",
)
def test_an_attribute_that_says_how_long_brings_what_lets_events_wait(page):
    page.show(later=True)
    page.loaded("forms")
    turn = page.turn()
    for _ in range(3):
        page.find("#b").click()
    page.run("open_gate();")
    page.until("document.querySelector('p').textContent === 'n=1'")
    assert page.turn() == turn + 1


CALLS = (
    "{% if later %}<button id='a' dj-click='hear(7)' data-word='call'>a</button>"
    "<button id='b' dj-click='hear' data-word='name'>b</button>"
    "<form dj-submit='hear(8)'><input id='c' name='word'><button>c</button></form>{% endif %}"
    "<p>{{ q }}</p>"
)


class Counting:
    """Says what it heard, and with which argument."""

    @event_handler
    def hear(self, n: int = 0, word: str = "", **rest):
        self.q += f"{word} {n}|"
        self.turn += 1


@scene(CALLS, strict=False, mixins=[Counting], later=False, q="")
def test_a_call_waits_for_what_reads_it_and_what_follows_waits_behind_it(page):
    late(page, "calls")
    page.show(later=True)
    turn = page.turn()
    page.find("#a").click()
    page.find("#b").click()
    page.type("#c", "form", Keys.ENTER)
    page.run("djust.pushEvent('hear', { word: 'script' });")
    # What an event says is what its element said then.
    page.run(
        "document.querySelector('#a').dataset.word = document.querySelector('#c').value = 'later';"
    )
    page.driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert page.turn() == turn
    page.run("open_gate();")
    page.until("document.querySelector('p').textContent.includes('script')")
    assert page.text("p") == "call 7|name 0|form 8|script 0|"
    page.find("#a").click()
    page.until("document.querySelector('p').textContent.endsWith('|later 7|')")


@scene(CALLS, strict=False, mixins=[Counting], later=False, q="")
def test_where_calls_cannot_be_read_the_user_is_told_and_what_follows_is_sent(page):
    page.run(
        "window.told = [];"
        "document.addEventListener('djust:error', ({ detail }) => told.push(detail.code));"
        "window.tag = document.querySelector('script[data-calls]').dataset;"
        "window.address = tag.calls; tag.calls = '/nowhere.js';"
    )
    page.show(later=True)
    page.find("#a").click()
    page.find("#b").click()
    page.until("document.querySelector('p').textContent === 'name 0|'")
    page.until("told.join() === 'unsent'")
    # It is fetched again.
    page.run("tag.calls = address;")
    page.find("#a").click()
    page.until("document.querySelector('p').textContent === 'name 0|call 7|'")


@scene(CALLS, strict=False, mixins=[Counting], later=True, q="")
def test_a_page_that_is_served_with_calls_has_what_reads_them(page):
    assert page.run(LOADED.format("calls"))
    page.find("#a").click()
    page.until("document.querySelector('p').textContent === 'call 7|'")


@scene(
    "{% if later %}<button id='a' dj-click='hear(7)'>a</button>"
    "<button id='b' dj-click='hear' data-word='{{ word }}'>b</button>{% endif %}"
    "<p>{{ view.heard }}</p>",
    strict=False,
    mixins=[Ears],
    later=False,
    word="",
)
def test_what_waits_behind_a_call_leaves_with_the_page(page):
    late(page, "calls")
    word = secrets.token_hex(8)
    page.show(later=True, word=word)
    page.run(
        "document.querySelector('#a').click(); document.querySelector('#b').click();"
        "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));"
        "window.count = sockets.length;"
        "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));"
    )
    page.until("sockets.length > count")
    # A new connection begins with the first state.
    page.until("document.querySelector('#turn').textContent === '0'")
    page.show(later=False)
    assert page.text("p").split().count(word) == 1


@scene("<button id='a' dj-click='note('>a</button><p>{{ q }}</p>", strict=False, q="")
def test_an_attribute_that_is_no_call_is_told_and_nothing_is_sent(page):
    page.run(
        "window.told = [];"
        "document.addEventListener('djust:error', ({ detail }) => told.push(detail.code));"
    )
    page.find("#a").click()
    page.until("told.join() === 'attribute'")
    assert page.run("sends") == 0
