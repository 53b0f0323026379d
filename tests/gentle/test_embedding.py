"""The engine behind a server that is not Django: the example of docs/embedding.md."""

import re
import subprocess
from textwrap import indent

import pytest

from tests.e2e.conftest import CHECKOUT, free_port

EXAMPLE = CHECKOUT / "examples/monitor"


@pytest.fixture(scope="module")
def monitor():
    """The address of the example's server, which sends five frames a second."""
    command = ["node", EXAMPLE / "server.js", str(free_port()), "200"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield server.stdout.readline().strip()
    server.terminate()
    server.wait(10)
    server.stdout.close()


def test_the_page_follows_frames_and_keeps_its_elements(driver, monitor):
    driver.get(monitor)
    wait = """
    const [done] = [arguments[arguments.length - 1]];
    const text = () => document.querySelector("main p")?.textContent;
    const elements = () => [...document.querySelectorAll("main *")];
    const begin = performance.now();
    let first, kept;
    const look = () => {
      if (performance.now() - begin > 10000) return done("nothing changed");
      if (!text()) return setTimeout(look, 20);
      first ??= text();
      kept ??= elements();
      if (text() === first) return setTimeout(look, 20);
      done(elements().every((each, index) => each === kept[index]) && kept.length > 8);
    };
    look();
    """
    assert driver.execute_async_script(wait) is True
    assert re.search(r"Memory\s+\d+ %", driver.find_element("css selector", "main").text)


def test_the_docs_show_the_example_as_it_is():
    page = (EXAMPLE / "index.html").read_text()
    docs = (CHECKOUT / "docs/embedding.md").read_text()
    (sample,) = re.findall(r"```js\n(.*?)```", docs, re.DOTALL)
    assert indent(sample, " " * 6) in page
