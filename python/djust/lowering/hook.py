"""``djust_lower``: how the node of a project's own tag says what it does, and becomes native.

    class BadgeNode(Node):
        def djust_lower(self, lower):
            return [lower.text("<b class='badge'>"), lower.value(self.label), lower.text("</b>")]

The method is asked once, when a plan is made; it knows no context. What it returns must print what
``render`` prints, for any context. It may return nothing for a node that Django shall render.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.base import FilterExpression, Node, NodeList

from djust import nodes
from djust.lowering.expressions import expression, expressions
from djust.lowering.lowerer import Lowerer, qualified_name
from djust.lowering.scope import Observed, Ops, Scope
from djust.lowering.tags import bound

logger = logging.getLogger("djust")


@dataclass(frozen=True)
class Part:
    """Something that a tag prints or does. Only ``Lower`` makes it."""

    ops: Ops


class Lower:
    """Makes the parts of one node. Expressions are what ``parser.compile_filter`` returns."""

    def __init__(self, lowerer: Lowerer, node: Node, scope: Scope):
        self._lowerer = lowerer
        self._node = node
        self._scope = scope

    def text(self, source: str) -> Part:
        """HTML source that is always the same."""
        return Part([("text", str(source))])

    def value(self, value: FilterExpression) -> Part:
        """A value, printed as ``{{ … }}`` prints it."""
        return Part([("value", expression(value, self._scope), self._node, False)])

    def call(
        self,
        function: Callable[..., Any],
        *values: FilterExpression,
        **named: FilterExpression,
    ) -> Part:
        """What a function returns for the values, printed as a ``simple_tag`` prints it."""
        return Part([("value", self._called(function, values, named, False), self._node, True)])

    def assign(
        self,
        name: str,
        function: Callable[..., Any],
        *values: FilterExpression,
        **named: FilterExpression,
    ) -> Part:
        """Gives a name to what a function returns, as ``{% tag … as name %}`` does. Scopes around
        the tag are then those of the context."""
        called = self._called(function, values, named, True)
        return Part(self._lowerer.assigned(called, name, self._node, self._scope))

    def body(self, nodelist: NodeList) -> Part:
        """What the nodes print."""
        return Part(self._lowerer.nodes(nodelist, self._scope))

    def when(
        self,
        value: FilterExpression,
        then: Part | Iterable[Part],
        otherwise: Part | Iterable[Part] = (),
    ) -> Part:
        """The first part where the value is true, as in ``{% if %}``, else the second."""
        branches: list[Any] = [(("value", expression(value, self._scope)), _joined(then))]
        if rest := _joined(otherwise):
            branches.append((None, rest))
        return Part([("if", branches, self._node)])

    def bind(self, names: Mapping[str, FilterExpression], nodelist: NodeList) -> Part:
        """What the nodes print where names stand for values, as in ``{% with %}``."""
        return Part(bound(self._lowerer, self._node, dict(names), nodelist, self._scope))

    def _called(self, function: Any, values: Any, named: dict, is_named: bool) -> tuple:
        tag = nodes.SimpleTag(function, len(values), tuple(named), is_named)
        lowered = expressions([*values, *named.values()], self._scope)
        return (("call", tag, lowered), [])


def lowered_by_hook(lowerer: Lowerer, node: Node, scope: Scope) -> Ops | None:
    """What the node's ``djust_lower`` says, or nothing."""
    if not has_hook(type(node)):
        return None
    try:
        parts = node.djust_lower(Lower(lowerer, node, scope))  # type: ignore[attr-defined]
        return None if parts is None else _joined(parts)
    except Observed:
        raise
    except Exception:
        name = qualified_name(node)
        logger.exception("%s.djust_lower failed; Django renders the tag", name)
        return None


def has_hook(kind: type[Node]) -> bool:
    """Whether the class has the hook, and no class below it has a ``render`` of its own: that may
    do something else."""
    for each in kind.__mro__:
        if "djust_lower" in vars(each):
            return True
        if "render" in vars(each) or "render_annotated" in vars(each):
            return False
    return False


def _joined(parts: Part | Iterable[Part]) -> Ops:
    if isinstance(parts, Part):
        return parts.ops
    ops: Ops = []
    for part in parts:
        if not isinstance(part, Part):
            raise TypeError(f"djust_lower returns parts that its argument made, not {part!r}")
        ops += part.ops
    return ops
