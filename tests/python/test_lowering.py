"""Which nodes become native operations, which stay with Django, and how plans are kept."""

import datetime
import gc
import re
import weakref

import pytest
from django.conf import settings
from django.template import (
    Context,
    Engine,
    Library,
    Node,
    TemplateDoesNotExist,
    TemplateSyntaxError,
)
from django.template.base import VariableNode
from django.templatetags import i18n, l10n, static, tz
from django.test import override_settings
from django.test.signals import template_rendered
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from djust import lowering
from djust.lowering import lower, plan_for
from djust.rendering import LiveTemplate
from djust.testing import FrameRecorder, render_html

TEMPLATES = {
    "base": "<main>{% block a %}A{% endblock %}{% block b %}B{% endblock %}</main>",
    "child": "{% extends 'base' %}{% block a %}{{ block.super }}{{ x }}{% endblock %}",
    "part": "<i>{{ x }}</i>",
    "words": "{% lorem %}",
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
            case ("filtered" | "guard" as kind, *_):
                found.append((kind, names(next(each for each in op if isinstance(each, list)))))
            case ("if", branches, _):
                found.append(("if", *(names(body) for _, body in branches)))
            case ("for", _, _, _, lazy, body, empty, _):
                found.append(("lazy for" if lazy else "for", names(body), names(empty)))
            case ("scope" | "include" | "procedure" as kind, (form, *_), body, *_):
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
        ("{% debug %}{% lorem %}", ["opaque", "opaque"]),
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
        ("{% for a in b %}{% lorem 1 w %}{% endfor %}", [("for", ["opaque"], [])]),
        ("{% with a=b %}{% lorem a %}{% endwith %}", [("python scope", ["opaque"])]),
        ("{% include 'words' %}", [("python include", ["opaque"])]),
        ("{% for a in b %}{{ forloop }}{% endfor %}", [("for", ["value"], [])]),
        (
            "{% for a in b %}{% lorem 1 w %}{% for c in a %}{{ c }}{% endfor %}{% endfor %}",
            [("for", ["opaque", ("lazy for", ["value"], [])], [])],
        ),
    ],
)
def test_a_scope_with_an_opaque_tag_is_really_pushed(source, expected):
    assert lowered(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'missing' %}",
        "{% extends name %}",
        "{% extends 'missing' %}",
    ],
)
def test_what_is_known_only_while_rendering_stays_with_django(source):
    assert lowered(source) == ["opaque"]


NATIVE = [
    "{% cycle 'a' x %}", "{% cycle 'a' 'b' as y %}{{ y }}", "{% cycle 'a' 'b' as y silent %}{{ y }}",
    "{% cycle 'a' 'b' as y %}{% cycle y %}{% resetcycle y %}{% cycle y %}",
    "{% firstof missing x 'z' %}", "{% firstof missing x|safe as y %}{{ y }}",
    "{% widthratio n 5 100 %}{% widthratio x 1 1 %}", "{% widthratio n 0 100 as y %}{{ y }}",
    "{% now 'Y' %}{% now 'Y' as y %}{{ y }}", "{% url 'nowhere' as y %}[{{ y }}]",
    "{% regroup people by age as y %}{% for g in y %}{{ g.grouper }}{{ g.list }}{% endfor %}",
    "{% static 'a b.css' %}{% static x as y %}{{ y }}",
    "{% get_static_prefix %}{% get_media_prefix as y %}{{ y }}",
    "{% translate 'Yes' %}{% translate x %}{% translate '100%' as y %}{{ y }}",
    "{% translate 'May' context 'month name' %}{% translate x noop %}{{ _('Yes') }}",
    "{% blocktranslate %}Hi {{ x }}, 100%{% endblocktranslate %}",
    "{% blocktranslate with y=x|upper trimmed %}\n {{ y }} {{ x }}\n {% endblocktranslate %}",
    "{% blocktranslate count m=n %}one{% plural %}{{ m }} of {{ x }}{% endblocktranslate %}",
    "{% blocktranslate context 'month name' asvar y %}May{% endblocktranslate %}{{ y }}",
    "{% shout x %}{% shout word=x %}{% shout x as y %}{{ y }}", "{% panel x %}",
    "{% ifchanged n %}{{ n }}{% else %}same{% endifchanged %}", "{% ifchanged %}{{ n }}{% endifchanged %}",
    "{% spaceless %}<p> <b>{{ x }}</b> </p>{% endspaceless %}",
    "{% filter upper|cut:x %}a{{ n }}{{ x }}{% endfilter %}",
    "{% language 'de' %}{{ pi }}{{ _('Yes') }}{% get_current_language as y %}{{ y }}{% endlanguage %}{{ pi }}",
    "{% language 'ar' %}{% get_current_language_bidi as y %}{{ y }}{% endlanguage %}",
    "{% get_available_languages as y %}{{ y|length }}",
    "{% get_language_info for 'de' as y %}{{ y.name_local }}",
    "{% get_language_info_list for codes as y %}{% for l in y %}{{ l.name }}{% endfor %}",
    "{% language 'de' %}{% localize off %}{{ pi }}{% endlocalize %}{{ pi }}{% endlanguage %}",
    "{% timezone 'Asia/Tokyo' %}{{ then }}{% get_current_timezone as y %}{{ y }}{% endtimezone %}",
    "{% localtime off %}{{ then }}{% endlocaltime %}{{ then }}",
]  # fmt: skip
AROUND = [
    "{}", "{{% for x in xs %}}{}{{% endfor %}}{}", "{{% for a, x in pairs %}}{{{{ y }}}}{}{{% endfor %}}",
    "{{% with x='w' %}}{}{{% endwith %}}{{{{ y }}}}", "{{% include 'part' with x='i' %}}{}",
    "{{% for x in xs %}}{{% for n in ns %}}{{{{ y }}}}{}{{% endfor %}}{{{{ y }}}}{{% endfor %}}",
    "{{% for x in xs %}}{{% lorem 1 w %}}{}{{% endfor %}}",
    "{{% block a %}}{{{{ y }}}}{}{{% endblock %}}{{{{ y }}}}",
    "{{% if n %}}{}{{% endif %}}<p title='{}'>{{{{ y }}}}</p>",
]  # fmt: skip
VALUES = {
    "x": "<x>", "n": 3, "xs": ["a", "a&"], "ns": [1, 1, 2], "pairs": [(1, "p"), (2, "q")],
    "people": [{"age": 1}, {"age": 1}, {"age": 2}], "codes": ["de", "fr"], "pi": 3.14,
    "then": datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone.utc),
}  # fmt: skip


