"""What a page sends, and what it reads of an answer.

Written with the msgpack package alone, so that the codec of djust is judged by another one.
"""

import re

import msgpack

HELLO, EVENTS, RESYNC, PING, LEAVE, JOIN = range(6)
WELCOME, MOUNT, UPDATE, ACK, PUSH, ERROR, PONG = range(7)


def message(*values):
    return b"".join(msgpack.packb(value) for value in values)


def hello(*tokens, version=1, known=b""):
    roots = [value for root in enumerate(tokens) for value in root]
    return message(HELLO, version, known, len(tokens), *roots)


def events(*sent, root=0):
    """A frame of events, each an id, a handler, if need be a target, and parameters."""
    frame = message(EVENTS, len(sent))
    for event, *values in sent:
        frame += message(root, event, *values)
    return frame


def event(number, handler, root=0, **params):
    return events((number, handler, params), root=root)


def read(frame):
    """The values of a frame, one after the other."""
    unpacker = msgpack.Unpacker(strict_map_key=False)
    unpacker.feed(frame)
    return list(unpacker)


def token_in(page):
    """The mount token of a served page."""
    return re.search(r'data-mount="([^"]*)"', page)[1]
