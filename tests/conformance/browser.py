"""Seeds go in; the sessions after which a browser shows another page than Django's HTML come out.

    python -m tests.conformance.browser --cases 500           mounted from the frame
    python -m tests.conformance.browser --cases 500 --served  the HTML is there already
    python -m tests.conformance.browser --cases 500 --careless  HTML that a parser must mend
    python -m tests.conformance.browser --engine firefox      or webkit; Chromium otherwise

This is the whole way: the frames of the session, the built client (``make build``), the DOM. The
other comparison of sessions ends with the reference decoder, which knows text and no elements.
What was served must also be kept: every element and comment, in its place, and no other.
"""

import argparse
import json
import os
import re
import sys
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import django
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from tests.conformance.cases import (
    Case,
    TooSlow,
    at_most,
    compiled,
    has_body,
    outcome,
    smallest,
    surroundings,
    with_django,
)
from tests.conformance.fuzz import SECONDS_PER_CASE, random_case
from tests.gentle.engines import Browsers, display

CHECKOUT = Path(__file__).parents[2]

SCRIPT = """
const [steps, served, done] = arguments;
const differs = async () => {
  const { init, mount } = await import("/pkg/djust.js");
  await init("/pkg/djust.wasm");
  const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const all = (parent) => [...parent.querySelectorAll("*")]
    .flatMap((element) => [element, ...(element.content ? all(element.content) : [])]);
  /** A part of a table that nobody wrote; ours is there before its first row is. */
  const isImplied = (node) =>
    node.nodeType === 1 && node.matches("tbody,tr,colgroup")
    && !node.attributes.length && !node.firstElementChild;
  const isSpace = (node) => node.nodeType === 3 && !/[^ \\t\\n\\f\\r]/.test(node.data);
  /**
   * How text is cut into nodes does not count, nor do such parts, nor white space between rows and
   * cells, which nobody sees: before the first row that a parser adds a part for, ours is within.
   */
  const plain = (parent) => {
    for (const element of all(parent).reverse()) {
      if (element.matches("table,thead,tbody,tfoot,tr")) {
        for (const node of [...element.childNodes]) if (isSpace(node)) node.remove();
      }
      if (isImplied(element)) element.replaceWith(...element.childNodes);
      element.content?.normalize();
    }
    parent.normalize();
    return parent;
  };
  /** All nodes in document order. Of a text hydration makes several, the first of which is kept. */
  const nodesOf = (parent) => {
    const walker = document.createTreeWalker(parent, NodeFilter.SHOW_ALL);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return nodes;
  };
  const isText = (node) => node.nodeType === 3;
  /**
   * Chromium reads simple markup with a parser of its own, which takes `&notit;` in an attribute for
   * a reference; a drawing is not simple.
   */
  const fill = (element, html) => {
    element.innerHTML = `<svg></svg>${html}`;
    element.firstChild.remove();
  };
  const stage = document.createElement("div");
  const expected = document.createElement("div");
  document.body.replaceChildren(stage);
  if (served) fill(stage, steps[0].html);
  const before = nodesOf(stage);
  let root;
  for (const [number, { html, frame }] of steps.entries()) {
    try {
      if (!root) root = mount(stage, bytes(frame), { hydrate: served });
      else if (bytes(frame)[0] !== 3) root.apply(bytes(frame)); // 3: nothing changed
    } catch (error) {
      return { number, error: `${error}` };
    }
    if (served && !number) {
      const now = nodesOf(stage).filter((node) => before.includes(node) || !isImplied(node));
      const [were, are] = [before, now].map((nodes) => nodes.filter((node) => !isText(node)));
      const isKept = were.length === are.length && were.every((node, index) => node === are[index]);
      const texts = before.filter((node) => isText(node) && node.data);
      if (!isKept || !texts.every((node) => now.includes(node))) {
        return { number, replaced: stage.innerHTML, served: html };
      }
    }
    fill(expected, html);
    const found = plain(stage.cloneNode(true));
    if (!found.isEqualNode(plain(expected))) {
      return { number, wanted: expected.innerHTML, found: found.innerHTML };
    }
  }
  return null;
};
differs().then(done, (error) => done({ error: `${error}` }));
"""


