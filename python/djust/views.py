"""A request in; a page that can come alive, or a mounted view for its socket, out.

``LiveView`` is an ordinary Django view. Its page works without JavaScript; with it, the page
connects, and each event of the page runs a handler and renders the same template again.
"""

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from inspect import iscoroutinefunction
from typing import Any, ClassVar, NamedTuple

from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import Context, Template, engines
from django.template.backends.django import DjangoTemplates
from django.template.context import make_context
from django.template.loader import get_template, render_to_string, select_template
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe
from django.views.generic.base import ContextMixin, View

from djust.exceptions import DeclarationError
from djust.handlers import Handler, handlers_of
from djust.js import Commands
from djust.model import update_model, with_model
from djust.streaming import Send, Streaming
from djust.virtual import WINDOW

logger = logging.getLogger("djust.events")

# The pushed event that the client takes as commands.
COMMANDS = "djust:commands"

# The pushed event that the client writes to the console for developers.
WARNING = "djust:warning"

# The attribute of a request that comes from a socket; its value takes the view.
HANDOVER = "_djust_handover"

# What a render notes when it has printed the client script.
CLIENT = "djust.client"


class LiveView(Streaming, ContextMixin, View):
    """A page whose state is its attributes.

    Public attributes are the context of the template, methods with ``@event_handler`` are what a
    page may call. State lives as long as the page stays connected; each page has its own.

    >>> class CounterView(LiveView):
    ...     template_string = '<button dj-click="add">{{ count }}</button>'
    ...
    ...     def mount(self, request, **kwargs):
    ...         self.count = 0
    ...
    ...     @event_handler
    ...     def add(self):
    ...         self.count += 1

    >>> urlpatterns = [path("counter/", CounterView.as_view())]

    A template without ``<html>`` is served inside a small page, whose title is the attribute
    ``page_title``, or else the name of the class.
    """

    template_name: str | list[str] | tuple[str, ...] | None = None
    """The template, found by Django's loaders. A list names alternatives."""

    template_string: str | None = None
    """The source of the template, instead of ``template_name``."""

    template_engine: str | None = None
    """The ``NAME`` of the template engine, if a site has several."""

    plan_queries: bool = True
    """Whether the queries of the template are planned (see "Queries" in docs/templates.md)."""

    _djust_handlers: ClassVar[Mapping[str, Handler]] = {}
    _djust_callable: ClassVar[Mapping[str, Handler]] = {}
    _djust_defaults: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._djust_handlers = handlers_of(cls)
        cls._djust_callable = {WINDOW.name: WINDOW, **with_model(cls, cls._djust_handlers)}
        for name in cls._djust_handlers:
            if name in RESERVED:
                raise DeclarationError(
                    f"{cls.__qualname__}.{name} cannot be an event handler: LiveView itself uses "
                    f"the name {name!r}. Choose another one."
                )
        cls._djust_defaults = defaults_of(cls)
        # An event handler may be called `delete`; an HTTP request with this method must not run it.
        cls.http_method_names = [
            method for method in cls.http_method_names if method not in cls._djust_handlers
        ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._djust = Connection()

    def mount(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Sets the first state. ``kwargs`` are those of the URL. May be ``async``.

        Runs for the HTTP request, and again on a new instance when the page connects.
        """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The context of the template: public attributes, ``view``, and ``kwargs``."""
        return super().get_context_data(**{**state_of(self), **kwargs})

    update_model = update_model

    model_fields: Collection[str] | None = None
    """The fields that a page may write with ``dj-model``; by default all declared ones."""

    def push_event(self, name: str, payload: Any = None) -> None:
        """Sends an event to the scripts of the page, right after the update it belongs to.

        ``payload`` is None, a bool, int, float or str, or lists and dicts of these. A script
        receives it with ``djust.on(name, payload => …)``. Without a socket nothing is sent.
        """
        self._djust.pushed.append((name, payload))

    def push_commands(self, commands: Commands) -> None:
        """Lets the page carry out commands, right after the update they belong to.

        >>> self.push_commands(JS.hide("#dialog").focus("#search"))
        """
        self.push_event(COMMANDS, commands.encoded())

    def _extract_handler_metadata(self) -> dict[str, dict[str, Any]]:
        """What decorators said of each event handler, for example
        ``{"search": {"debounce": {"wait": 0.5, "max_wait": None}}}``."""
        handlers = self._djust_handlers.items()
        return {name: dict(handler.decorators) for name, handler in handlers}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mount = async_to_sync(self.mount) if iscoroutinefunction(self.mount) else self.mount
        handover = getattr(request, HANDOVER, None)
        if handover is not None:
            return handover.take(self, partial(mount, request, *args, **kwargs))
        mount(request, *args, **kwargs)
        response = HttpResponse(page_of(self))
        # The page holds a token for one account, so no shared cache may keep it.
        patch_cache_control(response, private=True)
        return response


@dataclass(slots=True)
class Connection:
    """What djust itself notes on a view; one attribute, so that all other names are the view's."""

    pushed: list[tuple[str, Any]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    send: Send | None = None
    token: str | None = None
    csrf_token: Any = None
    has_client: bool = False
    places: dict[str, "Place"] = field(default_factory=dict)
    """The views that its last render put into the page, by id."""
    earlier: dict[str, "Place"] = field(default_factory=dict)
    """Those of the render before."""
    ids: set[str] | None = None
    """The ids of all views of the page that it is served in."""


class Place(NamedTuple):
    """Where a live view stands within a page."""

    view: str
    token: str
    html: SafeString


# Attributes that are Django's or options of the class, and no state of the page.
NO_STATE = frozenset(
    {"args", "head", "kwargs", "request"}
    | {"extra_context", "http_method_names"}
    | {
        "draft_key",
        "draft_ttl",
        "model_fields",
        "plan_queries",
        "template_engine",
        "template_name",
        "template_string",
    }
)

# Names that LiveView and Django use, which no event handler may have.
RESERVED = NO_STATE | {name for name in dir(LiveView) if not name.startswith("_")} - {
    "update_model"
}


def defaults_of(cls: type) -> dict[str, Any]:
    """The plain public attributes that a view class and its own bases give, as first state.

    Methods, properties and nested classes are no state.
    """
    defaults: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base in LiveView.__mro__ or base.__module__.startswith("django."):
            continue
        for name, value in vars(base).items():
            kind = type(value)
            if hasattr(kind, "__get__") or issubclass(kind, type):
                defaults.pop(name, None)
            elif not name.startswith("_") and name not in NO_STATE:
                defaults[name] = value
    return defaults


def state_of(view: LiveView) -> dict[str, Any]:
    """The public attributes of a view; no property runs."""
    own = {
        name: value
        for name, value in vars(view).items()
        if not name.startswith("_") and name not in NO_STATE
    }
    return {**view._djust_defaults, **own}


def page_of(view: LiveView) -> str:
    """The HTML of the whole page of a mounted view."""
    # Imported by the first page, so that `manage.py check` can report a missing native module.
    from djust.rendering import LiveTemplate

    template = template_of(view)
    html = LiveTemplate.of(template).render_html(context_of(view, template))
    if not is_document(html):
        title = getattr(view, "page_title", "") or words_of(type(view).__name__)
        page = {"content": mark_safe(html), "title": title, "view": view}
        html = render_to_string("djust/page.html", page, view.request)
    if settings.DEBUG:
        warn_if_static(view)
    return html


def warn_if_static(view: LiveView) -> None:
    """Says in the log why a page that was just served cannot come alive."""
    name = type(view).__qualname__
    if not view._djust.has_client:
        logger.warning(
            "The page of %s stays static: its template has no {%% djust_client %%} in its <head>.",
            name,
        )
    elif isinstance(view.request, WSGIRequest):
        logger.warning(
            "The page of %s cannot connect: this server speaks WSGI, which has no sockets. Start "
            "an ASGI server, for example: uvicorn project.asgi:application",
            name,
        )


def is_document(html: str) -> bool:
    """Whether this is a whole page: one that begins as such, comments aside, or has a body."""
    start = 0
    while comment := COMMENT.match(html, start):
        start = comment.end()
    return bool(DOCUMENT.match(html, start) or BODY.search(html))


COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
DOCUMENT = re.compile(r"\s*<(!doctype|html|head)\b", re.IGNORECASE)
BODY = re.compile(r"<body[\s>]", re.IGNORECASE)


def words_of(name: str) -> str:
    """The name of a view class as a title: ``TodoListView`` is "Todo list"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.removesuffix("View").strip("_"))
    return words.capitalize() or name


def template_of(view: LiveView) -> Template:
    """The compiled template. Raises ``ImproperlyConfigured`` if a live view cannot use it."""
    name = type(view).__qualname__
    if view.template_string is not None:
        return compile_source(view.template_string, view.template_engine)
    if not view.template_name:
        raise ImproperlyConfigured(
            f"{name} needs a template: set template_name or template_string."
        )
    load: Any = get_template if isinstance(view.template_name, str) else select_template
    found = load(view.template_name, using=view.template_engine)
    if not isinstance(getattr(found, "template", None), Template):
        raise ImproperlyConfigured(
            f"{name}: the template {view.template_name!r} is not in Django's template language, "
            "which live views need. Name another one, or set template_engine."
        )
    return found.template


@lru_cache(maxsize=1024)
def compile_source(source: str, using: str | None) -> Template:
    """A compiled ``template_string``; kept, since what is derived from a template lives with it."""
    if using is not None:
        return engines[using].from_string(source).template
    for engine in engines.all():
        if isinstance(engine, DjangoTemplates):
            return engine.from_string(source).template
    raise ImproperlyConfigured("Live views need a DjangoTemplates backend in TEMPLATES.")


def context_of(view: LiveView, template: Template) -> Context:
    """The context as Django's ``render`` makes it, with one CSRF token for the life of a view."""
    connection = view._djust
    connection.earlier, connection.places = connection.places, {}
    if connection.csrf_token is None:
        connection.csrf_token = SimpleLazyObject(partial(get_token, view.request))
    from djust import queries  # Like the renderer, which it needs.

    values = {"csrf_token": connection.csrf_token, **view.get_context_data()}
    context = make_context(values, view.request, autoescape=template.engine.autoescape)
    # Made for one render, so what it alone holds is not seen by anyone later.
    setattr(context, *((queries.OWN, True) if view.plan_queries else (queries.RUN, None)))
    return context


def forget_sources(*, setting: str, **kwargs: Any) -> None:
    if setting == "TEMPLATES":
        compile_source.cache_clear()


setting_changed.connect(forget_sources, dispatch_uid="djust.views")
