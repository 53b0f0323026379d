"""The session: one frame in, its answers out, with a view that is not Django's."""

import asyncio

import pytest
from wire import (
    ACK,
    ERROR,
    MOUNT,
    PONG,
    PUSH,
    RESYNC,
    UPDATE,
    WELCOME,
    event,
    events,
    hello,
    message,
    read,
)

from djust import debounce, event_handler, rate_limit
from djust.exceptions import CloseSocket
from djust.handlers import handlers_of
from djust.session import Session


class Todo:
    """What a live view would be, without Django."""

    def __init__(self):
        self.count = 0
        self.waits = []

    @event_handler
    def add(self, amount: int = 1):
        self.count += amount

    @event_handler
    async def add_later(self, amount: int = 1):
        await asyncio.sleep(0)
        self.count += amount

    @event_handler
    async def add_in_steps(self):
        for _ in range(2):
            self.count += 1
            await self.send(True)
        self.count += 1

    @event_handler
    def nothing(self):
        pass

    @event_handler
    def fail(self):
        self.count += 100
        raise RuntimeError("a secret detail")

    @rate_limit(rate=2, burst=3)
    def publish(self):
        self.count += 1

    @rate_limit(rate=0.1, burst=1)
    async def publish_later(self):
        self.count += 1

    @debounce(wait=0.25)
    def search(self, value: str = ""):
        pass

    def plain(self):
        raise AssertionError("called from outside")

    @property
    def trap(self):
        raise AssertionError("a property was read")


class Mounted:
    """The view with the plainest renderer: its frame is the text of its count."""

    name = "Todo"

    def __init__(self, log):
        self.targets = []
        self.handlers = handlers_of(Todo)
        self.view = Todo()
        self.log = log
        self.sent = None
        self.pushed = []
        self.fails = False

    def admit(self, handler):
        return self.view.waits.pop(0) if self.view.waits else None

    def call(self, handler, arguments, keywords):
        self.log.append(handler.name)
        handler.function(self.view, *arguments, **keywords)

    async def call_async(self, handler, arguments, keywords):
        self.log.append(handler.name)
        await handler.function(self.view, *arguments, **keywords)

    def mount_frame(self, table, root, seq, ack, handlers):
        self.sent = self.view.count
        return message(MOUNT, root, seq, ack) + (handlers or b"\xc0") + message(str(self.sent))

    def update_frame(self, table, root, seq, ack, targets):
        self.log.append("render")
        self.targets.append(targets)
        if self.fails:
            raise LookupError("a secret detail")
        if self.sent is None:
            return self.mount_frame(table, root, seq, ack, None)
        if self.sent == self.view.count:
            return None
        self.sent = self.view.count
        return message(UPDATE, root, seq, ack, str(self.sent))

    def finds(self, target):
        return target != "#nowhere"

    def forget(self):
        self.sent = None

    def take_pushed(self):
        pushed, self.pushed = self.pushed, []
        return pushed

    def sends_by(self, send):
        self.view.send = send


class Site:
    """Mounts a view for every token but the bad ones."""

    def __init__(self):
        self.log = []
        self.mounted = {}

    def open(self, token):
        if token == "forged":
            raise CloseSocket(4401, "the token is not valid")
        if token == "broken":
            raise RuntimeError("a secret detail")
        self.mounted[token] = Mounted(self.log)
        return self.mounted[token]


class Page:
    """A session and the page's end of it."""

    def __init__(self, **options):
        self.site = Site()
        self.calls = 0
        self.early = []
        self.session = Session(self.site, self.call, self.write, **options)

    async def write(self, frames):
        self.early += [read(frame) for frame in frames]

    async def call(self, work):
        self.calls += 1
        return work()

    async def send(self, data):
        return [read(frame) for frame in await self.session.answer(Session.decode(data))]


@pytest.fixture
async def page():
    page = Page()
    await page.send(hello("a"))
    page.calls = 0
    return page


async def test_hello_is_answered_with_welcome_and_a_mount_frame_with_the_handlers():
    welcome, mount = await Page(heartbeat=25).send(hello("a"))
    assert welcome == [WELCOME, 1, 25_000]
    handlers = [
        ["add", None],
        ["add_later", None],
        ["add_in_steps", None],
        ["nothing", None],
        ["fail", None],
        ["publish", None],
        ["publish_later", None],
        ["search", {1: [250, None]}],
    ]
    assert mount == [MOUNT, 0, 1, 0, handlers, "0"]


async def test_what_a_handler_shows_before_it_ends_does_not_answer_its_event(page):
    assert await page.send(event(1, "add_in_steps")) == [[UPDATE, 0, 4, 1, "3"]]
    assert page.early == [[UPDATE, 0, 2, 0, "1"], [UPDATE, 0, 3, 0, "2"]]
    assert page.site.mounted["a"].view.send is None


async def test_an_event_is_answered_with_the_update_that_holds_it(page):
    assert await page.send(event(1, 0, amount="5")) == [[UPDATE, 0, 2, 1, "5"]]
    assert await page.send(event(2, "add")) == [[UPDATE, 0, 3, 2, "6"]]


