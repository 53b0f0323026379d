"""Rows that a template got together go in; what one of them is asked for comes for all, at once.

Django notes the related objects of a row in two dictionaries and asks the database for what they
lack. While a template renders, these dictionaries are ``OneCache`` and ``ListCache``, whose
``__missing__`` asks for the whole ``Group``. Nothing is fetched that was not asked for, so no page
takes more queries than with Django alone. What a row of the project has at the end is what it would
have had: an object that it was asked for, but no list, and nothing that waited for other rows.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import (
    IntegerField,
    Model,
    Prefetch,
    UUIDField,
    prefetch_related_objects,
)
from django.db.models.fields import AutoFieldMixin
from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor

from djust.queries.needs import FORWARD, Needs, listed
from djust.queries.rewriting import rewritten

logger = logging.getLogger("djust.queries")

# Rows that one query is asked for. Databases limit the parameters of a query, SQLite to 999.
AT_ONCE = 900

ABSENT: Any = object()


class Group:
    """Rows with the same origin, and what a template needs of them (None: unknown)."""

    def __init__(self, needs: Needs | None, *, may_defer: bool):
        self.needs = needs
        self.may_defer = may_defer
        """Whether nothing but what is noted will be read of the rows, and of those they lead to."""
        self.rows: list[Model] = []
        self.is_open = True
        self.waiting: dict[str, dict[int, Any]] = {}
        """By relation to one object: what was fetched for rows that were not asked yet, by id."""
        self.listed: set[str] = set()
        """The relations to several objects that were fetched, as Django's cache names them."""
        self.children: list[Group] = []
        self.failed: set[str] = set()
        self.is_fetching = False
        """While lists are fetched, which Django does by way of the rows' caches."""
        self.names: dict[type[Model], dict[str, str]] = {}

    def add(self, rows: Iterable[Any]) -> None:
        """Takes the rows that are in no group yet."""
        for row in rows:
            state = row._state
            if type(state.fields_cache) is OneCache:
                continue
            place = len(self.rows)
            self.rows.append(row)
            state.fields_cache = OneCache(state.fields_cache, row, self, place)
            lists = row.__dict__.get("_prefetched_objects_cache")
            row._prefetched_objects_cache = ListCache(lists, row, self, place)

    def child(self, rows: Iterable[Any], needs: Needs | None) -> None:
        group = Group(needs, may_defer=self.may_defer)
        self.children.append(group)
        group.add(rows)
        group.follow()

    def follow(self) -> None:
        """Makes groups of the objects that the rows have already, where more is needed of them."""
        for name, needs in (self.needs.ones if self.needs else {}).items():
            if not needs.is_idle():
                found = (row._state.fields_cache.get(name) for row in self.rows)
                if rows := [each for each in found if each is not None]:
                    self.child(rows, needs)

    # ---- relations to one object ----------------------------------------------------------------

    def one(self, row: Model, name: str, place: int) -> Any:
        """The object for a row. Raises ``KeyError`` where Django must find it itself."""
        waiting = self.waiting.setdefault(name, {})
        found = waiting.pop(id(row), ABSENT)
        if found is ABSENT:
            self.fetch_one(row, name, place)
            found = waiting.pop(id(row), ABSENT)
        if found is ABSENT:
            raise KeyError(name)
        descriptor = getattr(type(row), name)
        if found is None and type(descriptor) in FORWARD:
            # As `QuerySet.get` says it, which Django calls here.
            model = descriptor.field.remote_field.model
            raise model.DoesNotExist(f"{model._meta.object_name} matching query does not exist.")
        row._state.fields_cache[name] = found
        return found

    def fetch_one(self, row: Model, name: str, place: int) -> None:
        link = Link.of(row, name)
        if link is None or name in self.failed:
            return
        waiting = self.waiting[name]

        def is_peer(other: Model) -> bool:
            return (
                link.is_alike(row, other)
                and name not in other._state.fields_cache
                and id(other) not in waiting
            )

        peers = self.peers(row, place, is_peer)
        if not peers:
            return
        try:
            queryset, key_of, key_from, *_ = link.descriptor.get_prefetch_querysets(peers)
            found = {key_of(each): each for each in queryset}
            is_exact = link.is_exact(row)
        except Exception:
            self.give_up(row, name)
            return
        for peer in peers:
            related = found.get(key_from(peer))
            if related is not None or is_exact:
                waiting[id(peer)] = related
        self.child(found.values(), self.needs.ones.get(name) if self.needs else None)

    # ---- relations to several objects -----------------------------------------------------------

    def list(self, row: Model, name: str, place: int) -> Any:
        """The queryset of a row, with its result. Raises ``KeyError``, likewise."""
        accessor = self.accessors(type(row)).get(name)
        if accessor is None or name in self.failed or self.is_fetching:
            raise KeyError(name)

        def is_peer(other: Model) -> bool:
            return (
                is_same_kind(row, other)
                and other.pk is not None
                and name not in other._prefetched_objects_cache  # type: ignore[attr-defined]
            )

        peers = self.peers(row, place, is_peer)
        if not peers:
            raise KeyError(name)
        assert self.needs is not None
        needs = self.needs.lists[accessor]
        self.is_fetching = True
        try:
            prefetch_related_objects(peers, self.prefetch(row, accessor, needs))
        except Exception:
            self.give_up(row, name)
            raise KeyError(name) from None
        finally:
            self.is_fetching = False
        self.listed.add(name)
        lists = [peer._prefetched_objects_cache[name] for peer in peers]  # type: ignore[attr-defined]
        self.child((each for queryset in lists for each in queryset._result_cache), needs)
        return row._prefetched_objects_cache[name]  # type: ignore[attr-defined]

    def accessors(self, model: type[Model]) -> dict[str, str]:
        """The accessors of lists that are read, by the names of Django's cache."""
        names = self.names.get(model)
        if names is None:
            names = self.names[model] = {}
            for accessor in self.needs.lists if self.needs else ():
                relation = listed(model, accessor)
                if relation is not None and all(map(is_exact, relation.keys)):
                    names[relation.cached_as] = accessor
        return names

    def prefetch(self, row: Model, accessor: str, needs: Needs) -> Prefetch:
        manager = getattr(row, accessor)
        queryset = super(type(manager), manager).get_queryset()  # type: ignore[misc]
        planned = rewritten(queryset, needs, may_defer=self.may_defer)
        return Prefetch(accessor, None if planned is queryset else planned)

    # ---- both -----------------------------------------------------------------------------------

    def peers(self, row: Model, place: int, is_peer: Callable[[Model], bool]) -> Sequence[Model]:
        """The row and those that will likely be asked next; none where it would be alone."""
        if not self.is_open or not is_peer(row):
            return ()
        others = filter(is_peer, (*self.rows[place:], *self.rows[:place]))
        peers = list(islice(others, AT_ONCE))
        return peers if len(peers) > 1 else ()

    def give_up(self, row: Model, name: str) -> None:
        """Django finds the relation itself, for each row, and raises what it raises."""
        self.failed.add(name)
        model = type(row)._meta.label
        logger.warning("%s.%s cannot be fetched for several rows", model, name, exc_info=True)

    def close(self) -> None:
        """Gives the rows their own dictionaries back."""
        self.is_open = False
        for row in self.rows:
            state = row._state
            if type(state.fields_cache) is OneCache:
                state.fields_cache = dict(state.fields_cache)
            lists = row.__dict__.get("_prefetched_objects_cache")
            if type(lists) is ListCache:
                kept = {name: each for name, each in lists.items() if name not in self.listed}
                if kept or lists.was_there:
                    row._prefetched_objects_cache = kept  # type: ignore[attr-defined]
                else:
                    del row._prefetched_objects_cache  # type: ignore[attr-defined]
        for child in self.children:
            child.close()


