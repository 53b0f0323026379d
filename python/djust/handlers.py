"""A view class in, its event handlers out; untrusted parameters in, checked arguments out.

Only the dictionaries of classes are read: no property runs and no instance exists. A page may call
a handler by its name in this table and nothing else.
"""

import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from djust.decorators import MARK
from djust.exceptions import DeclarationError, InvalidParams


def handlers_of(cls: type) -> dict[str, "Handler"]:
    """The event handlers of a class by name, those of its bases first.

    An override without a decorator takes the handler away: what is not decorated is never called.
    Raises ``DeclarationError`` for a decorated class method or static method.
    """
    found: dict[str, Handler] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if type(value) in (classmethod, staticmethod) and is_marked(value.__func__):
                raise DeclarationError(
                    f"{base.__qualname__}.{name} cannot be an event handler: it is a "
                    f"{type(value).__name__}. Make it an ordinary method."
                )
            if is_marked(value) and not name.startswith("_"):
                found[name] = Handler(name, value)
            else:
                found.pop(name, None)
    return found


def is_marked(value: Any) -> bool:
    """Whether a value of a class dictionary is a method with a decorator of djust.

    Its type must be that of something that binds and is called. Other objects are not asked for
    anything, since a lazy object or a proxy would run code when it is looked at.
    """
    kind = type(value)
    function_like = hasattr(kind, "__get__") and hasattr(kind, "__call__")  # noqa: B004
    return function_like and MARK in getattr(value, "__dict__", ())


