"""The wheel as a user gets it: built, installed where nothing else is, and the demo run from it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    maturin = Path(sys.executable).with_name("maturin")
    subprocess.run(
        [maturin, "build", "--release", "--quiet", "--out", folder],
        cwd=CHECKOUT / "python",
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """The interpreter of an empty environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{wheel}[demo]"], check=True)
    return python


def elsewhere():
    """The environment variables of a user who has never seen this checkout."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "DJANGO", "DJUST", "VIRTUAL_ENV"))
    }


def test_the_wheel_serves_every_python_from_3_10_on(wheel):
    assert wheel.name.startswith("djust_wasm-")
    assert "-cp310-abi3-" in wheel.name


def test_the_wheel_holds_what_a_page_needs_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    built = {path.name for path in (CHECKOUT / "python/djust/static/djust").iterdir()}
    assert {"djust.js", "djust.wasm"} <= built
    assert {f"djust/static/djust/{name}" for name in built} <= names
    assert "djust/py.typed" in names
    assert "djust/demo/templates/djust_demo/counter.html" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0].split("-")[0] for name in names} <= {"djust", "djust_wasm"}
    assert not [name for name in names if name.endswith((".sqlite3", ".pyc", ".key"))]


def test_the_static_files_are_the_built_ones(wheel):
    archive = zipfile.ZipFile(wheel)
    for name in ("djust.js", "djust.wasm"):
        built = CHECKOUT / "python/djust/static/djust" / name
        assert archive.read(f"djust/static/djust/{name}") == built.read_bytes()


def test_importing_needs_no_settings(python, tmp_path):
    subprocess.run(
        [python, "-c", "from djust import LiveView, event_handler"],
        cwd=tmp_path,
        env=elsewhere(),
        check=True,
    )


def test_the_demo_runs_from_the_wheel(python, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (tmp_path / "log").open("w+")
    server = subprocess.Popen(
        [python, "-m", "djust", "demo", "--port", str(port)],
        cwd=tmp_path,
        env=elsewhere() | {"DJUST_DEMO_DB": str(tmp_path / "demo.sqlite3")},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        for path, text in {
            "/": "Django pages",
            "/counter/": "dj-click",
            "/todos/": "to do",
            "/search/": "2000 of 2000 products",
            "/table/": "Unit 1000",
            "/static/djust/djust.js": "",
            "/static/djust/djust.wasm": "",
        }.items():
            body = fetch(f"http://127.0.0.1:{port}{path}", server, log)
            assert text.encode() in body
            assert body
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def fetch(url, server, log):
    """The body at an address, waiting up to 30 s for a server that is still starting."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.read()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                pytest.fail(f"{url} cannot be fetched. The server said:\n{log.read()}")
            time.sleep(0.1)
