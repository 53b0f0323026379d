"""Times and weighs what the server does, beside Django and the predecessor, in one run.

  python -m benches.server              everything: a minute
  python -m benches.server speed wire   some of: speed, wire, memory

Contenders take turns, so that the noise of the machine meets all of them alike; a ratio is one of
medians, with the ratio of minima behind it.
"""

import sys
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter
from typing import Any

import django
from django.template import Context, Engine, engines

from benches.server import pages, wire
from benches.server.memory import per_session
from benches.server.predecessor import Predecessor

ROUNDS = 15
SESSIONS = 200

Samples = dict[str, list[float]]


def main() -> None:
    chosen = sys.argv[1:] or ["speed", "wire", "memory"]
    pages.set_up()
    predecessor = Predecessor.start(django.get_version())
    print(f"Django {django.get_version()}, Python {sys.version.split()[0]}, {pages.ROWS} rows")
    sections: dict[str, Callable[[Predecessor | None], None]] = {
        "speed": speed,
        "wire": weigh,
        "memory": remember,
    }
    for name in chosen:
        print()
        sections[name](predecessor)
    if predecessor:
        predecessor.stop()


# ---- speed --------------------------------------------------------------------------------------


def speed(predecessor: Predecessor | None) -> None:
    """A table, in three kinds of rows, and a page of everything; to an encoded tree."""
    print(
        "Milliseconds to an encoded tree, median (minimum), and how often that fits into the others'"
    )
    print(f"{'':<26}{'djust-wasm':>16}{'unchanged':>16}{'Django':>18}{'djust 1.2.6':>18}")
    for kind in pages.KINDS:
        table = Engine().from_string(pages.TABLE)
        context = {"rows": pages.rows(kind)}
        measure(f"table of {kind}", table, context, predecessor, kind)
    page = engines["django"].get_template("page.html").template
    measure("form, table, includes", page, page_context(), None, "")


def page_context() -> dict[str, Any]:
    """A page with a form that was filled in wrongly, three includes and fifty rows."""
    rows = [{**pages.values(number), "joined": date(2020, 1, 1)} for number in range(1, 51)]
    links = [{"url": f"/{number}/", "title": f"Page {number}"} for number in range(8)]
    form = pages.OrderForm({"name": "Ada", "email": "nobody", "kind": "s"})
    user = {"name": "ada lovelace", "seen": date(2026, 5, 4)}
    return {"form": form, "rows": rows, "links": links, "path": "/3/", "user": user}


def measure(
    title: str,
    template: Any,
    context: dict[str, Any],
    predecessor: Predecessor | None,
    kind: str,
) -> None:
    """Prints a line; first, all contenders print the same HTML."""
    from djust.testing import FrameRecorder, render_html

    html = template.render(Context(context))
    assert render_html(template, context) == html, title
    session, unchanged = FrameRecorder(template), FrameRecorder(template)
    session.mount(context)
    unchanged.mount(context)
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: session.mount(context),
        "unchanged": lambda: unchanged.update(context),
        "Django": lambda: template.render(Context(context)),
    }
    samples: Samples = {name: [] for name in [*contenders, "predecessor"]}
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            repeat = 1 if name == "Django" else 5
            samples[name] += [timed(run) for _ in range(repeat)]
        if predecessor:
            taken, other = predecessor.ask("render", kind, 1)
            samples["predecessor"] += taken
    cells = [cell(samples["ours"]), cell(samples["unchanged"])]
    for name in ("Django", "predecessor"):
        cells.append(ratio(samples[name], samples["ours"]) if samples[name] else "-")
    print(f"{title:<26}{cells[0]:>16}{cells[1]:>16}{cells[2]:>18}{cells[3]:>18}", flush=True)
    if predecessor and other != html:
        print("    djust 1.2.6 prints other HTML than Django here")


def timed(run: Callable[[], object]) -> float:
    """Milliseconds."""
    began = perf_counter()
    run()
    return (perf_counter() - began) * 1e3


def cell(samples: list[float]) -> str:
    return f"{median(samples):.2f} ({min(samples):.2f})"


def ratio(samples: list[float], ours: list[float]) -> str:
    return f"{median(samples) / median(ours):.1f}x ({min(samples) / min(ours):.1f}x)"


# ---- bytes --------------------------------------------------------------------------------------


def weigh(predecessor: Predecessor | None) -> None:
    """What each operation sends, for rows without and with a condition."""
    for title, source in (
        ("rows of values", pages.PLAIN_ROWS),
        ("rows with an if", pages.ROWS_WITH_IF),
    ):
        weigh_page(title, source, predecessor)


def weigh_page(title: str, source: str, predecessor: Predecessor | None) -> None:
    from djust.testing import FrameRecorder

    template = Engine().from_string(source)
    session = FrameRecorder(template)
    steps = list(wire.operations())
    others = predecessor and predecessor.ask("update", source, [state for _, state in steps])
    print(f"Bytes, raw / deflated: {title}")
    heads = ("djust-wasm", "goal", "HTML again", "values as JSON", "djust 1.2.6")
    print(
        f"{'':<22}" + "".join(f"{head:>{width}}" for head, width in zip(heads, WIDTHS, strict=True))
    )
    for number, (name, state) in enumerate(steps):
        frame = session.update(state) if number else session.mount(state)
        goal = wire.GOALS.get(name, "")
        if name == "append a row":
            added = state["rows"][-1]
            goal = 20 + sum(len(str(added[field])) for field in ("id", "name", "email", "stock"))
        elif not number:
            goal = f"HTML: {wire.sizes(template.render(Context(state)))[1]}"
        cells = [
            frame,
            goal,
            template.render(Context(state)),
            wire.as_json(state),
            others[number][2] if others else None,
        ]
        texts = (shown(value) for value in cells)
        print(
            f"{name:<22}" + "".join(f"{text:>{w}}" for text, w in zip(texts, WIDTHS, strict=True))
        )


WIDTHS = (17, 13, 18, 18, 18)


def shown(value: Any) -> str:
    if isinstance(value, bytes) or (isinstance(value, str) and len(value) > 20):
        raw, deflated = wire.sizes(value)
        return f"{raw} / {deflated}"
    return "-" if value is None else str(value)


# ---- memory -------------------------------------------------------------------------------------


def remember(predecessor: Predecessor | None) -> None:
    """What a session keeps of the page that it sent."""
    print(f"Memory of a session above the view's own state, a list of {pages.ROWS} rows")
    state = {"rows": pages.rows("dicts"), "count": 1}
    template = Engine().from_string(pages.PLAIN_ROWS)
    print(f"  djust-wasm   {per_session(template, state, SESSIONS) / 1024:10.1f} KiB (goal: 16)")
    if predecessor:
        print(f"  djust 1.2.6  {predecessor.ask('memory', 20) / 1024:10.1f} KiB")


if __name__ == "__main__":
    main()