def tagged_engine():
    own = engine()
    library = Library()
    library.simple_tag(lambda word: word * 2, name="shout")
    library.inclusion_tag("part", name="panel")(lambda x: {"x": [x]})
    for module in (i18n, l10n, static, tz):
        own.template_builtins.append(module.register)
    own.template_builtins.append(library)
    return own


@pytest.mark.parametrize("source", NATIVE)
def test_a_tag_of_django_is_native_and_prints_the_same_in_every_scope(source):
    own = tagged_engine()
    assert "opaque" not in str(names(lower(own.from_string(source)).ops))
    for around in AROUND:
        template = own.from_string(around.format(source, source))
        context, expected_context = Context(dict(VALUES)), Context(dict(VALUES))
        expected = template.render(expected_context)
        assert LiveTemplate.of(template).render_html(context) == expected, around
        assert context.flatten().keys() == expected_context.flatten().keys(), around


@pytest.mark.parametrize("source", NATIVE)
def test_such_a_tag_leaves_the_scope_around_it_lazy(source):
    own = tagged_engine()
    shown = str(names(lower(own.from_string("{% for x in xs %}" + source + "{% endfor %}")).ops))
    assert "('for'" not in shown


@pytest.mark.parametrize(
    "source",
    [
        "{% widthratio 1 1 x %}", "{% url x %}", "{% regroup n by a as y %}",
        "{% cycle x|add:missing 'a' %}", "{% firstof x|default:missing n|default:missing %}",
        "{% blocktranslate count m=x %}a{% plural %}b{% endblocktranslate %}",
        "{% translate n %}", "{% static x|default:missing|cut:missing %}", "{% language n %}{% endlanguage %}",
        "{% timezone 'Nowhere/X' %}{% endtimezone %}", "{% ifchanged n|add:missing %}{% endifchanged %}",
        "{% filter cut:missing %}{% endfilter %}", "{% get_language_info for 'xx' as y %}",
    ],
)  # fmt: skip
def test_an_error_in_a_native_tag_is_told_as_django_tells_it(source):
    own = tagged_engine()
    own.debug = True
    for around in ("a\n{}", "a\n{{% for y in xs %}}\n{}{{% endfor %}}"):
        template = own.from_string(around.format(source))
        with pytest.raises(Exception) as expected:  # noqa: PT011
            template.render(Context(dict(VALUES)))
        with pytest.raises(expected.type) as raised:
            LiveTemplate.of(template).render_html(dict(VALUES))
        assert str(raised.value) == str(expected.value)
        assert raised.value.template_debug == expected.value.template_debug


def test_a_translation_that_cannot_be_used_is_replaced_by_the_original(monkeypatch):
    monkeypatch.setattr(i18n.translation, "gettext", lambda text: "%(other)s " + text)
    own = tagged_engine()
    template = own.from_string(
        "{% for x in xs %}{% blocktranslate %}{{ x }}{% endblocktranslate %}{% endfor %}"
    )
    with pytest.raises(TemplateSyntaxError) as expected:
        template.render(Context(dict(VALUES)))
    with pytest.raises(TemplateSyntaxError) as raised:
        LiveTemplate.of(template).render_html(dict(VALUES))
    assert str(raised.value) == str(expected.value)


