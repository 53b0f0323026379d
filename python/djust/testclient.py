"""A view class or the address of a page in; its state, HTML and frames after each event out.

The client runs the session of a real socket, with its dispatch, checks and frames, in the thread
of the test: no server, no event loop, and the database as the test sees it.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from copy import copy
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from djust import _native
from djust.mounting import DjangoSite, Handover, MountedView, class_named
from djust.rendering import LiveTemplate
from djust.security import read_token
from djust.session import Session
from djust.views import HANDOVER, LiveView, context_of, state_of


class LiveViewTestClient:
    """A page without a browser.

    ``view`` is a ``LiveView`` class, mounted with ``kwargs`` as if they came from the URL, or the
    address of a page of the site, which is then fetched and connected through the whole site.
    ``user`` is logged in. What a handler raises is raised in the test, and so is the refusal of an
    event (``djust.exceptions.EventError``); with ``raise_exceptions=False`` they are collected in
    ``errors`` instead, as a page would go on.

    >>> client = LiveViewTestClient(CounterView)
    >>> client.mount()
    >>> client.send_event("add", amount=2)
    >>> client.state["count"]
    2
    >>> assert ">2</button>" in client.html

    The views that a page has within it are clients of their own: ``client.child("cart")`` is the
    one with this id.
    """

    def __init__(
        self,
        view: type[LiveView] | str,
        /,
        *,
        user: Any = None,
        raise_exceptions: bool = True,
        **kwargs: Any,
    ) -> None:
        self.page = ""
        """The page as it was served, if the client was given an address."""
        self.frames: list[bytes] = []
        """What the last call sent to the page."""
        self.errors: list[Exception] = []
        """What went wrong so far."""
        self._raise = raise_exceptions
        self._events = 0
        self._user = user
        self._target = view
        self._kwargs = kwargs
        self._root = 0
        self._token = ""
        self._mounted: MountedView | None = None
        self._early: list[bytes] = []
        self._children: dict[str, LiveViewTestClient] = {}
        self._served: dict[str, str] = {}

    def mount(self) -> "LiveViewTestClient":
        """Opens the page and connects it. Called again, it starts anew. Returns itself."""
        self._events = 0
        self._mounted = None
        self._children = {}
        site: Any
        if isinstance(self._target, str):
            site, self._token = fetch(self._target, self._user, self)
        else:
            site = ClassSite(self._target, self._user, self._kwargs)
        self._opening = Opening(site)
        self._session = Session(self._opening, in_place, self._write, debug=settings.DEBUG)
        self._session.observer = self._observe
        is_live = self._token or not isinstance(self._target, str)
        roots = [(0, self._token)] if is_live else []
        self._answer(("hello", _native.PROTOCOL_VERSION, b"", roots))
        self._mounted = self._opening.latest
        # What a template has around its live region stays as it was served.
        served = dict(PLACE.findall(self.page))
        self._served = {id: served[id] for id in served.keys() - self._places().keys()}
        return self

    def child(self, id: str) -> "LiveViewTestClient":
        """The view that ``{% live_render … id=… %}`` put into this one, or into a page of the site.

        As in a browser, it connects when it is first asked for, and anew after it was away. Raises
        ``AssertionError`` if the page has no such view now.
        """
        token = self._places().get(id) or self._served.get(id)
        if token is None:
            raise AssertionError(f"there is no live view with the id {id!r}")
        known = self._children.get(id)
        if known is not None:
            if known._token == token:
                return known
            known._answer(("leave", known._root))
        child = copy(self)
        child.frames, child._children, child._served = [], {}, {}
        child._root = self._opening.count
        child._token = token
        child._events = 0
        child._mounted = self._opening.latest = None
        child._answer(("join", child._root, token))
        child._mounted = self._opening.latest
        self._children[id] = child
        return child

    def _places(self) -> dict[str, str]:
        """The tokens of the views in this one as it now is, by id."""
        if self._mounted is None:
            return {}
        return {id: place.token for id, place in self._mounted.view._djust.places.items()}

    def send_event(self, name: str, /, **params: Any) -> "LiveViewTestClient":
        """Sends one event, as a page would with these parameters. Returns itself."""
        return self.send_events((name, params))

    def send_events(
        self, *events: tuple[str, dict[str, Any]], target: str = ""
    ) -> "LiveViewTestClient":
        """Sends several events in one frame: they are answered by one render, which is of one part
        of the page, if their elements say ``dj-target``. Returns itself."""
        frame = []
        for name, params in events:
            self._events += 1
            frame.append((self._root, self._events, name, params, target))
        self._answer(("events", frame))
        return self

    @property
    def view(self) -> LiveView:
        """The view on the server's side."""
        if self._mounted is None:
            raise ImproperlyConfigured("The page is not connected: call mount() first.")
        return self._mounted.view

    @property
    def state(self) -> dict[str, Any]:
        """The public attributes of the view."""
        return state_of(self.view)

    @property
    def html(self) -> str:
        """The HTML of the template for the state as it now is."""
        view, mounted = self.view, self._mounted
        assert mounted is not None
        with mounted.environment.active():
            context = context_of(view, mounted.template)
            return LiveTemplate.of(mounted.template).render_html(context)

    def _answer(self, frame: tuple[Any, ...]) -> None:
        self._early.clear()
        last = finish(self._session.answer(frame))
        self.frames = [*self._early, *last]

    async def _write(self, frames: list[bytes]) -> None:
        """Keeps what a handler sent before it ended."""
        self._early += frames

    def _observe(self, error: Exception) -> None:
        self.errors.append(error)
        if self._raise:
            raise error


