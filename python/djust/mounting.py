"""A signed token and a socket's handshake in, a mounted view out.

The site answers a GET request for the page once more, with the cookies and headers of the socket,
through its own middleware, URL configuration and view decorators. So logins, permissions, tenants
and languages mean the same on the socket as on the page. Only the last step differs: the view is
kept here instead of being printed as a page.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from functools import lru_cache, wraps
from io import BytesIO
from time import time
from typing import Any, NamedTuple
from weakref import WeakSet

from asgiref.typing import WebSocketScope
from channels.db import aclose_old_connections
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.asgi import get_script_prefix as script_name_of
from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from djust.exceptions import DjustError, MountRefused, ViewRefused
from djust.handlers import Handler
from djust.limits import SharedBucket
from djust.model import announce, echo_of
from djust.rendering import LiveTemplate
from djust.security import Claims, check_claims, client_name, digest, path_of, read_token
from djust.streaming import Send
from djust.views import COMMANDS, HANDOVER, WARNING, LiveView, context_of, template_of

events_log = logging.getLogger("djust.events")


class DjangoSite:
    """The site behind one socket; ``scope`` is the ASGI scope of the handshake."""

    def __init__(self, scope: WebSocketScope) -> None:
        self.scope = scope
        self.views: WeakSet[LiveView] = WeakSet()

    def open(self, token: str) -> "MountedView":
        """Mounts the view that a token names.

        Raises ``MountRefused``, or what the view itself raised. Blocks; not for the event loop.
        """
        claims = read_token(token)
        request = self.request(claims.path, claims.query)
        handover = Handover(token, claims)
        if claims.id:
            handover.within = handover.view_within(claims)
        setattr(request, HANDOVER, handover)
        set_script_prefix(request.script_name or "/")
        status = middleware().get_response(request).status_code
        if isinstance(handover.outcome, MountedView) and status == TAKEN:
            self.share_session(handover.outcome.view)
            return handover.outcome
        if isinstance(handover.outcome, Exception):
            raise handover.outcome
        if handover.is_inside and status < 500:
            raise ViewRefused(f"{claims.view} answered with status {status}")
        # The view was never reached, or something around it changed its answer.
        raise refusal(status)

    def share_session(self, view: LiveView) -> None:
        """Gives all views of the page one session, the one that was loaded last: each would save
        its own over what another one wrote."""
        session: Any = getattr(view.request, "session", None)
        if session is not None:
            for other in self.views:
                if getattr(other.request, "session", None) is not None:
                    other.request.session = session
        self.views.add(view)

    def request(self, path: str, query: str = "") -> ASGIRequest:
        """The handshake as a GET request for a page of the same site.

        ``path`` begins below the script prefix of the site.
        """
        prefix = script_name_of(self.scope)
        scope = {
            **self.scope,
            "type": "http",
            "method": "GET",
            "scheme": {"ws": "http", "wss": "https"}.get(self.scope.get("scheme", "ws"), "http"),
            "path": prefix.rstrip("/") + path,
            "query_string": query.encode(),
            "headers": [
                (name, value)
                for name, value in self.scope["headers"]
                if name not in (b"connection", b"upgrade") and not name.startswith(b"sec-websocket")
            ],
        }
        return ASGIRequest(scope, BytesIO())


def refusal(status: int) -> Exception:
    """Why the site did not hand a view over, by the status of its answer.

    A page that is sent elsewhere, mostly to a login form, finds its way by reloading.
    """
    if status == 401 or 300 <= status < 400:
        return MountRefused(4401, f"the site answered with status {status}")
    if status < 500:
        return MountRefused(4403, f"the site answered with status {status}")
    return DjustError(f"the site answered with status {status}")


# The status of an answer whose view was taken: there is no content.
TAKEN = 204


class Handover:
    """Takes the view out of the request that the site answers, if it is the view of the token."""

    def __init__(self, token: str, claims: Claims | None = None) -> None:
        self.token = token
        self.claims = claims
        self.outcome: MountedView | Exception | None = None
        self.within: Callable[..., HttpResponse] | None = None
        """What answers in place of the page's own view."""
        self.is_inside = False
        """Whether it is up to a view within the page to let the visitor in."""

    def refuses(self, view_class: type, request: HttpRequest) -> bool:
        try:
            if self.claims is not None:
                check_claims(self.claims, view_class, request)
        except MountRefused as refused:
            self.outcome = refused
        return self.outcome is not None

    def view_within(self, claims: Claims) -> Callable[..., HttpResponse]:
        """The view that stands in a page, with all decorators of its own."""
        view_class = class_named(claims.view)
        view = view_class.as_view()

        @wraps(view)
        def respond(request: HttpRequest) -> HttpResponse:
            # Before its own checks: a page of another account is to be loaded again.
            if self.refuses(view_class, request):
                return HttpResponse(status=403)
            self.is_inside = True
            return view(request, **claims.arguments)

        return respond

    def take(self, view: LiveView, mount: Callable[[], Any]) -> HttpResponse:
        """Called by the view in place of printing a page; ``mount`` runs its ``mount``."""
        if self.refuses(type(view), view.request):
            return HttpResponse(status=403)
        view._djust.token = self.token
        try:
            mount()
            self.outcome = MountedView(view)
        except Exception as error:
            # Raised on, so that middleware and transactions see it as they would for the page.
            self.outcome = error
            raise
        return HttpResponse(status=TAKEN)


