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
  /** How text is cut into nodes does not count, nor do parts of a table that nobody wrote. */
  const plain = (parent) => {
    for (const element of all(parent).reverse()) {
      const isImplied = element.matches("tbody,tr,colgroup") && !element.attributes.length;
      if (isImplied && !element.firstElementChild) element.replaceWith(...element.childNodes);
      // Markup to a parser without scripts, as that of templates; nobody sees it.
      if (element.matches("noscript")) element.replaceChildren();
      element.content?.normalize();
    }
    parent.normalize();
    return parent;
  };
  /**
   * All nodes in document order. Of a text hydration makes several, the first of which is kept. A
   * `noscript` is made anew: what a parser with scripts makes of it is text.
   */
  const nodesOf = (parent) => {
    const walker = document.createTreeWalker(parent, NodeFilter.SHOW_ALL, (node) =>
      node.localName === "noscript" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return nodes;
  };
  const isText = (node) => node.nodeType === 3;
  const stage = document.createElement("div");
  const expected = document.createElement("div");
  document.body.replaceChildren(stage);
  if (served) stage.innerHTML = steps[0].html;
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
      const now = nodesOf(stage);
      const [were, are] = [before, now].map((nodes) => nodes.filter((node) => !isText(node)));
      const isKept = were.length === are.length && were.every((node, index) => node === are[index]);
      const texts = before.filter((node) => isText(node) && node.data);
      if (!isKept || !texts.every((node) => now.includes(node))) {
        return { number, replaced: stage.innerHTML, served: html };
      }
    }
    expected.innerHTML = html;
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
        page = browsers.alive()
        page.get(url)
        for seed in range(options.seed, options.seed + options.cases):
            case = random_case(seed, 4, is_tidy=True, is_careless=options.careless)
            steps = recorded(case)
            sessions += bool(steps)
            pairs += max(0, len(steps) - 1)
            if not steps or shown(page, steps, options.served) is None:
                continue
            differences += 1
            print(explained(page, seed, case, options.served), flush=True)
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
                if " at 0x" in expected.html.lower():
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


def explained(page: WebDriver, seed: int, case: Case, served: bool) -> str:
    def differs(case: Case) -> dict[str, Any] | None:
        steps = recorded(case)
        return shown(page, steps, served) if steps else None

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