def main() -> int:
    options = arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.conformance.settings")
    django.setup()
    warnings.simplefilter("ignore")
    differences, sessions, pairs = 0, 0, 0
    with served() as url, display(), closing(Browsers(options.engine)) as browsers:
        page = Page(browsers, url, options.served)
        for seed in range(options.seed, options.seed + options.cases):
            case = random_case(seed, 4, is_tidy=True, is_careless=options.careless)
            steps = recorded(case)
            sessions += bool(steps)
            pairs += max(0, len(steps) - 1)
            if not steps or page.shows(steps) is None:
                continue
            differences += 1
            print(explained(page, seed, case), flush=True)
            if differences >= options.most:
                break
    print(
        f"{options.engine}: {sessions} sessions compared, with {pairs} updates; "
        f"{differences} different"
    )
    return bool(differences)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the next ones follow")
    parser.add_argument("--served", action="store_true", help="the page has the HTML already")
    parser.add_argument("--careless", action="store_true", help="HTML that a parser must mend")
    parser.add_argument("--engine", default="chromium", choices=("chromium", "firefox", "webkit"))
    parser.add_argument("--most", type=int, default=10, help="stop after that many differences")
    return parser.parse_args()


def recorded(case: Case) -> list[dict[str, str]]:
    """What Django renders and what the session sends, for each context that renders."""
    from djust.testing import FrameRecorder

    try:
        with at_most(SECONDS_PER_CASE), surroundings(case):
            template = compiled(case)
            if template is None or has_body(case):
                return []
            recorder = FrameRecorder(template)
            steps: list[dict[str, str]] = []
            for number in range(len(case.contexts)):
                expected = outcome(case, number, with_django, template)
                frames: list[bytes] = []

                def send(template: Any, context: Any, frames: list[bytes] = frames) -> str:
                    send = recorder.update if steps else recorder.mount
                    frames.append(send(context))
                    return ""

                got = outcome(case, number, send, template)
                if re.search(r"( |%20)at( |%20)0x", expected.html, re.IGNORECASE):
                    return []  # An address in memory: every object has its own.
                if got.error:
                    continue
                steps.append({"html": expected.html, "frame": b64encode(frames[0]).decode()})
            return steps
    except TooSlow:
        return []


def shown(page: WebDriver, steps: list[dict[str, str]], served: bool) -> dict[str, Any] | None:
    """The first difference in the browser."""
    return page.execute_async_script(SCRIPT, steps, served)


class Page:
    """An empty page in a browser; another one in a new browser when that one hangs or is gone."""

    def __init__(self, browsers: Browsers, url: str, served: bool) -> None:
        self.browsers, self.url, self.served = browsers, url, served
        self.page: WebDriver | None = None
        self.sessions = 0

    def shows(self, steps: list[dict[str, str]]) -> dict[str, Any] | None:
        try:
            found = shown(self.opened(), steps, self.served)
            if not found or "out of memory" not in found.get("error", ""):
                return found
            raise WebDriverException(found["error"])
        except WebDriverException as error:
            print(f"again, in a new browser: {error.msg}", flush=True)
            self.browsers.close()
            self.page = None
            return shown(self.opened(), steps, self.served)

    def opened(self) -> WebDriver:
        """A page is left after a while, so that its memory is free again."""
        if self.page is None or self.sessions % 100 == 0:
            self.page = self.browsers.alive()
            self.page.get(self.url)
        self.sessions += 1
        return self.page


def explained(page: Page, seed: int, case: Case) -> str:
    def differs(case: Case) -> dict[str, Any] | None:
        steps = recorded(case)
        return page.shows(steps) if steps else None

    first = differs(case) or {}

    def fails(case: Case) -> bool:
        found = differs(case)
        return found is not None and found.keys() == first.keys()

    case = smallest(case, fails)
    difference = json.dumps(differs(case), indent=2, ensure_ascii=False)
    return f"seed {seed}: {difference}\n{json.dumps(case.as_plain(), ensure_ascii=False)}\n"


class Handler(SimpleHTTPRequestHandler):
    """Serves the checkout, and an empty page as its root."""

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html>")

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    """The address of an empty page that may import the built client."""
    handler = partial(Handler, directory=CHECKOUT)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
