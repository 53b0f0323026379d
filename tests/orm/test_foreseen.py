"""The queries that a template is said to take are those that it takes."""

import pytest
from data import by_us, compiled

from djust.lowering import lower
from djust.queries.foreseen import foreseen
from djust.queries.paths import Paths
from tests.orm.shop import models

# For each template: the model of its rows, and the queries that follow the first.
FURTHER = {
    "{% for b in rows %}{{ b.title }} {{ b.author.name }}{% endfor %}": ("Book", []),
    "{% for b in rows %}{{ b.title }}{{ b.author.publisher.country.name }}{% for t in b.tags.all %}{{ t.label }}{% endfor %}{% endfor %}": ("Book", ["rows[].tags.all: shop.Tag.only('id', 'label')"]),
    "{% for a in rows %}{{ a.name }}{% for b in a.books.all %}{{ b.title }}{% endfor %}{{ a.profile.website }}{% endfor %}": ("Author", ["rows[].books.all: shop.Book.only('author', 'editor', 'id', 'title')"]),
    "{% for b in rows %}{{ b.title }}{{ b.summary }}{% endfor %}": ("Book", []),
    "{% for t in rows %}{{ t.tag.label }}{{ t.weight }}{% endfor %}": ("Tagging", []),
    "{% for b in rows %}{% for r in b.reviews.all %}{{ r.critic.name }}{% endfor %}{{ b.title }}{% endfor %}": ("Book", ["rows[].reviews.all: shop.Review.select_related('critic').only('book', 'critic', 'critic__id', 'critic__mentor', 'critic__name', 'critic__publisher', 'id')"]),
    "{% for b in rows %}{{ b.title }}{% for n in b.notes.all %}{{ n.pk }}{% endfor %}{% endfor %}": ("Book", ["rows[].notes.all: shop.Note.only('id', 'target_id', 'target_type')"]),
}  # fmt: skip


def queries(source):
    return foreseen(Paths(lower(compiled(source)).ops))


@pytest.mark.parametrize("source", FURTHER)
def test_the_queries_of_a_template_are_those_that_it_takes(source):
    name, further = FURTHER[source]
    model = getattr(models, name)
    first, *others = queries(source)
    assert others == further

    path, text = first.split(": ", 1)
    assert path == "rows"
    refined = text.replace(f"shop.{name}", "rows", 1)
    expected = eval(refined, {"rows": model.objects.order_by("pk")})
    ours = by_us(source, lambda: {"rows": model.objects.order_by("pk")})
    assert ours.queries[0] == str(expected.query)
    taken = [sql for sql in ours.queries if "django_content_type" not in sql]
    assert len(taken) == 1 + len(further)


def test_a_model_fits_that_has_all_names_and_one_of_its_own():
    assert queries("{% for x in rows %}{{ x.nothing }}{% endfor %}") == []
    assert queries("{% for x in rows %}{{ x }}{% endfor %}") == []
    assert queries("{% for x in rows %}{{ x.delete }}{% endfor %}") == []
    assert queries("{% for x in page.object_list %}{{ x.stars }}{% endfor %}") == [
        "page.object_list: shop.Review.only('book', 'critic', 'id', 'stars')"
    ]
