"""What CI asks of every change: Django's own tests, random cases, and known regressions."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template

from tests.conformance import sdist
from tests.conformance.cases import (
    Case,
    SessionPage,
    check_render,
    check_updates,
    crowd,
    saved_cases,
    with_django,
    with_djust,
    with_printer,
)
from tests.conformance.fuzz import Options, run_seeds
from tests.conformance.values import evaluate

ROOT = Path(__file__).parents[2]
SAVED = dict(saved_cases())


@pytest.fixture(scope="module")
def sources() -> Path:
    try:
        return sdist.django_tests()
    except sdist.Unreachable as reason:
        if os.environ.get("CI"):
            raise  # A green run there must mean that Django's tests ran.
        pytest.skip(f"needs the source distribution of Django, once: {reason}")


def suite(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.conformance.django_suite", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("engine", ["djust", "printer"])
def test_the_template_tests_of_django_pass(sources: Path, engine: str) -> None:
    labels = "template_tests", "template_backends", "template_loader"
    result = suite("--engine", engine, *labels)
    assert result["failed"] == result["failed_without_engine"] == []
    assert result["passed"] == result["reached"] >= 940
    assert result["compiled"] >= 180


def test_the_template_tests_of_django_notice_a_wrong_value(sources: Path) -> None:
    assert len(suite("--mutant", "value")["failed"]) > 300


@pytest.mark.parametrize("case", SAVED.values(), ids=SAVED.keys())
def test_a_known_case_renders_as_in_django(case: Case) -> None:
    assert check_render(case, with_djust) is None
    assert check_render(case, with_printer) is None
    assert check_updates(case) is None


def test_random_cases_render_as_in_django() -> None:
    assert run_seeds(Options(cases=8000)).differences == []


def test_random_sessions_show_what_django_renders() -> None:
    assert run_seeds(Options(cases=2400, is_session=True)).differences == []


def test_the_comparison_notices_a_difference_and_nothing_else() -> None:
    case = Case({"main.html": ["{% if a %}{{ a }}{% endif %}"]}, [{"a": "'<x>'"}])
    assert check_render(case, with_django) is None
    wrong = check_render(case, lambda template, context: with_django(template, context).upper())
    assert wrong == "context 0: html\n  Django: '&lt;x&gt;'\n  djust:  '&LT;X&GT;'"
    assert check_render(case, lambda template, context: 1 / 0) == (
        "context 0: error\n  Django: ''\n  djust:  'ZeroDivisionError: division by zero'"
    )


@pytest.mark.parametrize("value", ["{'name': lambda x=1: x}", "lambda x: x", "object"])
@pytest.mark.parametrize(
    "filters", ["", "|title|join:None", "|slice:'-3:'|first", "|urlencode|phone2numeric"]
)
def test_an_address_in_memory_is_no_difference(value: str, filters: str) -> None:
    def elsewhere(template: Template, context: Context) -> str:
        before = crowd()
        html = with_django(template, Context({"b": evaluate(value)}))
        del before
        return html

    case = Case({"main.html": ["{{ b" + filters + " }}"]}, [{"b": value}])
    for _ in range(3):
        assert check_render(case, elsewhere) is None


def test_a_difference_beside_an_address_is_noticed() -> None:
    case = Case({"main.html": ["{{ b }} {{ a }}"]}, [{"b": "object", "a": "1"}])
    wrong = check_render(case, lambda template, context: with_django(template, context) + "!")
    assert wrong is not None
    assert wrong.startswith("context 0: html")


def test_the_comparison_of_sessions_notices_a_frame_that_did_nothing() -> None:
    class Deaf(SessionPage):
        def receive(self, frame: bytes) -> None:
            if frame[0] == 1:  # mount
                super().receive(frame)

    case = Case({"main.html": ["<p>{{ a }}</p>"]}, [{"a": "1"}, {"a": "1"}, {"a": "2"}])
    assert check_updates(case) is None
    assert check_updates(case, Deaf) == (
        "context 2: html\n  Django: '<p>2</p>'\n  djust:  '<p>1</p>'"
    )
