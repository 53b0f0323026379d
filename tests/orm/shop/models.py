"""Books with every kind of relation that Django has, and with what makes queries hard to foresee."""

from functools import cached_property

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=30)
    anthem = models.TextField(default="la la la")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name


class Publisher(models.Model):
    name = models.CharField(max_length=30)
    country = models.ForeignKey(Country, models.CASCADE, related_name="publishers")
    history = models.TextField(default="founded long ago")

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.name} ({self.country.name})"


class Author(models.Model):
    name = models.CharField(max_length=30)
    publisher = models.ForeignKey(Publisher, models.SET_NULL, null=True, related_name="authors")
    mentor = models.ForeignKey("self", models.SET_NULL, null=True, related_name="pupils")
    biography = models.TextField(default="born, wrote")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name


class Profile(models.Model):
    author = models.OneToOneField(Author, models.CASCADE, related_name="profile")
    website = models.CharField(max_length=50)
    notes = models.TextField(default="notes")


class Tag(models.Model):
    label = models.CharField(max_length=30, unique=True)
    meaning = models.TextField(default="means something")

    class Meta:
        ordering = ["label"]

    def __str__(self):
        return self.label


class AvailableManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().exclude(title__startswith="Lost")


class BookQuerySet(models.QuerySet):
    def long(self):
        return self.filter(pages__gt=200)


class Book(models.Model):
    STATES = [("n", "new"), ("u", "used")]

    title = models.CharField(max_length=50)
    pages = models.IntegerField(default=100)
    state = models.CharField(max_length=1, choices=STATES, default="n")
    body = models.TextField(default="once upon a time")
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    editor = models.ForeignKey(Author, models.SET_NULL, null=True, related_name="edited")
    tags = models.ManyToManyField(Tag, through="Tagging", related_name="books")
    notes = GenericRelation("Note", "target_id", "target_type")

    objects = BookQuerySet.as_manager()
    available = AvailableManager()

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self):
        return f"{self.title} by {self.author.name}"

    @property
    def summary(self):
        return self.body[:10]

    @cached_property
    def first_word(self):
        return self.body.split()[0]

    def credit(self):
        return f"{self.author.name}, {self.author.publisher}"


class Tagging(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.CASCADE)
    weight = models.IntegerField(default=1)

    class Meta:
        ordering = ["pk"]


class Paperback(Book):
    """Multi-table inheritance."""

    price = models.IntegerField(default=5)


class UsedBook(Book):
    class Meta:
        proxy = True
        ordering = ["-title", "pk"]

    @property
    def loud(self):
        return self.title.upper()


class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    stars = models.IntegerField()
    critic = models.ForeignKey(Author, models.SET_NULL, null=True)
    text = models.TextField(default="good")

    class Meta:
        ordering = ["pk"]


class Note(models.Model):
    text = models.CharField(max_length=30)
    target_type = models.ForeignKey(ContentType, models.CASCADE)
    target_id = models.PositiveIntegerField()
    target = GenericForeignKey("target_type", "target_id")

    class Meta:
        ordering = ["pk"]


class Shelf(models.Model):
    """A key of text, which databases compare in ways of their own, and rows without an order."""

    code = models.CharField(max_length=10, primary_key=True)


class Copy(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="copies")
    book = models.ForeignKey(Book, models.CASCADE, related_name="copies")
    lost_author = models.ForeignKey(
        Author, models.DO_NOTHING, db_constraint=False, related_name="+", default=1
    )


class Watched(models.Model):
    """A model whose rows are looked at when they are made."""

    name = models.CharField(max_length=30)
    weight = models.TextField(default="heavy")

    class Meta:
        ordering = ["pk"]

    @classmethod
    def from_db(cls, db, field_names, values):
        row = super().from_db(db, field_names, values)
        row.seen = row.weight
        return row
