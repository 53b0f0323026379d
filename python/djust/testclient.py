"""A view class or the address of a page in; its state, HTML and frames after each event out.

The client runs the session of a real socket, with its dispatch, checks and frames, in the thread
of the test: no server, no event loop, and the database as the test sees it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from djust import _native
from djust.mounting import DjangoSite, Handover, MountedView
from djust.rendering import LiveTemplate
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
        self._mounted: MountedView | None = None

    def mount(self) -> "LiveViewTestClient":
        """Opens the page and connects it. Called again, it starts anew. Returns itself."""
        self._events = 0
        self._mounted = None
        site: Any
        if isinstance(self._target, str):
            site, token = fetch(self._target, self._user, self)
        else:
            site, token = ClassSite(self._target, self._user, self._kwargs), ""
        self._session = Session(Opening(site, self), in_place, self._write, debug=settings.DEBUG)
        self._session.observer = self._observe
        self._answer(("hello", _native.PROTOCOL_VERSION, b"", [(0, token)]))
        return self

    def send_event(self, name: str, /, **params: Any) -> "LiveViewTestClient":
        """Sends one event, as a page would with these parameters. Returns itself."""
        return self.send_events((name, params))

    def send_events(self, *events: tuple[str, dict[str, Any]]) -> "LiveViewTestClient":
        """Sends several events in one frame: they are answered by one render. Returns itself."""
        frame = []
        for name, params in events:
            self._events += 1
            frame.append((0, self._events, name, params))
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
        self._early: list[bytes] = []
        last = finish(self._session.answer(frame))
        self.frames = [*self._early, *last]

    async def _write(self, frames: list[bytes]) -> None:
        """Keeps what a handler sent before it ended."""
        self._early += frames

    def _observe(self, error: Exception) -> None:
        self.errors.append(error)
        if self._raise:
            raise error


class ClassSite:
    """Mounts a view class without any URL configuration or middleware."""

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
        handover = Handover(token, claims=None)
        setattr(request, HANDOVER, handover)
        response = self.view.as_view()(request, **self.kwargs)
        if isinstance(handover.outcome, MountedView):
            return handover.outcome
        raise AssertionError(
            f"{self.view.__qualname__} answered with status {response.status_code}, not with a page"
        )


class Opening:
    """A site whose views run their async handlers to the end at once."""

    def __init__(self, site: Any, client: LiveViewTestClient) -> None:
        self.site = site
        self.client = client

    def open(self, token: str) -> MountedView:
        mounted = self.site.open(token)
        run = async_to_sync(mounted.run_async)

        async def call_async(*arguments: Any) -> None:
            run(*arguments)

        mounted.call_async = call_async
        self.client._mounted = mounted
        return mounted


def fetch(path: str, user: Any, live: LiveViewTestClient) -> tuple[DjangoSite, str]:
    """Fetches a page; returns the site as its socket would see it, and the page's token."""
    browser = Client()
    if user is not None:
        browser.force_login(user)
    response = browser.get(path)
    live.page = response.content.decode()
    _, found, rest = live.page.partition('data-mount="')
    if response.status_code != 200 or not found:
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
