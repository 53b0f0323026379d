"""A WebSocket in, a ``Session`` behind it: reads and writes messages, and decides nothing else.

The event loop only moves bytes and runs async handlers. All other work happens in a pool of
threads that all sockets of the process share; frames of one socket are answered one after the
other, so their order is kept. A ping is answered at once, also while a handler takes its time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from channels.consumer import AsyncConsumer
from channels.db import DatabaseSyncToAsync
from channels.exceptions import StopConsumer
from django.conf import settings
from django.core.signals import setting_changed

from djust import _native
from djust.conf import config
from djust.exceptions import CloseSocket
from djust.limits import TokenBucket
from djust.mounting import DjangoSite
from djust.security import check_origin
from djust.session import Session

log = logging.getLogger("djust.ws")
security_log = logging.getLogger("djust.security")

# Frames of one socket that may wait for their turn; then the socket is not read any further.
WAITING = 16


class LiveConsumer(AsyncConsumer):
    """The consumer of ``/djust/live/``."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.is_open = False
        self.waiting: deque[tuple[Any, ...]] = deque()
        self.bucket = TokenBucket(config().events_per_second, 2 * config().events_per_second)
        self.is_held_back = False
        self.worker: asyncio.Task[None] | None = None
        self.hello_timeout: asyncio.Task[None] | None = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Passes a message of the server on.

        Channels would first close old database connections, in a thread that the whole process
        shares; here the pool does that, around the work that uses them.
        """
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        await self.send({"type": "websocket.accept"})
        self.is_open = True
        site = DjangoSite(self.scope)
        origins = [
            value.decode("latin1") for name, value in self.scope["headers"] if name == b"origin"
        ]
        try:
            check_origin(site.request("/"), origins)
        except CloseSocket as refused:
            await self.close(refused)
            return
        self.session = Session(
            site,
            in_thread,
            self.write_all,
            heartbeat=config().heartbeat,
            debug=settings.DEBUG,
        )
        self.hello_timeout = asyncio.create_task(self.expect_hello(config().hello_timeout))

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if not self.is_open or self.session is None:
            return
        try:
            frame = self.read(message)
        except CloseSocket as refused:
            await self.close(refused)
            return
        if frame == ("ping",):
            await self.pace(frame)
            await self.write(_native.encode_pong())
            return
        if self.hello_timeout:
            self.hello_timeout.cancel()
            self.hello_timeout = None
        self.waiting.append(frame)
        if self.worker is None:
            self.worker = asyncio.create_task(self.work(self.session))
        elif len(self.waiting) >= WAITING:
            # Not reading on lets the network hold the sender back.
            await asyncio.wait({self.worker})

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """Finishes what the page had already sent: a click on "Save" counts, though the tab closes
        right after it."""
        self.is_open = False
        if self.hello_timeout:
            self.hello_timeout.cancel()
        if self.worker:
            await asyncio.wait({self.worker})
        log.debug("closed by the page: code=%s", message.get("code"))
        raise StopConsumer

    def read(self, message: dict[str, Any]) -> tuple[Any, ...]:
        """The frame in a message. Raises ``CloseSocket``."""
        data = message.get("bytes")
        if data is None:
            raise CloseSocket(1003, "a text message")
        if len(data) > _native.MESSAGE_LIMIT:
            raise CloseSocket(1009, f"a message of {len(data)} bytes")
        return Session.decode(data)

    async def work(self, session: Session) -> None:
        """Answers the waiting frames one after the other, until none is left."""
        try:
            while self.waiting:
                frame = self.waiting.popleft()
                await self.pace(frame)
                await self.write_all(await session.answer(frame))
        except CloseSocket as refused:
            await self.close(refused)
        except Exception:
            log.exception("a frame could not be answered")
            await self.close(CloseSocket(1011, "an internal error"))
        finally:
            self.waiting.clear()
            self.worker = None

    async def pace(self, frame: tuple[Any, ...]) -> None:
        """Waits until the events of a frame keep to the rate of a socket; another frame counts as
        one. Meanwhile few further frames are read: the network holds a flood back."""
        count = len(frame[1]) if frame[0] == "events" else 1
        wait = self.bucket.owe(asyncio.get_running_loop().time(), count)
        if wait and self.is_open:
            if not self.is_held_back:
                self.is_held_back = True
                rate = config().events_per_second
                log.warning("a page sends more than %s events a second: it is held back", rate)
            await asyncio.sleep(wait)

    async def expect_hello(self, seconds: int) -> None:
        await asyncio.sleep(seconds)
        await self.close(CloseSocket(4400, f"no hello within {seconds} s"))

    async def write_all(self, frames: list[bytes]) -> None:
        for frame in frames:
            await self.write(frame)

    async def write(self, frame: bytes) -> None:
        if self.is_open:
            try:
                await self.send({"type": "websocket.send", "bytes": frame})
            except (OSError, RuntimeError) as error:
                # The page left; servers say so in different ways, and a disconnect follows.
                self.is_open = False
                log.debug("the page left before it was answered: %s", error)

    async def close(self, reason: CloseSocket) -> None:
        """Closes the socket, with one line in the log."""
        if not self.is_open:
            return
        self.is_open = False
        logger = security_log if reason.code == 4403 else log
        client = (self.scope.get("client") or ("unknown",))[0]
        logger.warning("socket closed: code=%s client=%s: %s", reason.code, client, reason.reason)
        try:
            await self.send({"type": "websocket.close", "code": reason.code})
        except (OSError, RuntimeError) as error:
            log.debug("the page left before it was closed: %s", error)


async def in_thread(work: Callable[[], Any]) -> Any:
    """Runs blocking work in the pool, between two looks for old database connections."""
    return await DatabaseSyncToAsync(work, thread_sensitive=False, executor=pool())()


@lru_cache(maxsize=1)
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(config().threads, thread_name_prefix="djust")


def forget_pool(*, setting: str, **kwargs: Any) -> None:
    if setting == "DJUST" and pool.cache_info().currsize:
        pool().shutdown(wait=False)
        pool.cache_clear()


setting_changed.connect(forget_pool, dispatch_uid="djust.consumers")
