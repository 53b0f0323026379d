"""The name of a view and an id in, its place in a page out: what ``{% live_render %}`` prints.

    <div id="cart" dj-view="shop.views.CartView" dj-token="…">the HTML of the view</div>

A page is served with its views in it. On the socket a place is printed empty: the page names each
place by its token, and the view answers with a tree of its own. So to a live view around it, a
place is a value that stays the same as long as it is there.
"""

import json
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.template import TemplateSyntaxError
from django.template.context import Context
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe

from djust import _native
from djust.mounting import Handover, MountedView
from djust.security import issue_token, path_of
from djust.views import CLIENT, HANDOVER, LiveView, Place, context_of

logger = logging.getLogger("djust.events")

# What a render notes: the ids of its views.
IDS = "djust.ids"


def embed(context: Context, view: Any, id: Any, arguments: dict[str, Any]) -> SafeString:
    """The place of a view, with its HTML unless this is printed for a socket.

    A view that does not let the visitor in (a login, a permission) leaves its place empty.
    """
    around = context.get("view")
    connection = around._djust if isinstance(around, LiveView) else None
    request = request_of(context)
    is_served = not hasattr(request, HANDOVER)
    id = str(id)
    ids = take(id, connection.ids if connection else None, context)
    place = connection.earlier.get(id) if connection else None
    if is_served or place is None or place.view != view:
        view_class = class_of(view)
        arguments = signable(arguments, view_class)
        html = ""
        if is_served:
            if settings.DEBUG and connection is None:
                warn_if_static(context, view)
            mounted = mounted_for(request, view_class, arguments)
            if mounted is None:
                logger.info("#%s stays empty: %s lets nobody in here", id, view)
                return format_html('<div id="{}"></div>', id)
            mounted.view._djust.ids = ids
            html = html_of(mounted)
        token = issue_token(view_class, request, id, arguments)
        element = '<div id="{}" dj-view="{}" dj-token="{}">{}</div>'
        place = Place(view, token, format_html(element, id, path_of(view_class), token, html))
    if connection:
        connection.places[id] = place
    return place.html


def class_of(view: Any) -> type[LiveView]:
    """The class with an import path. Raises ``ImproperlyConfigured``."""
    try:
        found = import_string(view)
        # The token says where the class was made.
        if issubclass(found, LiveView) and import_string(path_of(found)) is found:
            return found
    except (AttributeError, ImportError, TypeError):
        pass
    raise ImproperlyConfigured(
        f"{{% live_render %}}: {view!r} is not the import path of a LiveView, such as "
        '"shop.views.CartView".'
    )


def request_of(context: Context) -> HttpRequest:
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        raise ImproperlyConfigured(
            "{% live_render %} needs the request, whose visitor the view is for: render the "
            "template with it, as render(request, …) does."
        )
    return request


def signable(arguments: dict[str, Any], view_class: type[LiveView]) -> dict[str, Any]:
    """The arguments as the token gives them back: so ``mount`` always gets the same ones."""
    try:
        return json.loads(json.dumps(arguments))
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(
            f"{{% live_render %}}: an argument of {view_class.__qualname__} cannot travel in a "
            f"token ({error}). Pass numbers, texts, lists or dictionaries, for example a key "
            "instead of an object."
        ) from None


def take(id: str, ids: set[str] | None, context: Context) -> set[str]:
    """Notes an id among those of the page: ``ids``, or what this render has noted so far."""
    if ids is None:
        # What all templates of one render share; it is another one when a render begins again.
        ids = context.render_context.dicts[1].setdefault(IDS, set())
    if not id or id in ids:
        raise TemplateSyntaxError(
            f"{{% live_render %}}: two views of this page have the id {id!r}. Give each its own."
            if id
            else "{% live_render %}: a view needs an id that is not empty."
        )
    ids.add(id)
    return ids


def mounted_for(
    request: HttpRequest, view_class: type[LiveView], arguments: dict[str, Any]
) -> MountedView | None:
    """The mounted view as the visitor of a page gets it; none if its own checks refuse."""
    # A page may have been asked for by POST, and its request goes on being that of the page.
    own = request.__class__.__new__(request.__class__)
    vars(own).update(vars(request), method="GET")
    handover = Handover("")
    setattr(own, HANDOVER, handover)
    try:
        view_class.as_view()(own, **arguments)
    except PermissionDenied:
        return None
    finally:
        delattr(own, HANDOVER)
    return handover.outcome if isinstance(handover.outcome, MountedView) else None


def warn_if_static(context: Context, view: str) -> None:
    """Says in the log why a view that is being served cannot come alive."""
    if CLIENT not in context.render_context.dicts[1]:
        logger.warning(
            "%s stays static: the page has no {%% djust_client %%} in its <head>, before the view.",
            view,
        )


def html_of(mounted: MountedView) -> SafeString:
    """The live region of a view's template."""
    page = _native.Page()
    page.apply(mounted.renderer.mount(context_of(mounted.view, mounted.template)))
    return mark_safe(page.html())
