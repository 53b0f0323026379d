"""The frames of one socket in, the frames that answer them out; knows no framework and does no I/O.

    page bytes -> decode() -> a frame -> answer() -> handler -> render -> frames for the page

A session owns what the page and the server agreed on: the template numbers, the live views of the
page, and for each of them the last event that was handled and the last frame that was sent.
``Site`` and ``Mounted`` say what it needs of the world; ``call`` runs blocking work elsewhere.
"""

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from djust import _native
from djust.exceptions import CloseSocket, EventError, RateLimited, UnknownEvent, ViewRefused
from djust.handlers import Handler
from djust.limits import TokenBucket
from djust.streaming import Send

events_log = logging.getLogger("djust.events")
security_log = logging.getLogger("djust.security")


class Mounted(Protocol):
    """A mounted view, as the session sees it. All methods but ``call_async`` may block."""

    name: str
    handlers: Mapping[str, Handler]

    def admit(self, handler: Handler) -> float | None:
        """Counts a call of a handler whose ``@rate_limit`` is for more than this page: the seconds
        until it may run. None: its limit is for this page."""

    def call(self, handler: Handler, arguments: list[Any], keywords: dict[str, Any]) -> None: ...

    async def call_async(
        self, handler: Handler, arguments: list[Any], keywords: dict[str, Any]
    ) -> None: ...

    def mount_frame(
        self, table: Any, root: int, seq: int, ack: int, handlers: bytes | None
    ) -> bytes: ...

    def update_frame(
        self, table: Any, root: int, seq: int, ack: int, targets: Sequence[str]
    ) -> bytes | None:
        """What changed since the last frame, with targets only what did inside of them."""

    def finds(self, target: str) -> bool:
        """Whether there is something that a selector names."""

    def forget(self) -> None:
        """Drops what is known of the page: the next frame must be a full tree."""

    def take_pushed(self) -> list[tuple[str, Any]]:
        """The events for the page's scripts since the last call."""

    def sends_by(self, send: Send | None) -> None:
        """Says how an async handler sends something before it ends; None when it has ended."""


class Site(Protocol):
    def open(self, token: str) -> Mounted:
        """Mounts the view that a token names. Raises ``CloseSocket``. May block."""


# Runs blocking work and awaits its result.
Call = Callable[[Callable[[], Any]], Awaitable[Any]]

# Writes frames to the page.
Write = Callable[[list[bytes]], Awaitable[None]]

# Seconds between two frames that an async handler sends: a screen shows no more.
TURN = 1 / 60


