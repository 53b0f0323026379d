"""A queryset that only a template will see goes in, one that asks for all that it reads comes out.

Rows, their order and what Django answers about them stay as they are: wherever that cannot be
shown, the queryset is left alone, and the rows get their relations later (see ``rows.py``).
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import F, Manager, Model, QuerySet, UniqueConstraint
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import OrderBy, RawSQL
from django.db.models.query import ModelIterable
from django.db.models.sql import Query
from django.db.models.sql.where import ExtraWhere

from djust.queries.needs import Needs


def rewritten(queryset: QuerySet, needs: Needs, *, may_defer: bool = True) -> QuerySet:
    """A clone with ``select_related`` and, if it may, ``only``; or the queryset itself."""
    if not is_plain(queryset):
        return queryset
    joins = joined(queryset, needs)
    columns = fetched(queryset, needs, joins) if may_defer else None
    if not joins and columns is None:
        return queryset
    result = queryset.select_related(*joins) if joins else queryset
    return result if columns is None else result.only(*columns)


# What is rewritten behaves as Django wrote it in these.
METHODS = (
    "__iter__",
    "__len__",
    "__bool__",
    "__getitem__",
    "_fetch_all",
    "_chain",
    "_clone",
    "select_related",
    "only",
)


def is_plain(queryset: QuerySet) -> bool:
    """Whether nothing about a queryset forbids further joins and fewer columns."""
    query = queryset.query
    return (
        type(query) is Query
        and queryset._result_cache is None
        and queryset._iterable_class is ModelIterable
        and queryset._fields is None
        and not queryset._for_write
        and not query.is_sliced
        and not query.combinator
        and not query.distinct
        and not query.select_for_update
        and query.select_related is False
        and query.deferred_loading == (frozenset(), True)
        and query.group_by is None
        and not query.extra
        and not query.extra_tables
        and all(getattr(type(queryset), name) is getattr(QuerySet, name, None) for name in METHODS)
    )


def joined(queryset: QuerySet, needs: Needs) -> list[str]:
    """The names for ``select_related``.

    A join may change the order of rows that have none, and the meaning of SQL that someone wrote.
    """
    if settings.DATABASE_ROUTERS or not is_ordered(queryset) or has_own_sql(queryset.query):
        return []
    names = list(chains(needs))
    # These come from elsewhere: from the row that the queryset was asked of, or a prefetch.
    given = {field.name for field in queryset._known_related_objects}
    given |= {first_name(lookup) for lookup in queryset._prefetch_related_lookups}
    return [name for name in names if name.split(LOOKUP_SEP)[0] not in given]


def first_name(lookup: Any) -> str:
    return getattr(lookup, "prefetch_through", lookup).split(LOOKUP_SEP)[0]


def chains(needs: Needs, prefix: str = "") -> Iterator[str]:
    """``author``, ``author__publisher``: the relations to one object that a join gives exactly."""
    for accessor, name in joinable(needs.model, needs.ones):
        yield prefix + name
        yield from chains(needs.ones[accessor], prefix + name + LOOKUP_SEP)


def joinable(model: type[Model], ones: dict[str, Needs]) -> Iterator[tuple[str, str]]:
    for accessor, needs in ones.items():
        # Django fetches a related object with this manager, which may leave some out.
        if type(needs.model._base_manager) is not Manager:
            continue
        descriptor = getattr(model, accessor)
        related = getattr(descriptor, "related", None)
        if related is not None:
            yield accessor, related.field.related_query_name()
            continue
        field = descriptor.field
        # Without a constraint an inner join would hide a row whose object is gone.
        if (field.null or field.db_constraint) and not field.remote_field.parent_link:
            yield accessor, field.name


def fetched(queryset: QuerySet, needs: Needs, joins: list[str]) -> list[str] | None:
    """The names for ``only``; None for all columns."""
    if not needs.is_told() or queryset._prefetch_related_lookups:
        return None
    names = set(columns(needs, "", set(joins)))
    everything = set(columns(needs, "", set(joins), are_all=True))
    return None if names == everything else sorted(names)


def columns(needs: Needs, prefix: str, joins: set[str], *, are_all: bool = False) -> Iterator[str]:
    """Columns that are read, with every key, by which rows find each other."""
    for field in needs.model._meta.concrete_fields:
        if are_all or field.primary_key or field.is_relation or field.name in (needs.columns or ()):
            yield prefix + field.name
    for accessor, name in joinable(needs.model, needs.ones):
        if prefix + name in joins:
            yield from columns(
                needs.ones[accessor], prefix + name + LOOKUP_SEP, joins, are_all=are_all
            )


def is_ordered(queryset: QuerySet) -> bool:
    """Whether rows can come in one order only: something unique is part of it."""
    query, meta = queryset.query, queryset.model._meta
    if query.extra_order_by:
        return False
    ordering = query.order_by or (meta.ordering if query.default_ordering else ())
    names = {name for each in ordering if (name := ordering_name(each))}
    if names & {"pk", meta.pk.name, meta.pk.attname}:
        return True
    fields = {
        field.name: field
        for field in meta.concrete_fields
        if not field.null and names & {field.name, field.attname} and not field.is_relation
    }
    if any(field.unique for field in fields.values()):
        return True
    groups = [*map(tuple, meta.unique_together)]
    groups += [
        constraint.fields
        for constraint in meta.total_unique_constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    return any(group and fields.keys() >= set(group) for group in groups)


def ordering_name(ordering: Any) -> str | None:
    if isinstance(ordering, OrderBy):
        ordering = ordering.expression
    if isinstance(ordering, F):
        ordering = ordering.name
    return ordering.removeprefix("-") if isinstance(ordering, str) else None


def has_own_sql(query: Query) -> bool:
    """Whether a part of a query may hold SQL text, whose column names a join makes ambiguous."""
    parts: list[Any] = [query.where, *query.annotations.values(), *query.order_by]
    parts += query.get_meta().ordering
    while parts:
        part = parts.pop()
        if isinstance(part, Query):
            continue  # A query of its own, which no join reaches.
        if isinstance(part, RawSQL) or getattr(part, "extra", None):
            return True
        is_expression = hasattr(part, "resolve_expression") or hasattr(part, "children")
        if is_expression and not type(part).__module__.startswith("django."):
            return True
        if isinstance(part, ExtraWhere):
            return True
        parts += getattr(part, "children", ())
        if hasattr(part, "get_source_expressions"):
            parts += part.get_source_expressions()
    return False
