"""Handlers: which methods a page may call, and how its parameters become arguments."""

import math
import random
import string
from decimal import Decimal
from typing import Optional, Union

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
from djust.exceptions import EventError, InvalidParams
from djust.handlers import Handler, convert, handlers_of


class Touchy:
    """Fails the test when it is looked at as an attribute."""

    def __get__(self, instance, owner):
        raise AssertionError("an attribute was read")


class Mixin:
    @event_handler
    def mixed_in(self):
        pass


class View(Mixin, LiveView):
    touchy = Touchy()

    @property
    def trap(self):
        raise AssertionError("a property was read")

    @event_handler
    def save(self):
        pass

    @event_handler
    def overridden(self):
        pass

    @debounce(wait=0.25, max_wait=2)
    def search(self):
        pass

    def plain(self):
        pass


class Child(View):
    def overridden(self):
        pass

    @event_handler
    def save(self):
        return "the child's"


def test_handlers_are_the_decorated_methods_of_a_class_and_its_bases():
    assert list(View._djust_handlers) == ["mixed_in", "save", "overridden", "search"]


def test_an_undecorated_override_takes_the_handler_away():
    assert set(Child._djust_handlers) == {"mixed_in", "save", "search"}
    assert Child._djust_handlers["save"].function(None) == "the child's"


def test_finding_handlers_needs_no_instance_and_reads_no_attribute():
    class Unmakeable(View):
        def __init__(self):
            raise AssertionError("an instance was made")

    assert "save" in handlers_of(Unmakeable)


def test_a_handler_may_have_the_name_of_an_http_method():
    class Deleting(LiveView):
        @event_handler
        def delete(self, item: int):
            pass

    assert "delete" in Deleting._djust_handlers
    assert "delete" not in Deleting.http_method_names
    assert "delete" in View.http_method_names


def test_options_travel_in_milliseconds():
    assert View._djust_handlers["search"].options() == {1: [250, 2000]}
    assert View._djust_handlers["save"].options() is None


@pytest.mark.parametrize(
    ("decorate", "options"),
    [
        (throttle(interval=0.05), {2: [50, 3]}),
        (throttle(leading=False), {2: [300, 2]}),
        (throttle(trailing=False), {2: [300, 1]}),
        (optimistic, {3: True}),
        (cache, {4: [60_000, None]}),
        (cache(ttl=0.5, key_params=["q"]), {4: [500, ["q"]]}),
        (client_state(["a", "b"]), {5: [["a", "b"], False]}),
        (client_state(["a"], tabs=True), {5: [["a"], True]}),
        (rate_limit, None),
    ],
)
def test_each_decorator_has_its_option_code_and_the_server_keeps_its_own(decorate, options):
    def search(self):
        pass

    assert Handler("search", decorate(search)).options() == options


def bind(function, params):
    return Handler("name", event_handler(function)).bind(params)


def test_parameters_go_by_name_and_the_others_are_dropped():
    def save(self, title: str, *, done: bool = False):
        pass

    assert bind(save, {"title": "x", "value": 1}) == (["x"], {})
    assert bind(save, {"title": "x", "done": "true"}) == (["x"], {"done": True})


def test_kwargs_take_what_is_left():
    def save(self, title, **kwargs):
        pass

    assert bind(save, {"title": "x", "a b": 1, "c": None}) == (["x"], {"a b": 1, "c": None})


def test_no_parameter_can_replace_self():
    def save(self, **kwargs):
        pass

    def by_position(self, item, /, **kwargs):
        pass

    assert bind(save, {"self": 1, "x": 2}) == ([], {"x": 2})
    assert bind(by_position, {"self": 1, "item": 2, "x": 3}) == ([2], {"x": 3})


def test_listed_arguments_fill_the_parameters_in_order():
    def move(self, row: int, to: str = "end", *more: int):
        pass

    assert bind(move, {"args": ["1"]}) == ([1, "end"], {})
    assert bind(move, {"args": [1, "top"], "row": 9}) == ([1, "top"], {})
    assert bind(move, {"args": [1, "top", "3", 4]}) == ([1, "top", 3, 4], {})


def test_more_listed_arguments_than_parameters_are_an_error():
    def move(self, row: int):
        pass

    with pytest.raises(InvalidParams, match='"args" holds 1 more'):
        bind(move, {"args": [1, 2]})


def test_a_parameter_may_itself_be_called_args():
    def search(self, args: str):
        pass

    assert bind(search, {"args": "words"}) == (["words"], {})


