"""What a filter of Django prints, its fast path prints: byte for byte, exceptions included, for
values of all types, in several languages, time zones and settings."""

import datetime
import decimal
import os
import random
import re
import sys
from collections import Counter, OrderedDict, defaultdict
from contextlib import ExitStack, contextmanager
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Engine, defaultfilters
from django.test import override_settings
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject, lazystr
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from djust.nodes import NATIVE_FILTERS
from djust.testing import render_html

UTC = datetime.timezone.utc
SURROGATE = re.compile("[\ud800-\udfff]")
Decimal = decimal.Decimal

# Arguments by filter: constants as a template writes them, or names of ARGUMENTS.
NUMBERS = ["0", "1", "2", "-1", "7", "'3'", "'-2'", "'x'", "''", "2.5", "n", "big", "none", "text"]
WORDS = ["'a'", "';'", "'<'", "' '", "''", "'é'", "text", "safe", "n", "none"]
FORMATS = [
    "'Y-m-d'", "'D, d M Y H:i:s'", "'DATE_FORMAT'", "'SHORT_DATETIME_FORMAT'", "'TIME_FORMAT'",
    "'jS F Y \\\\a\\\\t g:i a'", "'N j, Y, P'", "'E b l L t z W o y w'", "'e I O T Z'", "'c'", "'r'",
    "'U'", "'u G h f A'", "'\\\\Y\\\\\\\\Y é Y'", "'MONTH_DAY_FORMAT'", "'H:i'", "''", "form", "none",
    "'DECIMAL_SEPARATOR'",
]  # fmt: skip
ARGUMENT_SOURCES = {
    "add": [*NUMBERS, *WORDS, "list", "'12'", "' 1'", "'1_0'"],
    "center": [*NUMBERS, "'12'", "9"],
    "cut": WORDS,
    "date": [None, *FORMATS],
    "default": ["'-'", "none", "text", "n"],
    "default_if_none": ["'-'", "none", "text", "n"],
    "divisibleby": ["1", "2", "7", "-3", "'5'", "0", "n", "none", "'x'"],
    "floatformat": [
        None, *NUMBERS, "-3", "3", "'2g'", "'g'", "'u'", "'3u'", "'2gu'", "'-2ug'", "'0g'", "60",
        "'u2'", "True", "'gg'",
    ],
    "get_digit": NUMBERS,
    "join": ["', '", "'<br>'", "text", "safe", "n", "none"],
    "json_script": [None, "'id'", "''", "text", "safe", "n", "none"],
    "ljust": [*NUMBERS, "'12'", "9"],
    "pluralize": [None, "'es'", "'y,ies'", "'a,b,c'", "','", "''", "text", "n"],
    "rjust": [*NUMBERS, "'12'", "9"],
    "slice": [
        "':2'", "'1:'", "'-2:'", "'::2'", "'::-1'", "'5:1:-2'", "'1'", "':'", "''", "'1:2:3:4'",
        "'a:'", "'::0'", "n", "none", "'99999999999999999999:'",
    ],
    "stringformat": [
        "'d'", "'s'", "'.2f'", "'.0f'", "'f'", "'05d'", "'08.3f'", "'10d'", "'x'", "'r'", "'.3e'",
        "'-5d'", "'%'", "''", "'.f'", "' d'", "'+d'", "text", "n", "'.99f'", "'é'", "'s s'",
    ],
    "time": [None, *FORMATS],
    "timesince": [None, "then", "aware", "day", "none", "text", "n"],
    "timeuntil": [None, "then", "aware", "day", "none", "text", "n"],
    "truncatechars": [*NUMBERS, "5", "12"],
    "truncatewords": [*NUMBERS, "5"],
    "urlencode": [None, "''", "'/?&'", "'é'", "text", "n"],
    "yesno": [None, "'y,n'", "'y,n,m'", "'y'", "''", "'a,b,c,d'", "text", "n"],
}  # fmt: skip
ARGUMENTS = {
    "n": 3,
    "big": 99999999999,
    "none": None,
    "text": "a & b",
    "safe": mark_safe("<i>"),
    "list": [1],
    "form": "d.m.Y",
    "then": datetime.datetime(2024, 3, 1, 12),
    "aware": datetime.datetime(2024, 3, 1, 12, tzinfo=UTC),
    "day": datetime.date(2024, 3, 1),
}

