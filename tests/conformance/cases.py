"""A case (templates and contexts) goes in; what Django and what our engine make of it comes out.

    check_render(case)     each context, through plan, frame and decoder, against Django
    check_updates(case)    all contexts one after the other, as the frames of one session

Both return the first difference as text, or None.
"""

import datetime
import json
import logging
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.template import Context, Engine, Template
from django.template.context import make_context
from django.test import RequestFactory, override_settings
from django.utils import timezone, translation

from tests.conformance import values
from tests.conformance.templates import Body, joined

ACK = 3  # The kind of the frame that says: nothing visible changed.
CASES = Path(__file__).with_name("cases")


@dataclass
class Case:
    """Templates by name (``main.html`` is rendered), contexts in order, and what holds around."""

    templates: dict[str, Body]
    contexts: list[dict[str, values.Spec]]
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings of Django that differ from the default."""
    engine: dict[str, Any] = field(default_factory=dict)
    """Options of ``Engine``: ``debug``, ``string_if_invalid``, ``autoescape``."""
    context: dict[str, Any] = field(default_factory=dict)
    """Options of ``Context``: ``autoescape``, ``use_l10n``, ``use_tz``."""
    language: str = "en"
    timezone: str = ""
    with_request: bool = False
    is_logged: bool = False
    """Whether Django's logger listens to lookups that fail."""
    is_cached: bool = False
    """Whether the loader keeps the templates that it compiled, as it does in production."""

    def as_plain(self) -> dict[str, Any]:
        """The case with sources instead of trees, without what has its default."""
        templates = {name: joined(body) for name, body in self.templates.items()}
        contexts = [
            {name: values.source(spec) for name, spec in each.items()} for each in self.contexts
        ]
        default = asdict(Case({}, []))
        rest = {name: value for name, value in asdict(self).items() if value != default[name]}
        return {**rest, "templates": templates, "contexts": contexts}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Case":
        templates = {name: [source] for name, source in plain["templates"].items()}
        known = {name: value for name, value in plain.items() if name != "why"}
        return cls(**{**known, "templates": templates})


def saved_cases() -> Iterator[tuple[str, Case]]:
    """The regressions in the folder ``cases``, by name."""
    for path in sorted(CASES.glob("*.json")):
        yield path.stem, Case.from_plain(json.loads(path.read_text()))


# ---- rendering a case ---------------------------------------------------------------------------


@dataclass
class Outcome:
    """What a render printed or raised, what it asked of the objects, and what it left behind."""

    html: str = ""
    error: str = ""
    debug: str = ""
    """Where Django's debug page would point to."""
    trace: str = ""
    log: str = ""
    """What Django's logger heard of lookups that failed, where it listens."""
    names: str = ""
    """The names that the context has afterwards, when nothing was raised."""
    context: Context | None = None
    """Kept, so that no object made later has the address of one that was printed."""

    @property
    def is_too_deep(self) -> bool:
        return self.error.startswith("RecursionError")

    def difference(self, other: "Outcome") -> str | None:
        if self.error and other.error and (self.is_too_deep or other.is_too_deep):
            return None  # Where the stack ended decides which exception that is, and what it says.
        for name in ("error", "html", "debug", "trace", "log", "names"):
            mine, others = getattr(self, name), getattr(other, name)
            if plain(mine) != plain(others):
                return f"{name}\n  Django: {mine!r}\n  djust:  {others!r}"
        return None


def plain(text: str) -> str:
    """Without the addresses that objects print."""
    return re.sub("0[xX][0-9a-fA-F]{6,}", "0x", text)


Render = Callable[[Template, Context], str]


def with_django(template: Template, context: Context) -> str:
    return template.render(context)


def with_djust(template: Template, context: Context) -> str:
    """The HTML of a live page: plan, frame, decoder."""
    from djust.testing import render_html

    return render_html(template, context)


def with_printer(template: Template, context: Context) -> str:
    """The HTML of a page that is not live, as the template backend prints it."""
    from djust.rendering import LiveTemplate

    return LiveTemplate.of(template).print_html(context)


def check_render(case: Case, *renders: Render) -> str | None:
    """The first difference between Django and ``renders``, which take turns (as a live page and as
    one that is not, if there are none). All render the same compiled template."""
    renders = renders or (with_djust, with_printer)
    with surroundings(case):
        template = compiled(case)
        if template is None:
            return None
        for number in range(len(case.contexts)):
            expected = outcome(case, number, with_django, template)
            got = outcome(case, number, renders[number % len(renders)], template)
            difference = expected.difference(got)
            if difference and is_steady(case, number, template, expected):
                return f"context {number}: {difference}"
    return None