class Session:
    """The conversation of one socket.

    ``heartbeat`` is in seconds. With ``debug``, the page is told what exactly went wrong. ``clock``
    says the time in seconds.
    """

    def __init__(
        self,
        site: Site,
        call: Call,
        write: Write,
        *,
        heartbeat: int = 25,
        debug: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.site = site
        self.call = call
        self.write = write
        self.heartbeat = heartbeat
        self.debug = debug
        self.clock = clock
        self.observer: Callable[[Exception], None] = lambda error: None
        """Sees each error that becomes an error frame; a test lets it raise."""
        self.table: Any = None
        self.roots: dict[int, Root] = {}

    @staticmethod
    def decode(message: bytes) -> tuple[Any, ...]:
        """Reads a message. Raises ``CloseSocket`` (4400, 1009) for one that breaks the protocol."""
        try:
            return _native.decode_client(message)
        except _native.ProtocolError as error:
            raise CloseSocket(*error.args) from None

    async def answer(self, frame: tuple[Any, ...]) -> list[bytes]:
        """The frames that answer a decoded frame. Raises ``CloseSocket`` to end it all."""
        kind, *values = frame
        if kind == "ping":
            return [_native.encode_pong()]
        if (kind == "hello") is not (self.table is None):
            raise CloseSocket(4400, f"{kind} is not expected here")
        if kind == "hello":
            return await self._hello(*values)
        if kind == "events":
            return await self._events(*values)
        if kind == "resync":
            return await self._resync(*values)
        if kind == "join":
            return await self._join(*values)
        self.roots.pop(values[0], None)  # kind == "leave"
        return []

    async def _hello(self, version: int, known: bytes, roots: list[tuple[int, str]]) -> list[bytes]:
        if version != _native.PROTOCOL_VERSION:
            raise CloseSocket(4406, f"version {version} is not spoken here")
        if len({number for number, _ in roots}) < len(roots):
            raise CloseSocket(4400, "a root is named twice")
        self.table = _native.TemplateTable(known)
        frames = [_native.encode_welcome(version, self.heartbeat * 1000)]
        for number, token in roots:
            frames += await self.call(partial(self._mount, number, token))
        return frames

    async def _join(self, number: int, token: str) -> list[bytes]:
        if number in self.roots:
            raise CloseSocket(4400, "a root is named twice")
        if len(self.roots) >= ROOTS:
            return [_native.encode_error(number, 0, "too_many_views", TOO_MANY_VIEWS)]
        return await self.call(partial(self._mount, number, token))

    def _mount(self, number: int, token: str) -> list[bytes]:
        try:
            root = Root(number, self.site.open(token))
            frame = root.mount_frame(self.table)
        except CloseSocket:
            raise
        except ViewRefused as refused:
            self.observer(refused)
            security_log.warning("view refused: %s", refused)
            return [_native.encode_error(number, 0, "refused", REFUSED)]
        except Exception as error:
            events_log.exception("mount failed")
            return [self._failure(number, 0, "mount_error", MOUNT_ERROR, error)]
        self.roots[number] = root
        return [frame, *self._pushes(root)]

    async def _events(self, events: list[tuple[int, int, int | str, dict, str]]) -> list[bytes]:
        """Runs the events in order, then renders each view that they touched once.

        Blocking steps that follow each other share one call; only async handlers run here.
        """
        frames: list[bytes] = []
        steps: list[Step] = []
        for number, event, name, params, target in events:
            if root := self.roots.get(number):
                steps.append(Step(root, event, root.handler(name), name, params, target))
            else:
                frames.append(_native.encode_error(number, event, "unknown_root", UNKNOWN_ROOT))
        touched = list(dict.fromkeys(step.root for step in steps))
        for root in touched:
            frames += self._aim(root, [step.target for step in steps if step.root is root])
        batch: list[Step] = []

        def run_batch() -> None:
            for step in batch:
                self._run(step, frames)
            batch.clear()

        def finish() -> None:
            run_batch()
            for root in touched:
                frames.extend(self._render(root))
                root.targets = []

        for step in steps:
            if not step.is_async:
                batch.append(step)
                continue
            if batch:
                await self.call(run_batch)
            await self._run_async(step, frames)
        if touched:
            await self.call(finish)
        return frames

    def _aim(self, root: "Root", targets: list[str]) -> list[bytes]:
        """Renders of this root are to be of these targets; of the whole view if one event has none.

        A target that the template does not have is said while a site is developed.
        """
        root.targets = list(dict.fromkeys(targets)) if all(targets) else []
        missing = [t for t in root.targets if self.debug and not root.view.finds(t)]
        message = 'dj-target="{}" names no element of this view: all of it was rendered.'
        return [
            _native.encode_error(root.number, 0, "target", message.format(target))
            for target in missing
        ]

    def _run(self, step: "Step", frames: list[bytes]) -> None:
        if step.is_new:
            with self._reporting(step, frames):
                step.root.view.call(*step.bound(self.clock()))

    async def _run_async(self, step: "Step", frames: list[bytes]) -> None:
        if step.is_new:
            with self._reporting(step, frames):
                view = step.root.view
                # A limit may be counted elsewhere, and that takes its time.
                is_limited = step.handler is not None and "rate_limit" in step.handler.decorators
                bind = partial(step.bound, self.clock())
                call = await self.call(bind) if is_limited else bind()
                view.sends_by(partial(self._send, step.root))
                try:
                    await view.call_async(*call)
                finally:
                    view.sends_by(None)

    async def _send(self, root: "Root", renders: bool) -> None:
        """Sends what the page is to show while a handler goes on.

        The event is not answered yet, so what the page holds back for it stays held back.
        """
        await asyncio.sleep(root.sent + TURN - self.clock())
        make = self._render if renders else self._pushes
        await self.write(await self.call(partial(make, root)))
        root.sent = self.clock()

    @contextmanager
    def _reporting(self, step: "Step", frames: list[bytes]) -> Iterator[None]:
        """Counts an event as handled, however it ends, and reports how it failed if it did."""
        root = step.root
        try:
            yield
        except CloseSocket:
            raise
        except EventError as error:
            self.observer(error)
            # The name comes from the page: shortened, and quoted so that it stays on its line.
            security_log.warning(
                "event refused: code=%s view=%s event=%.130r", error.code, root.view.name, step.name
            )
            frames.append(_native.encode_error(root.number, step.event, error.code, str(error)))
        except Exception as error:
            events_log.exception(
                "event failed: view=%s event=%s", root.view.name, step.handler and step.handler.name
            )
            frames.append(
                self._failure(root.number, step.event, "handler_error", HANDLER_ERROR, error)
            )
        finally:
            root.ack = step.event

    def _render(self, root: "Root") -> list[bytes]:
        """An update frame, or an ack if nothing visible changed, and the pushed events."""
        try:
            frame = root.update_frame(self.table)
        except CloseSocket:
            raise
        except Exception as error:
            events_log.exception("render failed: view=%s", root.view.name)
            # What the page has is unknown now; the next render sends it a full tree.
            root.view.forget()
            return [
                self._failure(root.number, root.ack, "render_error", RENDER_ERROR, error),
                _native.encode_ack(root.number, root.ack),
            ]
        return [frame, *self._pushes(root)]

    def _pushes(self, root: "Root") -> list[bytes]:
        """The events for the page's scripts; what cannot be sent is reported in its place.

        Nothing is raised: the frame before them may define templates, so it must reach the page.
        """
        frames = []
        for name, payload in root.view.take_pushed():
            try:
                frames.append(_native.encode_push(root.number, name, payload))
            except Exception as error:
                events_log.exception("push failed: view=%s event=%s", root.view.name, name)
                frames.append(
                    self._failure(root.number, root.ack, "handler_error", HANDLER_ERROR, error)
                )
        return frames

    async def _resync(self, number: int) -> list[bytes]:
        if root := self.roots.get(number):
            root.view.forget()
            return await self.call(partial(self._render, root))
        return [_native.encode_error(number, 0, "unknown_root", UNKNOWN_ROOT)]

    def _failure(self, root: int, event: int, code: str, sentence: str, error: Exception) -> bytes:
        self.observer(error)
        message = sentence
        if self.debug:
            message = "".join(traceback.format_exception(error))[-TRACEBACK_LIMIT:]
        return _native.encode_error(root, event, code, message)


@dataclass(eq=False, slots=True)
class Root:
    """A live view of the page: its number, and what the page has of it."""

    number: int
    view: Mounted
    seq: int = 0
    ack: int = 0
    sent: float = 0
    """When an async handler sent something before it ended; seconds of the clock."""
    targets: list[str] = field(default_factory=list)
    """Selectors of what its next update is to be about; none: the whole view."""
    handlers: list[Handler] = field(init=False)
    buckets: dict[str, TokenBucket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.handlers = [handler for handler in self.view.handlers.values() if handler.is_announced]

    def handler(self, name: int | str) -> Handler | None:
        """The handler that a page names by its place in the list, or else by its name."""
        if isinstance(name, str):
            return self.view.handlers.get(name)
        return self.handlers[name] if name < len(self.handlers) else None

    def admit(self, handler: Handler, now: float) -> None:
        """Counts a call of a handler with ``@rate_limit``. Raises ``RateLimited``."""
        if options := handler.decorators.get("rate_limit"):
            wait = self.view.admit(handler)
            if wait is None:
                bucket = TokenBucket(options["rate"], options["burst"])
                wait = self.buckets.setdefault(handler.name, bucket).take(now)
            if wait:
                raise RateLimited(wait)

    def mount_frame(self, table: Any) -> bytes:
        """The first frame of the view, with its handlers.

        They are those of its class, so they stay as they are: later mount frames carry none.
        """
        handlers = _native.encode_handlers([(h.name, h.options()) for h in self.handlers])
        frame = self.view.mount_frame(table, self.number, self.seq + 1, self.ack, handlers)
        self.seq += 1
        return frame

    def update_frame(self, table: Any) -> bytes:
        """What changed, or an ack if nothing visible did."""
        seq = self.seq + 1
        frame = self.view.update_frame(table, self.number, seq, self.ack, self.targets)
        if frame is None:
            return _native.encode_ack(self.number, self.ack)
        self.seq += 1
        return frame


@dataclass(eq=False, slots=True)
class Step:
    """One event on its way: whose it is, and the handler it found, if any."""

    root: Root
    event: int
    handler: Handler | None
    name: int | str
    params: dict[str, Any]
    target: str

    @property
    def is_async(self) -> bool:
        return self.handler is not None and self.handler.is_async

    @property
    def is_new(self) -> bool:
        """Whether the event was not handled before; ids of a root only grow."""
        return self.event > self.root.ack

    def bound(self, now: float) -> tuple[Handler, list[Any], dict[str, Any]]:
        """The arguments for ``Mounted.call``. Raises ``EventError``."""
        if self.handler is None:
            raise UnknownEvent
        self.root.admit(self.handler, now)
        return self.handler, *self.handler.bind(self.params)


# What a page is told without DEBUG.
HANDLER_ERROR = "Something went wrong. Please try again."
MOUNT_ERROR = "This page could not be connected. Please reload it."
RENDER_ERROR = "The page could not be updated. Please try again."
UNKNOWN_ROOT = "This part of the page is not connected."
REFUSED = "This part of the page is not available."
TOO_MANY_VIEWS = "This page has too many live parts."

# Live views of one page.
ROOTS = 16

# Characters of a traceback that a page gets under DEBUG; its end says most.
TRACEBACK_LIMIT = 16_000