def test_a_block_above_that_misses_an_argument_prints_nothing():
    own = engine()
    own.template_loaders[0].loaders[0].templates_dict["top"] = (
        "<b>{% block a %}x{{ y|default:missing }}{% endblock %}</b>"
    )
    for source in (
        "{{ block.super }}",
        "{{ block.super|upper }}",
        "<i title='{{ block.super }}'></i>{% lorem 1 w %}",
    ):
        template = own.from_string("{% extends 'top' %}{% block a %}a" + source + "b{% endblock %}")
        expected = template.render(Context({}))
        assert LiveTemplate.of(template).render_html({}) == expected
        assert LiveTemplate.of(template).render_html({"missing": 1}) == template.render(
            Context({"missing": 1})
        )


def test_a_template_that_includes_itself_is_one_procedure():
    assert lowered("{% include 'tree' %}") == [("python procedure", [("if", ["call"])])]


COMMENTS = {
    "comment": "<p title='{{ c.text }}'>{{ depth }}{{ c.text }}</p>{% if c.answers %}<ul>"
    "{% for c in c.answers %}<li>{{ forloop.counter }}{% include 'comment' with depth=forloop %}</li>"
    "{% endfor %}</ul>{% endif %}",
    "a": "<i>{{ n }}{% if n %}{% include 'b' with n=n|slice:':-1' %}{% endif %}</i>",
    "b": "<b>{% for x in n %}{% cycle 1 2 %}{% endfor %}{% include 'a' only %}{% include 'a' %}</b>",
    "title": "<p title='{% if n %}{% include 'title' with n=n|slice:':-1' %}{% endif %}{{ n }}'></p>",
    "again": "{% ifchanged x %}{{ x }}{% endifchanged %}{% if n %}{% include 'again' with n=0 %}{% endif %}",
    "endless": "{% include 'endless' %}",
}  # fmt: skip


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("name", [name for name in COMMENTS if name != "endless"])
def test_templates_that_include_themselves_print_what_django_prints(name, cached):
    loaders = [("django.template.loaders.locmem.Loader", COMMENTS)]
    if cached:
        loaders = [("django.template.loaders.cached.Loader", loaders)]
    own = Engine(loaders=loaders)
    leaf = {"text": "<leaf>", "answers": []}
    branch = {"text": "b", "answers": [leaf, {"text": "c", "answers": [leaf]}]}
    values = {"c": {"text": "root", "answers": [branch, leaf]}, "n": "abc", "x": 1, "xs": "ab"}
    sources = ["{% include name %}", "{% for x in xs %}{% include name %}{% endfor %}"]
    for source in [each.replace("name", f"'{name}'") for each in sources]:
        template = own.from_string(source)
        assert LiveTemplate.of(template).render_html(values) == template.render(Context(values))
    template = own.get_template(name)
    assert LiveTemplate.of(template).render_html(values) == template.render(Context(values))


def test_a_printed_loop_names_the_tag_that_remembers_in_it():
    # Without a cache of templates the node is another one in each render; it stays a node.
    row = "{% for x in xs %}{% ifchanged %}{{ forloop|safe }}{% endifchanged %}{% endfor %}"
    own = Engine(loaders=[("django.template.loaders.locmem.Loader", {"row": row})])
    template = own.from_string("{% include 'row' %}")
    printed = [
        LiveTemplate.of(template).render_html({"xs": "a"}),
        template.render(Context({"xs": "a"})),
    ]
    ours, djangos = [re.sub("0x[0-9a-f]+", "here", each) for each in printed]
    assert ours == djangos
    assert "IfChangedNode object at here" in ours


def test_a_comment_deep_in_a_tree_changes_alone():
    own = Engine(loaders=[("django.template.loaders.locmem.Loader", COMMENTS)])
    leaf = {"text": "leaf", "answers": []}
    values = {"c": {"text": "root", "answers": [{"text": "b", "answers": [leaf] * 20}] * 20}}
    recorder = FrameRecorder(own.get_template("comment"))
    whole = len(recorder.mount(values))
    values["c"]["text"] = "changed"
    assert len(recorder.update(values)) < whole / 20


def test_a_template_that_includes_itself_without_end_raises():
    own = Engine(loaders=[("django.template.loaders.locmem.Loader", COMMENTS)])
    with pytest.raises(RecursionError):
        LiveTemplate.of(own.get_template("endless")).render_html({})


