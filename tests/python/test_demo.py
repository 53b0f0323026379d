"""The demo without a browser: its command line, sample data, pages, and the size of its frames.

Goes in: the installed package with its `demo` extra. Each server here is a real process with a
database of its own.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest
from websockets.sync.client import connect

from djust.__main__ import main
from djust.demo.source import highlight


def command(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "djust", "demo", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def start(database):
    """The running demo on a free port, and its address: the last line that it prints at start."""
    process = command("--port", "0", "--db", str(database))
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            return process, found[0]
    raise AssertionError(process.stderr.read())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    process, address = start(tmp_path_factory.mktemp("demo") / "demo.sqlite3")
    yield address
    process.terminate()
    assert process.wait(20) == 0


def get(address):
    with urllib.request.urlopen(address, timeout=20) as response:
        return response.headers, response.read().decode()


@contextmanager
def open_socket(site, path):
    """A socket that said hello for a page, past the welcome and the mount frame."""
    token = re.search(r'data-mount="([^"]+)"', get(site + path)[1])[1].encode()
    with connect(f"ws{site.removeprefix('http')}djust/live/", origin=site.rstrip("/")) as live:
        live.send(b"\x00\x01\xc4\x00\x01\x00\xda" + len(token).to_bytes(2, "big") + token)
        assert live.recv(timeout=20)[0] == 0
        assert live.recv(timeout=20)[0] == 1
        yield live


def event(live, number, handler):
    """The frame that answers an event without parameters."""
    name = handler.encode()
    live.send(bytes([1, 1, 0, number, 0xA0 + len(name)]) + name + b"\x80")
    return live.recv(timeout=20)


def test_a_missing_server_is_named_with_the_command_that_installs_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == (
        "djust: the demo needs uvicorn. Install it with: pip install 'djust-wasm[demo]'\n"
    )


def test_a_taken_port_is_named_with_a_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = command("--port", str(port), "--db", str(tmp_path / "demo.sqlite3"))
        _, message = process.communicate(timeout=30)
    assert process.returncode == 1
    assert message == (
        f"djust: port {port} is taken. Take another one with: python -m djust demo --port 8000\n"
    )
    assert not list(tmp_path.iterdir())


def test_a_database_that_cannot_be_made_is_named_with_a_way_out(tmp_path):
    (tmp_path / "file").touch()
    process = command("--port", "0", "--db", str(tmp_path / "file" / "demo.sqlite3"))
    _, message = process.communicate(timeout=30)
    assert process.returncode == 1
    assert message.startswith("djust: cannot use the database")
    assert "--db PATH" in message


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_while_a_page_is_connected(tmp_path, stop):
    process, address = start(tmp_path / "demo.sqlite3")
    with open_socket(address, "counter/"):
        process.send_signal(stop)
        _, complaints = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in complaints


def test_a_second_start_keeps_the_data_and_the_sessions(tmp_path):
    database = tmp_path / "demo.sqlite3"
    process, address = start(database)
    with open_socket(address, "todos/") as live:
        live.send(b"\x01\x01\x00\x01\xa6remove\x81\xa4todo\xa11")
        live.recv(timeout=20)
    process.terminate()
    process.wait(20)
    key = database.with_suffix(".key").read_text()
    process, address = start(database)
    page = get(address + "todos/")[1]
    process.terminate()
    process.wait(20)
    assert page.count("<li ") == 4
    assert database.with_suffix(".key").read_text() == key


PATHS = ["", "counter/", "todos/", "search/", "booking/", "table/", "interceptors/"]


@pytest.mark.parametrize("path", PATHS)
def test_each_page_has_a_fresh_nonce_and_nothing_inline(site, path):
    headers, page = get(site + path)
    (nonce,) = re.findall(r"'nonce-([^']+)'", headers["Content-Security-Policy"])
    scripts = re.findall(r"<script\b[^>]*>", page)
    # One page has a log of its own, which reads the frames, and an interceptor.
    assert len(scripts) == (3 if path == "interceptors/" else 1)
    assert all(f'nonce="{nonce}"' in script and "src=" in script for script in scripts)
    assert not re.search(r"\sstyle=|\son\w+=|<style", page)
    assert nonce not in get(site + path)[0]["Content-Security-Policy"]


def test_static_files_are_checked_for_changes_on_each_visit(site):
    headers, _ = get(site + "static/djust_demo/demo.css")
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Content-Type"].startswith("text/css")


def test_search_finds_without_javascript(site):
    _, page = get(site + "search/?query=oak+lamp")
    assert "10 of 2000 products" in page
    assert "Quiet <mark>Oak Lamp</mark>" in page
    assert 'value="oak lamp"' in page


def test_a_form_is_checked_without_javascript(site):
    _, page = get(site + "booking/?name=Ada&email=ada&guests=9&seat=window")
    assert page.count('<ul class="errorlist"') == 3
    assert 'value="Ada"' in page
    right = "name=Ada&email=ada@example.org&guests=3&seat=window&terms=on"
    assert "Thank you, Ada: a table for 3." in get(f"{site}booking/?{right}")[1]


def test_a_count_travels_in_at_most_twenty_bytes(site):
    with open_socket(site, "counter/") as live:
        frames = [event(live, number, "increment") for number in range(1, 100)]
        assert max(map(len, frames)) <= 20


def test_one_cell_of_a_thousand_rows_travels_in_at_most_forty_bytes(site):
    with open_socket(site, "table/") as live:
        assert max(len(event(live, number, "edit_one")) for number in range(1, 100)) <= 40


def test_python_is_coloured_by_its_own_tokeniser():
    assert highlight('@a\ndef b(c="<d>"):  # e\n    return 1\n', "python") == (
        '<span class="hl-decorator">@</span><span class="hl-decorator">a</span>\n'
        '<span class="hl-keyword">def</span> <span class="hl-name">b</span>'
        '(c=<span class="hl-string">&quot;&lt;d&gt;&quot;</span>):  '
        '<span class="hl-comment"># e</span>\n'
        '    <span class="hl-keyword">return</span> <span class="hl-number">1</span>\n'
    )


def test_templates_are_coloured_by_their_punctuation():
    assert highlight('{% if a %}<p class="b">{{ c }}</p>{% endif %}', "template") == (
        '<span class="hl-block">{% if a %}</span><span class="hl-tag">&lt;p</span> '
        '<span class="hl-attribute">class</span>=&quot;b&quot;<span class="hl-tag">&gt;</span>'
        '<span class="hl-hole">{{ c }}</span>'
        '<span class="hl-tag">&lt;/p</span><span class="hl-tag">&gt;</span>'
        '<span class="hl-block">{% endif %}</span>'
    )


def test_scripts_are_coloured_by_their_words():
    assert highlight('const a = "<b>"; // c', "javascript") == (
        '<span class="hl-keyword">const</span> a = '
        '<span class="hl-string">&quot;&lt;b&gt;&quot;</span>; '
        '<span class="hl-comment">// c</span>'
    )
