"""Times user actions in headless Chromium, from bytes in memory to the changed DOM, in one run.

Django renders the frames of each case; our engine, hand-written DOM edits and four libraries bring
the same changes to a page in turn, and each page is compared with what Django prints.

  python -m benches.browser                        one row for each case
  python -m benches.browser "one cell" counter     the cases whose names contain these words
  python -m benches.browser --cold                 the first update of a fresh page, once it was idle

There are two tables: of script alone, and with the style and layout that a change makes necessary.
"""

import argparse
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copy, rmtree
from threading import Thread
from typing import Any

import django
from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from benches.browser.cases import CASES, Case
from benches.browser.recording import record
from benches.browser.report import Table, Times

FOLDER = Path(__file__).parent
CHECKOUT = FOLDER.parents[1]
SITE = CHECKOUT / "target" / "bench-browser"

LEGEND = """\
Each starts from what it would find in memory: by hand a JSON list of edits, djust an update frame,
"djust, trees" a mount frame for the same page, lit-html and preact the new state as an object (not
as text: they need not parse it), morphdom and idiomorph the new HTML."""


def main() -> None:
    options = arguments()
    cases = [case for make in CASES if (case := make()) and chosen(case, options.words)]
    if not cases:
        raise SystemExit("No case has a name with these words.")
    settings.configure()
    django.setup()
    sizes = build(cases)
    measure = cold if options.cold else warm
    results = []
    titles = [case.name for case in cases]
    with served() as address, chromium(address) as page:
        names = page.evaluate("contenders")
        if options.ours:
            names = names[:3]
        for kind, what in enumerate(("script", "script, style and layout")):
            print("From bytes in memory to the changed DOM,", end=" ")
            print("first update of a fresh page," if options.cold else "warm,", end=" ")
            print(f"{what}; medians as multiples of hand-written edits")
            table = Table(titles, names, kind)
            for number, (title, size) in enumerate(zip(titles, sizes, strict=True)):
                if kind == 0:
                    results.append((title, measure(page, number, names, options)))
                table.add(title, size, results[number][1])
            table.finish()
            print()
    print(LEGEND)
    if options.json:
        options.json.write_text(json.dumps(dict(results)))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benches.browser",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", help="words of the names of the cases to run")
    parser.add_argument("--rounds", type=int, default=9, help="rounds, or fresh pages (9)")
    parser.add_argument("--seconds", type=float, default=5, help="no new round after these (5)")
    parser.add_argument("--ours", action="store_true", help="without the libraries")
    parser.add_argument("--cold", action="store_true", help="the first update of a fresh page")
    parser.add_argument("--json", type=Path, help="a file for the times of all rounds")
    return parser.parse_args()


def chosen(case: Case, words: list[str]) -> bool:
    return not words or any(word in case.name for word in words)


def build(cases: list[Case]) -> list[float]:
    """Writes the site: page, bundle, engine, cases. Returns the bytes of an update of each case."""
    rmtree(SITE, ignore_errors=True)
    (SITE / "cases").mkdir(parents=True)
    copy(FOLDER / "index.html", SITE)
    copy(CHECKOUT / "pkg" / "djust.wasm", SITE)
    esbuild = [CHECKOUT / "node_modules" / ".bin" / "esbuild", FOLDER / "bench.js"]
    flags = "--bundle --minify --format=esm --target=es2022 --jsx-factory=h --log-level=warning"
    flags += " --define:process.env.NODE_ENV='production'"
    subprocess.run([*esbuild, *flags.split(), f"--outfile={SITE / 'bench.js'}"], check=True)
    sizes = []
    for number, case in enumerate(cases):
        recorded = record(case)
        sizes.append(recorded.pop("bytes"))
        (SITE / "cases" / f"{number}.json").write_text(json.dumps(recorded))
    return sizes


class Handler(SimpleHTTPRequestHandler):
    """Serves the site; a page that is isolated from other origins has the finest clock."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        pass


def publish() -> str:
    """Copies the client that pages load, and returns what their tag says of its files."""
    from djust.templatetags.djust import LAZY, PARTS

    SITE.mkdir(parents=True, exist_ok=True)
    for path in (CHECKOUT / "python/djust/static/djust").glob("djust*"):
        copy(path, SITE)
    files = {f"djust-{name}.js": name for name in LAZY}
    files |= {f"djust-{name}.wasm": name for name in PARTS} | {"djust.wasm": "wasm"}
    return " ".join(f'data-{name}="/{file}"' for file, name in files.items())


@contextmanager
def served() -> Iterator[str]:
    """A server for the site, and its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=SITE)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def chromium(address: str) -> Iterator[Page]:
    """A page at the address, in a browser whose memory can be tidied between blocks."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--js-flags=--expose-gc",
            ],
        )
        page = browser.new_page()
        page.goto(address)
        yield page
        browser.close()


def warm(page: Page, number: int, names: list[str], options: argparse.Namespace) -> Times:
    """Contender to milliseconds, without and with layout, of each round."""
    return page.evaluate(
        "([number, rounds, seconds, names]) => run(number, rounds, seconds, names)",
        [number, options.rounds, options.seconds, names],
    )


def cold(page: Page, number: int, names: list[str], options: argparse.Namespace) -> Times:
    """Contender to milliseconds, without and with layout, of each fresh page."""
    results: Times = {}
    for _ in range(options.rounds):
        for name in names:
            page.reload()
            times = page.evaluate("([number, name]) => first(number, name)", [number, name])
            results.setdefault(name, []).append(times)
    return results


if __name__ == "__main__":
    main()
