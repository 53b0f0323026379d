"""Decorators: what they note on a method, and what they refuse at import."""

import inspect
import itertools
import math

import pytest

from djust import (
    LiveView,
    cache,
    client_state,
    debounce,
    event_handler,
    optimistic,
    rate_limit,
    throttle,
)
from djust.exceptions import DeclarationError
from djust.handlers import handlers_of


def test_the_method_stays_the_same_function():
    def add(self, amount: int = 1):
        return amount

    assert event_handler(add) is add
    assert event_handler()(add) is add
    assert debounce(wait=1)(add) is add
    assert add(None, 3) == 3


def test_async_methods_stay_async():
    @debounce()
    async def search(self):
        pass

    assert inspect.iscoroutinefunction(search)


def test_debounce_notes_its_options():
    @debounce(wait=0.5, max_wait=2)
    def search(self):
        pass

    assert search._djust_decorators == {"debounce": {"wait": 0.5, "max_wait": 2}}


def test_a_view_knows_what_its_decorators_said():
    class SearchView(LiveView):
        @debounce(wait=0.5)
        def search(self, query: str = "", **kwargs):
            pass

        @event_handler
        def clear(self):
            pass

    assert SearchView()._extract_handler_metadata() == {
        "search": {"debounce": {"wait": 0.5, "max_wait": None}},
        "clear": {},
    }


@pytest.mark.parametrize("decorate", [debounce, debounce()])
def test_debounce_waits_three_tenths_of_a_second_by_default(decorate):
    @decorate
    def search(self):
        pass

    assert search._djust_decorators == {"debounce": {"wait": 0.3, "max_wait": None}}


def test_every_decorator_marks_an_event_handler_and_they_combine_in_any_order():
    class View(LiveView):
        @debounce(wait=1)
        @event_handler
        def first(self):
            pass

        @event_handler
        @debounce(wait=1)
        def second(self):
            pass

        @debounce(wait=1)
        def third(self):
            pass

    handlers = handlers_of(View)
    assert list(handlers) == ["first", "second", "third"]
    assert len({str(handler.decorators) for handler in handlers.values()}) == 1


def test_a_wrapper_does_not_share_its_marks_with_the_wrapped_function():
    from functools import wraps

    @event_handler
    def search(self):
        pass

    @debounce(wait=1)
    @wraps(search)
    def wrapper(self):
        pass

    assert search._djust_decorators == {}
    assert "debounce" in wrapper._djust_decorators


@pytest.mark.parametrize(
    "options",
    [
        {"wait": -1},
        {"wait": "0.3"},
        {"wait": True},
        {"wait": None},
        {"wait": math.nan},
        {"wait": math.inf},
        {"wait": 300_000},
        {"wait": 1, "max_wait": 0.5},
        {"wait": 0, "max_wait": -1},
        {"wait": 1, "max_wait": "2"},
    ],
)
def test_wrong_options_fail_at_import_and_name_the_method(options):
    with pytest.raises(DeclarationError, match=r"SearchView\.search"):

        class SearchView(LiveView):
            @debounce(**options)
            def search(self):
                pass


DECORATORS = {
    "debounce": (debounce(wait=0.5), {"wait": 0.5, "max_wait": None}),
    "throttle": (throttle(interval=1), {"interval": 1, "leading": True, "trailing": True}),
    "optimistic": (optimistic, True),
    "client_state": (client_state(keys=["filter"]), {"keys": ["filter"]}),
    "cache": (cache(ttl=60, key_params=["query"]), {"ttl": 60, "key_params": ["query"]}),
    "rate_limit": (rate_limit(rate=2, burst=3), {"rate": 2, "burst": 3}),
}


@pytest.mark.parametrize("name", DECORATORS)
def test_a_decorator_alone_makes_a_handler_and_notes_what_the_specification_shows(name):
    decorate, noted = DECORATORS[name]

    class View(LiveView):
        @decorate
        def search(self):
            pass

    assert View()._extract_handler_metadata() == {"search": {name: noted}}


