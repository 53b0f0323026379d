"""For the tests of a project: live views without a browser, templates as HTML and as frames.

LiveViewTestClient(CounterView)         mounts a view, sends events, shows state and HTML
render_html("<p>{{ n }}</p>", {...})    what Django prints, by way of the wire format
FrameRecorder("<p>{{ n }}</p>")         the frames that a session would send
changes("<p>{{ n }}</p>", {…}, {…})     which holes an update changes, a line for each;
                                        assert_changes and Snapshot compare them
"""

from collections.abc import Mapping
from typing import Any

from django.template.base import Template
from django.template.context import Context
from django.template.engine import Engine

from djust import _native
from djust.rendering import LiveTemplate
from djust.snapshots import Snapshot, assert_changes, changes
from djust.testclient import LiveViewTestClient

__all__ = [
    "FrameRecorder",
    "LiveViewTestClient",
    "Snapshot",
    "assert_changes",
    "changes",
    "render_html",
]


def render_html(template: Any, context: Context | Mapping[str, Any] | None = None) -> str:
    """Renders through the plan, the encoded tree and the reference decoder.

    ``template`` is a source string (compiled by the default engine) or a compiled template of any
    engine. The result equals Django's byte for byte, and what Django raises is raised. A
    ``Context`` is written to in place, as Django would.

    >>> render_html("{{ greeting }}, <b>{{ name }}</b>", {"greeting": "Hi", "name": "<Ada>"})
    'Hi, <b>&lt;Ada&gt;</b>'
    """
    return _live(template).render_html({} if context is None else context)


class FrameRecorder:
    """The frames that one session would send for a template, each numbered after the one before.

    ``template`` as for ``render_html``; ``known`` are the hashes of the templates that the page
    already has, 8 bytes each.

    >>> recorder = FrameRecorder("<p>{{ count }}</p>")
    >>> recorder.mount({"count": 1})
    b'...'
    >>> recorder.update({"count": 2}).hex()
    '02000200000002'
    >>> recorder.update({"count": 2}).hex()
    '030000'
    """

    def __init__(self, template: Any, known: bytes = b""):
        self.renderer = _live(template).renderer()
        self.table = _native.TemplateTable(known)
        self.seq = 0

    def mount(self, context: Context | Mapping[str, Any]) -> bytes:
        """A mount frame: the whole tree."""
        self.seq += 1
        return self.renderer.mount(context, self.table, seq=self.seq)

    def update(self, context: Context | Mapping[str, Any]) -> bytes:
        """An update frame, or an ack frame when nothing visible changed."""
        frame = self.renderer.update(context, self.table, seq=self.seq + 1)
        if frame is None:
            return _native.encode_ack(0, 0)
        self.seq += 1
        return frame


def _live(template: Any) -> LiveTemplate:
    if isinstance(template, str):
        template = Template(template, engine=_engine())
    return LiveTemplate.of(template)


def _engine() -> Engine:
    try:
        return Engine.get_default()
    except Exception:
        return Engine()
