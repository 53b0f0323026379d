"""What decorators do between an event and the server, in a browser."""

import time

from selenium.webdriver.common.keys import Keys

from djust import cache, client_state, debounce, event_handler, rate_limit, throttle
from tests.gentle.scenes import scene

# How many events left, and what is under way.
WIRE = """<script nonce="{{ view.request.csp_nonce }}">
window.sent = 0;
window.busy = [];
window.warned = [];
window.heard = [];
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) {
  if (data[0] === 1) sent += data[1];
  send.call(this, data);
};
document.addEventListener("djust:busy", ({ detail: { element, handler, busy: on } }) =>
  busy.push(`${handler} ${element?.id} ${on}`));
console.warn = (text) => warned.push(text);
</script>"""


def settles(page, expression, expected):
    """Waits until an expression says this, and sees that it goes on saying so."""
    page.until(f"JSON.stringify({expression}) === JSON.stringify({expected!r})", expected)
    time.sleep(0.5)
    assert page.run(expression) == expected


@debounce(wait=1)
def find(self, value: str = ""):
    self.q += f"{value}|"
    self.turn += 1


@scene("<input id='a' dj-input='find'><p>{{ q }}</p><button>end</button>", WIRE, q="", find=find)
def test_typing_is_sent_when_it_pauses_and_at_once_when_the_field_is_left(page):
    page.type("#a", "abc")
    settles(page, "document.querySelector('p').textContent", "abc|")
    assert page.run("sent") == 1
    page.type("#a", "d")
    page.find("button").click()
    settles(page, "document.querySelector('p').textContent", "abc|abcd|")
    assert page.run("sent") == 2


@scene("<input id='a' dj-input='find'>", WIRE, q="", find=find)
def test_each_event_under_way_ends(page):
    page.type("#a", "abc")
    settles(page, "busy", ["find a true", "find a false"])


@throttle(interval=0.4)
def move(self, x: int):
    self.q += f"{x}|"
    self.turn += 1


MOVE = "<button id='a' dj-click='move' data-x='0'>go</button><p>{{ q }}</p>"
CLICK = "const [go, ...xs] = arguments; for (const x of xs) { go.dataset.x = x; go.click(); }"


@scene(MOVE, WIRE, q="", move=move)
def test_of_many_events_the_first_goes_at_once_and_the_last_at_the_end_of_the_interval(page):
    page.run(CLICK, page.find("#a"), 1, 2, 3, 4)
    page.until("document.querySelector('p').textContent.startsWith('1|')")
    settles(page, "document.querySelector('p').textContent", "1|4|")
    assert page.run("sent") == 2


@scene(MOVE, WIRE, q="", move=move)
def test_a_single_throttled_click_is_sent_once(page):
    page.find("#a").click()
    settles(page, "document.querySelector('p').textContent", "0|")
    assert page.run("sent") == 1


@cache(ttl=60)
def pick(self, p: str):
    self.calls += 1
    self.q = f"{p}{self.calls}"


@event_handler
def other(self):
    self.q += "!"


PICK = (
    "{% for p in names %}<button id='{{ p }}' dj-click='pick' data-p='{{ p }}'>{{ p }}</button>"
    "{% endfor %}<button id='o' dj-click='other'>other</button><p>{{ q }}</p><i>{{ more }}</i>"
)
PICKED = {"q": "", "calls": 0, "names": ["a", "b"], "more": "", "pick": pick, "other": other}


def picked(page, button, expected):
    page.find(f"#{button}").click()
    page.until(f"document.querySelector('p').textContent === {expected!r}")


@scene(PICK, WIRE, **PICKED)
def test_an_answer_is_shown_again_without_a_message(page):
    picked(page, "a", "a1")
    picked(page, "b", "b2")
    assert page.run("sent") == 2
    for button, answer in [("a", "a1"), ("b", "b2"), ("a", "a1")]:
        page.find(f"#{button}").click()
        assert page.text("p") == answer, "it is there in the same moment"
    time.sleep(0.3)
    assert page.run("sent") == 2


@scene(PICK, WIRE, **PICKED)
def test_the_server_hears_of_a_shown_answer_before_anything_else(page):
    picked(page, "a", "a1")
    picked(page, "b", "b2")
    picked(page, "a", "a1")
    page.find("#o").click()
    settles(page, "document.querySelector('p').textContent", "a3!")
    assert page.run("sent") == 4
    picked(page, "b", "b4")


@scene(PICK, WIRE, **PICKED)
def test_an_answer_is_applied_to_the_page_as_it_now_is(page):
    picked(page, "a", "a1")
    picked(page, "b", "b2")
    page.mark("main button")
    page.run("document.querySelector('#a').focus();")
    picked(page, "a", "a1")
    assert page.kept("main button")
    assert page.focused("#a")
    page.show(more="news")
    assert page.text("p") == "a3"
    picked(page, "b", "b4")
    assert page.text("i") == "news"


@client_state(keys=["filter"])
def choose(self, filter: str = ""):
    self.q += f"chose {filter}|"


@client_state(keys=["filter"])
async def follow(self, filter: str = ""):
    self.other += f"heard {filter}|"


SHARE = (
    "<button id='a' dj-click='choose' data-filter='red'>red</button>"
    "<p>{{ q }}</p><i>{{ other }}</i>"
)
SHARED = {"q": "", "other": "", "choose": choose, "follow": follow}
HEARD = "djust.stateBus.subscribe('filter', (value) => heard.push(value));"