class Environment(NamedTuple):
    """What Django keeps per thread while it answers a request."""

    language: str | None
    zone: tzinfo
    prefix: str
    urlconf: Any

    @classmethod
    def current(cls) -> "Environment":
        return cls(
            translation.get_language(),
            timezone.get_current_timezone(),
            get_script_prefix(),
            get_urlconf(),
        )

    @contextmanager
    def active(self) -> Iterator[None]:
        """Restores it, for work that belongs to that request but happens later."""
        with translation.override(self.language), timezone.override(self.zone):
            set_script_prefix(self.prefix)
            set_urlconf(self.urlconf)
            yield


class MountedView:
    """A mounted view with its renderer; what ``djust.session.Mounted`` describes."""

    def __init__(self, view: LiveView) -> None:
        self.view = view
        self.name = path_of(type(view))
        self.handlers = view._djust_callable
        self.template = template_of(view)
        self.renderer = LiveTemplate.of(self.template).renderer()
        self.environment = Environment.current()

    def admit(self, handler: Handler) -> float | None:
        """Counts a call in the site's cache, by whom its ``@rate_limit`` is for."""
        limit = handler.decorators["rate_limit"]
        whom = client_name(self.view.request, limit.get("by", "user"))
        if whom is None:
            return None
        cache = caches[DEFAULT_CACHE_ALIAS]
        name = f"djust.rate.{digest(self.name, handler.name, whom)}"
        return SharedBucket(cache, name, limit["rate"], limit["burst"]).take(time())

    def call(self, handler: Handler, arguments: list[Any], keywords: dict[str, Any]) -> None:
        """Runs a handler, in a transaction where ``ATOMIC_REQUESTS`` asks for one."""
        with self.environment.active():
            atomic = middleware().make_view_atomic(handler.function)
            atomic(self.view, *arguments, **keywords)

    async def call_async(
        self, handler: Handler, arguments: list[Any], keywords: dict[str, Any]
    ) -> None:
        """Awaits a handler. Django's async database calls share one thread, which nothing else
        looks after."""
        await aclose_old_connections()
        try:
            await self.run_async(handler, arguments, keywords)
        finally:
            await aclose_old_connections()

    async def run_async(
        self, handler: Handler, arguments: list[Any], keywords: dict[str, Any]
    ) -> None:
        with self.environment.active():
            await handler.function(self.view, *arguments, **keywords)

    def mount_frame(
        self, table: Any, root: int, seq: int, ack: int, handlers: bytes | None
    ) -> bytes:
        with self.environment.active():
            announce(self.view, self.renderer.plan.bound_fields)
            context = context_of(self.view, self.template)
            return self.renderer.mount(context, table, root, seq, ack, handlers)

    def update_frame(
        self, table: Any, root: int, seq: int, ack: int, targets: Sequence[str]
    ) -> bytes | None:
        with self.environment.active():
            # First, since a frame that was made must be sent: it may define templates.
            self.save_session()
            context = context_of(self.view, self.template)
            return self.renderer.update(context, table, root, seq, ack, targets)

    def finds(self, target: str) -> bool:
        return self.renderer.finds(target)

    def forget(self) -> None:
        self.renderer.forget()

    def take_pushed(self) -> list[tuple[str, Any]]:
        pushed, self.view._djust.pushed = self.view._djust.pushed, []
        if echo := echo_of(self.view):
            pushed.append((COMMANDS, [["model", echo]]))
        for warning in self.renderer.take_warnings():
            events_log.warning("view=%s: %s", self.name, warning)
            pushed.append((WARNING, warning))
        return pushed

    def sends_by(self, send: Send | None) -> None:
        self.view._djust.send = send

    def save_session(self) -> None:
        """Saves what handlers wrote to the session of the request, as the middleware would.

        A session that has no key yet could not be found again, since a socket sets no cookie.
        """
        session: Any = getattr(self.view.request, "session", None)
        if session is None or not session.modified or not session.session_key:
            return
        try:
            session.save()
        except UpdateError:
            raise MountRefused(4401, "the session has ended") from None
        session.modified = False


def class_named(path: str) -> type[LiveView]:
    """The class that a token names. A page whose views moved since then is loaded again."""
    try:
        found = import_string(path)
    except ImportError:
        found = None
    if isinstance(found, type) and issubclass(found, LiveView):
        return found
    raise MountRefused(4401, f"there is no live view {path}")


class SiteHandler(BaseHandler):
    """The site's middleware around its URL configuration, or around a view that stands within one
    of its pages: that takes the place of the page's own view."""

    def resolve_request(self, request: HttpRequest) -> Any:
        match = super().resolve_request(request)
        within = getattr(request, HANDOVER).within
        return match if within is None else (within, (), {})


@lru_cache(maxsize=1)
def middleware() -> BaseHandler:
    handler = SiteHandler()
    handler.load_middleware()
    return handler


def forget_middleware(*, setting: str, **kwargs: Any) -> None:
    if setting in ("MIDDLEWARE", "ROOT_URLCONF"):
        middleware.cache_clear()


setting_changed.connect(forget_middleware, dispatch_uid="djust.mounting")
