"""The installation and the view classes of a project in, messages of ``manage.py check`` out.

Each message has an id and a hint that names the fix:

    djust.E001  Channels is not installed                 djust.W001  unknown key in DJUST
    djust.E002  ASGI_APPLICATION is not set               djust.W002  handler overridden undecorated
    djust.E003  ASGI_APPLICATION serves no live socket    djust.W003  template names no handler
    djust.E004  the public djust package is installed     djust.W004  mutable class attribute
    djust.E005  wrong value in DJUST                      djust.W005  static files are not served
    djust.E006  no DjangoTemplates backend                djust.W006  unknown form of Django's tags
    djust.E007  the native module is missing              djust.W007  dj-model names no field
    djust.E008  a live view without a template            djust.W008  rate limits are not shared
"""

import importlib
import importlib.metadata
import re
from collections.abc import Iterator
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import Node, TextNode
from django.utils.module_loading import import_string

from djust.conf import KEYS, hint_for, problems_of
from djust.handlers import is_marked
from djust.model import fields_of
from djust.views import LiveView, template_of


@register(Tags.compatibility)
def check_installation(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001, E004, E007 and W006: what is installed beside djust."""
    found: list[CheckMessage] = []
    if not importable("channels"):
        found.append(
            Error(
                "Channels is not installed, so no page can connect.",
                hint='Install it: pip install "channels>=4.3".',
                id="djust.E001",
            )
        )
    if is_distributed("djust"):
        found.append(
            Error(
                "The package djust is installed beside djust-wasm; both provide the module djust.",
                hint="Keep one: pip uninstall djust djust-wasm, then pip install djust-wasm.",
                id="djust.E004",
            )
        )
    if not importable("djust._native"):
        found.append(
            Error(
                "The native module djust._native cannot be imported, so no page can be rendered.",
                hint="Install a wheel for this platform: pip install --force-reinstall djust-wasm. "
                "In a checkout: make build.",
                id="djust.E007",
            )
        )
    elif unknown := [node.__name__ for node in unverified_nodes()]:
        found.append(
            Warning(
                f"Django {django.get_version()} has another {', '.join(unknown)} than djust knows; "
                "Django itself renders them: correct, and slower.",
                hint="Take a release of djust-wasm that knows this Django.",
                id="djust.W006",
            )
        )
    return found


def unverified_nodes() -> list[type[Node]]:
    from djust.lowering import LOWERINGS, verified_lowerings  # Needs the native module.

    return [node for node in LOWERINGS if node not in verified_lowerings()]


def importable(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def is_distributed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


@register(Tags.compatibility)
def check_asgi(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E002 and E003: whether the site serves the live socket."""
    path = getattr(settings, "ASGI_APPLICATION", None)
    hint = "Its module should have: from djust.asgi import get_asgi_application; "
    hint += "application = get_asgi_application()."
    if not path:
        return [
            Error(
                "ASGI_APPLICATION is not set, so no page can connect.",
                hint=f'Set ASGI_APPLICATION = "project.asgi.application". {hint}',
                id="djust.E002",
            )
        ]
    try:
        application = import_string(path)
    except Exception as error:
        problem = f"ASGI_APPLICATION = {path!r} cannot be imported ({error})."
        return [Error(problem, hint=hint, id="djust.E003")]
    if is_plain(application):
        return [
            Error(
                f"ASGI_APPLICATION = {path!r} is Django's own handler, which serves no socket.",
                hint=hint,
                id="djust.E003",
            )
        ]
    return []


def is_plain(application: Any) -> bool:
    """Whether an application is Django's own, perhaps with static files around it."""
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
    from django.core.handlers.asgi import ASGIHandler

    while isinstance(application, ASGIStaticFilesHandler):
        application = application.application
    return isinstance(application, ASGIHandler)


@register(Tags.compatibility)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E005, E006, W001 and W005: what the settings say."""
    given = getattr(settings, "DJUST", {})
    found: list[CheckMessage] = [
        Error(problem, hint="Correct the value in the settings.", id="djust.E005")
        for problem in problems_of(given)
    ]
    if isinstance(given, dict):
        found += [
            Warning(f"DJUST has an unknown key, {name!r}.", hint=hint_for(name), id="djust.W001")
            for name in given
            if name not in KEYS
        ]
    backend = "django.template.backends.django.DjangoTemplates"
    known = {backend, "djust.template.DjangoTemplates"}
    if not any(engine.get("BACKEND") in known for engine in settings.TEMPLATES):
        found.append(
            Error(
                "TEMPLATES has no backend for Django's template language, which live views need.",
                hint=f'Add {{"BACKEND": "{backend}", "APP_DIRS": True}}.',
                id="djust.E006",
            )
        )
    if not apps.is_installed("django.contrib.staticfiles"):
        found.append(
            Warning(
                "django.contrib.staticfiles is not installed, so nobody serves the client script.",
                hint='Add "django.contrib.staticfiles" to INSTALLED_APPS and set STATIC_URL.',
                id="djust.W005",
            )
        )
    return found


@register(Tags.security)
def check_limits(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """W008: where accounts and addresses are counted."""
    backend = settings.CACHES.get("default", {}).get("BACKEND", "").rpartition(".")[2]
    says = {
        "DummyCache": "keeps nothing, so nothing is refused",
        "LocMemCache": "is another one in each process, so each of them counts for itself",
    }
    limited = [view for view in views() if is_limited(view)]
    if not limited or backend not in says or (settings.DEBUG and backend == "LocMemCache"):
        return []
    name = f"{limited[0].__module__}.{limited[0].__qualname__}"
    return [
        Warning(
            f"{name} has a @rate_limit, and the cache it is counted in {says[backend]}.",
            hint='Let CACHES["default"] be Redis or Memcached, or silence this where one process '
            "serves the site.",
            id="djust.W008",
        )
    ]


def is_limited(view: type[LiveView]) -> bool:
    limits = [each.decorators.get("rate_limit") for each in view._djust_handlers.values()]
    return any(limit.get("by") != "page" for limit in limits if limit is not None)


@register(Tags.templates)
def check_views(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E008, W002, W003 and W004: every view class that the URL configuration has imported."""
    return [message for view in views() for message in messages_for(view)]


def views(base: type[LiveView] = LiveView) -> Iterator[type[LiveView]]:
    for view in base.__subclasses__():
        yield view
        yield from views(view)


def messages_for(view: type[LiveView]) -> Iterator[CheckMessage]:
    name = f"{view.__module__}.{view.__qualname__}"
    for method in undecorated_overrides(view):
        yield Warning(
            f"{name}.{method} overrides an event handler but is none: pages cannot call it.",
            hint=f"Put @event_handler above {method}.",
            obj=view,
            id="djust.W002",
        )
    for attribute, value in vars(view).items():
        if attribute in view._djust_defaults and isinstance(value, (list, dict, set)):
            yield Warning(
                f"{name}.{attribute} is one {type(value).__name__} for all visitors.",
                hint=f"Set self.{attribute} in mount(), or make it a tuple if it never changes.",
                obj=view,
                id="djust.W004",
            )
    if view.template_string is None and not view.template_name:
        # A class that others build upon may leave the template to them.
        if not view.__subclasses__() and view._djust_handlers:
            yield Error(
                f"{name} has no template.",
                hint="Set template_name or template_string.",
                obj=view,
                id="djust.E008",
            )
        return
    for event in sorted(words_in_template(view, EVENT) - view._djust_handlers.keys()):
        exists = any(event in vars(base) for base in view.__mro__)
        yield Warning(
            f"The template of {name} sends the event {event!r}, which is no event handler.",
            hint=f"Put @event_handler above {view.__qualname__}.{event}."
            if exists
            else f"Correct the name, or add the method with @event_handler: def {event}(self).",
            obj=view,
            id="djust.W003",
        )

    for field in sorted(words_in_template(view, FIELD) - fields_of(view).keys()):
        yield Warning(
            f"The template of {name} binds {field!r}, which is no field that a page may write.",
            hint=f"Declare it in {view.__qualname__} with its type: {field}: str = ''"
            + (", and name it in model_fields." if view.model_fields is not None else "."),
            obj=view,
            id="djust.W007",
        )


def undecorated_overrides(view: type[LiveView]) -> Iterator[str]:
    """Names that a class defines as plain methods though one of its bases has them as handlers."""
    inherited = {name for base in view.__bases__ for name in getattr(base, "_djust_handlers", ())}
    for name, value in vars(view).items():
        if name in inherited and callable(value) and not is_marked(value):
            yield name


def words_in_template(view: type[LiveView], pattern: re.Pattern[str]) -> set[str]:
    """The names that the text of a view's own template spells out where a pattern has them."""
    try:
        template = template_of(view())
    except (TemplateDoesNotExist, TemplateSyntaxError):
        return set()  # The page itself says it best.
    return {
        word
        for node in template.nodelist.get_nodes_by_type(TextNode)
        for word in pattern.findall(node.s)
    }


EVENT = re.compile(
    r"""\sdj-(?:click|input|change|submit|keydown|keyup|focus|blur|scroll|mounted|poll"""
    r"""|click-away|(?:window|document)-[a-z]+)(?:\.[\w-]+)*\s*=\s*["']?\s*(\w+)"""
)

FIELD = re.compile(r"""\sdj-model(?:\.[\w-]+)*\s*=\s*["']?\s*(\w+)""")
