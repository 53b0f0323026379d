"""What a template reads goes in, the queries that it needs come out: as few as can be, and only the
columns that it shows, with the results that Django would give.

    paths.py       the operations of a template: what it does with each value
    needs.py       that, on a model: which relations and columns
    rewriting.py   a queryset that only the template sees: joined, and without unread columns
    rows.py        rows that are there already: a relation fetched for all of them at once
    run.py         one render: what the native renderer tells of loops and names
    foreseen.py    before any render: the queries of a template, by the models that fit
    lazy.py        while a site is developed: which lines take a query for each row all the same

A ``Scan`` belongs to a template, a ``Run`` to one render of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.apps import apps
from django.template import Context

from djust.conf import config
from djust.lowering import Ops
from djust.queries.paths import ESCAPES, Paths, Reads, Value

RUN = "_djust_queries"
"""The attribute of a context that holds the run; the native renderer reads it."""

OWN = "_djust_is_own"
"""The attribute of a context that nobody will look at after its render."""


class Scan:
    """What one template reads, by the places where querysets turn up; kept with its plan."""

    def __init__(self, ops: Ops):
        self.ops = ops
        self.merged: dict[Any, Reads] = {}
        self.needs: dict[Any, Any] = {}

    @cached_property
    def paths(self) -> Paths:
        return Paths(self.ops)

    def reads(self, place: Any) -> Reads:
        """What is read of a variable (its name), of the items of a loop (its node), or of the
        value of a scope (its node and slot)."""
        reads = self.merged.get(place)
        if reads is None:
            found: Value | None
            if isinstance(place, str):
                found = [self.paths.roots[place]]
            elif isinstance(place, tuple):
                found = self.paths.bound.get(place[0], {}).get(place[1])
            else:
                found = self.paths.loops.get(place)
            reads = self.merged[place] = Reads.merged(found or ())
            if not found:
                # Of a template that renders inside this one with the same context.
                reads.uses.add(ESCAPES)
        return reads


@contextmanager
def scanned(scan: Scan, context: Context) -> Iterator[None]:
    """Lets the queries of a template be planned while it renders."""
    # A context that renders already belongs to the run of the template around this one.
    if RUN in context.__dict__ or not apps.models_ready or not config().queries:
        yield
        return
    from djust.queries.run import Run  # Needs models, which not every site has.

    run = Run(scan)
    setattr(context, RUN, run)
    try:
        if OWN in context.__dict__:
            run.own(context)
        with run.watched():
            yield
    finally:
        delattr(context, RUN)
        run.close()
