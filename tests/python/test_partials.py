"""Partials of Django 6: defined in a template, rendered in it, or alone by ``name#partial``."""

import django
import pytest
from django.template import Context, Engine

from djust.testing import render_html

pytestmark = pytest.mark.skipif(django.VERSION < (6, 0), reason="Django 5.2 has no partials")

SOURCE = """\
{% partialdef row %}<b>{{ a }}</b>{% endpartialdef %}<p>{% partial row %}</p>
{% partialdef list inline %}[{% for x in a %}{{ x }}{{ forloop.length }} {% endfor %}]\
{% endpartialdef %}"""


def rendered_by_both(name, **content):
    loader = "django.template.loaders.locmem.Loader", {"page.html": SOURCE}
    template = Engine(loaders=[loader], debug=True).get_template(name)
    return template.render(Context(content)), render_html(template, Context(content))


@pytest.mark.parametrize("name", ["page.html", "page.html#row", "page.html#list"])
def test_a_partial_prints_what_django_prints(name):
    wanted, got = rendered_by_both(name, a="<x>")
    assert got == wanted


def test_a_partial_alone_is_only_itself():
    assert rendered_by_both("page.html#row", a="<x>")[1] == "<b>&lt;x&gt;</b>"
