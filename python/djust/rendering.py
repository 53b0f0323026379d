"""Compiled templates go in, HTML and frames come out: the facade of the native renderer.

    LiveTemplate.of(template).render_html(context)      HTML, by way of the wire format
    LiveTemplate.of(template).renderer()                the frames of one live view

The live region is the element with ``dj-root``, else ``body``, else everything; the tags of that
element belong to the page, its children to the region.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property
from inspect import signature
from typing import Any

from django.template.base import Node, Template
from django.template.context import Context
from django.template.loaders.cached import Loader as CachedLoader

from djust import _native, nodes
from djust.lowering import Lowered, Ops, Why, lower
from djust.queries import Scan, scanned

logger = logging.getLogger("django.template")
"""Django's: it tells of lookups that failed."""


class LiveTemplate:
    """A compiled template with its plans.

    >>> from django.template import Engine
    >>> template = Engine().from_string("<p>{{ name }}</p>")
    >>> LiveTemplate.of(template).render_html(Context({"name": "Ada"}))
    '<p>Ada</p>'
    """

    def __init__(self, template: Template):
        self.template = template
        self.made: dict[str, tuple[Any, Lowered]] = {}
        self.joins = True
        self.scan = Scan([])
        """What the template reads of querysets."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "LiveTemplate":
        """A copied template makes plans of its own. To copy a form copies its renderer, and so the
        templates that this has loaded."""
        return LiveTemplate(deepcopy(self.template, memo))

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
        return self._make("plan", lambda ops: _native.Plan(ops, True, self.joins))

    @property
    def whole_plan(self) -> _native.Plan:
        """The plan of all that the template prints."""
        return self._make("whole", lambda ops: _native.Plan(ops, False, self.joins))

    def fragment_plan(self, outer: str, is_form: bool = True) -> _native.Plan | None:
        """The plan of all that the template prints for a hole inside other elements: ``outer``
        names them. That of a form is stripped. None where the template closes one of them."""
        what = f"{'form' if is_form else 'included'} in {outer}"
        return self._make(what, lambda ops: _native.Plan.fragment(ops, outer, self.joins, is_form))

    @cached_property
    def is_kept(self) -> bool:
        """Whether the same name gives this template the next time, with its plans."""
        loaders = self.template.engine.template_loaders
        return any(isinstance(loader, CachedLoader) for loader in loaders)

    @property
    def printer(self) -> _native.Printer:
        """Prints the template as HTML, by no plan of holes."""
        return self._make("printer", _native.Printer)

    @property
    def pays(self) -> bool:
        """Whether there is more in it than text and nodes that Django renders."""
        return self._make("pays", lambda ops: any(op[0] not in ("text", "opaque") for op in ops))

    def _make(self, what: str, make: Callable[[Ops], Any]) -> Any:
        """Made once, and again when a render says so. While a site is developed, also when a
        template that went into it was edited: Django's loaders then give another one."""
        if what in self.made:
            made, lowered = self.made[what]
            if getattr(made, "is_contradicted", False):
                self.joins = False
            elif not getattr(made, "is_stale", False) and self.is_current(lowered):
                return made
        lowered = lowered_within_bounds(self.template)
        made = make(lowered.ops)
        self.made[what] = made, lowered
        self.scan = Scan(lowered.ops)
        return made

    def is_current(self, lowered: Lowered) -> bool:
        return not self.template.engine.debug or all(
            dependency.is_current() for dependency in lowered.dependencies
        )

    def render_html(self, context: Context | Mapping[str, Any]) -> str:
        """The HTML that Django would print, rendered through the plan, a frame and its decoder.

        Raises what Django would raise.
        """
        page = _native.Page()
        page.apply(Renderer(self, is_live=False).mount(context))
        return page.html()

    def print_html(self, context: Context | Mapping[str, Any]) -> str:
        """The same HTML, printed at once: what a page that is not live is made by."""
        printer = self.printer
        with bound(self.template, context) as context, scanned(self.scan, context):
            return printer.render(context)

    def renderer(self, seed: bytes | None = None) -> "Renderer":
        """A renderer for one live view of one page. ``seed``: 16 bytes, for tests that need the
        same hashes twice."""
        return Renderer(self, seed=seed)


