"""The shared vectors, read through the binding of the server and by an independent decoder."""

import json
from pathlib import Path

import msgpack
import pytest

from djust import _native

FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}


def wire(name):
    return (FOLDER / f"{name}.msgpack").read_bytes()


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        ((kind, body),) = value.items()
        return {
            "bin": lambda: bytes.fromhex(body),
            "ext": lambda: msgpack.ExtType(1, body.encode()),
            "map": lambda: {key: plain(item) for key, item in body},
        }[kind]()
    return value


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_the_bytes_hold_the_described_values(name):
    unpacker = msgpack.Unpacker(strict_map_key=False)
    unpacker.feed(wire(name))
    assert list(unpacker) == [plain(value) for value in VECTORS[name]["values"]]


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("hello", ("hello", 1, b"", [(0, "token")])),
        (
            "hello_again",
            ("hello", 1, bytes.fromhex("01020304050607082222222222222222"), [(0, "token")]),
        ),
        ("click", ("events", [(0, 1, 0, {}, "")])),
        (
            "batch",
            (
                "events",
                [(0, 2, 1, {"value": "laptop"}, ""), (0, 3, 3, {"item_id": 7, "done": True}, "")],
            ),
        ),
        ("unlisted", ("events", [(0, 4, "delete_all", {}, "")])),
        ("targeted", ("events", [(0, 5, 0, {}, "#results")])),
        ("resync", ("resync", 0)),
        ("ping", ("ping",)),
        ("leave", ("leave", 2)),
        ("join", ("join", 3, "token")),
    ],
)
def test_a_page_s_message_decodes(name, frame):
    assert _native.decode_client(wire(name)) == frame


def test_the_server_s_messages_encode():
    assert _native.encode_welcome(1, 25000) == wire("welcome")
    assert _native.encode_ack(0, 6) == wire("ack")
    assert _native.encode_push(0, "flash", {"message": "Saved", "level": 1}) == wire("push")
    error = _native.encode_error(0, 4, "unknown_event", "This page has no such event.")
    assert error == wire("error")
    assert _native.encode_pong() == wire("pong")
    handlers = _native.encode_handlers([("increment", None), ("search", {1: [300, None]})])
    assert handlers in wire("mount_counter")


@pytest.mark.parametrize("name", sorted(n for n, v in VECTORS.items() if v["from"] == "client"))
def test_a_cut_message_names_the_close_code_and_the_reason(name):
    for length in range(len(wire(name))):
        with pytest.raises(_native.ProtocolError) as caught:
            _native.decode_client(wire(name)[:length])
        code, reason = caught.value.args
        assert code == 4400
        assert "byte" in reason


def test_an_oversized_message_closes_with_1009():
    with pytest.raises(_native.ProtocolError) as caught:
        _native.decode_client(bytes(_native.MESSAGE_LIMIT + 1))
    assert caught.value.args == (1009, "the message is too big (byte 0)")


def test_a_payload_that_cannot_travel_is_named():
    with pytest.raises(TypeError, match="a set cannot be sent to the page"):
        _native.encode_push(0, "flash", {"items": set()})
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deeply"):
        _native.encode_push(0, "flash", deep)


def test_the_protocol_page_quotes_every_vector():
    text = (FOLDER.parents[1] / "docs" / "protocol.md").read_text()
    for name in VECTORS:
        assert f"`{name}`" in text, f"docs/protocol.md does not mention {name}"
        assert wire(name).hex(" ") in text, f"docs/protocol.md quotes other bytes for {name}"
