"""What a handler wants to show at once in; frames out, before the handler has ended.

A stream is an element with ``dj-stream="name"`` whose items the page keeps and the server does not:
the feed of a chat, the lines of a log. Its methods work in every handler. In an ``async`` one they
can be awaited: then they are on their way before the handler goes on. Otherwise they leave with the
answer.
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any

# The event by which stream operations travel.
EVENT = "djust:stream"

APPEND = -1

# Sends what waits; rendered before, if so wanted.
Send = Callable[[bool], Awaitable[None]]


class Sending:
    """Something that leaves with the answer of the event or, if it is awaited, at once."""

    def __init__(self, send: Send | None, renders: bool) -> None:
        self._send = send
        self._renders = renders

    def __await__(self) -> Generator[Any, None, None]:
        if self._send is not None:
            yield from self._send(self._renders).__await__()


class Streaming:
    """The part of ``LiveView`` that shows things before a handler ends."""

    _djust: Any

    def stream_insert(
        self, name: str, html: str, at: str | int = "append", limit: int | None = None
    ) -> Sending:
        """Puts items into the stream ``name``.

        ``html`` is markup of one or more elements: build it with ``render_to_string`` or
        ``format_html``, which escape what users wrote. ``at`` is ``"append"``, ``"prepend"`` or the
        index among the elements of the stream. An item whose ``id`` is there already changes in
        place. With more than ``limit`` elements the oldest items go. Raises ``ValueError`` for
        another ``at`` or a limit below 1.

        >>> class FeedView(LiveView):
        ...     template_string = '<ul dj-stream="feed"></ul>'
        ...
        ...     @event_handler
        ...     async def post(self, text: str):
        ...         await self.stream_insert("feed", format_html("<li>{}</li>", text), limit=100)
        """
        places: dict[str | int, int] = {"append": APPEND, "prepend": 0}
        place = places.get(at, at)
        if isinstance(place, bool) or not isinstance(place, int) or place < APPEND:
            raise ValueError(f'at must be "append", "prepend" or an index, not {at!r}')
        if limit is not None and (isinstance(limit, bool) or limit < 1):
            raise ValueError(f"limit must be a number from 1 on, not {limit!r}")
        return self._stream(name, "insert", str(html), place, limit or 0)

    def stream_replace(self, name: str, selector: str, html: str) -> Sending:
        """Puts ``html`` in the place of the items that a CSS selector finds in the stream.

        What is equal stays: a field in the item keeps its focus.
        """
        return self._stream(name, "replace", selector, str(html))

    def stream_delete(self, name: str, selector: str) -> Sending:
        """Takes away the items that a CSS selector finds in the stream."""
        return self._stream(name, "delete", selector)

    def push_state(self) -> Sending:
        """Renders the view as it is now, and sends what changed.

        Awaited in an ``async`` handler, the page shows it while the handler goes on. It is sent at
        most 60 times a second: awaiting waits for its turn. Elsewhere the answer of the event shows
        the same, so there is nothing more to do.

        >>> class ImportView(LiveView):
        ...     template_string = "<progress value={{ done }}></progress>"
        ...     done = 0
        ...
        ...     @event_handler
        ...     async def start(self):
        ...         async for row in rows():
        ...             self.done += 1
        ...             await self.push_state()
        """
        return Sending(self._djust.send, renders=True)

    def stream_to(self, name: str, target: str | None = None) -> Sending:
        """Sends what changed in a stream that the template renders: ``push_state`` by another name.

        ``name`` and ``target`` say for the reader which element it is about; what changed elsewhere
        is sent as well, since the page shows one state.
        """
        return self.push_state()

    def _stream(self, name: str, *operation: Any) -> Sending:
        self._djust.pushed.append((EVENT, [name, *operation]))
        return Sending(self._djust.send, renders=False)
