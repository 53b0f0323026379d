"""``{% djust_client %}`` in, the one script tag of djust out; ``{% live_render %}`` in, a live view
out."""

from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from djust.security import account_name, issue_token
from djust.views import CLIENT, LiveView

register = template.Library()

# The modules that load when a page first needs them (crates/client/js/lazy).
LAZY = (
    "idle",
    "forms",
    "classes",
    "views",
    "lifecycle",
    "commands",
    "calls",
    "directives",
    "loading",
    "streams",
    "virtual",
    "drafts",
    "tabs",
)


# The parts of the engine that load when a page first needs them (docs/decisions/parts.md).
PARTS = ("ends", "lists", "optimistic", "overlay", "shared", "wait")
# The options of handlers that these and lazy modules serve, by their codes.
PARTED = {1, 2, 3, 4, 5}


@register.simple_tag(takes_context=True)
def djust_client(context: Context) -> SafeString:
    """The client script, for the ``<head>``. It connects the page if this is a live view, and the
    views within it.

    The script has the nonce of the request's Content-Security-Policy, if there is one, and its
    address comes from the storage of the static files.
    """
    attributes: dict[str, Any] = {
        "src": static("djust/djust.js"),
        "data-wasm": static("djust/djust.wasm"),
    }
    for name in LAZY:
        attributes[f"data-{name}"] = static(f"djust/djust-{name}.js")
    for name in PARTS:
        attributes[f"data-{name}"] = static(f"djust/djust-{name}.wasm")
    attributes["data-socket"] = f"{get_script_prefix()}djust/live/"
    context.render_context.dicts[1][CLIENT] = True
    view = context.get("view")
    if isinstance(view, LiveView):
        connection = view._djust
        connection.has_client = True
        # On the socket this is the token that the page came with: its tag stays as it is.
        connection.token = connection.token or issue_token(type(view), view.request)
        attributes["data-mount"] = connection.token
        attributes["data-account"] = account_name(view.request)
        options = {
            code for handler in view._djust_callable.values() for code in handler.options() or ()
        }
        if options & PARTED:
            # So the page need not ask before it is live.
            attributes["data-options"] = "".join(map(str, sorted(options & PARTED)))
    if settings.DEBUG:
        attributes["data-debug"] = ""
    nonce = nonce_of(context)
    if nonce:
        attributes["nonce"] = nonce
    tag = format_html_join("", ' {}="{}"', attributes.items())
    return mark_safe(f"<script{tag} defer></script>")


@register.simple_tag(takes_context=True)
def live_render(context: Context, view: Any, /, *, id: Any, **kwargs: Any) -> SafeString:
    """A live view, put into any page: ``{% live_render "shop.views.CartView" id="cart" %}``.

    ``view`` is the import path of a ``LiveView`` class. ``id`` is that of the element that the view
    gets, once in a page. All further arguments are those of its ``mount``; they travel in the page,
    signed, as JSON. Raises ``ImproperlyConfigured`` for what is no live view
    and ``TemplateSyntaxError`` for an id that the page has already.
    """
    # Not before a page needs it, so that `manage.py check` can report a missing native module.
    from djust.embedding import embed

    return embed(context, view, id, kwargs)


def nonce_of(context: Context) -> str:
    """The nonce from the context processor of Django 6, or from a middleware as django-csp.

    Django's object is false until it is printed, so it is printed.
    """
    nonce = context.get("csp_nonce")
    if nonce is None:
        # A RequestContext knows its request also without the context processor `request`.
        request = getattr(context, "request", None) or context.get("request")
        nonce = getattr(request, "csp_nonce", None)
    return "" if nonce is None else str(nonce)
