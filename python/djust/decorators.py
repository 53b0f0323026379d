"""A method in, the same method out, marked as an event handler with its options.

The marks are the dictionary ``_djust_decorators`` of the function; every decorator here adds its
own entry to it, so they combine in any order and suit sync and async methods alike. A method
without this mark can never be called by a page.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, overload

from djust.exceptions import DeclarationError

MARK = "_djust_decorators"

Method = TypeVar("Method", bound=Callable[..., Any])


@overload
def event_handler(method: Method) -> Method: ...
@overload
def event_handler() -> Callable[[Method], Method]: ...
def event_handler(method=None, **unknown):
    """Lets pages call a method.

    Parameters of an event reach the method by name, filtered by its signature and converted to
    its annotations. Raises ``DeclarationError`` at import if this cannot be a handler.

    >>> class CounterView(LiveView):
    ...     @event_handler
    ...     def add(self, amount: int = 1):
    ...         self.count += amount
    """

    def decorate(method: Method) -> Method:
        refuse_unknown("event_handler", method, unknown)
        return mark(method)

    return decorate if method is None else decorate(method)


@overload
def debounce(wait: Method) -> Method: ...
@overload
def debounce(wait: float = 0.3, max_wait: float | None = None) -> Callable[[Method], Method]: ...
def debounce(wait=0.3, max_wait=None, **unknown):
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
        return debounce(**unknown)(wait)

    def decorate(method: Method) -> Method:
        refuse_unknown("debounce", method, unknown)
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


@overload
def throttle(interval: Method) -> Method: ...
@overload
def throttle(
    interval: float = 0.3, leading: bool = True, trailing: bool = True
) -> Callable[[Method], Method]: ...
def throttle(interval=0.3, leading=True, trailing=True, **unknown):
    """Sends at most one event in ``interval`` seconds.

    With ``leading`` the first one is sent at once. With ``trailing`` the last one of those that
    came within the interval is sent at its end; a single event is sent once. Raises
    ``DeclarationError`` at import for a wrong interval, or if both edges are off.

    >>> class MapView(LiveView):
    ...     @throttle(interval=0.1)
    ...     def move(self, x: int, y: int):
    ...         self.place = (x, y)
    """
    if callable(interval):
        return throttle(**unknown)(interval)

    def decorate(method: Method) -> Method:
        refuse_unknown("throttle", method, unknown)
        seconds(method, "interval", interval)
        flag(method, "leading", leading)
        flag(method, "trailing", trailing)
        if not leading and not trailing:
            raise DeclarationError(
                f"@throttle on {name_of(method)} would never send anything: leading or trailing "
                "must be True."
            )
        options = {"interval": interval, "leading": leading, "trailing": trailing}
        return mark(method, "throttle", options)

    return decorate


@overload
def optimistic(method: Method) -> Method: ...
@overload
def optimistic() -> Callable[[Method], Method]: ...
def optimistic(method=None, **unknown):
    """Keeps what the user did to a control as it is, until the server has answered the event.

    >>> class TodoView(LiveView):
    ...     @optimistic
    ...     def toggle(self, todo_id: int, checked: bool):
    ...         Todo.objects.filter(pk=todo_id).update(done=checked)
    """

    def decorate(method: Method) -> Method:
        refuse_unknown("optimistic", method, unknown)
        return mark(method, "optimistic", True)

    return decorate if method is None else decorate(method)


@overload
def client_state(
    keys: list[str] | tuple[str, ...], tabs: bool = False
) -> Callable[[Method], Method]: ...
@overload
def client_state(keys: Method) -> NoReturn: ...
def client_state(keys=(), tabs=False, **unknown):
    """Shares parameters of these names with all handlers of the page that name the same key.

    When an event with such a parameter is sent, every other handler with the key, in this view or
    another one of the page, is called with that parameter alone. With ``tabs`` handlers with
    ``tabs`` in the user's other tabs are called too. Raises ``DeclarationError`` at import unless
    ``keys`` is a list of names.

    >>> class ShopView(LiveView):
    ...     @client_state(keys=["filter"])
    ...     def update_filter(self, filter: str = ""):
    ...         self.filter = filter
    ...
    ...     @client_state(keys=["filter"])
    ...     def on_filter_change(self, filter: str = ""):
    ...         self.items = [item for item in self.all_items if filter in item.name]
    """

    if callable(keys):
        return client_state(**unknown)(keys)

    def decorate(method: Method) -> Method:
        refuse_unknown("client_state", method, unknown)
        names(method, "keys", keys)
        flag(method, "tabs", tabs)
        if not keys:
            raise DeclarationError(
                f'@client_state on {name_of(method)} names no keys: @client_state(keys=["filter"]).'
            )
        options = {"keys": list(keys)}
        return mark(method, "client_state", {**options, "tabs": True} if tabs else options)

    return decorate


@overload
def cache(ttl: Method) -> Method: ...
@overload
def cache(
    ttl: float = 60, key_params: list[str] | tuple[str, ...] | None = None
) -> Callable[[Method], Method]: ...
def cache(ttl=60, key_params=None, **unknown):
    """Lets the page show an answer again for ``ttl`` seconds without asking for it.

    Answers are told apart by the parameters named in ``key_params``, or by all of them. Any event
    of another handler of the view empties the cache. For handlers whose answer depends on their
    parameters and the state of the view, as a search or a tab does. Raises ``DeclarationError``
    at import for a ``ttl`` that is not positive or ``key_params`` that are no names.

    >>> class SearchView(LiveView):
    ...     @cache(ttl=300, key_params=["query"])
    ...     def search(self, query: str = ""):
    ...         self.results = Product.objects.filter(name__icontains=query)
    """
    if callable(ttl):
        return cache(**unknown)(ttl)

    def decorate(method: Method) -> Method:
        refuse_unknown("cache", method, unknown)
        positive(method, "ttl", ttl, MAX_TTL)
        names(method, "key_params", () if key_params is None else key_params)
        return mark(method, "cache", {"ttl": ttl, "key_params": list(key_params or ())})

    return decorate


@overload
def rate_limit(rate: Method) -> Method: ...
@overload
def rate_limit(
    rate: float = 10, burst: int = 5, by: str = "user"
) -> Callable[[Method], Method]: ...
def rate_limit(rate=10, burst=5, by="user", **unknown):
    """Runs a handler at most ``rate`` times a second in the long run, and ``burst`` times at once.

    The server counts ``by`` ``"user"``: all pages of an account together, and each connected page
    of a visitor who is not logged in; by ``"address"``: all pages of an IP address; or by
    ``"page"``: each connected page. An event beyond that is refused: the handler does not run, and
    the page is told when to try again. A ``rate`` of 0.2 is one event in five seconds. Raises
    ``DeclarationError`` at import for a ``rate`` that is not positive, a ``burst`` below 1, or
    another ``by``.

    >>> class CommentView(LiveView):
    ...     @rate_limit(rate=0.2, burst=3)
    ...     def publish(self, text: str):
    ...         Comment.objects.create(author=self.request.user, text=text)
    """
    if callable(rate):
        return rate_limit(**unknown)(rate)

    def decorate(method: Method) -> Method:
        refuse_unknown("rate_limit", method, unknown)
        positive(method, "rate", rate, MAX_RATE)
        if not isinstance(burst, int) or isinstance(burst, bool) or not 1 <= burst <= MAX_RATE:
            raise DeclarationError(
                f"burst of a decorator on {name_of(method)} must be a whole number from 1 to "
                f"{MAX_RATE}, not {burst!r}."
            )
        if by not in ("user", "address", "page"):
            raise DeclarationError(
                f"by of a decorator on {name_of(method)} must be 'user', 'address' or 'page', not "
                f"{by!r}."
            )
        options = {"rate": rate, "burst": burst}
        return mark(method, "rate_limit", options if by == "user" else {**options, "by": by})

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


def refuse_unknown(decorator: str, method: Any, unknown: dict[str, Any]) -> None:
    """Raises ``DeclarationError`` for options that a decorator does not have."""
    for option in unknown:
        raise DeclarationError(f"@{decorator} on {name_of(method)} has no option {option!r}.")


def seconds(method: Any, option: str, value: Any) -> None:
    """Raises ``DeclarationError`` unless ``value`` is a finite, non-negative number of seconds."""
    if not is_number(value) or not 0 <= value <= MAX_SECONDS:
        raise DeclarationError(
            f"{option} of a decorator on {name_of(method)} must be a number of seconds from 0 to "
            f"{MAX_SECONDS}, not {value!r}."
        )


def positive(method: Any, option: str, value: Any, most: int) -> None:
    """Raises ``DeclarationError`` unless ``value`` is a positive number, at most ``most``."""
    if not is_number(value) or not 0 < value <= most:
        raise DeclarationError(
            f"{option} of a decorator on {name_of(method)} must be a positive number, at most "
            f"{most}, not {value!r}."
        )


def flag(method: Any, option: str, value: Any) -> None:
    """Raises ``DeclarationError`` unless ``value`` is True or False."""
    if not isinstance(value, bool):
        raise DeclarationError(
            f"{option} of a decorator on {name_of(method)} must be True or False, not {value!r}."
        )


def names(method: Any, option: str, value: Any) -> None:
    """Raises ``DeclarationError`` unless ``value`` is a list or tuple of different names."""
    fits = isinstance(value, (list, tuple)) and all(isinstance(n, str) and n for n in value)
    if not fits or len(set(value)) < len(value):
        raise DeclarationError(
            f"{option} of a decorator on {name_of(method)} must be a list of different names, not "
            f"{value!r}."
        )


def is_number(value: Any) -> bool:
    """Whether this is a finite number."""
    is_real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_real and math.isfinite(value)


# A longer wait is surely a number of milliseconds.
MAX_SECONDS = 3600

# A page seldom stays open for longer than a day.
MAX_TTL = 86_400

# More than a socket carries.
MAX_RATE = 1_000_000


def name_of(method: Any) -> str:
    return getattr(method, "__qualname__", None) or repr(method)
