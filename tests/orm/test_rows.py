"""Querysets and rows belong to the project: what a render leaves of them, and what it never touches."""

import pickle
from copy import copy

import pytest
from data import by_django, by_us, compared
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Count, Prefetch, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.query import ModelIterable
from django.test.utils import CaptureQueriesContext
from django.utils.functional import SimpleLazyObject

from tests.orm.shop.models import Author, Book, Note, Tag, Tagging

LISTS = (
    "{% for b in rows %}{{ b.author.name }}{% for t in b.tags.all %}{{ t }}{% endfor %}{% endfor %}"
)


def test_rows_are_after_a_render_what_they_are_after_djangos():
    ours, theirs = list(Book.objects.all()), list(Book.objects.all())
    by_us(LISTS, lambda: {"rows": ours})
    by_django(LISTS, lambda: {"rows": theirs})
    for our, their in zip(ours, theirs, strict=True):
        assert vars(our).keys() == vars(their).keys()
        assert type(our._state.fields_cache) is dict
        assert our._state.fields_cache == their._state.fields_cache


def test_objects_that_no_row_was_asked_for_are_fetched_anew_later():
    """Only some rows show their author; when more do, they show what the database then holds."""
    source = "{% for b in rows %}{% if b.pages > least %}{{ b.author.name }}{% endif %}{% endfor %}"
    outcomes = []
    for render in (by_django, by_us):
        rows = list(Book.objects.all())
        Author.objects.update(name="before")
        render(source, lambda rows=rows: {"rows": rows, "least": 200})
        Author.objects.update(name="after")
        outcomes.append(render(source, lambda rows=rows: {"rows": rows, "least": 0}).html)
    assert outcomes[0] == outcomes[1]
    assert "before" in outcomes[1]
    assert "after" in outcomes[1]


def test_lists_are_asked_for_anew_in_each_render():
    kept = Book.objects.order_by("pk")
    first = by_us(LISTS, lambda: {"rows": kept})
    Tagging.objects.all().delete()
    second = by_us(LISTS, lambda: {"rows": kept})
    assert "t1" in first.html
    assert "t1" not in second.html
    assert (first.count, second.count) == (3, 1)


def test_a_kept_queryset_is_evaluated_once_as_with_django():
    kept = Book.objects.order_by("pk")
    by_us(LISTS, lambda: {"rows": kept})
    with CaptureQueriesContext(connection) as captured:
        titles = [book.title for book in kept]
        [book.author.name for book in kept]
    assert len(titles) == 54
    assert not captured.captured_queries


def test_a_prefetch_of_the_project_is_used_as_it_is():
    def rows():
        few = Prefetch("tags", Tag.objects.filter(label="t1"))
        return {"rows": Book.objects.prefetch_related(few, "author")}

    theirs, ours = compared(LISTS, rows)
    assert theirs.count == ours.count == 3


def test_rows_may_be_copied_and_pickled_while_a_template_renders():
    copies = []

    class Shelf:
        def take(self):
            copies.append(pickle.loads(pickle.dumps(rows[0])))
            copies.append(copy(rows[0]))

    rows = list(Book.objects.all())
    by_us(
        "{% for b in rows %}{{ b.author.name }}{{ shelf.take }}{% endfor %}",
        lambda: {"rows": rows, "shelf": Shelf()},
    )
    assert {each.author.name for each in copies} == {rows[0].author.name}
    assert {type(each._state.fields_cache) for each in copies} == {dict}


REFUSED = {
    "values": lambda: Book.objects.values("title", "author__name"),
    "values list": lambda: Book.objects.values_list("title", flat=True),
    "sliced": lambda: Book.objects.all()[3:9],
    "combined": lambda: Book.objects.filter(pk=1).union(Book.objects.filter(pk=2)),
    "raw": lambda: Book.objects.raw("SELECT * FROM shop_book ORDER BY id"),
    "only": lambda: Book.objects.only("pages"),
    "defer": lambda: Book.objects.defer("title"),
    "own relation": lambda: Book.objects.select_related("editor"),
    "all relations": lambda: Book.objects.select_related(),
    "distinct": lambda: Book.objects.distinct(),
    "grouped": lambda: Book.objects.annotate(n=Count("tags")),
    "own SQL in where": lambda: Book.objects.extra(where=["title > 'B'"]),
    "own SQL in select": lambda: Book.objects.extra(select={"n": "pages + 1"}),
    "evaluated": lambda: evaluated(Book.objects.all()),
    "own class": lambda: Own(Book).order_by("pk"),
    "own iterable": lambda: iterable(Book.objects.all()),
    "iterator": lambda: Book.objects.iterator(),
    "generator": lambda: (book for book in Book.objects.all()),
}


class Own(QuerySet):
    def _fetch_all(self):
        is_new = self._result_cache is None
        super()._fetch_all()
        for row in self._result_cache if is_new else ():
            row.title += "!"


