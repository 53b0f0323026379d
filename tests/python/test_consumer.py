"""The live socket, through Channels, the site's middleware and a real database."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session as SessionRow
from django.test import Client
from pages import Page
from sockets import Socket
from wire import (
    ACK,
    ERROR,
    MOUNT,
    PONG,
    PUSH,
    UPDATE,
    WELCOME,
    event,
    events,
    hello,
    message,
)

from tests.site.asgi import application
from tests.site.views import gate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def page():
    page = await Page("/counter/").open()
    yield page
    await page.close()


async def logged_in(username="ada"):
    browser = Client()
    user = await User.objects.acreate_user(username, password="x")
    await sync_to_async(browser.force_login)(user)
    return browser, user


async def test_a_page_connects_and_lives(page):
    assert page.mount[:4] == [MOUNT, 0, 1, 0]
    assert page.mount[4][:2] == [["add", None], ["add_later", None]]
    assert ["search", {1: [250, 2000]}] in page.mount[4]
    await page.send(event(1, 0, amount=2))
    assert (await page.read())[:4] == [UPDATE, 0, 2, 1]
    await page.send(event(2, "add_later"))
    assert (await page.read())[:4] == [UPDATE, 0, 3, 2]
    await page.send(event(3, "nothing"))
    assert await page.read() == [ACK, 0, 3]
    await page.send(message(3))
    assert await page.read() == [PONG]


async def test_arguments_of_the_address_reach_mount():
    page = await Page("/counter/41/?word=hello").open()
    await page.send(event(1, "announce"))
    update = await page.read()
    assert update[0] == UPDATE
    assert "42" in str(update)
    assert await page.read() == [PUSH, 0, "announced", {}]
    await page.close()


async def test_the_counters_update_is_small(page):
    await page.send(event(1, "add"))
    frame = await page.socket.receive()
    assert len(frame) <= 20


async def test_each_page_has_its_own_state(page):
    other = await Page("/counter/").open()
    await page.send(event(1, "add", amount=10))
    await other.send(event(1, "add", amount=20))
    assert "10" in str(await page.read())
    assert "20" in str(await other.read())
    await other.close()


BAD_FRAMES = {
    "nothing": (b"", 4400),
    "an unknown kind": (message(9), 4400),
    "no kind": (message("hello"), 4400),
    "a frame cut short": (message(1, 1, 0, 1), 4400),
    "something after the frame": (message(3, 3), 4400),
    "a negative number": (message(2, -1), 4400),
    "an extension": (b"\x01\x01\x00\x01\xa3add\xd4\x01x", 4400),
    "not UTF-8": (b"\x01\x01\x00\x01\xa2\xff\xfe\x80", 4400),
    "a long array on five bytes": (b"\x01\x01\x00\x01\xa3add\x81\xa1x\xdd\xff\xff\xff\xff", 4400),
    "a long map on five bytes": (b"\x01\x01\x00\x01\xa3add\xdf\xff\xff\xff\xff", 4400),
    "a long string on five bytes": (b"\x01\x01\x00\x01\xdb\xff\xff\xff\xff", 4400),
    "nested too deeply": (
        message(1, 1, 0, 1, "add") + b"\x81\xa1x" + b"\x91" * 65 + b"\xc0",
        4400,
    ),
    "nested absurdly": (message(1, 1, 0, 1, "add") + b"\x81\xa1x" + b"\x91" * 60_000, 4400),
    "too many events": (events(*((n, "add", {}) for n in range(1, 52))), 4400),
    "too many parameters": (event(1, "add", **{f"p{n}": n for n in range(101)}), 4400),
    "a long handler name": (event(1, "x" * 129), 4400),
    "a second hello": (hello("x"), 4400),
    "a big message": (b"\x01" + b"x" * 65_536, 1009),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
async def test_a_bad_frame_closes_its_socket_with_one_line_and_disturbs_no_other(
    name, page, caplog
):
    data, code = BAD_FRAMES[name]
    bad = await Page("/counter/").open()
    caplog.clear()
    await bad.send(data)
    assert await bad.closed() == code
    assert len(caplog.records) == 1
    assert caplog.records[0].name == "djust.ws"
    assert f"code={code}" in caplog.text
    await bad.close()
    await page.send(event(1, "add"))
    assert (await page.read())[0] == UPDATE


async def test_a_text_message_closes_the_socket(page):
    await page.send('{"event": "add"}')
    assert await page.closed() == 1003


async def test_another_version_closes_the_socket():
    page = await (await Page("/counter/").load()).connect()
    await page.send(hello(page.token, version=2))
    assert await page.closed() == 4406


async def test_a_socket_that_says_nothing_is_closed(settings):
    settings.DJUST = {"HELLO_TIMEOUT": 1}
    page = await (await Page("/counter/").load()).connect()
    assert await page.closed() == 4400


async def test_what_comes_after_the_close_is_ignored(page):
    await page.send(message(9))
    await page.send(event(1, "add"))
    assert await page.closed() == 4400
    assert await page.socket.receive_nothing()


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "https://testserver"])
async def test_a_socket_of_another_origin_is_closed(origin, caplog):
    page = await (await Page("/counter/", origin=origin).load()).connect()
    assert await page.closed() == 4403
    assert [record.name for record in caplog.records] == ["djust.security"]


@pytest.mark.parametrize("token", ["", "forged", "a:b:c"])
async def test_a_forged_token_closes_the_socket(token, caplog):
    page = await (await Page("/counter/").load()).connect()
    await page.send(hello(token))
    assert await page.closed() == 4401
    assert len(caplog.records) == 1


async def test_a_logged_in_page_connects_as_its_user():
    browser, _ = await logged_in()
    page = await Page("/profile/", browser).open()
    assert "ada testserver Monday /profile/ 1" in page.html
    assert "ada" in str(page.mount)
    assert "testserver" in str(page.mount)
    await page.close()


async def test_a_page_does_not_connect_for_another_account():
    browser, _ = await logged_in("ada")
    other, _ = await logged_in("eve")
    page = await Page("/profile/", browser).load()
    for stranger in (Client(), other):
        stolen = Page("/profile/", stranger)
        await stolen.connect()
        await stolen.send(hello(page.token))
        assert await stolen.closed() == 4401


async def test_a_page_does_not_connect_after_its_password_changed():
    browser, user = await logged_in()
    page = await Page("/profile/", browser).load()
    user.set_password("another")
    await user.asave()
    await page.connect()
    await page.send(hello(page.token))
    assert await page.closed() == 4401


@pytest.mark.parametrize("path", ["/private/", "/decorated/", "/method-decorated/"])
async def test_a_view_for_members_asks_again_on_the_socket(path):
    browser, _ = await logged_in()
    page = await Page(path, browser).open()
    await page.send(event(1, "add"))
    assert (await page.read())[0] == UPDATE
    await page.close()
    await sync_to_async(browser.logout)()
    await page.connect()
    await page.send(hello(page.token))
    assert await page.closed() == 4401


async def test_a_lost_permission_is_noticed_on_the_socket():
    browser, user = await logged_in()
    permission = await Permission.objects.aget(codename="add_user")
    await user.user_permissions.aadd(permission)
    page = await Page("/staff/", browser).load()
    await user.user_permissions.aclear()
    await page.connect()
    await page.send(hello(page.token))
    assert await page.closed() == 4403


async def test_a_decorator_that_refuses_after_the_view_is_heard():
    page = await (await Page("/changed/").load()).connect()
    await page.send(hello(page.token))
    assert await page.closed() == 4403


async def test_the_language_of_the_page_is_that_of_its_events():
    page = await Page("/profile/", headers=[(b"accept-language", b"de")]).open()
    assert "Montag" in str(page.mount)
    await page.send(event(1, "rename", name="x"))
    update = await page.read()
    assert update[0] == UPDATE
    assert "Monday" not in str(update)
    await page.close()


async def test_the_csrf_token_is_one_for_the_life_of_the_socket():
    page = await Page("/profile/").open()
    assert "csrftoken" in page.browser.cookies
    await page.send(event(1, "rename", name="x"))
    assert "csrfmiddlewaretoken" not in str(await page.read())
    await page.send(event(2, "rename", name="x"))
    assert await page.read() == [ACK, 0, 2]
    await page.close()


async def test_messages_of_a_handler_are_shown():
    page = await Page("/profile/").open()
    await page.send(event(1, "say", text="hello there"))
    assert "hello there" in str(await page.read())
    await page.close()


async def test_what_a_handler_writes_to_the_session_is_saved():
    browser, _ = await logged_in()
    page = await Page("/profile/", browser).open()
    await page.send(event(1, "remember"))
    await page.read()
    row = await SessionRow.objects.aget()
    assert row.get_decoded()["visits"] == 3
    await page.close()


async def test_a_session_that_ended_closes_the_socket_that_writes_to_it():
    browser, _ = await logged_in()
    page = await Page("/profile/", browser).open()
    await SessionRow.objects.all().adelete()
    await page.send(event(1, "remember"))
    assert await page.closed() == 4401


async def test_a_handler_that_raises_leaves_the_page_usable(page):
    await page.send(event(1, "fail"))
    error = await page.read()
    assert error == [ERROR, 0, 1, "handler_error", "Something went wrong. Please try again."]
    assert (await page.read())[:4] == [UPDATE, 0, 2, 1]
    await page.send(event(2, "add"))
    assert (await page.read())[:4] == [UPDATE, 0, 3, 2]


async def test_debug_shows_the_traceback(settings):
    settings.DEBUG = True
    page = await Page("/counter/").open()
    await page.send(event(1, "fail"))
    assert "RuntimeError: a secret detail" in (await page.read())[4]
    await page.close()


@pytest.mark.parametrize("kept", [False, True])
async def test_atomic_requests_hold_for_events_too(kept):
    from django.db import connection

    page = await Page("/profile/").open()
    connection.settings_dict["ATOMIC_REQUESTS"] = not kept
    try:
        await page.send(event(1, "join", name="bob", fail=True))
        assert (await page.read())[3] == "handler_error"
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    assert await User.objects.filter(username="bob").aexists() is kept
    await page.close()


async def test_mount_and_handlers_may_be_async_and_use_the_database():
    page = await Page("/async/").open()
    await page.send(events((1, "join", {"name": "a"}), (2, "add", {}), (3, "join", {"name": "b"})))
    assert (await page.read())[:4] == [UPDATE, 0, 2, 3]
    assert await User.objects.acount() == 2
    await page.close()


async def test_a_mount_that_fails_only_on_the_socket_leaves_the_page_as_it_is():
    page = await (await Page("/broken-mount/").load()).connect()
    page.socket.scope["subprotocols"] = ["djust"]
    await page.send(hello(page.token))
    assert (await page.read())[0] == WELCOME
    error = await page.read()
    assert error[:4] == [ERROR, 0, 0, "mount_error"]
    assert "secret" not in error[4]
    await page.close()


async def test_a_template_that_fails_leaves_the_page_usable():
    page = await Page("/broken-template/").open()
    await page.send(event(1, "set", broken=True, count=1))
    assert (await page.read())[:4] == [ERROR, 0, 1, "render_error"]
    assert await page.read() == [ACK, 0, 1]
    await page.send(event(2, "set", broken=False, count=2))
    again = await page.read()
    assert again[:4] == [MOUNT, 0, 2, 2]
    assert "2" in str(again)
    await page.close()


async def test_a_slow_handler_keeps_the_order_and_a_ping_passes_it(page):
    gate.clear()
    await page.send(event(1, "slow"))
    await page.send(event(2, "add", amount=10))
    await page.send(message(3))
    assert await page.read() == [PONG]
    gate.set()
    assert (await page.read())[:4] == [UPDATE, 0, 2, 1]
    assert (await page.read())[:4] == [UPDATE, 0, 3, 2]


async def test_a_slow_handler_does_not_hold_other_sockets_up(page):
    gate.clear()
    others = [await Page("/counter/").open() for _ in range(3)]
    for other in others:
        await other.send(event(1, "slow"))
    await page.send(event(1, "add"))
    assert (await page.read())[0] == UPDATE
    gate.set()
    for other in others:
        assert (await other.read())[0] == UPDATE
        await other.close()


async def test_a_page_that_sends_faster_than_it_is_served_loses_nothing(page):
    for number in range(1, 101):
        await page.send(event(number, "add"))
    while (answer := await page.read())[3] < 100:
        assert answer[0] == UPDATE
    assert "100" in str(answer)


async def test_what_was_sent_before_the_page_closed_is_done():
    page = await Page("/profile/").open()
    await page.send(event(1, "join", name="first"))
    await page.send(event(2, "join", name="second"))
    await page.close()
    assert await User.objects.acount() == 2


async def test_events_run_on_threads_that_give_their_connections_back(page):
    before = set(asyncio.all_tasks())
    for number in range(1, 21):
        await page.send(event(number, "add"))
        await page.read()
    await asyncio.sleep(0.01)
    assert len(asyncio.all_tasks() - before) <= 1


async def test_another_address_is_no_live_socket():
    assert not await Socket(application, "/elsewhere/", [(b"host", b"testserver")]).connect()
