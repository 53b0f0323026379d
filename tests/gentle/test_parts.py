"""Parts of the engine that are missing, late or not to be had: the page is right all the same."""

from djust import event_handler
from tests.gentle.scenes import scene

# A part comes when a test opens the gate. As often as `refusals` says it cannot be had.
GATE = """<script nonce="{{ view.request.csp_nonce }}">
const load = fetch;
const gate = new Promise((resolve) => (window.openGate = resolve));
window.asked = 0;
window.refusals = 0;
window.fetch = (address, ...rest) => {
  if (!String(address).includes("djust-PART")) return load(address, ...rest);
  asked++;
  return gate.then(() => refusals-- > 0 ? Promise.reject(new Error("away")) : load(address, ...rest));
};
document.addEventListener("djust:unconfirmed", ({ detail }) => (window.unconfirmed = detail.names.join()));
</script>"""
HEAD = GATE.replace("PART", "lists")
LIST = "<ul>{% for row in rows %}<li dj-key='{{ row }}'>{{ row }}</li>{% endfor %}</ul><p>{{ other }}</p>"
ROWS = "[...document.querySelectorAll('li')].map((row) => row.textContent).join('')"
STATE = {"rows": ["a", "b", "c", "d"], "other": ""}


def tell(page, **changes):
    """Changes the state on the server, without waiting until the page says so."""
    page.run("djust.pushEvent('show', arguments[0]);", changes)


def turn(page):
    """Lets the server turn the rows, and waits until the page has heard of it."""
    page.run(
        "window.messages = 0; sockets.at(-1).addEventListener('message', () => window.messages++);"
    )
    tell(page, rows=["d", "b", "a", "c"], other="first")
    page.until("messages > 0")
    page.driver.execute_async_script("setTimeout(arguments[0], 50)")


@scene(LIST, HEAD, **STATE)
def test_a_frame_that_needs_a_part_waits_for_it_and_those_after_it_wait_as_well(page):
    page.mark("li")
    turn(page)
    tell(page, other="second")
    tell(page, rows=["c", "d", "b"], other="third")
    page.until("asked === 1")
    assert page.run(ROWS) == "abcd"
    assert page.text("p") == ""
    page.run("openGate();")
    page.until("document.querySelector('p').textContent === 'third'")
    assert page.run(ROWS) == "cdb"
    assert page.run("[...document.querySelectorAll('li')].every((row) => marked.includes(row))")
    page.show(rows=["b", "c", "d"])
    assert page.run(ROWS) == "bcd"
    assert page.run("asked") == 1


@scene(LIST, HEAD, **STATE)
def test_rows_that_stay_in_their_order_need_no_part(page):
    page.mark("li")
    page.show(other="first")
    page.show(rows=["a", "b", "c", "d"], other="second")
    assert page.text("p") == "second"
    assert page.kept("li")


@scene(LIST, HEAD, **STATE)
def test_a_page_whose_part_cannot_be_had_gets_a_whole_tree_and_asks_again_later(page):
    page.mark("p")
    # Once for the change, once for the whole tree that is sent instead of it.
    page.run("refusals = 2; openGate();")
    turn(page)
    page.until("document.querySelector('p').textContent === 'first'")
    assert page.run(ROWS) == "dbac"
    assert page.kept("p")
    page.mark("li")
    page.show(rows=["a", "b", "c", "d"])
    assert page.run(ROWS) == "abcd"
    assert page.kept("li")
    assert page.run("sockets.length") == 1


@scene(LIST, **STATE)
def test_the_part_for_lists_comes_when_the_page_is_idle(page):
    page.loaded("lists")
    page.mark("li")
    page.show(rows=["d", "c", "b", "a"])
    assert page.run(ROWS) == "dcba"
    assert page.kept("li")


@scene("<p>{{ other }}</p>", other="")
def test_a_page_without_lists_does_not_load_it(page):
    page.loaded("idle")
    page.show(other="first")
    assert not page.run(
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('djust-lists'))"
    )


@scene(LIST, HEAD, **STATE)
def test_a_page_that_goes_while_a_frame_waits_is_right_when_it_comes_back(page):
    turn(page)
    page.until("asked === 1")
    page.run(
        "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));"
        "window.count = sockets.length;"
        "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));"
    )
    page.until("sockets.length > count")
    page.connected()
    page.show(other="back")
    assert page.run(ROWS) == "abcd", "a new connection begins with the first state"
    page.run("openGate();")
    page.mark("li")
    page.show(rows=["c", "a", "b", "d"])
    assert page.run(ROWS) == "cabd"
    assert page.kept("li")


