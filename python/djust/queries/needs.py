"""What a template reads of the rows of a model goes in, its relations and columns come out."""

from collections.abc import Collection, Iterator, Sequence
from functools import partialmethod
from inspect import getattr_static
from typing import Any, NamedTuple

from django.db.models import Model, signals
from django.db.models.fields.related_descriptors import (
    ForeignKeyDeferredAttribute,
    ForwardManyToOneDescriptor,
    ForwardOneToOneDescriptor,
    ManyToManyDescriptor,
    ReverseManyToOneDescriptor,
    ReverseOneToOneDescriptor,
)
from django.db.models.query_utils import DeferredAttribute

from djust.queries.paths import COUNTED, ESCAPES, ITERATED, TESTED, Reads

FORWARD = (ForwardManyToOneDescriptor, ForwardOneToOneDescriptor)
COLUMN = (DeferredAttribute, ForeignKeyDeferredAttribute)


class Needs:
    """What a template needs of the rows of one model.

    ``ones``: relations to one object, by accessor, with what that object needs. ``lists``:
    relations to several objects whose ``all`` is read as a whole, likewise. ``columns``: the fields
    that are read, or None where that cannot be told: a property, a method or ``str()`` may read
    any.
    """

    def __init__(self, model: type[Model], reads: Reads, names: Collection[str] = ()):
        """``names``: those of annotations, which are no columns of the model."""
        self.model = model
        self.ones: dict[str, Needs] = {}
        self.lists: dict[str, Needs] = {}
        self.columns: set[str] | None = set()
        # What escapes is not told here: iterating a model that can be iterated, for example.
        if reads.uses or reads.item is not None:
            is_only_tested = reads.uses == {TESTED} and not has_truth(model)
            if not is_only_tested or reads.item is not None:
                self.columns = None
        for name, child in reads.children.items():
            if name not in names:
                self.read(name, child)

    def read(self, name: str, reads: Reads) -> None:
        descriptor: Any = getattr_static(self.model, name, None)
        kind = type(descriptor)
        if kind in FORWARD:
            relation = descriptor.field.remote_field
            self.column(descriptor.field)
            back = None if relation.multiple else relation.get_accessor_name()
            self.one(name, relation.model, back, reads)
        elif kind is ReverseOneToOneDescriptor:
            field = descriptor.related.field
            self.one(name, descriptor.related.related_model, field.name, reads)
        elif name == "pk":
            self.column(self.model._meta.pk)
        elif kind in COLUMN:
            self.column(descriptor.field)
        elif (field := displayed(self.model, name)) is not None:
            self.column(field)
        elif (listing := listed(self.model, name)) is not None:
            self.list(name, listing, reads)
        else:
            self.columns = None

    def column(self, field: Any) -> None:
        if self.columns is not None:
            self.columns.add(field.name)

    def one(self, name: str, model: type[Model], back: str | None, reads: Reads) -> None:
        self.ones[name] = self.apart(Needs(model, reads), back)

    def list(self, name: str, relation: "Listed", reads: Reads) -> None:
        for key in relation.keys:
            self.column(key)
        everything = reads.children.get("all")
        if everything is not None and everything.uses & {ITERATED, TESTED, COUNTED}:
            needs = Needs(relation.model, rows_of(everything))
            if relation.points is not None:
                needs.column(relation.model._meta.get_field(relation.points))
            if not is_plain_use(everything):
                needs.columns = None
            self.lists[name] = self.apart(needs, relation.back)
        # A method of a manager of the project knows the row.
        if reads.uses or reads.item is not None or not reads.children.keys() <= ROWS | NO_ROWS:
            self.columns = None

    def apart(self, needs: "Needs", back: str | None) -> "Needs":
        """The needs of a related row. Where it leads back to this row, they are this row's."""
        if back in needs.ones:
            self.add(needs.ones.pop(back))
        return needs

    def add(self, other: "Needs") -> None:
        if self.columns is None or other.columns is None:
            self.columns = None
        else:
            self.columns |= other.columns
        for own, others in ((self.ones, other.ones), (self.lists, other.lists)):
            for name, needs in others.items():
                if name in own:
                    own[name].add(needs)
                else:
                    own[name] = needs

    def related(self) -> Iterator["Needs"]:
        yield from self.ones.values()
        yield from self.lists.values()

    def is_told(self) -> bool:
        """Whether the columns that are read are known, here and in every related row. One unknown
        read is enough to spoil it: it may reach any of the others through a relation."""
        return (
            self.columns is not None
            and not is_hooked(self.model)
            and all(needs.is_told() for needs in self.related())
        )

    def is_idle(self) -> bool:
        """Whether no relation is read."""
        return self.columns is not None and not self.ones and not self.lists


