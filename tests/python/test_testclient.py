"""``LiveViewTestClient``: what users test their views with."""

import pytest
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from wire import ACK, ERROR, MOUNT, PUSH, UPDATE, WELCOME, read

from djust import LiveView, event_handler
from djust.exceptions import InvalidParams, MountRefused, UnknownEvent
from djust.testclient import LiveViewTestClient
from tests.site.views import CounterView, FragmentView, PrivateView, ProfileView


def kinds(client):
    return [read(frame)[0] for frame in client.frames]


def test_a_view_class_is_mounted_and_takes_events():
    client = LiveViewTestClient(CounterView, start=3).mount()
    assert client.state == {"count": 3, "word": ""}
    assert kinds(client) == [WELCOME, MOUNT]
    client.send_event("add", amount="2")
    assert client.state["count"] == client.view.count == 5
    assert '<button dj-click="add">5</button>' in client.html
    assert kinds(client) == [UPDATE]
    assert kinds(client.send_event("nothing")) == [ACK]


def test_several_events_are_answered_by_one_render():
    client = LiveViewTestClient(CounterView).mount()
    client.send_events(("add", {}), ("add_later", {}), ("add", {"amount": 5}))
    assert client.state["count"] == 7
    assert kinds(client) == [UPDATE]


def test_pushed_events_are_among_the_frames():
    client = LiveViewTestClient(CounterView).mount().send_event("announce", x=1)
    assert read(client.frames[1]) == [PUSH, 0, "announced", {"x": 1}]


def test_what_a_handler_raises_is_raised():
    client = LiveViewTestClient(CounterView).mount()
    with pytest.raises(RuntimeError, match="a secret detail"):
        client.send_event("fail")
    with pytest.raises(UnknownEvent):
        client.send_event("undecorated")
    with pytest.raises(InvalidParams, match="amount"):
        client.send_event("add", amount="many")


def test_errors_can_be_collected_instead():
    client = LiveViewTestClient(CounterView, raise_exceptions=False).mount()
    client.send_event("fail").send_event("add")
    assert [type(error) for error in client.errors] == [RuntimeError]
    assert client.state["count"] == 101
    client.send_event("undecorated")
    assert kinds(client) == [ERROR, ACK]


@pytest.mark.django_db
def test_a_page_is_fetched_and_connected_through_the_whole_site():
    user = User.objects.create_user("ada")
    client = LiveViewTestClient("/profile/", user=user).mount()
    assert "ada testserver Monday /profile/ 1" in client.page
    assert "ada testserver Monday /profile/ 1" in client.html
    client.send_event("join", name="bob")
    assert "ada testserver Monday /profile/ 2" in client.html


def test_a_class_may_use_messages():
    class SayingView(LiveView):
        template_string = "{% for message in messages %}{{ message }}{% endfor %}"

        @event_handler
        def say(self, text):
            messages.info(self.request, text)

    assert LiveViewTestClient(SayingView).mount().send_event("say", text="hello").html == "hello"


@pytest.mark.django_db
def test_the_whole_site_decides_who_may_connect():
    with pytest.raises(AssertionError, match="status 302"):
        LiveViewTestClient("/private/").mount()
    with pytest.raises(AssertionError, match="no live page"):
        LiveViewTestClient("/plain/").mount()


@pytest.mark.django_db
def test_a_class_is_mounted_for_a_user():
    user = User.objects.create_user("ada")
    assert LiveViewTestClient(PrivateView, user=user).mount().state == {"count": 7}
    with pytest.raises(AssertionError, match="status 302"):
        LiveViewTestClient(PrivateView).mount()


def test_a_mount_that_fails_raises():
    with pytest.raises(AttributeError, match="tenant"):
        LiveViewTestClient(ProfileView).mount()


def test_a_client_that_is_not_mounted_says_so():
    with pytest.raises(ImproperlyConfigured, match="mount"):
        LiveViewTestClient(FragmentView).state  # noqa: B018


def test_mounting_again_starts_anew():
    client = LiveViewTestClient(FragmentView).mount().send_event("add")
    assert client.mount().state == {"count": 7}
    assert client.send_event("add").state == {"count": 8}


def test_the_client_is_part_of_the_public_testing_module():
    from djust import testing

    assert testing.LiveViewTestClient is LiveViewTestClient


@pytest.mark.django_db
def test_a_lost_login_between_page_and_socket_is_refused(monkeypatch):
    from djust import testclient

    monkeypatch.setattr(testclient, "cookie_header", lambda cookies: b"")
    with pytest.raises(MountRefused):
        LiveViewTestClient("/private/", user=User.objects.create_user("ada")).mount()
