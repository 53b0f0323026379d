"""What a template reads goes in; the queries that it would take of the models that fit come out, as
``manage.py djust_templates --queries`` shows them.

A template does not say of which model its rows are. A model fits if it has every name that is read
of a row, and one of them at least is a column or a relation.
"""

from collections.abc import Iterable, Iterator
from inspect import getattr_static
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from djust.queries.needs import COLUMN, Needs, displayed, is_plain_use, listed, rows_of
from djust.queries.paths import Paths, Reads
from djust.queries.rewriting import fetched, joinable, joined

MOST_MODELS = 3
"""More that fit say nothing about the template."""


def foreseen(paths: Paths) -> list[str]:
    """One line for each query, for querysets that only the template sees, ordered by ``pk``."""
    lines: list[str] = []
    for path, reads in sequences(paths):
        rows = rows_of(reads)
        models = general(model for model in apps.get_models() if fits(model, rows))
        for model in models if len(models) <= MOST_MODELS else ():
            queryset: QuerySet = QuerySet(model).order_by("pk")
            needs = Needs(model, rows)
            lines += queries(path, queryset, needs, may_defer=is_plain_use(reads))
    return lines


def sequences(paths: Paths) -> Iterator[tuple[str, Reads]]:
    """The outermost paths whose items are read."""

    def visit(path: str, reads: Reads) -> Iterator[tuple[str, Reads]]:
        if rows_of(reads).children:
            yield path, reads
            return
        for name, child in sorted(reads.children.items()):
            yield from visit(f"{path}.{name}", child)

    for name, reads in sorted(paths.roots.items()):
        yield from visit(name, reads)


def fits(model: type[Model], rows: Reads) -> bool:
    found = {name: getattr_static(model, name, None) for name in rows.children}
    return all(name == "pk" or each is not None for name, each in found.items()) and any(
        is_of_table(model, name, each) for name, each in found.items()
    )


def general(models: Iterable[type[Model]]) -> list[type[Model]]:
    """Without those that inherit from another one."""
    found = list(models)
    return [each for each in found if not any(other in each.__mro__[1:] for other in found)]


def is_of_table(model: type[Model], name: str, descriptor: Any) -> bool:
    return (
        type(descriptor) in COLUMN
        or hasattr(descriptor, "get_queryset")
        or displayed(model, name) is not None
        or listed(model, name) is not None
    )


def queries(path: str, queryset: QuerySet, needs: Needs, *, may_defer: bool) -> Iterator[str]:
    """The query for rows, and those for the relations that it cannot bring along."""
    joins = joined(queryset, needs)
    columns = fetched(queryset, needs, joins) if may_defer else None
    text = needs.model._meta.label
    if joins:
        text += f".select_related({quoted(joins)})"
    if columns is not None:
        text += f".only({quoted(columns)})"
    yield f"{path}: {text}"
    yield from further(f"{path}[]", needs, set(joins), "", may_defer=may_defer and needs.is_told())


def further(
    row: str, needs: Needs, joins: set[str], prefix: str, *, may_defer: bool
) -> Iterator[str]:
    """The queries for relations of a row, each for all rows at once."""
    names = {accessor: prefix + name for accessor, name in joinable(needs.model, needs.ones)}
    for accessor, each in needs.ones.items():
        path, name = f"{row}.{accessor}", names.get(accessor)
        if name in joins:
            yield from further(path, each, joins, f"{name}__", may_defer=may_defer)
        else:
            yield f"{path}: {each.model._meta.label}"
            yield from further(path, each, set(), "", may_defer=may_defer)
    for accessor, each in needs.lists.items():
        path, queryset = f"{row}.{accessor}.all", QuerySet(each.model)
        yield from queries(path, queryset, each, may_defer=may_defer)


def quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
