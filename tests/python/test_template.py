"""The backend ``djust.template.DjangoTemplates`` prints what Django's prints, and behaves like it."""

import pytest
from django.core.checks import run_checks
from django.forms import CharField, Form, renderers
from django.template import Context, TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template import base as template_base
from django.template.backends.django import DjangoTemplates as PlainTemplates
from django.test import RequestFactory, override_settings

from djust import template as template_module
from djust.checks import check_settings
from djust.rendering import LiveTemplate
from djust.template import DjangoTemplates, FormRenderer

PAGES = {
    "page.html": "<ul>{% for x in rows %}{% include row %}{% empty %}-{% endfor %}</ul>",
    "row.html": "<li>{{ forloop.counter }} {{ x.name|upper }}</li>",
    "broken.html": "<p>\n{{ x|date:missing }}</p>",
    "child.html": '{% extends "base.html" %}{% block main %}{{ block.super }}{{ a }}{% endblock %}',
    "base.html": "[{% block main %}{{ b }}{% endblock %}]",
}


@pytest.fixture(autouse=True)
def plan_from_the_first_render(monkeypatch):
    monkeypatch.setattr(template_module, "PLANNED_FROM", 1)


def backend(kind=DjangoTemplates, **options):
    loader = "django.template.loaders.locmem.Loader", PAGES
    options = {"loaders": [("django.template.loaders.cached.Loader", [loader])], **options}
    return kind({"NAME": "djust", "DIRS": [], "APP_DIRS": False, "OPTIONS": options})


def outcome(kind, name, context, request=None, **options):
    try:
        return backend(kind, **options).get_template(name).render(context, request)
    except Exception as error:
        debug = getattr(error, "template_debug", {})
        return type(error), str(error), debug.get("line"), debug.get("during")


CONTEXTS = {
    "page.html": {"rows": [{"name": "<a>"}, {"name": "b"}], "row": "row.html"},
    "child.html": {"a": "<1>", "b": 2.5},
    "broken.html": {"x": 1},
    "row.html": {},
}


@pytest.mark.parametrize("name", CONTEXTS)
@pytest.mark.parametrize(
    "options", [{}, {"debug": True}, {"autoescape": False}, {"string_if_invalid": "no %s"}], ids=str
)
def test_it_prints_and_raises_what_django_does(name, options):
    wanted = outcome(PlainTemplates, name, CONTEXTS[name], **options)
    assert outcome(DjangoTemplates, name, CONTEXTS[name], **options) == wanted


def test_context_processors_and_the_csrf_token_come_from_the_request():
    processors = ["django.template.context_processors.debug", f"{__name__}.greeting"]
    page = backend(context_processors=processors).from_string("{{ hello }} {% csrf_token %}")
    assert "Hi, /x/" in page.render({}, RequestFactory().get("/x/"))
    assert 'name="csrfmiddlewaretoken"' in page.render({}, RequestFactory().get("/x/"))


def greeting(request):
    return {"hello": f"Hi, {request.path}"}


def test_a_missing_template_says_what_was_tried():
    with pytest.raises(TemplateDoesNotExist) as caught:
        backend().get_template("nowhere.html")
    assert caught.value.backend.name == "djust"
    assert [origin.name for origin, reason in caught.value.tried] == ["nowhere.html"]
    with pytest.raises(TemplateSyntaxError):
        backend().from_string("{% nothing %}")


def test_a_template_has_the_interface_of_the_one_of_django():
    page = backend().get_template("row.html")
    assert page.origin.template_name == "row.html"
    assert page.origin.loader_name == "django.template.loaders.locmem.Loader"
    assert page.template.source == PAGES["row.html"]
    with pytest.raises(TypeError, match="must be a dict rather than Context"):
        page.render(Context())


def test_tests_see_each_template_once():
    from django.test.signals import template_rendered

    seen = []

    def note(sender, template, **kwargs):
        seen.append(template.name)

    template_rendered.connect(note)
    try:
        backend().get_template("page.html").render(CONTEXTS["page.html"])
        backend().get_template("child.html").render({})
    finally:
        template_rendered.disconnect(note)
    assert seen == ["page.html", "row.html", "row.html", "child.html", "base.html"]


def test_the_plan_renders_what_it_can_and_what_templates_include_by_a_variable(monkeypatch):
    def fail(*arguments):
        raise AssertionError("rendered by Django")

    page = backend().get_template("page.html")
    monkeypatch.setattr(template_base.Template, "_render", fail)
    assert "2 B" in page.render(CONTEXTS["page.html"])


def test_a_template_that_is_rendered_once_gets_no_plan(monkeypatch):
    monkeypatch.setattr(template_module, "PLANNED_FROM", 2)
    page = backend().from_string("{{ a }}")
    assert page.render({"a": 1}) == "1"
    assert "_djust_live" not in vars(page.template)
    assert page.render({"a": 2}) == "2"
    assert LiveTemplate.of(page).made


def test_a_template_of_nothing_but_foreign_tags_is_left_to_django():
    page = backend().from_string("a {% lorem 3 w %} {% lorem 1 w %}")
    assert len(page.render({}).split()) == 5
    assert not LiveTemplate.of(page).pays


@override_settings(
    TEMPLATES=[{"BACKEND": "djust.template.DjangoTemplates", "APP_DIRS": True}],
)
def test_a_project_can_name_it_in_its_settings():
    assert isinstance(engines["template"], PlainTemplates)
    assert check_settings(None) == []
    assert [message for message in run_checks() if message.id.startswith("templates.")] == []


def test_forms_render_by_plans_too():
    class NameForm(Form):
        name = CharField(label="Your <name>", help_text="h")

    for data in (None, {}, {"name": "<x>"}):
        wanted = NameForm(data, renderer=renderers.DjangoTemplates())
        form = NameForm(data, renderer=FormRenderer())
        for _ in range(2):
            assert str(form) == str(wanted)
            assert form.as_p() == wanted.as_p()
