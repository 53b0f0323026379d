"""A Django form that is checked while it is filled in: what is typed elsewhere stays as it is."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def tab(visit):
    return visit("/booking/")


def errors(tab):
    return tab.page.locator(".errorlist li")


def test_an_error_appears_while_the_next_field_is_typed_in(tab):
    page = tab.page
    page.evaluate("document.querySelectorAll('[dj-root] *').forEach((e) => { e.kept = true })")
    page.get_by_label("E-mail").press_sequentially("ada", delay=10)
    note = page.get_by_label("Note")
    note.press_sequentially("a table by the", delay=10)
    note.press("ArrowLeft")
    expect(errors(tab)).to_have_text(["Enter a valid email address."])
    expect(note).to_be_focused()
    expect(note).to_have_value("a table by the")
    assert note.evaluate("(field) => field.selectionStart") == len("a table by th")
    expect(page.get_by_label("E-mail")).to_have_value("ada")
    expect(page.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    strangers = "[...document.querySelectorAll('[dj-root] *')].filter((e) => !e.kept)"
    assert page.evaluate(f"{strangers}.map((e) => e.localName)") == ["ul", "li"]


def test_an_error_goes_when_the_field_is_right(tab):
    email = tab.page.get_by_label("E-mail")
    email.press_sequentially("ada", delay=10)
    expect(errors(tab)).to_have_text(["Enter a valid email address."])
    email.press_sequentially("@example.org", delay=10)
    expect(errors(tab)).to_have_count(0)
    expect(email).to_have_value("ada@example.org")
    expect(email).not_to_have_attribute("aria-invalid", "true")


def test_choices_stay_chosen_while_errors_come_and_go(tab):
    page = tab.page
    page.get_by_label("On the terrace").check()
    page.get_by_label("Menu").select_option("Four courses")
    page.get_by_label("I come or I call").check()
    page.get_by_label("Guests").fill("9")
    expect(errors(tab)).to_have_text(["Ensure this value is less than or equal to 8."])
    expect(page.get_by_label("On the terrace")).to_be_checked()
    expect(page.get_by_label("Menu")).to_have_value("4")
    expect(page.get_by_label("I come or I call")).to_be_checked()
    page.get_by_label("Guests").fill("3")
    expect(errors(tab)).to_have_count(0)
    page.get_by_label("I come or I call").uncheck()
    expect(errors(tab)).to_have_text(["This field is required."])
    expect(page.get_by_label("On the terrace")).to_be_checked()


def test_sending_shows_what_is_missing_and_then_thanks(tab):
    page = tab.page
    page.get_by_role("button", name="Book a table").click()
    expect(errors(tab)).to_have_text(["This field is required."] * 3)
    page.get_by_label("Name").fill("Ada <b>")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Guests").fill("3")
    page.get_by_label("I come or I call").check()
    page.get_by_role("button", name="Book a table").click()
    status = page.locator("[dj-root]").get_by_role("status")
    expect(status).to_have_text("Thank you, Ada <b>: a table for 3.")
    expect(errors(tab)).to_have_count(0)
    expect(page.get_by_label("Name")).to_have_value("Ada <b>")


def test_an_error_travels_in_a_small_frame(tab):
    email = tab.page.get_by_label("E-mail")
    email.fill("ada")
    expect(errors(tab)).to_have_text(["Enter a valid email address."])
    email.fill("ada@example.org")
    expect(errors(tab)).to_have_count(0)
    email.fill("")
    expect(errors(tab)).to_have_text(["This field is required."])
    assert len(tab.updates()[-1]) < 200
