"""Cases go in; what the page runs comes out: Django's HTML and the frames of a session."""

import json
import re
from base64 import b64encode
from pathlib import Path
from statistics import median
from typing import Any

from django.template.base import Template
from django.template.context import Context
from django.template.engine import Engine

from benches.browser.cases import Case
from djust.testing import FrameRecorder

PAGES = Path(__file__).parent / "pages"


def record(case: Case) -> dict[str, Any]:
    """The case as the page fetches it; ``bytes`` is the middle length of its timed update frames.

    ``deltas`` are a mount frame and then the update frames of a session, ``trees`` are mount frames
    alone, as after a reconnect.
    """
    template = Template(_source(case.page), engine=Engine())
    shown = [case.steps[-1], *case.steps * case.cycles]
    sessions = FrameRecorder(template), FrameRecorder(template)
    deltas = [sessions[0].mount(shown[0].state)]
    deltas += [sessions[0].update(step.state) for step in shown[1:]]
    trees = [sessions[1].mount(step.state) for step in shown]
    steps = len(case.steps)
    return {
        "page": case.page,
        "steps": [
            {
                "state": step.state,
                "edit": json.dumps(step.edit, separators=(",", ":")),
                "timed": step.timed,
                "html": template.render(Context(step.state)),
            }
            for step in case.steps
        ],
        "frames": {"deltas": _texts(deltas), "trees": _texts(trees)},
        "bytes": median(
            len(frame)
            for frame, step in zip(deltas[1 + steps :], shown[1 + steps :], strict=True)
            if step.timed
        ),
    }


def _source(page: str) -> str:
    """A template of ``pages/`` without the line breaks and indentation that make it readable."""
    return re.sub(r"\n\s*", "", (PAGES / f"{page}.html").read_text())


def _texts(frames: list[bytes]) -> list[str]:
    return [b64encode(frame).decode() for frame in frames]
