"""Windows on long lists: what is read of them, and what a page may ask for."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from djust import LiveView, VirtualList
from djust.exceptions import InvalidParams
from djust.testclient import LiveViewTestClient


class RowsView(LiveView):
    template_string = (
        '<div dj-virtual="rows" dj-virtual-total="{{ rows.total }}"'
        ' dj-virtual-start="{{ rows.start }}">'
        "{% for row in rows.window %}<p id={{ row }}>{{ row }}</p>{% endfor %}</div>"
    )

    def mount(self, request, **kwargs):
        self.rows = VirtualList(range(100_000), size=3)
        self.plain = [1, 2, 3]
        self._private = VirtualList([1])


def test_a_window_moves_and_stays_inside_the_list():
    rows = VirtualList(list("abcde"), size=2)
    for start, size, window in [
        (0, 2, "ab"),
        (3, 2, "de"),
        (4, 2, "de"),
        (9, 9, "abcde"),
        (-5, 0, "a"),
    ]:
        rows.show(start, size)
        assert rows.total == 5
        assert "".join(rows.window) == window
    rows = VirtualList([])
    rows.show(5, 5)
    assert (rows.total, rows.start, rows.window) == (0, 0, [])


def test_a_list_that_became_shorter_has_an_end():
    source = list(range(10))
    rows = VirtualList(source, size=2)
    rows.show(8, 2)
    del source[4:]
    assert (rows.total, rows.start, list(rows.window)) == (4, 2, [2, 3])


def test_the_page_asks_for_another_window():
    client = LiveViewTestClient(RowsView).mount()
    assert 'dj-virtual-total="100000" dj-virtual-start="0"' in client.html
    client.send_event("update_window", name="rows", start=99_998, size=4)
    assert "<p id=99996>" in client.html
    assert "<p id=99999>" in client.html
    assert client.html.count("<p") == 4
    client.send_event("update_window", name="rows", start=0, size=10**6)
    assert client.html.count("<p") == 500


@pytest.mark.parametrize("name", ["plain", "_private", "missing", "rows.source", "__class__", ""])
def test_only_lists_of_the_view_have_a_window(name):
    client = LiveViewTestClient(RowsView).mount()
    with pytest.raises(InvalidParams, match="name"):
        client.send_event("update_window", name=name, start=0, size=5)


@pytest.mark.parametrize(("source", "size"), [({1, 2}, 5), (iter([1]), 5), ([1], 0), ([1], 501)])
def test_what_has_no_window_is_refused(source, size):
    with pytest.raises((TypeError, ValueError), match="VirtualList"):
        VirtualList(source, size)


@pytest.mark.django_db
def test_of_a_queryset_a_slice_is_read():
    User.objects.bulk_create(User(username=f"user{n:03}") for n in range(100))
    rows = VirtualList(User.objects.order_by("username"), size=5)
    rows.show(50, 5)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert (rows.total, next(user.username for user in rows.window)) == (100, "user050")
    assert len(queries) == 2
    assert "LIMIT 5 OFFSET 50" in queries[-1]["sql"]
