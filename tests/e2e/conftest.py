"""The demo site as a real process, and pages in Chromium that tolerate nothing unexpected.

Goes in: the installed package ``djust``, and Chromium (``$CHROMIUM`` or /usr/bin/chromium).
Comes out: the fixtures ``site`` (the server), ``visit`` (opens pages) and ``axe``. A test fails on
any console error or warning, any uncaught exception and any violation of the content security
policy, in any of its pages, unless it has announced it with ``tab.expect``.
"""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

CHECKOUT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}

expect.set_options(timeout=30_000)

IDLE = "window.requestIdleCallback = (call) => setTimeout(call, 3_000);"
LINE = {"offline": False, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1}

# How many events are under way.
COUNT = """
window.underWay = 0;
document.addEventListener("djust:busy", ({ detail }) => (underWay += detail.busy ? 1 : -1));
"""


def hamper(send):
    """Makes a page of Chromium as slow as ``$SLOW`` says (CONTRIBUTING.md), by ``send(command, parameters)``."""
    slow = os.environ.get("SLOW", "").split()
    if "idle" in slow:
        send("Page.addScriptToEvaluateOnNewDocument", {"source": IDLE})
    if "line" in slow:
        send("Network.enable", {})
        send("Network.emulateNetworkConditions", LINE)
    if "cpu" in slow:
        send("Emulation.setCPUThrottlingRate", {"rate": 6})


def free_port():
    """A port that nobody has now, below those that a system gives to connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def type_at_once(field, text):
    """Types a text faster than anybody can: no pause in it is one, however busy the machine is."""
    field.evaluate(
        "(field, text) => { field.focus();"
        " for (const letter of text) document.execCommand('insertText', false, letter); }",
        text,
    )


class Site:
    """The demo as a user starts it, with a database and a port of its own."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.database = folder / "demo.sqlite3"
        self.process = None

    def start(self):
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "djust", "demo", "--port", str(self.port)],
                cwd=self.log.parent,
                env={**os.environ, "DJUST_DEMO_DB": str(self.database)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/counter/", timeout=5):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise RuntimeError(f"The demo did not start:\n{self.log.read_text()}")

    def stop(self, how=signal.SIGTERM):
        """End the server and wait until it is gone; ``SIGKILL`` is a crash."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, how)
            self.process.wait(20)


class Tab:
    """One page, with everything it complained about and every frame it received or sent."""

    def __init__(self, page, site):
        self.page = page
        self.site = site
        self.complaints = []
        self.received = []
        self.sent = []
        self.sockets = []
        self._expected = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("websocket", self._on_socket)
        page.add_init_script(COUNT)
        if "SLOW" in os.environ:
            hamper(page.context.new_cdp_session(page).send)
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) => console.error("
            "`policy violation: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))"
        )

    def _on_console(self, message):
        if message.type in ("error", "warning", "assert"):
            where = message.location.get("url", "") if message.location else ""
            self.complaints.append(f"{message.type}: {message.text} ({where})")

    def _on_socket(self, socket):
        self.sockets.append(socket)
        socket.on("framereceived", lambda payload: self.received.append(payload))
        socket.on("framesent", lambda payload: self.sent.append(payload))

    def expect(self, pattern):
        """Announce complaints that match a regular expression: they are what the test provokes."""
        self._expected.append(re.compile(pattern))

    def unexpected(self):
        """The complaints that nobody announced."""
        return [
            text
            for text in self.complaints
            if not any(each.search(text) for each in self._expected)
        ]

    def open(self, path):
        """Load a page and wait, if it is a live one, until its socket is connected."""
        response = self.page.goto(self.site.url + path)
        assert response.ok, f"{path} answered {response.status}"
        if path != "/":
            self.connected()
        return response

    def connected(self):
        """Wait until the page says that it is live."""
        expect(self.page.locator("html")).to_have_attribute("data-djust", "connected")

    def until(self, condition):
        """Wait until a JavaScript expression is true; the page's policy lets no library do so."""
        deadline = time.monotonic() + 30
        while not self.page.evaluate(condition):
            assert time.monotonic() < deadline, condition
            self.page.wait_for_timeout(20)

    def answered(self):
        """Wait until nothing is under way: the page shows what the last answer says."""
        self.until("underWay === 0")

    def updates(self):
        """The update frames received so far (kind 2 of docs/protocol.md)."""
        return [frame for frame in self.received if isinstance(frame, bytes) and frame[:1] == b"\2"]

    def events(self):
        """The frames sent so far that carry events (kind 1)."""
        return [frame for frame in self.sent if isinstance(frame, bytes) and frame[:1] == b"\1"]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The running demo."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def own_site(tmp_path):
    """A demo of one's own, to be stopped and started."""
    site = Site(tmp_path)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def chromium():
    """The browser."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_tab(chromium):
    """A function that opens a tab in a profile of its own: ``new_tab(site, viewport=PHONE)``."""
    tabs = []

    def make(site, **options):
        options.setdefault("viewport", DESKTOP)
        tab = Tab(chromium.new_context(**options).new_page(), site)
        tabs.append(tab)
        return tab

    yield make
    complaints = [text for tab in tabs for text in tab.unexpected()]
    for tab in tabs:
        tab.page.context.close()
    assert not complaints, "The page complained:\n" + "\n".join(complaints)


@pytest.fixture
def visit(new_tab, site):
    """A function that opens a page of the demo in a new tab: ``visit("/counter/")``."""

    def go(path, **options):
        tab = new_tab(site, **options)
        tab.open(path)
        return tab

    return go


@pytest.fixture(scope="session")
def axe():
    """A function that returns what axe-core finds wrong with a page, as readable lines."""
    source = (CHECKOUT / "node_modules/axe-core/axe.min.js").read_text()

    def check(page):
        page.evaluate(source)
        report = page.evaluate("axe.run(document, {preload: false, resultTypes: ['violations']})")
        return [
            f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
            for violation in report["violations"]
            for node in violation["nodes"]
        ]

    return check
