"""A frame that takes long is carried out in slices, and nobody sees half a row."""

import pytest

from tests.gentle.scenes import scene

LIST = """<button dj-click="note" data-what="click">note</button><p id="q">{{ q }}</p><ul id="a">{% for row in rows %}
<li><b>{{ row }}</b>{% if row %}<i>{{ n }} {{ row }}</i>{% endif %}{% for one in pair %}<u>{{ one }}</u>{% endfor %}</li>
{% endfor %}</ul>"""

# Looks at the list in every task from now on: how many rows it has, and which of them are not whole.
WATCH = """
window.seen = [];
window.halves = [];
const look = () => {
  const { children } = document.querySelector('#a');
  if (seen.at(-1) !== children.length) {
    seen.push(children.length);
    for (const row of children) {
      const one = row.querySelector('b').textContent;
      const is = row.innerHTML;
      const body = `<i>0 ${one}</i><u>x</u><u>y</u>`;
      if (is.replace(/<!--.*?-->/g, '') !== `<b>${one}</b>${body}`) halves.push(is);
    }
    document.querySelector('#a').dispatchEvent(new Event('seen'));
  }
  setTimeout(look);
};
look();
"""


@pytest.fixture
def long(page):
    """A list that grows by so many rows that one slice does not hold them."""

    def grow(rows=6000):
        page.run(WATCH)
        page.run(
            "djust.pushEvent('show', { rows: [...Array(arguments[0]).keys()].map(n => n + 1) });",
            rows,
        )

    return grow


def grown(page, rows=6000):
    page.until(f"document.querySelector('#a').children.length === {rows}", "all rows")
    return page.run("[seen, halves]")


@scene(LIST, rows=[], pair=["x", "y"], n=0, q="")
def test_a_long_list_comes_in_slices_of_whole_rows(page, long):
    long()
    seen, halves = grown(page)
    assert len(seen) > 3, "several tasks showed a part of it"
    assert seen == sorted(seen)
    assert halves == []


@scene(LIST, rows=[], pair=["x", "y"], n=0, q="")
def test_what_the_user_does_during_a_slice_waits_for_the_frame(page, long):
    click = """document.querySelector('#a').addEventListener('seen', () => {
      const { length } = document.querySelector('#a').children;
      if (!length || window.clicked) return;
      window.clicked = length;
      document.querySelector('button').click();
      new MutationObserver(() => (window.answered ??= document.querySelector('#a').children.length))
        .observe(document.querySelector('#q'), { characterData: true, childList: true, subtree: true });
    });"""
    page.run(click)
    long()
    grown(page)
    page.until("window.answered", "an answer")
    assert page.run("clicked < 6000")
    assert page.run("answered") == 6000


@scene(LIST, rows=[], pair=["x", "y"], n=0, q="")
def test_frames_that_come_during_a_slice_are_shown_after_it(page, long):
    long()
    page.run("djust.pushEvent('show', { rows: [7, 8] });")
    page.until("document.querySelector('#a').children.length === 2", "the last state")
    assert page.run("halves") == []
    assert page.text("#a").split() == ["70", "7xy", "80", "8xy"]


@scene(LIST, rows=list(range(1, 6001)), pair=["x", "y"], n=0, q="")
def test_rows_that_are_replaced_keep_the_page_scrolled(page):
    page.run("scrollTo(0, 3000);")
    page.show(rows=list(range(10001, 16001)))
    page.until("document.querySelector('#a b').textContent === '10001'")
    assert page.run("scrollY") == 3000
