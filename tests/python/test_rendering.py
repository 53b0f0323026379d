"""What Django prints, the plan prints, by way of the wire: byte for byte, exceptions included."""

import datetime
import decimal
import random
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from copy import deepcopy

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.template.base import VariableDoesNotExist
from django.test import RequestFactory, override_settings
from django.utils import timezone, translation
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, trans_real

from djust import _native
from djust.rendering import LiveTemplate
from djust.testing import render_html

ADDRESS = re.compile("0x[0-9a-f]+", re.I)
CONTEXT = re.compile(r" in \[\{'True'.*", re.S)

LIBRARY = {
    "base": "<html><body>{% block main %}<p>base {{ x }}</p>{% endblock %}"
    "{% block foot %}foot{% endblock %}</body></html>",
    "middle": "{% extends 'base' %}{% block main %}[{{ block.super }}|{{ block.super }}]"
    "{% endblock %}",
    "row": "<li>{{ item }}{{ forloop.counter }}</li>",
    "part": "<i>{{ x }}:{{ y }}</i>",
    "cycle": "{% cycle 'a' 'b' %}",
    "half": "</div><div>",
    "self": "{{ n.0 }}{% if n %}{% with n=n.1 %}{% include 'self' %}{% endwith %}{% endif %}",
}


def engine(**options):
    locmem = ("django.template.loaders.locmem.Loader", LIBRARY)
    cached = ("django.template.loaders.cached.Loader", [locmem])
    return Engine(loaders=[cached], libraries={"i18n": "django.templatetags.i18n"}, **options)


def outcome(render):
    """What a render printed, or what it raised and where.

    Two things are left out: addresses of objects, and the context in the message of a failed lookup.
    Django forgets a scope in it when an exception leaves a loop with several names.
    """
    try:
        return ADDRESS.sub("0", render())
    except Exception as error:
        where = dict(getattr(error, "template_debug", None) or {})
        where.pop("message", None)
        return type(error), CONTEXT.sub("", ADDRESS.sub("", str(error))), where


def check(source, context=None, **options):
    """Renders with Django and with the plan, each with a context of its own."""
    make = context if callable(context) else lambda: Context(fresh(context or {}))
    template = engine(**options).from_string(source)
    expected = outcome(lambda: template.render(make()))
    found = outcome(lambda: render_html(engine(**options).from_string(source), make()))
    assert found == expected
    return expected


def fresh(values):
    """The values, with copies of those that a render may write to."""
    copied = {name: deepcopy(value) for name, value in values.items() if type(value) is dict}
    return {**values, **copied}


class Thing:
    """An object with all kinds of attributes."""

    name = "thing"
    zero = 0

    def __init__(self, **values):
        self.__dict__.update(values)

    def method(self):
        return "called"

    def needs(self, argument):
        return argument

    def deletes(self):
        raise AssertionError("never called")

    deletes.alters_data = True

    def raises_type_error(self):
        raise TypeError("inside")

    @property
    def broken(self):
        raise ValueError("broken property")

    @property
    def missing_inside(self):
        raise AttributeError("inside a property")

    @property
    def silent(self):
        error = ValueError("silent")
        error.silent_variable_failure = True
        raise error

    def __str__(self):
        return "<Thing>"


class Uncalled:
    do_not_call_in_templates = True
    value = "class attribute"

    def __call__(self):
        raise AssertionError("never called")


class Numbers:
    """Can be walked through, and has no length."""

    def __iter__(self):
        return iter((1, 2))

    def __repr__(self):
        return "<numbers>"


def say():
    return "from a function"