STRINGS = [
    "", "x", "Ada", "<b>&amp;</b>", "\"quoted\" 'it's'", "a & b; c", "  two  words ", "1", "12.5",
    "-7", "1.50", "é ü ß", "ŉ ŝ ſ ÿ", "日本語 🎉", "İstanbul", "ﬁre ǆ", "line\nline", "a\r\nb\rc\n\n\nd",
    "\x1fsep\x85nel\xa0nb", "e\u0301 combined", "x" * 40, "it's 5th o'Clock 1ST", "a_b-c--d !e",
    "\u2028`=-;", "\x00\x7f", "3.", ".5", "1e3", "nan", "inf", "١٢", " 12 ", "007", "no,yes",
    "10.0", "-0.0", "a<b", "<p>x", "\ud800",
]  # fmt: skip
NUMBER_VALUES = [
    0, 1, 2, -1, 7, 42, 1000, 999, 1024, 123456, -1234567, 2**31, 2**63 - 1, -(2**63), 2**63, 10**30,
    10**250, True, False, 0.0, -0.0, 1.0, 1.5, 2.5, 2.675, -0.001, 0.1, 1e16, 1e-7, 1e300, 123456.789,
    -1234.5, 1048575.95, float("nan"), float("inf"), float("-inf"), 1 + 2j, Decimal(0),
    Decimal("1.10"), Decimal("-1234567.891"), Decimal("1E+3"), Decimal("1E-9"), Decimal("1E+210"),
    Decimal("0.045"), Decimal("-0"), Decimal("NaN"), Decimal("Infinity"), Decimal("9" * 120),
]  # fmt: skip
DATES = [
    datetime.date(2024, 2, 29), datetime.date(999, 1, 1), datetime.date(1, 1, 1), datetime.date.max,
    datetime.datetime(2024, 2, 29, 13, 5, 9, 123456), datetime.datetime(2024, 7, 1),
    datetime.datetime(2024, 1, 1, 12), datetime.datetime.min, datetime.datetime.max,
    datetime.datetime(2024, 3, 10, 2, 30), datetime.datetime(2024, 11, 3, 1, 30),
    datetime.datetime(2024, 7, 1, 23, 30, tzinfo=UTC),
    datetime.datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/Chicago")),
    datetime.datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/Chicago"), fold=1),
    datetime.datetime(2024, 7, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=30))),
    datetime.datetime.min.replace(tzinfo=UTC), datetime.datetime.max.replace(tzinfo=UTC),
    datetime.time(0, 0), datetime.time(12, 0), datetime.time(13, 5, 1), datetime.time(9, tzinfo=UTC),
    datetime.timedelta(days=1, seconds=5),
]  # fmt: skip


class Odd:
    """An object whose methods raise, or answer what is given."""

    def __init__(self, **methods):
        self.methods = methods

    def act(self, name):
        answer = self.methods.get(name)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def __str__(self):
        return self.act("str") or "odd"

    def __len__(self):
        return self.act("len") or 0

    def __bool__(self):
        return bool(self.act("bool"))

    def __getitem__(self, key):
        if isinstance(key, int) and key > 2:
            raise IndexError
        return self.act("getitem") or "item"

    def __int__(self):
        return self.act("int") or 4

    def __float__(self):
        return self.act("float") or 1.0

    def __format__(self, format):
        return self.act("format") or "formatted"

    def __eq__(self, other):
        return self.act("eq")

    def __add__(self, other):
        return self.act("add") or "added"

    __hash__ = None