def check_updates(case: Case, session: "type[SessionPage] | None" = None) -> str | None:
    """The first difference between Django's renders and a page that gets one frame for each."""
    from djust.testing import FrameRecorder

    with surroundings(case):
        template = compiled(case)
        if template is None or has_body(case):
            return None
        page = (session or SessionPage)(FrameRecorder(template))
        for number in range(len(case.contexts)):
            expected = outcome(case, number, with_django, template)
            got = outcome(case, number, page.render, template)
            difference = expected.difference(got)
            if difference and is_steady(case, number, template, expected):
                return f"context {number}: {difference}"
    return None


def is_steady(case: Case, number: int, template: Template, expected: Outcome) -> bool:
    """Whether Django always renders that. Else a clock, an order or an address in memory, however
    filters cut it up, has a part in it, and a difference is none of ours.

    What was made before stays alive, and a crowd sits where short-lived objects were, so that every
    object has another address each time; four renders, since two may share a digit."""
    kept: list[Any] = []
    for _ in range(4):
        again = outcome(case, number, with_django, template)
        if expected.difference(again):
            return False
        kept += again.context, crowd()
    return True


def crowd() -> list[object]:
    """Takes the next free places for objects of every size that Python keeps in its arenas, an
    arena (a megabyte) of each, so that the upper digits of an address change too."""
    empty = b"".__sizeof__()
    larger = [bytes(size - empty) for size in range(48, 513, 16) for _ in range(2**20 // size)]
    return [*larger, *(object() for _ in range(2**16))]


class SessionPage:
    """A page and the session that sends it frames; a renderer forgets nothing between them."""

    def __init__(self, recorder: Any):
        from djust import _native

        self.recorder = recorder
        self.page = _native.Page()
        self.is_mounted = False

    def render(self, template: Template, context: Context) -> str:
        send = self.recorder.update if self.is_mounted else self.recorder.mount
        frame = send(context)
        self.is_mounted = True
        if frame[0] != ACK:
            self.receive(frame)
        return self.page.html()

    def receive(self, frame: bytes) -> None:
        self.page.apply(frame)


def outcome(case: Case, number: int, render: Render, template: Template) -> Outcome:
    with heard(case.is_logged) as records:
        found = outcome_of(case, number, render, template)
    found.log = "\n".join(records)
    return found


def outcome_of(case: Case, number: int, render: Render, template: Template) -> Outcome:
    context = None
    values.trace.clear()
    try:
        context = context_of(case, number)
        values.trace.clear()
        html = str(render(template, context))
        names = ",".join(sorted(map(str, context.flatten())))
        trace = " ".join(values.trace)
        return Outcome(html=html, trace=trace, names=names, context=context)
    except Exception as error:
        trace = " ".join(values.trace)
        debug = repr(getattr(error, "template_debug", ""))
        return Outcome("", f"{type(error).__name__}: {error}", debug, trace, context=context)


class Records(logging.Handler):
    """Keeps what a logger is told, and the exceptions that came with it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        self.lines.append(f"{record.levelname} {record.getMessage()} {kind and kind.__name__}")


@contextmanager
def heard(is_logged: bool) -> Iterator[list[str]]:
    """What Django's logger of templates hears meanwhile."""
    if not is_logged:
        yield []
        return
    logger, records = logging.getLogger("django.template"), Records()
    level, propagates = logger.level, logger.propagate
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(records)
    try:
        yield records.lines
    finally:
        logger.removeHandler(records)
        logger.setLevel(level)
        logger.propagate = propagates


def has_body(case: Case) -> bool:
    """Whether the live region would be less than all that the template prints."""
    return any("<body" in joined(body).lower() for body in case.templates.values())


def compiled(case: Case) -> Template | None:
    try:
        return template_of(case)
    except Exception:
        return None


def template_of(case: Case) -> Template:
    sources = {name: joined(body) for name, body in case.templates.items()}
    loader = "django.template.loaders.locmem.Loader", sources
    engine = Engine(
        loaders=[("django.template.loaders.cached.Loader", [loader])]
        if case.is_cached
        else [loader],
        libraries={"l10n": "django.templatetags.l10n"},
        builtins=BUILTINS,
        **case.engine,
    )
    return engine.get_template("main.html")


BUILTINS = [
    "django.templatetags.i18n",
    "django.templatetags.l10n",
    "django.templatetags.static",
    "django.templatetags.tz",
    "tests.conformance.tags",
]


def context_of(case: Case, number: int) -> Context:
    content = {
        name: values.evaluate(values.source(spec)) for name, spec in case.contexts[number].items()
    }
    if case.with_request:
        return make_context(content, RequestFactory().get("/?a=1&b=2&b=%3C&c="), **case.context)
    return Context(content, **case.context)


@contextmanager
def surroundings(case: Case) -> Iterator[None]:
    with ExitStack() as stack:
        if case.settings:
            stack.enter_context(override_settings(**case.settings))
        if case.language != "en":
            stack.enter_context(translation.override(case.language))
        if case.timezone:
            stack.enter_context(timezone.override(ZoneInfo(case.timezone)))
        yield


# ---- making a failing case smaller --------------------------------------------------------------


class TooSlow(BaseException):
    """A case took longer than the seconds that it was given."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises ``TooSlow`` again and again: conditions in templates swallow any exception. At the
    latest it is raised at the end, so that no result counts which the alarm may have changed."""
    is_over = False

    def stop(*_: Any) -> None:
        nonlocal is_over
        is_over = True
        raise TooSlow

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if is_over:
            raise TooSlow


def smallest(case: Case, fails: Callable[[Case], bool], seconds: float = 20) -> Case:
    """Takes away from a failing case what it fails without: tags, text, names, settings."""
    started = datetime.datetime.now()
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for smaller in smaller_cases(case):
            if (datetime.datetime.now() - started).total_seconds() > seconds:
                return case
            if fails(smaller):
                case, is_smaller = smaller, True
                break
    return case


SURROUNDINGS = (
    "settings", "engine", "context", "language", "timezone", "with_request", "is_cached", "is_logged",
)  # fmt: skip


def smaller_cases(case: Case) -> Iterator[Case]:
    for name in SURROUNDINGS:
        default = getattr(Case({}, []), name)
        if getattr(case, name) != default:
            yield replace(case, **{name: default})
    for number in range(len(case.contexts)):
        if len(case.contexts) > 1:
            yield replace(case, contexts=case.contexts[:number] + case.contexts[number + 1 :])
    for name in case.templates:
        if name != "main.html":
            yield replace(case, templates={k: v for k, v in case.templates.items() if k != name})
    for name, body in case.templates.items():
        for smaller in smaller_bodies(body):
            yield replace(case, templates={**case.templates, name: smaller})
    for number, context in enumerate(case.contexts):
        for smaller_context in smaller_contents(context):
            contexts = deepcopy(case.contexts)
            contexts[number] = smaller_context
            yield replace(case, contexts=contexts)


def smaller_bodies(body: Body) -> Iterator[Body]:
    for place, part in enumerate(body):
        before, after = body[:place], body[place + 1 :]
        yield before + after
        if isinstance(part, tuple):
            for inner in part:
                if isinstance(inner, list):
                    yield before + inner + after
            for index, inner in enumerate(part):
                if isinstance(inner, list):
                    for smaller in smaller_bodies(inner):
                        yield [*before, (*part[:index], smaller, *part[index + 1 :]), *after]
        elif isinstance(part, list):
            for smaller in smaller_bodies(part):
                yield [*before, smaller, *after]
        elif part.startswith("{{") and "|" in part:
            for smaller_part in without_filters(part):
                yield [*before, smaller_part, *after]


def without_filters(variable: str) -> Iterator[str]:
    pieces = variable.strip("{} ").split("|")
    for place in range(1, len(pieces)):
        yield "{{ " + "|".join(pieces[:place] + pieces[place + 1 :]) + " }}"


def smaller_contents(content: dict[str, values.Spec]) -> Iterator[dict[str, values.Spec]]:
    for name, spec in content.items():
        yield {key: each for key, each in content.items() if key != name}
        for smaller in smaller_specs(spec):
            yield {**content, name: smaller}


def smaller_specs(spec: values.Spec) -> Iterator[values.Spec]:
    if isinstance(spec, str):
        if spec not in ("''", "1", "'x'"):
            yield from ("1", "'x'")
        return
    kind, content = spec
    if kind == "list":
        for place, item in enumerate(content):
            yield kind, content[:place] + content[place + 1 :]
            for smaller in smaller_specs(item):
                yield kind, [*content[:place], smaller, *content[place + 1 :]]
    else:
        for smaller in smaller_contents(content):
            yield kind, smaller
