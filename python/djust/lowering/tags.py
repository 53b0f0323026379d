"""Tags of ``django.template.defaulttags``, of ``static``, and those that projects make by
``simple_tag``: a node goes in, its operations come out, or nothing for a node that Django renders.
"""

from dataclasses import replace
from typing import Any

from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode
from django.template.defaulttags import (
    AutoEscapeControlNode,
    CsrfTokenNode,
    CycleNode,
    FilterNode,
    FirstOfNode,
    ForNode,
    GroupedResult,
    IfChangedNode,
    IfNode,
    NowNode,
    RegroupNode,
    ResetCycleNode,
    SpacelessNode,
    TemplateTagNode,
    URLNode,
    VerbatimNode,
    WidthRatioNode,
    WithNode,
)
from django.template.library import SimpleNode
from django.templatetags.static import PrefixNode, StaticNode

from djust import forms, nodes
from djust.lowering import templates
from djust.lowering.expressions import condition, expression, expressions, filters, left_behind
from djust.lowering.lowerer import Lowerer, cleared
from djust.lowering.scope import Observed, Op, Ops, Scope


def text(lowerer: Lowerer, node: TextNode, scope: Scope) -> Ops:
    return [("text", node.s)]


def nothing(lowerer: Lowerer, node: Node, scope: Scope) -> Ops:
    return []


def verbatim(lowerer: Lowerer, node: VerbatimNode, scope: Scope) -> Ops:
    return [("text", node.content)]


def template_tag(lowerer: Lowerer, node: TemplateTagNode, scope: Scope) -> Ops:
    return [("text", node.mapping.get(node.tagtype, ""))]


def variable(lowerer: Lowerer, node: VariableNode, scope: Scope) -> Ops | None:
    value = node.filter_expression
    if type(value) is not FilterExpression:
        return None
    if not value.filters and type(value.var) is Variable:
        lookups = value.var.lookups
        if lookups == ("block", "super") and scope.block is not None:
            return templates.block_super(lowerer, node, scope)
        if lookups == ("csrf_token",) and is_of_context("csrf_token", scope):
            call: Op = ("call", nodes.csrf_variable, [expression(value, scope)])
            return [("value", (call, []), node, False)]
    lowered = expression(value, scope)
    is_method = not value.filters and forms.names_method(value.var)
    if forms.is_dynamic(node) or is_method:
        return [("print", lowered, node, forms.is_dynamic(node), is_method)]
    return [("value", lowered, node, False)]


def is_of_context(name: str, scope: Scope) -> bool:
    return name not in scope.names and not scope.is_isolated


def csrf(lowerer: Lowerer, node: CsrfTokenNode, scope: Scope) -> Ops | None:
    if not is_of_context("csrf_token", scope):
        return None
    token: Op = (("call", nodes.csrf_token, []), [])
    field = [
        ("text", '<input type="hidden" name="csrfmiddlewaretoken" value="'),
        ("value", token, node, True),
        ("text", '">'),
    ]
    return [("if", [(("value", token), field)], node)]


def url(lowerer: Lowerer, node: URLNode, scope: Scope) -> Ops:
    values = expressions([*node.args, *node.kwargs.values(), node.view_name], scope)
    reverse = nodes.Reverse(len(node.args), tuple(node.kwargs), bool(node.asvar))
    return lowerer.printed((("call", reverse, values), []), node.asvar, node, scope)


def static(lowerer: Lowerer, node: StaticNode, scope: Scope) -> Ops:
    value = ("call", nodes.static_url, [expression(node.path, scope)])
    return lowerer.printed((value, []), node.varname, node, scope)


def prefix(lowerer: Lowerer, node: PrefixNode, scope: Scope) -> Ops:
    value: Op = ("call", nodes.Getter(node.handle_simple, node.name), [])
    return lowerer.printed((value, []), node.varname, node, scope)


def now(lowerer: Lowerer, node: NowNode, scope: Scope) -> Ops:
    value: Op = ("call", nodes.Getter(nodes.formatted_now, node.format_string), [])
    return lowerer.printed((value, []), node.asvar, node, scope)


