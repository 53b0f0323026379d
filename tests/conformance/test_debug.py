"""What a developer is told when a template fails: the line that Django's debug page marks, with all
that stands around it, and the lookups that Django's logger hears of. Both engines say the same."""

import pytest
from django.template import defaulttags

from tests.conformance import cases
from tests.conformance.cases import Case, check_render, compiled, outcome, surroundings, with_django

# Each stands between lines of its own; `bad.x` raises, `bad` is no number and no sequence.
FAILING = [
    "{{ bad.x }}",
    "{{ bad.x|upper }}",
    "{{ a|add:bad.x }}",
    "{{ a|default:missing.name }}",
    "{{ rows|dictsort:missing }}",
    "{{ call }}",
    "{{ a|divisibleby:0 }}",
    "{{ a|date:call }}",
    "{% if bad.x %}{% endif %}",
    "{% if a %}\n  {{ bad.x }}{% endif %}",
    "{% for r in bad %}{% endfor %}",
    "{% for r in rows %}{{ r }}\n{{ bad.x }}{% endfor %}",
    "{% for r, s in rows %}{% endfor %}",
    "{% for r in none %}{% empty %}{{ bad.x }}{% endfor %}",
    "{% with w=bad.x %}{% endwith %}",
    "{% with w=a %}\n{{ bad.x }}{% endwith %}",
    "{% include 'part.html' %}",
    "{% include 'part.html' with x=bad.x %}",
    "{% include 'missing.html' %}",
    "{% include name %}",
    "{% include 'outer.html' only %}",
    "{% for r in rows %}{% include 'part.html' %}{% endfor %}",
    "{% autoescape off %}{{ bad.x }}{% endautoescape %}",
    "{% spaceless %}<p>\n{{ bad.x }}</p>{% endspaceless %}",
    "{% filter upper %}{{ bad.x }}{% endfilter %}",
    "{% filter divisibleby:0 %}1{% endfilter %}",
    "{% cycle bad.x 'b' %}",
    "{% firstof bad.x %}",
    "{% widthratio a 2 'x' %}",
    "{% widthratio bad.x 2 3 %}",
    "{% ifchanged bad.x %}{% endifchanged %}",
    "{% ifchanged %}{{ bad.x }}{% endifchanged %}",
    "{% regroup rows by missing.x|add:missing as g %}",
    "{% url 'nowhere' %}",
    "{% url 'item' id=bad.x %}",
    "{% url 'item' id=a as u %}{{ u }}{{ bad.x }}",
    "{% static bad.x %}",
    "{% translate bad.x %}",
    "{% translate a %}",
    "{% blocktranslate with v=bad.x %}{{ v }}{% endblocktranslate %}",
    "{% blocktranslate count n=bad %}one{% plural %}more{% endblocktranslate %}",
    "{% language bad.x %}{% endlanguage %}",
    "{% language 'de' %}\n{{ bad.x }}{% endlanguage %}",
    "{% get_language_info for 'nowhere' as i %}",
    "{% timezone 'Nowhere/Land' %}{% endtimezone %}",
    "{% localtime on %}{{ bad.x }}{% endlocaltime %}",
    "{% localize on %}{{ bad.x }}{% endlocalize %}",
    "{% shown bad.x %}",
    "{% shown value=bad.x as s %}",
    "{% shown value=bad %}{{ bad.x }}",
    "{% panel bad.x %}",
    "{% card bad.x %}",
    "{% boxed %}{{ bad.x }}{% endboxed %}",
    "{% querystring %}",
    "{% seen 'a' %}{% for r in rows %}{% with w=r %}{% seen 'w' %}{{ bad.x }}{% endwith %}{% endfor %}",
    "{{ form.name }}{{ bad.x }}",
    "{{ form.broken }}",
]  # fmt: skip
if hasattr(defaulttags, "PartialNode"):
    FAILING += [
        "{% partialdef p inline %}\n{{ bad.x }}{% endpartialdef %}",
        "{% partialdef p %}{{ bad.x }}{% endpartialdef %}\n{% partial p %}",
    ]
