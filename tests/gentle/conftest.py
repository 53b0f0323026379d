"""Three engines and a served scene go in; a page that a test uses as a person would comes out.

``$ENGINES`` names the engines (``chromium firefox webkit``, all of them by default).
"""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager

import django
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.e2e.conftest import CHECKOUT, free_port
from tests.gentle import engines

PATIENCE = 30


class Page:
    """A scene in a browser, connected unless one says that it is not live yet."""

    def __init__(self, driver, address, name, is_live=True):
        self.driver = driver
        self.address = address
        self.driver.get(f"{address}/{name}/")
        if is_live:
            self.connected()

    def run(self, script, *arguments):
        """The value of a JavaScript function body, or of an expression."""
        body = script if "return" in script or ";" in script else f"return {script}"
        return self.driver.execute_script(body, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def type(self, selector, *keys):
        """Presses keys where a selector says; a click gives the focus."""
        if not self.run(
            "document.activeElement === document.querySelector(arguments[0])", selector
        ):
            self.find(selector).click()
        actions = ActionChains(self.driver, duration=0)
        for key in keys:
            actions.send_keys(key)
        actions.perform()

    def until(self, condition, what=None):
        """Waits until a JavaScript expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.run(condition):
            if time.monotonic() > deadline:
                found = self.run("document.querySelector('main').outerHTML")
                raise AssertionError(f"{what or condition} did not become true:\n{found}")
            time.sleep(0.01)

    def connected(self):
        self.until("document.documentElement.dataset.djust === 'connected'")

    def loaded(self, module):
        """Waits until a module runs that a page loads when it is idle or first needs it."""
        self.until(
            "performance.getEntriesByType('resource')"
            f".some(({{ name }}) => name.includes('djust-{module}'))"
        )
        self.driver.execute_async_script("setTimeout(arguments[0], 50)")

    def step(self):
        """Lets a handler go on that waits for the test (``step`` in scenes.py)."""
        urllib.request.urlopen(f"{self.address}/step/", timeout=PATIENCE).close()

    def turn(self):
        return int(self.run("document.querySelector('#turn').textContent"))

    def show(self, **changes):
        """Changes the state on the server, and waits until the page says so."""
        before = self.turn()
        self.run("djust.pushEvent('show', arguments[0]);", changes)
        self.answered(before)

    def answered(self, before=0):
        self.until(f"+document.querySelector('#turn').textContent > {before}", "an answer")

    def reconnect(self):
        """Breaks the connection, and waits until the page has another one."""
        count = self.run("sockets.length")
        self.run("sockets.at(-1).close();")
        self.until(f"sockets.length > {count}")
        self.connected()

    def mark(self, selector):
        """Remembers the elements of a selector, to ask later whether they are the same."""
        self.run("window.marked = [...document.querySelectorAll(arguments[0])];", selector)

    def kept(self, selector):
        """Whether a selector finds the very elements that were marked, in any order."""
        return self.run(
            "const found = [...document.querySelectorAll(arguments[0])];"
            "return found.length === marked.length && found.every((one) => marked.includes(one))",
            selector,
        )

    def value(self, selector):
        return self.run("document.querySelector(arguments[0]).value", selector)

    def text(self, selector):
        return self.run("document.querySelector(arguments[0]).textContent", selector)

    def focused(self, selector):
        return self.run("document.activeElement === document.querySelector(arguments[0])", selector)

    def caret(self, selector):
        return self.run(
            "const one = document.querySelector(arguments[0]);"
            "return [one.selectionStart, one.selectionEnd]",
            selector,
        )


@contextmanager
def server(command, folder, environment=None):
    """The address of a server: a Python module with its arguments, whose log goes into a folder."""
    log = folder / "server.log"
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", str(port)],
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/static/djust/djust.js", timeout=5).close()
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The site did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Where the scenes are served."""
    command = ["uvicorn", "tests.gentle.site:application", "--log-level", "warning"]
    with server(command, tmp_path_factory.mktemp("gentle")) as url:
        yield url


@pytest.fixture(scope="session")
def with_django():
    """Django in the process of the tests, for those that render; the sites have their own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.conformance.settings"
    django.setup()


@pytest.fixture(scope="session")
def display():
    """A display that nobody sees, for the engine that needs one."""
    with engines.display():
        yield


@pytest.fixture(scope="session", params=engines.ENGINES)
def browsers(request, display):
    """An engine, whose browsers follow one another. Its parameter is its name."""
    with closing(engines.Browsers(request.param)) as browsers:
        yield browsers


@pytest.fixture
def driver(browsers):
    """A browser: that of the test before, unless it died."""
    return browsers.alive()


@pytest.fixture
def page(request, driver, address):
    """The scene of the test, connected. In the end its policy must have had nothing to forbid."""
    page = Page(driver, address, request.function.scene)
    yield page
    assert page.run("violations") == []
