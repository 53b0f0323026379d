"""An engine goes in; while the block runs, every template of Django renders with it.

``with_engine(render)`` redirects ``Template.render``, in which every render of Django's engine ends.
A render inside a render (what an opaque node does by itself) stays Django's. ``with_backend()``
gives the project djust's template backend and form renderer, as its settings could.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.template.base import Template
from django.template.context import Context
from django.test import override_settings
from django.utils.safestring import SafeString, mark_safe

from djust.testing import render_html

BACKEND = "djust.template.DjangoTemplates"

Render = Callable[[Template, Context], str]

with_django: Render = Template.render


def with_djust(template: Template, context: Context) -> SafeString:
    return mark_safe(render_html(template, context))


@contextmanager
def with_engine(render: Render) -> Iterator[None]:
    state = threading.local()

    def redirected(template: Template, context: Context) -> str:
        if getattr(state, "is_inside", False):
            return with_django(template, context)
        state.is_inside = True
        try:
            return render(template, context)
        finally:
            state.is_inside = False

    Template.render = redirected  # type: ignore[method-assign]
    try:
        yield
    finally:
        Template.render = with_django  # type: ignore[method-assign]


def with_backend() -> override_settings:
    templates = [{**engine, "BACKEND": BACKEND} for engine in settings.TEMPLATES]
    return override_settings(TEMPLATES=templates, FORM_RENDERER="djust.template.FormRenderer")
