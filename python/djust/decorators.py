"""A method in, the same method out, marked as an event handler with its options.

The marks are the dictionary ``_djust_decorators`` of the function; every decorator here adds its
own entry to it, so they combine in any order and suit sync and async methods alike. A method
without this mark can never be called by a page.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any, TypeVar, overload

from djust.exceptions import DeclarationError

MARK = "_djust_decorators"

Method = TypeVar("Method", bound=Callable[..., Any])


@overload
def event_handler(method: Method) -> Method: ...
@overload
def event_handler() -> Callable[[Method], Method]: ...
def event_handler(method=None):
    """Lets pages call a method.

    Parameters of an event reach the method by name, filtered by its signature and converted to
    its annotations. Raises ``DeclarationError`` at import if this cannot be a handler.

    >>> class CounterView(LiveView):
    ...     @event_handler
    ...     def add(self, amount: int = 1):
    ...         self.count += amount
    """
    return mark(method) if method is not None else mark


@overload
def debounce(wait: Method) -> Method: ...
@overload
def debounce(wait: float = 0.3, max_wait: float | None = None) -> Callable[[Method], Method]: ...
def debounce(wait=0.3, max_wait=None):
    """Sends an event once the user has paused for ``wait`` seconds.

    A steady stream of events is sent at the latest ``max_wait`` seconds after its first one, or,
    without ``max_wait``, when it pauses. Raises ``DeclarationError`` at import for a wait that
    is negative or not a number, or a ``max_wait`` below ``wait``.

    >>> class SearchView(LiveView):
    ...     @debounce(wait=0.5, max_wait=2)
    ...     def search(self, value: str = ""):
    ...         self.results = Product.objects.filter(name__icontains=value)
    """
    if callable(wait):
        return debounce()(wait)

    def decorate(method: Method) -> Method:
        seconds(method, "wait", wait)
        if max_wait is not None:
            seconds(method, "max_wait", max_wait)
            if max_wait < wait:
                raise DeclarationError(
                    f"@debounce on {name_of(method)}: max_wait ({max_wait!r}) must not be "
                    f"below wait ({wait!r})."
                )
        return mark(method, "debounce", {"wait": wait, "max_wait": max_wait})

    return decorate


def mark(method: Method, decorator: str | None = None, options: Any = None) -> Method:
    """Marks ``method`` as an event handler and notes the options of one decorator.

    The dictionary is replaced and never changed in place: ``functools.wraps`` shares it between a
    function and its wrappers.
    """
    name = getattr(method, "__name__", "")
    if isinstance(method, (classmethod, staticmethod, property)) or not inspect.isroutine(method):
        raise DeclarationError(
            f"{name_of(method)} cannot be an event handler: decorate an ordinary method "
            f"(def name(self, ...)), not a {type(method).__name__}."
        )
    if name.startswith("_"):
        raise DeclarationError(
            f"{name_of(method)} cannot be an event handler: a name with a leading underscore is "
            "private. Rename the method or remove the decorator."
        )
    marks = dict(getattr(method, MARK, ()))
    if decorator is not None:
        marks[decorator] = options
    setattr(method, MARK, marks)
    return method


def seconds(method: Any, option: str, value: Any) -> None:
    """Raises ``DeclarationError`` unless ``value`` is a finite, non-negative number of seconds."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value <= MAX_SECONDS:
        raise DeclarationError(
            f"{option} of a decorator on {name_of(method)} must be a number of seconds from 0 to "
            f"{MAX_SECONDS}, not {value!r}."
        )


# A longer wait is surely a number of milliseconds.
MAX_SECONDS = 3600


def name_of(method: Any) -> str:
    return getattr(method, "__qualname__", None) or repr(method)