VALUES = {
    "a": "text",
    "html": "<b>&amp;</b>",
    "safe": mark_safe("<b>&amp;</b>"),
    "entity": mark_safe("&nbsp;&copy;"),
    "quoted": mark_safe('it\'s "so"'),
    "one": 1,
    "zero": 0,
    "negative": -7,
    "big": 10**30,
    "half": 2.5,
    "tiny": 1e-30,
    "huge": 1e300,
    "nan": float("nan"),
    "price": decimal.Decimal("1234.50"),
    "yes": True,
    "no": False,
    "none": None,
    "empty": "",
    "list": [1, "b", None],
    "pairs": [("k", 1), ("l", 2)],
    "dict": {"key": "value", "items": "shadowed", 1: "int key"},
    "nested": {"list": [{"name": "deep"}]},
    "things": [Thing(id=1), Thing(id=2, name="other")],
    "thing": Thing(id=3),
    "uncalled": Uncalled(),
    "day": datetime.date(2026, 11, 21),
    "moment": datetime.datetime(2026, 11, 21, 12, 30, tzinfo=datetime.timezone.utc),
    "clock": datetime.time(9, 5),
    "lazy": lazystr("lazy <text>"),
    "translated": gettext_lazy("Yes"),
    "function": say,
    "unicode": "Ünï ☃ <é>",
    "attrs": mark_safe('data-x="1" hidden'),
    "numbers": Numbers(),
    "digits": "0123",
    "number": "42",
}

PATHS = [
    *VALUES, "missing", "dict.key", "dict.items", "dict.missing", "dict.1", "list.0", "list.9",
    "nested.list.0.name", "thing.name", "thing.method", "thing.needs", "thing.deletes", "thing.zero",
    "thing.id", "thing.missing", "thing.missing.more", "thing.silent", "uncalled.value", "a.upper",
    "a.0", "a.9", "list.append", "things.0.id", "function", "True", "None", "html.x", "dict.values",
    "pairs.0.1", "day.year", "one.real", "none.x",
]  # fmt: skip

FILTERS = [
    "lower", "upper", "capfirst", "length", 'default:"-"', "default:missing_argument", "default:a",
    'default_if_none:"<none>"', "escape", "force_escape", "safe", "floatformat", "floatformat:2",
    "floatformat:-2", 'floatformat:"2g"', "truncatechars:5", "truncatechars:1", "add:1", 'add:"x"',
    "pluralize", 'pluralize:"y,ies"', 'pluralize:"a,b,c"', "yesno", 'yesno:"a,b"', 'yesno:"a,b,c"',
    'yesno:"a"', "first", "last", 'cut:"e"', 'cut:";"', "divisibleby:3", 'join:", "', "title",
    "truncatewords:2", "linebreaksbr", "urlencode", "slugify", 'date:"Y-m-d"', 'time:"H:i"',
    "stringformat:\"s\"", "length_is:3", "striptags", "make_list", "wordcount", 'slice:":2"',
    "addslashes", "json_script", "random", "unordered_list", "escapejs", "linenumbers",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_kind_of_value_prints_as_django_prints_it(path):
    check(f"{{{{ {path} }}}}", VALUES)
    check(f"<p title='{{{{ {path} }}}}'>x</p><textarea>{{{{ {path} }}}}</textarea>", VALUES)
    check(f"<script>var x = '{{{{ {path} }}}}';</script><!-- {{{{ {path} }}}} -->", VALUES)
    check(f"{{% autoescape off %}}{{{{ {path} }}}}{{% endautoescape %}}", VALUES)
    check(f"{{% if {path} %}}yes{{% else %}}no{{% endif %}}", VALUES)
    check(
        f"{{% for each in {path} %}}<b>{{{{ each }}}}</b>{{% empty %}}nothing{{% endfor %}}", VALUES
    )


@pytest.mark.parametrize("name", [f for f in FILTERS if f not in ("length_is:3", "random")])
def test_every_filter_gives_what_django_gives(name):
    for path in VALUES:
        check(f"{{{{ {path}|{name} }}}}", VALUES)
        check(f"{{% autoescape off %}}{{{{ {path}|{name} }}}}{{% endautoescape %}}", VALUES)
        check(f"{{% if {path}|{name} %}}1{{% endif %}}", VALUES)


def test_chains_of_filters_keep_what_is_safe():
    choice = random.Random(3)
    chainable = [name for name in FILTERS if name not in ("length_is:3", "random")]
    for _ in range(600):
        path = choice.choice(list(VALUES))
        chain = "|".join(choice.choices(chainable, k=choice.randint(2, 4)))
        check(f"{{{{ {path}|{chain} }}}}", VALUES)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not",
                                      "and", "or"])  # fmt: skip
def test_conditions_decide_as_django_decides(operator):
    values = ["one", "zero", "negative", "a", "list", "none", "half", "missing", "thing", "3", '"text"',
              "dict", "yes", "nan", "thing.silent"]  # fmt: skip
    for left in values:
        for right in values:
            check(f"{{% if {left} {operator} {right} %}}1{{% else %}}0{{% endif %}}", VALUES)
            check(f"{{% if not {left} {operator} {right} or zero %}}1{{% endif %}}", VALUES)


