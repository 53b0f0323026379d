"""Two renders of a template go in, one line for each hole that differs comes out.

    assert_changes(template, before, after, ["p class: 'old' → 'new'"])
    Snapshot("tests/counter.txt").check(template, before, after)

What a tester sees is what a page would do: which text, attribute, row or block of it changes. What
is not listed is not touched.
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from django.template.context import Context

from djust import _native

Pieces = list[tuple[Any, ...]]
Given: TypeAlias = "Context | Mapping[str, Any]"


def changes(template: Any, before: Given, after: Given) -> list[str]:
    """The holes of a page that another context changes, in the order of the page.

    ``template`` is a source string or a compiled template. Text and attributes are shown as they
    stand in the HTML; rows by their key, or else by their number.

    >>> source = '<p class="{{ kind }}">{{ text }}</p>'
    >>> changes(source, {"kind": "a", "text": "x"}, {"kind": "a", "text": "y"})
    ["p: 'x' → 'y'"]
    """
    from djust.testing import FrameRecorder

    recorder, page = FrameRecorder(template), _native.Page()
    page.apply(recorder.mount(before))
    old = page.pieces()
    page.apply(recorder.update(after))
    return list(differences("", old, page.pieces()))


def assert_changes(template: Any, before: Given, after: Given, expected: Sequence[str]) -> None:
    """Raises ``AssertionError`` with both lists of lines when other holes change than expected."""
    compare(list(expected), changes(template, before, after), "the expected changes")


class Snapshot:
    """A file that holds the changes of an update; written anew where ``DJUST_UPDATE_SNAPSHOTS`` is
    set in the environment, and when there is none yet outside of continuous integration (``CI``).

    >>> Snapshot("tests/snapshots/counter.txt").check("{{ n }}", {"n": 1}, {"n": 2})
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)

    def check(self, template: Any, before: Given, after: Given) -> None:
        """Raises ``AssertionError`` when other holes change than the file says."""
        found = changes(template, before, after)
        is_new = not self.path.exists() and not os.environ.get("CI")
        if os.environ.get("DJUST_UPDATE_SNAPSHOTS") or is_new:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(f"{line}\n" for line in found), encoding="utf-8")
            return
        if not self.path.exists():
            raise AssertionError(f"{self.path} is missing: run the test once without CI=1")
        compare(self.path.read_text(encoding="utf-8").splitlines(), found, str(self.path))


def compare(expected: list[str], found: list[str], name: str) -> None:
    if expected != found:
        lines = difflib.unified_diff(expected, found, name, "the changes now", lineterm="")
        raise AssertionError("the update changes other holes:\n" + "\n".join(lines))


# ---- the difference of two trees -----------------------------------------------------------------


def differences(place: str, old: Pieces, new: Pieces) -> Iterator[str]:
    """The lines for two fragments of one template: ``place`` says where they stand.

    A fragment is what ``Page.pieces`` says: ``("static", source)``, ``("value", source)``, and
    ``("block" | "list", [(key, template, fragment), …])`` for what holds fragments in turn.
    """
    source = ""
    for before, after in zip(old, new, strict=True):
        kind, content = before
        if kind == "static":
            source += content
            continue
        here = f"{place}{where(source)}".removesuffix(" › ") or "page"
        if kind == "value":
            if content != after[1]:
                yield f"{here}: {content!r} → {after[1]!r}"
            source += "…"
        elif kind == "block":
            yield from block_differences(here, content, after[1])
        else:
            yield from row_differences(here, content, after[1])


def block_differences(place: str, old: Pieces, new: Pieces) -> Iterator[str]:
    if [template for _, template, _ in old] == [template for _, template, _ in new]:
        for (_, _, before), (_, _, after) in zip(old, new, strict=True):
            yield from differences(f"{place} › ", before, after)
        return
    yield f"{place}: {printed(old)!r} → {printed(new)!r}"


def row_differences(place: str, old: Pieces, new: Pieces) -> Iterator[str]:
    before, after = named(old), named(new)
    for name in before:
        if name not in after:
            yield f"{place}: row {name} is gone"
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield f"{place}: rows in the order {', '.join(after)}"
    for name, row in after.items():
        if name not in before:
            yield f"{place}: row {name} is new, {printed([row])!r}"
        else:
            yield from differences(f"{place} row {name} › ", before[name][2], row[2])


def named(rows: Pieces) -> dict[str, tuple[Any, ...]]:
    """Rows by their keys, or by their numbers where keys are missing or not unique."""
    keys = [key for key, _, _ in rows]
    if None in keys or len(set(keys)) < len(keys):
        return {f"{number}": row for number, row in enumerate(rows, 1)}
    return dict(zip(keys, rows, strict=True))


def printed(fragments: Pieces) -> str:
    """The HTML of fragments."""
    return "".join(
        piece[1] if piece[0] in ("static", "value") else printed(piece[1])
        for _, _, fragment in fragments
        for piece in fragment
    )


def where(source: str) -> str:
    """What to call a hole by the HTML before it: its element, and its attribute.

    >>> where('<p class="'), where("<h1><b>")
    ('p class', 'b')
    """
    tag = UNFINISHED_TAG.search(source)
    if tag:
        attribute = re.search(r"([^\s=\"']+)\s*=\s*$", tag["before"])
        return f"{tag['name']} {attribute[1] if attribute else 'attributes'}"
    opened: list[str] = []
    for end, name in re.findall(r"<(/?)([a-zA-Z][^\s/>]*)", source):
        if not end:
            opened.append(name)
        elif name in opened:
            del opened[len(opened) - 1 - opened[::-1].index(name) :]
    return next((name for name in reversed(opened) if name not in VOID), "")


# A tag that has no end yet: what is in it before the value that stands open at the end.
UNFINISHED_TAG = re.compile(
    r"""<(?P<name>[a-zA-Z][^\s/>]*)(?P<before>(?:[^<>"']|"[^"]*"|'[^']*')*)(?:"[^"]*|'[^']*)?$"""
)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
