"""Tags that Django renders: one that is given values, and one that sees the whole context."""

from django import template

register = template.Library()


@register.simple_tag
def title_of(book):
    return f"{book.title} of {book.author.name}"


@register.simple_tag
def twice(value):
    return f"{value}{value}"


@register.simple_tag(takes_context=True)
def first_body(context):
    return next((book.body for book in context.get("books", ())), "")


@register.filter
def shout(value):
    return str(value).upper()


@register.filter
def tag_names(book):
    return ", ".join(tag.meaning for tag in book.tags.all())


@register.filter
def shortened(books):
    return books.only("title")
