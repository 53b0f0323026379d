"""The real pages by name: how to fetch each, and the database that they show."""

import datetime
import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from tests.real_templates.models import Author, Book, Chapter, Tag

NOON = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc)

# A page is an address, perhaps with what is posted, for a visitor ("") or for the administrator.
PAGES: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "admin: login": ("", "/admin/login/?next=/admin/", None),
    "admin: login refused": ("", "/admin/login/", {"username": "x", "password": "y"}),
    "admin: index": ("admin", "/admin/", None),
    "admin: application": ("admin", "/admin/library/", None),
    "admin: changelist": ("admin", "/admin/library/book/", None),
    "admin: changelist filtered": ("admin", "/admin/library/book/?language__exact=de&o=-1.2", None),
    "admin: changelist searched": ("admin", "/admin/library/book/?q=book+1", None),
    "admin: changelist, page 2": ("admin", "/admin/library/book/?p=2", None),
    "admin: changelist empty": ("admin", "/admin/library/book/?q=nothing", None),
    "admin: changelist of users": ("admin", "/admin/auth/user/", None),
    "admin: add": ("admin", "/admin/library/book/add/", None),
    "admin: add with errors": ("admin", "/admin/library/book/add/", {"title": ""}),
    "admin: add user": ("admin", "/admin/auth/user/add/", None),
    "admin: change": ("admin", "/admin/library/book/1/change/", None),
    "admin: change user": ("admin", "/admin/auth/user/1/change/", None),
    "admin: popup": ("admin", "/admin/library/author/add/?_popup=1", None),
    "admin: history": ("admin", "/admin/library/book/1/history/", None),
    "admin: delete": ("admin", "/admin/library/author/1/delete/", None),
    "admin: delete selected": (
        "admin",
        "/admin/library/book/",
        {"action": "delete_selected", "_selected_action": ["1", "2"]},
    ),
    "admin: password": ("admin", "/admin/password_change/", None),
    "admin: missing": ("admin", "/admin/library/book/9999/change/", None),
    "allauth: login": ("", "/accounts/login/", None),
    "allauth: login refused": ("", "/accounts/login/", {"login": "x", "password": "y"}),
    "allauth: signup": ("", "/accounts/signup/", None),
    "allauth: signup refused": ("", "/accounts/signup/", {"username": "x", "password1": "y"}),
    "allauth: password reset": ("", "/accounts/password/reset/", None),
    "allauth: reset done": ("", "/accounts/password/reset/done/", None),
    "allauth: logout": ("admin", "/accounts/logout/", None),
    "allauth: email": ("admin", "/accounts/email/", None),
    "allauth: password change": ("admin", "/accounts/password/change/", None),
    "allauth: code": ("", "/accounts/login/code/", None),
    "crispy: form": ("", "/contact/", None),
    "crispy: form with errors": ("", "/contact/", {"name": "", "email": "no", "topic": "z"}),
    "crispy: formset": ("", "/formset/", None),
    "own: table": ("", "/books/", None),
}


def fill_database() -> None:
    User.objects.create_superuser("admin", "admin@example.org", "secret", date_joined=NOON)
    tags = [Tag.objects.create(name=name) for name in ("new", "old", "sale")]
    authors = [Author.objects.create(name=f"Author <{n}>", email=f"{n}@x.org") for n in range(5)]
    for number in range(120):
        book = Book.objects.create(
            title=f"Book {number} & co",
            author=authors[number % 5],
            language="de" if number % 3 else "en",
            price=None if number % 7 == 0 else number * 1234 / 100,
            published=datetime.date(2020 + number % 4, 1 + number % 12, 1 + number % 28),
            created=NOON,
            is_printed=number % 2 == 0,
        )
        book.tags.add(tags[number % 3])
    Chapter.objects.create(book_id=1, title="First <chapter>")


def visit(name: str) -> tuple[int, str]:
    """The status and the HTML of a page, without what is random for each request."""
    who, address, posted = PAGES[name]
    client = Client()
    if who:
        client.force_login(
            User.objects.get(username=who), "django.contrib.auth.backends.ModelBackend"
        )
        User.objects.update(last_login=NOON)
    fetch: Callable[..., Any] = client.get if posted is None else client.post
    response = fetch(address, posted) if posted is not None else fetch(address)
    return response.status_code, masked(response.content.decode())


def masked(html: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", html)