class Zone(datetime.tzinfo):
    def utcoffset(self, moment):
        raise RuntimeError("no offset")


class Text(str):
    def __str__(self):
        return "<own>"


class Whole(int):
    def __str__(self):
        return "whole"


class Half(float):
    def __str__(self):
        return "0.50"


class Day(datetime.date):
    def __str__(self):
        return "day"


OTHERS = [
    None, [], [1], [1, "<a>", mark_safe("<b>")], (1,), ("a", None), ["x", "y"], [[1, 2], {"a": 1}], {},
    {"a": [1, 2.5, None, True, "é<&>"]}, {1: 2}, {"n": float("nan")}, set(), {3}, range(3), b"bytes",
    ["\ud800"], [Decimal("1.5")], [datetime.date(2024, 1, 2)], gettext_lazy("Monday"),
    lazystr("<lazy>"), lazystr(mark_safe("<u>")), SimpleLazyObject(lambda: "lazy & co"),
    SimpleLazyObject(lambda: 1234.5), SimpleLazyObject(lambda: datetime.date(2024, 5, 6)),
    Text("<sub>"), Whole(3), Half(1.5), Day(2024, 5, 6), OrderedDict(a=1), Counter("aab"),
    defaultdict(int), datetime.datetime(2024, 1, 1, tzinfo=Zone()), object, Odd(),
    Odd(str=ValueError("str"), bool=True), Odd(len=ValueError("len"), bool=True),
    Odd(len=RuntimeError("len")), Odd(bool=RuntimeError("bool")), Odd(getitem=IndexError("item")),
    Odd(getitem=RuntimeError("item"), len=3, bool=True), Odd(int=TypeError("int"), bool=True),
    Odd(int=RuntimeError("int")), Odd(float=RuntimeError("float"), bool=True),
    Odd(float=TypeError("float"), len=1), Odd(eq=RuntimeError("eq")), Odd(str=mark_safe("<odd>")),
    Odd(int=TypeError("int"), add=RuntimeError("add")), Odd(str=RuntimeError("str"), bool=True),
    Odd(format=RuntimeError("format"), bool=True), [Odd(str=RuntimeError("str"))],
]  # fmt: skip
VALUES = [*STRINGS, *map(mark_safe, STRINGS), *NUMBER_VALUES, *DATES, *OTHERS]

# For each filter and environment; the seeds are the names of the filters.
CASES = int(os.environ.get("FILTER_CASES", "40"))

# Language, settings, the current time zone, and whether the context localizes values.
ENVIRONMENTS = [
    ("en", {}, None, None),
    ("de", {"USE_THOUSAND_SEPARATOR": True}, "Europe/Berlin", None),
    ("fr", {"USE_THOUSAND_SEPARATOR": True, "USE_TZ": True}, "America/Chicago", None),
    ("ar", {"USE_TZ": True}, "Asia/Kolkata", None),
    ("hi", {"USE_THOUSAND_SEPARATOR": True, "NUMBER_GROUPING": (3, 2, 0)}, None, None),
    ("pl", {"USE_THOUSAND_SEPARATOR": True, "USE_TZ": True}, "Pacific/Apia", False),
    ("ja", {"USE_TZ": True}, None, True),
    (
        None,
        {"DECIMAL_SEPARATOR": "'", "NUMBER_GROUPING": 4, "THOUSAND_SEPARATOR": "<>"},
        None,
        None,
    ),
]


@contextmanager
def environment(language, settings, zone, use_l10n):
    """Enters an environment, and gives a function that makes a context of it."""
    with ExitStack() as stack:
        stack.enter_context(override_settings(**settings))
        stack.enter_context(translation.override(language))
        if zone is not None:
            stack.enter_context(timezone.override(zone))
        yield lambda values: Context(values, use_l10n=use_l10n)


ENGINES = Engine(debug=True), Engine(debug=True)


@cache
def compiled(source):
    """Two templates: Django shall not see what the plan leaves behind."""
    return tuple(engine.from_string(source) for engine in ENGINES)