ENDS = GATE.replace("PART", "ends")
COUNT = "<button dj-click='count' dj-loading.class='busy'>{{ view.turn }}</button><input><p>{{ other }}</p>"
CLOSE = "sockets.at(-1).close();"
LOST = "document.documentElement.dataset.djust === 'reconnecting'"


class Counts:
    """Counts what it hears."""

    @event_handler
    def count(self, **rest):
        self.turn += 1


@scene(COUNT, ENDS, mixins=(Counts,), other="first")
def test_a_connection_that_is_lost_before_the_part_came_is_made_again_when_it_is_there(page):
    page.type("input", "half a wo")
    page.mark("main *")
    page.run(CLOSE)
    page.until(LOST)
    # What the user does now is not lost, and what is answered now is none of it.
    page.find("button").click()
    page.find("button").click()
    assert page.run("[asked, sockets.length]") == [1, 1]
    page.run("openGate();")
    page.connected()
    page.until("document.querySelector('button').textContent === '2'")
    assert page.run("[asked, sockets.length]") == [1, 2]
    assert page.kept("main *")
    assert page.value("input") == "half a wo"
    page.reconnect()
    page.show(other="second")
    assert page.text("p") == "second"


@scene(COUNT, ENDS, mixins=(Counts,), other="")
def test_a_part_that_cannot_be_fetched_is_fetched_again_until_it_is_there(page):
    page.run("window.refusals = 2; openGate();" + CLOSE)
    page.until(LOST)
    page.find("button").click()
    page.connected()
    page.until("document.querySelector('button').textContent === '1'")
    assert page.run("[asked, refusals, sockets.length]") == [3, -1, 2]


@scene(COUNT, ENDS, mixins=(Counts,), other="")
def test_a_part_that_cannot_be_fetched_is_fetched_when_the_network_is_back(page):
    page.run("window.refusals = 1e9; openGate();")
    page.until("asked > 0")
    page.run(CLOSE)
    page.until(LOST)
    page.find("button").click()
    page.run("window.refusals = 0; dispatchEvent(new Event('online'));")
    page.connected()
    page.until("document.querySelector('button').textContent === '1'")


@scene(COUNT, ENDS, mixins=(Counts,), other="")
def test_an_event_that_was_on_its_way_is_told_when_the_part_is_there(page):
    page.run(
        "const socket = sockets.at(-1), { send } = socket; window.sent = 0; socket.onmessage = null;"
        "socket.send = (bytes) => { send.call(socket, bytes); window.sent++; };"
    )
    page.find("button").click()
    page.until("sent === 1")
    page.run(CLOSE)
    page.until(LOST)
    assert page.run("[window.unconfirmed, !!document.querySelector('.busy')]") == [None, True]
    page.run("openGate();")
    page.connected()
    page.until("unconfirmed === 'count' && !document.querySelector('.busy')")


@scene(COUNT, ENDS, mixins=(Counts,), other="")
def test_a_page_that_lost_its_connection_and_goes_before_the_part_came_comes_back(page):
    page.run(CLOSE)
    page.until(LOST)
    page.find("button").click()
    page.run(
        "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));"
        "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));"
    )
    assert page.run("sockets.length") == 1
    page.run("openGate();")
    page.connected()
    page.until("document.querySelector('button').textContent === '1'")
    page.show(other="second")
    assert page.text("p") == "second"


@scene(COUNT, ENDS, mixins=(Counts,), other="")
def test_a_page_that_is_hidden_and_shown_before_the_part_came_is_connected_when_it_is_there(page):
    page.run(
        "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));"
        "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));"
    )
    page.until(LOST)
    page.run("openGate();")
    page.until("sockets.length === 2")
    page.connected()
    page.show(other="second")
    assert page.text("p") == "second"


@scene(COUNT, ENDS, mixins=(Counts,), other="")
def test_a_page_works_as_long_as_it_is_connected_without_the_part(page):
    for turn in range(1, 4):
        page.find("button").click()
        page.until(f"document.querySelector('button').textContent === '{turn}'")
    page.run("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'));")
    page.show(other="second")
    assert page.text("p") == "second"
    assert page.run("document.documentElement.dataset.djust") == "connected"
    # An error of a handler is told when the part is there; what follows waits behind it.
    page.run("window.errors = 0; document.addEventListener('djust:error', () => window.errors++);")
    page.run("djust.pushEvent('nobody');")
    page.find("button").click()
    page.run("openGate();")
    page.until("errors === 1 && document.querySelector('button').textContent === '5'")
