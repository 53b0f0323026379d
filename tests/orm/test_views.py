"""Live views with querysets: over HTTP, over a socket, async, switched off; no thread keeps a database."""

import threading

import pytest
from asgiref.sync import sync_to_async
from data import fill
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from pages import Page
from wire import UPDATE, event

from djust.conf import Config, problems_of
from djust.testing import LiveViewTestClient
from tests.orm.shop.models import Author, Tagging
from tests.orm.views import BooksView, KeptView


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured.captured_queries)


def test_a_page_takes_two_queries():
    assert queries(lambda: Client().get("/books/")) == 2


def test_an_event_takes_two_queries_more_than_its_handler():
    client = LiveViewTestClient(BooksView).mount()
    assert queries(lambda: client.send_event("rename", title="New")) == 2 + 2
    assert "New by Author 0" in client.html


def test_a_queryset_that_a_view_keeps_is_evaluated_once():
    view = LiveViewTestClient(KeptView)
    assert queries(view.mount) == 3
    assert queries(lambda: view.send_event("touch")) == 1
    Tagging.objects.all().delete()
    view.send_event("touch")
    assert "#t" not in view.html
    Author.objects.update(name="Someone")
    assert "Someone" not in view.html


def test_a_view_may_opt_out():
    class Plain(BooksView):
        plan_queries = False

    assert queries(LiveViewTestClient(Plain).mount) == 1 + 54 + 54


def test_a_site_may_switch_it_off(settings):
    settings.DJUST = {"QUERIES": False}
    assert queries(LiveViewTestClient(BooksView).mount) == 1 + 54 + 54


def test_the_setting_is_true_or_false():
    assert Config().queries
    assert problems_of({"QUERIES": 1}) == ["DJUST['QUERIES'] must be True or False, not 1."]
    assert not problems_of({"QUERIES": False})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/books/", "/async/"])
async def test_sockets_render_in_threads_which_give_their_connections_back(path):
    await sync_to_async(fill)()
    opened = []

    def note(sender, connection, **kwargs):
        opened.append((threading.current_thread().name, connection))

    connection_created.connect(note)
    try:
        page = await Page(path).open()
        await page.send(event(1, "rename", title="Renamed"))
        assert (await page.read())[:4] == [UPDATE, 0, 2, 1]
        await page.close()
    finally:
        connection_created.disconnect(note)
    rendering = [each for name, each in opened if name.startswith("djust")]
    assert rendering
    assert all(each.connection is None for each in rendering)


@pytest.mark.django_db(transaction=True)
async def test_a_first_page_is_rendered_off_the_event_loop():
    await sync_to_async(fill)()
    response = await AsyncClient().get("/async/")
    assert "Book 00 by Author 0" in response.content.decode()
    # The test's own requests ran in a thread that nobody looks after.
    await sync_to_async(connections.close_all)()
