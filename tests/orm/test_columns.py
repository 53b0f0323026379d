"""What is not in the HTML is not fetched: the columns of each query, and when all of them are."""

import re

import pytest
from data import by_us, compared
from django.db.models import F
from django.db.models.signals import post_init

from tests.orm.shop.models import Author, Book, Paperback, Publisher, Review, Tag, Watched


def columns(sql):
    """``table.column`` of everything between SELECT and FROM."""
    selected = re.match(r"SELECT (.*?) FROM ", sql)[1]
    return {
        f"{table.removeprefix('shop_')}.{column}"
        for table, column in re.findall(r'"(\w+)"\."(\w+)"', selected)
    }


def fetched(source, queryset):
    return [columns(sql) for sql in compared(source, lambda: {"rows": queryset()})[1].queries]


KEYS = {"book.id", "book.author_id", "book.editor_id"}


def test_only_columns_that_are_read_and_keys_are_fetched():
    (books,) = fetched("{% for b in rows %}{{ b.title }}{% endfor %}", Book.objects.all)
    assert books == KEYS | {"book.title"}


def test_joined_rows_have_only_the_columns_that_are_read():
    source = "{% for b in rows %}{{ b.pages }}{{ b.author.name|upper }}{% endfor %}"
    (books,) = fetched(source, Book.objects.all)
    authors = {"author.id", "author.name", "author.publisher_id", "author.mentor_id"}
    assert books == KEYS | {"book.pages"} | authors


def test_listed_rows_have_only_the_columns_that_are_read():
    source = "{% for b in rows %}{% for t in b.tags.all %}{{ t.label }}{% endfor %}{% endfor %}"
    books, tags = fetched(source, Book.objects.all)
    assert books == KEYS
    assert tags == {"tag.id", "tag.label", "tagging.book_id"}


def test_conditions_arguments_of_tags_and_choices_are_reads():
    source = (
        "{% for b in rows %}{% if b.pages > 3 and b.editor_id %}{% twice b.title %}{% endif %}"
        "{{ b.get_state_display }}{% endfor %}"
    )
    (books,) = fetched(source, Book.objects.all)
    assert books == KEYS | {"book.title", "book.pages", "book.state"}


def test_rows_of_a_child_model_have_the_columns_of_both_tables_that_are_read():
    (papers,) = fetched(
        "{% for p in rows %}{{ p.price }}{{ p.title }}{% endfor %}", Paperback.objects.all
    )
    assert "book.body" not in papers
    assert {"paperback.price", "paperback.book_ptr_id", "book.title"} <= papers


def test_annotations_stay():
    def queryset():
        return Book.objects.annotate(double=F("pages") * 2)

    (books,) = fetched("{% for b in rows %}{{ b.double }}{% endfor %}", queryset)
    assert "book.body" not in books


SPOILED = {
    "a property": "{{ b.title }}{{ b.summary }}",
    "a method": "{{ b.title }}{{ b.credit }}",
    "the row itself": "{{ b }}",
    "a filter of the row": "{{ b.title }}{{ b|tag_names }}",
    "a tag with the row": "{% title_of b %}",
    "a tag that sees the context": "{{ b.title }}{% first_body %}",
    "a comparison": "{% if b == boss %}x{% endif %}",
    "a property of a related row": "{{ b.author.name }}{{ b.editor.publisher }}",
    "a property of a listed row": "{% for a in b.author.books.all %}{{ a.summary }}{% endfor %}",
    "an unknown name": "{{ b.nothing }}",
}


@pytest.mark.parametrize("name", SPOILED)
def test_all_columns_are_fetched_where_any_may_be_read(name):
    source = "{% for b in rows %}" + SPOILED[name] + "{% endfor %}"
    assert "book.body" in fetched(source, Book.objects.all)[0]


def test_what_a_list_reads_of_the_row_that_it_came_from_is_there():
    source = "{% for a in rows %}{% for b in a.books.all %}{{ b.author.biography }}{% endfor %}{% endfor %}"
    authors, books = fetched(source, Author.objects.all)
    assert "author.biography" in authors
    assert "book.body" not in books


def test_a_property_that_reads_an_unmentioned_column_takes_no_query_for_each_row():
    source = "{% for b in rows %}{{ b.summary }}{{ b.author.name }}{% endfor %}"
    theirs, ours = compared(source, lambda: {"rows": Book.objects.all()})
    assert (theirs.count, ours.count) == (55, 1)


def test_all_columns_are_fetched_where_code_of_the_project_sees_rows_being_made():
    source = "{% for r in rows %}{{ r.name }}{% endfor %}"
    assert "watched.weight" in fetched(source, Watched.objects.all)[0]

    def look(sender, instance, **kwargs):
        assert "meaning" in instance.__dict__

    post_init.connect(look, sender=Tag)
    try:
        (tags,) = fetched("{% for r in rows %}{{ r.label }}{% endfor %}", Tag.objects.all)
    finally:
        post_init.disconnect(look, sender=Tag)
    assert "tag.meaning" in tags


def test_rows_that_somebody_keeps_have_all_columns():
    kept = Book.objects.all()
    ours = by_us("{% for b in rows %}{{ b.title }}{% endfor %}", lambda: {"rows": kept})
    assert "book.body" in columns(ours.queries[0])
    assert not kept[0].get_deferred_fields()


def test_a_name_that_is_used_in_two_places_has_the_columns_of_both():
    source = "{% for b in rows %}{{ b.title }}{% endfor %}{% with r=rows %}{% for b in r %}{{ b.pages }}{% endfor %}{% endwith %}{{ rows.0.state }}"
    (books,) = fetched(source, Book.objects.all)
    assert books == KEYS | {"book.title", "book.pages", "book.state"}


def test_a_test_of_a_related_row_reads_its_key():
    source = "{% for r in rows %}{% if r.critic %}{{ r.stars }}{% endif %}{% endfor %}"
    (reviews,) = fetched(source, Review.objects.all)
    assert "author.biography" not in reviews


def test_every_column_is_no_reason_for_a_clone():
    source = "{% for p in rows %}{{ p.name }}{{ p.history }}{{ p.country_id }}{% endfor %}"
    (publishers,) = fetched(source, Publisher.objects.all)
    assert len(publishers) == 4
