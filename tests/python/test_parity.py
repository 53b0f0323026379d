"""A mount on the socket sees the request that the page was served for."""

import re
from html import unescape

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth.models import User
from django.test import Client
from sockets import Socket
from wire import MOUNT, hello, read, token_in

from tests.site.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)

HEADERS = [
    (b"host", b"testserver"),
    (b"user-agent", b"a browser"),
    (b"accept-language", b"de"),
    (b"x-custom", b"one"),
    (b"x-custom", b"two"),
]


async def get(scope):
    client = ApplicationCommunicator(application, {"type": "http", "method": "GET", **scope})
    await client.send_input({"type": "http.request"})
    assert (await client.receive_output(5))["status"] == 200
    return (await client.receive_output(5))["body"].decode()


def texts(value):
    """The strings and numbers in a frame."""
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in texts(item)]
    return [str(value)]


@pytest.mark.parametrize(("prefix", "schemes"), [("", ("http", "ws")), ("/shop", ("https", "wss"))])
async def test_the_socket_sees_what_the_page_saw(prefix, schemes):
    browser = Client()
    user = await User.objects.acreate_user("ada")
    await sync_to_async(browser.force_login)(user)
    cookie = browser.cookies["sessionid"].value.encode()
    headers = [*HEADERS, (b"cookie", b"sessionid=" + cookie + b"; other=1")]
    shared = {"root_path": prefix, "headers": headers, "client": ["192.0.2.7", 50_000]}

    page = await get(
        {
            **shared,
            "path": f"{prefix}/request/5/",
            "query_string": b"a=1&a=2&b=%C3%A9",
            "scheme": schemes[0],
        }
    )
    socket = Socket(application, f"{prefix}/djust/live/", headers)
    socket.scope.update(shared, scheme=schemes[1])
    socket.scope["headers"] = [
        *headers,
        (b"origin", f"{schemes[0]}://testserver".encode()),
        (b"connection", b"upgrade"),
        (b"upgrade", b"websocket"),
    ]
    assert await socket.connect()
    await socket.send(hello(token_in(page)))
    await socket.receive()
    mount = read(await socket.receive())
    await socket.close()

    assert mount[0] == MOUNT
    shown = dict(re.findall("<i>(.*?)=(.*?)</i>", page))
    assert len(shown) == 18
    assert shown["user"] == "ada"
    assert shown["language"] == "de"
    assert shown["custom"] == "one,two"
    assert shown["prefix"] == prefix
    assert shown["path"] == f"{prefix}/request/5/"
    assert shown["scheme"] == schemes[0]
    seen = {unescape(value) for value in texts(mount)}
    assert [name for name, value in shown.items() if unescape(value) not in " ".join(seen)] == []
