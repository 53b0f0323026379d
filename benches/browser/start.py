"""Times the start of a page in headless Chromium, from the first byte of script to the live page.

  python -m benches.browser.start                 ours, Phoenix LiveView's and htmx's scripts
  python -m benches.browser.start --loads 30      so many loads of each, in turn

Every page is the same table of 200 products (a thousand elements), each with its own script as it would be
shipped: bundled, minified, from a warm cache. `evaluated` is the time that the script tag takes, for
LiveView with `new LiveSocket(…).connect()`. `interactive` is the time until the page answers the user:
for ours until the engine is compiled and has adopted every element from a mount frame, which a socket
in the page hands out at once, for htmx until it has processed the page. LiveView's join waits for a
server, which this bench does not have, so it has no such figure; networks are in none.
"""

import argparse
import json
import subprocess
from statistics import median
from textwrap import dedent

import django
from django.conf import settings

from benches.browser.__main__ import CHECKOUT, SITE, chromium, publish, served
from benches.browser.cases import Case, Step, products
from benches.browser.recording import record

ROWS = 200

SOCKET = """
const frames = %s.map((text) => Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
window.WebSocket = class {
  constructor() { setTimeout(() => this.onopen()); }
  send() { for (const frame of frames.splice(0)) setTimeout(() => this.onmessage({ data: frame.buffer })); }
  close() {}
};
document.addEventListener("djust:connected", () => (times.interactive = performance.now()));
"""

LIVEVIEW = """
import { Socket } from "phoenix";
import { LiveSocket } from "phoenix_live_view";
new LiveSocket("/live", Socket, { params: {} }).connect();
"""

HTMX = """
import htmx from "htmx.org";
const interactive = () => (times.interactive = performance.now());
if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => setTimeout(interactive));
else interactive();
window.htmx = htmx;
"""

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{name}</title>
<link rel="icon" href="data:,"><body><main dj-root data-phx-main data-phx-session="s" id="phx-1">{html}</main>
<script>window.times = {{}}; {before}</script>
<script>times.begin = performance.now()</script>
<script src="{name}.js" {attributes}></script>
<script>times.evaluated = performance.now()</script></html>"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loads", type=int, default=20)
    loads = parser.parse_args().loads
    settings.configure()
    django.setup()
    names = build()
    times: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    with served() as address, chromium(address) as page:
        for load in range(-3, loads):
            for name in names:
                page.goto(f"{address}{name}.html")
                page.wait_for_function(
                    "times.interactive || times.evaluated && !window.htmx && !window.djust"
                )
                found = page.evaluate("times")
                if load < 0:
                    continue
                for what in ("evaluated", "interactive"):
                    if what in found:
                        times[name].setdefault(what, []).append(found[what] - found["begin"])
        elements = page.evaluate("document.querySelectorAll('*').length")
    print(
        f"From the first byte of script, {elements} elements, warm cache, median (minimum) in milliseconds"
    )
    print(f"{'':<12}{'script':>12}{'evaluated':>18}{'interactive':>18}")
    for name in names:
        cells = [times[name].get(what) for what in ("evaluated", "interactive")]
        shown = [f"{median(cell):.1f} ({min(cell):.1f})" if cell else "" for cell in cells]
        size = (SITE / f"{name}.js").stat().st_size
        print(f"{name:<12}{size:>10} B" + "".join(f"{cell:>18}" for cell in shown))


def build() -> list[str]:
    """Writes a page and a script for each contender, and returns their names."""
    state = {"rows": products()[:ROWS]}
    recorded = record(Case("start", "products", (Step(state, ("", None)),), cycles=2))
    html = recorded["steps"][0]["html"]
    welcome = "AAHNYag="  # Version 1, a ping every 25 seconds.
    socket = SOCKET % json.dumps([welcome, recorded["frames"]["trees"][0]])
    attributes = f'{publish()} data-socket="/" data-mount="token"'
    sources = {"liveview": LIVEVIEW, "htmx": HTMX}
    for name, source in sources.items():
        bundle(name, source)
    for name in ("djust", *sources):
        ours = name == "djust"
        page = PAGE.format(
            name=name,
            html=html,
            before=socket if ours else "",
            attributes=attributes if ours else "",
        )
        (SITE / f"{name}.html").write_text(page)
    return ["djust", *sources]


def bundle(name: str, source: str) -> None:
    esbuild = CHECKOUT / "node_modules/.bin/esbuild"
    flags = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--log-level=warning"]
    command = [esbuild, *flags, f"--outfile={SITE / name}.js"]
    subprocess.run(command, input=dedent(source).encode(), cwd=CHECKOUT, check=True)


if __name__ == "__main__":
    main()
