"""The operations of a lowered template go in, what it reads of each value comes out.

The template is run once without values: a name stands for the place in a tree of ``Reads`` where
everything is noted that is done with it. ``{% for b in books %}{{ b.author.name }}{% endfor %}``
leaves ``books → items → author → name``. ``for``, ``with`` and ``include … with`` bind the same
place to another name, so aliases need no care.

What is not understood may do anything: a value that reaches an unknown filter, tag or operation is
marked ``ESCAPES``, and so is everything that an opaque node can see.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.template import defaultfilters
from django.template.base import FilterExpression, Node
from django.template.library import InclusionNode, SimpleNode

from djust import nodes
from djust.lowering import Observed, Op, Ops
from djust.lowering.expressions import expression as lowered
from djust.lowering.scope import Scope

ITERATED, TESTED, COUNTED, SLICED = "iterated", "tested", "counted", "sliced"
ESCAPES = "escapes"
"""Printed, compared, or given to code that may do anything with it."""


class Reads:
    """What a template does with one value, and what it looks up from it."""

    __slots__ = ("children", "item", "uses")

    def __init__(self) -> None:
        self.uses: set[str] = set()
        self.children: dict[str, Reads] = {}
        self.item: Reads | None = None
        """What is done with each item, if it is iterated."""

    def child(self, name: str) -> "Reads":
        return self.children.setdefault(name, Reads())

    def items(self) -> "Reads":
        if self.item is None:
            self.item = Reads()
        return self.item

    def add(self, other: "Reads") -> None:
        self.uses |= other.uses
        for name, child in other.children.items():
            self.child(name).add(child)
        if other.item is not None:
            self.items().add(other.item)

    @classmethod
    def merged(cls, places: Iterable["Reads"]) -> "Reads":
        """What is done with a value that all these places stand for."""
        merged = cls()
        # One place may be listed several times.
        for place in {id(each): each for each in places}.values():
            merged.add(place)
        return merged


Value = list[Reads]
"""The places that a value may come from; none for what comes from no name."""

Names = dict[str, Value]

MOST_RUNS = 5


class Paths:
    """What one lowered template reads.

    >>> from django.template import Engine
    >>> from djust.lowering import lower
    >>> template = Engine().from_string("{% for b in books %}{{ b.author.name }}{% endfor %}")
    >>> print(*Paths(lower(template).ops).lines(), sep="\\n")
    books: iterated
    books[].author.name: escapes
    """

    def __init__(self, ops: Ops):
        self.roots: dict[str, Reads] = {}
        self.loops: dict[Node, Value] = {}
        """For each loop what its items are."""
        self.bound: dict[Node, dict[int, Value]] = {}
        """For each lazy scope what its values are, by slot."""
        self.slots: dict[int, Value] = {}
        self.given: Names = {}
        """What tags give to names of the context, beside what they mean."""
        self.grouped: dict[Any, Reads] = {}
        self.is_seen = False
        """Whether something opaque sees the context."""
        # A name may be read, in a loop, before the tag that gives it something.
        for _ in range(MOST_RUNS):
            before = self.size()
            self.run(ops, {})
            if self.size() == before:
                break
        else:
            # A name that is given something of itself, again and again.
            for value in [*self.slots.values(), *self.given.values()]:
                self.escape(value)
        if self.is_seen:
            self.escape(self.roots.values())

    def size(self) -> int:
        """How many places all names stand for."""
        return sum(map(len, [*self.slots.values(), *self.given.values()]))

    def lines(self) -> list[str]:
        """Every path with what is done at its end, sorted."""

        def lines(path: str, reads: Reads) -> Iterable[str]:
            if reads.uses:
                yield f"{path}: {', '.join(sorted(reads.uses))}"
            for name, child in reads.children.items():
                yield from lines(f"{path}.{name}", child)
            if reads.item is not None:
                yield from lines(f"{path}[]", reads.item)

        return sorted(line for name, reads in self.roots.items() for line in lines(name, reads))

    # ---- operations -----------------------------------------------------------------------------

    def run(self, ops: Ops, names: Names) -> None:
        for op in ops:
            operation = OPERATIONS.get(op[0])
            if operation is None or not operation(self, op, names):
                self.unknown(op, names)

    def unknown(self, op: Op, names: Names) -> None:
        """An operation that came later than this file: whatever stands in it escapes, and it may
        look at the context."""

        def visit(part: Any) -> None:
            if isinstance(part, tuple) and part and isinstance(part[0], str):
                if part[0] in OPERATIONS and part is not op:
                    self.run([part], names)
                    return
                if part[0] in ("name", "slot"):
                    self.escape(self.base(part, names))
                    return
            if isinstance(part, (tuple, list)):
                for each in part:
                    visit(each)

        self.see(names)
        visit(op)

    def see(self, names: Names) -> None:
        """Something looks at the whole context."""
        self.is_seen = True
        for value in names.values():
            self.escape(value)

    def text(self, op: Op, names: Names) -> bool:
        return True

    def value(self, op: Op, names: Names) -> bool:
        self.escape(self.expression(op[1], names))
        return True

    def opaque(self, op: Op, names: Names) -> bool:
        node = op[1]
        if type(node) in (SimpleNode, InclusionNode) and not node.takes_context:
            for expression in [*node.args, *node.kwargs.values()]:
                self.escape(self.raw(expression, names))
        else:
            self.see(names)
        return True

    def if_(self, op: Op, names: Names) -> bool:
        for condition, ops in op[1]:
            if condition is not None:
                self.use(self.condition(condition, names), TESTED)
            self.run(ops, names)
        return True

    def for_(self, op: Op, names: Names) -> bool:
        _, sequence, loopvars, _, lazy, body, empty, node = op
        value = self.expression(sequence, names)
        self.use(value, ITERATED)
        items = [each.items() for each in value]
        extend(self.loops.setdefault(node, []), items)
        if len(loopvars) > 1:
            self.use(items, ITERATED)
            items = [each.items() for each in items]
        inner = names
        if lazy is None:
            inner = {**names, **dict.fromkeys(loopvars, items), "forloop": []}
        else:
            for slot in lazy[0]:
                self.bind(slot, items)
        self.run(body, inner)
        self.run(empty, names)
        return True

    def set(self, op: Op, names: Names) -> bool:
        self.expression(op[1], names)
        return True

    def filtered(self, op: Op, names: Names) -> bool:
        _, (kind, *details), body, _ = op
        self.run(body, names)
        if kind == "expression":
            self.escape(self.expression(details[1], names))
        return True

    def guard(self, op: Op, names: Names) -> bool:
        self.run(op[1], names)
        return True

    def procedure(self, op: Op, names: Names) -> bool:
        return self.scope(op[:3], names)

    def call(self, op: Op, names: Names) -> bool:
        """A template that includes itself: of what it is given then, it may read anything."""
        if op[1][0] != "lazy":
            return False
        for _, expression in op[1][1]:
            self.escape(self.expression(expression, names))
        return True

    def scope(self, op: Op, names: Names) -> bool:
        _, (kind, *details), body = op
        if kind == "autoescape":
            self.run(body, names)
        elif kind == "lazy":
            bindings, _, node, *_ = details
            bound = self.bound.setdefault(node, {})
            # All values first: a name may be bound to what it meant outside.
            values = [(slot, self.expression(expression, names)) for slot, expression in bindings]
            for slot, value in values:
                self.bind(slot, value)
                extend(bound.setdefault(slot, []), value)
            self.run(body, names)
        elif kind == "python":
            for values in details[3:]:
                for expression in values:
                    self.escape(self.expression(expression, names))
            self.run(body, self.entered(details[0], names))
        else:
            return False
        return True

    def entered(self, enter: Any, names: Names) -> Names:
        """The names inside a scope of the real context."""
        kind = type(enter)
        if kind in (nodes.EnterBlock, nodes.EnterExtends):
            return {**names, "block": []}
        if kind is nodes.EnterOption or kind is nodes.EnterOverride:
            return names
        if kind is nodes.EnterInclusion and not enter.node.takes_context:
            return names  # Its template reads what the function returned, and nothing else.
        if kind not in (nodes.EnterWith, nodes.EnterInclude):
            self.see(names)
            return names
        given = enter.values if kind is nodes.EnterWith else enter.node.extra_context
        values = {name: self.raw(expression, names) for name, expression in given.items()}
        if kind is nodes.EnterInclude and enter.node.isolated_context:
            # Its other names mean nothing, or what a context processor gives.
            return values
        return {**names, **values}

    # ---- conditions -----------------------------------------------------------------------------

    def condition(self, condition: tuple, names: Names) -> Value:
        kind, *operands = condition
        if kind == "value":
            return self.expression(operands[0], names)
        if kind == "python":
            self.see(names)
            return []
        if kind == "changed":
            for expression in operands[0]:
                self.escape(self.expression(expression, names))
            return []
        values = [self.condition(operand, names) for operand in operands]
        if kind in ("or", "and"):
            # Each may be the result, and is tested on the way.
            for value in values:
                self.use(value, TESTED)
            return [place for value in values for place in value]
        for value in values:
            self.use(value, TESTED if kind == "not" else ESCAPES)
        return []

    # ---- values ---------------------------------------------------------------------------------

    def expression(self, expression: tuple, names: Names) -> Value:
        base, filters = expression
        value = self.base(base, names)
        for filter in filters:
            value = self.filter(filter, value, names)
        return value

    def raw(self, expression: Any, names: Names) -> Value:
        """An expression of a node that was not lowered."""
        try:
            if type(expression) is FilterExpression:
                return self.expression(lowered(expression, Scope()), names)
        except Observed:
            pass
        self.see(names)
        return []

    def base(self, base: tuple, names: Names) -> Value:
        kind, *details = base
        if kind in ("constant", "counter", "outer", "missing", "variable", "clear"):
            return []
        if kind in ("call", "attempt"):
            function, arguments = details
            if not is_told_all(function):
                self.see(names)
            for argument in arguments:
                self.escape(self.expression(argument, names))
            return []
        if kind in ("choice", "first"):
            values = [self.expression(each, names) for each in details[-1]]
            for value in values:
                self.use(value, TESTED)
            return [place for value in values for place in value]
        if kind == "raw":
            return self.base(details[0], names)
        if kind == "rendered":
            self.escape(self.expression(details[0], names))
            return []
        if kind == "maybe":
            slot, lookups, otherwise, _ = details
            return [*self.base(("slot", slot, lookups), names), *self.base(otherwise, names)]
        if kind == "assign":
            value = self.expression(details[0], names)
            self.assign(details[1], value)
            return value
        if kind == "groups":
            return self.groups(details, names)
        if kind == "slot":
            value = self.slots.get(details[0], [])
        elif kind == "name":
            name = details[0]
            value = names[name] if name in names else [self.roots.setdefault(name, Reads())]
            value = [*value, *self.given.get(name, [])]
        else:
            self.unknown(("unknown", base), names)
            return []
        for name in details[1]:
            value = [place.child(name) for place in value]
        return value

    def groups(self, details: list, names: Names) -> Value:
        """``{% regroup %}``: groups with ``grouper``, the key of their items, and ``list``."""
        sequence, key, name, _ = details
        value = self.expression(sequence, names)
        self.use(value, ITERATED)
        items = [each.items() for each in value]
        self.assign(name, items)
        keys = self.expression(key, names)
        # Python compares keys, which runs what they define.
        self.escape(keys)
        if len(items) != 1:
            self.escape(items)
            return []
        # The same place each time, kept where the items are.
        groups = self.grouped.setdefault((id(items[0]), id(name)), Reads())
        group = groups.items().child("list")
        group.item = items[0]
        self.assign(name, [groups])
        return [groups]

    def assign(self, name: tuple, value: Value) -> None:
        """Gives a value to a name, in whichever scope that may be."""
        kind, *details = name
        if kind == "slot":
            self.bind(details[0], value)
        elif kind == "context":
            extend(self.given.setdefault(details[0], []), value)
        elif kind == "upward":
            text, slots, _, own = details
            for slot in slots if own is None else [*slots, own]:
                self.bind(slot, value)
            extend(self.given.setdefault(text, []), value)
        else:
            self.escape(value)

    def bind(self, slot: int, value: Value) -> None:
        extend(self.slots.setdefault(slot, []), value)

    def filter(self, filter: tuple, value: Value, names: Names) -> Value:
        function, arguments, _ = filter
        given = [
            self.base(argument, names) if is_looked else [] for is_looked, argument in arguments
        ]
        if function in SORTS:
            self.use(value, ITERATED)
            self.sorted(arguments, value)
            return value
        if function in ENDS:
            self.use(value, SLICED)
            return [place.items() for place in value]
        if function is defaultfilters.slice_filter:
            self.use(value, SLICED)
            return value
        if function in LENGTHS:
            self.use(value, COUNTED)
            return []
        if function in DEFAULTS:
            self.use(value, TESTED)
            return [*value, *(place for each in given for place in each)]
        if function is defaultfilters.yesno:
            self.use(value, TESTED)
        elif function is defaultfilters.join:
            self.use(value, ITERATED)
            self.escape(place.items() for place in value)
        else:
            self.escape(value)
        for each in given:
            self.escape(each)
        return []

    def sorted(self, arguments: list, value: Value) -> None:
        """``dictsort:"author.name"`` looks that up from each item."""
        ((is_looked, argument),) = arguments
        places: Value = [place.items() for place in value]
        if is_looked and argument[0] == "constant":
            is_looked, argument = False, argument[1]
        if not is_looked and isinstance(argument, str):
            for name in argument.split("."):
                places = [place.child(name) for place in places]
        self.escape(places)

    def use(self, value: Iterable[Reads], use: str) -> None:
        for place in value:
            place.uses.add(use)

    def escape(self, value: Iterable[Reads]) -> None:
        self.use(value, ESCAPES)


def is_told_all(function: Any) -> bool:
    """Whether a function, which gets the context, too, reads nothing of it that a view gave."""
    if type(function) is nodes.SimpleTag:
        return not function.takes_context
    return type(function) in CALLS or function in CALLS


CALLS = (
    nodes.CycleReset,
    nodes.Getter,
    nodes.InBlock,
    nodes.LanguageInfoList,
    nodes.Reverse,
    nodes.WidthRatio,
    nodes.csrf_token,
    nodes.csrf_variable,
    nodes.language_info,
    nodes.printed_message,
    nodes.static_url,
)


def extend(places: Value, others: Value) -> None:
    """Adds the places that are not there yet."""
    places += [each for each in others if not any(each is place for place in places)]


OPERATIONS: dict[str, Callable[[Paths, Op, Names], bool]] = {
    "text": Paths.text,
    "value": Paths.value,
    "print": Paths.value,
    "opaque": Paths.opaque,
    "if": Paths.if_,
    "for": Paths.for_,
    "scope": Paths.scope,
    "include": Paths.scope,
    "set": Paths.set,
    "filtered": Paths.filtered,
    "guard": Paths.guard,
    "procedure": Paths.procedure,
    "call": Paths.call,
}

SORTS = (defaultfilters.dictsort, defaultfilters.dictsortreversed)
ENDS = (defaultfilters.first, defaultfilters.last)
LENGTHS = (defaultfilters.length, defaultfilters.pluralize)
DEFAULTS = (defaultfilters.default, defaultfilters.default_if_none)
