"""Walks the nodes of a template, and keeps what must be known of those around."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.template import Engine, TemplateDoesNotExist
from django.template.base import Node, NodeList, Template
from django.template.loader_tags import BlockNode
from django.template.loaders.cached import Loader as CachedLoader

from djust.lowering.expressions import expression
from djust.lowering.scope import UNWRITABLE, Observed, Op, Ops, Scope, Why

Lowering = Callable[["Lowerer", Any, Scope], Ops | None]


class Dependency(NamedTuple):
    """A template that was found by name while another one was lowered."""

    engine: Engine
    name: str
    skip: list[Any] | None
    template: Template

    def is_current(self) -> bool:
        """Whether the loaders still find the same compiled template."""
        try:
            return self.engine.find_template(self.name, skip=self.skip)[0] is self.template
        except TemplateDoesNotExist:
            return False


class Lowered(NamedTuple):
    """A lowered template: what it does, and which other templates went into that."""

    ops: Ops
    dependencies: list[Dependency]


@dataclass
class Including:
    """A template that is being lowered inside another one."""

    template: Any
    number: int | None
    """As a procedure; none in a lazy scope, where it cannot be called."""
    is_called: bool = False


class Lowerer:
    """Lowers one root template with everything that it extends and includes by literal names."""

    def __init__(
        self,
        engine: Engine,
        lowerings: Mapping[type[Node], Lowering],
        later: Mapping[str, Lowering],
        hook: Lowering,
    ):
        self.engine = engine
        self.lowerings = lowerings
        self.later = later
        """Likewise, by the names of classes whose modules may not be imported yet."""
        self.hook = hook
        """For the nodes of other types."""
        self.root: Template | None = None
        self.slots = 0
        self.depth = 0
        # As Django keeps them while it renders: the blocks of the templates of one inheritance
        # chain, the innermost override last, and the templates that were extended.
        self.blocks: dict[str, list[BlockNode]] | None = None
        self.extended: list[Any] | None = None
        self.origins: list[Any] = []
        self.dependencies: list[Dependency] = []
        self.remembered: dict[int, dict[Node, int]] = {}
        """For each lazy loop around, the slots of the tags that remember something in it."""
        self.procedures = 0
        self.including: list[Including] = []
        self.is_stateful = False
        """Whether a tag of the current template keeps state while the template renders."""

    @cached_property
    def is_cached(self) -> bool:
        """Whether the loaders give the same template each time."""
        return any(isinstance(each, CachedLoader) for each in self.engine.template_loaders)

    def is_of_root(self, node: Node) -> bool:
        """Whether a node is one of the template that renders, not of one that it loads."""
        root = self.root
        return root is not None and node in root.nodelist.get_nodes_by_type(type(node))

    def template(self, template: Template, scope: Scope) -> Ops:
        self.root = self.root or template
        self.origins.append(template.origin)
        try:
            return self.nodes(template.nodelist, scope)
        finally:
            self.origins.pop()

    def nodes(self, nodes: Iterable[Node], scope: Scope) -> Ops:
        ops: Ops = []
        for node in nodes:
            ops += self.node(node, scope)
        return ops

    def node(self, node: Node, scope: Scope) -> Ops:
        lowering = self.lowerings.get(type(node)) or self.later.get(qualified_name(node))
        why = Why.FORM if lowering else Why.TAG
        try:
            ops = (lowering or self.hook)(self, node, scope)
        except Observed:
            if scope.is_lazy:
                raise
            ops = None
        return self.opaque(node, scope, why) if ops is None else ops

    def opaque(self, node: Node, scope: Scope, why: Why) -> Ops:
        if scope.is_lazy:
            raise Observed(node)
        return [("opaque", node, why)]

    def scoped(
        self, scope: Scope, lazy: Callable[[Scope], Ops], pushed: Callable[[Scope], Ops]
    ) -> Ops:
        """Lowers a scope in its lazy form if that can be, else in the one that Django has."""
        if scope.is_lazy:
            return lazy(scope)
        saved = self.slots, self.depth, copy(self.origins), copy(self.extended)
        including = copy(self.including)
        blocks = self.blocks and {name: chain[:] for name, chain in self.blocks.items()}
        try:
            return lazy(scope.lazily())
        except Observed:
            self.slots, self.depth, self.origins, self.extended = saved
            self.blocks, self.including = blocks, including
            return pushed(scope)

    @contextmanager
    def own_blocks(self) -> Iterator[None]:
        """An included template has an inheritance chain of its own."""
        saved = self.blocks, self.extended
        self.blocks = self.extended = None
        try:
            yield
        finally:
            self.blocks, self.extended = saved

    # ---- names --------------------------------------------------------------------------------

    def slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def bindings(self, values: dict, scope: Scope, inner: Scope) -> tuple[list, Scope]:
        """Slots for values of a scope, and the inner scope that has their names."""
        slots = {name: self.slot() for name in values}
        bindings = [(slots[name], expression(value, scope)) for name, value in values.items()]
        return bindings, inner.within(slots)

    def declared(self, nodes: Iterable[Node], scope: Scope) -> tuple[Ops, Scope]:
        """The scope in which tags among the nodes may write their names, and what prepares it."""
        if not scope.is_lazy or scope.frame is None:
            return [], scope
        names = [name for name in dict.fromkeys(self.written(nodes)) if name not in scope.frame]
        slots = {name: self.slot() for name in names if name not in UNWRITABLE}
        if not slots:
            return [], scope
        return [cleared(slots.values())], scope.writable(slots)

    def written(self, nodes: Iterable[Node], around: tuple = ()) -> Iterator[str]:
        """The names that tags write to the scope that the nodes stand in."""
        for node in nodes:
            for attribute in WRITTEN_BY.get(type(node).__name__, ()):
                if name := getattr(node, attribute, None):
                    yield name
            if type(node).__name__ == "PartialNode":
                yield from self.written_by_partial(node, around)
            if type(node).__name__ in TRANSPARENT:
                for attribute in TRANSPARENT[type(node).__name__]:
                    yield from self.written(getattr(node, attribute), around)

    def written_by_partial(self, node: Any, around: tuple) -> Iterator[str]:
        try:
            partial = node.partial_mapping[node.partial_name]
        except KeyError:
            return
        if partial not in around:
            yield from self.written(partial.nodelist, (*around, partial))

    def assigned(self, value: tuple, name: str, node: Node, scope: Scope) -> Ops:
        """``as name``: a value that is not printed."""
        return [("set", (("assign", value, scope.target(name)), []), node)]

    def evaluated(self, value: tuple, node: Node, *, is_source: bool = True) -> Ops:
        """What a tag prints that also writes names, and so runs in any case."""
        slot = ("slot", self.slot())
        kept: Op = (("assign", value, slot), [])
        return [("set", kept, node), ("value", (("raw", (*slot, ())), []), node, is_source)]

    def printed(self, value: tuple, name: str | None, node: Node, scope: Scope) -> Ops:
        """The HTML source that a tag prints, unless it says ``as name``."""
        if name:
            return self.assigned(value, name, node, scope)
        return [("value", value, node, True)]


def everything(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes, and all within them."""
    for node in nodes:
        yield node
        for each in lists_in(node):
            yield from everything(each)


