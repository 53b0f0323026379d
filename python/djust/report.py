"""A compiled template goes in; what becomes of it comes out: holes, lists, and what is not native.

``manage.py djust_templates`` prints it. Reasons are those that the compiler noted while it worked.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.template import Engine, Template, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import Node

from djust import _native
from djust.lowering import Why, lower
from djust.queries.paths import Paths

WHY_RAW = {
    "unbalanced": (
        "opens an element that it does not close, or closes one that it did not open",
        "put the start tag and the end tag into the same branch",
    ),
    "branches-differ": (
        "opens or closes an element in some of its branches alone",
        "let each branch close what it opens",
    ),
    "tag-name": (
        "stands in the name of a tag",
        "write the name out, or a space before what follows it",
    ),
    "attribute-name": (
        "stands in the name of an attribute",
        "write the name out, and put the value into the hole",
    ),
    "attributes": (
        "stands between attributes, and ends the tag or touches its neighbour",
        "put white space between attributes, and keep > outside of the tag",
    ),
    "leaves-value": (
        "ends the attribute's value that it stands in",
        "keep both quotes of the value outside of the tag, or both inside",
    ),
    "leaves-text": (
        "ends the comment or the element without markup that it stands in",
        "let it stand around the whole element, or inside",
    ),
    "markup": ("stands where a tag begins", "write the beginning of the tag out"),
    "misplaced": (
        "stands where an HTML parser moves or drops markup (text in a table, a link in a link)",
        "move it to where HTML allows it, and close elements in the order in which they open",
    ),
    "ignored": (
        'belongs to the page after the start: dj-update="ignore"',
        "nothing, if a script fills the element",
    ),
    "reference": ("stands in a character reference", "write the reference out"),
}
"""For each reason: what is so, and how to mend it."""

WHY_OPAQUE = {
    Why.TAG: "Django renders this tag",
    Why.FORM: "Django renders this tag with such arguments",
    Why.SETTING: "string_if_invalid is set",
}


def foreseen(paths: Paths) -> list[str]:
    """The queries of a template, where there are models."""
    if not apps.models_ready:
        return []
    from djust.queries.foreseen import foreseen  # Needs models, which not every site has.

    return foreseen(paths)


class Place(NamedTuple):
    """A line of a template; a template may extend and include others."""

    template: str | None
    line: int | None


@dataclass(frozen=True)
class Hole:
    """A gap that a value fills. ``kind`` is one of those of docs/protocol.md."""

    kind: str
    place: Place


@dataclass(frozen=True)
class Opaque:
    """A tag that Django renders to HTML."""

    node: str
    why: Why
    place: Place


@dataclass(frozen=True)
class List:
    """A loop, and whether its rows say which they are."""

    has_key: bool
    place: Place


@dataclass(frozen=True)
class RawRegion:
    """A stretch of the page that travels as HTML whenever anything in it changes."""

    why: str
    place: Place
    """The tag to mend."""
    first: Place
    last: Place


@dataclass
class Report:
    """What becomes of one template. ``error`` is set when it does not compile.

    >>> from django.template import Engine
    >>> report = report_on(Engine().from_string("<p>{{ a }}{% if b %}</p>{% endif %}"), "a.html")
    >>> report.raw[0].why, report.raw[0].place.line
    ('branches-differ', 1)
    """

    name: str
    error: str | None = None
    bytes: int = 0
    """Of all definitions, which a page gets once."""
    definitions: int = 0
    slots: int = 0
    holes: list[Hole] = field(default_factory=list)
    lists: list[List] = field(default_factory=list)
    opaque: list[Opaque] = field(default_factory=list)
    raw: list[RawRegion] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    """The paths that the template reads, with what it does at their ends; see djust.queries."""
    queries: list[str] = field(default_factory=list)
    """The queries that it takes of the models that fit what it reads."""

    @property
    def unkeyed(self) -> list[List]:
        """The lists whose rows have no key."""
        return [each for each in self.lists if not each.has_key]

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON would have it; places are ``{"template": …, "line": …}``."""
        return asdict(self, dict_factory=plain)


def plain(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value._asdict() if isinstance(value, Place) else value for name, value in items}


def report_on(template: Template, name: str) -> Report:
    """The report on a compiled template; ``live`` regions only, as a live page has them."""
    ops = lower(template).ops
    found = _native.report(ops)
    paths = Paths(ops)
    return Report(
        name=name,
        bytes=found["bytes"],
        definitions=found["bodies"],
        slots=found["slots"],
        holes=[Hole(kind, place(node)) for kind, node in found["holes"]],
        lists=[List(has_key, place(node)) for node, has_key in found["lists"]],
        opaque=[
            Opaque(type(node).__name__, why, place(node))
            for node, why in opaque_in(ops)
            if node in found["opaque"]  # Not those around the live region.
        ],
        raw=[
            RawRegion(why, place(cause), place(first), place(last))
            for why, cause, first, last in found["regions"]
        ],
        reads=paths.lines(),
        queries=foreseen(paths),
    )


def place(node: Node | None) -> Place:
    origin = getattr(node, "origin", None)
    token = getattr(node, "token", None)
    return Place(getattr(origin, "template_name", None), getattr(token, "lineno", None))


def opaque_in(ops: Any) -> Iterator[tuple[Node, Why]]:
    """The opaque operations among operations, wherever they stand."""
    if isinstance(ops, tuple) and len(ops) == 3 and ops[0] == "opaque":
        yield ops[1], ops[2]
    elif isinstance(ops, tuple | list):
        for each in ops:
            yield from opaque_in(each)


def reports(names: list[str]) -> Iterator[Report]:
    """The reports on templates by name; without names, on all that the loaders find."""
    backends = [backend for backend in engines.all() if isinstance(backend, DjangoTemplates)]
    for backend in backends:
        for name in names or sorted(template_names(backend.engine)):
            try:
                template = backend.engine.get_template(name)
                yield report_on(template, name)
            except Exception as error:  # Whatever a tag's compilation raises: the next one may do.
                yield Report(name, error=f"{type(error).__name__}: {error}")


ENDINGS = (".html", ".htm", ".djhtml", ".svg")


def template_names(engine: Engine) -> set[str]:
    """The names of all HTML templates of an engine."""
    names: set[str] = set()
    loaders = list(engine.template_loaders)
    while loaders:
        loader = loaders.pop()
        loaders += getattr(loader, "loaders", [])  # That of a cache.
        names.update(getattr(loader, "templates_dict", {}))  # That of templates in settings.
        for folder in loader.get_dirs() if hasattr(loader, "get_dirs") else []:
            paths = Path(folder).rglob("*")
            names.update(path.relative_to(folder).as_posix() for path in paths if path.is_file())
    return {name for name in names if name.endswith(ENDINGS)}
