"""The template of a test goes in, a live view of its own comes out, at ``/<name of the test>/``.

``@scene("<input value='{{ q }}'>", q="")`` stands above a test. The test's process uses it to know
which page to open, the server's process to know what to serve there.
"""

import asyncio
import time

from djust import LiveView, event_handler

VIEWS = {}

PAGE = """{%% load djust %%}<!doctype html>
<html lang="en">
<head>
<title>%(name)s</title>
<script nonce="{{ view.request.csp_nonce }}">
// The only way from outside to break a connection, and to count what a page holds and sends: what a
// test does to a socket itself, Firefox keeps from the page.
window.sockets = [];
window.sends = 0; // Messages with events (kind 1 of docs/protocol.md).
window.WebSocket = class extends WebSocket {
  constructor(...parameters) { super(...parameters); sockets.push(this); }
  send(message) { sends += message[0] === 1; super.send(message); }
};
window.violations = [];
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, sample }) =>
  violations.push(`${effectiveDirective}: ${sample}`));
</script>
%(head)s
{%% djust_client %%}
</head>
<body>
<main dj-root>%(body)s<output id="turn">{{ turn }}</output></main>
</body>
</html>
"""


class Scene(LiveView):
    """The base of all scenes: its state is what ``@scene`` names."""

    turn = 0

    @event_handler
    def show(self, **changes):
        """Changes the state as something on the server would, for example another user."""
        for name, value in changes.items():
            if name not in self._djust_defaults:
                raise ValueError(f"The scene has no {name}.")
            setattr(self, name, value)
        self.turn += 1

    @event_handler
    def typed(self, value: str = "", **rest):
        """Keeps what a field says, in upper case, so that the answer differs from the question."""
        self.q = value.upper()
        self.turn += 1

    @event_handler
    def note(self, **params):
        """Shows what a hook sent, and answers it with an event of the server."""
        self.q = " ".join(f"{name}={value}" for name, value in sorted(params.items()))
        self.turn += 1
        self.push_event("noted", {"turn": self.turn})

    @event_handler
    def typed_slowly(self, value: str = "", **rest):
        time.sleep(0.6)
        self.typed(value)

    @event_handler
    async def stream(self, operations: list):
        """Carries out stream operations, each on its way before the next one."""
        for name, arguments in operations:
            await getattr(self, f"stream_{name}")(*arguments)
        self.turn += 1

    @event_handler
    async def count_up(self):
        for count in range(1, 4):
            self.q = str(count)
            await self.push_state()
            await asyncio.sleep(0.1)
        self.turn += 1

    @event_handler
    def refuse(self, **rest):
        """The server does not accept what the user did: the state stays as it is."""
        self.turn += 1


steps = asyncio.Semaphore(0)


async def step():
    """A handler waits here until its test says ``page.step()``."""
    await steps.acquire()


def scene(body, head="", strict=True, mixins=(), **state):
    """Gives a test a page with this body and this first state; ``mixins`` are further bases.

    ``strict`` serves it with a Content-Security-Policy that allows only what has its nonce, and
    with Trusted Types; other libraries on the page may need to do without.
    """

    def decorate(test):
        name = test.__name__.removeprefix("test_")
        page = PAGE % {"name": name, "head": head, "body": body}
        members = {"template_string": page, "is_strict": strict, **state}
        VIEWS[name] = type("SceneView", (*mixins, Scene), members)
        test.scene = name
        return test

    return decorate