def test_a_missing_parameter_is_named():
    def move(self, row: int, *, to: int):
        pass

    with pytest.raises(InvalidParams, match='"row" is missing') as raised:
        bind(move, {})
    assert raised.value.field == "row"
    with pytest.raises(InvalidParams, match='"to" is missing'):
        bind(move, {"row": 1})


def test_annotations_may_be_strings():
    def move(self, row: "int", other: "Nowhere" = None):  # noqa: F821
        pass

    def good(self, row: "int"):
        pass

    assert bind(move, {"row": "1"}) == (["1", None], {})
    assert bind(good, {"row": "1"}) == ([1], {})


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        ("x", str, "x"),
        (3, str, "3"),
        ("3", int, 3),
        (" -3 ", int, -3),
        (3.0, int, 3),
        (2**63 - 1, int, 2**63 - 1),
        ("1.5", float, 1.5),
        (2, float, 2.0),
        (".5e1", float, 5.0),
        ("1.10", Decimal, Decimal("1.10")),
        (0.1, Decimal, Decimal("0.1")),
        (True, bool, True),
        (0, bool, False),
        ("True", bool, True),
        ("on", bool, True),
        ("false", bool, False),
        ("", bool, False),
        (["1", 2], list[int], [1, 2]),
        ("1", list[int], [1]),
        (["a"], list, ["a"]),
        ({"a": 1}, dict, {"a": 1}),
        ({"a": 1}, dict[str, int], {"a": 1}),
        ("", Optional[int], None),  # noqa: UP045
        (None, int | None, None),
        ("5", int | None, 5),
        ("", str | None, ""),
        ("5", Union[int, str], "5"),  # noqa: UP007
        (5, str | int, 5),
        ("x", int | str, "x"),
        ({"any": "thing"}, object, {"any": "thing"}),
        (1, [], 1),
    ],
)
def test_values_become_what_the_annotation_names(value, hint, expected):
    result = convert(value, hint, "field")
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (True, int),
        ("1_000", int),
        ("٣", int),
        ("", int),
        ("1.5", int),
        (1.5, int),
        (2**63, int),
        ("9" * 4000, int),
        (math.nan, int),
        (math.inf, float),
        ("nan", float),
        ("1e999", float),
        (False, float),
        ("9" * 20_000, float),
        ("1e999999999", Decimal),
        ("NaN", Decimal),
        ([], Decimal),
        ("maybe", bool),
        (2, bool),
        (None, bool),
        (None, str),
        (True, str),
        (["x"], str),
        (None, list),
        ({}, list),
        ([], dict),
        (None, int | str),
    ],
)
def test_values_that_do_not_fit_are_refused_with_the_name_of_the_field(value, hint):
    with pytest.raises(InvalidParams, match=r'^"quantity" must be') as raised:
        convert(value, hint, "quantity")
    assert raised.value.code == "invalid_params"


def test_an_entry_of_a_list_is_named_by_its_index():
    with pytest.raises(InvalidParams, match=r'"ids\[1\]" must be a whole number'):
        convert(["1", "x"], list[int], "ids")


def random_value(choose, depth=0):
    text = "".join(choose.choices(string.printable + "é٣\0\u202e", k=choose.randrange(6)))
    kinds = [None, True, choose.uniform(-9e9, 9e9), math.nan, -math.inf, text, "1e9", "007"]
    kinds += [choose.randrange(-(2**63), 2**64), choose.choice([0, 1, -1])]
    if depth < 3:
        kinds.append([random_value(choose, depth + 1) for _ in range(choose.randrange(3))])
        kinds.append({text: random_value(choose, depth + 1)})
    return choose.choice(kinds)


@pytest.mark.parametrize("hint", [str, int, float, bool, Decimal, list[int], dict, int | None])
def test_any_parameters_are_either_converted_or_refused(hint):
    def handler(self, first: hint, second: hint = None, *rest: hint, third: hint = None, **more):
        return first, second, rest, third, more

    bound = Handler("handler", event_handler(handler))
    choose = random.Random(15)
    names = ["first", "second", "third", "rest", "args", "self", "more", "x", ""]
    accepted = 0
    for _ in range(5_000):
        params = {name: random_value(choose) for name in choose.sample(names, 3)}
        try:
            arguments, keywords = bound.bind(params)
        except EventError:
            continue
        handler(None, *arguments, **keywords)
        accepted += 1
    assert accepted > 20
