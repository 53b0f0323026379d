"""Bad clients against the live consumer: nothing runs that may not, nobody else notices."""

import asyncio
import random
import time

import pytest
from django.views.generic.base import View
from pages import Page
from wire import ACK, ERROR, UPDATE, event, events, hello, message, read

from djust import LiveView
from tests.site.views import CounterView

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = "This page has no such event."


def hostile_names():
    """Names of everything that a view has or could have, and spellings that resemble handlers."""
    view = CounterView()
    names = {
        *dir(view),
        *dir(View),
        *dir(LiveView),
        *dir(object),
        *dir(type),
        *dir(dict),
        *dir(str),
        *dir(list),
    }
    names |= {f"{name}.{part}" for name in ("add", "view", "request") for part in dir(object)}
    names |= {f"__class__.{name}" for name in dir(view)}
    names |= {f"{name}.__globals__" for name in dir(view)}
    names |= {f"{name}[0]" for name in dir(view)}
    names |= {f"view.{name}" for name in dir(view)}
    names |= {name.upper() for name in view._djust_handlers}
    names |= {f" {name}" for name in view._djust_handlers}
    names |= {f"{name}\0" for name in view._djust_handlers}
    names |= {f"{name}()" for name in view._djust_handlers}
    # Python would read these as the same identifiers (NFKC); a name on the wire is not Python.
    names |= {"ａdd", "𝐚𝐝𝐝", "ﬁ", "sſlow", "ａｄｄ", "add\u200b", "аdd"}
    names |= {"", ".", "..", "__init__.__globals__", "os.system", "../add", "add;add", "0"}
    # What every view answers to; tests of their own show what it refuses.
    return sorted(names - view._djust_callable.keys())


async def test_no_name_but_that_of_a_handler_runs_anything():
    names = hostile_names()
    assert len(names) >= 400
    page = await Page("/counter/").open()
    answers = set()
    for first in range(0, len(names), 50):
        batch = names[first : first + 50]
        await page.send(events(*((first + n, name, {}) for n, name in enumerate(batch, 1))))
        for number, _ in enumerate(batch, first + 1):
            kind, root, ident, *rest = await page.read()
            assert (kind, root, ident) == (ERROR, 0, number)
            answers.add(tuple(rest))
        assert await page.read() == [ACK, 0, first + len(batch)]
    assert answers == {("unknown_event", REFUSED)}
    await page.close()


def random_message(choose, token):
    """Something that is no conversation: noise, mutations of good frames, floods of markers."""
    good = choose.choice(
        [
            hello(token),
            event(1, "add", amount=1, text="x" * choose.randrange(40)),
            events((1, 0, {}), (2, "nothing", {"a": [1, {"b": None}]})),
            message(2, 0),
            message(4, 3),
        ]
    )
    kind = choose.randrange(6)
    if kind == 0:
        return choose.randbytes(choose.randrange(1, 200))
    if kind == 1:
        return good[: choose.randrange(len(good))]
    if kind == 2:
        return good + choose.randbytes(choose.randrange(1, 20))
    if kind == 3:
        marker = choose.choice([0x91, 0x81, 0xDC, 0xDD, 0xDE, 0xDF, 0xDB, 0xC6, 0xC9])
        return b"\x01\x01\x00\x01\xa3add\x81\xa1x" + bytes([marker]) * choose.randrange(1, 3000)
    mutated = bytearray(good)
    for _ in range(choose.randrange(1, 4)):
        mutated[choose.randrange(len(mutated))] = choose.randrange(256)
    return bytes(mutated)


async def test_thousands_of_bad_messages_disturb_nobody(caplog):
    choose = random.Random(12)
    good = await Page("/counter/").open()
    sent = closed = 0
    slowest = 0.0

    async def attack(messages):
        nonlocal sent, closed
        while messages:
            page = await Page("/counter/", browser=good.browser).connect()
            if choose.random() < 0.5:
                await page.send(hello(good.token))
            for _ in range(20):
                await page.send(random_message(choose, good.token))
                sent += 1
                messages -= 1
                await asyncio.sleep(0)
            await page.close()
            while not page.socket.output_queue.empty():
                output = page.socket.output_queue.get_nowait()
                if output["type"] == "websocket.close":
                    closed += 1
                    assert output["code"] in (1009, 4400, 4401, 4406)

    attacks = [asyncio.create_task(attack(500)) for _ in range(4)]
    number = 0
    while not all(task.done() for task in attacks):
        number += 1
        began = time.perf_counter()
        await good.send(event(number, "add"))
        assert (await good.read())[:4] == [UPDATE, 0, number + 1, number]
        slowest = max(slowest, time.perf_counter() - began)
        await asyncio.sleep(0.01)
    for task in attacks:
        task.result()
    await good.close()
    assert sent >= 2000
    assert closed > 50
    assert slowest < 10
    # One line for each closed socket or refused event, and no exception.
    assert not [record for record in caplog.records if record.exc_info]
    assert {record.name for record in caplog.records} <= {"djust.ws", "djust.security"}


@pytest.mark.parametrize("depth", [65, 1024, 20_000])
async def test_nesting_is_refused_at_once(depth):
    page = await Page("/counter/").open()
    began = time.perf_counter()
    await page.send(b"\x01\x01\x00\x01\xa3add\x81\xa1x" + b"\x91" * depth + b"\xc0")
    assert await page.closed() == 4400
    assert time.perf_counter() - began < 10


async def test_a_frame_at_the_limits_is_accepted():
    page = await Page("/counter/").open()
    nested = 1
    for _ in range(60):
        nested = [nested]
    params = {f"p{n}": "x" * 300 for n in range(98)} | {"nested": nested, "amount": 3}
    await page.send(event(1, "add", **params))
    answer = await page.read()
    assert answer[:4] == [UPDATE, 0, 2, 1]
    assert "3" in str(answer)
    await page.close()


def test_the_reader_reads_what_the_writer_wrote():
    assert read(event(1, "add", x=1)) == [1, 1, 0, 1, "add", {"x": 1}]