@pytest.mark.parametrize(
    "source",
    [
        "{% for x in list %}{{ forloop.counter }}{{ forloop.revcounter0 }}{{ forloop.first }}"
        "{{ forloop.last }}{{ x }}{% endfor %}",
        "{% for x in list reversed %}{{ x }}{{ forloop.counter0 }}{% endfor %}",
        "{% for k, v in pairs %}{{ k }}={{ v }};{% endfor %}",
        "{% for k, v in dict.values %}{{ k }}{% endfor %}",
        "{% for k, v in list %}{{ k }}{% endfor %}",
        "{% for k, v in one %}{{ k }}{% endfor %}",
        "{% for x in pairs %}{% for y in x %}{{ forloop.parentloop.counter }}{{ y }}{% endfor %}{% endfor %}",
        "{% for x in list %}{{ forloop }}{% endfor %}",
        "{% for x in list %}{{ forloop.parentloop }}{{ forloop.missing }}{% endfor %}",
        "{% for x in list %}{% cycle 'a' 'b' as c %}{{ c }}{% endfor %}{{ c }}",
        "{% for x in list %}{% ifchanged x %}{{ x }}{% endifchanged %}{% endfor %}",
        "{% for x in list %}{% include 'row' with item=x %}{% endfor %}",
        "{% for x in list %}{% include 'cycle' %}{% endfor %}{% include 'cycle' %}",
        "{% for x in list %}{% include 'row' with item=x only %}{% endfor %}",
        "{% for forloop in list %}{{ forloop }}{% endfor %}",
        "{% for x, x in pairs %}{{ x }}{% endfor %}",
        "{% for x in numbers %}{{ x }}{{ forloop.last }}{% endfor %}",
        "{% for x in empty %}{% empty %}{{ forloop.counter }}{% endfor %}",
        "{% for x in list %}{% for y in empty %}{% empty %}{{ forloop.counter }}{% endfor %}{% endfor %}",
        "{% with a=one b=a %}{{ a }}{{ b }}{% endwith %}{{ a }}",
        "{% with a=one %}{% firstof missing a as b %}{{ b }}{% endwith %}{{ b }}",
        "{% with forloop=a %}{% for x in list %}{{ forloop.parentloop }}{% endfor %}{% endwith %}",
        "{% include 'part' %}{% include 'part' with x=one %}{% include 'part' with y=one only %}",
        "{% include 'self' with n=nested %}{% include missing %}",
        "{% include 'missing' %}",
        "{% extends 'base' %}{% block main %}<b>{{ a }}</b>{% endblock %}",
        "{% extends 'middle' %}{% block main %}({{ block.super }}){% endblock %}",
        "{% extends 'middle' %}{% block main %}{{ block.super|upper }}{{ block.name }}{% endblock %}",
        "{% extends 'middle' %}{% block foot %}{% cycle 'a' 'b' as c %}{% endblock %}{% block main %}"
        "{{ c }}{% spaceless %}{{ block.super }}{% endspaceless %}{% endblock %}",
        "{% extends 'middle' %}{% block main %}{% for x in list %}{% cycle 'a' 'b' %}{% endfor %}"
        "{{ block.super }}{{ block.super }}{% endblock %}",
        "{% extends 'missing' %}",
        "{% extends a %}",
        "{% block x %}{{ block.super }}{% endblock %}",
        "{% block x %}{{ block.name }}{% endblock %}{{ block }}",
        "{% autoescape off %}{{ html }}{% autoescape on %}{{ html }}{% endautoescape %}{{ html }}"
        "{% filter upper %}{{ html }}{% endfilter %}{% endautoescape %}{{ html }}",
        "{% verbatim %}{{ a }}{% endverbatim %}{% templatetag openblock %}{# c #}"
        "{% comment %}x{% endcomment %}",
        "{% load i18n %}{% translate 'Yes' %}{{ _('Yes') }}{% if _('No') == 'No' %}n{% endif %}",
        "{% regroup things by name as names %}{% for n in names %}{{ n.grouper }}{% endfor %}",
        "{% now 'Y' as year %}{{ year|length }}{% widthratio 1 2 100 %}{% lorem 2 w %}",
        "{% url 'nowhere' %}",
        "{% url 'nowhere' as address %}[{{ address }}]",
        "{% csrf_token %}{{ csrf_token }}",
        "{{ a|default:missing }}",
        "{% if a|default:missing %}x{% endif %}",
        "{% with x=thing.broken %}{{ x }}{% endwith %}",
    ],
)
def test_every_tag_prints_what_django_prints(source):
    check(source, VALUES)
    check(f"<main>{source}</main>", VALUES)
    check(f"<p class='{source}'>x</p>", VALUES) if "extends" not in source else None
    check("{% cycle 'a' 'b' %}" + source, VALUES) if "extends" not in source else None


