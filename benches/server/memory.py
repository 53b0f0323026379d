"""Sessions go in, bytes that each keeps come out: from the growth of the process."""

from pathlib import Path
from resource import getpagesize
from typing import Any


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


def per_session(template: Any, context: dict[str, Any], count: int) -> float:
    """What one more session keeps after its first render. The context is shared: only what the
    session remembers of the page counts."""
    from djust.testing import FrameRecorder

    for _ in range(3):  # What is kept once, and the memory that frames and trees reuse.
        FrameRecorder(template).mount(context)
    before = resident()
    sessions = []
    for _ in range(count):
        session = FrameRecorder(template)
        session.mount(context)
        sessions.append(session)
    return (resident() - before) / count