DEEPEST = 200
"""So deep may operations be within each other, counted in Python's lists and tuples: some 50
``{% if %}`` or 100 ``{% for %}``. A plan runs on the stack of its thread; an overflow there ends
the process."""


def lowered_within_bounds(template: Template) -> Lowered:
    """A lowered template; one that is nested too deep is all left to Django, which raises
    ``RecursionError`` where it must."""
    try:
        lowered = lower(template)
        level: list[Any] = [lowered.ops]
        for _ in range(DEEPEST):
            level = [part for outer in level for part in outer if type(part) in (list, tuple)]
            if not level:
                return lowered
    except RecursionError:
        pass
    return Lowered([("opaque", node, Why.TAG) for node in template.nodelist], [])


class Renderer:
    """Renders one live view again and again, and remembers what it sent (16 bytes for each row of a
    list, 8 for each other value).

    ``context`` is a ``Context`` or a mapping; frames are those of docs/protocol.md.
    """

    def __init__(self, live: LiveTemplate, is_live: bool = True, seed: bytes | None = None):
        self.live = live
        self.template = live.template
        self.is_live = is_live
        self.plan = live.plan if is_live else live.whole_plan
        self.native = _native.Renderer(self.plan, seed, self.template.engine.debug)
        self.warned: set[tuple[Any, str]] = set()

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
        return self.render(self.native.mount, context, table, root, seq, ack, handlers)

    def update(
        self,
        context: Context | Mapping[str, Any],
        table: _native.TemplateTable,
        root: int = 0,
        seq: int = 1,
        ack: int = 0,
        targets: Sequence[str] = (),
    ) -> bytes | None:
        """An update frame, or None when nothing visible changed.

        ``targets`` are CSS selectors: only what stands in the elements that they name is rendered
        and sent, if the text of the template has them; what changed elsewhere comes with a later
        frame.
        """
        if targets:
            render = self.native.update_targets
            is_done, frame = self.render(render, context, table, root, seq, ack, targets)
            if is_done:
                return frame
        return self.render(self.native.update, context, table, root, seq, ack)

    def render(self, render: Callable[..., Any], context: Any, *arguments: Any) -> Any:
        """Renders by the best plan that is known by now. A plan other than the last one gives a
        mount frame."""
        while True:
            if self.plan.is_stale or self.plan.is_contradicted:
                self.plan = self.live.plan if self.is_live else self.live.whole_plan
                self.native.use_plan(self.plan)
            try:
                with (
                    bound(self.template, context) as bound_context,
                    scanned(self.live.scan, bound_context),
                ):
                    return render(bound_context, *arguments)
            except _native.Contradiction:
                # Ends at last: the template that it is about joins no conditions from now on.
                continue

    def finds(self, target: str) -> bool:
        """Whether the text of the template has an element for a selector."""
        return self.plan.finds(target)

    def take_warnings(self) -> Iterator[str]:
        """What a developer should hear of the last renders, each thing once: keys that two rows of
        a list have. Nothing where the engine is not in debug mode."""
        for node, key in self.native.take_doubles():
            if (node, key) not in self.warned:
                self.warned.add((node, key))
                yield DOUBLE.format(
                    key=key,
                    loop=node.token.contents,
                    template=node.origin.template_name or "the view's template",
                    line=node.token.lineno,
                )

    def forget(self) -> None:
        """Drops what is known of the page: the next ``update`` gives a mount frame."""
        self.native.forget()


DOUBLE = (
    "Two rows of {{% {loop} %}} have the key {key!r} ({template}, line {line}). A key should "
    "belong to one row: which of the two keeps its element, and what is typed in it, is left "
    "to chance."
)


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


def listeners() -> tuple[Any, Any]:
    """Who wants to know of templates that begin, and of lookups that fail; None in production."""
    announce = nodes.announce if nodes.is_listened_to() else None
    return announce, log_failure if logger.isEnabledFor(logging.DEBUG) else None


def log_failure(name: str, error: Exception, context: Context) -> None:
    """Says what ``Variable`` says when it cannot be resolved."""
    template = getattr(context, "template_name", None) or "unknown"
    message = "Exception while resolving variable '%s' in template '%s'."
    logger.debug(message, name, template, exc_info=error)