class Loud(ModelIterable):
    def __iter__(self):
        for row in super().__iter__():
            row.title = row.title.upper()
            yield row


def iterable(queryset):
    queryset._iterable_class = Loud
    return queryset


def evaluated(queryset):
    len(queryset)
    return queryset


@pytest.mark.parametrize("name", REFUSED)
def test_a_queryset_with_a_shape_of_its_own_keeps_it(name):
    source = "{% for b in rows %}{{ b.title }}{{ b.author.name }}{{ b.editor.name }}{{ b.n }}{% endfor %}"
    theirs, ours = compared(source, lambda: {"rows": REFUSED[name]()})
    assert first_of_books(ours) == first_of_books(theirs)


def first_of_books(outcome):
    """The first query for books, without the name of a cursor."""
    return next(
        (sql.partition("SELECT")[2] for sql in outcome.queries if 'FROM "shop_book"' in sql), ""
    )


def test_sql_of_the_project_meets_no_joined_column_of_the_same_name():
    source = "{% for b in rows %}{{ b.n }}{{ b.author.name }}{% endfor %}"
    _, ours = compared(source, lambda: {"rows": Book.objects.annotate(n=RawSQL("id + 1", ()))})
    assert ours.count == 2


def test_locked_rows_are_not_joined():
    source = "{% for b in rows %}{{ b.editor.name }}{% endfor %}"
    with transaction.atomic():
        rows = Book.objects.select_for_update().filter(editor__isnull=False).order_by("pk")
        compared(source, lambda: {"rows": rows._chain()})


def test_a_page_of_a_paginator_is_a_list_of_rows():
    def rows():
        return {"rows": Paginator(Book.objects.order_by("pk"), 20).get_page(2)}

    theirs, ours = compared(LISTS, rows)
    assert (theirs.count, ours.count) == (41, 3)


def test_more_rows_than_one_query_can_take(monkeypatch):
    monkeypatch.setattr("djust.queries.rows.AT_ONCE", 20)
    theirs, ours = compared(LISTS, lambda: {"rows": list(Book.objects.order_by("pk"))})
    assert (theirs.count, ours.count) == (108, 6)


def test_a_row_whose_object_is_gone_raises_what_django_raises():
    books = list(Book.objects.all())
    books[3].author_id = 10**6

    def rows():
        for book in books:
            book._state.fields_cache.clear()
        return {"rows": books}

    _, ours = compared("{% for b in rows %}{% if b.author %}x{% endif %}{% endfor %}", rows)
    assert ours.html == "x" * 53


def test_rows_without_an_order_keep_the_one_that_the_database_gives():
    source = "{% for b in rows %}{{ b.pk }} {{ b.author.name }}{% endfor %}"
    _, ours = compared(source, lambda: {"rows": Book.objects.order_by("state")})
    assert "JOIN" not in ours.queries[0]
    _, ours = compared(source, lambda: {"rows": Book.objects.order_by("state", "pk")})
    assert "JOIN" in ours.queries[0]


def test_generic_relations_ask_once_for_each_kind():
    source = "{% for n in rows %}{{ n.target.pk }} {% endfor %}"
    _, ours = compared(source, lambda: {"rows": list(Note.objects.all())})
    targets = [sql for sql in ours.queries if "content_type" not in sql]
    assert len(targets) == 2


def test_a_tag_that_filters_what_it_is_given_gets_a_queryset_without_joins():
    """``only`` of a tag would contradict ``select_related`` of ours."""
    source = "{% for b in rows|shortened %}{{ b.title }}{% endfor %}{% for b in rows %}{{ b.author.name }}{% endfor %}"
    compared(source, lambda: {"rows": Book.objects.all()})


def test_an_error_in_a_loop_leaves_the_rows_as_they_were():
    rows = list(Book.objects.all())
    ours = by_us(
        "{% for b in rows %}{{ b.author.name }}{{ b.pages|divisibleby:0 }}{% endfor %}",
        lambda: {"rows": rows},
    )
    assert "Error" in ours.html
    assert all(type(row._state.fields_cache) is dict for row in rows)


def test_a_lazy_object_that_the_template_does_not_reach_is_not_evaluated():
    """As the ``user`` of each request, in a page that asks for it under a condition only."""
    lazy = "{% if shown %}{{ user.name }}{% for b in user.books.all %}{% endfor %}{% endif %}"
    values = {"user": SimpleLazyObject(lambda: Author.objects.first()), "shown": False}
    _, ours = compared(lazy, lambda: values)
    assert ours.count == 0
    rows = [SimpleLazyObject(lambda: Author.objects.first())]
    _, ours = compared(
        "{% for a in rows %}{{ forloop.counter }}{% endfor %}", lambda: {"rows": rows}
    )
    assert ours.count == 0
