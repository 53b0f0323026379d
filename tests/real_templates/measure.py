"""The real pages go in; how fast they render, and what Django still renders in them, come out.

    python -m tests.real_templates.measure

Two tables: each page with its time in Django, as a live page would render it (frame and decoder),
and by djust's template backend with its form renderer (the best of several renders of the outermost
template, queries of lazy querysets included), and what our engine leaves to Django, by the time that
this takes: tags without a native form, filters without one, and templates that values render by
themselves (forms and widgets).
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from unittest.mock import patch

import django
from django.template.base import Node, Template
from django.template.context import Context

ROUNDS = 7


@dataclass
class Left:
    """What Django renders within our renders, by name: how often, and for how many seconds."""

    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    is_inside: bool = False

    def timed(self, name: str, call: Callable[[], Any]) -> Any:
        if self.is_inside:
            return call()
        self.is_inside = True
        started = time.perf_counter()
        try:
            return call()
        finally:
            self.seconds[name] += time.perf_counter() - started
            self.calls[name] += 1
            self.is_inside = False


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.real_templates.settings"
    django.setup()
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        from tests.real_templates.pages import fill_database

        fill_database()
        report()
    finally:
        teardown_databases(databases, verbosity=0)
    return 0


def report() -> None:
    from djust.template import Planned
    from tests.real_templates.engines import with_backend, with_django, with_djust, with_engine
    from tests.real_templates.pages import PAGES, visit

    left = Left()
    print("| page | Django | as a live page | ratio | template backend | ratio |")
    print("|---|---|---|---|---|---|")
    sums = [0.0, 0.0, 0.0]
    planned = Planned.__call__
    for name in PAGES:
        times = [0.0, 0.0, 0.0]

        def measured(template: Template, context: Context, times: list[float] = times) -> str:
            with uninstrumented():
                for place, render in enumerate((with_django, with_djust)):
                    times[place] += best(render, template, context)
            with counted(left):
                return with_djust(template, context)

        def measured_backend(
            self: Planned, template: Template, context: Context, times: list[float] = times
        ) -> str:
            Planned.__call__ = planned  # type: ignore[method-assign]
            with uninstrumented():
                times[2] += best(lambda *given: planned(self, *given), template, context)
            return planned(self, template, context)

        with with_engine(measured):
            visit(name)
        with with_backend():
            Planned.__call__ = measured_backend  # type: ignore[method-assign]
            visit(name)
            Planned.__call__ = planned  # type: ignore[method-assign]
        print(line(name, times) if times[0] else f"| {name} | no template |")
        sums = [total + each for total, each in zip(sums, times, strict=True)]
    print(line("**all**", sums))
    print("\n| left to Django | calls | time | of our time |\n|---|---|---|---|")
    for name in sorted(left.calls, key=lambda name: -left.seconds[name]):
        share = left.seconds[name] / sums[1]
        print(f"| {name} | {left.calls[name]} | {left.seconds[name] * 1e3:.2f} ms | {share:.1%} |")


def line(name: str, times: list[float]) -> str:
    django, live, backend = times
    return (
        f"| {name} | {django * 1e3:.2f} ms | {live * 1e3:.2f} ms | {django / live:.1f} "
        f"| {backend * 1e3:.2f} ms | {django / backend:.1f} |"
    )


def best(render: Callable[..., Any], template: Template, context: Context) -> float:
    """The shortest of several renders, in seconds; each gets a copy of the context."""
    times = []
    for _ in range(ROUNDS):
        own = copy(context)
        own.render_context = copy(context.render_context)
        started = time.perf_counter()
        render(template, own)
        times.append(time.perf_counter() - started)
    return min(times)


@contextmanager
def uninstrumented() -> Iterator[None]:
    """Without the signals of Django's test environment, which cost both engines time."""
    from django.test.utils import _TestState

    instrumented = Template._render
    Template._render = _TestState.saved_data.template_render  # type: ignore[method-assign]
    try:
        yield
    finally:
        Template._render = instrumented  # type: ignore[method-assign]


@contextmanager
def counted(left: Left) -> Iterator[None]:
    """While it runs, notes what Django renders. Plans made meanwhile are not kept."""
    from djust.lowering import expressions
    from djust.rendering import LiveTemplate

    render_node, render_template = Node.render_annotated, Template._render
    lower_filter = expressions.filter_of

    def made_anew(template: Any) -> LiveTemplate:
        return LiveTemplate(getattr(template, "template", template))

    def node(self: Node, context: Context) -> Any:
        return left.timed(name_of(self), lambda: render_node(self, context))

    def template(self: Template, context: Context) -> Any:
        name = f"value that renders {self.name}"
        return left.timed(name, lambda: render_template(self, context))

    def filter_of(*given: Any) -> tuple:
        function, arguments, native = lower_filter(*given)
        if native is not None:
            return function, arguments, native

        @wraps(function)
        def called(*values: Any, **options: Any) -> Any:
            return left.timed(f"`\\|{function.__name__}`", lambda: function(*values, **options))

        return called, arguments, native

    with (
        patch.object(LiveTemplate, "of", made_anew),
        patch.object(Node, "render_annotated", node),
        patch.object(Template, "_render", template),
        patch.object(expressions, "filter_of", filter_of),
    ):
        yield


def name_of(node: Node) -> str:
    function = getattr(node, "func", None)
    if function is not None:
        return f"{type(node).__name__} `{{% {function.__name__} %}}`"
    return type(node).__name__


if __name__ == "__main__":
    sys.exit(main())
