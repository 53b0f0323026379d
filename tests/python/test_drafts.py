"""``DraftModeMixin``: what a view says of its drafts, and to whom."""

import pytest
from django.contrib.auth.models import User
from wire import MOUNT, PUSH, WELCOME, read

from djust import DraftModeMixin, LiveView, event_handler, mixins
from djust.exceptions import DeclarationError
from djust.testclient import LiveViewTestClient


class LetterView(mixins.DraftModeMixin, LiveView):
    template_string = "<form dj-submit='send'><input name='to'></form>{{ draft_key }}"
    draft_key = "letter"
    draft_ttl = 60

    def mount(self, request, letter=None, **kwargs):
        if letter:
            self.draft_key = f"letter-{letter}"
        self.sent = []

    @event_handler
    def send(self, to: str):
        self.sent.append(to)
        if to == "nobody":
            self.keep_draft()
        if to == "everybody":
            self.clear_draft()


def said(client):
    """What the last call told the page of its drafts."""
    frames = [read(frame) for frame in client.frames]
    return [frame[3] for frame in frames if frame[:3] == [PUSH, 0, "djust:drafts"]]


def test_the_page_hears_of_it_right_after_the_first_tree():
    client = LiveViewTestClient(LetterView).mount()
    assert [read(frame)[0] for frame in client.frames] == [WELCOME, MOUNT, PUSH]
    view = f"{LetterView.__module__}.LetterView"
    assert said(client) == [{"key": "letter", "ttl": 60_000, "user": "visitor", "view": view}]


def test_the_key_may_be_that_of_what_is_edited():
    assert said(LiveViewTestClient(LetterView, letter=7).mount())[0]["key"] == "letter-7"


@pytest.mark.django_db
def test_a_user_is_told_apart_by_something_that_says_nothing_of_them(settings):
    users = [User.objects.create(username=name) for name in ("ada", "bob")]
    keys = [
        said(LiveViewTestClient(LetterView, user=user).mount())[0]["user"]
        for user in (*users, users[0])
    ]
    assert keys[0] == keys[2] != keys[1]
    assert all(len(key) == 20 for key in keys)
    settings.SECRET_KEY = "another one"
    key = said(LiveViewTestClient(LetterView, user=users[0]).mount())[0]["user"]
    assert key not in keys


def test_a_view_says_which_drafts_go_and_stay():
    client = LiveViewTestClient(LetterView).mount()
    assert said(client.send_event("send", to="ada")) == []
    assert said(client.send_event("send", to="nobody")) == [{"keep": True}]
    assert said(client.send_event("send", to="everybody")) == [{"clear": True}]


def test_options_are_no_state_and_no_page_writes_them():
    client = LiveViewTestClient(LetterView, raise_exceptions=False).mount()
    assert client.state == {"sent": []}
    for name in ("draft_key", "draft_ttl"):
        client.send_event("update_model", field=name, value="1")
    assert len(client.errors) == 2
    assert (client.view.draft_key, client.view.draft_ttl) == ("letter", 60)


def test_the_metadata_names_them():
    metadata = LetterView()._extract_handler_metadata()
    assert metadata["_draft_mode"] == {"enabled": True, "key": "letter", "ttl": 60}
    assert "send" in metadata


def test_without_options_drafts_live_for_an_hour():
    assert DraftModeMixin.draft_key == "form_draft"
    assert DraftModeMixin.draft_ttl == 3600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("draft_key", ""),
        ("draft_key", 3),
        ("draft_ttl", 0),
        ("draft_ttl", "1"),
        ("draft_ttl", True),
        ("draft_ttl", float("inf")),
    ],
)
def test_a_wrong_option_fails_at_import_and_names_the_class(name, value):
    with pytest.raises(DeclarationError, match=rf"WrongView\.{name}"):
        type("WrongView", (DraftModeMixin, LiveView), {name: value})


def test_bases_in_the_wrong_order_fail_at_import():
    with pytest.raises(DeclarationError, match="WrongView would keep no drafts"):
        type("WrongView", (LiveView, DraftModeMixin), {})