@pytest.mark.parametrize(
    "source",
    [
        "<div{% if yes %} class='a'{% endif %}>{{ a }}</div>",
        "<div {% if yes %}class='a'{% else %}id='b'{% endif %}id='c'>{{ a }}</div>",
        "<input {{ attrs }}{% if no %} checked{% endif %}><input {{ attrs }} {{ attrs }}>",
        "<input value={{ a }} {% if yes %}disabled{% endif %}><input value={{ a }}{% if yes %} x{% endif %}>",
        "<h{{ one }}>{{ a }}</h{{ one }}>",
        "<div>{% if yes %}<b>{% endif %}{{ a }}{% if yes %}</b>{% endif %}</div>",
        "{% if yes %}<div class='x'>{% else %}<div>{% endif %}{{ a }}</div>",
        "<div>{% include 'half' %}</div>",
        "<table>{% for x in list %}<tr><td>{{ x }}</td></tr>{% endfor %}</table>",
        "<ul>{% for x in list %}<li>{{ x }}{% endfor %}</ul>",
        "<p>{% if yes %}<div>{{ a }}</div>{% endif %}</p>",
        "<a href='?a=1&{{ a }}=2'>&#{{ one }};&{{ a }};</a>",
        "<script>if (a < {{ one }}) { x = '{% if yes %}</b>{% endif %}' }</script>",
        "<svg><title>{{ html }}</title><g>{% if yes %}<path d='{{ a }}'/>{% endif %}</g></svg>",
        "<select>{% for x in list %}<option{% if x == 'b' %} selected{% endif %}>{{ x }}{% endfor %}</select>",
        "<input {{ attrs }}{% with forloop=dict %}{% ifchanged one %}x{% endifchanged %}{% endwith %}>",
        "<p {% autoescape off %}{{ a }}{% with a=one %}{{ a }}{% endwith %}{% endautoescape %}{{ html }}>",
        "<{{ a }}", "</{{ a }}>", "<!{{ a }}>", "<!--{% if yes %}-->{% endif %}-->", "<!DOCTYPE {{ a }}>",
        "<p class=\"{% if yes %}a\" id=\"{{ a }}{% endif %}\">x</p>",
    ],
)  # fmt: skip
def test_holes_may_stand_anywhere(source):
    check(source, VALUES)
    check("{% for y in list %}" + source + "{% endfor %}", VALUES)


@pytest.mark.parametrize(
    "path", ["thing.broken", "thing.missing_inside", "thing.raises_type_error"]
)
@pytest.mark.parametrize(
    "source",
    [
        "<p>\n{{ PATH }}</p>",
        "{{ PATH|upper }}",
        "{{ a|default:PATH }}{{ empty|default:PATH }}",
        "<p class='{% if PATH %}x{% endif %}'>",
        "{% if PATH == 1 %}x{% endif %}{% if not PATH %}y{% endif %}",
        "{% for x in PATH %}x{% endfor %}",
        "{% for x in list %}\n{% if x %}{{ PATH }}{% endif %}{% endfor %}",
        "{% for x in list %}{% cycle 'a' 'b' %}{{ PATH }}{% endfor %}",
        "{% with x=PATH %}x{% endwith %}",
        "{% with x=one %}{% autoescape off %}{{ PATH }}{% endautoescape %}{% endwith %}",
        "{% include 'part' with x=PATH %}",
        "{% extends 'base' %}{% block main %}{{ PATH }}{% endblock %}",
        "{% extends 'middle' %}{% block foot %}{% cycle 'a' 'b' %}{{ PATH }}{% endblock %}",
    ],
)
@pytest.mark.parametrize("debug", [True, False])
def test_exceptions_are_those_of_django_with_their_line(path, source, debug):
    check(source.replace("PATH", path), VALUES, debug=debug)