LINES = "".join(f"line {number}\n" for number in range(1, 15))
PART = {
    "part.html": ["part\n\n<b>{{ x }}{{ bad.x }}</b>\n"],
    "outer.html": ["{% include 'part.html' with x=a bad=b %}{{ a|divisibleby:0 }}"],
    "base.html": [LINES, "{% block one %}\n{{ bad.x }}{% endblock %}{% block two %}{% endblock %}"],
}
CONTEXT = {
    "a": "1",
    "bad": "Thing(x=raises(ValueError('within x')))",
    "call": "Function(raises(ValueError('called')))",
    "rows": "[1, 2]",
    "none": "[]",
    "name": "'missing.html'",
    "form": "Form()",
}


def debugged(**templates: str) -> Case:
    bodies = {f"{name}.html": [source] for name, source in templates.items()}
    return Case({**PART, **bodies}, [CONTEXT], engine={"debug": True}, is_logged=True)


@pytest.mark.parametrize("tag", FAILING)
@pytest.mark.parametrize("is_cached", [True, False])
def test_an_exception_carries_what_djangos_debug_page_shows(tag: str, is_cached: bool) -> None:
    case = debugged(main=f"{LINES}before {tag} after\n{LINES}")
    case.is_cached = is_cached
    assert check_render(case, cases.with_djust) is None
    assert check_render(case, cases.with_printer) is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{% block one %}{{ block.super }}{% endblock %}",
        "{% block two %}\n\n{{ block.super }}{{ bad.x }}{% endblock %}{% block one %}{% endblock %}",
        "{% block one %}{% include 'part.html' %}{% endblock %}",
        "{% block one %}{% for r in rows %}{% seen 'r' %}{{ bad.x }}{% endfor %}{% endblock %}",
    ],
)
def test_the_template_of_an_inherited_block_is_named(body: str) -> None:
    case = debugged(main="{% extends 'base.html' %}\n" + body)
    assert check_render(case, cases.with_djust) is None
    assert check_render(case, cases.with_printer) is None


QUIET = [
    "{{ missing }}",
    "{{ missing.name.x }}",
    "{{ a.name }}",
    "{{ rows.7 }}",
    "{{ silent.x }}",
    "{{ silent.x|default:'none' }}",
    "{% if missing.name or a.name %}{% endif %}",
    "{% for r in missing %}{% endfor %}",
    "{% for r in rows %}{{ r.name }}{{ forloop.nothing }}{{ forloop.parentloop.counter }}{% endfor %}",
    "{% for r in rows %}{% for s in rows %}{{ forloop.parentloop.parentloop.last }}{% endfor %}{% endfor %}",
    "{% with w=missing.name %}{{ w.x }}{% endwith %}",
    "{% include 'part.html' with x=missing bad=a only %}",
    "{% firstof missing.name a.name %}",
    "{% cycle missing.name %}",
    "{% ifchanged missing.name %}{% endifchanged %}",
    "{% regroup missing.name by x as g %}{% regroup rows by name as g %}",
    "{% blocktranslate with v=missing.name %}{{ v }}{% endblocktranslate %}",
    "{% translate missing.name %}",
    "{% shown missing.name %}",
    "{% panel missing.name %}",
    "{{ csrf_token }}",
    "{{ form.missing }}{{ form.name.missing }}",
    "{{ form.as_p }}{{ form.name.label_tag }}",
    "{{ missing.as_p }}{{ a.label_tag }}",
    "{% url missing.name as u %}{{ u.x }}",
    "{{ n|add:missing }}",
]


@pytest.mark.parametrize("source", QUIET)
def test_the_logger_hears_of_lookups_that_fail(source: str) -> None:
    case = debugged(main=source)
    case.contexts = [{**CONTEXT, "silent": "Thing(x=raises(Silent('quiet')))"}]
    assert check_render(case, cases.with_djust) is None
    assert check_render(case, cases.with_printer) is None


def test_the_comparison_sees_the_lines_and_the_log() -> None:
    case = debugged(main=LINES + "{{ missing }}\n{{ bad.x }}")
    with surroundings(case):
        found = outcome(case, 0, with_django, compiled(case))
    assert "'line': 16" in found.debug
    assert "(14, 'line 14\\n')" in found.debug
    assert found.log.splitlines() == [
        "DEBUG Exception while resolving variable 'missing' in template 'main.html'. "
        "VariableDoesNotExist",
        "DEBUG Exception while resolving variable 'x' in template 'main.html'. ValueError",
    ]


def test_the_logger_is_not_told_where_it_does_not_listen() -> None:
    case = debugged(main="{{ missing }}")
    case.is_logged = False
    with surroundings(case):
        assert outcome(case, 0, cases.with_djust, compiled(case)).log == ""
