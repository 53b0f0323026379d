"""Times updates from bytes in memory to the changed DOM, beside hand-written DOM edits, in one run.

Django renders the frames of each case, headless Chromium applies them to a page, and the page is
compared with what Django prints. ``python -m benches.browser`` prints one row for each case.
"""

import functools
import http.server
import json
import os
import statistics
import sys
import threading
from base64 import b64encode
from pathlib import Path

import django
from django.conf import settings

FOLDER = Path(__file__).parent
PACKAGE = FOLDER.parents[1] / "pkg"
ROUNDS = 15
UPDATES = 200


def cases():
    """Name, template source, and the contexts through which the case goes: the first is mounted."""
    counter = '<p data-count="{{ count }}" class="{% if odd %}odd{% else %}even{% endif %}">{{ count }}</p>'
    yield (
        "counter",
        counter,
        [{"count": count, "odd": count % 2} for count in range(UPDATES + 1)],
    )
    table = (
        "<table><tbody>{% for row in rows %}"
        '<tr data-key="{{ row.id }}"><td>{{ row.id }}</td><td>{{ row.name }}</td>'
        "<td>{{ row.price }}</td><td>{% if row.stock %}{{ row.stock }}{% else %}sold out{% endif %}</td></tr>"
        "{% endfor %}</tbody></table>"
    )
    rows = [
        {"id": number, "name": f"Product {number}", "price": f"{number}.50", "stock": number % 7}
        for number in range(1000)
    ]
    contexts = [{"rows": rows}]
    for update in range(UPDATES):
        rows = list(rows)
        rows[500] = {**rows[500], "name": f"Product 500, edit {update % 10}"}
        contexts.append({"rows": rows})
    yield "one cell of 1,000 rows", table, contexts


def record(source, contexts):
    """The frames of a case as the page takes them, and the HTML that it must end with."""
    from djust.testing import FrameRecorder, render_html

    recorder = FrameRecorder(source)
    frames = [recorder.mount(contexts[0])]
    frames += [recorder.update(context) for context in contexts[1:]]
    return {
        "frames": [b64encode(frame).decode() for frame in frames],
        "bytes": statistics.median(len(frame) for frame in frames[1:]),
        "html": render_html(source, contexts[-1]),
    }


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the bench page and the client; isolation gives the page its finest clock."""

    def translate_path(self, path):
        name = path.partition("?")[0].lstrip("/")
        folder = PACKAGE if (PACKAGE / name).is_file() else FOLDER
        return str(folder / (name or "index.html"))

    def end_headers(self):
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *args):
        pass


def main():
    from playwright.sync_api import sync_playwright

    settings.configure(TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
    django.setup()
    recorded = {name: record(source, contexts) for name, source, contexts in cases()}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.on("pageerror", lambda error: sys.exit(f"the page failed: {error}"))
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        results = page.evaluate(
            "([cases, rounds]) => window.run(cases, rounds)", [recorded, ROUNDS]
        )
        browser.close()
    print(f"from bytes to DOM, script time, median of {ROUNDS} rounds of {UPDATES} updates")
    print(f"{'case':<24}{'frame':>8}{'djust':>12}{'by hand':>12}{'ratio':>8}")
    for name, result in results.items():
        djust, hand = (statistics.median(result[kind]) * 1000 for kind in ("djust", "hand"))
        size = f"{recorded[name]['bytes']:.0f} B"
        print(f"{name:<24}{size:>8}{djust:>9.2f} µs{hand:>9.2f} µs{djust / hand:>8.2f}")
    if os.environ.get("BENCH_JSON"):
        Path(os.environ["BENCH_JSON"]).write_text(json.dumps(results))


if __name__ == "__main__":
    main()