class OneCache(dict):
    """The ``_state.fields_cache`` of a row in a group."""

    __slots__ = ("group", "place", "row")

    def __init__(self, known: dict, row: Model, group: Group, place: int):
        super().__init__(known)
        self.row, self.group, self.place = row, group, place

    def __missing__(self, name: str) -> Any:
        return self.group.one(self.row, name, self.place)

    def __reduce__(self) -> Any:
        # A copy of a row, or a pickled one, is in no group.
        return dict, (dict(self),)


class ListCache(dict):
    """The ``_prefetched_objects_cache`` of a row in a group."""

    __slots__ = ("group", "place", "row", "was_there")

    def __init__(self, known: dict | None, row: Model, group: Group, place: int):
        super().__init__(known or {})
        self.row, self.group, self.place = row, group, place
        self.was_there = known is not None

    def __missing__(self, name: str) -> Any:
        return self.group.list(self.row, name, self.place)

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


class Link(NamedTuple):
    """A relation to one object, as rows of one model have it."""

    descriptor: Any
    columns: tuple[str, ...]
    """What a row must have to be related at all."""
    alike: str | None
    """A column that must be the same in rows that one query can serve."""
    keys: tuple[Any, ...]
    """The fields of the related object; empty for a generic relation, which tells per row."""

    @classmethod
    def of(cls, row: Model, name: str) -> "Link | None":
        """The relation, or None where Django does better alone."""
        descriptor: Any = getattr(type(row), name, None)
        if type(descriptor) in FORWARD:
            field = descriptor.field
            if field.remote_field.parent_link:
                return None  # Django makes the parent of its child, without a query.
            link = row._meta.get_ancestor_link(field.model)
            if link is not None and link.is_cached(row):
                return None  # The parent may know it.
            columns = tuple(each.attname for each in field.local_related_fields)
            return cls(descriptor, columns, None, tuple(field.foreign_related_fields))
        if type(descriptor) is ReverseOneToOneDescriptor:
            field = descriptor.related.field
            columns = tuple(each.attname for each in field.foreign_related_fields)
            return cls(descriptor, columns, None, tuple(field.local_related_fields))
        if type(descriptor).__name__ in ("GenericForeignKey", "GenericForeignKeyDescriptor"):
            field = getattr(descriptor, "field", descriptor)
            kind = row._meta.get_field(field.ct_field).attname
            return cls(descriptor, (field.fk_field, kind), kind, ())
        return None

    def is_alike(self, row: Model, other: Model) -> bool:
        values = other.__dict__
        return (
            is_same_kind(row, other)
            and all(values.get(column) is not None for column in self.columns)
            and (self.alike is None or values[self.alike] == row.__dict__[self.alike])
        )

    def is_exact(self, row: Model) -> bool:
        """Whether what one query does not find for a row, no other query would find."""
        if self.keys:
            return all(map(is_exact, self.keys))
        field = getattr(self.descriptor, "field", self.descriptor)
        kind = getattr(row, field.ct_field)
        return is_exact(kind.model_class()._meta.pk)


def is_same_kind(row: Model, other: Model) -> bool:
    return type(other) is type(row) and other._state.db == row._state.db and not other._state.adding


def is_exact(field: Any) -> bool:
    """Whether Python and every database agree on which keys are equal. They do not on text."""
    while field.remote_field is not None:
        field = field.target_field
    return isinstance(field, (AutoFieldMixin, IntegerField, UUIDField))
