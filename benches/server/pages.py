"""What the server benchmark renders: templates and contexts, for Django and for every contender.

Imports Django alone, so that the predecessor's environment can read it, too.
"""

from functools import cache
from typing import Any

import django
from django import forms
from django.conf import settings

ROWS = 1_000

# Nine holes and two conditions in each row.
TABLE = """\
<table><tbody>
{% for r in rows %}<tr data-key="{{ r.id }}" class="{% if r.active %}on{% else %}off{% endif %}">\
<td>{{ forloop.counter }}</td><td title="{{ r.note }}">{{ r.name }}</td><td>{{ r.email|lower }}</td>\
<td>{{ r.price|floatformat:2 }}</td><td>{{ r.note|default:"-"|truncatechars:12 }}</td>\
<td>{{ r.ratio }}</td><td>{% if r.stock > 10 %}{{ r.stock }}{% else %}<b>{{ r.stock }}</b>{% endif %}\
</td></tr>
{% endfor %}</tbody></table>"""

# The table of the byte counts: rows without and with a condition.
PLAIN_ROWS = """\
<div><p>{{ count }}</p><table><tbody>{% for r in rows %}<tr data-key="{{ r.id }}"><td>{{ r.id }}</td>\
<td>{{ r.name }}</td><td>{{ r.email }}</td><td>{{ r.stock }}</td></tr>{% endfor %}</tbody></table></div>"""
ROWS_WITH_IF = PLAIN_ROWS.replace(
    "<td>{{ r.stock }}</td>", "<td>{% if r.active %}{{ r.stock }}{% else %}-{% endif %}</td>"
)

LIBRARY = {
    "base.html": """\
<header><h1>{% block title %}{% endblock %}</h1>{% include "menu.html" %}</header>
<main>{% block main %}{% endblock %}</main>
{% include "foot.html" with year=2026 %}""",
    "menu.html": """\
<nav>{% for link in links %}<a href="{{ link.url }}"{% if link.url == path %} class="here"{% endif %}>\
{{ link.title }}</a>{% endfor %}</nav>""",
    "foot.html": "<footer>{{ year }} {{ company }}, {% now 'Y' %}</footer>",
    "row.html": """\
<tr data-key="{{ r.id }}"><td>{{ r.name }}</td><td>{{ r.email }}</td><td>{{ r.joined|date:"j M Y" }}</td>\
<td>{{ r.price|floatformat:2 }}</td><td>{% stars r.stock %}</td></tr>""",
    "page.html": """\
{% extends "base.html" %}{% block title %}Orders of {{ user.name|title }}{% endblock %}
{% block main %}<form method="post">{{ form.non_field_errors }}
{% for field in form %}<p>{{ field.label_tag }} {{ field }}{{ field.errors }}</p>{% endfor %}
<button>Save</button></form>
<p>{{ rows|length }} order{{ rows|pluralize }}, last seen {{ user.seen|date }}</p>
<table><tbody>{% for r in rows %}{% include "row.html" %}{% empty %}<tr><td>None</td></tr>{% endfor %}
</tbody></table>{% endblock %}""",
}


class OrderForm(forms.Form):
    name = forms.CharField(max_length=40)
    email = forms.EmailField(help_text="For the receipt")
    kind = forms.ChoiceField(choices=[("a", "Air"), ("s", "Sea"), ("r", "Road")])
    gift = forms.BooleanField(required=False)
    note = forms.CharField(widget=forms.Textarea, required=False)


def set_up() -> None:
    """A Django project without a database."""
    settings.configure(
        USE_TZ=True,
        INSTALLED_APPS=[],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.cached.Loader",
                            [("django.template.loaders.locmem.Loader", LIBRARY)],
                        )
                    ],
                    "builtins": ["benches.server.tags"],
                },
            }
        ],
    )
    django.setup()


def values(number: int) -> dict[str, Any]:
    """The values of one row."""
    return {
        "id": number,
        "name": f"Customer {number} & Sons",
        "email": f"Customer{number}@Example.org",
        "price": number * 1.237,
        "ratio": number / 8,
        "note": "" if number % 3 else f"a note that is long, number {number}",
        "stock": number % 20,
        "active": number % 2 == 0,
    }


@cache
def row_model() -> Any:
    """A model with the fields of a row; no table of a database is ever asked for."""
    from django.db import models

    class Row(models.Model):
        name = models.CharField(max_length=99)
        email = models.CharField(max_length=99)
        price = models.FloatField()
        ratio = models.FloatField()
        note = models.TextField()
        stock = models.IntegerField()
        active = models.BooleanField()

        class Meta:
            app_label = "bench"

        def __str__(self) -> str:
            return self.name

    return Row


class Row:
    """A plain object with the values of a row."""

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


def rows(kind: str, count: int = ROWS) -> list[Any]:
    """Rows as dictionaries, plain objects or instances of a model."""
    makers: dict[str, Any] = {"dicts": dict, "objects": Row}
    make = makers[kind] if kind in makers else row_model()
    return [make(**values(number)) for number in range(1, count + 1)]


KINDS = ["dicts", "objects", "model instances"]
