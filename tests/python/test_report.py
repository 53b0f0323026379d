"""``manage.py djust_templates``: what it says of templates, and how it ends."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.template import Engine

from djust.lowering import Why
from djust.report import WHY_OPAQUE, WHY_RAW, report_on
from tests.python.test_docs import ROOT, blocks
from tests.site.settings import FOLDER


def report(source, **options):
    return report_on(Engine(**options).from_string(source), "a.html")


def printed(*arguments):
    out = io.StringIO()
    call_command("djust_templates", *arguments, stdout=out)
    return out.getvalue()


def test_the_guide_shows_what_the_command_prints():
    page = ROOT / "docs" / "templates.md"
    (output,) = blocks(page, "text")
    assert printed("report/orders.html") == output
    source = (FOLDER / "templates" / "report" / "orders.html").read_text()
    assert source in blocks(page, "html+django")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "<i></i>\n<p>{% if a %}<b>{% endif %}{{ b }}{% if c %}</b>{% endif %}</p>",
            "branches-differ",
        ),
        ("\n<p>{% if a %}<b>{% else %}<b class='x'>{% endif %}{{ b }}</b></p>", "unbalanced"),
        ("\n<h{{ a }}>", "tag-name"),
        ("\n<p a{{ a }}=b>", "attribute-name"),
        ("\n<p {% if a %}>{% endif %}>", "attributes"),
        ('\n<p a="{% if a %}"{% endif %}">', "leaves-value"),
        ("\n<!-- {% if a %}-->{% endif %} -->", "leaves-text"),
        ("\n<!{{ a }}>", "markup"),
        ("\n&#{{ a }};", "reference"),
    ],
)
def test_a_raw_region_names_its_reason_and_its_line(source, why):
    (region,) = report(source).raw
    assert (region.why, region.place.line) == (why, 2)


def test_each_reason_has_words():
    from_rust = (ROOT / "crates" / "template" / "src" / "report.rs").read_text()
    named = {line.split('"')[1] for line in from_rust.splitlines() if '=> "' in line}
    assert named == WHY_RAW.keys()
    assert set(Why) == WHY_OPAQUE.keys()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{% lorem 1 w %}", "tag"),
        ("{% include 'missing' %}", "form"),
    ],
)
def test_an_opaque_tag_names_its_reason(source, why):
    (tag,) = report(source, libraries={"i18n": "django.templatetags.i18n"}).opaque
    assert tag.why == why


def test_string_if_invalid_is_a_reason():
    assert {each.why for each in report("a{{ b }}", string_if_invalid="?").opaque} == {"setting"}


def test_tags_around_the_live_region_do_not_count():
    assert report("{% now 'Y' %}<p dj-root>{{ a }}</p>{% lorem %}").opaque == []


def test_a_list_has_a_key_or_has_none():
    keyed = '{% for a in b %}<p id="{{ a }}"></p>{% endfor %}'
    assert report(keyed + "{% for a in b %}{{ a }}{% endfor %}").lists[0].has_key
    assert len(report(keyed + "{% for a in b %}{{ a }}{% endfor %}").unkeyed) == 1


def test_without_names_all_templates_are_reported():
    found = json.loads(printed("--json"))
    names = [each["name"] for each in found]
    assert {"djust/page.html", "report/orders.html", "report/broken.html"} <= set(names)
    (broken,) = [each for each in found if each["error"]]
    assert broken["name"] == "report/broken.html"
    assert "endif" in broken["error"]


def test_templates_in_settings_are_found(settings):
    loader = ("django.template.loaders.locmem.Loader", {"one.html": "{{ a }}"})
    cached = ("django.template.loaders.cached.Loader", [loader])
    backend = "django.template.backends.django.DjangoTemplates"
    settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": {"loaders": [cached]}}]
    assert printed().startswith("one.html\n")


@pytest.mark.parametrize("finding", ["raw", "opaque", "unkeyed", "raw,error"])
def test_a_build_can_fail_on_a_finding(finding):
    with pytest.raises(SystemExit) as ended:
        printed("report/orders.html", "--fail-on", finding)
    assert ended.value.code == 1


def test_a_build_does_not_fail_on_what_is_not_there():
    printed("report/orders.html", "--fail-on", "error")
    with pytest.raises(CommandError, match="raws"):
        printed("report/orders.html", "--fail-on", "raws")


def test_a_line_of_another_template_carries_its_name():
    out = printed("report/child.html")
    assert "report/orders.html:9" in out


def test_what_a_template_reads_is_shown_on_demand():
    path = "orders[].number: escapes"
    assert path in printed("report/orders.html", "--queries")
    assert path not in printed("report/orders.html")
    (found,) = json.loads(printed("report/orders.html", "--json"))
    assert path in found["reads"]


def test_the_queries_are_shown_of_the_models_that_fit():
    loader = "django.template.loaders.locmem.Loader"
    source = "{% for user in users %}{{ user.username }}{{ user.last_login }}{% endfor %}"
    found = report_on(Engine(loaders=[(loader, {})]).from_string(source), "a.html")
    assert found.queries == ["users: auth.User.only('id', 'last_login', 'username')"]
