"""The documents, run: Python blocks of a page execute in order, templates render as Django's do."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template import Context, engines
from django.test import RequestFactory

from djust.testing import LiveViewTestClient, render_html

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page, language):
    return re.findall(rf"^```{re.escape(language)}\n(.*?)^```", page.read_text(), re.S | re.M)


def run(page):
    """The names that the Python blocks of a page define, one after the other as in a project."""
    names = {"__name__": "shop.urls", "INSTALLED_APPS": []}
    for source in blocks(page, "python"):
        exec(compile(source, page.name, "exec"), names)
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page):
    run(page)


def test_the_tests_of_the_manual_pass(tmp_path, monkeypatch):
    names = run(ROOT / "docs/django.md")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    names["test_a_renamed_todo_changes_one_text"]()
    assert (tmp_path / "tests/snapshots/renamed_todo.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_templates_of_a_page_render(page):
    for source in blocks(page, "html+django"):
        context = {"greeting": "Hello"}
        expected = engines["django"].from_string(source).template.render(Context(context))
        assert render_html(source, context) == expected


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_links_of_a_page_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", page.read_text()):
        assert (page.parent / "".join(target)).exists(), f"{page.name} links {target}"


def test_the_counter_of_the_readme_counts():
    view = run(ROOT / "README.md")["CounterView"]
    lines = next(b for b in blocks(ROOT / "README.md", "python") if "class CounterView" in b)
    assert len(lines.strip().splitlines()) <= 21
    client = LiveViewTestClient(view).mount()
    client.send_event("decrement")
    assert client.state["count"] == -1
    assert 'class="below">-1<' in client.html
    assert len(client.frames[0]) <= 20


def test_the_search_of_the_guide_finds():
    client = LiveViewTestClient(run(ROOT / "docs" / "django.md")["SearchView"]).mount()
    client.send_event("search", query="lap")
    assert client.state["names"] == ["Laptop"]


def test_the_views_of_the_events_page_do_what_it_says():
    views = run(ROOT / "docs" / "events.md")
    basket = LiveViewTestClient(views["BasketView"]).mount()
    basket.send_event("remove", position="0").send_event("add", item="Tea")
    assert basket.state["items"] == ["Milk", "Tea"]
    for name in ("FilterView", "CountingView"):
        client = LiveViewTestClient(views[name]).mount()
        client.send_event("update_model", field="tags", value=["new"])
        client.send_event("update_model", field="limit", value="")
        assert client.state["tags"] == ["new"]
        assert client.state.get("writes", 2) == 2
    order = LiveViewTestClient(views["OrderView"], raise_exceptions=False).mount()
    order.send_event("update_model", field="price", value="1")
    assert order.state["price"] == 100
    assert len(order.errors) == 1
    dialog = LiveViewTestClient(views["DialogView"]).mount()
    assert 'dj-click="[[&quot;show&quot;' in dialog.html
    dialog.send_event("rename", name="Letter")
    assert b"#dialog" in dialog.frames[-1]


def test_the_views_of_the_guide_stand_within_a_page(monkeypatch):
    guide = ROOT / "docs" / "live-views.md"
    for name in ("shop", "shop.views", "shop.urls"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(**run(guide)))
    sys.modules["shop.urls"] = sys.modules["shop.views"]
    page = engines["django"].from_string(blocks(guide, "html")[0])
    html = page.render(request=RequestFactory().get("/shop/"))
    assert '<button dj-click="put" data-item="Lamp">For later: 0</button>' in html
    assert '<div id="cart" dj-view="shop.urls.CartView"' in html


def test_the_views_of_the_interceptors_page_do_what_it_says():
    views = run(ROOT / "docs" / "interceptors.md")
    search = LiveViewTestClient(views["SearchView"]).mount().send_event("search", query="lap")
    assert search.state["names"] == ["Laptop"]
    shop = LiveViewTestClient(views["ShopView"]).mount()
    shop.send_event("update_filter", filter="La").send_event("on_filter_change", filter="La")
    assert "<p>La: Laptop, Lamp</p>" in shop.html
    comments = LiveViewTestClient(views["CommentView"], raise_exceptions=False).mount()
    for text in "abcd":
        comments.send_event("publish", text=text)
    assert comments.state["texts"] == ["a", "b", "c"]
    assert "try again" in str(comments.errors[0])
    post = LiveViewTestClient(views["PostView"]).mount()
    post.send_event("like").send_event("add", title="Milk").send_event("delete", id="1")
    assert "♥ 42" in " ".join(post.html.split())
    assert [todo["title"] for todo in post.state["todos"]] == ["Milk"]


def test_the_five_patterns_do_in_python_what_they_say():
    views = run(ROOT / "docs" / "patterns.md")
    client = {name: LiveViewTestClient(view) for name, view in views.items() if "View" in name}
    del client["LiveView"]
    for each in client.values():
        each.mount()
    client["SearchView"].send_event("search", query="lap")
    assert "<li>Laptop</li>" in client["SearchView"].html
    client["LikeView"].send_event("like")
    assert "♥" in client["LikeView"].html
    client["FilterView"].send_event("choose", filter="new")
    client["SummaryView"].send_event("on_filter", filter="new")
    assert client["SummaryView"].html == "<p>new</p>"
    client["ContactView"].send_event("send", text="Dear all")
    assert client["ContactView"].state == {"sent": 1}
    client["WeatherView"].send_event("ask", city="Oslo")
    assert "The weather in Oslo is fine." in client["WeatherView"].html
    metadata = {name: each.view._extract_handler_metadata() for name, each in client.items()}
    assert metadata["SearchView"]["search"]["debounce"] == {"wait": 0.5, "max_wait": None}
    assert metadata["WeatherView"]["ask"]["cache"] == {"ttl": 60, "key_params": ["city"]}
    assert metadata["SummaryView"]["on_filter"]["client_state"] == {"keys": ["filter"]}
    assert metadata["ContactView"]["_draft_mode"]["enabled"]


def test_the_form_of_the_guide_is_checked_as_it_is_filled_in():
    client = LiveViewTestClient(run(ROOT / "docs" / "templates.md")["BookingView"]).mount()
    client.send_event("check", email="ada", guests="2")
    assert client.html.count('<ul class="errorlist"') == 1
    client.send_event("check", email="ada@example.org", guests="2")
    client.send_event("check", email="ada@example.org", guests="9")
    assert client.html.count('<ul class="errorlist"') == 1
    assert len(client.frames[-1]) < 260
    client.send_event("book", email="ada@example.org", guests="2")
    assert "errorlist" not in client.html


def test_the_guide_names_every_setting():
    from djust.conf import KEYS

    text = (ROOT / "docs" / "django.md").read_text()
    for name in KEYS:
        assert f"`{name}`" in text
