"""Which nodes become native operations, which stay with Django, and how plans are kept."""

import gc
import weakref

import pytest
from django.template import Context, Engine, Library, Node
from django.template.base import VariableNode

from djust import lowering
from djust.lowering import lower, plan_for
from djust.rendering import LiveTemplate

TEMPLATES = {
    "base": "<main>{% block a %}A{% endblock %}{% block b %}B{% endblock %}</main>",
    "child": "{% extends 'base' %}{% block a %}{{ block.super }}{{ x }}{% endblock %}",
    "part": "<i>{{ x }}</i>",
    "cycle": "{% cycle 'a' 'b' %}",
    "tree": "{% if n %}{% include 'tree' %}{% endif %}",
}


def engine():
    loader = ("django.template.loaders.locmem.Loader", TEMPLATES)
    return Engine(loaders=[("django.template.loaders.cached.Loader", [loader])])


def names(ops):
    """The operations as nested names: ``[("for", ["text", "value"])]``."""
    found = []
    for op in ops:
        match op:
            case ("if", branches, _):
                found.append(("if", *(names(body) for _, body in branches)))
            case ("for", _, _, _, lazy, body, empty, _):
                found.append(("lazy for" if lazy else "for", names(body), names(empty)))
            case ("scope" | "include" as kind, (form, *_), body):
                found.append((f"{form} {kind}", names(body)))
            case _:
                found.append(op[0])
    return found


def lowered(source):
    return names(lower(engine().from_string(source)).ops)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a{{ b }}", ["text", "value"]),
        ("{% if a %}b{% elif c == 1 %}d{% endif %}", [("if", ["text"], ["text"])]),
        ("{% for a in b %}{{ a }}{% empty %}c{% endfor %}", [("lazy for", ["value"], ["text"])]),
        ("{% with a=b %}{{ a }}{% endwith %}", [("lazy scope", ["value"])]),
        ("{% include 'part' %}", [("lazy include", ["text", "value", "text"])]),
        ("{% comment %}a{% endcomment %}{# b #}{% verbatim %}{{ c }}{% endverbatim %}", ["text"]),
        ("{% url 'x' %}{% csrf_token %}", ["value", ("if", ["text", "value", "text"])]),
        ("{% autoescape off %}{{ a }}{% endautoescape %}", [("autoescape scope", ["value"])]),
        ("{% now 'Y' %}{% lorem %}", ["opaque", "opaque"]),
    ],
)
def test_known_tags_become_operations(source, expected):
    assert lowered(source) == expected


def test_inheritance_and_blocks_are_flattened():
    assert lowered("{% include 'child' %}") == [
        ("lazy include", [("lazy scope", ["text", "text", "value", "text", "text"])])
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% for a in b %}{% cycle 1 2 %}{% endfor %}", [("for", ["opaque"], [])]),
        ("{% with a=b %}{% now a %}{% endwith %}", [("python scope", ["opaque"])]),
        ("{% include 'cycle' %}", [("python include", ["opaque"])]),
        ("{% for a in b %}{{ forloop }}{% endfor %}", [("for", ["value"], [])]),
        (
            "{% for a in b %}{% cycle 1 2 %}{% for c in a %}{{ c }}{% endfor %}{% endfor %}",
            [("for", ["opaque", ("lazy for", ["value"], [])], [])],
        ),
    ],
)
def test_a_scope_with_an_opaque_tag_is_really_pushed(source, expected):
    assert lowered(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{% include name %}",
        "{% include 'missing' %}",
        "{% extends name %}",
        "{% extends 'missing' %}",
        "{% url 'x' as y %}",
    ],
)
def test_what_is_known_only_while_rendering_stays_with_django(source):
    assert lowered(source) == ["opaque"]


def test_a_template_that_includes_itself_does_so_through_django():
    assert lowered("{% include 'tree' %}") == [("python include", [("if", ["opaque"])])]


def test_a_subclass_of_a_known_node_is_opaque():
    class Shouting(VariableNode):
        def render(self, context):
            return super().render(context).upper()

    template = engine().from_string("{{ a }}")
    template.nodelist[0].__class__ = Shouting
    assert names(lower(template).ops) == ["opaque"]
    assert LiveTemplate.of(template).render_html({"a": "x"}) == "X"


def test_a_tag_of_a_project_is_opaque_and_sees_the_context():
    class Write(Node):
        def render(self, context):
            context["seen"] = f"{context['x']}{context['forloop']['counter']}"
            return f"<b>{context['seen']}</b>"

    library = Library()
    library.tag("write", lambda parser, token: Write())
    own = engine()
    own.template_builtins.append(library)
    template = own.from_string("{% for x in xs %}{% write %}{{ seen }}{% endfor %}{{ seen }}")
    expected = template.render(Context({"xs": "ab"}))
    assert LiveTemplate.of(template).render_html({"xs": "ab"}) == expected


def test_a_failed_search_is_told_with_all_that_was_tried():
    template = engine().from_string("{% extends 'missing' %}")
    with pytest.raises(Exception, match="missing") as raised:
        LiveTemplate.of(template).render_html({})
    assert len(raised.value.tried) == 1


def test_a_plan_is_made_once_and_goes_with_its_template():
    template = engine().from_string("{{ a }}")
    live = LiveTemplate.of(template)
    assert LiveTemplate.of(template) is live
    assert live.plan is live.plan
    gone = weakref.ref(template)
    del template, live
    gc.collect()
    assert gone() is None


def test_a_plan_shows_its_bodies():
    shown = repr(plan_for(engine().from_string("<p id='{{ a }}'>{{ b }}</p>")))
    assert "Attribute" in shown
    assert "Text" in shown


def test_a_report_counts_the_regions_that_travel_as_html():
    assert plan_for(engine().from_string("<p>{{ a }}</p>")).captured_regions == 0
    source = "<div>{% if a %}<b>{% endif %}x{% if a %}</b>{% endif %}</div>"
    assert plan_for(engine().from_string(source)).captured_regions == 1


def test_every_node_of_this_django_is_as_expected():
    assert lowering.verified_lowerings().keys() == lowering.LOWERINGS.keys()
    assert lowering.SAMPLES.keys() == lowering.LOWERINGS.keys()


def test_a_node_with_an_unknown_attribute_stays_with_django(monkeypatch):
    source, attributes = lowering.SAMPLES[VariableNode]
    monkeypatch.setitem(lowering.SAMPLES, VariableNode, (source, attributes | {"new"}))
    lowering.verified_lowerings.cache_clear()
    try:
        assert lowered("a{{ b }}") == ["text", "opaque"]
    finally:
        monkeypatch.undo()
        lowering.verified_lowerings.cache_clear()


def test_an_edited_template_is_lowered_again_while_a_site_is_developed():
    templates = dict(TEMPLATES)
    own = Engine(loaders=[("django.template.loaders.locmem.Loader", templates)], debug=True)
    live = LiveTemplate.of(own.from_string("{% include 'part' %}"))
    assert live.render_html({"x": 1}) == "<i>1</i>"
    templates["part"] = "<b>{{ x }}</b>"
    assert live.render_html({"x": 1}) == "<b>1</b>"
