"""The index shows the source of each page beside a link to it."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("name", ["Counter", "To-dos", "Search", "Booking", "Table"])
def test_a_page_is_linked_and_opens(visit, name):
    tab = visit("/")
    tab.page.get_by_role("heading", name=name).get_by_role("link").click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text(name)
    tab.connected()


@pytest.mark.parametrize("name", ["counter", "todos", "search", "booking", "table"])
def test_both_sources_can_be_read(visit, name):
    exhibit = visit("/").page.locator(f"#{name}")
    view = exhibit.get_by_role("region", name=f"views/{name}.py")
    template = exhibit.get_by_role("region", name=f"{name}.html")
    expect(view).to_contain_text("LiveView")
    expect(template).to_be_hidden()
    exhibit.get_by_role("radio", name=f"{name}.html").check()
    expect(template).to_contain_text("dj-root")
    expect(view).to_be_hidden()
    exhibit.get_by_role("radio", name=f"views/{name}.py").check()
    expect(view).to_be_visible()
