"""The table of 1,000 rows: every button, checked against a model of it in Python."""

import pytest
from conftest import DESKTOP
from playwright.sync_api import expect

READ = (
    "[...document.querySelectorAll('tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))"
)
MARK = "document.querySelectorAll('tbody tr').forEach((row) => { row.kept = row.dataset.key })"
KEPT = """
[...document.querySelectorAll('tbody tr')].filter((row) => row.kept === row.dataset.key).length
"""


def row(number, more=0, flip=False):
    state = "on" if (number % 3 > 0) != flip else "off"
    return [str(number), f"Unit {number}", str(number * 37 % 100 + more), state]


ROWS = [row(number) for number in range(1, 1001)]


@pytest.fixture
def tab(visit):
    tab = visit("/table/", viewport=DESKTOP)
    assert tab.page.evaluate(READ) == ROWS
    tab.page.evaluate(MARK)
    return tab


def press(tab, name):
    """Press a button and wait until the answer is in the page."""
    tab.page.get_by_role("button", name=name, exact=True).click()
    tab.answered()
    return tab.page.evaluate(READ)


def test_edit_one_changes_one_cell_by_at_most_forty_bytes(tab):
    assert press(tab, "Edit one") == [row(1, more=1), *ROWS[1:]]
    assert press(tab, "Edit one") == [row(1, more=1), row(2, more=1), *ROWS[2:]]
    assert max(len(frame) for frame in tab.updates()) <= 40
    assert tab.page.evaluate(KEPT) == 1000


def test_edit_every_tenth_changes_cells_and_conditions(tab):
    changed = [row(n, more=1, flip=True) if n % 10 == 1 else row(n) for n in range(1, 1001)]
    assert press(tab, "Edit every tenth") == changed
    assert tab.page.evaluate(KEPT) == 1000
    assert len(tab.updates()[-1]) < 2500


def test_append_adds_a_row(tab):
    assert press(tab, "Append") == [*ROWS, row(1001)]
    expect(tab.page.locator("[dj-root]").get_by_role("status")).to_have_text("1001 rows")
    assert tab.page.evaluate(KEPT) == 1000
    assert len(tab.updates()[-1]) < 100


def test_remove_first_removes_it(tab):
    assert press(tab, "Remove first") == ROWS[1:]
    assert tab.page.evaluate(KEPT) == 999


def test_swap_two_exchanges_two_rows(tab):
    swapped = [ROWS[0], ROWS[998], *ROWS[2:998], ROWS[1], ROWS[999]]
    assert press(tab, "Swap two") == swapped
    assert tab.page.evaluate(KEPT) == 1000


def test_reverse_turns_the_rows_round(tab):
    assert press(tab, "Reverse") == ROWS[::-1]
    assert tab.page.evaluate(KEPT) == 1000
    assert len(tab.updates()[-1]) < 40


def test_shuffle_moves_rows_and_rebuilds_none(tab):
    shuffled = press(tab, "Shuffle")
    assert shuffled != ROWS
    assert sorted(shuffled, key=lambda cells: int(cells[0])) == ROWS
    assert tab.page.evaluate(KEPT) == 1000


def test_clear_and_refill(tab):
    assert press(tab, "Clear") == [["No rows."]]
    expect(tab.page.locator("[dj-root]").get_by_role("status")).to_have_text("0 rows")
    assert press(tab, "Append") == [row(1001)]
    assert press(tab, "Refill") == ROWS
    expect(tab.page.locator("[dj-root]").get_by_role("status")).to_have_text("1000 rows")


def test_buttons_do_nothing_wrong_on_an_empty_table(tab):
    press(tab, "Clear")
    for name in ("Edit one", "Edit every tenth", "Remove first", "Swap two", "Reverse", "Shuffle"):
        tab.page.get_by_role("button", name=name, exact=True).click()
    assert press(tab, "Append") == [row(1001)]


def test_the_scroll_position_stays(tab):
    tab.page.get_by_role("button", name="Edit every tenth").focus()
    tab.page.evaluate("document.querySelector('.scroll').scrollTop = 9000; scrollTo(0, 100)")
    before = tab.page.evaluate("[document.querySelector('.scroll').scrollTop, scrollY]")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("tbody tr").first).to_contain_text("38")
    assert tab.page.evaluate("[document.querySelector('.scroll').scrollTop, scrollY]") == before


def test_a_long_sequence_ends_where_the_model_does(tab):
    expected = list(ROWS)
    press(tab, "Reverse")
    expected.reverse()
    press(tab, "Remove first")
    del expected[0]
    press(tab, "Append")
    expected.append(row(1001))
    press(tab, "Swap two")
    expected[1], expected[-2] = expected[-2], expected[1]
    assert press(tab, "Reverse") == expected[::-1]
