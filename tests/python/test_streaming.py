"""Streams and early updates: what leaves a handler before it ends, and what waits for its answer."""

import pytest
from django.contrib.auth.models import User
from wire import ACK, PUSH, UPDATE, read

from djust import LiveView, event_handler
from djust.testclient import LiveViewTestClient


class FeedView(LiveView):
    template_string = '<ul dj-stream="feed"></ul><b>{{ done }}</b>'
    done = 0

    @event_handler
    async def post(self, text: str):
        await self.stream_insert("feed", f"<li>{text}</li>", limit=10)
        self.done += 1
        await self.push_state()
        await self.stream_to("feed", target="#feed")
        self.done += 1

    @event_handler
    def post_at_once(self, **options):
        self.stream_insert("feed", "<li>1</li>", **options)
        self.stream_replace("feed", "#a", "<li id=a>2</li>")
        self.stream_delete("feed", "#b")

    @event_handler
    async def count_users(self):
        self.done = await User.objects.acount()
        await self.push_state()


def sent(client):
    return [read(frame) for frame in client.frames]


def test_what_is_awaited_leaves_before_the_answer():
    client = LiveViewTestClient(FeedView).mount().send_event("post", text="hello")
    insert, first, again, last = sent(client)
    assert insert == [PUSH, 0, "djust:stream", ["feed", "insert", "<li>hello</li>", -1, 10]]
    assert (first[0], first[3]) == (UPDATE, 0)
    assert again == [ACK, 0, 0], "nothing changed in between"
    assert (last[0], last[3]) == (UPDATE, 1)


def test_elsewhere_it_leaves_with_the_answer_in_order():
    client = LiveViewTestClient(FeedView).mount().send_event("post_at_once", at="prepend")
    assert sent(client) == [
        [ACK, 0, 1],
        [PUSH, 0, "djust:stream", ["feed", "insert", "<li>1</li>", 0, 0]],
        [PUSH, 0, "djust:stream", ["feed", "replace", "#a", "<li id=a>2</li>"]],
        [PUSH, 0, "djust:stream", ["feed", "delete", "#b"]],
    ]


@pytest.mark.parametrize(
    "options", [{"at": "middle"}, {"at": -2}, {"at": True}, {"limit": 0}, {"limit": True}]
)
def test_what_makes_no_sense_is_refused_by_name(options):
    client = LiveViewTestClient(FeedView).mount()
    with pytest.raises(ValueError, match=next(iter(options))):
        client.send_event("post_at_once", **options)


@pytest.mark.django_db
def test_an_async_handler_may_use_the_database_between():
    User.objects.create_user("ada")
    client = LiveViewTestClient(FeedView).mount().send_event("count_users")
    assert client.state["done"] == 1
