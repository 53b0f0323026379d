"""The counter: a text, an attribute and a class follow a number on the server."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def tab(visit):
    return visit("/counter/")


def shows(tab, count, look):
    output = tab.page.locator("output")
    expect(output).to_have_text(str(count))
    expect(output).to_have_attribute("data-count", str(count))
    expect(output).to_have_class(f"count {look}")


def test_the_buttons_change_text_attribute_and_class(tab):
    add, subtract = (tab.page.get_by_label(name) for name in ("Add one", "Subtract one"))
    shows(tab, 0, "zero")
    add.click()
    shows(tab, 1, "up")
    add.click()
    shows(tab, 2, "up")
    for _ in range(3):
        subtract.click()
    shows(tab, -1, "down")
    add.click()
    shows(tab, 0, "zero")


def test_an_update_is_at_most_twenty_bytes(tab):
    for count in range(1, 13):
        tab.page.get_by_label("Add one").click()
        shows(tab, count, "up")
    sizes = [len(frame) for frame in tab.updates()]
    assert len(sizes) == 12
    assert max(sizes) <= 20


def test_no_click_of_a_fast_hand_is_lost(tab):
    tab.page.get_by_label("Add one").evaluate(
        "(button) => { for (let n = 0; n < 40; n++) button.click() }"
    )
    shows(tab, 40, "up")


def test_the_keyboard_is_enough(tab):
    tab.page.get_by_label("Add one").focus()
    tab.page.keyboard.press("Enter")
    shows(tab, 1, "up")
    tab.page.keyboard.press("Space")
    shows(tab, 2, "up")
    expect(tab.page.get_by_label("Add one")).to_be_focused()


def test_two_tabs_count_for_themselves(tab, visit):
    other = visit("/counter/")
    tab.page.get_by_label("Add one").click()
    shows(tab, 1, "up")
    other.page.get_by_label("Subtract one").click()
    shows(other, -1, "down")
    shows(tab, 1, "up")


def test_leaving_and_coming_back_starts_a_live_page_again(tab):
    tab.page.get_by_label("Add one").click()
    shows(tab, 1, "up")
    tab.page.get_by_role("link", name="Table").click()
    tab.connected()
    tab.page.go_back()
    tab.connected()
    count = int(tab.page.locator("output").inner_text())
    tab.page.get_by_label("Add one").click()
    shows(tab, count + 1, "up")