@dataclass(frozen=True)
class Handler:
    """One event handler: its name, the plain function, and what its decorators said."""

    name: str
    function: Callable[..., Any]

    @property
    def is_announced(self) -> bool:
        """Whether the page is told of it when it connects; it can be called in either case."""
        return True

    @property
    def decorators(self) -> Mapping[str, Any]:
        """The ``_djust_decorators`` of the method: options by decorator."""
        return getattr(self.function, MARK, {})

    @cached_property
    def is_async(self) -> bool:
        return inspect.iscoroutinefunction(self.function)

    def options(self) -> dict[int, Any] | None:
        """What the page is told about this handler: option codes of docs/protocol.md, or None."""
        options = {
            code: encode(self.decorators[name])
            for name, (code, encode) in WIRE_OPTIONS.items()
            if name in self.decorators
        }
        return options or None

    @cached_property
    def parameters(self) -> list[inspect.Parameter]:
        """The parameters after ``self``, with their annotations resolved where that is possible."""
        try:
            hints = typing.get_type_hints(self.function)
        except Exception:  # An annotation may name what exists for type checkers only.
            hints = {}
        signature = inspect.signature(self.function)
        return [
            parameter.replace(annotation=hints.get(parameter.name, parameter.annotation))
            for parameter in list(signature.parameters.values())[1:]
        ]

    def bind(self, params: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments for a call with the parameters of an event.

        Parameters go to the arguments of the same name. The list ``args``, which a page sends for
        ``name(1, 'a')``, fills the arguments in order. Parameters that the method does not take are
        dropped, unless it takes ``**kwargs``. Each value is converted to its annotation.
        Raises ``InvalidParams``, which names the parameter.
        """
        values = dict(params)
        listed: list[Any] = []  # The next one is the last one.
        if "args" in values and not any(p.name == "args" and named(p) for p in self.parameters):
            listed = as_list(values.pop("args"), "args")[::-1]
        arguments: list[Any] = []
        keywords: dict[str, Any] = {}
        for parameter in self.parameters:
            name, hint = parameter.name, parameter.annotation
            if parameter.kind is parameter.VAR_POSITIONAL:
                arguments += [convert(value, hint, name) for value in reversed(listed)]
                listed.clear()
            elif parameter.kind is parameter.VAR_KEYWORD:
                keywords.update(
                    (key, convert(value, hint, key))
                    for key, value in values.items()
                    if key not in self._positional_names
                )
            elif listed and parameter.kind is not parameter.KEYWORD_ONLY:
                values.pop(name, None)
                arguments.append(convert(listed.pop(), hint, name))
            elif name in values:
                value = convert(values.pop(name), hint, name)
                if parameter.kind is parameter.KEYWORD_ONLY:
                    keywords[name] = value
                else:
                    arguments.append(value)
            elif parameter.default is not parameter.empty:
                if parameter.kind is not parameter.KEYWORD_ONLY:
                    arguments.append(parameter.default)
            else:
                raise InvalidParams(name, "is missing")
        if listed:
            raise InvalidParams("args", f"holds {len(listed)} more than the event takes")
        return arguments, keywords

    @cached_property
    def _positional_names(self) -> set[str]:
        """Names that `**kwargs` may not repeat: `self` and all that are filled by position."""
        signature = inspect.signature(self.function)
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return {name for name, p in signature.parameters.items() if p.kind in kinds}


def named(parameter: inspect.Parameter) -> bool:
    return parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)


def milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


# Which option code of the mount frame a decorator has, and how its options travel. What is not
# named here is the server's alone.
WIRE_OPTIONS: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "debounce": (1, lambda o: [milliseconds(o["wait"]), milliseconds(o["max_wait"])]),
    "throttle": (2, lambda o: [milliseconds(o["interval"]), o["leading"] + 2 * o["trailing"]]),
    "optimistic": (3, lambda o: True),
    "cache": (4, lambda o: [milliseconds(o["ttl"]), o["key_params"] or None]),
    "client_state": (5, lambda o: [o["keys"], o.get("tabs", False)]),
}


def convert(value: Any, hint: Any, field: str) -> Any:
    """``value`` as the type that ``hint`` names; ``field`` is its name in the error.

    Understood are ``str``, ``int``, ``float``, ``bool``, ``Decimal``, ``list``, ``list[T]``,
    ``dict``, ``Optional`` and unions of these. A value for any other annotation stays as it came.
    Raises ``InvalidParams``.

    >>> convert("3", int, "amount")
    3
    """
    if (origin := typing.get_origin(hint)) is None:
        return CONVERTERS[hint](value, field) if is_known(hint) else value
    if origin is list:
        (item,) = typing.get_args(hint)
        return [
            convert(entry, item, f"{field}[{index}]")
            for index, entry in enumerate(as_list(value, field))
        ]
    if origin is dict:
        return as_dict(value, field)
    if origin in (typing.Union, types.UnionType):
        return as_any_of(value, typing.get_args(hint), field)
    return value


def is_known(hint: Any) -> bool:
    try:
        return hint in CONVERTERS
    except TypeError:  # An annotation may be an unhashable object.
        return False


def as_any_of(value: Any, hints: tuple[Any, ...], field: str) -> Any:
    """The first of several types that fits. An empty field is None where None is allowed."""
    if type(None) in hints and (value is None or (value == "" and str not in hints)):
        return None
    others = [hint for hint in hints if hint is not type(None)]
    exact = [hint for hint in others if is_known(hint) and type(value) is hint]
    problem: InvalidParams | None = None
    for hint in exact + others:
        try:
            return convert(value, hint, field)
        except InvalidParams as error:
            problem = problem or error
    raise problem or InvalidParams(field, "must be empty")


def as_str(value: Any, field: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise InvalidParams(field, "must be text")


def as_int(value: Any, field: str) -> int:
    """A whole number of at most 64 bits, so that it also fits a database column."""
    if isinstance(value, str) and INTEGER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise InvalidParams(field, "must be a whole number")


def as_float(value: Any, field: str) -> float:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise InvalidParams(field, "must be a number")


def as_decimal(value: Any, field: str) -> Decimal:
    """A decimal of a size that arithmetic can afford: int(Decimal("1e999999999")) would not end."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        number = Decimal(value.strip())
        if abs(number.adjusted()) <= 308:
            return number
    raise InvalidParams(field, "must be a number")


def as_bool(value: Any, field: str) -> bool:
    """True or False, also as Django templates and HTML forms print them."""
    if isinstance(value, str):
        value = BOOLEANS.get(value.strip().lower())
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise InvalidParams(field, "must be true or false")


def as_list(value: Any, field: str) -> list[Any]:
    """A list; a single value, as a group with one ticked box sends it, becomes a list of one."""
    if isinstance(value, list):
        return value
    if value is None or isinstance(value, dict):
        raise InvalidParams(field, "must be a list")
    return [value]


def as_dict(value: Any, field: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise InvalidParams(field, "must be a group of fields")


CONVERTERS: dict[Any, Callable[[Any, str], Any]] = {
    str: as_str,
    int: as_int,
    float: as_float,
    bool: as_bool,
    Decimal: as_decimal,
    list: as_list,
    dict: as_dict,
}

# What `int` and `float` also take (underscores, digits of other scripts, "nan", thousands of
# digits) is not what a form sends.
INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
NUMBER = re.compile(
    r"[+-]?(?=[0-9.]{1,64}(?:[eE]|$))([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
)

BOOLEANS = dict.fromkeys(("true", "on", "yes", "1"), True) | dict.fromkeys(
    ("false", "off", "no", "0", ""), False
)
