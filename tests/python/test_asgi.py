"""The ASGI application: HTTP, sockets of others, static files, start and stop."""

import pytest
from asgiref.testing import ApplicationCommunicator
from sockets import Socket

from djust.asgi import get_asgi_application


async def get(application, path):
    request = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    client = ApplicationCommunicator(application, request)
    await client.send_input({"type": "http.request"})
    status = (await client.receive_output(5))["status"]
    body = b""
    more = True
    while more:
        output = await client.receive_output(5)
        body += output.get("body", b"")
        more = output.get("more_body", False)
    return status, body.decode()


@pytest.mark.django_db(transaction=True)
async def test_http_is_answered_by_django():
    status, body = await get(get_asgi_application(), "/fragment/")
    assert status == 200
    assert '<p class="n7">7</p>' in body


@pytest.mark.parametrize(("debug", "served"), [(True, True), (False, False)])
@pytest.mark.django_db(transaction=True)
async def test_static_files_are_served_under_debug_only(settings, debug, served, tmp_path):
    (tmp_path / "hello.txt").write_text("hello")
    settings.STATICFILES_DIRS = [tmp_path]
    settings.DEBUG = debug
    status, _ = await get(get_asgi_application(), "/static/hello.txt")
    assert (status == 200) is served


async def test_sockets_of_the_project_go_to_its_own_application():
    async def own(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})

    application = get_asgi_application(websocket=own)
    assert await Socket(application, "/chat/", []).connect()
    assert not await Socket(get_asgi_application(), "/chat/", []).connect()


async def test_a_site_below_a_prefix_has_its_socket_there():
    socket = Socket(get_asgi_application(), "/shop/djust/live/", [(b"host", b"testserver")])
    socket.scope["root_path"] = "/shop"
    assert await socket.connect()
    assert await socket.closed() == 4403  # It has no origin.


async def test_the_server_may_start_and_stop_it():
    client = ApplicationCommunicator(get_asgi_application(), {"type": "lifespan"})
    await client.send_input({"type": "lifespan.startup"})
    assert await client.receive_output() == {"type": "lifespan.startup.complete"}
    await client.send_input({"type": "lifespan.shutdown"})
    assert await client.receive_output() == {"type": "lifespan.shutdown.complete"}
    await client.wait()
