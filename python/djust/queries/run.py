"""One render: querysets and rows go in as the renderer comes across them, planned ones come out."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from sys import getrefcount
from typing import Any

from django.conf import settings
from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.template import Context
from django.template.base import Node

from djust.queries import Scan
from djust.queries.lazy import Watch
from djust.queries.needs import Needs, is_plain_use, rows_of
from djust.queries.paths import Reads
from djust.queries.rewriting import rewritten
from djust.queries.rows import Group, OneCache


class Run:
    """Lives as long as one render; the native renderer calls ``loop`` and ``bind``."""

    def __init__(self, scan: Scan):
        self.scan = scan
        self.groups: list[Group] = []
        self.watch = Watch() if settings.DEBUG else None
        """Told by the native renderer which node it is at."""
        self.own_querysets: list[QuerySet] = []

    def watched(self) -> AbstractContextManager[None]:
        return nullcontext() if self.watch is None else self.watch.active()

    def own(self, context: Context) -> None:
        """Puts planned querysets in the place of those that only this context holds.

        All of the template sees the planned one then, so ``{% if books %}`` before a loop over them
        still takes one query.
        """
        for name in self.scan.paths.roots:
            for scope in reversed(context.dicts):
                if name not in scope:
                    continue
                if is_a(QuerySet, scope[name]) and holders(scope, name) == ALONE:
                    scope[name] = self.planned(scope[name], name)
                break

    def bind(self, node: Node, slot: int, value: Any) -> Any:
        """The value that ``with`` or ``include`` gives a name to, if nobody else has it."""
        return self.planned(value, (node, slot)) if is_a(QuerySet, value) else value

    def planned(self, queryset: QuerySet, place: Any) -> QuerySet:
        reads = self.scan.reads(place)
        if not is_plain_use(reads):
            return queryset
        rows = rows_of(reads)
        queryset = rewritten(queryset, self.needs(place, queryset.model, rows, queryset))
        self.own_querysets.append(queryset)
        return queryset

    def loop(self, node: Node, values: Any, is_fresh: bool) -> Any:
        """The values of a loop, with what the template needs of them at hand.

        ``is_fresh``: whether nobody else has them.
        """
        if is_a(QuerySet, values):
            return self.queryset_loop(node, values, is_fresh)
        if is_a(Page, values):
            len(values)  # Fetches its rows. Django asks for the length first, too.
            rows = getattr(values.object_list, "_result_cache", values.object_list)
        else:
            rows = values
        if isinstance(rows, (list, tuple)) and rows and is_a(Model, rows[0]):
            needs = self.needs(node, type(rows[0]), self.scan.reads(node))
            self.group([row for row in rows if is_a(Model, row)], needs, is_own=False)
        return values

    def queryset_loop(self, node: Node, values: QuerySet, is_fresh: bool) -> QuerySet:
        if values._iterable_class is not ModelIterable:
            return values
        needs = self.needs(node, values.model, self.scan.reads(node), values)
        is_own = any(values is each for each in self.own_querysets)
        if is_fresh and values._result_cache is None:
            is_own = True
            values = rewritten(values, needs)
        if not needs.is_idle() and len(values):
            self.group(values._result_cache, needs, is_own=is_own)
        return values

    def needs(
        self, place: Any, model: type[Model], reads: Reads, queryset: QuerySet | None = None
    ) -> Needs:
        annotations = () if queryset is None else tuple(queryset.query.annotations)
        key = place, model, annotations
        needs = self.scan.needs.get(key)
        if needs is None:
            needs = self.scan.needs[key] = Needs(model, reads, annotations)
        return needs

    def group(self, rows: Sequence[Any], needs: Needs, *, is_own: bool) -> None:
        if needs.is_idle() or type(rows[0]._state.fields_cache) is OneCache:
            return
        group = Group(needs, may_defer=is_own and needs.is_told())
        group.add(rows)
        group.follow()
        self.groups.append(group)

    def close(self) -> None:
        for group in self.groups:
            group.close()


def is_a(kind: type, value: Any) -> bool:
    """As ``isinstance``, which evaluates a lazy object."""
    return issubclass(type(value), kind)


def holders(scope: Any, name: str) -> int:
    return getrefcount(scope[name])


# What `holders` says of an object that only its dictionary holds.
ALONE = holders({"alone": object()}, "alone")
