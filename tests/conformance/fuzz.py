"""Seeds go in; the random cases where Django and our engine differ come out, made smaller.

    python -m tests.conformance.fuzz --cases 2000                one render of each case
    python -m tests.conformance.fuzz --cases 2000 --updates      one session of several renders
    python -m tests.conformance.fuzz --seed 1234 --cases 1       one case again
    python -m tests.conformance.fuzz --cases 2000 --control      Django against itself

A difference is printed as the JSON of a regression, ready for the folder ``cases``.
"""

import argparse
import json
import os
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import django

from tests.conformance.cases import (
    Case,
    TooSlow,
    at_most,
    check_render,
    check_updates,
    smallest,
    with_django,
    with_djust,
)
from tests.conformance.templates import random_templates
from tests.conformance.values import changed, random_rows, random_value

SECONDS_PER_CASE = 5


@dataclass
class Options:
    """Which seeds to try, and how."""

    cases: int = 2000
    seed: int = 0
    is_session: bool = False
    """Several renders of each case, as the frames of one session."""
    is_control: bool = False
    """Django in place of our engine."""
    most: int = 10
    """After that many differences it stops."""


@dataclass
class Result:
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def main() -> int:
    options = arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.conformance.settings")
    django.setup()
    warnings.simplefilter("ignore")  # Of Django: a CSRF token without a request.
    started = time.monotonic()
    result = run_seeds(options, found=lambda text: print(text, flush=True))
    seconds = time.monotonic() - started
    print(f"{result.counts.total()} cases in {seconds:.0f} s: {dict(result.counts)}")
    return bool(result.differences)


def arguments() -> Options:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the next ones follow")
    parser.add_argument("--updates", action="store_true", help="sessions instead of renders")
    parser.add_argument("--control", action="store_true", help="Django in place of our engine")
    parser.add_argument("--most", type=int, default=10, help="stop after that many differences")
    given = parser.parse_args()
    return Options(given.cases, given.seed, given.updates, given.control, given.most)


def run_seeds(options: Options, found: Callable[[str], Any] = lambda text: None) -> Result:
    """Tries the seeds in order; ``found`` is told of each difference at once."""
    result = Result()
    for seed in range(options.seed, options.seed + options.cases):
        verdict, difference = run_seed(seed, options)
        result.counts[verdict] += 1
        if difference:
            result.differences.append(difference)
            found(difference)
        if len(result.differences) >= options.most:
            break
    return result


def run_seed(seed: int, options: Options) -> tuple[str, str | None]:
    """What became of the case of a seed, and its difference as text."""
    case = random_case(seed, 4 if options.is_session else 1)

    def check(case: Case) -> str | None:
        with at_most(SECONDS_PER_CASE):
            if options.is_session:
                return check_updates(case)
            return check_render(case, with_django if options.is_control else with_djust)

    try:
        difference = check(case)
        again = difference and check(case)
    except TooSlow:
        return "too slow", None
    if difference is None:
        return "equal", None
    if again is None:
        # The case may depend on a clock or an address; it is shown, for whoever wants to know.
        warnings.warn(f"seed {seed} differed once and then not: {difference}", stacklevel=1)
        return "unsteady", None

    def fails(smaller: Case) -> bool:
        try:
            found = check(smaller)
        except TooSlow:
            return False
        return found is not None and kind(found) == kind(difference)

    case = smallest(case, fails)
    text = json.dumps(case.as_plain(), indent=2, ensure_ascii=False)
    return "different", f"seed {seed}: {check(case) or difference}\n{text}\n"


def kind(difference: str) -> str:
    """What differs: a case made smaller may differ at another context, but not in another way."""
    return difference.split("\n")[0].split(": ")[-1]


def random_case(seed: int, renders: int = 1, is_tidy: bool = False) -> Case:
    """The case of a seed: always the same. The HTML of a tidy one is balanced, whatever the values;
    ``obj.html`` holds markup."""
    random = Random(seed)
    case = Case(random_templates(random, is_tidy).bodies, [random_content(random)])
    surround(random, case)
    if is_tidy:
        case.engine.pop("string_if_invalid", None)
        case.context.pop("autoescape", None)
    for _ in range(renders - 1):
        case.contexts.append(next_content(random, case.contexts[-1]))
    if is_tidy:
        case.contexts = [tidied(random, content) for content in case.contexts]
    return case


def tidied(random: Random, content: dict[str, Any]) -> dict[str, Any]:
    """Without markup, but for ``obj.html``, and without NUL, which a parser drops."""

    def tidy(spec: Any) -> Any:
        if isinstance(spec, str):
            return "'plain'" if re.search(r"<|\\x00|mark_safe\(.*=", spec) else spec
        kind, inner = spec
        if kind == "list":
            return kind, [tidy(each) for each in inner]
        return kind, {name: tidy(each) for name, each in inner.items()}

    content = {name: tidy(spec) for name, spec in content.items()}
    html = random.choice(["<b>bold</b> & co", "<i></i>", "", "text", "<br>", "<u>1</u><u>2</u>"])
    content["csrf_token"] = "'token'"  # Otherwise a request makes a new one for each render.
    content["obj"] = "Thing", {"id": "1", "name": "'n'", "html": f"mark_safe({html!r})"}
    return content


def random_content(random: Random) -> dict[str, Any]:
    names = [name for name in ("a", "b", "c", "d") if random.random() < 0.97]
    content = {name: random_value(random) for name in names}
    content["rows"] = random_value(random) if random.random() < 0.05 else random_rows(random)
    content["obj"] = (
        "Thing",
        {name: random_value(random, 2) for name in ("id", "name", "price", "tags", "a", "b")},
    )
    content["n"] = random.choice(["0", "2", "-3", "'1'", "'g'", "None", "'x'"])
    content["parent"] = "'base.html'"
    content["child"] = "'small.html'"
    if random.random() < 0.5:
        content["csrf_token"] = random.choice(
            ["'token'", "'NOTPROVIDED'", "''", "mark_safe('<t>')"]
        )
    return content


def next_content(random: Random, content: dict[str, Any]) -> dict[str, Any]:
    """The context of the next render: a little different, or not at all."""
    content = dict(content)
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        name = random.choice([*content, "rows", "rows"])
        if name not in ("parent", "n", "child", "csrf_token"):
            content[name] = changed(random, content[name])
    return content


def surround(random: Random, case: Case) -> None:
    """Now and then a case has other settings than most."""
    if random.random() < 0.1:
        case.language = random.choice(["de", "fr", "ar", "hi", "pl", "en-us"])
    if random.random() < 0.05:
        case.settings = random.choice(
            [{"USE_THOUSAND_SEPARATOR": True}, {"USE_TZ": False}, {"DEBUG": False}]
        )
    if random.random() < 0.05:
        case.timezone = random.choice(["Asia/Kolkata", "America/New_York"])
    if random.random() < 0.05:
        case.context = random.choice(
            [{"autoescape": False}, {"use_l10n": False}, {"use_tz": False}]
        )
    if random.random() < 0.3:
        case.engine["debug"] = True
    if random.random() < 0.04:
        case.engine["string_if_invalid"] = random.choice(["INVALID", "no %s", "<i>"])
    if random.random() < 0.1:
        case.with_request = True
        case.context.pop("use_l10n", None)
        case.context.pop("use_tz", None)


if __name__ == "__main__":
    sys.exit(main())
