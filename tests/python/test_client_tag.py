"""``{% djust_client %}``: one script tag, on live pages and on others."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.template import RequestContext, Template
from django.test import RequestFactory

from djust import cache, client_state, debounce, event_handler, optimistic, throttle
from tests.site.views import FragmentView

TAG = "{% load djust %}{% djust_client %}"
MODULES = Path(__file__).parents[2] / "crates/client/js/lazy"
LAZY = {f"data-{path.stem}": f"/static/djust/djust-{path.name}" for path in MODULES.glob("*.js")}
LAZY |= {
    f"data-{name}": f"/static/djust/djust-{name}.wasm"
    for name in ("ends", "lists", "optimistic", "overlay", "shared", "wait")
}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def script(live=True, source=TAG, request=None, user=None, kind=FragmentView, **context):
    """The attributes of the one tag that the template tag prints."""
    if request is None:
        request = RequestFactory().get("/fragment/")
    request.user = user or AnonymousUser()
    if live:
        view = kind()
        view.setup(request)
        context["view"] = view
    parser = Tags()
    parser.feed(Template(source).render(RequestContext(request, context)))
    ((tag, attributes),) = parser.found
    assert tag == "script"
    return attributes


def test_a_live_page_gets_socket_and_token():
    attributes = script()
    assert attributes.pop("data-mount")
    assert attributes == {
        "src": "/static/djust/djust.js",
        "data-wasm": "/static/djust/djust.wasm",
        **LAZY,
        "data-socket": "/djust/live/",
        "data-account": "",
        "defer": None,
    }


def test_scripts_can_tell_accounts_apart_and_know_nothing_of_them():
    names = set()
    for pk, password in [(1, "a"), (2, "a"), (1, "b"), (1, "a")]:
        user = get_user_model()(pk=pk, password=password)
        names.add(name := script(user=user)["data-account"])
        assert name not in script(user=user)["data-mount"]
    assert len(names) == 3


def test_another_page_gets_the_socket_for_the_views_within_it():
    assert set(script(live=False)) == {"src", "data-wasm", *LAZY, "data-socket", "defer"}


def test_a_page_knows_which_parts_of_the_engine_its_handlers_want():
    class Plain(FragmentView):
        @event_handler
        def plain(self):
            pass

    class Rich(Plain):
        @event_handler
        @debounce(wait=0.1)
        def plain(self):
            pass

        @event_handler
        @client_state(keys=["k"])
        @optimistic
        @throttle(interval=0.1)
        def rich(self):
            pass

        @event_handler
        @cache(ttl=1)
        def kept(self):
            pass

    assert "data-options" not in script(kind=Plain)
    assert script(kind=Rich)["data-options"] == "12345"


def test_a_view_that_is_not_live_gets_no_token():
    assert "data-mount" not in script(live=False, view=object())


def test_the_nonce_of_a_middleware_is_used():
    request = RequestFactory().get("/")
    request.csp_nonce = 'n"1'
    assert script(request=request)["nonce"] == 'n"1'


def test_the_nonce_of_a_context_processor_is_used_also_while_it_is_false():
    class LazyNonce:
        """Django's own: false until it is printed for the first time."""

        def __bool__(self):
            return False

        def __str__(self):
            return "n2"

    assert script(csp_nonce=LazyNonce())["nonce"] == "n2"


def test_without_a_nonce_there_is_no_attribute():
    assert "nonce" not in script()


def test_addresses_come_from_the_storage_of_the_static_files(settings):
    settings.STATIC_URL = "https://cdn.example/s/"
    assert script()["src"] == "https://cdn.example/s/djust/djust.js"


def test_a_site_below_a_prefix_has_its_socket_there(settings):
    from django.urls import set_script_prefix

    set_script_prefix("/shop/")
    try:
        assert script()["data-socket"] == "/shop/djust/live/"
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize("debug", [False, True])
def test_debug_is_told_to_the_page(settings, debug):
    settings.DEBUG = debug
    assert ("data-debug" in script()) is debug


def test_the_token_of_a_view_stays_the_same_for_all_its_renders():
    source = TAG + "{% if False %}" + "{% endif %}"
    request = RequestFactory().get("/fragment/")
    view = FragmentView()
    view.setup(request)
    first = script(live=False, source=source, request=request, view=view)
    second = script(live=False, source=source, request=request, view=view)
    assert first["data-mount"] == second["data-mount"]
    assert re.fullmatch(r"[\w:=-]+", first["data-mount"])
