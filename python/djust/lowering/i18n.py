"""Tags of ``i18n``, ``l10n`` and ``tz``: a node goes in, its operations come out, or nothing for a
node that Django renders."""

from typing import Any

from django.template.base import FilterExpression, Node, TokenType, Variable
from django.templatetags.i18n import (
    BlockTranslateNode,
    GetLanguageInfoListNode,
    GetLanguageInfoNode,
    LanguageNode,
    TranslateNode,
)
from django.templatetags.l10n import LocalizeNode
from django.templatetags.tz import LocalTimeNode, TimezoneNode
from django.utils import timezone, translation

from djust import nodes
from djust.lowering.expressions import base_of, expression, filters, left_behind, raw
from djust.lowering.lowerer import Lowerer, Lowering
from djust.lowering.scope import Op, Ops, Scope


def translate(lowerer: Lowerer, node: TranslateNode, scope: Scope) -> Ops | None:
    value = node.filter_expression
    if type(value) is not FilterExpression or type(value.var) is not Variable:
        return None
    base: Op = base_of(value.var, scope, is_message=True)
    is_plain = not (value.filters or node.noop or node.message_context)
    if is_plain and base[0] == "constant" and isinstance(base[1], str):
        constant: Op = ("call", nodes.ConstantMessage(base[1]), [])
        return lowerer.printed((constant, []), node.asvar, node, scope)
    if not node.noop:
        context = node.message_context and expression(node.message_context, scope)
        base = ("message", base, context or None, nodes.message)
    elif node.message_context:
        return None
    call = ("call", nodes.printed_message, [(base, filters(value, scope))])
    return lowerer.printed((call, []), node.asvar, node, scope)


def block_translate(lowerer: Lowerer, node: BlockTranslateNode, scope: Scope) -> Ops:
    context = expression(node.message_context, scope) if node.message_context else None
    slots = {name: lowerer.slot() for name in node.extra_context}
    bindings = [
        (slots[name], expression(value, scope)) for name, value in node.extra_context.items()
    ]
    inner = scope.within(slots)
    tokens, count = list(node.singular), None
    if node.plural and node.countervar and node.counter:
        slot = lowerer.slot()
        count = (slot, expression(node.counter, inner))
        inner = scope.within({**slots, node.countervar: slot})
        tokens += node.plural
    names = [token.contents for token in tokens if token.token_type == TokenType.VAR]
    values = [raw(name, inner) for name in names]
    function = nodes.BlockTranslation(node, tuple(names), count is not None)
    left = left_behind(inner)
    without = nodes.without_translations
    value: Op = ("block", context, bindings, count, values, function, without, left)
    return lowerer.printed((value, []), node.asvar, node, scope)


def getter(function: Any) -> Lowering:
    """A tag that gives a name to what a function without arguments returns."""

    def get(lowerer: Lowerer, node: Any, scope: Scope) -> Ops:
        value: Op = ("call", nodes.Getter(function), [])
        return lowerer.assigned((value, []), node.variable, node, scope)

    return get


get_current_language = getter(translation.get_language)
get_current_language_bidi = getter(translation.get_language_bidi)
get_available_languages = getter(nodes.available_languages)
get_current_timezone = getter(timezone.get_current_timezone_name)


def get_language_info(lowerer: Lowerer, node: GetLanguageInfoNode, scope: Scope) -> Ops:
    value = ("call", nodes.language_info, [expression(node.lang_code, scope)])
    return lowerer.assigned((value, []), node.variable, node, scope)


def get_language_info_list(lowerer: Lowerer, node: GetLanguageInfoListNode, scope: Scope) -> Ops:
    value = ("call", nodes.LanguageInfoList(node), [expression(node.languages, scope)])
    return lowerer.assigned((value, []), node.variable, node, scope)


# ---- tags that change how values print -----------------------------------------------------------


def language(lowerer: Lowerer, node: LanguageNode, scope: Scope) -> Ops:
    enter = nodes.EnterOverride(translation.override)
    return environment(lowerer, node, scope, enter, nodes.leave_override, [node.language])


def time_zone(lowerer: Lowerer, node: TimezoneNode, scope: Scope) -> Ops:
    enter = nodes.EnterOverride(timezone.override)
    return environment(lowerer, node, scope, enter, nodes.leave_override, [node.tz])


def localize(lowerer: Lowerer, node: LocalizeNode, scope: Scope) -> Ops:
    enter = nodes.EnterOption("use_l10n", node.use_l10n)
    return environment(lowerer, node, scope, enter, nodes.leave_option, [])


def local_time(lowerer: Lowerer, node: LocalTimeNode, scope: Scope) -> Ops:
    enter = nodes.EnterOption("use_tz", node.use_tz)
    return environment(lowerer, node, scope, enter, nodes.leave_option, [])


def environment(
    lowerer: Lowerer, node: Node, scope: Scope, enter: Any, leave: Any, values: list
) -> Ops:
    lowered = [expression(value, scope) for value in values]
    body = lowerer.nodes(node.nodelist, scope)  # type: ignore[attr-defined]
    return [("scope", ("python", enter, leave, node, lowered), body)]
