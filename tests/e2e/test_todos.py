"""The to-do list: rows of a database, kept by their key while they and their neighbours change."""

import pytest
from playwright.sync_api import expect

CARET = """
(({ value, selectionStart, selectionEnd }) => [value, selectionStart, selectionEnd])(
  document.activeElement)
"""


@pytest.fixture
def tab(new_tab, own_site):
    """A page with the five to-dos of a fresh database."""
    tab = new_tab(own_site)
    tab.open("/todos/")
    return tab


def titles(tab):
    return tab.page.locator("[dj-root] li").get_by_role("textbox")


def shows(tab, *values):
    """Wait until the rows have these titles."""
    expect(titles(tab)).to_have_count(len(values))
    for number, value in enumerate(values):
        expect(titles(tab).nth(number)).to_have_value(value)


def read(tab):
    return tab.page.evaluate(
        "[...document.querySelectorAll('[dj-root] li [name=title]')].map((input) => input.value)"
    )


def row(tab, number):
    return tab.page.locator("[dj-root] li").nth(number)


def button(tab, number, name):
    return row(tab, number).get_by_role("button", name=name)


def left(tab):
    return tab.page.locator("[dj-root]").get_by_role("status")


def settled(tab):
    """Wait until the server has answered everything that was sent."""
    tab.page.evaluate("djust.pushEvent('show', {choice: 'all'})")
    tab.answered()


def test_add(tab):
    first = read(tab)
    tab.page.get_by_label("New to-do").fill("Water the plants")
    tab.page.get_by_role("button", name="Add", exact=True).click()
    shows(tab, *first, "Water the plants")
    expect(tab.page.get_by_label("New to-do")).to_have_value("")
    tab.page.get_by_label("New to-do").fill("And the roof")
    tab.page.get_by_label("New to-do").press("Enter")
    shows(tab, *first, "Water the plants", "And the roof")
    tab.page.reload()
    tab.connected()
    shows(tab, *first, "Water the plants", "And the roof")


def test_toggle(tab):
    expect(left(tab)).to_have_text("4 to do")
    row(tab, 1).get_by_role("checkbox").check()
    expect(left(tab)).to_have_text("3 to do")
    expect(row(tab, 1)).to_have_class("done")
    row(tab, 0).get_by_role("checkbox").uncheck()
    expect(left(tab)).to_have_text("4 to do")
    expect(row(tab, 0)).not_to_have_class("done")
    expect(row(tab, 0).get_by_role("checkbox")).not_to_be_checked()


def test_edit_in_place(tab):
    first = read(tab)
    titles(tab).nth(2).fill("Renamed & <b>bold</b>")
    titles(tab).nth(2).press("Enter")
    titles(tab).nth(3).fill("Renamed by leaving it")
    titles(tab).nth(0).focus()
    expected = [*first[:2], "Renamed & <b>bold</b>", "Renamed by leaving it", *first[4:]]
    expect(row(tab, 3).get_by_role("checkbox")).to_have_accessible_name(
        "Done: Renamed by leaving it"
    )
    tab.page.reload()
    tab.connected()
    shows(tab, *expected)


def test_remove_move_up_and_move_down(tab):
    a, b, c, d, e = read(tab)
    button(tab, 1, "Move up").click()
    shows(tab, b, a, c, d, e)
    button(tab, 2, "Move down").click()
    shows(tab, b, a, d, c, e)
    button(tab, 0, "Remove").click()
    shows(tab, a, d, c, e)
    button(tab, 0, "Move up").click()
    button(tab, 3, "Move down").click()
    settled(tab)
    shows(tab, a, d, c, e)
    for remaining in (3, 2, 1, 0):
        button(tab, 0, "Remove").click()
        expect(titles(tab)).to_have_count(remaining)
    expect(row(tab, 0)).to_have_text("Nothing here.")


def test_filter(tab):
    a, *others = read(tab)
    choices = tab.page.get_by_role("group", name="Show")
    choices.get_by_role("button", name="done").click()
    shows(tab, a)
    expect(choices.get_by_role("button", name="done")).to_have_attribute("aria-pressed", "true")
    choices.get_by_role("button", name="active").click()
    shows(tab, *others)
    expect(choices.get_by_role("button", name="done")).to_have_attribute("aria-pressed", "false")
    choices.get_by_role("button", name="all").click()
    shows(tab, a, *others)


