"""What holds for each page of the demo: accessible, strict, plain HTML first, then adopted."""

import pytest
from conftest import DESKTOP, PHONE
from playwright.sync_api import expect

LIVE = ["/counter/", "/todos/", "/search/", "/booking/", "/table/"]
PAGES = ["/", *LIVE, "/interceptors/"]

# Marks every node of the served page: deferred scripts run after this event, so nothing but the
# parser has made a node before it.
MARK = """
document.addEventListener('readystatechange', () => {
  if (document.readyState !== 'interactive') return;
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
  while (walker.nextNode()) walker.currentNode.served = true;
  window.servedElements = document.body.querySelectorAll('*').length;
  window.servedText = document.body.textContent;
});
"""

# What a keyboard should reach, in document order; of a radio group only the one that is checked.
REACHABLE = """
[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
  .filter((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility()
    && (element.type !== 'radio' || element.checked))
"""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, axe, path, viewport, scheme):
    tab = visit(path, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    assert axe(tab.page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_needs_no_sideways_scrolling(visit, path):
    page = visit(path, viewport=PHONE).page
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("path", PAGES)
def test_the_policy_is_strict(new_tab, site, path):
    response = new_tab(site).open(path)
    policy = response.headers["content-security-policy"]
    assert "script-src" in policy
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_pages_render_without_javascript(new_tab, site, path):
    tab = new_tab(site, java_script_enabled=False)
    tab.page.goto(site.url + path)
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    main = tab.page.get_by_role("main").inner_text()
    expected = {
        "/": ["Counter", "To-dos", "Search", "Booking", "Table", "def increment(self)"],
        "/counter/": ["Counter", "0"],
        "/todos/": ["to do"],
        "/search/": ["of 2000 products"],
        "/booking/": ["I come or I call", "Book a table"],
        "/table/": ["1000 rows", "Unit 1", "Unit 1000"],
        "/interceptors/": ["Half a letter", "class DraftsView", "Write something and reload"],
    }
    for text in expected[path]:
        assert text in main


def test_the_search_form_works_without_javascript(new_tab, site):
    page = new_tab(site, java_script_enabled=False).page
    page.goto(f"{site.url}/search/")
    page.get_by_label("Product").fill("oak lamp")
    page.get_by_label("Product").press("Enter")
    expect(page.get_by_role("status").filter(has_text="products")).to_have_text(
        "10 of 2000 products"
    )


@pytest.mark.parametrize("path", LIVE)
def test_hydration_keeps_every_element(new_tab, site, path):
    tab = new_tab(site)
    tab.page.add_init_script(MARK)
    tab.open(path)
    assert tab.page.evaluate("servedElements") > 20
    strangers = (
        "[...document.body.querySelectorAll('*')].filter((e) => !e.served).map((e) => e.outerHTML)"
    )
    assert tab.page.evaluate(strangers) == []
    assert tab.page.evaluate("document.body.querySelectorAll('*').length == servedElements")
    assert tab.page.evaluate("document.body.textContent == servedText")


# What moved on the page since it was served, without anybody having done something (Layout
# Instability API, https://wicg.github.io/layout-instability/).
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value, sources }) =>
  `${value}: ${sources.map(({ node }) => node?.outerHTML ?? node?.data)}`)))
  .observe({ type: 'layout-shift', buffered: true });
"""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_while_a_page_becomes_live(new_tab, site, path, viewport):
    tab = new_tab(site, viewport=viewport)
    tab.page.add_init_script(SHIFTS)
    tab.open(path)
    # The first idle moment loads what is rarely used; it moves nothing either.
    tab.page.evaluate("new Promise((done) => requestIdleCallback(() => setTimeout(done, 100)))")
    assert tab.page.evaluate("shifts") == []


@pytest.mark.parametrize("path", LIVE)
def test_the_first_frame_does_not_repeat_the_page(visit, path):
    tab = visit(path)
    page = len(tab.page.content())
    assert 0 < sum(len(frame) for frame in tab.received) < page


@pytest.mark.parametrize("path", PAGES)
def test_a_keyboard_reaches_everything_in_order_and_shows_where_it_is(visit, path):
    page = visit(path).page
    wanted = page.evaluate(f"(window.wanted = {REACHABLE}).length")
    assert wanted > 3
    for number in range(min(wanted, 40)):
        page.keyboard.press("Tab")
        is_next = page.evaluate(f"document.activeElement === wanted[{number}]")
        assert is_next, page.evaluate(
            f"[document.activeElement, wanted[{number}]].map((e) => e.outerHTML.slice(0, 200))"
        )
        assert page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
                || style.boxShadow !== 'none';
            }"""
        ), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_somewhere(visit, site, path):
    page = visit(path).page
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.href)")
    for link in sorted(set(links)):
        assert link.startswith(site.url)
        assert page.request.get(link).ok
        if "#" in link:
            address, _, anchor = link.partition("#")
            assert f'id="{anchor}"' in page.request.get(address).text()