@scene(SHARE, WIRE, **SHARED)
def test_handlers_that_share_a_key_hear_of_each_other_without_an_echo(page):
    page.run(HEARD)
    page.find("#a").click()
    settles(page, "document.querySelector('i').textContent", "heard red|")
    assert page.text("p") == "chose red|"
    assert page.run("[heard, djust.stateBus.get('filter')]") == [["red"], "red"]
    assert page.run("sent") == 2
    page.run("djust.stateBus.set('filter', 'blue');")
    settles(page, "document.querySelector('i').textContent", "heard red|heard blue|")
    assert page.text("p") == "chose red|chose blue|"


@scene(SHARE, WIRE, **SHARED)
def test_scripts_that_set_each_other_off_are_stopped_and_the_developer_is_told(page):
    page.run(
        "for (const [one, other] of [['x', 'y'], ['y', 'x']]) {"
        "  djust.stateBus.subscribe(one, (n) => (heard.push(n), djust.stateBus.set(other, n + 1)));"
        "}"
        "djust.stateBus.set('x', 0);"
    )
    settles(page, "heard", list(range(9)))
    assert page.run("warned.filter((text) => /again and again/.test(text)).length") == 1


@client_state(keys=["theme"], tabs=True)
def paint(self, theme: str = ""):
    self.q += f"{theme}|"


@scene(
    "<button id='a' dj-click='paint' data-theme='dark'>dark</button><p>{{ q }}</p>",
    WIRE,
    strict=False,  # A strict page stands in no frame.
    q="",
    paint=paint,
)
def test_another_tab_hears_what_it_asked_for(page):
    page.run(
        "window.other = document.createElement('iframe'); other.src = location.href;"
        "document.documentElement.append(other);"
    )
    page.until("other.contentDocument?.documentElement?.dataset.djust === 'connected'")
    theirs = "other.contentDocument.querySelector('p').textContent"
    # Both have loaded the module when a first word has passed.
    page.until(f"other.contentWindow.djust.stateBus.set('theme', 'x'), {theirs} !== ''")
    page.until("document.querySelector('p').textContent !== ''")
    time.sleep(0.3)
    for window in ("window", "other.contentWindow"):
        page.until(
            f"{window}.busy.filter((one) => /true$/.test(one)).length * 2 === {window}.busy.length"
        )
    before = [page.text("p"), page.run(theirs)]
    page.find("#a").click()
    settles(page, theirs, before[1] + "dark|")
    assert page.text("p") == before[0] + "dark|"


@client_state(keys=["x", "y"], tabs=True)
def count(self, x: int = 0, y: int = 0):
    self.q += f"{x or y}|"


@scene("<p>{{ q }}</p>", WIRE, strict=False, q="", count=count)
def test_tabs_that_set_each_other_off_are_stopped_too(page):
    page.run(
        "window.other = document.createElement('iframe'); other.src = location.href;"
        "document.documentElement.append(other);"
    )
    page.until("other.contentDocument?.documentElement?.dataset.djust === 'connected'")
    page.until("djust.stateBus.set('x', 1), other.contentWindow.djust.stateBus.get('x') === 1")
    page.until("other.contentWindow.djust.stateBus.set('y', 1), djust.stateBus.get('y') === 1")
    time.sleep(0.3)
    page.run(
        "const listen = (tab, key, answer) => tab.djust.stateBus.subscribe(key, (n) => {"
        "  heard.push(n); tab.djust.stateBus.set(answer, n + 1);"
        "});"
        "listen(other.contentWindow, 'x', 'y'); listen(window, 'y', 'x');"
        "djust.stateBus.set('x', 10);"
    )
    page.until("heard.length >= 4", "a circle over two tabs")
    time.sleep(1)
    found = page.run("heard.length")
    assert found <= 9
    time.sleep(0.5)
    assert page.run("heard.length") == found
    warnings = "(tab) => tab.warned.filter((text) => /again and again/.test(text)).length"
    assert page.run(f"[window, other.contentWindow].map({warnings})") in ([1, 0], [0, 1])


@scene(
    "<input id='a' dj-input='find'>{% if more %}<input id='b' dj-input='find'>{% endif %}<p>{{ q }}</p>",
    WIRE,
    q="",
    more=True,
    find=find,
)
def test_what_waits_for_an_element_that_is_gone_is_not_sent(page):
    page.run(
        "for (const id of ['a', 'b']) {"
        "  const input = document.getElementById(id); input.value = id;"
        "  input.dispatchEvent(new Event('input', { bubbles: true }));"
        "}"
    )
    # A key does not hurry what waits, as another event would.
    page.run(
        "const b = document.getElementById('b'); b.dataset.more = '';"
        "b.setAttribute('dj-keydown', 'show');"
        "b.dispatchEvent(new KeyboardEvent('keydown', { key: 'x', bubbles: true }));"
    )
    page.until("!document.getElementById('b')")
    settles(page, "document.querySelector('p').textContent", "a|")


@scene("<input id='a' dj-input='find'><p>{{ q }}</p>", WIRE, q="", find=find)
def test_what_was_typed_without_a_connection_is_sent_when_it_is_back(page):
    page.run("window.count = sockets.length; sockets.at(-1).close();")
    page.type("#a", "abc", Keys.TAB)
    page.until("sockets.length > count")
    page.connected()
    settles(page, "document.querySelector('p').textContent", "abc|")
    assert page.run("busy") == ["find a true", "find a false"]


@rate_limit(rate=0.01, burst=2)
def vote(self):
    self.q += "voted|"


@scene("<button id='a' dj-click='vote'>vote</button><p>{{ q }}</p>", WIRE, q="", vote=vote)
def test_an_event_that_comes_too_often_is_refused_with_a_hint(page):
    for _ in range(3):
        page.find("#a").click()
    page.until(
        "/try again in \\d+ seconds/.test(document.querySelector('.djust-notice')?.textContent)"
    )
    assert page.text("p") == "voted|voted|"
    assert page.run("busy.length") == 6