class Incomparable:
    """A key that is in the place of the name ``v``."""

    def __hash__(self):
        return hash("v")

    def __eq__(self, other):
        raise ZeroDivisionError("compared")


def test_a_key_that_cannot_be_compared_fails_as_it_does_in_django():
    rows = [{"v": 1, "w": 2}, {Incomparable(): 1, "w": 2}]
    for hole in ("{{ x.v }}", "{% if x.v %}y{% endif %}", "{% if x.v > 0 %}y{% endif %}"):
        for count in (1, 2):
            source = "{% for x in rows %}" + hole + "{{ x.w }}{% endfor %}"
            check(source, lambda count=count: Context({"rows": rows[:count]}))


def test_an_exception_inside_an_included_template_names_that_template():
    LIBRARY["broken"] = "\n\n<b>{{ thing.broken }}</b>"
    LIBRARY["extending"] = "{% extends 'base' %}{% block main %}\n{{ thing.broken }}{% endblock %}"
    check("{% include 'broken' %}", VALUES, debug=True)
    check("{% for x in list %}{% include 'broken' %}{% endfor %}", VALUES, debug=True)
    error = check("{% include 'extending' %}", VALUES, debug=True)
    assert error[2]["during"] == "{{ thing.broken }}"


def test_the_context_is_left_as_django_leaves_it():
    source = "{% cycle 'a' 'b' as c %}{% for x in list %}{% firstof x as last %}{% endfor %}"
    ours, theirs = Context(dict(VALUES)), Context(dict(VALUES))
    render_html(engine().from_string(source), ours)
    engine().from_string(source).render(theirs)
    assert ours["c"] == theirs["c"] == "a"
    assert len(ours.dicts) == len(theirs.dicts)
    assert ours.template is None
    with pytest.raises(ValueError, match="broken property"):
        render_html(
            engine().from_string(
                "{% for x in list %}{% cycle 1 2 %}{{ thing.broken }}{% endfor %}"
            ),
            ours,
        )
    assert len(ours.dicts) == len(theirs.dicts)


def test_a_value_is_looked_up_and_called_once_each_time_it_is_printed():
    calls = []
    context = {"tick": lambda: calls.append(1) or len(calls)}
    assert (
        render_html(engine().from_string("{{ tick }}{{ tick }}<p>{{ tick }}"), context) == "12<p>3"
    )


def test_invalid_values_print_what_the_engine_says():
    for invalid in ("", "INVALID", "no %s here"):
        check("{{ missing }}{{ missing|upper }}{{ thing.deletes }}{{ a }}", VALUES,
              string_if_invalid=invalid)  # fmt: skip


def test_missing_arguments_of_filters_raise():
    with pytest.raises(VariableDoesNotExist, match="Failed lookup for key"):
        render_html(engine().from_string("{{ a|default:missing }}"), VALUES)


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar", "hi"])
@pytest.mark.parametrize("grouping", [True, False])
def test_numbers_and_dates_follow_the_language(language, grouping):
    numbers = ["one", "big", "half", "tiny", "huge", "nan", "price", "day", "moment", "clock", "yes",
               "negative"]  # fmt: skip
    source = "".join(f"<p>{{{{ {n} }}}}</p>" for n in numbers)
    source += "{% for x in list %}{{ forloop.counter }}{% endfor %}{{ half|floatformat:3 }}"
    source += "{{ a|truncatechars:3 }}{{ translated }}{{ big|floatformat:2 }}"
    with translation.override(language), override_settings(USE_THOUSAND_SEPARATOR=grouping):
        check(source, VALUES)
        check(source, lambda: Context(dict(VALUES), use_l10n=False))
        check(source, lambda: Context(dict(VALUES), use_l10n=True))


