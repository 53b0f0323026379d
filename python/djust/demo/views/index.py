"""The index: an ordinary Django view that links the live ones and shows their source."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.views.generic import TemplateView

from djust.demo.models import Product, Todo
from djust.demo.source import highlight

DEMO = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Page:
    """One live page as the index shows it: `name` is its URL name and the stem of its files."""

    name: str
    title: str
    text: str

    @property
    def preview(self):
        return f"djust_demo/previews/{self.name}.html"

    @property
    def sources(self):
        return sources(self.name)


@cache
def sources(name):
    """The two files of a page, coloured: the view, then the template."""
    view, template = DEMO / f"views/{name}.py", DEMO / f"templates/djust_demo/{name}.html"
    return [
        {"kind": "view", "file": f"views/{name}.py", "html": highlight(read(view), "python")},
        {"kind": "template", "file": f"{name}.html", "html": highlight(read(template), "template")},
    ]


def read(path):
    return path.read_text(encoding="utf-8").strip()


PAGES = [
    Page(
        "counter",
        "Counter",
        "One number on the server, two buttons. The count fills a text, an attribute and a class; "
        "a click brings back a frame of ten bytes.",
    ),
    Page(
        "todos",
        "To-dos",
        "Rows of a database table: add, tick, rename in place, reorder. Each row is known by its "
        "key, so the title you are half-way through typing stays where it is.",
    ),
    Page(
        "search",
        "Search",
        "Two thousand products in SQLite, searched while you type. One decorator says how long to "
        "wait for the next key; a few rows come back, not a page.",
    ),
    Page(
        "booking",
        "Booking",
        "A Django form with its own fields, widgets and errors. A message appears under one field "
        "while you type in another; the rest of the form stays untouched.",
    ),
    Page(
        "table",
        "Table",
        "A thousand rows of four cells. Edit one and one cell travels; shuffle them all and the "
        "browser moves the rows that it already has.",
    ),
]


class IndexView(TemplateView):
    template_name = "djust_demo/index.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            pages=PAGES,
            todos=Todo.objects.all()[:4],
            products=Product.objects.filter(name__contains="Oak Lamp")[:4],
            **kwargs,
        )
