"""Templates in templates: includes, inclusion tags, partials, inheritance and blocks."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any

from django.template import Engine
from django.template.base import FilterExpression, NodeList, Template, TextNode, VariableNode
from django.template.defaulttags import ForNode, IfChangedNode, IfNode
from django.template.library import InclusionNode
from django.template.loader_tags import (
    BlockNode,
    ExtendsNode,
    IncludeNode,
    construct_relative_path,
)
from django.template.loaders.cached import Loader as CachedLoader

from djust import nodes
from djust.lowering.expressions import expression, expressions
from djust.lowering.lowerer import Dependency, Including, Lowerer, everything, lists_in
from djust.lowering.scope import Observed, Op, Ops, Scope

DEEPEST_INCLUDE = 32

Chains = dict[str, list[BlockNode]]
"""The blocks of each name in the templates of an inheritance chain, the innermost one last."""


def include(lowerer: Lowerer, node: IncludeNode, scope: Scope) -> Ops | None:
    if node.template.is_var:
        return included_by_value(node, scope)
    template = included(lowerer, node)
    if template is None:
        return None

    form: Op = ("python", nodes.EnterInclude(node, template), nodes.leave_include, node, [])
    if around := being_included(lowerer, template):
        return called(around, form, scope)

    def lazy(scope: Scope) -> Ops:
        inner = inside(scope)
        if node.isolated_context:
            inner = replace(inner, names={}, is_isolated=True)
        bindings, inner = lowerer.bindings(node.extra_context, scope, inner)
        body, is_stateful = template_body(lowerer, template, inner)
        return [("include", ("lazy", bindings, template, node, is_stateful), body)]

    def pushed(scope: Scope) -> Ops:
        return unit(lowerer, template, form, inside(scope))

    return lowerer.scoped(scope, lazy, pushed)


def inside(scope: Scope) -> Scope:
    """The scope of a template that stands here: the blocks around it are none of its own."""
    return replace(scope, block=None, is_repeated=False)


def included_by_value(node: IncludeNode, scope: Scope) -> Ops | None:
    """A template that is known only while rendering: it runs by a plan of its own."""
    if scope.is_lazy:
        return None
    return [("print", (("call", nodes.IncludeByValue(node), []), []), node, True, False)]


def being_included(lowerer: Lowerer, template: Any) -> Including | None:
    """The same template around the tag: it includes itself."""
    for around in lowerer.including:
        if around.template is template:
            return around
        both = isinstance(template, Template) and isinstance(around.template, Template)
        if both and template.origin.loader and around.template.origin == template.origin:
            return around
    return None


def called(around: Including, form: Op, scope: Scope) -> Ops | None:
    """A call of a template by itself. It sees the context: names in slots would be overwritten."""
    if scope.is_lazy or around.number is None:
        raise Observed(around.template)
    around.is_called = True
    return [("call", form, around.number)]


def unit(lowerer: Lowerer, template: Any, form: Op, scope: Scope) -> Ops:
    """A template inside another one, in a scope that is really entered."""
    number = lowerer.procedures
    lowerer.procedures += 1
    including = Including(template, number)
    body, _ = template_body(lowerer, template, scope, including)
    if including.is_called:
        return [("procedure", form, body, number)]
    return [("include", form, body)]


def template_body(
    lowerer: Lowerer, template: Any, scope: Scope, including: Including | None = None
) -> tuple[Ops, bool]:
    """The operations of a template inside another one, and whether one of them keeps state."""
    before, scope = lowerer.declared(template.nodelist, scope)
    was_stateful, lowerer.is_stateful = lowerer.is_stateful, False
    lowerer.including.append(including or Including(template, None))
    try:
        with lowerer.own_blocks():
            body = before + lowerer.template(template, scope)
    finally:
        lowerer.including.pop()
    is_stateful, lowerer.is_stateful = lowerer.is_stateful, was_stateful
    return body, is_stateful


def included(lowerer: Lowerer, node: IncludeNode) -> Template | None:
    """The template of an include with a literal name."""
    value = node.template
    if type(value) is not FilterExpression or value.is_var or value.filters:
        return None
    if not value.var or not isinstance(value.var, str):
        return None
    try:
        name = construct_relative_path(node.origin.template_name, value.var)
        template = lowerer.engine.select_template((name,))
    except Exception:
        forget_failure(lowerer.engine, name)
        return None  # Django raises the same exception when the tag is rendered.
    if not belongs(template, lowerer):
        return None
    dependency = Dependency(lowerer.engine, name, None, template)
    if dependency not in lowerer.dependencies:
        lowerer.dependencies.append(dependency)
    return template


def belongs(template: Any, lowerer: Lowerer) -> bool:
    """Whether a template can become a part of this plan."""
    if type(template) is not Template or template.engine is not lowerer.engine:
        return False
    around = being_included(lowerer, template)
    if around is not None and around.template is not template:
        # Without a cache each include has a copy of its own, and so has a tag that remembers.
        return not template.nodelist.get_nodes_by_type(IfChangedNode)
    return len(lowerer.origins) <= DEEPEST_INCLUDE


def inclusion_tag(lowerer: Lowerer, node: InclusionNode, scope: Scope) -> Ops | None:
    """The template sees what the function returns, and nothing of the scopes around the tag."""
    if scope.is_lazy and (node.takes_context or hides_token(scope)):
        return None
    template = inclusion_template(lowerer, node)
    if template is None:
        return None
    values = expressions([*node.args, *node.kwargs.values()], scope)
    enter = nodes.EnterInclusion(node, template)
    form: Op = ("python", enter, nodes.leave_inclusion, node, values)
    if around := being_included(lowerer, template):
        return called(around, form, scope)
    return unit(lowerer, template, form, Scope())


def admin_inclusion_tag(lowerer: Lowerer, node: Any, scope: Scope) -> Ops | None:
    """An inclusion tag of the admin: each model may have a template of its own for it."""
    known = {"token", "origin", "func", "takes_context", "args", "kwargs", "filename"}
    if scope.is_lazy or vars(node).keys() - known != {"template_name"}:
        return None
    return lowerer.evaluated((("call", nodes.AdminInclusion(node), []), []), node)


def partial(lowerer: Lowerer, node: Any, scope: Scope) -> Ops | None:
    """``{% partial %}``: a template of its own in the same scope."""
    try:
        template = node.partial_mapping[node.partial_name]
    except KeyError:
        return None
    leave = nodes.LeavePartial(node.partial_name)
    form: Op = ("python", nodes.EnterPartial(template), leave, node, [])
    if around := being_included(lowerer, template):
        return called(around, form, scope)
    return unit(lowerer, template, form, inside(scope))


def partial_definition(lowerer: Lowerer, node: Any, scope: Scope) -> Ops:
    return lowerer.nodes(node.nodelist, scope) if node.inline else []


def hides_token(scope: Scope) -> bool:
    return scope.is_isolated or "csrf_token" in scope.names


def inclusion_template(lowerer: Lowerer, node: InclusionNode) -> Template | None:
    name = node.filename
    template = name if isinstance(name, Template) else getattr(name, "template", None)
    if not isinstance(template, Template):
        names = (name,) if isinstance(name, str) else tuple(name)
        try:
            template = lowerer.engine.select_template(names)
        except Exception:
            for each in names:
                forget_failure(lowerer.engine, each)
            return None  # Django raises the same exception when the tag is rendered.
        if template.name is None:
            return None
        if belongs(template, lowerer):
            found = Dependency(lowerer.engine, template.name, None, template)
            lowerer.dependencies.append(found)
    return template if belongs(template, lowerer) else None


# ---- inheritance ---------------------------------------------------------------------------------


def extends(lowerer: Lowerer, node: ExtendsNode, scope: Scope) -> Ops | None:
    saved = copy(lowerer.extended)
    parent = parent_of(lowerer, node)
    if parent is None:
        lowerer.extended = saved
        return None
    blocks = [node.blocks]
    first = next((each for each in parent.nodelist if not isinstance(each, TextNode)), None)
    if first is not None and not isinstance(first, ExtendsNode):
        found = parent.nodelist.get_nodes_by_type(BlockNode)
        blocks.append({block.name: block for block in found})
        chains = merged(lowerer.blocks, blocks)
        if may_stand_twice(lowerer, parent, chains):
            lowerer.extended = saved
            return None
    before, scope = lowerer.declared(parent.nodelist, scope)

    def body(scope: Scope) -> Ops:
        lowerer.blocks = merged(lowerer.blocks, blocks)
        return lowerer.template(parent, scope)

    def lazy(scope: Scope) -> Ops:
        return [("scope", ("lazy", [], parent, node, False), body(scope))]

    def pushed(scope: Scope) -> Ops:
        enter = nodes.EnterExtends(parent, tuple(blocks))
        return [("scope", ("python", enter, nodes.leave_extends, node, []), body(scope))]

    return before + lowerer.scoped(scope, lazy, pushed)


def merged(chains: Chains | None, blocks: list[dict[str, BlockNode]]) -> Chains:
    """The chains of blocks with those of further templates below."""
    chains = {name: chain[:] for name, chain in (chains or {}).items()}
    for each in blocks:
        for name, block in each.items():
            chains.setdefault(name, []).insert(0, block)
    return chains


def parent_of(lowerer: Lowerer, node: ExtendsNode) -> Template | None:
    """The parent with a literal name, found as ``ExtendsNode.find_template`` does."""
    name = node.parent_name
    if type(name) is not FilterExpression or name.is_var or name.filters:
        return None
    if not name.var or not isinstance(name.var, str):
        return None
    if lowerer.extended is None:
        lowerer.extended = [node.origin]
    try:
        parent, origin = lowerer.engine.find_template(name.var, skip=lowerer.extended)
    except Exception:
        forget_failure(lowerer.engine, name.var, lowerer.extended)
        return None  # Django raises the same exception when the tag is rendered.
    skipped = lowerer.extended[:]
    lowerer.dependencies.append(Dependency(lowerer.engine, name.var, skipped, parent))
    lowerer.extended.append(origin)
    if type(parent) is not Template or parent.engine is not lowerer.engine:
        return None
    return parent


def block(lowerer: Lowerer, node: BlockNode, scope: Scope) -> Ops:
    def body(scope: Scope) -> Ops:
        chain = lowerer.blocks.get(node.name) if lowerer.blocks else None
        popped = chain.pop() if chain else None
        nodelist = (popped or node).nodelist
        if binds(lowerer, nodelist, "block") or (
            chain and may_miss(lowerer, nodelist, chain, scope)
        ):
            scope = replace(scope, block=None)  # Then `block.super` may be a lookup in anything.
        before, scope = lowerer.declared(nodelist, scope)
        ops = before + lowerer.nodes(nodelist, scope)
        # A scope inside may have been lowered twice, and have put copies of the chains back.
        if popped is not None and lowerer.blocks is not None:
            lowerer.blocks[node.name].append(popped)
        return ops

    def lazy(scope: Scope) -> Ops:
        chain = lowerer.blocks.get(node.name) if lowerer.blocks else None
        inner = scope.within({}, block=("hidden", chain[-1] if chain else node))
        block = node.name if lowerer.blocks is not None else None
        return body(replace(inner, block=block, is_block_written=False))

    def pushed(scope: Scope) -> Ops:
        name = node.name if lowerer.blocks is not None else None
        form: Op = ("python", nodes.EnterBlock(node), nodes.LeaveBlock(), node, [])
        return [("scope", form, body(replace(scope, block=name, is_block_written=True)))]

    return lowerer.scoped(scope, lazy, pushed)


def binds(lowerer: Lowerer, nodes: NodeList, name: str, around: tuple = ()) -> bool:
    """Whether a node in there, however deep, may give a name to something else. Each node keeps the
    names that it binds in attributes of its own; a tag of a project may be given one as a constant.
    ``{% cycle … as name %}`` in an included template binds it outside of that."""
    for node in everything(nodes):
        for value in vars(node).values():
            items = value if isinstance(value, (list, tuple, dict)) else (value,)
            found = (item.var if type(item) is FilterExpression else item for item in items)
            if any(isinstance(item, str) and item == name for item in found):
                return True
        template = included(lowerer, node) if type(node) is IncludeNode else None
        if template is not None and template.origin not in around:
            around = (*around, template.origin)
            if binds(lowerer, template.nodelist, name, around):
                return True
    return False


def block_super(lowerer: Lowerer, node: VariableNode, scope: Scope) -> Ops:
    """``{{ block.super }}``: the next block of the chain, or nothing. It is a lookup to Django: an
    exception that a lookup may end with, quietly, ends the whole block."""
    if scope.is_block_written and scope.is_lazy:
        raise Observed(node)
    chain = lowerer.blocks.get(scope.block) if lowerer.blocks and scope.block else None
    ops = block(lowerer, chain[-1], scope) if chain else []
    if any(op[0] != "text" for op in ops):
        ops = [("guard", ops)]
    if scope.block is None or not scope.is_block_written:
        return ops
    is_own: tuple = ("value", (("call", nodes.InBlock(scope.block), []), []))
    looked_up: Op = ("value", expression(node.filter_expression, scope), node, False)
    return [("if", [(is_own, ops), (None, [looked_up])], node)]


def may_miss(lowerer: Lowerer, nodelist: NodeList, chain: list[BlockNode], scope: Scope) -> bool:
    """Whether ``block.super`` may find less than the whole chain: Django has lost the blocks that
    were rendering when an exception ended it, and was forgiven."""
    if all(type(node) is TextNode for node in chain[-1].nodelist):
        return False
    return scope.is_repeated or supers(lowerer, nodelist) > 1


def may_stand_twice(lowerer: Lowerer, root: Template, chains: Chains) -> bool:
    """Whether a block stands at two places, one of them in what ``block.super`` prints: Django may
    have lost it when the template comes to the other."""
    seen: dict[str, bool] = {}

    def visit(nodelist: NodeList, is_below: bool) -> bool:
        for found in outermost_blocks(nodelist):
            if found.name in seen:
                if is_below or seen[found.name]:
                    return True
                continue
            seen[found.name] = is_below
            # Django finds none within a tag that `simple_block_tag` made: that one is itself.
            chain = chains.get(found.name, [found])
            for number, block in enumerate(reversed(chain)):
                if visit(block.nodelist, is_below or number > 0):
                    return True
                if not supers(lowerer, block.nodelist):
                    break
        return False

    return visit(root.nodelist, False)


def outermost_blocks(nodelist: NodeList) -> Iterator[BlockNode]:
    for node in nodelist:
        if type(node) is BlockNode:
            yield node
        else:
            for each in lists_in(node):
                yield from outermost_blocks(each)


def supers(lowerer: Lowerer, nodelist: NodeList, around: tuple = ()) -> int:
    """How often at most the nodes of a block ask for ``block.super``; 2 stands for more."""
    count = 0
    for node in nodelist:
        kind = type(node)
        if kind in (TextNode, BlockNode):
            continue
        count += node.token.contents.count(".super") if node.token else 0
        if kind is IfNode:
            branches = [nodes for _, nodes in node.conditions_nodelists]
            count += max(supers(lowerer, nodes, around) for nodes in branches)
            continue
        lists = lists_in(node)
        if kind is IncludeNode:
            template = included(lowerer, node)
            if template is None:
                count += 1
            elif template.origin not in around:
                lists, around = [template.nodelist], (*around, template.origin)
        times = 2 if kind in (ForNode, IfChangedNode) else 1
        count += times * sum(supers(lowerer, nodes, around) for nodes in lists)
    return min(count, 2)


def forget_failure(engine: Engine, name: str, skip: list[Any] | None = None) -> None:
    """Drops a failed search from the cache of the loader: it would be told with less detail when
    the tag is rendered."""
    for loader in engine.template_loaders:
        if isinstance(loader, CachedLoader):
            loader.get_template_cache.pop(loader.cache_key(name, skip), None)