def lists_in(node: Node) -> list[NodeList]:
    """The nodes within a node: also those of a tag with ``simple_block_tag``, which says that it
    has none."""
    named = [getattr(node, name, None) for name in node.child_nodelists]
    found = {id(each): each for each in (*named, *vars(node).values())}
    return [each for each in found.values() if isinstance(each, NodeList)]


def qualified_name(node: Node) -> str:
    return f"{type(node).__module__}.{type(node).__qualname__}"


def cleared(slots: Iterable[int]) -> Op:
    """Makes names of a lazy scope unknown again."""
    return ("set", (("clear", list(slots)), []), None)


# By class names, since not every version of Django has them all: the attributes with the names that
# a tag writes, and those with the nodes of tags that open no scope of their own.
WRITTEN_BY = {
    "CycleNode": ("variable_name",),
    "FirstOfNode": ("asvar",),
    "WidthRatioNode": ("asvar",),
    "NowNode": ("asvar",),
    "URLNode": ("asvar",),
    "RegroupNode": ("var_name",),
    "StaticNode": ("varname",),
    "PrefixNode": ("varname",),
    "TranslateNode": ("asvar",),
    "BlockTranslateNode": ("asvar",),
    "SimpleNode": ("target_var",),
    "GetAvailableLanguagesNode": ("variable",),
    "GetLanguageInfoNode": ("variable",),
    "GetLanguageInfoListNode": ("variable",),
    "GetCurrentLanguageNode": ("variable",),
    "GetCurrentLanguageBidiNode": ("variable",),
    "GetCurrentTimezoneNode": ("variable",),
}
TRANSPARENT = {
    "IfNode": ("nodelist",),
    "IfChangedNode": ("nodelist_true", "nodelist_false"),
    "AutoEscapeControlNode": ("nodelist",),
    "SpacelessNode": ("nodelist",),
    "FilterNode": ("nodelist",),
    "LanguageNode": ("nodelist",),
    "LocalizeNode": ("nodelist",),
    "LocalTimeNode": ("nodelist",),
    "TimezoneNode": ("nodelist",),
    "PartialDefNode": ("nodelist",),
}
