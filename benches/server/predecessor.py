"""The public package djust 1.2.6, used from outside, in an environment and a process of its own.

``Predecessor.start()`` installs it once, below target/, and talks to it in lines of JSON; the other
half of this file is what that process runs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

VERSION = "1.2.6"
CHECKOUT = Path(__file__).parents[2]
ENVIRONMENT = CHECKOUT / "target" / f"bench-djust-{VERSION}"


class Predecessor:
    """The other process. Each method but ``start`` is one question to it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    @classmethod
    def start(cls, django_version: str) -> "Predecessor | None":
        """Nothing, after a line that says why, where the package cannot be had."""
        python = ENVIRONMENT / "bin" / "python"
        try:
            if not (ENVIRONMENT / "installed").exists():
                run = {"check": True, "capture_output": True, "text": True, "timeout": 600}
                subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], **run)
                packages = [f"djust=={VERSION}", f"Django=={django_version}"]
                subprocess.run([python, "-m", "pip", "install", "-q", *packages], **run)
                (ENVIRONMENT / "installed").touch()
            process = subprocess.Popen(
                [python, "-m", "benches.server.predecessor"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=CHECKOUT,
                # A path to our package would win over the other one's.
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            )
            predecessor = cls(process)
            predecessor.ask("hello")
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            print(f"skipped: djust {VERSION} cannot be installed here ({type(error).__name__})")
            return None
        return predecessor

    def ask(self, question: str, *arguments: Any) -> Any:
        """The answer of the function below with that name."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([question, *arguments]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        """Ends the process."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


# ---- in the other process -----------------------------------------------------------------------


def serve() -> None:
    """Answers questions from standard input until it ends."""
    out, sys.stdout = sys.stdout, sys.stderr  # Whatever is printed shall not be an answer.
    from benches.server import pages

    pages.set_up()
    from djust import _rust  # type: ignore[attr-defined]

    contexts: dict[str, Any] = {}
    views: list[Any] = []

    def hello() -> str:
        return VERSION

    def render(kind: str, times: int) -> tuple[list[float], str]:
        """Milliseconds of single renders, and the HTML."""
        context = contexts.setdefault(kind, {"rows": pages.rows(kind)})
        taken = []
        for _ in range(times):
            began = perf_counter()
            html = _rust.render_template(pages.TABLE, context)
            taken.append((perf_counter() - began) * 1e3)
        return taken, html

    def update(source: str, states: list[dict[str, Any]]) -> list[tuple[int, float, str]]:
        """For each state: bytes of the patches that lead there, milliseconds, and their JSON."""
        view = _rust.RustLiveView(source)
        answers = []
        for state in states:
            began = perf_counter()
            view.update_state(state)
            html, patches, _ = view.render_with_diff()
            taken = (perf_counter() - began) * 1e3
            answer = patches or html
            answers.append((len(answer.encode()), taken, answer))
        return answers

    def memory(count: int) -> float:
        """Bytes that one session keeps after its first render, from the growth of the process."""
        from benches.server.memory import resident

        state = {"rows": pages.rows("dicts"), "count": 1}
        first = _rust.RustLiveView(pages.PLAIN_ROWS)
        first.update_state(state)
        first.render_with_diff()
        before = resident()
        for _ in range(count):
            view = _rust.RustLiveView(pages.PLAIN_ROWS)
            view.update_state(state)
            view.render_with_diff()
            views.append(view)
        return (resident() - before) / count

    answers = {each.__name__: each for each in (hello, render, update, memory)}
    for line in sys.stdin:
        question, *arguments = json.loads(line)
        out.write(json.dumps(answers[question](*arguments)) + "\n")
        out.flush()


if __name__ == "__main__":
    serve()