# Of a queryset, what gives rows of it.
ROWS = {"all", "first", "last"}
# What gives none, and does not change it.
NO_ROWS = {"count", "exists"}


def rows_of(reads: Reads) -> Reads:
    """What is done with the rows of a queryset, whichever way they are had."""
    rows = [reads.item] if reads.item is not None else []
    for name, child in reads.children.items():
        if name == "all":
            rows.append(rows_of(child))
        elif name in ROWS or name.isdigit():
            rows.append(child)
    return Reads.merged(rows)


def is_plain_use(reads: Reads) -> bool:
    """Whether all that is done with a queryset is known, so that another one may take its place."""
    if ESCAPES in reads.uses:
        return False
    return all(
        (name in NO_ROWS or name in ROWS or name.isdigit())
        and (name != "all" or is_plain_use(child))
        for name, child in reads.children.items()
    )


class Listed(NamedTuple):
    """A relation to several objects."""

    model: type[Model]
    keys: Sequence[Any]
    """The fields of this side that the other one refers to."""
    back: str | None
    """The relation by which each of the objects knows this row."""
    cached_as: str
    """What Django's cache calls it."""
    points: str | None = None
    """The column of each object, no foreign key, that tells which row it belongs to."""


def listed(model: type[Model], name: str) -> Listed | None:
    """The relation that has this accessor, if it is one to several objects."""
    descriptor: Any = getattr_static(model, name, None)
    if type(descriptor) is ReverseManyToOneDescriptor:
        field = descriptor.field
        return Listed(descriptor.rel.related_model, field.foreign_related_fields, field.name, name)
    if type(descriptor) is ManyToManyDescriptor:
        field, through = descriptor.field, descriptor.through._meta
        if descriptor.reverse:
            target, cached_as = descriptor.rel.related_model, field.related_query_name()
            source = field.m2m_reverse_field_name()
        else:
            target, cached_as = descriptor.rel.model, field.name
            source = field.m2m_field_name()
        return Listed(target, through.get_field(source).foreign_related_fields, None, cached_as)
    # A generic relation has a descriptor of its own; content types may not be installed.
    if isinstance(descriptor, ReverseManyToOneDescriptor):
        field = next((each for each in model._meta.private_fields if each.name == name), None)
        if field is not None and field.one_to_many:
            target, points = field.related_model, field.object_id_field_name
            return Listed(target, [model._meta.pk], None, field.attname, points)
    return None


def displayed(model: type[Model], name: str) -> Any:
    """The field behind Django's own ``get_FOO_display``."""
    if not (name.startswith("get_") and name.endswith("_display")):
        return None
    method: Any = getattr_static(model, name, None)
    if isinstance(method, partialmethod) and method.func is Model._get_FIELD_display:  # type: ignore[attr-defined]
        return method.keywords["field"]
    return None


def has_truth(model: type[Model]) -> bool:
    """Whether testing a row runs code of the model."""
    return hasattr(model, "__bool__") or hasattr(model, "__len__")


def is_hooked(model: type[Model]) -> bool:
    """Whether code of the project sees rows when they are made, and might read any column."""
    return (
        model.__init__ is not Model.__init__
        or model.from_db.__func__ is not Model.from_db.__func__  # type: ignore[attr-defined]
        or model.__getattribute__ is not Model.__getattribute__
        or hasattr(model, "__getattr__")
        or hasattr(model, "__getitem__")
        or signals.pre_init.has_listeners(model)
        or signals.post_init.has_listeners(model)
    )
