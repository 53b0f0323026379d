"""A view class in, the fields that a page may write with ``dj-model`` out; an event's value in, the
value of the field's type out.

Only the dictionaries of classes are read: no property runs. What is not in the table of a class
cannot be named, so no path, private name, method or attribute of the framework is ever written.
"""

import re
import types
import typing
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from djust.exceptions import DeclarationError, InvalidParams
from djust.handlers import Handler, convert

# Classes that belong to Django or to djust: what they declare is an option and no field.
FRAMEWORK = re.compile(r"django\b|djust\b(?!\.demo\b)")

SCALARS = (str, int, float, bool, Decimal)


# What a page has when it has not been told anything: no value equals it.
UNTOLD = object()


def update_model(self: Any, field: str = "", value: Any = None) -> None:
    """Writes a control's value to the field that its ``dj-model`` names."""
    setattr(self, field, value)
    self._djust.told[field] = copy(value)


def echo_of(view: Any) -> dict[str, Any]:
    """The fields that a page has written and the server has changed since, for its controls."""
    told = view._djust.told
    changed = {field: getattr(view, field, None) for field in told}
    changed = {field: value for field, value in changed.items() if value != told[field]}
    told.update({field: copy(value) for field, value in changed.items()})
    return {field: plain(value) for field, value in changed.items()}


def announce(view: Any, fields: Iterable[str]) -> None:
    """Has the values of fields told to a page that connects."""
    known = fields_of(type(view))
    view._djust.told = {field: UNTOLD for field in fields if field in known}


def plain(value: Any) -> Any:
    """A value as a control can show it."""
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    return value if value is None or isinstance(value, bool) else str(value)


def with_model(cls: Any, handlers: Mapping[str, Handler]) -> Mapping[str, Handler]:
    """The event handlers of a class, and its ``update_model``, unless an override takes it away."""
    if "update_model" not in handlers and cls.update_model is not update_model:
        return handlers
    return {**handlers, "update_model": ModelHandler("update_model", cls.update_model, cls)}


@dataclass(frozen=True)
class ModelHandler(Handler):
    """``update_model`` of a class, its own or the default: only checked values reach it."""

    owner: type

    @cached_property
    def fields(self) -> dict[str, Any]:
        return fields_of(self.owner)

    @property
    def is_announced(self) -> bool:
        return self.function is not update_model

    def bind(self, params: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """As ``Handler.bind``, once field and value are checked. Raises ``InvalidParams``."""
        field = params.get("field")
        hint = self.fields.get(field) if isinstance(field, str) else None
        if hint is None or not isinstance(field, str):
            raise InvalidParams("field", "names no field that a page may write")
        value = params.get("value")
        if isinstance(value, bool) and takes_list(hint):
            # A list whose boxes are one so far.
            value = params.get("values", [])
        value = convert(value, hint, field)
        return super().bind({**params, "field": field, "value": value})


def fields_of(cls: type) -> dict[str, Any]:
    """The types of the fields that a page may write, by name.

    They are the public attributes that a class of the project declares, by an annotation or a plain
    value, of a type that an event can carry. ``model_fields`` narrows them.
    """
    from djust.views import LiveView

    framework = set(dir(LiveView)) | {"page_title"}
    found: dict[str, Any] = {}
    annotated: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base in LiveView.__mro__ or FRAMEWORK.match(base.__module__):
            framework.update(vars(base), vars(base).get("__annotations__", ()))
            continue
        annotated |= (own := hints_of(base))
        for name in (*vars(base), *own):
            default = vars(base).get(name)
            hint = annotated.get(name) or type_of(default)
            bound = hasattr(type(default), "__get__") or isinstance(default, type)
            if bound or not is_writable(hint):
                found.pop(name, None)
            else:
                found[name] = hint
    found = {
        name: hint
        for name, hint in found.items()
        if not name.startswith("_") and name not in framework
    }
    named = getattr(cls, "model_fields", None)
    if named is None:
        return found
    if missing := [name for name in named if name not in found]:
        raise DeclarationError(
            f"{cls.__qualname__}.model_fields names {', '.join(map(repr, missing))}: no public "
            "attribute of the class with a type that an event can carry. Annotate it."
        )
    return {name: found[name] for name in named}


def hints_of(base: type) -> dict[str, Any]:
    """The annotations of one class itself; as text where they name unknowns."""
    own = vars(base).get("__annotations__", {})
    try:
        resolved = typing.get_type_hints(base)
    except Exception:  # An annotation may name what exists for type checkers only.
        resolved = own
    return {name: resolved.get(name, hint) for name, hint in own.items()}


def type_of(default: Any) -> Any:
    """The type of a field by its default. The items of a list are text, as controls send them."""
    if type(default) is list:
        kinds = {type(item) for item in default}
        kind = kinds.pop() if len(kinds) == 1 else str
        return list[kind] if kind in SCALARS else None  # type: ignore[valid-type]
    return type(default)


def is_writable(hint: Any) -> bool:
    if hint in SCALARS or hint is list:
        return True
    if typing.get_origin(hint) is list:
        return all(item in SCALARS for item in typing.get_args(hint))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        others = [each for each in typing.get_args(hint) if each is not type(None)]
        return all(is_writable(each) for each in others)
    return False


def takes_list(hint: Any) -> bool:
    """Whether a field is a list, and nothing that a lone box could say."""
    return hint is list or typing.get_origin(hint) is list
