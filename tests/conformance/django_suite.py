"""Django's own template tests go in; how many of those that render pass with our engine comes out.

    python -m tests.conformance.django_suite                    our engine
    python -m tests.conformance.django_suite --engine printer   the template backend's way
    python -m tests.conformance.django_suite --engine django    control: loses nothing
    python -m tests.conformance.django_suite --engine constant  control: fails hundreds
    python -m tests.conformance.django_suite --mutant value     every native {{ }} prints a constant
    python -m tests.conformance.django_suite forms_tests        other folders of Django's tests

The one method through which every template of Django's engine renders, ``Template.render``, is
redirected: ``Engine.render_to_string``, ``get_template``, ``select_template``, ``from_string``,
``Template(…).render`` and the template backend all end there; the partials of Django 6 have one of
their own. A test *reaches* the engine when one of its templates renders. What only compiles is
lowered too, and counted apart. A render inside a render (what Django does itself while it renders
an opaque node) stays Django's.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.template import base
from django.template.base import Template
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from tests.conformance.sdist import django_tests

Render = Callable[[Template, Context], SafeString]

PartialTemplate = getattr(base, "PartialTemplate", None)  # since Django 6.0

django_renders: dict[type, Render] = {
    each: each.render for each in (Template, PartialTemplate) if each is not None
}


def django_render(template: Template, context: Context) -> SafeString:
    return django_renders[type(template)](template, context)


def djust_render(template: Template, context: Context) -> SafeString:
    from djust.testing import render_html

    return mark_safe(render_html(template, context))


def printer_render(template: Template, context: Context) -> SafeString:
    from djust.rendering import LiveTemplate

    return mark_safe(LiveTemplate.of(template).print_html(context))


def constant_render(template: Template, context: Context) -> SafeString:
    return mark_safe("")


ENGINES: dict[str, Render] = {
    "djust": djust_render,
    "printer": printer_render,
    "django": django_render,
    "constant": constant_render,
}


def main() -> int:
    options = arguments()
    result = run(options.labels, options.engine, options.mutant)
    summary = {
        "engine": options.engine + (f", mutant {options.mutant}" if options.mutant else ""),
        "run": result.testsRun,
        "reached": len(result.reached),
        "passed": len(result.reached - result.broken.keys()),
        "compiled": len(result.compiled - result.reached - result.broken.keys()),
        "failed": sorted(result.broken.keys() & (result.reached | result.compiled)),
        "failed_without_engine": sorted(result.broken.keys() - result.reached - result.compiled),
    }
    if options.json:
        print(json.dumps(summary))
    else:
        report(summary, result, options.verbose)
    return bool(summary["failed"])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("labels", nargs="*", default=["template_tests"], help="tests of Django")
    parser.add_argument("--engine", choices=ENGINES, default="djust")
    parser.add_argument("--mutant", choices=MUTANTS)
    parser.add_argument("--json", action="store_true", help="one line for other programs")
    parser.add_argument("--verbose", action="store_true", help="a traceback for each failure")
    return parser.parse_args()


def report(summary: dict[str, Any], result: "Result", verbose: bool) -> None:
    for name in summary["failed"]:
        print(
            f"FAILED {name}: {result.broken[name].splitlines()[-1] if result.broken[name] else ''}"
        )
        if verbose:
            print(result.broken[name])
    for name in summary["failed_without_engine"]:
        print(f"failed without reaching the engine: {name}")
    print(
        "{engine}: {passed} of {reached} passed, {compiled} more compiled and did not render "
        "({run} tests run)".format(**summary)
    )


def run(labels: list[str], engine: str, mutant: str | None = None) -> "Result":
    """Runs Django's tests in this process, which is of no use for anything else afterwards."""
    folder = django_tests()
    sys.path.insert(0, str(folder))
    os.chdir(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "test_sqlite"
    with tempfile.TemporaryDirectory(prefix="django-tests-") as scratch:
        # What runtests.py does before it runs; its own scratch folder has a name that is gone at
        # exit, so it is made anew beneath ours.
        import runtests

        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        labels, _ = runtests.setup_run_tests(0, "", "", labels)
        if mutant:
            mutate(mutant)
        redirect(ENGINES[engine])
        if engine in ("djust", "printer"):
            lower_all()
        return run_labels(labels)


def run_labels(labels: list[str]) -> "Result":
    from django.test.runner import DiscoverRunner

    kept: list[Result] = []

    class Runner(DiscoverRunner):
        def get_resultclass(self) -> type:
            return Result

        def suite_result(self, suite: Any, result: Any, **options: Any) -> int:
            kept.append(result)
            return 0

    with Path(os.devnull).open("w") as nowhere:
        runner = Runner(verbosity=0, interactive=False, parallel=1)
        runner.run_checks = lambda databases: None  # type: ignore[method-assign]
        # The result itself is what we report, not what it would print.
        runner.get_test_runner_kwargs = lambda: {  # type: ignore[method-assign]
            "stream": nowhere,
            "resultclass": Result,
            "verbosity": 0,
            "failfast": False,
            "buffer": False,
        }
        runner.run_tests(labels)
    return kept[0]


class Result(unittest.TextTestResult):
    """Remembers which tests reached the engine, and which broke with what."""

    now: "Result | None" = None

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.reached: set[str] = set()
        self.compiled: set[str] = set()
        self.broken: dict[str, str] = {}
        self.name = ""
        Result.now = self

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.name = test.id()

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        self.note(test, err)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        self.note(test, err)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        if err is not None:
            self.note(test, err)

    def note(self, test: unittest.TestCase, err: Any) -> None:
        if test.id().endswith(".test_permissions_error") and os.geteuid() == 0:
            return  # It takes away the permission to read a file, and root reads it nevertheless.
        self.broken[test.id()] = self._exc_info_to_string(err, test)


def redirect(render: Render) -> None:
    """Sends every outermost render to ``render``, and notes who asked for it."""
    state = threading.local()

    def redirected(template: Template, context: Context) -> SafeString:
        if Result.now is not None:
            Result.now.reached.add(Result.now.name)
        if getattr(state, "is_inside", False):
            return django_render(template, context)
        state.is_inside = True
        try:
            return render(template, context)
        finally:
            state.is_inside = False

    Template.render = redirected  # type: ignore[method-assign]
    if PartialTemplate is not None:
        PartialTemplate.render = redirected


def lower_all() -> None:
    """Makes a plan of every template that compiles, whether or not it renders."""
    from djust.lowering import plan_for

    compile_only = Template.__init__
    state = threading.local()

    def compiled(template: Template, *arguments: Any, **options: Any) -> None:
        if Result.now is not None:
            Result.now.compiled.add(Result.now.name)
        compile_only(template, *arguments, **options)
        if not getattr(state, "is_inside", False):  # Lowering compiles what it includes.
            state.is_inside = True
            try:
                plan_for(template, live=False)
            finally:
                state.is_inside = False

    Template.__init__ = compiled  # type: ignore[method-assign]


# ---- mutants: does the suite notice? ------------------------------------------------------------

MUTANTS = ("value", "if", "for")


def mutate(mutant: str) -> None:
    """Makes every native operation of one kind print a constant, by way of the lowering table."""
    from django.template.base import VariableNode
    from django.template.defaulttags import ForNode, IfNode

    from djust.lowering import LOWERINGS

    kind = {"value": VariableNode, "if": IfNode, "for": ForNode}[mutant]
    lowering = LOWERINGS[kind]

    def mutated(*arguments: Any) -> Any:
        return None if lowering(*arguments) is None else [("text", "mutant")]

    LOWERINGS[kind] = mutated


if __name__ == "__main__":
    sys.exit(main())
