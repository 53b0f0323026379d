"""Books and authors: one of every kind of field and relation that the admin treats in its own way."""

from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=80)
    email = models.EmailField(blank=True)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.SlugField()

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    title = models.CharField(max_length=120, help_text="As on the <b>cover</b>.")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag, blank=True)
    language = models.CharField(max_length=2, choices=[("en", "English"), ("de", "German")])
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    published = models.DateField(null=True, blank=True)
    created = models.DateTimeField()
    is_printed = models.BooleanField(default=True)
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class Chapter(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    title = models.CharField(max_length=80)
    pages = models.PositiveIntegerField(default=10)

    def __str__(self) -> str:
        return self.title