async def test_an_event_that_changes_nothing_is_acknowledged(page):
    assert await page.send(event(1, "nothing")) == [[ACK, 0, 1]]
    assert await page.send(event(2, "add")) == [[UPDATE, 0, 2, 2, "1"]]


async def test_the_events_of_a_frame_run_in_order_with_one_render_and_one_call(page):
    frame = events((1, "add", {}), (2, "nothing", {}), (3, "add", {"amount": 2}))
    assert await page.send(frame) == [[UPDATE, 0, 2, 3, "3"]]
    assert page.site.log == ["add", "nothing", "add", "render"]
    assert page.calls == 1


async def test_async_handlers_keep_their_place(page):
    frame = events((1, "add", {}), (2, "add_later", {}), (3, "add", {}))
    assert await page.send(frame) == [[UPDATE, 0, 2, 3, "3"]]
    assert page.site.log == ["add", "add_later", "add", "render"]


async def test_a_render_is_of_the_targets_of_all_events_or_of_everything(page):
    def sent(*targets):
        return events(*((n + 1, "add", *([t] if t else []), {}) for n, t in enumerate(targets)))

    for targets in [("#a",), ("#a", "#b", "#a"), ("#a", ""), ("",)]:
        page.session.roots[0].ack = 0
        await page.send(sent(*targets))
    await page.send(event(9, "add"))
    assert page.site.mounted["a"].targets == [["#a"], ["#a", "#b"], [], [], []]


async def test_a_target_that_is_nowhere_is_told_to_developers():
    nowhere = events((1, "add", "#nowhere", {}))
    for debug in (True, False):
        page = Page(debug=debug)
        await page.send(hello("a"))
        *told, update = await page.send(nowhere)
        assert update == [UPDATE, 0, 2, 1, "1"]
        message = 'dj-target="#nowhere" names no element of this view: all of it was rendered.'
        assert told == ([[ERROR, 0, 0, "target", message]] if debug else [])


async def test_a_limit_that_is_counted_elsewhere_is_asked_first(page):
    page.site.mounted["a"].view.waits = [0.0, 30.0, 0.0, 30.0]
    sent = [(1, "publish", {}), (2, "publish", {}), (3, "publish_later", {})]
    often = "This came too often. Please try again in 30 seconds."
    refused = [[ERROR, 0, number, "rate_limited", often] for number in (2, 4)]
    frame = events(*sent, (4, "publish_later", {}))
    assert await page.send(frame) == [*refused, [UPDATE, 0, 2, 4, "2"]]
    assert page.calls == 4, "the first two, each async handler's limit, and the render"


async def test_an_event_that_comes_again_is_not_run_again(page):
    await page.send(event(1, "add"))
    assert await page.send(events((1, "add", {}), (2, "add", {}))) == [[UPDATE, 0, 3, 2, "2"]]
    assert await page.send(event(2, "add")) == [[ACK, 0, 2]]


async def test_unknown_and_forbidden_names_get_the_same_bytes(page):
    names = sorted({*dir(Todo), *dir(Mounted), "no_such", "", "add.__func__", "ａdd", "view"})
    names = [name for name in names if name not in handlers_of(Todo)]
    answers = set()
    for name in [*names, 8, 99, 2**31]:
        refused, ack = await page.send(event(1, name))
        assert ack == [ACK, 0, page.session.roots[0].ack]
        answers.add(str(refused))
        page.session.roots[0].ack = 0
    assert answers == {str([ERROR, 0, 1, "unknown_event", "This page has no such event."])}


async def test_a_wrong_parameter_is_named_and_the_page_goes_on(page):
    refused, ack = await page.send(event(1, "add", amount="many"))
    assert refused == [ERROR, 0, 1, "invalid_params", '"amount" must be a whole number.']
    assert ack == [ACK, 0, 1]
    assert await page.send(event(2, "add")) == [[UPDATE, 0, 2, 2, "1"]]


async def test_a_handler_that_raises_is_reported_and_what_it_changed_is_shown(page):
    error, update = await page.send(event(1, "fail"))
    assert error == [ERROR, 0, 1, "handler_error", "Something went wrong. Please try again."]
    assert update == [UPDATE, 0, 2, 1, "100"]
    assert await page.send(event(2, "add")) == [[UPDATE, 0, 3, 2, "101"]]


async def test_an_event_beyond_its_rate_is_refused_with_a_hint_and_later_ones_run():
    now = 5.0
    page = Page(clock=lambda: now)
    await page.send(hello("a"))
    too_often = [ERROR, 0, 4, "rate_limited", "This came too often. Please try again in 1 second."]
    sent = [(number, "publish", {}) for number in (1, 2, 3, 4)]
    assert await page.send(events(*sent)) == [too_often, [UPDATE, 0, 2, 4, "3"]]
    assert await page.send(event(5, "add")) == [[UPDATE, 0, 3, 5, "4"]], "other handlers run"
    now += 0.5
    assert await page.send(event(6, "publish")) == [[UPDATE, 0, 4, 6, "5"]]
    refused = [ERROR, 0, 8, "rate_limited", "This came too often. Please try again in 10 seconds."]
    sent = [(number, "publish_later", {}) for number in (7, 8)]
    assert await page.send(events(*sent)) == [refused, [UPDATE, 0, 5, 8, "6"]]


