"""Search as you type: one question per pause, and the answer while the typing goes on."""

import pytest
from conftest import type_at_once
from playwright.sync_api import expect


@pytest.fixture
def tab(visit):
    return visit("/search/")


def status(tab):
    return tab.page.locator("[dj-root]").get_by_role("status")


def rows(tab):
    return tab.page.locator("[dj-root] li")


def test_typing_finds_products_and_marks_the_match(tab):
    expect(status(tab)).to_have_text("2000 of 2000 products")
    tab.page.get_by_label("Product").press_sequentially("oak lamp", delay=20)
    expect(status(tab)).to_have_text("10 of 2000 products")
    expect(rows(tab)).to_have_count(10)
    expect(rows(tab).first.locator("mark")).to_have_text("Oak Lamp")
    expect(tab.page.get_by_label("Product")).to_be_focused()


def test_a_word_is_asked_once(tab):
    type_at_once(tab.page.get_by_label("Product"), "brass lamp")
    expect(status(tab)).to_have_text("10 of 2000 products")
    assert len(tab.events()) == 1


def test_the_text_stays_as_typed_while_answers_arrive(tab):
    field = tab.page.get_by_label("Product")
    field.press_sequentially("oak", delay=30)
    expect(status(tab)).to_have_text("200 of 2000 products")
    field.press_sequentially("  l", delay=30)
    field.press("ArrowLeft")
    expect(status(tab)).to_have_text("0 of 2000 products")
    expect(field).to_have_value("oak  l")
    assert field.evaluate("(input) => input.selectionStart") == 5


def test_nothing_found_says_so_and_clearing_brings_all_back(tab):
    field = tab.page.get_by_label("Product")
    field.fill("no such thing")
    expect(rows(tab)).to_have_text(["No product has this in its name."])
    field.fill("")
    expect(status(tab)).to_have_text("2000 of 2000 products")
    expect(rows(tab)).to_have_count(50)


def test_the_button_and_enter_search_at_once(tab):
    field = tab.page.get_by_label("Product")
    field.fill("kettle")
    tab.page.get_by_role("button", name="Search").click()
    expect(status(tab)).to_have_text("100 of 2000 products")
    field.fill("teapot")
    field.press("Enter")
    expect(rows(tab).first.locator("mark")).to_have_text("Teapot")
    assert tab.page.url.endswith("/search/")


def test_products_that_stay_keep_their_elements(tab):
    tab.page.get_by_label("Product").fill("oak la")
    expect(rows(tab)).to_have_count(20)
    tab.page.evaluate(
        "document.querySelectorAll('[dj-root] li').forEach((row) => { row.kept = true })"
    )
    tab.page.get_by_label("Product").fill("oak lamp")
    expect(rows(tab)).to_have_count(10)
    assert tab.page.evaluate(
        "[...document.querySelectorAll('[dj-root] li')].every((row) => row.kept)"
    )


def test_what_is_typed_is_never_markup(tab):
    tab.page.get_by_label("Product").fill('<b onclick="x">&amp;</b>')
    expect(rows(tab)).to_have_text(["No product has this in its name."])
    expect(tab.page.get_by_label("Product")).to_have_value('<b onclick="x">&amp;</b>')
    assert tab.page.locator("[dj-root] b").count() == 0
