"""While a site is developed, the log names each line that takes a query for each row."""

import logging

import pytest
from data import by_us

from djust.queries import lazy
from tests.orm.shop.models import Author, Book


@pytest.fixture
def told(settings, caplog):
    settings.DEBUG = True
    lazy.told.clear()
    caplog.set_level(logging.WARNING, "djust.queries")
    return lambda: [
        record.getMessage() for record in caplog.records if record.name == "djust.queries"
    ]


def rows(queryset):
    return lambda: {"rows": queryset(), "manager": Book.objects}


LINES = {
    "{{ b.tags.count }}": (Book.objects.all, "54 queries for rows of shop.Tag that belong to shop.Book. Annotate what count() gives, or read .all|length."),
    "{{ b.tags.first }}": (Book.objects.all, "54 queries for rows of shop.Tag that belong to shop.Book. Fetch them with the rows: prefetch_related()."),
    "{{ b.title }}": (lambda: list(Book.objects.only("pages")), "54 queries for shop.Book.title, a column left out. Fetch 'title' with the rows: see only()."),
    "{% for o in manager.all %}{% endfor %}": (lambda: Book.objects.order_by("pk")[:3], "3 queries for rows of shop.Book. Fetch them once, in the view."),
}  # fmt: skip


@pytest.mark.parametrize("body", LINES)
def test_a_query_for_each_row_is_told_with_its_line_and_a_remedy(told, body):
    queryset, text = LINES[body]
    by_us("\n{% for b in rows %}\n" + body + "{% endfor %}", rows(queryset))
    assert told() == ["a template string, line 3: " + text]


def test_a_relation_that_is_asked_for_before_the_loop_is_told(told):
    source = "{% for b in rows|dictsort:'author.name' %}{{ b.title }}{% endfor %}"
    by_us(source, rows(lambda: list(Book.objects.all())))
    text = "54 queries for shop.Book.author. Fetch it with the rows: select_related('author')."
    assert told() == ["a template string, line 1: " + text]


def test_what_was_told_is_not_told_again_in_the_next_render(told):
    source = "{% for b in rows %}{{ b.tags.count }}{% endfor %}"
    by_us(source, rows(Book.objects.all))
    by_us(source, rows(Book.objects.all))
    assert len(told()) == 1


def test_nothing_is_told_of_what_is_fetched_for_all_rows(told):
    source = "{% for b in rows %}{{ b.author.name }}{% for t in b.tags.all %}{{ t }}{% endfor %}{% endfor %}"
    by_us(source, rows(Book.objects.all))
    by_us(source, rows(lambda: list(Book.objects.all())))
    by_us("{% for a in rows %}{{ a.profile.website }}{% endfor %}", rows(Author.objects.all))
    assert told() == []


def test_nothing_is_told_in_production(told, settings):
    settings.DEBUG = False
    by_us("{% for b in rows %}{{ b.tags.count }}{% endfor %}", rows(Book.objects.all))
    assert told() == []
