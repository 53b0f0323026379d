"""A page of the test project: served by Django, connected through the ASGI application."""

from asgiref.sync import sync_to_async
from django.test import Client
from sockets import Socket
from wire import MOUNT, WELCOME, hello, read, token_in

from tests.site.asgi import application


class Page:
    """A served page and its socket."""

    def __init__(self, path, browser=None, origin="http://testserver", headers=()):
        self.path = path
        self.browser = browser or Client()
        self.origin = origin
        self.headers = list(headers)
        self.socket = None

    async def load(self):
        response = await sync_to_async(self.browser.get)(self.path)
        assert response.status_code == 200, response
        self.html = response.content.decode()
        self.token = token_in(self.html)
        return self

    async def connect(self):
        cookie = "; ".join(f"{m.key}={m.value}" for m in self.browser.cookies.values())
        headers = [(b"host", b"testserver"), (b"cookie", cookie.encode()), *self.headers]
        if self.origin:
            headers.append((b"origin", self.origin.encode()))
        self.socket = Socket(application, "/djust/live/", headers)
        assert await self.socket.connect()
        return self

    async def open(self):
        await self.load()
        await self.connect()
        await self.send(hello(self.token))
        assert (await self.read())[0] == WELCOME
        self.mount = await self.read()
        assert self.mount[0] == MOUNT, self.mount
        return self

    async def send(self, data):
        await self.socket.send(data)

    async def read(self):
        return read(await self.socket.receive())

    async def closed(self):
        return await self.socket.closed()

    async def close(self):
        await self.socket.close()
