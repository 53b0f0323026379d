"""A list of 100,000 rows scrolls as if they were all there."""

from djust import VirtualList
from tests.gentle.scenes import scene

STYLE = """<style nonce="{{ view.request.csp_nonce }}">
[dj-virtual] { height: 200px; overflow: auto; overflow-anchor: none }
[dj-virtual] > p { height: 20px; margin: 0 }
</style>"""
LIST = (
    "<div id='box' tabindex=0 dj-virtual='list' dj-virtual-total='{{ list.total }}'"
    " dj-virtual-start='{{ list.start }}'>"
    "{% for row in list.window %}<p id='r{{ row }}'>{{ row }}</p>{% endfor %}</div>"
)
ROWS = 100_000


def mounted(self, request, **kwargs):
    self.list = VirtualList(range(ROWS), size=20)


def shown(row):
    """Whether a row stands where its number says, and can be seen."""
    return (
        "((box, row) => !!row && row.top > box.top - 20 && row.bottom < box.bottom + 20)("
        "document.querySelector('#box').getBoundingClientRect(),"
        f" document.querySelector('#r{row}')?.getBoundingClientRect())"
    )


@scene(LIST, head=STYLE, mount=mounted)
def test_a_long_list_is_as_high_as_all_its_rows(page):
    page.until("document.querySelector('#box').scrollHeight > 1e6")
    assert abs(page.run("document.querySelector('#box').scrollHeight") - ROWS * 20) < 100
    assert page.run("document.querySelectorAll('#box > p[id]').length") < 100


@scene(LIST, head=STYLE, mount=mounted)
def test_what_is_scrolled_to_is_there(page):
    page.until("document.querySelector('#box').scrollHeight > 1e6")
    for row in (30, 50_000, 99_999, 12_345, 0):
        page.run("document.querySelector('#box').scrollTop = arguments[0];", max(0, row * 20 - 100))
        page.until(shown(row))
        assert page.run("document.querySelectorAll('#box > p[id]').length") <= 60


@scene(LIST, head=STYLE, mount=mounted)
def test_scrolling_on_keeps_the_rows_that_stay(page):
    page.until("document.querySelectorAll('#box > p[id]').length >= 20")
    page.run("document.querySelector('#box').scrollTop = 2000;")
    page.until(shown(102))
    page.mark("#r110")
    page.run("document.querySelector('#box').scrollTop = 2200;")
    page.until(shown(112))
    page.until("document.querySelector('#box').getAttribute('dj-virtual-start') !== '0'")
    assert page.kept("#r110")
    assert page.run("document.querySelector('#box').scrollTop") == 2200


@scene(LIST, head=STYLE, mount=mounted)
def test_a_new_connection_comes_back_to_the_same_place(page):
    page.until("document.querySelector('#box').scrollHeight > 1e6")
    page.run("document.querySelector('#box').scrollTop = 10000;")
    page.until(shown(502))
    page.reconnect()
    page.until(shown(502))
    assert page.run("document.querySelectorAll('#box > [aria-hidden]').length") == 2
    assert page.run("document.querySelector('#box').scrollTop") == 10000
