"""The name of an engine goes in, a browser that a program drives comes out.

WebKit opens a window: on Linux it needs a display (``$DISPLAY``, or Xvfb, see :func:`display`).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from tests.e2e.conftest import FLAGS, hamper

ENGINES = os.environ.get("ENGINES", "chromium firefox webkit").split()


def chromium() -> WebDriver:
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    for flag in ("--headless=new", "--autoplay-policy=no-user-gesture-required", *FLAGS):
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    hamper(driver.execute_cdp_cmd)
    return driver


def firefox() -> WebDriver:
    options = webdriver.FirefoxOptions()
    options.add_argument("-headless")
    options.set_preference("media.autoplay.default", 0)
    options.binary_location = os.environ.get("FIREFOX", "/usr/bin/firefox-esr")
    service = webdriver.FirefoxService(executable_path=shutil.which("geckodriver"))
    return webdriver.Firefox(options=options, service=service)


def webkit() -> WebDriver:
    if sys.platform == "darwin":
        return webdriver.Safari()
    path = shutil.which(os.environ.get("WEBKIT_DRIVER", "WebKitWebDriver"))
    service = webdriver.WebKitGTKService(executable_path=path)
    return webdriver.WebKitGTK(options=webdriver.WebKitGTKOptions(), service=service)


class Browsers:
    """The browsers of an engine, one at a time: after a crash comes another one."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.driver: WebDriver | None = None

    def alive(self) -> WebDriver:
        """A browser that answers. Its ``engine`` is its name."""
        if self.driver is not None:
            try:
                self.driver.current_url  # noqa: B018 - asks the browser.
            except WebDriverException:
                self.close()
        if self.driver is None:
            self.driver = {"chromium": chromium, "firefox": firefox, "webkit": webkit}[
                self.engine
            ]()
            self.driver.engine = self.engine
        return self.driver

    def close(self) -> None:
        """Ends the browser, if there is one."""
        # A browser that has crashed cannot quit; whoever used it has noticed.
        with suppress(WebDriverException):
            if self.driver is not None:
                self.driver.quit()
        self.driver = None


@contextmanager
def display() -> Iterator[None]:
    """A display that nobody sees, for the engine that needs one."""
    if os.environ.get("DISPLAY") or sys.platform == "darwin" or not shutil.which("Xvfb"):
        yield
        return
    # The server takes a number that is free and says it when it is ready: several may start at once.
    said, says = os.pipe()
    command = ["Xvfb", "-displayfd", str(says), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[says], stderr=subprocess.DEVNULL)
    os.close(says)
    with os.fdopen(said) as number:
        os.environ["DISPLAY"] = f":{number.readline().strip()}"
    try:
        yield
    finally:
        del os.environ["DISPLAY"]
        server.terminate()
        server.wait(10)