@pytest.mark.parametrize("size", [2, 3])
def test_decorators_combine_in_every_order_on_sync_and_async_methods(size):
    for some in itertools.permutations([*DECORATORS.items(), ("", (event_handler, None))], size):

        def search(self):
            return "done"

        async def later(self):
            return "later"

        expected = {name: noted for name, (_, noted) in some if name}
        for method in (search, later):
            decorated = method
            for _, (decorate, _) in some:
                decorated = decorate(decorated)
            assert decorated is method
            assert method._djust_decorators == expected
        assert search(None) == "done"
        assert inspect.iscoroutinefunction(later)


def test_the_defaults_are_those_of_the_specification():
    for decorator in (throttle, optimistic, cache, rate_limit):
        for decorate in (decorator, decorator()):

            def search(self):
                pass

            decorate(search)
            assert search._djust_decorators == {
                decorator.__name__: {
                    "throttle": {"interval": 0.3, "leading": True, "trailing": True},
                    "optimistic": True,
                    "cache": {"ttl": 60, "key_params": []},
                    "rate_limit": {"rate": 10, "burst": 5},
                }[decorator.__name__]
            }


def test_only_who_shares_with_other_tabs_says_so():
    @client_state(keys=("theme",), tabs=True)
    def choose(self):
        pass

    assert choose._djust_decorators == {"client_state": {"keys": ["theme"], "tabs": True}}


@pytest.mark.parametrize(
    ("decorator", "options"),
    [
        (throttle, {"leading": False, "trailing": False}),
        (throttle, {"interval": -1}),
        (throttle, {"interval": "1"}),
        (throttle, {"leading": 1}),
        (throttle, {"trailing": None}),
        (throttle, {"interval": 300_000}),
        (event_handler, {"wait": 1}),
        (client_state, {}),
        (client_state, {"keys": []}),
        (client_state, {"keys": None}),
        (client_state, {"keys": "filter"}),
        (client_state, {"keys": [1]}),
        (client_state, {"keys": ["a", "a"]}),
        (client_state, {"keys": [""]}),
        (client_state, {"keys": ["a"], "tabs": "yes"}),
        (cache, {"ttl": 0}),
        (cache, {"ttl": -60}),
        (cache, {"ttl": math.nan}),
        (cache, {"ttl": 86_401}),
        (cache, {"key_params": "query"}),
        (cache, {"key_params": [None]}),
        (cache, {"key_params": ""}),
        (cache, {"key_params": False}),
        (rate_limit, {"rate": 0}),
        (rate_limit, {"rate": True}),
        (rate_limit, {"rate": math.inf}),
        (rate_limit, {"burst": 0}),
        (rate_limit, {"burst": 1.5}),
        (rate_limit, {"by": "ip"}),
        (debounce, {"waits": 1}),
        (throttle, {"wait": 1}),
        (optimistic, {"wait": 1}),
        (client_state, {"keys": ["a"], "key": "b"}),
        (cache, {"params": ["query"]}),
        (rate_limit, {"per": 1}),
    ],
)
def test_wrong_and_unknown_options_of_every_decorator_name_the_method(decorator, options):
    with pytest.raises(DeclarationError, match=r"SearchView\.search"):

        class SearchView(LiveView):
            @decorator(**options)
            def search(self):
                pass


def test_a_shared_state_without_keys_names_the_method():
    with pytest.raises(DeclarationError, match=r"SearchView\.search names no keys"):

        class SearchView(LiveView):
            @client_state
            def search(self):
                pass


@pytest.mark.parametrize("decorator", [property, staticmethod, classmethod])
def test_only_ordinary_methods_can_be_handlers(decorator):
    for outer, inner in [(event_handler, decorator), (decorator, event_handler)]:
        if (outer, inner) == (property, event_handler):
            continue  # A property is never called: the mark inside it has no effect.
        with pytest.raises(DeclarationError, match="ordinary method"):

            class View(LiveView):
                @outer
                @inner
                def search(self):
                    pass


def test_private_names_cannot_be_handlers():
    with pytest.raises(DeclarationError, match=r"_search.*private"):

        class View(LiveView):
            @event_handler
            def _search(self):
                pass


@pytest.mark.parametrize("name", ["mount", "get", "dispatch", "get_context_data", "push_event"])
def test_names_that_live_view_uses_cannot_be_handlers(name):
    with pytest.raises(DeclarationError, match=rf"View\.{name}"):
        type("View", (LiveView,), {name: event_handler(lambda self: None)})
