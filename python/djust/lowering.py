"""A template that Django compiled goes in, the operations of a native plan come out.

Nodes are matched by their exact type: a subclass may do anything, so it is *opaque*, rendered by
Django itself at its place in the plan. What is lowered keeps its node, which gets the blame (and
the template line) when an exception passes.

Operations, values and conditions are plain tuples whose first item names them; crates/native reads
them in src/program.rs. In short:

    ("text", source)                      ("if", [(condition | None, ops)], node)
    ("value", expression, node, source?)  ("opaque", node, why)
    ("for", expression, names, reversed?, lazy, ops, ops for no items, node)
    ("scope" | "include", scope, ops)

A scope (``for``, ``with``, ``include``, ``block``) is *lazy* where nothing beneath it can see the
context: its names become slots, and the context never learns of them. An opaque node beneath sees
everything, so there the scope is really pushed. Lowering tries the lazy form first; whatever would
see the context raises ``Observed``, and the outermost lazy scope around it is lowered again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from types import FunctionType
from typing import Any, NamedTuple

import django
from django.template import Engine, TemplateDoesNotExist, smartif
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Template,
    TextNode,
    Variable,
    VariableNode,
)
from django.template.defaulttags import (
    AutoEscapeControlNode,
    CommentNode,
    CsrfTokenNode,
    ForNode,
    IfNode,
    LoadNode,
    TemplateLiteral,
    TemplateTagNode,
    URLNode,
    VerbatimNode,
    WithNode,
)
from django.template.loader_tags import (
    BlockNode,
    ExtendsNode,
    IncludeNode,
    construct_relative_path,
)
from django.template.loaders.cached import Loader as CachedLoader
from django.utils.safestring import mark_safe

from djust import _native, nodes

Op = tuple[Any, ...]
Ops = list[Op]

COUNTERS = {"counter", "counter0", "revcounter", "revcounter0", "first", "last"}
if django.VERSION >= (6, 0):
    COUNTERS.add("length")
OPERATORS = {operator: name for name, operator in smartif.OPERATORS.items()}
DEEPEST_INCLUDE = 32


class Observed(Exception):
    """Something beneath a lazy scope needs the context as Django would have it."""


class Why(str, Enum):
    """Why Django renders a node itself; ``manage.py djust_templates`` tells."""

    TAG = "tag"
    """Nothing is known of nodes of this type."""
    FORM = "form"
    """The tag has a native form, but not with these arguments."""
    SETTING = "setting"
    """``string_if_invalid`` changes what each name prints."""


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


def plan_for(template: Template, *, live: bool = True) -> "_native.Plan":
    """The plan of a compiled template: of its live region, or of all of it.

    >>> from django.template import Engine
    >>> plan_for(Engine().from_string("Hello {{ name }}"), live=False)
    0: flags 0 key None [Static("Hello "), Hole(...)]
    """
    return _native.Plan(lower(template).ops, live)


def lower(template: Template) -> Lowered:
    """The operations of a compiled template."""
    if template.engine.string_if_invalid:
        # A debugging aid of Django that changes what every missing name prints.
        return Lowered([("opaque", node, Why.SETTING) for node in template.nodelist], [])
    lowerer = Lowerer(template)
    return Lowered(lowerer.template(template, Scope()), lowerer.dependencies)


@dataclass(frozen=True)
class Scope:
    """What names mean at a place of a template.

    ``names`` holds those that the context does not know: ``("slot", number)``,
    ``("loop", number, parent)`` for ``forloop``, and ``("hidden",)`` for what only Django can give.
    """

    names: dict[str, tuple] = field(default_factory=dict)
    is_lazy: bool = False
    is_isolated: bool = False
    """Whether the context itself is out of sight (``include … only``)."""
    block: str | None = None
    """The block that ``block.super`` belongs to."""

    def lazily(self) -> "Scope":
        return replace(self, is_lazy=True)

    def bind(self, **names: tuple) -> "Scope":
        return replace(self, names={**self.names, **names})


class Lowerer:
    """Lowers one root template with everything that it extends and includes by literal names."""

    def __init__(self, template: Template):
        self.engine = template.engine
        self.slots = 0
        self.depth = 0
        # As Django keeps them while it renders: the blocks of the templates of one inheritance
        # chain, the innermost override last, and the templates that were extended.
        self.blocks: dict[str, list[BlockNode]] | None = None
        self.extended: list[Any] | None = None
        self.origins: list[Any] = []
        self.dependencies: list[Dependency] = []
        self.lowerings = verified_lowerings()

    # ---- templates and nodes --------------------------------------------------------------------

    def template(self, template: Template, scope: Scope) -> Ops:
        self.origins.append(template.origin)
        try:
            return self.nodes(template.nodelist, scope)
        finally:
            self.origins.pop()

    def nodes(self, nodes: NodeList, scope: Scope) -> Ops:
        ops: Ops = []
        for node in nodes:
            ops += self.node(node, scope)
        return ops

    def node(self, node: Node, scope: Scope) -> Ops:
        lowering = self.lowerings.get(type(node))
        why = Why.FORM if lowering else Why.TAG
        try:
            ops = lowering(self, node, scope) if lowering else None
        except Observed:
            if scope.is_lazy:
                raise
            ops = None
        return self.opaque(node, scope, why) if ops is None else ops

    def opaque(self, node: Node, scope: Scope, why: "Why") -> Ops:
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
        blocks = self.blocks and {name: chain[:] for name, chain in self.blocks.items()}
        try:
            return lazy(scope.lazily())
        except Observed:
            self.slots, self.depth, self.origins, self.extended = saved
            self.blocks = blocks
            return pushed(scope)

    def slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def text(self, node: TextNode, scope: Scope) -> Ops:
        return [("text", node.s)]

    def nothing(self, node: Node, scope: Scope) -> Ops:
        return []

    def verbatim(self, node: VerbatimNode, scope: Scope) -> Ops:
        return [("text", node.content)]

    def template_tag(self, node: TemplateTagNode, scope: Scope) -> Ops:
        return [("text", node.mapping.get(node.tagtype, ""))]

    def variable(self, node: VariableNode, scope: Scope) -> Ops | None:
        expression = node.filter_expression
        if type(expression) is not FilterExpression:
            return None
        if not expression.filters and type(expression.var) is Variable:
            lookups = expression.var.lookups
            if lookups == ("block", "super") and scope.block is not None:
                return self.super(node, scope)
            if lookups == ("csrf_token",) and self.is_of_context("csrf_token", scope):
                call: Op = ("call", nodes.csrf_variable, [])
                return [("value", (call, []), node, False)]
        return [("value", self.expression(expression, scope), node, False)]

    def is_of_context(self, name: str, scope: Scope) -> bool:
        return name not in scope.names and not scope.is_isolated

    def csrf(self, node: CsrfTokenNode, scope: Scope) -> Ops | None:
        if not self.is_of_context("csrf_token", scope):
            return None
        token: Op = (("call", nodes.csrf_token, []), [])
        field = [
            ("text", '<input type="hidden" name="csrfmiddlewaretoken" value="'),
            ("value", token, node, True),
            ("text", '">'),
        ]
        return [("if", [(("value", token), field)], node)]

    def url(self, node: URLNode, scope: Scope) -> Ops | None:
        if node.asvar:
            return None
        expressions = [*node.args, *node.kwargs.values(), node.view_name]
        arguments = [self.expression(each, scope) for each in expressions]
        reverse = nodes.Reverse(len(node.args), tuple(node.kwargs))
        return [("value", (("call", reverse, arguments), []), node, True)]

    def autoescape(self, node: AutoEscapeControlNode, scope: Scope) -> Ops:
        body = self.nodes(node.nodelist, scope)
        if all(op[0] == "text" for op in body):
            return body
        return [("scope", ("autoescape", bool(node.setting)), body)]

    # ---- conditions and loops -------------------------------------------------------------------

    def if_(self, node: IfNode, scope: Scope) -> Ops:
        branches = []
        for condition, nodelist in node.conditions_nodelists:
            test = None if condition is None else self.condition(condition, scope)
            branches.append((test, self.nodes(nodelist, scope)))
        return [("if", branches, node)]

    def condition(self, condition: Any, scope: Scope) -> tuple:
        kind = type(condition)
        if kind is TemplateLiteral:
            return ("value", self.expression(condition.value, scope))
        name = OPERATORS.get(kind)
        if name is None:
            if scope.is_lazy:
                raise Observed(condition)
            return ("python", condition)
        operands = [condition.first] if name == "not" else [condition.first, condition.second]
        return (name, *(self.condition(operand, scope) for operand in operands))

    def for_(self, node: ForNode, scope: Scope) -> Ops:
        def lazy(scope: Scope) -> Ops:
            number = self.depth
            parent = scope.names.get("forloop", ("context",))
            slots = [self.slot() for _ in node.loopvars]
            names = {name: ("slot", slot) for name, slot in zip(node.loopvars, slots, strict=True)}
            inner = scope.bind(**{"forloop": ("loop", number, parent), **names})
            self.depth += 1
            body = self.nodes(node.nodelist_loop, inner)
            self.depth -= 1
            return self.loop(node, scope, (slots, number), body)

        def pushed(scope: Scope) -> Ops:
            # A lazy loop beneath may not take the number of one around it, but a pushed loop has
            # no number at all.
            return self.loop(node, scope, None, self.nodes(node.nodelist_loop, scope))

        return self.scoped(scope, lazy, pushed)

    def loop(self, node: ForNode, scope: Scope, lazy: tuple | None, body: Ops) -> Ops:
        sequence = self.expression(node.sequence, scope)
        empty = self.nodes(node.nodelist_empty, scope)
        names = tuple(node.loopvars)
        return [("for", sequence, names, bool(node.is_reversed), lazy, body, empty, node)]

    # ---- scopes ---------------------------------------------------------------------------------

    def with_(self, node: WithNode, scope: Scope) -> Ops:
        def lazy(scope: Scope) -> Ops:
            bindings, inner = self.bindings(node.extra_context, scope, scope)
            body = self.nodes(node.nodelist, inner)
            return [("scope", ("lazy", bindings, None, node), body)]

        def pushed(scope: Scope) -> Ops:
            form = ("python", nodes.EnterWith(node), nodes.leave_pushed, node)
            return [("scope", form, self.nodes(node.nodelist, scope))]

        return self.scoped(scope, lazy, pushed)

    def bindings(self, values: dict, scope: Scope, inner: Scope) -> tuple[list, Scope]:
        """Slots for values of a scope, and the inner scope that has their names."""
        bindings, names = [], {}
        for name, expression in values.items():
            slot = self.slot()
            bindings.append((slot, self.expression(expression, scope)))
            names[name] = ("slot", slot)
        return bindings, inner.bind(**names)

    def include(self, node: IncludeNode, scope: Scope) -> Ops | None:
        template = self.included(node)
        if template is None:
            return None

        def lazy(scope: Scope) -> Ops:
            inner = replace(scope, block=None)
            if node.isolated_context:
                inner = replace(inner, names={}, is_isolated=True)
            bindings, inner = self.bindings(node.extra_context, scope, inner)
            with self.own_blocks():
                body = self.template(template, inner)
            return [("include", ("lazy", bindings, template, node), body)]

        def pushed(scope: Scope) -> Ops:
            enter = nodes.EnterInclude(node, template)
            with self.own_blocks():
                body = self.template(template, replace(scope, block=None))
            return [("include", ("python", enter, nodes.leave_include, node), body)]

        return self.scoped(scope, lazy, pushed)

    def included(self, node: IncludeNode) -> Template | None:
        """The template of an include with a literal name, unless it includes itself."""
        expression = node.template
        if type(expression) is not FilterExpression or expression.is_var or expression.filters:
            return None
        if not expression.var or not isinstance(expression.var, str):
            return None
        try:
            name = construct_relative_path(node.origin.template_name, expression.var)
            template = self.engine.select_template((name,))
        except Exception:
            forget_failure(self.engine, name)
            return None  # Django raises the same exception when the tag is rendered.
        if type(template) is not Template or template.engine is not self.engine:
            return None
        if len(self.origins) > DEEPEST_INCLUDE or template.origin in self.origins:
            return None
        self.dependencies.append(Dependency(self.engine, name, None, template))
        return template

    @contextmanager
    def own_blocks(self) -> Iterator[None]:
        """An included template has an inheritance chain of its own."""
        saved = self.blocks, self.extended
        self.blocks = self.extended = None
        try:
            yield
        finally:
            self.blocks, self.extended = saved

    # ---- inheritance ----------------------------------------------------------------------------

    def extends(self, node: ExtendsNode, scope: Scope) -> Ops | None:
        saved = copy(self.extended)
        parent = self.parent(node)
        if parent is None:
            self.extended = saved
            return None
        blocks = [node.blocks]
        first = next((each for each in parent.nodelist if not isinstance(each, TextNode)), None)
        if first is not None and not isinstance(first, ExtendsNode):
            found = parent.nodelist.get_nodes_by_type(BlockNode)
            blocks.append({block.name: block for block in found})

        def body(scope: Scope) -> Ops:
            self.blocks = dict(self.blocks or {})
            for each in blocks:
                for name, block in each.items():
                    self.blocks.setdefault(name, []).insert(0, block)
            return self.template(parent, scope)

        def lazy(scope: Scope) -> Ops:
            return [("scope", ("lazy", [], parent, node), body(scope))]

        def pushed(scope: Scope) -> Ops:
            enter = nodes.EnterExtends(parent, tuple(blocks))
            return [("scope", ("python", enter, nodes.leave_extends, node), body(scope))]

        return self.scoped(scope, lazy, pushed)

    def parent(self, node: ExtendsNode) -> Template | None:
        """The parent with a literal name, found as ``ExtendsNode.find_template`` does."""
        name = node.parent_name
        if type(name) is not FilterExpression or name.is_var or name.filters:
            return None
        if not name.var or not isinstance(name.var, str):
            return None
        if self.extended is None:
            self.extended = [node.origin]
        try:
            parent, origin = self.engine.find_template(name.var, skip=self.extended)
        except Exception:
            forget_failure(self.engine, name.var, self.extended)
            return None  # Django raises the same exception when the tag is rendered.
        self.dependencies.append(Dependency(self.engine, name.var, self.extended[:], parent))
        self.extended.append(origin)
        if type(parent) is not Template or parent.engine is not self.engine:
            return None
        return parent

    def block(self, node: BlockNode, scope: Scope) -> Ops:
        def body(scope: Scope) -> Ops:
            chain = self.blocks.get(node.name) if self.blocks else None
            if not chain:
                return self.nodes(node.nodelist, scope)
            popped = chain.pop()
            ops = self.nodes(popped.nodelist, scope)
            # A scope inside may have been lowered twice, and have put copies of the chains back.
            if self.blocks is not None:
                self.blocks[node.name].append(popped)
            return ops

        def lazy(scope: Scope) -> Ops:
            inner = scope.bind(block=("hidden",))
            return body(replace(inner, block=node.name if self.blocks is not None else None))

        def pushed(scope: Scope) -> Ops:
            name = node.name if self.blocks is not None else None
            form = ("python", nodes.EnterBlock(node), nodes.leave_block, node)
            return [("scope", form, body(replace(scope, block=name)))]

        return self.scoped(scope, lazy, pushed)

    def super(self, node: VariableNode, scope: Scope) -> Ops:
        """``{{ block.super }}``: the next block of the chain, or nothing."""
        chain = self.blocks.get(scope.block) if self.blocks and scope.block else None
        return self.block(chain[-1], scope) if chain else []

    # ---- values ---------------------------------------------------------------------------------

    def expression(self, expression: Any, scope: Scope) -> tuple:
        if type(expression) is not FilterExpression:
            raise Observed(expression)
        if not expression.is_var:
            base: tuple = ("constant", expression.var)
        else:
            base = self.base(expression.var, scope)
        return (base, [self.filter(each, scope) for each in expression.filters])

    def filter(self, filter: tuple[Callable, list], scope: Scope) -> tuple:
        function, arguments = filter
        lowered = [
            (True, self.argument(argument, scope)) if is_looked else (False, mark_safe(argument))
            for is_looked, argument in arguments
        ]
        native = nodes.NATIVE_FILTERS.get(function) if isinstance(function, FunctionType) else None
        return (function, lowered, native)

    def argument(self, variable: Any, scope: Scope) -> tuple:
        base = self.base(variable, scope)
        is_outer_loop = base[:2] == ("name", "forloop") and "forloop" in scope.names
        if scope.is_lazy and (base[0] == "missing" or is_outer_loop):
            raise Observed(variable)  # Django raises when it is missing, and lists the context.
        return base

    def base(self, variable: Any, scope: Scope) -> tuple:
        if type(variable) is not Variable:
            raise Observed(variable)
        if variable.lookups is None:
            if variable.translate:
                return ("variable", variable)
            return ("constant", variable.literal)
        if variable.translate:
            if scope.is_lazy:
                raise Observed(variable)
            return ("variable", variable)
        root, *rest = variable.lookups
        if scope.is_lazy and "super" in rest:
            raise Observed(variable)  # The block of the parent reads the context.
        meaning = scope.names.get(root)
        if meaning is None:
            if scope.is_isolated and root not in ("True", "False", "None"):
                return ("missing", root)
            return ("name", root, tuple(rest))
        return self.lookup(variable, meaning, rest)

    def lookup(self, variable: Variable, meaning: tuple, rest: list[str]) -> tuple:
        kind, *details = meaning
        if kind == "slot":
            return ("slot", details[0], tuple(rest))
        if kind == "context" and rest:
            return ("name", "forloop", tuple(rest))
        if kind == "loop" and rest:
            number, parent = details
            if rest[0] == "parentloop":
                return self.lookup(variable, parent, rest[1:])
            if rest[0] in COUNTERS and len(rest) == 1:
                return ("counter", number, rest[0])
        raise Observed(variable)


def forget_failure(engine: Engine, name: str, skip: list[Any] | None = None) -> None:
    """Drops a failed search from the cache of the loader: it would be told with less detail when
    the tag is rendered."""
    for loader in engine.template_loaders:
        if isinstance(loader, CachedLoader):
            loader.get_template_cache.pop(loader.cache_key(name, skip), None)


LOWERINGS: dict[type[Node], Callable[..., Ops | None]] = {
    TextNode: Lowerer.text,
    VariableNode: Lowerer.variable,
    IfNode: Lowerer.if_,
    ForNode: Lowerer.for_,
    WithNode: Lowerer.with_,
    AutoEscapeControlNode: Lowerer.autoescape,
    CommentNode: Lowerer.nothing,
    LoadNode: Lowerer.nothing,
    VerbatimNode: Lowerer.verbatim,
    TemplateTagNode: Lowerer.template_tag,
    CsrfTokenNode: Lowerer.csrf,
    URLNode: Lowerer.url,
    IncludeNode: Lowerer.include,
    ExtendsNode: Lowerer.extends,
    BlockNode: Lowerer.block,
}

# The attributes of nodes are no public API of Django. For each node a tag that makes one, and what
# its instances hold in the versions that lowering was written for (5.2 to 6.1). Where a version
# differs, it may know something that lowering does not: Django renders that tag, and a check says
# so.
SAMPLES: dict[type[Node], tuple[str, set[str]]] = {
    TextNode: ("text", {"s"}),
    VariableNode: ("{{ a }}", {"filter_expression"}),
    IfNode: ("{% if a %}{% endif %}", {"conditions_nodelists"}),
    ForNode: (
        "{% for a in b %}{% endfor %}",
        {"loopvars", "sequence", "is_reversed", "nodelist_loop", "nodelist_empty"},
    ),
    WithNode: ("{% with a=b %}{% endwith %}", {"extra_context", "nodelist"}),
    AutoEscapeControlNode: ("{% autoescape on %}{% endautoescape %}", {"setting", "nodelist"}),
    CommentNode: ("{% comment %}{% endcomment %}", set()),
    LoadNode: ("{% load i18n %}", set()),
    VerbatimNode: ("{% verbatim %}{% endverbatim %}", {"content"}),
    TemplateTagNode: ("{% templatetag openblock %}", {"tagtype"}),
    CsrfTokenNode: ("{% csrf_token %}", set()),
    URLNode: ("{% url a %}", {"view_name", "args", "kwargs", "asvar"}),
    IncludeNode: ("{% include a %}", {"template", "extra_context", "isolated_context"}),
    ExtendsNode: ("{% extends a %}", {"nodelist", "parent_name", "template_dirs", "blocks"}),
    BlockNode: ("{% block a %}{% endblock %}", {"name", "nodelist", "parent"}),
}

SLOTS = {
    FilterExpression: {"token", "filters", "var", "is_var"},
    Variable: {"var", "literal", "lookups", "translate", "message_context"},
}


@cache
def verified_lowerings() -> dict[type[Node], Callable[..., Ops | None]]:
    """The lowerings whose nodes are what they are expected to be; none where values are not."""
    if any(set(kind.__slots__) != slots for kind, slots in SLOTS.items()):
        return {TextNode: Lowerer.text}
    return {kind: lowering for kind, lowering in LOWERINGS.items() if is_as_expected(kind)}


def is_as_expected(kind: type[Node]) -> bool:
    source, attributes = SAMPLES[kind]
    (node,) = Engine(libraries={"i18n": "django.templatetags.i18n"}).from_string(source).nodelist
    return type(node) is kind and set(vars(node)) - {"token", "origin"} == attributes
