"""Compiled templates go in, HTML and frames come out: the facade of the native renderer.

    LiveTemplate.of(template).render_html(context)      HTML, by way of the wire format
    LiveTemplate.of(template).renderer()                the frames of one live view

The live region is the element with ``dj-root``, else ``body``, else everything; the tags of that
element belong to the page, its children to the region.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from typing import Any

from django.conf import settings
from django.template.base import Node, Template
from django.template.context import Context
from django.utils.formats import get_format
from django.utils.text import add_truncation_text
from django.utils.translation import get_language

from djust import _native, nodes
from djust.lowering import Lowered, lower


class LiveTemplate:
    """A compiled template with its plans.

    >>> from django.template import Engine
    >>> template = Engine().from_string("<p>{{ name }}</p>")
    >>> LiveTemplate.of(template).render_html(Context({"name": "Ada"}))
    '<p>Ada</p>'
    """

    def __init__(self, template: Template):
        self.template = template
        self.plans: dict[bool, tuple[_native.Plan, Lowered]] = {}

    @classmethod
    def of(cls, template: Any) -> "LiveTemplate":
        """The live template of a compiled one; made once, and gone with it.

        Takes a ``django.template.base.Template``, or what a template backend's ``get_template``
        returns.
        """
        template = getattr(template, "template", template)
        live = template.__dict__.get("_djust_live")
        if live is None:
            live = template._djust_live = cls(template)
        return live

    @property
    def plan(self) -> _native.Plan:
        """The plan of the live region."""
        return self._plan(live=True)

    @property
    def whole_plan(self) -> _native.Plan:
        """The plan of all that the template prints."""
        return self._plan(live=False)

    def _plan(self, *, live: bool) -> _native.Plan:
        """Made once. While a site is developed, a plan is made anew when a template that went into
        it was edited: Django's loaders then give another one."""
        if live in self.plans:
            plan, lowered = self.plans[live]
            if not self.template.engine.debug or all(
                dependency.is_current() for dependency in lowered.dependencies
            ):
                return plan
        lowered = lower(self.template)
        plan = _native.Plan(lowered.ops, live)
        self.plans[live] = plan, lowered
        return plan

    def render_html(self, context: Context | Mapping[str, Any]) -> str:
        """The HTML that Django would print, rendered through the plan, a frame and its decoder.

        Raises what Django would raise.
        """
        page = _native.Page()
        page.apply(Renderer(self.template, self.whole_plan).mount(context))
        return page.html()

    def renderer(self, seed: bytes | None = None) -> "Renderer":
        """A renderer for one live view of one page. ``seed``: 16 bytes, for tests that need the
        same hashes twice."""
        return Renderer(self.template, self.plan, seed)


class Renderer:
    """Renders one live view again and again, and remembers what it sent (16 bytes for each row of a
    list, 8 for each other value).

    ``context`` is a ``Context`` or a mapping; frames are those of docs/protocol.md.
    """

    def __init__(self, template: Template, plan: _native.Plan, seed: bytes | None = None):
        self.template = template
        self.native = _native.Renderer(plan, seed)

    def mount(
        self,
        context: Context | Mapping[str, Any],
        table: _native.TemplateTable | None = None,
        root: int = 0,
        seq: int = 1,
        ack: int = 0,
        handlers: bytes | None = None,
    ) -> bytes:
        """A mount frame: the whole tree. ``handlers``: an encoded list, or None when unchanged."""
        table = _native.TemplateTable() if table is None else table
        with bound(self.template, context) as context:
            return self.native.mount(context, table, root, seq, ack, handlers)

    def update(
        self,
        context: Context | Mapping[str, Any],
        table: _native.TemplateTable,
        root: int = 0,
        seq: int = 1,
        ack: int = 0,
    ) -> bytes | None:
        """An update frame, or None when nothing visible changed."""
        with bound(self.template, context) as context:
            return self.native.update(context, table, root, seq, ack)

    def forget(self) -> None:
        """Drops what is known of the page: the next ``update`` gives a mount frame."""
        self.native.forget()


@contextmanager
def bound(template: Template, context: Context | Mapping[str, Any]) -> Iterator[Context]:
    """A context that is bound to a template, as it is while Django renders it."""
    if isinstance(context, Mapping):
        context = Context(dict(context))
    with context.render_context.push_state(template):
        if context.template is None:
            with context.bind_template(template):
                context.template_name = template.name
                nodes.announce(template, context)
                yield context
        else:
            nodes.announce(template, context)
            yield context


# ---- what the native host asks ------------------------------------------------------------------


def annotate(error: Exception, node: Node, context: Context) -> None:
    """Adds to an exception what ``Node.render_annotated`` adds when it passes a node."""
    if not context.template.engine.debug:
        return
    if not hasattr(error, "_culprit_node"):
        error._culprit_node = node  # type: ignore[attr-defined]
    culprit = error._culprit_node  # type: ignore[attr-defined]
    template = context.render_context.template
    if not hasattr(error, "template_debug") and template.origin == culprit.origin:
        error.template_debug = template.get_exception_info(  # type: ignore[attr-defined]
            error, culprit.token
        )


def needs_arguments(function: Any) -> bool:
    """Whether a call without arguments failed because arguments are missing."""
    try:
        parameters = signature(function)
    except ValueError:
        return True
    try:
        parameters.bind()
    except TypeError:
        return True
    return False


def conditions(context: Context) -> tuple[bool, str | None, str | None, bool, Any]:
    """What holds for a whole render:

    whether integers print as Python prints them; the decimal separator of floats, or None where
    digits are grouped; that of the language whatever the context says; whether truncated text ends
    with an ellipsis alone; and who wants to know of templates that begin (None in production).
    """
    separator = None
    if not settings.USE_THOUSAND_SEPARATOR:
        separator = str(get_format("DECIMAL_SEPARATOR", get_language()))
    plain_ellipsis = add_truncation_text("") == "…"
    announce = nodes.announce if nodes.is_listened_to() else None
    if context.use_l10n is False:
        return True, ".", separator, plain_ellipsis, announce
    return separator is not None, separator, separator, plain_ellipsis, announce
