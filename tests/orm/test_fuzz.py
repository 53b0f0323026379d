"""Random templates over random querysets, rendered again and again while the database changes:
Django's output each time, and never more queries.

``DJUST_FUZZ=10000 scripts/test orm`` runs as many cases. What once failed stands in test_templates.py.
"""

import os
import random

import pytest
from data import by_django, by_us, compiled
from django.db import transaction
from django.db.models import Count, F, Prefetch

from tests.orm.shop.models import (
    Author,
    Book,
    Country,
    Note,
    Paperback,
    Publisher,
    Review,
    Tag,
    Tagging,
    UsedBook,
)  # fmt: skip

CASES = int(os.environ.get("DJUST_FUZZ", "300"))

# By model: columns and other words, relations to one object, relations to several.
WORDS = {
    Book: ("title pages pk author_id get_state_display summary first_word credit nothing", {"author": Author, "editor": Author, "paperback": Paperback}, {"tags": Tag, "reviews": Review, "taggings": Tagging, "notes": Note}),
    Author: ("name id publisher_id biography", {"publisher": Publisher, "mentor": Author, "profile": None}, {"books": Book, "edited": Book, "pupils": Author}),
    Publisher: ("name history", {"country": Country}, {"authors": Author}),
    Country: ("name", {}, {"publishers": Publisher}),
    Tag: ("label meaning", {}, {"books": Book}),
    Tagging: ("weight", {"book": Book, "tag": Tag}, {}),
    Review: ("stars text", {"book": Book, "critic": Author}, {}),
    Note: ("text", {"target": Book}, {}),
    Paperback: ("title price", {"author": Author, "book_ptr": Book}, {"tags": Tag}),
    UsedBook: ("title loud", {"author": Author}, {"reviews": Review}),
}  # fmt: skip


class Writer:
    """Writes one random template over ``rows``, which are of one model."""

    def __init__(self, choice):
        self.choice = choice
        self.names = 0

    def pick(self, *options):
        return self.choice.choice(options)

    def body(self, name, model, depth):
        return "".join(self.part(name, model, depth) for _ in range(self.choice.randint(1, 3)))

    def part(self, name, model, depth):
        _, ones, lists = WORDS[model]
        pick = self.choice.random()
        if pick < 0.35 or depth == 0:
            path, model = self.path(name, model)
            return "{{ " + path + self.pick("", "", "", "|upper", "|default:'-'", "|shout") + " }} "
        if pick < 0.5:
            test = self.path(name, model)[0] + self.pick("", "", " == boss", " > 'B'")
            return "{% if " + test + " %}" + self.body(name, model, depth - 1) + "{% endif %}"
        if pick < 0.75 and lists:
            relation = self.choice.choice(list(lists))
            if self.choice.random() < 0.2:
                return (
                    "{{ "
                    + f"{name}.{relation}."
                    + self.pick(
                        "count", "all.count", "first", "all|length", "all|join:','", "all|first"
                    )
                    + " }}"
                )
            new = self.new()
            sequence = f"{name}.{relation}.all" + self.pick(
                "", "", "", "", "|slice:':2'", "|dictsort:'pk'"
            )
            return (
                "{% for "
                + f"{new} in {sequence}"
                + " %}"
                + self.body(new, lists[relation], depth - 1)
                + "{% empty %}-{% endfor %}"
            )
        if pick < 0.85 and ones:
            relation = self.choice.choice([each for each in ones if ones[each]] or [None])
            if relation:
                new = self.new()
                return (
                    "{% with "
                    + f"{new}={name}.{relation}"
                    + " %}"
                    + self.body(new, ones[relation], depth - 1)
                    + "{% endwith %}"
                )
        if pick < 0.9:
            return self.pick(
                "{% first_body %}",
                "{% twice " + name + ".pk %}",
                "{% cycle 'a' 'b' %}",
                "{{ rows.count }}",
                "{{ forloop.counter }}",
                "{{ rows|length }}",
            )
        if pick < 0.93 and model is Book:
            return self.pick("{% title_of " + name + " %}", "{{ " + name + "|tag_names }}")
        return "."

    def path(self, name, model):
        while True:
            words, ones, _ = WORDS[model]
            if not ones or self.choice.random() < 0.5:
                if self.choice.random() < 0.1:
                    return name, model
                return f"{name}.{self.choice.choice(words.split())}", model
            relation = self.choice.choice(list(ones))
            name = f"{name}.{relation}"
            if ones[relation] is None:
                return name + self.pick("", ".name", ".website", ".pk"), model
            model = ones[relation]

    def new(self):
        self.names += 1
        return f"n{self.names}"

    def loop(self, model):
        new = self.new()
        sequence = self.pick(
            "rows",
            "rows",
            "rows",
            "rows.all",
            "rows|slice:':5'",
            "rows|dictsort:'pk'",
            "rows reversed",
        )
        return (
            "{% for " + f"{new} in {sequence}" + " %}" + self.body(new, model, 3) + "{% endfor %}"
        )

    def template(self, model):
        head = self.pick(
            "",
            "",
            "",
            "{% if rows %}x{% endif %}",
            "{{ rows.first.pk }}",
            "{{ rows.count }}",
            "{% first_body %}",
            "{{ rows|length }}",
        )
        tail = self.pick("", "", "", self.loop(model), "{{ rows.count }}")
        around = self.pick(
            ("", ""),
            ("", ""),
            ("{% with list=rows %}", "{% endwith %}"),
            ("{% if boss %}", "{% endif %}"),
        )
        return head + around[0] + self.loop(model) + around[1] + tail