def test_a_row_that_moves_keeps_its_element_and_the_focus_on_its_button(tab):
    a, b, c, d, e = read(tab)
    row(tab, 3).evaluate("(row) => { row.kept = true }")
    button(tab, 3, "Move up").focus()
    tab.page.keyboard.press("Enter")
    shows(tab, a, b, d, c, e)
    expect(button(tab, 2, "Move up")).to_be_focused()
    tab.page.keyboard.press("Enter")
    shows(tab, a, d, b, c, e)
    expect(button(tab, 1, "Move up")).to_be_focused()
    assert row(tab, 1).evaluate("(row) => row.kept") is True


def test_half_typed_text_focus_and_caret_stay_while_others_change_the_list(tab, new_tab, own_site):
    a, b, c, d, e = read(tab)
    other = new_tab(own_site)
    other.open("/todos/")
    # Type in the middle of the third row, and stay there.
    field = titles(tab).nth(2)
    field.focus()
    field.press("Home")
    tab.page.keyboard.type("half ")
    tab.page.keyboard.press("Shift+ArrowRight")
    typed = tab.page.evaluate(CARET)
    assert typed == [f"half {c}", 5, 6]
    # Meanwhile the other tab moves this very row, and adds, removes and renames the rows around it.
    button(other, 2, "Move up").click()
    shows(other, a, c, b, d, e)
    button(other, 0, "Remove").click()
    shows(other, c, b, d, e)
    other.page.get_by_label("New to-do").fill("New")
    other.page.get_by_label("New to-do").press("Enter")
    shows(other, c, b, d, e, "New")
    row(other, 1).get_by_role("checkbox").check()
    titles(other).nth(2).fill("Renamed")
    titles(other).nth(2).press("Enter")
    expect(row(other, 2).get_by_role("checkbox")).to_have_accessible_name("Done: Renamed")
    # The first tab learns of all this by an event that has nothing to do with the row.
    tab.page.evaluate("djust.pushEvent('show', {choice: 'all'})")
    shows(tab, f"half {c}", b, "Renamed", e, "New")
    expect(field.or_(titles(tab).nth(0)).first).to_be_focused()
    assert tab.page.evaluate(CARET) == typed
    # Typing goes on where it was, and leaving the row saves it.
    tab.page.keyboard.press("ArrowLeft")
    tab.page.keyboard.type("typed ")
    tab.page.get_by_label("New to-do").focus()
    expect(row(tab, 0).get_by_role("checkbox")).to_have_accessible_name(f"Done: half typed {c}")


def test_half_typed_text_survives_every_button(tab):
    tab.page.get_by_label("New to-do").fill("half ty")
    count = len(read(tab))
    row(tab, 1).get_by_role("checkbox").check()
    button(tab, 2, "Move up").click()
    button(tab, 2, "Move down").click()
    button(tab, 0, "Remove").click()
    tab.page.get_by_role("button", name="active").click()
    tab.page.get_by_role("button", name="all").click()
    expect(titles(tab)).to_have_count(count - 1)
    expect(tab.page.get_by_label("New to-do")).to_have_value("half ty")


def test_keys_pressed_while_answers_arrive_are_not_lost(tab):
    field = titles(tab).nth(1)
    field.fill("")
    for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz"):
        tab.page.keyboard.type(letter)
        if number % 3 == 0:
            tab.page.evaluate(
                f"djust.pushEvent('show', {{choice: '{['all', 'active'][number % 2]}'}})"
            )
    settled(tab)
    assert tab.page.evaluate(CARET) == ["abcdefghijklmnopqrstuvwxyz", 26, 26]


def test_everything_by_keyboard(tab):
    first = read(tab)
    tab.page.get_by_label("New to-do").focus()
    tab.page.keyboard.type("By keyboard")
    tab.page.keyboard.press("Enter")
    shows(tab, *first, "By keyboard")
    row(tab, 5).get_by_role("checkbox").focus()
    tab.page.keyboard.press("Space")
    expect(row(tab, 5)).to_have_class("done")
    tab.page.keyboard.press("Tab")  # its title
    tab.page.keyboard.press("End")
    tab.page.keyboard.type("!")
    tab.page.keyboard.press("Tab")  # move up
    tab.page.keyboard.press("Enter")
    shows(tab, *first[:4], "By keyboard!", first[4])
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Tab")  # remove
    tab.page.keyboard.press("Enter")
    shows(tab, *first)
