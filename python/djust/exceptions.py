"""Every error that djust raises on purpose, and what its reader should do about it.

    DjustError
    ├── DeclarationError (TypeError)     a decorator or class is written wrongly: change the code
    ├── EventError                       one event is refused: the page shows the message
    │   ├── UnknownEvent                 no @event_handler has this name
    │   ├── InvalidParams                a parameter is missing or has the wrong type
    │   └── RateLimited                  the page sends it too often: it says when to try again
    ├── ViewRefused                      a view within a page lets nobody in: its place stays empty
    └── CloseSocket                      the conversation ends with a close code of docs/protocol.md
        └── MountRefused                 the token or the site does not allow this view

``djust._native.ProtocolError`` (a ``ValueError``) is the codec's own; the session turns it into a
``CloseSocket`` with the same code and reason.
"""

import math


class DjustError(Exception):
    """The base of all errors of this package."""


class DeclarationError(DjustError, TypeError):
    """A decorator or a class is written wrongly. Raised at import; the message names the method."""


class EventError(DjustError):
    """One event is refused; the page and its state stay usable.

    ``code`` is the code of the error frame, ``str(error)`` its message.
    """

    code = "event_error"


class UnknownEvent(EventError):
    """No ``@event_handler`` has this name.

    The message never depends on what attributes the view has, so it tells an attacker nothing.
    """

    code = "unknown_event"

    def __init__(self) -> None:
        super().__init__("This page has no such event.")


class InvalidParams(EventError):
    """A parameter is missing or has the wrong type. ``field`` is its name.

    >>> str(InvalidParams("quantity", "must be a whole number"))
    '"quantity" must be a whole number.'
    """

    code = "invalid_params"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f'"{field}" {problem}.')
        self.field = field


class RateLimited(EventError):
    """The page sends this event too often. ``retry`` is the number of seconds to wait.

    >>> str(RateLimited(1.2))
    'This came too often. Please try again in 2 seconds.'
    """

    code = "rate_limited"

    def __init__(self, retry: float) -> None:
        whole = max(1, math.ceil(retry))
        unit = "second" if whole == 1 else "seconds"
        super().__init__(f"This came too often. Please try again in {whole} {unit}.")
        self.retry = retry


class ViewRefused(DjustError):
    """A view within a page does not let this visitor in; the rest of the page goes on."""


class CloseSocket(DjustError):
    """The conversation ends. ``code`` is one of docs/protocol.md, ``reason`` is for the log."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class MountRefused(CloseSocket):
    """The token or the site does not allow this view on this socket (4401 or 4403)."""