def shaped(choice, model):
    """A function that makes a queryset or a list, the same each time."""
    steps = []
    order = choice.choice([["pk"], ["-pk"], None])
    for _ in range(choice.choice([0, 0, 0, 1, 1, 2])):
        steps.append(choice.choice(["slice", "one", "defer", "only", "prefetch", "annotate", "aggregate", "distinct", "filter", "union", "custom prefetch"]))  # fmt: skip
    words, ones, lists = WORDS[model]
    field = words.split()[0]
    one = next(
        (each for each in ones if each not in ("target", "profile", "paperback", "book_ptr")), None
    )
    many = next(iter(lists), None)

    def make():
        rows = model._default_manager.order_by(*order) if order else model._default_manager.all()
        for step in steps:
            if step == "slice":
                rows = rows[1:9]
            elif rows.query.is_sliced or rows.query.combinator:
                pass
            elif step == "one" and one:
                rows = rows.select_related(one)
            elif step == "defer":
                rows = rows.defer(field)
            elif step == "only":
                rows = rows.only(field)
            elif step == "prefetch" and many:
                rows = rows.prefetch_related(many)
            elif step == "custom prefetch" and one:
                rows = rows.prefetch_related(Prefetch(one, ones[one]._base_manager.order_by("pk")))
            elif step == "annotate":
                rows = rows.annotate(extra_key=F("pk") + 1)
            elif step == "aggregate" and many:
                rows = rows.annotate(how_many=Count(many))
            elif step == "distinct":
                rows = rows.distinct()
            elif step == "filter":
                rows = rows.filter(pk__gt=2)
            elif step == "union":
                rows = (
                    rows.order_by().filter(pk=1).union(rows.order_by().filter(pk=3)).order_by("id")
                )
        return rows

    return make, steps, order


def changes(choice):
    """What happens to the database between two renders."""
    number = choice.randint(1, 40)
    return choice.choice([
        lambda: None,
        lambda: Author.objects.update(name=F("biography")),
        lambda: Book.objects.filter(pk__lt=number).update(title="Changed", editor_id=1),
        lambda: Tagging.objects.filter(book_id__lt=number).delete(),
        lambda: Review.objects.create(book_id=number, stars=5),
        lambda: Book.objects.filter(pk__gt=number).update(pages=0, state="u"),
    ])  # fmt: skip


@pytest.mark.parametrize("part", range(10))
def test_random_templates_render_alike_and_take_no_more_queries(part):
    for seed in range(part, CASES, 10):
        check(seed)


def check(seed):
    choice = random.Random(seed)
    model = choice.choice(
        [Book, Book, Book, Author, Author, Publisher, Tag, Review, Note, Paperback, UsedBook]
    )
    source = Writer(choice).template(model)
    make, steps, order = shaped(choice, model)
    mode = choice.choice(["own", "own", "kept", "kept", "list", "function"])
    happens = [changes(choice) for _ in range(choice.choice([0, 0, 1, 2]))]

    def renders(render, argument):
        """What each of several renders gives, with the same view state."""
        rows = make()
        if mode == "list":
            rows = list(rows)
        boss = Author.objects.get(name="Author 1")
        kept = rows if mode in ("kept", "list") else None
        del rows
        outcomes = []

        def values():
            rows = kept if kept is not None else (make if mode == "function" else make())
            return {"rows": rows, "books": [], "boss": boss}

        with transaction.atomic():
            for happen in [None, *happens]:
                if happen:
                    happen()
                outcomes.append(render(argument, values))
            transaction.set_rollback(True)
        return outcomes

    theirs = renders(by_django, source)
    template = compiled(source)
    ours = renders(lambda argument, values: by_us(argument, values, template), source)
    told = f"seed {seed}: {model.__name__} {order} {steps} {mode}\n{source}"
    for their, our in zip(theirs, ours, strict=True):
        assert our.html == their.html, told
        assert our.count <= their.count, told + "\n" + "\n".join(our.queries[:20])