PLACE = re.compile(r'<div id="([^"]*)" dj-view="[^"]*" dj-token="([^"]*)"')


class ClassSite:
    """Mounts a view class, and the views within it, without any URL configuration or middleware."""

    def __init__(self, view: type[LiveView], user: Any, kwargs: dict[str, Any]) -> None:
        self.view = view
        self.user = user
        self.kwargs = kwargs

    def open(self, token: str) -> MountedView:
        request: Any = RequestFactory().get("/")
        if apps.is_installed("django.contrib.sessions"):
            request.session = import_module(settings.SESSION_ENGINE).SessionStore()
        if apps.is_installed("django.contrib.auth"):
            from django.contrib.auth.models import AnonymousUser

            request.user = self.user or AnonymousUser()
        if apps.is_installed("django.contrib.messages"):
            from django.contrib.messages.storage import default_storage

            request._messages = default_storage(request)
        handover = Handover(token)
        setattr(request, HANDOVER, handover)
        view, kwargs = self.view, self.kwargs
        if token:
            claims = read_token(token)
            view, kwargs = class_named(claims.view), dict(claims.arguments)
        response = view.as_view()(request, **kwargs)
        if isinstance(handover.outcome, MountedView):
            return handover.outcome
        raise AssertionError(
            f"{view.__qualname__} answered with status {response.status_code}, not with a page"
        )


class Opening:
    """A site whose views run their async handlers to the end at once."""

    def __init__(self, site: Any) -> None:
        self.site = site
        self.latest: MountedView | None = None
        self.count = 1

    def open(self, token: str) -> MountedView:
        mounted = self.site.open(token)
        run = async_to_sync(mounted.run_async)

        async def call_async(*arguments: Any) -> None:
            run(*arguments)

        mounted.call_async = call_async
        self.latest = mounted
        self.count += 1
        return mounted


def fetch(path: str, user: Any, live: LiveViewTestClient) -> tuple[DjangoSite, str]:
    """Fetches a page; returns the site as its socket would see it, and the page's token."""
    browser = Client()
    if user is not None:
        browser.force_login(user)
    response = browser.get(path)
    live.page = response.content.decode()
    _, found, rest = live.page.partition('data-mount="')
    if response.status_code != 200 or not (found or PLACE.search(live.page)):
        raise AssertionError(
            f"{path} answered with status {response.status_code} and "
            f"{'a' if found else 'no'} live page"
        )
    headers = [(b"host", b"testserver"), (b"cookie", cookie_header(browser.cookies))]
    scope: Any = {"type": "websocket", "path": "/djust/live/", "headers": headers}
    return DjangoSite(scope), rest.partition('"')[0]


def cookie_header(cookies: SimpleCookie) -> bytes:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items()).encode()


async def in_place(work: Callable[[], Any]) -> Any:
    """Runs work in the thread of the test, also for an async handler, which has an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    return await sync_to_async(work)()


def finish(steps: Coroutine[Any, Any, list[bytes]]) -> list[bytes]:
    """The result of a coroutine that never waits, without an event loop.

    Under an event loop Django would refuse to use the database in this thread.
    """
    try:
        steps.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the session waited for something outside of the test")
