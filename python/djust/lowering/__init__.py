"""A template that Django compiled goes in, the operations of a native plan come out.

Nodes are matched by their exact type: a subclass may do anything, so it is *opaque*, rendered by
Django itself at its place in the plan. What is lowered keeps its node, which gets the blame (and
the template line) when an exception passes. In reading order: ``lowerer`` walks the nodes,
``expressions`` lowers values, ``tags``, ``i18n`` and ``templates`` lower the tags, ``versions``
knows which of them this Django has as expected, ``hook`` asks the nodes of projects themselves.

Operations and all that is in them are plain tuples whose first item names them; crates/native reads
them in src/program.rs. A ``node`` is only there for errors. ``ops`` are lists of operations::

    ("text", source)                      ("if", [(condition | None, ops)], node)
    ("value", expression, node, source?)  ("opaque", node, why)
    ("print", expression, node, dynamic?, method?)    see djust.forms; a call is an include
    ("for", expression, names, reversed?, lazy, ops, ops for no items, node)
    ("scope" | "include", scope, ops)     ("set", expression, node)      prints nothing
    ("filtered", form, ops, node)         ("guard", ops)                 see ``block.super``
    ("procedure", scope, ops, number)     ("call", scope, number)        it includes itself

    scope       ("lazy", [(slot, expression)], template | None, node, stateful?)
                ("autoescape", bool)
                ("python", enter, leave, node, [expression])     functions of djust.nodes
    form        ("call", function)   ("expression", slot, expression)   ("changed", remembered)
    expression  (base, [(function, [(looked up?, base | constant)], native name | None)])
    base        ("constant", value)               ("name", root, (lookup, ...))    of the context
                ("slot", number, (lookup, ...), root?)
                ("maybe", number, (lookup, ...), base if not set, root)
                ("counter", loop, name)           ("missing", root)
                ("outer", sees context?, (lookup, ...))    the loop around the outermost lazy one
                ("raw", base)                     the value of a name, without calling it
                ("variable", Variable)            resolved by Django
                ("call", function, [expression])  function(context, memory, *values)
                ("attempt", function, [expression])    function(context, exception | None, values)
                ("choice", function, [expression])     function(context) gives the index of one
                ("first", [expression])           ("rendered", expression)
                ("assign", expression, name)      ("clear", [slot])
                ("message", base, expression | None, function)
                ("groups", sequence, key, name, group)    expressions, and the name of an item
                ("block", context | None, [(slot, expression)], (slot, expression) | None, [base],
                 function, without, left)         ``{% blocktranslate %}``
    lazy        ([slot], number, left) | None     of a loop
    left        (how many are outside, [(name, base)]) | None    see ``left_behind``
    name        ("context", name)   ("slot", number)
                ("upward", name, [slot], sees context?, own slot | None)
    condition   ("value", expression)   ("python", condition)   ("not", condition)
                (operator, condition, condition)   ("changed", [expression], remembered)
    remembered  a slot, or a function of the context and the values

A scope (``for``, ``with``, ``include``, ``block``) is *lazy* where nothing beneath it can see the
context: its names become slots, and the context never learns of them. An opaque node beneath sees
everything, so there the scope is really pushed. Lowering tries the lazy form first; whatever would
see the context raises ``Observed``, and the outermost lazy scope around it is lowered again.

A tag that writes a name (``{% now "Y" as year %}``) writes to the innermost scope. In a lazy one
the name has a slot, too, and is a *maybe*: until the tag has run it means what it means outside.
"""

from django.template.base import Template

from djust import _native
from djust.lowering.hook import lowered_by_hook
from djust.lowering.lowerer import Dependency, Lowered, Lowerer
from djust.lowering.scope import Observed, Op, Ops, Scope, Why
from djust.lowering.versions import LATER, LOWERINGS, SAMPLES, verified_lowerings

__all__ = [
    "LOWERINGS",
    "SAMPLES",
    "Dependency",
    "Lowered",
    "Observed",
    "Op",
    "Ops",
    "Why",
    "lower",
    "plan_for",
    "verified_lowerings",
]


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
    lowerer = Lowerer(template.engine, verified_lowerings(), LATER, lowered_by_hook)
    return Lowered(lowerer.template(template, Scope()), lowerer.dependencies)
