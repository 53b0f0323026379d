"""A small library of fifty books, the same in every run, and how both engines read it."""

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import QuerySet
from django.template import Context, engines
from django.test.utils import CaptureQueriesContext

from djust.queries import OWN
from djust.rendering import LiveTemplate
from tests.orm.shop import models


def fill():
    if models.Book.objects.exists():
        return
    countries = [models.Country.objects.create(name=name) for name in ("Chad", "Peru")]
    publishers = [
        models.Publisher.objects.create(name=f"P{number}", country=countries[number % 2])
        for number in range(3)
    ]
    authors = []
    for number in range(6):
        authors.append(
            models.Author.objects.create(
                name=f"Author {number}",
                publisher=publishers[number % 3] if number != 4 else None,
                mentor=authors[number // 2] if number > 1 else None,
            )
        )
        if number % 2:
            models.Profile.objects.create(author=authors[-1], website=f"a{number}.example")
    tags = [models.Tag.objects.create(label=f"t{number}") for number in range(5)]
    shelves = [models.Shelf.objects.create(code=code) for code in ("a", "A", "b")]
    for number in range(50):
        book = models.Book.objects.create(
            title=f"{'Lost' if number % 7 == 3 else 'Book'} {number:02}",
            pages=number * 7,
            state="nu"[number % 2],
            body=f"body of {number}",
            author=authors[number % 6],
            editor=authors[number % 4] if number % 3 else None,
        )
        for place in range(number % 4):
            models.Tagging.objects.create(book=book, tag=tags[(number + place) % 5], weight=place)
        for stars in range(number % 3):
            critic = authors[(number + stars) % 6] if stars else None
            models.Review.objects.create(book=book, stars=stars, critic=critic)
        models.Copy.objects.create(shelf=shelves[number % 3], book=book, lost_author=authors[0])
        if number % 5 == 0:
            models.Note.objects.create(text=f"note {number}", target=book)
    for author in authors[:3]:
        models.Note.objects.create(text=author.name, target=author)
    for number in range(4):
        models.Paperback.objects.create(
            title=f"Paper {number}", author=authors[number], price=number, body="thin"
        )
        models.Watched.objects.create(name=f"watched {number}")
    # Something that is noted of an object that is gone.
    kind = ContentType.objects.get_for_model(models.Book)
    models.Note.objects.create(text="dangling", target_type=kind, target_id=10**6)


def library():
    """The values of a context, with querysets that were not evaluated."""
    return {
        "books": models.Book.objects.filter(title__lt="P"),
        "authors": models.Author.objects.order_by("pk"),
        "publishers": models.Publisher.objects.all(),
        "notes": models.Note.objects.all(),
        "papers": models.Paperback.objects.all(),
        "used": models.UsedBook.objects.filter(title__lt="P"),
        "shelves": models.Shelf.objects.order_by("code"),
        "copies": models.Copy.objects.all(),
        "watched": models.Watched.objects.all(),
        "boss": models.Author.objects.get(name="Author 1"),
        "favourites": [models.Author.objects.get(name="Author 2")],
        "book": models.Book.objects.get(title="Book 02"),
        "manager": models.Book.objects,
    }


def lists():
    """The same with lists in the place of querysets."""
    return {
        name: list(value) if isinstance(value, QuerySet) else value
        for name, value in library().items()
    }


class Outcome:
    """What one render printed or raised, and which queries it took."""

    def __init__(self, render, context):
        with CaptureQueriesContext(connection) as captured:
            try:
                self.html = render(context)
            except Exception as error:
                self.html = f"{type(error).__name__}: {error}"
        self.queries = [query["sql"] for query in captured.captured_queries]
        self.count = len(self.queries)


def compiled(source):
    return engines["django"].from_string(source).template


def own(values):
    """A context as a live view makes it: nobody else holds what it holds."""
    context = Context(values)
    setattr(context, OWN, True)
    return context


def by_django(source, values):
    ContentType.objects.clear_cache()
    return Outcome(compiled(source).render, Context(values()))


def by_us(source, values, template=None):
    ContentType.objects.clear_cache()
    live = LiveTemplate.of(template or compiled(source))
    return Outcome(live.render_html, own(values()))


def compared(source, values):
    """Both outcomes, after a look at what must always hold."""
    theirs, ours = by_django(source, values), by_us(source, values)
    assert ours.html == theirs.html
    assert ours.count <= theirs.count, "\n".join(ours.queries)
    return theirs, ours
