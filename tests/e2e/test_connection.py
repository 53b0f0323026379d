"""The socket: the server goes and comes back, and what is malformed harms only its sender."""

import signal

import pytest
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

LOST = r"WebSocket connection to|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET"


def state(tab):
    return tab.page.locator("html")


def closing_code(site, frame=None, origin=None):
    """Open a socket, send a frame, and read until the server closes; returns its code."""
    address = f"ws://127.0.0.1:{site.port}/djust/live/"
    with connect(address, origin=origin or site.url) as socket:
        if frame is not None:
            socket.send(frame)
        try:
            while True:
                socket.recv(timeout=10)
        except ConnectionClosed as closed:
            return closed.rcvd.code


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "crashed"])
def test_a_page_comes_back_by_itself_after_a_restart(new_tab, own_site, how):
    tab = new_tab(own_site)
    tab.expect(LOST)
    tab.open("/counter/")
    tab.page.get_by_label("Add one").click()
    expect(tab.page.locator("output")).to_have_text("1")
    tab.page.locator("output").evaluate("(output) => { output.kept = true }")
    own_site.stop(how)
    expect(state(tab)).not_to_have_attribute("data-djust", "connected")
    expect(tab.page.get_by_label("Add one")).to_be_visible()
    own_site.start()
    expect(state(tab)).to_have_attribute("data-djust", "connected")
    count = int(tab.page.locator("output").inner_text())
    tab.page.get_by_label("Add one").click()
    expect(tab.page.locator("output")).to_have_text(str(count + 1))
    assert tab.page.locator("output").evaluate("(output) => output.kept") is True


def test_what_is_being_typed_survives_a_restart(new_tab, own_site):
    tab = new_tab(own_site)
    tab.expect(LOST)
    tab.open("/todos/")
    tab.page.get_by_label("New to-do").focus()
    tab.page.keyboard.type("half ty")
    own_site.stop()
    expect(state(tab)).not_to_have_attribute("data-djust", "connected")
    tab.page.keyboard.type("ped")
    own_site.start()
    expect(state(tab)).to_have_attribute("data-djust", "connected")
    expect(tab.page.get_by_label("New to-do")).to_be_focused()
    expect(tab.page.get_by_label("New to-do")).to_have_value("half typed")
    tab.page.keyboard.press("Enter")
    titles = tab.page.locator("[dj-root] li").get_by_role("textbox")
    expect(titles.last).to_have_value("half typed")


def test_a_click_while_the_server_is_away_is_sent_when_it_is_back(new_tab, own_site):
    tab = new_tab(own_site)
    tab.expect(LOST)
    tab.open("/todos/")
    count = tab.page.locator("[dj-root] li").count()
    own_site.stop()
    expect(state(tab)).not_to_have_attribute("data-djust", "connected")
    tab.page.get_by_role("button", name="Remove").first.click()
    own_site.start()
    expect(state(tab)).to_have_attribute("data-djust", "connected")
    expect(tab.page.locator("[dj-root] li")).to_have_count(count - 1)


def test_an_unknown_event_is_refused_visibly_and_the_page_goes_on(visit):
    tab = visit("/counter/")
    tab.expect("djust")
    tab.page.evaluate("djust.pushEvent('render', {})")
    expect(tab.page.get_by_role("alert")).to_be_visible()
    tab.page.get_by_label("Add one").click()
    expect(tab.page.locator("output")).to_have_text("1")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\xc1", 4400),
        (b"", 4400),
        (b"\x63", 4400),
        (b"\x01\xdd\xff\xff\xff\xff", 4400),
        (b"\x00" * 65_537, 1009),
        ("text", 1003),
    ],
    ids=["garbage", "empty", "unknown-kind", "huge-count", "oversized", "text"],
)
def test_a_bad_frame_closes_its_own_socket_only(visit, site, frame, code):
    tab = visit("/counter/")
    assert closing_code(site, frame) == code
    tab.page.get_by_label("Add one").click()
    expect(tab.page.locator("output")).to_have_text("1")
    assert len(tab.sockets) == 1


def test_another_origin_is_refused(site):
    assert closing_code(site, origin="https://elsewhere.example") == 4403