def test_each_render_follows_language_zone_and_settings(monkeypatch):
    values = {"n": 1234.5, "day": datetime.date(2026, 3, 1), "at": VALUES["moment"]}
    compiled = engine().from_string(
        "{{ n }} {{ day }} {{ day|date:'M l' }} {{ at }} {{ n|floatformat }}"
    )

    def follows(*changes):
        with ExitStack() as stack:
            for change in changes:
                stack.enter_context(change)
            assert render_html(compiled, values) == compiled.render(Context(values))

    def every():
        for language in ("de", "en", "fr", "de"):
            follows(translation.override(language))
            follows(override_settings(LANGUAGE_CODE=language))
            follows(translation.override(language), timezone.override("Asia/Tokyo"))
        for grouping in (True, False, True):
            follows(translation.override("de"), override_settings(USE_THOUSAND_SEPARATOR=grouping))
        follows(override_settings(USE_TZ=False), translation.override("fr"))
        follows(override_settings(DATE_FORMAT="Y", USE_I18N=False))
        follows()

    # The settings in question change where Django keeps the language; that is put back at the end.
    monkeypatch.setattr(trans_real, "_active", trans_real._active)
    every()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(every).result()


def test_times_follow_the_time_zone():
    with timezone.override("Asia/Tokyo"):
        check("{{ moment }}{{ moment|date:'H:i' }}{{ moment|time:'H' }}", VALUES)
        check("{{ moment }}", lambda: Context(dict(VALUES), use_tz=False))


def test_random_numbers_are_rounded_as_django_rounds_them():
    choice = random.Random(1)
    for _ in range(2000):
        number = choice.choice(
            [choice.uniform(-1000, 1000), round(choice.uniform(-9, 9), 3), choice.randint(-99, 99),
             decimal.Decimal(choice.randint(-9999, 9999)).scaleb(-choice.randint(0, 4))]
        )  # fmt: skip
        places = choice.randint(1, 4)
        source = f"{{{{ n|floatformat:{places} }}}}"
        assert render_html(source, {"n": number}) == engine().from_string(source).render(
            Context({"n": number})
        )


def test_the_csrf_token_keeps_its_mask_within_one_renderer_only():
    from django.middleware.csrf import get_token
    from django.template.context import RequestContext

    template = engine().from_string("<form>{% csrf_token %}{{ csrf_token }}</form>")
    request = RequestFactory().get("/")
    get_token(request)
    live = LiveTemplate.of(template)
    first, second = live.renderer(), live.renderer()

    def show(renderer):
        from djust import _native

        page = _native.Page()
        page.apply(renderer.mount(RequestContext(request)))
        return page.html()

    assert show(first) == show(first)
    assert show(first) != show(second)
    assert 'name="csrfmiddlewaretoken" value="' in show(first)
    before = show(first)
    request.META["CSRF_COOKIE"] = "b" * 32
    assert show(first) != before


def test_templates_of_a_backend_are_taken_too():
    from django.template.backends.django import DjangoTemplates

    backend = DjangoTemplates({"NAME": "x", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}})
    assert render_html(backend.from_string("{{ a }}"), {"a": "<"}) == "&lt;"


def test_a_template_that_does_not_compile_raises():
    with pytest.raises(TemplateSyntaxError):
        render_html("{% nothing %}", {})


def test_a_key_that_two_rows_of_a_list_have_is_reported_once_with_its_place():
    template = Engine(debug=True).from_string(
        "<h1>{{ a }}</h1>\n{% for group in groups %}<ul data-key='{{ forloop.counter }}'>\n"
        "{% for row in group %}<li id='{{ row }}'>{{ row }}</li>{% endfor %}</ul>{% endfor %}"
    )
    renderer, table = LiveTemplate.of(template).renderer(), _native.TemplateTable()
    renderer.mount({"groups": [["x", "y"], ["x"]]}, table)
    assert list(renderer.take_warnings()) == []
    renderer.update({"groups": [["x"], ["x", "y", 7, "y", 7]]}, table)
    [warning] = renderer.take_warnings()
    assert warning.startswith(
        "Two rows of {% for row in group %} have the key 'y' (the view's template, line 3)."
    )
    renderer.update({"groups": [["y", "y"]], "a": "another"}, table)
    assert list(renderer.take_warnings()) == []


def test_keys_are_not_looked_at_where_nobody_develops():
    template = Engine().from_string("{% for a in b %}<p id='{{ a }}'>{{ a }}</p>{% endfor %}")
    renderer = LiveTemplate.of(template).renderer()
    renderer.mount({"b": "aa"})
    assert list(renderer.take_warnings()) == []