def test_a_template_that_a_value_names_prints_by_a_plan_of_its_own():
    own = engine()
    values = {"name": "part", "names": ["nowhere", "child"], "template": own.get_template("base")}
    values["x"] = "<x>"
    for source in (
        "{% include name %}",
        "{% include names with x=1 only %}",
        "{% for x in name %}{% include template %}{% include name %}{% endfor %}",
    ):
        template = own.from_string(source)
        assert "opaque" not in str(names(lower(template).ops))
        assert LiveTemplate.of(template).render_html(values) == template.render(Context(values))
    template = own.from_string("{% include missing %}")
    with pytest.raises(TemplateDoesNotExist):
        LiveTemplate.of(template).render_html({})


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'part' %}{% include 'child' only %}", "{% for x in xs %}{% panel x %}{% endfor %}",
        "{% include name %}", "{% extends 'base' %}{% block a %}{% include 'part' %}{% endblock %}",
        "{% with n=x %}{% include 'count' %}{% endwith %}{% lorem %}",
    ],
)  # fmt: skip
def test_tests_are_told_of_each_template_that_renders(source):
    own = tagged_engine()
    own.template_loaders[0].loaders[0].templates_dict = {
        **TEMPLATES,
        "count": "{{ n }}{% if n %}{% include 'count' with n=n|slice:':-1' %}{% endif %}",
    }
    template = own.from_string(source)
    told = []

    def tell(sender, template, context, **_):
        told.append((template.name, context.get("x"), context.get("n")))

    template_rendered.connect(tell)
    try:
        values = {"name": "part", "x": "ab", "xs": "cd"}
        template.render(Context(values))
        expected = told[:]
        told.clear()
        LiveTemplate.of(template).render_html(values)
    finally:
        template_rendered.disconnect(tell)
    assert [name for name, *_ in told] == [name for name, *_ in expected]
    assert len(expected) > 1


def test_a_tag_that_takes_the_context_is_called_with_it():
    own = engine()
    library = Library()

    @library.simple_tag(takes_context=True)
    def count(context, name, step=1):
        context[name] = context.get(name, 0) + step
        return f"<{context[name]}>"

    own.template_builtins.append(library)
    for source in (
        "{% count 'n' %}{{ n }}{% count 'n' step=x as y %}{{ n }}{{ y }}",
        "{% for x in xs %}{% count 'n' %}{{ n }}{% endfor %}{{ n }}<p title='{% count 'n' %}'></p>",
    ):
        template = own.from_string(source)
        assert "opaque" not in str(names(lower(template).ops))
        values = {"xs": "ab", "x": 5}
        assert LiveTemplate.of(template).render_html(values) == template.render(Context(values))


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
    source = "<div>{% if a %}<b>{% endif %}x{% if b %}</b>{% endif %}</div>"
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


class Shy:
    def __str__(self):
        return "<shy>"


PRINTED_BY_TAGS = ["a<b", mark_safe("<b>"), gettext_lazy("Yes"), 7, 2.5, None, Shy(), "", "plain"]

CHANGES = [
    lambda: translation.activate("de"),
    lambda: timezone.activate("Asia/Tokyo"),
    lambda: setattr(settings, "USE_TZ", False),
    lambda: translation.deactivate_all(),
    lambda: setattr(settings, "USE_TZ", True),
    lambda: timezone.deactivate(),
    lambda: translation.activate("en"),
    lambda: None,
]


def own_tags():
    library = Library()
    library.simple_tag(lambda number: PRINTED_BY_TAGS[number], name="give")
    library.simple_tag(lambda number: CHANGES[number]() or "", name="change")
    own = engine()
    own.template_builtins.append(library)
    return own


def test_what_a_tag_gives_is_escaped_as_django_escapes_it():
    loop = "{% for n in ns %}<p>{% give n %}{% give n as x %}{{ x }}</p>{% endfor %}"
    numbers = range(len(PRINTED_BY_TAGS))
    # Where nothing is escaped, Django joins what tags give as it is.
    texts = [number for number in numbers if isinstance(PRINTED_BY_TAGS[number], str)]
    unescaped = "{% autoescape off %}" + loop + "{% endautoescape %}"
    for source, ns in ((loop, numbers), (unescaped, texts)):
        template = own_tags().from_string(source)
        assert render_html(template, {"ns": ns}) == template.render(Context({"ns": ns}))


def test_what_a_tag_changes_counts_from_the_next_value_on():
    source = "{% for n in ns %}{{ pi }} {{ n }} {{ then }} {{ day }}{% change n %}\n{% endfor %}"
    template = own_tags().from_string(source)
    values = {**VALUES, "ns": range(len(CHANGES)), "day": datetime.date(2026, 5, 3)}
    printed = []
    for render in (lambda: template.render(Context(values)), lambda: render_html(template, values)):
        with translation.override("fr"), timezone.override("UTC"), override_settings(USE_TZ=True):
            printed.append(render())
    assert printed[1] == printed[0]
    assert len(set(printed[0].splitlines())) == len(CHANGES)
