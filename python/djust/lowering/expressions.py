"""Expressions of templates go in, their tuples come out."""

from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

from django.template import smartif
from django.template.base import FilterExpression, Variable
from django.template.defaulttags import TemplateLiteral
from django.utils.safestring import mark_safe

from djust import nodes
from djust.lowering.scope import Observed, Scope

OPERATORS = {operator: name for name, operator in smartif.OPERATORS.items()}


def expression(value: Any, scope: Scope) -> tuple:
    """A ``FilterExpression``."""
    if type(value) is not FilterExpression:
        raise Observed(value)
    base = base_of(value.var, scope) if value.is_var else ("constant", value.var)
    return (base, filters(value, scope))


def expressions(values: Iterable[Any], scope: Scope) -> list[tuple]:
    return [expression(value, scope) for value in values]


def condition(test: Any, scope: Scope) -> tuple:
    """A condition of ``{% if %}``."""
    kind = type(test)
    if kind is TemplateLiteral:
        return ("value", expression(test.value, scope))
    name = OPERATORS.get(kind)
    if name is None:
        if scope.is_lazy:
            raise Observed(test)
        return ("python", test)
    # Plain calls take no stack of the thread; a generator would take some for each level.
    first = condition(test.first, scope)
    return (name, first) if name == "not" else (name, first, condition(test.second, scope))


def filters(value: FilterExpression, scope: Scope) -> list[tuple]:
    return [filter_of(function, arguments, scope) for function, arguments in value.filters]


def filter_of(function: Callable, arguments: list, scope: Scope) -> tuple:
    lowered = [
        (True, argument_of(argument, scope)) if is_looked else (False, mark_safe(argument))
        for is_looked, argument in arguments
    ]
    native = nodes.NATIVE_FILTERS.get(function) if isinstance(function, FunctionType) else None
    return (function, lowered, native)


def argument_of(variable: Any, scope: Scope) -> tuple:
    base = base_of(variable, scope)
    if scope.is_lazy and base[0] == "missing":
        raise Observed(variable)  # Django raises when it is missing, and lists the context.
    return base


def base_of(variable: Any, scope: Scope, *, is_message: bool = False) -> tuple:
    """A ``Variable``; that of ``{% translate %}`` is marked as a message when Django renders it."""
    if type(variable) is not Variable:
        raise Observed(variable)
    if variable.lookups is None:
        if variable.translate and not is_message:
            return ("variable", variable)
        return ("constant", variable.literal)
    if variable.translate and not is_message:
        if scope.is_lazy:
            raise Observed(variable)
        return ("variable", variable)
    root, *rest = variable.lookups
    if scope.is_lazy and "super" in rest:
        raise Observed(variable)  # The block of the parent reads the context.
    return meaning_of(root, scope.names.get(root), rest, scope)


def raw(name: str, scope: Scope) -> tuple:
    """What a name stands for, without a lookup and without a call."""
    return ("raw", meaning_of(name, scope.names.get(name), [], scope))


def left_behind(scope: Scope) -> tuple | None:
    """What stays in the context when an exception ends a tag that does not pop what it pushed last,
    which is this scope. Each tag around pops one scope, the innermost that is still there: so the
    outermost stay, one for each such tag. This one is the last of them for now."""
    if scope.is_isolated:
        return None  # The context was a copy, which nothing else knows.
    *around, innermost = scope.pushed or ({},)
    left = (*around, innermost)[scope.leaks]
    return (scope.leaks, [(name, kept(name, meaning, scope)) for name, meaning in left.items()])


def kept(name: str, meaning: tuple, scope: Scope) -> tuple:
    kind, *details = meaning
    if kind == "hidden":
        return ("constant", details[0])
    if kind != "loop":
        return meaning_of(name, meaning, [], scope)
    number, parent = details
    outer = ("outer", True, ()) if parent[0] == "context" else kept(name, parent, scope)
    counters = [("counter", number, counter) for counter in nodes.COUNTERS]
    return ("call", nodes.loop_variable, [(value, []) for value in (outer, *counters)])


def meaning_of(root: str, meaning: tuple | None, rest: list[str], scope: Scope) -> tuple:
    if meaning is None:
        if scope.is_isolated and root not in ("True", "False", "None"):
            return ("missing", root)
        return ("name", root, tuple(rest))
    kind, *details = meaning
    if kind == "slot":
        return ("slot", details[0], tuple(rest), root)
    if kind == "maybe":
        slot, outside = details
        return ("maybe", slot, tuple(rest), meaning_of(root, outside, rest, scope), root)
    if kind == "context" and rest:
        return ("outer", not scope.is_isolated, tuple(rest))
    if kind == "loop" and rest:
        number, parent = details
        if rest[0] == "parentloop":
            return meaning_of(root, parent, rest[1:], scope)
        if rest[0] in nodes.COUNTERS and len(rest) == 1:
            return ("counter", number, rest[0])
    raise Observed(root)
