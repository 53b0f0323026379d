"""Reads every vector's JSON and writes its bytes: ``python tests/vectors/build.py``."""

import json
from pathlib import Path

import msgpack

FOLDER = Path(__file__).parent


def plain(value):
    """A JSON value of a vector as the Python value that msgpack encodes."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        ((kind, body),) = value.items()
        if kind == "bin":
            return bytes.fromhex(body)
        if kind == "ext":
            return msgpack.ExtType(1, body.encode())
        if kind == "map":
            return {key: plain(item) for key, item in body}
        raise ValueError(f"unknown kind of value: {kind}")
    return value


def encode(vector):
    """The bytes of a vector."""
    return b"".join(msgpack.packb(plain(value)) for value in vector["values"])


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.json")):
        path.with_suffix(".msgpack").write_bytes(encode(json.loads(path.read_text())))