def outcome(render):
    try:
        return render()
    except Exception as error:
        where = getattr(error, "template_debug", None) or {}
        message = str(error).split(" in [{")[0]
        return type(error), message, where.get("line"), where.get("during")


def check(source, values, context):
    """Django and the plan print the same, or raise the same at the same place."""
    django, plan = compiled(source)
    expected = outcome(lambda: django.render(context(values)))
    if isinstance(expected, str):  # What UTF-8 cannot carry is replaced, by three for each.
        expected = SURROGATE.sub("\ufffd" * 3, expected)
    found = outcome(lambda: render_html(plan, context(values)))
    assert found == expected, (source, values, translation.get_language())


def random_source(name, choose):
    argument = choose.choice(ARGUMENT_SOURCES.get(name, [None]))
    source = f"v|{name}" if argument is None else f"v|{name}:{argument}"
    source = "{{ " + choose.choice([source, source, f"{source}|lower"]) + " }}"
    is_escaped = choose.random() < 0.7
    return source if is_escaped else "{% autoescape off %}" + source + "{% endautoescape %}"


@pytest.mark.parametrize("name", sorted(NATIVE_FILTERS.values()))
def test_a_filter_prints_what_django_prints(name):
    choose = random.Random(name)
    for each in ENVIRONMENTS:
        with environment(*each) as context:
            for _ in range(CASES):
                value = choose.choice(VALUES)
                check(random_source(name, choose), {**ARGUMENTS, "v": value}, context)


@pytest.mark.parametrize("each", ENVIRONMENTS, ids=lambda each: str(each[0]))
def test_a_value_without_a_filter_prints_what_django_prints(each):
    with environment(*each) as context:
        for value in VALUES:
            check("{{ v }}", {"v": value}, context)
            check("{% autoescape off %}{{ v }}{% endautoescape %}", {"v": value}, context)


def check_many(source, values, **arguments):
    """As ``check``, for values that never raise, in one render."""
    source = "{% for v in values %}{{ " + source + " }}\n{% endfor %}"
    check(source, {**arguments, "values": values}, Context)


TEXT_FILTERS = [
    "upper", "lower", "capfirst", "title", "slugify", "wordcount", "addslashes", "urlencode",
    "escapejs", "linebreaks", "linebreaksbr", "truncatechars:3", "truncatewords:1", "first", "last",
    "center:7", "slice:'1:3'", "json_script", "length", "force_escape", "striptags",
]  # fmt: skip


@pytest.mark.parametrize("filter", TEXT_FILTERS)
def test_every_character_of_the_latin_pages_is_filtered_as_django_filters_it(filter):
    characters = [chr(code) for code in (*range(0x400), 0x1E9E, 0x1F600, 0x2028, 0xFB01, 0x3000)]
    shapes = ["{0}", "a{0}b", "{0}'B {0}a", "1{0}", " {0}-{0}_"]
    check_many(f"v|{filter}", [shape.format(each) for each in characters for shape in shapes])


def random_number(choose):
    digits = choose.choice([1, 3, 6, 12, 17, 25])
    number = Decimal(choose.randrange(10**digits)).scaleb(-choose.randrange(12))
    number *= choose.choice([1, -1])
    number = number + choose.choice([0, Decimal("0.5"), Decimal("0.05"), Decimal("0.005")])
    return choose.choice([number, float(number), int(number), str(number)])


