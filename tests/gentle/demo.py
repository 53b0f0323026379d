"""A request for a page of the demo goes in; the page comes out with a witness before all other scripts.

The witness knows every node that the parser made, and notes whatever the page complains about:
``python -m tests.gentle.demo --port 8000`` is the demo with it, and with warnings for developers.
"""

import os
import sys

WITNESS = """
window.complaints = [];
const complain = (...words) => complaints.push(words.map(String).join(" "));
for (const kind of ["warn", "error", "assert"]) console[kind] = complain;
addEventListener("error", ({ message }) => complain(message));
addEventListener("unhandledrejection", ({ reason }) => complain(reason));
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, sample }) =>
  complain(effectiveDirective, sample));
window.nodesOf = () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ALL);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
};
window.records = [];
// Deferred scripts run after this event, so nothing but the parser has made a node before it.
document.addEventListener("readystatechange", () => {
  if (document.readyState !== "interactive") return;
  window.served = { nodes: nodesOf(), html: document.body.innerHTML };
  new MutationObserver((list) => records.push(...list)).observe(document.body, {
    attributes: true, childList: true, subtree: true,
  });
});
"""


class Witness:
    """Puts the script at the beginning of each page's head."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response["Content-Type"].startswith("text/html"):
            script = f'<head><script nonce="{request.csp_nonce}">{WITNESS}</script>'
            response.content = response.content.replace(b"<head>", script.encode(), 1)
        return response


if __name__ == "__main__":
    os.environ["DJUST_DEMO_DEBUG"] = "1"

    from djust.__main__ import main
    from djust.demo import settings

    settings.MIDDLEWARE.append("tests.gentle.demo.Witness")
    sys.exit(main(["demo", *sys.argv[1:]]))
