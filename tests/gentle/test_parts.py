"""Parts of the engine that are missing, late or not to be had: the page is right all the same."""

from tests.gentle.scenes import scene

# The part for lists comes when a test opens the gate. As often as `refusals` says it cannot be had.
HEAD = """<script nonce="{{ view.request.csp_nonce }}">
const load = fetch;
const gate = new Promise((resolve) => (window.openGate = resolve));
window.asked = 0;
window.refusals = 0;
window.fetch = (address, ...rest) => {
  if (!String(address).includes("djust-lists")) return load(address, ...rest);
  asked++;
  return gate.then(() => refusals-- > 0 ? Promise.reject(new Error("away")) : load(address, ...rest));
};
</script>"""
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