@pytest.mark.parametrize("language", ["en", "de", "hi"])
def test_random_numbers_are_rounded_as_django_rounds_them(language):
    choose = random.Random(language)
    numbers = [random_number(choose) for _ in range(400)]
    numbers += [choose.randrange(-(10**15), 10**15) / 1000 for _ in range(100)]
    numbers += [0.0, -0.0, 0.001, -0.0009, 1e11, 99999999999.999, 0.1 + 0.2, 3.07e-212, -1e-99]
    with translation.override(language), override_settings(USE_THOUSAND_SEPARATOR=language != "en"):
        for places in range(-6, 8):
            check_many(f"v|floatformat:{places}", numbers)
            check_many(f"v|floatformat:'{places}g'", numbers)
        for filter in ("", "|floatformat", "|stringformat:'.2f'", "|stringformat:'.1f'"):
            check_many(f"v{filter}", numbers)
        sizes = [choose.randrange(-(2**bits), 2**bits) for bits in range(1, 63) for _ in range(10)]
        check_many("v|filesizeformat", sizes)


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar", "hi", "pl"])
def test_random_dates_are_written_as_django_writes_them(language):
    choose = random.Random(language)

    def moment(zone):
        start = datetime.datetime(1890, 1, 1)
        drift = datetime.timedelta(days=choose.randrange(80_000), seconds=choose.randrange(86_400))
        return (start + drift).replace(tzinfo=zone, microsecond=choose.choice([0, 5]))

    zones = [None, None, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")]
    moments = [moment(choose.choice(zones)) for _ in range(200)]
    naive = [each.replace(tzinfo=None) for each in moments]
    codes = "aAbcdDeEfFgGhHiIjlLmMnNoOPrsStTuUwWyYzZ"
    with translation.override(language), timezone.override("America/New_York"):
        for use_tz in (True, False):
            with override_settings(USE_TZ=use_tz):
                for code in codes:
                    check_many(f"v|date:'{code}'", moments)
                check_many("v", moments)
                check_many("v|time", moments)
        check_many("v", [each.date() for each in moments])
        check_many("v|date", [each.date() for each in moments])
        check_many("v|time:'H:i:s a'", [each.time() for each in moments])
        for now in naive[:40]:
            close = [
                now + datetime.timedelta(seconds=choose.randrange(-(9**8), 9**8)) for _ in naive
            ]
            check_many("v|timesince:now", [*naive, *close], now=now)
            check_many("v|timeuntil:now", [*naive, *close], now=now)
            aware = now.replace(tzinfo=UTC)
            check_many("v|timesince:now", [each for each in moments if each.tzinfo], now=aware)


class AnyMoment(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, datetime.datetime)


def test_time_since_now_uses_the_clock_of_django(monkeypatch):
    class Clock(datetime.datetime, metaclass=AnyMoment):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime(2030, 1, 1, tzinfo=tz)

    monkeypatch.setattr("django.utils.timesince.datetime", type("Module", (), {"datetime": Clock}))
    moment = datetime.datetime(2029, 12, 23, 23, tzinfo=UTC)
    check("{{ v|timesince }}", {"v": moment}, Context)
    assert render_html("{{ v|timesince }}", {"v": moment}) == "1\xa0week, 1\xa0day"


def test_language_and_zone_changed_in_the_middle_of_a_render_count_from_there():
    source = (
        "{% load i18n l10n tz %}{{ n }} {{ d }} {{ n|floatformat:1 }} {% language 'de' %}{{ n }} "
        "{{ d }} {% timezone 'Asia/Tokyo' %}{{ d }} {{ d|date:'H:i F T' }}{% endtimezone %} "
        "{{ flag|yesno }}{% endlanguage %} {% localize off %}{{ n }} {{ d }}{% endlocalize %} "
        "{{ n }} {{ flag|yesno }} {{ d }}"
    )
    libraries = {name: f"django.templatetags.{name}" for name in ("i18n", "l10n", "tz")}
    values = {
        "n": 12345.678,
        "d": datetime.datetime(2024, 5, 6, 20, tzinfo=UTC),
        "flag": True,
    }
    django, plan = (Engine(libraries=libraries).from_string(source) for _ in range(2))
    with override_settings(USE_TZ=True, USE_THOUSAND_SEPARATOR=True), translation.override("fr"):
        expected = django.render(Context(values))
        assert render_html(plan, Context(values)) == expected
    for part in ("12.345,678", "Mai", "12345.678"):
        assert part in expected


PLAIN = {
    "text": "a plain text, & more", "number": 1234567, "price": Decimal("1234.565"), "half": 2.5,
    "moment": datetime.datetime(2024, 5, 6, 20, 15, tzinfo=UTC), "day": datetime.date(2024, 5, 6),
    "hour": datetime.time(20, 15), "rows": ["a", "<b>", mark_safe("c")], "flag": True,
    "none": None, "then": datetime.datetime(2024, 1, 2, 3, tzinfo=UTC), "data": {"a": [1, "b"]},
}  # fmt: skip
FAST = [
    "text", "number", "price", "half", "moment", "day", "hour", "none", "flag", "text|add:'x'",
    "number|add:2", "text|addslashes", "text|capfirst", "text|center:30", "text|cut:'a'",
    "moment|date", "day|date:'D d M Y'", "moment|date:'c e I O T U Z'", "none|default:'-'",
    "none|default_if_none:'-'", "number|divisibleby:3", "text|escape", "text|escapejs",
    "number|filesizeformat", "rows|first", "price|floatformat", "half|floatformat:2",
    "price|floatformat:'2g'", "text|force_escape", "number|get_digit:2", "rows|join:', '",
    "data|json_script:'x'", "rows|last", "rows|length", "text|linebreaks", "text|linebreaksbr",
    "text|ljust:30", "text|lower", "number|pluralize:'y,ies'", "text|rjust:30", "text|safe",
    "rows|slice:':2'|join:' '", "text|slice:'1:'", "text|slugify", "half|stringformat:'.1f'",
    "number|stringformat:'d'", "text|striptags", "hour|time", "moment|time:'H:i'",
    "moment|timesince:then", "moment|timeuntil:then", "text|title", "text|truncatechars:5",
    "text|truncatewords:2", "text|upper", "text|urlencode", "text|wordcount", "flag|yesno",
    "flag|yesno:'a,b'", "text|default:none", "text|truncatechars:half|default:text",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de"])
def test_plain_values_call_no_filter_of_django(language):
    assert {each.split("|")[1].split(":")[0] for each in FAST if "|" in each} == set(
        NATIVE_FILTERS.values()
    )
    settings = override_settings(USE_TZ=True, USE_THOUSAND_SEPARATOR=True)
    with translation.override(language), settings:
        for expression in FAST[:-1]:
            template = Engine().from_string("{{ " + expression + " }}")
            render_html(template, Context(PLAIN))  # The plan is made.
            called = set()

            def note(frame, event, argument, called=called):
                if event == "call" and frame.f_code.co_filename == defaultfilters.__file__:
                    called.add(frame.f_code.co_name)
                if event == "call" and frame.f_code.co_name == "render_value_in_context":
                    called.add("render_value_in_context")

            sys.setprofile(note)
            try:
                render_html(template, Context(PLAIN))
            finally:
                sys.setprofile(None)
            assert not called, expression


def test_fields_wider_than_memory_are_refused_as_django_refuses_them():
    for filter in ("ljust", "rjust", "center"):
        for width in ("'99999999999999999999'", "9223372036854775807"):
            check("{{ v|" + filter + ":" + width + " }}", {"v": "x"}, Context)
    for source in ("v|truncatechars:9223372036854775807", "v|slice:':9223372036854775807'"):
        check("{{ " + source + " }}", {"v": "é"}, Context)
    check("{{ v|divisibleby:'-1' }}", {"v": -(2**63)}, Context)
    check("{{ v|add:v }}", {"v": 2**63 - 1}, Context)
    check("{{ v|filesizeformat }}", {"v": -(2**63)}, Context)
    check("{{ v|get_digit:v }}", {"v": 2**63 - 1}, Context)


def test_a_value_that_holds_itself_raises_what_django_raises():
    rows = []
    rows.append(rows)
    check("{{ v|json_script }}", {"v": rows}, Context)
