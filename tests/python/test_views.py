"""Live views as pages: what Django serves of them without a socket."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import AsyncRequestFactory, Client, RequestFactory
from wire import token_in

from djust import LiveView, event_handler
from djust.security import read_token
from djust.views import state_of, words_of
from tests.site.views import CounterView, FragmentView

pytestmark = pytest.mark.django_db


def served(view, path="/", **kwargs):
    response = view.as_view()(RequestFactory().get(path), **kwargs)
    return response.content.decode()


def test_a_page_is_served_with_its_first_state():
    page = Client().get("/counter/5/?word=hello").content.decode()
    assert '<button dj-click="add">5</button><b>hello</b>' in page


def test_the_token_of_a_page_names_its_view_and_address():
    page = Client().get("/counter/5/?word=hello").content.decode()
    claims = read_token(token_in(page))
    assert claims[:3] == ("tests.site.views.CounterView", "/counter/5/", "word=hello")


def test_a_fragment_is_served_inside_a_small_page():
    page = Client().get("/fragment/").content.decode()
    assert page.startswith("<!doctype html>\n<html lang=")
    assert "<title>Fragment</title>" in page
    assert '<meta name="viewport"' in page
    assert re.search(r"<script [^>]*data-mount=", page)
    # Nothing else stands in the body: the whole body is the live region.
    assert page.endswith('<body><p class="n7">7</p></body></html>')


def test_the_small_page_takes_its_title_from_the_view():
    class TitledView(FragmentView):
        page_title = "Tom & Jerry"

    assert "<title>Tom &amp; Jerry</title>" in served(TitledView)


@pytest.mark.parametrize(
    ("name", "title"),
    [("CounterView", "Counter"), ("TodoListView", "Todo list"), ("View", "View"), ("A", "A")],
)
def test_the_name_of_a_class_makes_a_title(name, title):
    assert words_of(name) == title


def test_the_small_page_speaks_the_language_of_the_visitor():
    page = Client(headers={"accept-language": "de"}).get("/fragment/").content.decode()
    assert '<html lang="de">' in page


@pytest.mark.parametrize(
    "start",
    [
        "<!doctype html><p>",
        "<html><p>",
        "\n<!-- x -->\n<!---->\n<BODY><p>",
        "<title>x</title><body class=x>",
    ],
)
def test_a_whole_page_stays_as_it_is(start):
    class WholeView(LiveView):
        template_string = start

    assert served(WholeView) == start


@pytest.mark.parametrize("source", ["<!-- <html> --><p>", "<header>", "<!--", "x <html>"])
def test_what_only_resembles_a_page_is_a_fragment(source):
    class PartView(LiveView):
        template_string = source

    assert served(PartView).startswith("<!doctype html>\n<html lang=")


def test_no_shared_cache_may_keep_a_live_page():
    assert "private" in Client().get("/counter/").headers["Cache-Control"]


def test_other_methods_work_as_for_any_view():
    assert Client().head("/counter/").content == b""
    assert Client().options("/counter/").status_code == 200
    assert Client().post("/counter/").status_code == 405


def test_an_http_request_runs_no_event_handler():
    class DeletingView(FragmentView):
        @event_handler
        def delete(self, *args, **kwargs):
            raise AssertionError("called from outside")

    request = RequestFactory().delete("/")
    assert DeletingView.as_view()(request).status_code == 405


def test_a_form_may_still_be_posted_without_javascript():
    class PostedView(FragmentView):
        def post(self, request):
            return HttpResponse("posted")

    assert PostedView.as_view()(RequestFactory().post("/")).content == b"posted"


def test_an_async_mount_works_for_the_page():
    class AsyncView(FragmentView):
        async def mount(self, request, **kwargs):
            self.count = 9

    assert ">9</p>" in served(AsyncView)


def test_the_context_is_the_public_attributes_and_what_the_view_adds():
    class RichView(LiveView):
        template_string = "<html>"
        inherited = 1
        overridden = 1
        _private = 1

        class Nested:
            pass

        @property
        def trap(self):
            raise AssertionError("a property was read")

        def method(self):
            pass

        def mount(self, request, **kwargs):
            self.overridden = 2
            self.own = 3
            self.options = "also the name of a method of Django's views"
            self._hidden = 4

    view = RichView()
    view.setup(RequestFactory().get("/"))
    view.mount(view.request)
    state = {"inherited": 1, "overridden": 2, "own": 3, "options": view.options}
    assert state_of(view) == state
    assert view.get_context_data(more=5) == {**state, "more": 5, "view": view}


def test_an_attribute_of_the_view_beats_a_context_processor():
    class NamedView(LiveView):
        template_string = "<html>{{ user }}"

        def mount(self, request, **kwargs):
            self.user = "the view's"

    assert served(NamedView) == "<html>the view&#x27;s"


def test_a_view_without_a_template_says_so():
    class BareView(LiveView):
        pass

    with pytest.raises(ImproperlyConfigured, match=r"BareView needs a template"):
        served(BareView)


def test_a_template_of_another_language_is_refused(settings):
    class JinjaView(LiveView):
        template_name = "counter.html"

    backend = "django.template.backends.dummy.TemplateStrings"
    settings.TEMPLATES = [{"BACKEND": backend, "DIRS": settings.TEMPLATES[0]["DIRS"]}]
    with pytest.raises(ImproperlyConfigured, match="Django's template language"):
        served(JinjaView)


def test_the_first_template_that_exists_is_taken():
    class ListView(LiveView):
        template_name = ["no_such.html", "counter.html"]
        count = 3

    assert '<button dj-click="add">3</button>' in served(ListView)


def test_options_of_as_view_reach_the_view():
    response = FragmentView.as_view(template_string="<html>{{ count }}")(RequestFactory().get("/"))
    assert response.content == b"<html>7"


def test_a_page_that_cannot_connect_says_so_under_debug(settings, caplog):
    class StaticView(LiveView):
        template_string = "<html><p>"

    settings.DEBUG = True
    served(StaticView)
    assert "{% djust_client %}" in caplog.text
    caplog.clear()
    served(CounterView)
    assert "uvicorn" in caplog.text
    caplog.clear()
    CounterView.as_view()(AsyncRequestFactory().get("/"))
    assert caplog.text == ""


def test_pushing_without_a_socket_does_nothing():
    class PushingView(FragmentView):
        def mount(self, request, **kwargs):
            self.push_event("hello")

    assert ">7</p>" in served(PushingView)
