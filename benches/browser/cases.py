"""The cases of the browser benchmark: what is on the page, and what a user action makes of it.

A case is a cycle of steps over one page of ``pages/``. A step has the context that Django renders,
the same change as an edit that the hand-written code carries out, and whether its time counts (some
only lead back). The page starts with what the last step shows, so that the cycle can be repeated.
"""

import random
from dataclasses import dataclass
from typing import Any

ADJECTIVES = (
    "pretty",
    "large",
    "small",
    "tall",
    "long",
    "plain",
    "clean",
    "elegant",
    "crazy",
)
COLOURS = (
    "red",
    "yellow",
    "blue",
    "green",
    "pink",
    "brown",
    "purple",
    "white",
    "black",
)
NOUNS = (
    "table",
    "chair",
    "house",
    "desk",
    "lamp",
    "car",
    "pony",
    "keyboard",
    "sandwich",
)
SENTENCE = (
    "The quick brown fox jumps over the lazy dog, and {} of them get up again in time to see it. "
)

State = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One update: the context after it, and the edit (name, argument) that does the same."""

    state: State
    edit: tuple[str, Any]
    timed: bool = True


@dataclass(frozen=True)
class Case:
    """A row of the table. ``page`` is a template in ``pages/``; the cycle runs ``cycles`` times."""

    name: str
    page: str
    steps: tuple[Step, ...]
    cycles: int = 8


def counter() -> Case:
    steps = [
        Step({"count": count, "odd": count % 2 == 1}, ("count", count))
        for count in (*range(1, 10), 0)
    ]
    return Case("counter", "counter", tuple(steps), cycles=20)


def products(names: tuple[str, ...] = ()) -> list[State]:
    """A thousand products; the names are those that the one in the middle has had."""
    rows = [
        {
            "id": number,
            "name": f"Product {number}",
            "price": f"{number}.50",
            "stock": number % 7,
        }
        for number in range(1, 1001)
    ]
    for name in names:
        rows[500]["name"] = name
    return rows


def one_cell() -> Case:
    steps = [
        Step({"rows": products((name,))}, ("rename", (500, name)))
        for name in (f"Product 501, edit {number}" for number in range(4))
    ]
    return Case("one cell of 1,000 rows", "products", tuple(steps))


def create_with_conditions() -> Case:
    rows = products()
    values = [tuple(row.values()) for row in rows]
    there = Step({"rows": rows}, ("create", values))
    return Case(
        "create 1,000 with an if",
        "products",
        (there, Step({"rows": []}, ("clear", None), False)),
        4,
    )


class _Table:
    """Rows with random labels, the same in each run."""

    def __init__(self) -> None:
        self.random = random.Random(11)
        self.next = 1

    def rows(self, count: int) -> list[State]:
        first, self.next = self.next, self.next + count
        kinds = (ADJECTIVES, COLOURS, NOUNS)
        return [
            {
                "id": number,
                "label": " ".join(self.random.choice(kind) for kind in kinds),
            }
            for number in range(first, first + count)
        ]


def _edit(rows: list[State]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


def _state(rows: list[State], selected: int = 0) -> State:
    return {"rows": rows, "selected": selected}


def _there_and_back(
    name: str,
    before: State,
    after: State,
    there: tuple,
    back: tuple,
    *,
    both: bool,
    cycles: int = 6,
) -> Case:
    return Case(name, "rows", (Step(after, there), Step(before, back, both)), cycles)


def create() -> Case:
    rows = _Table().rows(1000)
    there = ("append", _edit(rows))
    return _there_and_back(
        "create 1,000 rows",
        _state([]),
        _state(rows),
        there,
        ("clear", None),
        both=False,
    )


def replace() -> Case:
    table = _Table()
    old, new = table.rows(1000), table.rows(1000)
    there, back = ("replace", _edit(new)), ("replace", _edit(old))
    return _there_and_back("replace 1,000 rows", _state(old), _state(new), there, back, both=True)


def update_every_10th() -> Case:
    old = _Table().rows(1000)
    new = [
        row if index % 10 else {**row, "label": row["label"] + " !!!"}
        for index, row in enumerate(old)
    ]
    there, back = (
        ("rename", [(index, rows[index]["label"]) for index in range(0, 1000, 10)])
        for rows in (new, old)
    )
    return _there_and_back("update every 10th", _state(old), _state(new), there, back, both=True)


def select() -> Case:
    rows = _Table().rows(1000)
    steps = [
        Step(_state(rows, rows[index]["id"]), ("select", index)) for index in (500, 3, 998, 250)
    ]
    return Case("select a row", "rows", tuple(steps), 4)


def swap() -> Case:
    old = _Table().rows(1000)
    new = [old[0], old[998], *old[2:998], old[1], old[999]]
    edit = ("swap", (1, 998))
    return _there_and_back("swap two rows", _state(old), _state(new), edit, edit, both=True)


def remove_first() -> Case:
    rows = _Table().rows(1000)
    back = ("insert", (0, _edit(rows)[0]))
    return _there_and_back(
        "remove the first row",
        _state(rows),
        _state(rows[1:]),
        ("remove", 0),
        back,
        both=False,
    )


def append() -> Case:
    rows = _Table().rows(2000)
    there, back = ("append", _edit(rows[1000:])), ("truncate", 1000)
    before, after = _state(rows[:1000]), _state(rows)
    return _there_and_back("append 1,000 rows", before, after, there, back, both=False)


def clear() -> Case:
    rows = _Table().rows(1000)
    back = ("append", _edit(rows))
    return _there_and_back(
        "clear 1,000 rows", _state(rows), _state([]), ("clear", None), back, both=False
    )


def reverse() -> Case:
    rows = _Table().rows(1000)
    edit = ("reverse", None)
    return _there_and_back(
        "reverse 1,000 rows", _state(rows), _state(rows[::-1]), edit, edit, both=True
    )


def shuffle() -> Case:
    rows = _Table().rows(1000)
    order = random.Random(7).sample(range(1000), 1000)
    inverse = sorted(range(1000), key=order.__getitem__)
    there, back = ("arrange", order), ("arrange", inverse)
    after = _state([rows[index] for index in order])
    return _there_and_back("shuffle 1,000 rows", _state(rows), after, there, back, both=True)


def one_of_10_000() -> Case:
    old = _Table().rows(10_000)
    new = [*old]
    new[5000] = {**old[5000], "label": "another label"}
    there, back = (("rename", [(5000, rows[5000]["label"])]) for rows in (new, old))
    return _there_and_back(
        "one cell of 10,000 rows",
        _state(old),
        _state(new),
        there,
        back,
        both=True,
        cycles=4,
    )


def form() -> Case:
    def filled(version: int) -> Step:
        texts = [
            (
                f"value {number}.{version}",
                "wrong" if (number + version) % 3 else "right",
                message,
            )
            for number in range(30)
            for message in [f"message {number * version}"]
        ]
        checks = [(number + version) % 2 == 0 for number in range(10)]
        notes = [f"A note of some words, number {number}.{version}" for number in range(10)]
        state = {
            "texts": [
                {
                    "name": f"text-{number}",
                    "label": f"Text {number}",
                    "value": value,
                    "state": state,
                    "message": message,
                }
                for number, (value, state, message) in enumerate(texts)
            ],
            "checks": [
                {
                    "name": f"check-{number}",
                    "label": f"Check {number}",
                    "checked": checked,
                }
                for number, checked in enumerate(checks)
            ],
            "notes": [
                {"name": f"note-{number}", "label": f"Note {number}", "value": value}
                for number, value in enumerate(notes)
            ],
        }
        return Step(state, ("fill", {"texts": texts, "checks": checks, "notes": notes}))

    return Case("a form of 50 controls", "form", tuple(filled(version) for version in (1, 2, 3)))


def conditions() -> Case:
    def parts(version: int) -> list[State]:
        # Version 0 is the start; the others change every part, on one level of the three.
        return [
            {
                "id": f"part-{number}",
                "title": f"Part {number}",
                "text": f"Text {number}",
                "open": number % 4 != version % 2,
                "details": number % 4 != 2 + version % 2,
                "note": f"Note {number}" if (number + version) % 2 else "",
            }
            for number in range(20)
        ]

    def details(part: State) -> tuple[str, str] | None:
        return (part["text"], part["note"]) if part["details"] else None

    def edits(old: list[State], new: list[State]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            if after["open"] and not before["open"]:
                found.append(("open", index, after["title"], details(after)))
            elif before["open"] and not after["open"]:
                found.append(("close", index))
            elif after["open"] and before["details"] != after["details"]:
                found.append(("details", index, details(after)))
            elif after["open"] and after["details"] and before["note"] != after["note"]:
                found.append(("note", index, after["note"]))
        return found

    versions = [parts(version) for version in (1, 0)]
    steps = [
        Step({"parts": new}, ("flip", edits(old, new)))
        for old, new in ((versions[1], versions[0]), (versions[0], versions[1]))
    ]
    return Case("nested conditions", "conditions", tuple(steps), cycles=20)


def deep() -> Case:
    steps = [Step({"leaf": f"leaf {number}"}, ("leaf", f"leaf {number}")) for number in range(10)]
    return Case("a deep tree", "deep", tuple(steps), cycles=20)


def text() -> Case:
    start = "".join(SENTENCE.format(number) for number in range(200))
    steps, written = [], start
    for number in range(8):
        added = SENTENCE.format(number + 200)
        written += added
        steps.append(Step({"text": written}, ("add", added)))
    return Case(
        "a growing text of 20 kB",
        "text",
        (*steps, Step({"text": start}, ("write", start), False)),
    )


CASES = (
    counter,
    one_cell,
    create,
    replace,
    update_every_10th,
    select,
    swap,
    remove_first,
    append,
    clear,
    reverse,
    shuffle,
    one_of_10_000,
    create_with_conditions,
    form,
    conditions,
    deep,
    text,
)