def simple_tag(lowerer: Lowerer, node: SimpleNode, scope: Scope) -> Ops | None:
    if node.takes_context and scope.is_lazy:
        return None  # It may read and write whatever it likes.
    values = expressions([*node.args, *node.kwargs.values()], scope)
    is_named = node.target_var is not None
    count, names = len(node.args), tuple(node.kwargs)
    call = nodes.SimpleTag(node.func, count, names, is_named, bool(node.takes_context))
    value: Op = (("call", call, values), [])
    if node.takes_context and not is_named:
        return lowerer.evaluated(value, node)
    if is_named:
        return lowerer.assigned(value, node.target_var, node, scope)
    return lowerer.printed(value, None, node, scope)


# ---- values that tags choose ---------------------------------------------------------------------


def cycle(lowerer: Lowerer, node: CycleNode, scope: Scope) -> Ops:
    lowerer.is_stateful = True
    value: Op = (("choice", nodes.CycleStep(node), expressions(node.cyclevars, scope)), [])
    if node.variable_name:
        value = (("assign", value, scope.upward_target(node.variable_name)), [])
        if not node.silent:
            return lowerer.evaluated(value, node, is_source=False)
    return [("set", value, node) if node.silent else ("value", value, node, False)]


def reset_cycle(lowerer: Lowerer, node: ResetCycleNode, scope: Scope) -> Ops | None:
    if type(node.node) is not CycleNode:
        return None
    lowerer.is_stateful = True
    return [("set", (("call", nodes.CycleReset(node.node), []), []), node)]


def first_of(lowerer: Lowerer, node: FirstOfNode, scope: Scope) -> Ops:
    value: Op = (("first", expressions(node.vars, scope)), [])
    if node.asvar:
        return lowerer.assigned((("rendered", value), []), node.asvar, node, scope)
    return [("value", value, node, False)]


def width_ratio(lowerer: Lowerer, node: WidthRatioNode, scope: Scope) -> Ops:
    values = expressions([node.val_expr, node.max_expr, node.max_width], scope)
    ratio = nodes.WidthRatio(bool(node.asvar))
    return lowerer.printed((("attempt", ratio, values), []), node.asvar, node, scope)


def regroup(lowerer: Lowerer, node: RegroupNode, scope: Scope) -> Ops:
    target = scope.target(node.var_name)
    values = expressions([node.target, node.expression], scope)
    return [("set", (("groups", *values, target, GroupedResult), []), node)]


# ---- conditions and loops ------------------------------------------------------------------------


def if_(lowerer: Lowerer, node: IfNode, scope: Scope) -> Ops:
    branches = []
    for test, nodelist in node.conditions_nodelists:
        lowered = None if test is None else condition(test, scope)
        branches.append((lowered, lowerer.nodes(nodelist, scope)))
    return [("if", branches, node)]


def if_changed(lowerer: Lowerer, node: IfChangedNode, scope: Scope) -> Ops | None:
    if not node._varlist and (
        node.nodelist_false or templates.binds(lowerer, node.nodelist_true, "forloop")
    ):
        return None
    remembered = memory_of(lowerer, node, scope)
    before: Ops = []
    if isinstance(remembered, nodes.Remember):
        before = [("set", (("call", remembered.prepare, []), []), node)]
    if not node._varlist:
        scope = replace(scope, is_repeated=True)
    body = lowerer.nodes(node.nodelist_true, scope)
    if not node._varlist:
        return [*before, ("filtered", ("changed", remembered), body, node)]
    test = ("changed", expressions(node._varlist, scope), remembered)
    branches: list[Any] = [(test, body)]
    if node.nodelist_false:
        branches.append((None, lowerer.nodes(node.nodelist_false, scope)))
    return [*before, ("if", branches, node)]


def memory_of(lowerer: Lowerer, node: IfChangedNode, scope: Scope) -> Any:
    """Where the tag remembers: in the innermost loop, or else in the template."""
    meaning = scope.names.get("forloop")
    if meaning is not None:
        if meaning[0] != "loop":
            raise Observed(node)  # A tag has given the name to something else.
        slots = lowerer.remembered[meaning[1]]
        if node not in slots:
            slots[node] = lowerer.slot()
        return slots[node]
    lowerer.is_stateful = True
    is_copied = not (lowerer.is_cached or lowerer.is_of_root(node))
    return nodes.Remember(node, sees_loops=not scope.is_isolated, is_copied=is_copied)


