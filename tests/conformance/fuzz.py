"""Seeds go in; the random cases where Django and our engine differ come out, made smaller.

    python -m tests.conformance.fuzz --cases 8000                renders, eight contexts a template
    python -m tests.conformance.fuzz --cases 8000 --updates      sessions of four renders each
    python -m tests.conformance.fuzz --seed 1234 --cases 1       one seed again
    python -m tests.conformance.fuzz --cases 8000 --control      Django against itself
    make fuzz CASES=1000000                                      both kinds, in all processors

A case is one template with one context; a seed is a template with several. A difference is printed
as the JSON of a regression, ready for the folder ``cases``.
"""

import argparse
import json
import os
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
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
)
from tests.conformance.templates import joined, random_templates
from tests.conformance.values import changed, random_rows, random_value

SECONDS_PER_CASE = 5
SEEDS_PER_PART = 100


@dataclass
class Options:
    """Which seeds to try, and how."""

    cases: int = 8000
    seed: int = 0
    """The first one; the next ones follow, as many as give that many cases."""
    is_session: bool = False
    """Several renders of each case, as the frames of one session."""
    is_control: bool = False
    """Django in place of our engine."""
    most: int = 10
    """After that many differences it stops."""

    @property
    def contexts(self) -> int:
        """The contexts of each template."""
        return 4 if self.is_session else 8

    @property
    def seeds(self) -> range:
        return range(self.seed, self.seed + max(1, self.cases // self.contexts))


@dataclass
class Result:
    counts: Counter[str] = field(default_factory=Counter)
    """Cases by what became of them."""
    differences: list[str] = field(default_factory=list)


def main() -> int:
    options, jobs = arguments()
    prepare()
    started = time.monotonic()
    result = Result()
    if jobs == 1:
        result = run_seeds(options, found=lambda text: print(text, flush=True))
    else:
        for part in run_in_processes(options, jobs):
            result.counts += part.counts
            result.differences += part.differences
            print(*part.differences, sep="\n", end="", flush=True)
            if len(result.differences) >= options.most:
                break
    seconds = time.monotonic() - started
    first, last = options.seeds[0], options.seeds[-1]
    print(
        f"seeds {first} to {last}: {result.counts.total()} cases in {seconds:.0f} s: "
        f"{dict(result.counts)}"
    )
    return bool(result.differences)


def arguments() -> tuple[Options, int]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; the next ones follow")
    parser.add_argument("--updates", action="store_true", help="sessions instead of renders")
    parser.add_argument("--control", action="store_true", help="Django in place of our engine")
    parser.add_argument("--most", type=int, default=10, help="stop after that many differences")
    parser.add_argument("--jobs", type=int, default=1, help="so many processes")
    given = parser.parse_args()
    options = Options(given.cases, given.seed, given.updates, given.control, given.most)
    return options, given.jobs


def prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.conformance.settings")
    django.setup()
    warnings.simplefilter("ignore")  # Of Django: a CSRF token without a request.


def run_in_processes(options: Options, jobs: int) -> Iterator[Result]:
    """The results of parts of the seeds, in their order. A process that dies names its part."""
    seeds = options.seeds
    parts = [
        seeds[place : place + SEEDS_PER_PART] for place in range(0, len(seeds), SEEDS_PER_PART)
    ]
    with ProcessPoolExecutor(jobs, initializer=prepare) as pool:
        futures = [
            pool.submit(
                run_seeds, replace(options, seed=part[0], cases=len(part) * options.contexts)
            )
            for part in parts
        ]
        try:
            for part, future in zip(parts, futures, strict=True):
                try:
                    yield future.result()
                except BrokenProcessPool:
                    raise RuntimeError(f"a process died at a seed near {part}") from None
        finally:
            pool.shutdown(cancel_futures=True)


def run_seeds(options: Options, found: Callable[[str], Any] = lambda text: None) -> Result:
    """Tries the seeds in order; ``found`` is told of each difference at once."""
    result = Result()
    for seed in options.seeds:
        verdict, difference = run_seed(seed, options)
        result.counts[verdict] += options.contexts
        if difference:
            result.differences.append(difference)
            found(difference)
        if len(result.differences) >= options.most:
            break
    return result


def run_seed(seed: int, options: Options) -> tuple[str, str | None]:
    """What became of the case of a seed, and its difference as text."""
    case = random_case(seed, options.contexts, is_session=options.is_session)

    def check(case: Case) -> str | None:
        with at_most(SECONDS_PER_CASE):
            if options.is_session:
                return check_updates(case)
            return check_render(case, *([with_django] if options.is_control else []))

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


def random_case(
    seed: int,
    renders: int = 1,
    is_tidy: bool = False,
    is_session: bool = True,
    is_careless: bool = False,
) -> Case:
    """The case of a seed: always the same. In a session each context is a little different from the
    one before, else every other one is new. The HTML of a tidy one is balanced, whatever the
    values; ``obj.html`` holds markup."""
    random = Random(seed)
    case = Case(random_templates(random, is_tidy, is_careless).bodies, [random_content(random)])
    surround(random, case)
    if is_tidy:
        case.engine.pop("string_if_invalid", None)
        case.context.pop("autoescape", None)
    for number in range(renders - 1):
        is_new = not is_session and number % 2
        last = case.contexts[-1]
        case.contexts.append(random_content(random) if is_new else next_content(random, last))
    case.is_logged = seed % 8 == 0
    if not any(re.search(r"\bform\b", joined(body)) for body in case.templates.values()):
        for content in case.contexts:  # A form takes longer to make than a template to render.
            content["form"] = "None"
    if case.with_request:
        for content in case.contexts:  # A token of the request is another one each time.
            content.setdefault("csrf_token", "'token'")
    if is_tidy:
        case.contexts = [tidied(random, content) for content in case.contexts]
    return case


def tidied(random: Random, content: dict[str, Any]) -> dict[str, Any]:
    """Without markup, but for ``obj.html``, and without NUL, which a parser drops."""

    def tidy(spec: Any) -> Any:
        if isinstance(spec, str):
            return "'plain'" if re.search(r"<|\\x00|mark_safe\(.*[=>\"]", spec) else spec
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
    content["child"] = random.choice(CHILDREN)
    content["form"] = random.choice(FORMS)
    if random.random() < 0.5:
        content["csrf_token"] = random.choice(
            ["'token'", "'NOTPROVIDED'", "''", "mark_safe('<t>')"]
        )
    return content


CHILDREN = [
    "'small.html'", "'small.html'", "['missing.html', 'small.html']", "compiled('<i>{{ a }}{{ b }}')",
    "compiled('{% cycle 1 2 %}{% ifchanged %}{{ a }}{% endifchanged %}{{ form.name }}')",
]  # fmt: skip
FORMS = [
    "None", "Form()", "Form({})", "Form({'name': '<b>', 'size': '2', 'note': 'n\\r\\n'})",
    "Form({'name': 'x' * 9, 'size': '7', 'colour': ['a', 'b'], 'agreed': 'on'})",
    "Form(initial={'name': mark_safe('&amp;'), 'when': datetime.date(2024, 2, 29)}, prefix='p')",
]  # fmt: skip


def next_content(random: Random, content: dict[str, Any]) -> dict[str, Any]:
    """The context of the next render: a little different, or not at all."""
    content = dict(content)
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        name = random.choice([*content, "rows", "rows"])
        if name not in ("parent", "n", "child", "csrf_token"):
            content[name] = (
                random.choice(FORMS) if name == "form" else changed(random, content[name])
            )
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
    case.is_cached = random.random() < 0.7


if __name__ == "__main__":
    sys.exit(main())
