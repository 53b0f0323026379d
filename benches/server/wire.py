"""Operations on a page of 1,000 rows go in, the bytes that each sends come out."""

import json
import zlib
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from benches.server import pages

State = dict[str, Any]

# What an operation may cost at most, raw (anchors: measured on comparable systems).
GOALS = {
    "one cell": 25,
    "remove the first row": 20,
    "swap two rows": 25,
    "reverse all rows": 40,
    "counter": 12,
}


def operations() -> Iterator[tuple[str, State]]:
    """The states of a page, each after the operation that leads there; first the first render."""
    rows = [pages.values(number) for number in range(1, pages.ROWS + 1)]
    state = {"count": 7, "rows": rows}

    def after(name: str) -> tuple[str, State]:
        return name, deepcopy(state)

    yield after("first render")
    rows[500]["name"] = "Another"
    yield after("one cell")
    del rows[0]
    yield after("remove the first row")
    rows[3], rows[700] = rows[700], rows[3]
    yield after("swap two rows")
    rows.reverse()
    yield after("reverse all rows")
    rows.append(pages.values(2_000))
    yield after("append a row")
    state["count"] = 8
    yield after("counter")


def sizes(text: bytes | str) -> tuple[int, int]:
    """Bytes raw and deflated, as a socket or a response would have them."""
    data = text.encode() if isinstance(text, str) else text
    return len(data), len(zlib.compress(data))


def as_json(state: State) -> str:
    """The values that the page shows, as an answer in JSON would carry them."""
    fields = ("id", "name", "email", "stock", "active")
    rows = [[row[name] for name in fields] for row in state["rows"]]
    return json.dumps({"count": state["count"], "rows": rows}, separators=(",", ":"))
