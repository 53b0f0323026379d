"""The queries of a render in; a warning for each line that takes one for each row comes out.

Only while ``DEBUG`` is set. The native renderer then says which node it is at, and each query looks
at its call stack for what was asked of which row.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from sys import _getframe
from typing import Any, NamedTuple

import django
from django.db import connections
from django.db.models import Manager, Model, QuerySet
from django.db.models.query_utils import DeferredAttribute
from django.template.base import Node

logger = logging.getLogger("djust.queries")

DJANGO = str(Path(django.__file__).parent)
ROWS = str(Path(__file__).with_name("rows.py"))

# What was said once need not be said in every render.
told: set[tuple[Any, ...]] = set()
MOST_TOLD = 10_000


class Load(NamedTuple):
    """What one query was for, and what would make it needless."""

    what: str
    advice: str


class Watch:
    """The queries of one render, by the node that the renderer was at."""

    def __init__(self) -> None:
        self.node: Node | None = None
        """Set by the native renderer."""
        self.loads: Counter[tuple[Node | None, Load]] = Counter()

    @contextmanager
    def active(self) -> Iterator[None]:
        with ExitStack() as stack:
            for alias in connections:
                stack.enter_context(connections[alias].execute_wrapper(self.execute))
            yield
        self.report()

    def execute(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (load := load_of(_getframe(1))) is not None:
            self.loads[self.node, load] += 1
        return execute(sql, params, many, context)

    def report(self) -> None:
        for (node, load), count in self.loads.items():
            if count == 1 or node is None or node.token is None:
                continue
            name = getattr(node.origin, "template_name", None) or "a template string"
            key = name, node.token.lineno, load
            if key not in told and len(told) < MOST_TOLD:
                told.add(key)
                logger.warning(
                    "%s, line %s: %s queries for %s. %s", name, node.token.lineno, count, *load
                )


def load_of(frame: Any) -> Load | None:
    """What a query is for, by the functions of Django that led to it; None for all rows at once."""
    load = None
    while frame is not None and frame.f_code.co_filename.startswith(DJANGO):
        function, values = frame.f_code.co_name, frame.f_locals
        owner, row = values.get("self"), values.get("instance")
        if function == "__get__" and isinstance(row, Model):
            return row_load(type(row)._meta.label, owner)
        if isinstance(owner, QuerySet):
            load = list_load(owner._hints.get("instance"), owner.model, function)
        elif isinstance(owner, Manager):
            name = values["name"] if function == "manager_method" else function
            load = list_load(getattr(owner, "instance", None), owner.model, name)
        frame = frame.f_back
    return None if frame is not None and frame.f_code.co_filename == ROWS else load


def row_load(model: str, descriptor: Any) -> Load:
    """Something that a row lacked."""
    if isinstance(descriptor, DeferredAttribute):
        name = descriptor.field.name
        return Load(
            f"{model}.{name}, a column left out", f"Fetch {name!r} with the rows: see only()."
        )
    related = getattr(descriptor, "related", None)
    name = related.accessor_name if related else getattr(descriptor, "field", descriptor).name
    return Load(f"{model}.{name}", f"Fetch it with the rows: select_related({name!r}).")


def list_load(row: Any, model: type[Model], function: str) -> Load:
    """A queryset, perhaps one that belongs to a row."""
    label = model._meta.label
    if row is None:
        return Load(f"rows of {label}", "Fetch them once, in the view.")
    what = f"rows of {label} that belong to {type(row)._meta.label}"
    if function in ("count", "exists"):
        return Load(what, f"Annotate what {function}() gives, or read .all|length.")
    return Load(what, "Fetch them with the rows: prefetch_related().")