def for_(lowerer: Lowerer, node: ForNode, scope: Scope) -> Ops:
    scope = replace(scope, is_repeated=True)

    def lazy(scope: Scope) -> Ops:
        number = lowerer.depth
        parent = scope.names.get("forloop", ("context",))
        slots = [lowerer.slot() for _ in node.loopvars]
        forloop, names = ("loop", number, parent), dict(zip(node.loopvars, slots, strict=True))
        left = None
        if len(slots) == 1:
            inner = scope.within(names, forloop=forloop)
        else:
            # Several names live in a scope of their own for each round.
            inner = scope.within({}, forloop=forloop).within(names)
            left = left_behind(inner)
            inner = replace(inner, leaks=inner.leaks + 1)
        before, inner = lowerer.declared(node.nodelist_loop, inner)
        remembered: dict[Node, int] = {}
        lowerer.remembered[number] = remembered
        lowerer.depth += 1
        body = lowerer.nodes(node.nodelist_loop, inner)
        lowerer.depth -= 1
        if len(slots) > 1:
            before, body = [], before + body
        if remembered:
            before = [cleared(remembered.values()), *before]
        prepared, outside = lowerer.declared(node.nodelist_empty, scope.within({}))
        empty = prepared + lowerer.nodes(node.nodelist_empty, outside)
        return before + loop(node, scope, (slots, number, left), body, empty)

    def pushed(scope: Scope) -> Ops:
        # A lazy loop beneath may not take the number of one around it, but a pushed loop has no
        # number at all.
        body = lowerer.nodes(node.nodelist_loop, scope)
        return loop(node, scope, None, body, lowerer.nodes(node.nodelist_empty, scope))

    return lowerer.scoped(scope, lazy, pushed)


def loop(node: ForNode, scope: Scope, lazy: tuple | None, body: Ops, empty: Ops) -> Ops:
    sequence = expression(node.sequence, scope)
    names = tuple(node.loopvars)
    return [("for", sequence, names, bool(node.is_reversed), lazy, body, empty, node)]


# ---- scopes, and tags around a body --------------------------------------------------------------


def with_(lowerer: Lowerer, node: WithNode, scope: Scope) -> Ops:
    return bound(lowerer, node, node.extra_context, node.nodelist, scope)


def bound(lowerer: Lowerer, node: Node, values: dict, nodelist: NodeList, scope: Scope) -> Ops:
    """Nodes in a scope that has names for values."""

    def lazy(scope: Scope) -> Ops:
        bindings, inner = lowerer.bindings(values, scope, scope)
        before, inner = lowerer.declared(nodelist, inner)
        body = before + lowerer.nodes(nodelist, inner)
        return [("scope", ("lazy", bindings, None, node, False), body)]

    def pushed(scope: Scope) -> Ops:
        form: Op = ("python", nodes.EnterWith(values), nodes.leave_pushed, node, [])
        return [("scope", form, lowerer.nodes(nodelist, scope))]

    return lowerer.scoped(scope, lazy, pushed)


def autoescape(lowerer: Lowerer, node: AutoEscapeControlNode, scope: Scope) -> Ops:
    body = lowerer.nodes(node.nodelist, scope)
    if all(op[0] == "text" for op in body):
        return body
    return [("scope", ("autoescape", bool(node.setting)), body)]


def spaceless(lowerer: Lowerer, node: SpacelessNode, scope: Scope) -> Ops:
    body = lowerer.nodes(node.nodelist, scope)
    return [("filtered", ("call", nodes.without_spaces), body, node)]


def filter_(lowerer: Lowerer, node: FilterNode, scope: Scope) -> Ops:
    value = node.filter_expr
    if type(value) is not FilterExpression or getattr(value.var, "lookups", None) != ("var",):
        raise Observed(node)
    slot = lowerer.slot()
    # An argument may be named ``var``, too; all else is as outside.
    chain = filters(value, scope.bind(var=("slot", slot)))
    form: Op = ("expression", slot, (("raw", ("slot", slot, ())), chain))
    return [("filtered", form, lowerer.nodes(node.nodelist, scope), node)]