async def test_each_view_has_its_own_rates():
    page = Page(clock=lambda: 5.0)
    await page.send(hello("a", "b"))
    for root in (0, 1):
        sent = [(number, "publish", {}) for number in (1, 2, 3)]
        assert await page.send(events(*sent, root=root)) == [[UPDATE, root, 2, 3, "3"]]


async def test_the_handlers_travel_once_since_they_cannot_change(page):
    (mount,) = await page.send(message(RESYNC, 0))
    assert mount[0] == MOUNT
    assert mount[4] is None


async def test_debug_tells_the_page_the_traceback():
    page = Page(debug=True)
    await page.send(hello("a"))
    error, _ = await page.send(event(1, "fail"))
    assert "RuntimeError: a secret detail" in error[4]
    assert len(error[4]) <= 16_000


async def test_a_render_that_fails_is_reported_and_the_next_one_sends_everything(page):
    page.site.mounted["a"].fails = True
    error, ack = await page.send(event(1, "add"))
    assert error == [
        ERROR,
        0,
        1,
        "render_error",
        "The page could not be updated. Please try again.",
    ]
    assert ack == [ACK, 0, 1]
    page.site.mounted["a"].fails = False
    assert await page.send(event(2, "add")) == [[MOUNT, 0, 2, 2, None, "2"]]


async def test_pushed_events_follow_the_update_they_belong_to(page):
    page.site.mounted["a"].pushed = [("saved", {"id": 3}), ("done", None)]
    assert await page.send(event(1, "add")) == [
        [UPDATE, 0, 2, 1, "1"],
        [PUSH, 0, "saved", {"id": 3}],
        [PUSH, 0, "done", None],
    ]


async def test_a_pushed_event_that_cannot_be_sent_is_reported_after_the_update(page):
    page.site.mounted["a"].pushed = [("saved", object()), ("done", None)]
    update, error, push = await page.send(event(1, "add"))
    assert update[0] == UPDATE
    assert error[:4] == [ERROR, 0, 1, "handler_error"]
    assert push == [PUSH, 0, "done", None]


async def test_a_resync_gets_the_full_tree(page):
    await page.send(event(1, "add"))
    assert await page.send(message(2, 0)) == [[MOUNT, 0, 3, 1, None, "1"]]


async def test_views_of_one_page_are_numbered_and_rendered_apart():
    page = Page()
    await page.send(hello("a", "b"))
    frame = message(1, 3, 0, 1, "add", {}, 1, 1, "add", {"amount": 5}, 0, 2, "add", {})
    assert await page.send(frame) == [[UPDATE, 0, 2, 2, "2"], [UPDATE, 1, 2, 1, "5"]]


async def test_a_view_that_left_is_forgotten(page):
    assert await page.send(message(4, 0)) == []
    refused = [ERROR, 0, 1, "unknown_root", "This part of the page is not connected."]
    assert await page.send(event(1, "add")) == [refused]
    assert await page.send(message(4, 0)) == []
    assert (await page.send(message(2, 0)))[0][0] == ERROR


async def test_a_ping_is_answered_also_before_hello():
    assert await Page().send(message(3)) == [[PONG]]


async def test_a_mount_that_fails_is_reported_and_the_other_views_work():
    page = Page()
    _, error, mount = await page.send(hello("broken", "b"))
    assert error[:4] == [ERROR, 0, 0, "mount_error"]
    assert "secret" not in error[4]
    assert mount[:2] == [MOUNT, 1]


async def test_errors_are_logged_with_view_and_event_but_without_parameters(page, caplog):
    await page.send(event(1, "fail", password="hunter2"))
    await page.send(event(2, "no\nsuch" + "x" * 100, password="hunter2"))
    await page.send(event(3, "add", amount="hunter2"))
    failed, refused, wrong = caplog.records
    assert failed.name == "djust.events"
    assert failed.getMessage() == "event failed: view=Todo event=fail"
    assert failed.exc_info
    assert refused.name == wrong.name == "djust.security"
    assert "\n" not in refused.getMessage()
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (hello("forged"), 4401),
        (hello("a", version=2), 4406),
        (message(0, 1, b"", 2, 0, "a", 0, "b"), 4400),
        (event(1, "add"), 4400),
        (message(2, 0), 4400),
        (message(4, 0), 4400),
    ],
)
async def test_what_cannot_begin_a_conversation_ends_it(frame, code):
    with pytest.raises(CloseSocket) as raised:
        await Page().send(frame)
    assert raised.value.code == code


async def test_a_second_hello_ends_the_conversation(page):
    with pytest.raises(CloseSocket) as raised:
        await page.send(hello("a"))
    assert raised.value.code == 4400
