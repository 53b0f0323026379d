"""A template backend in place of Django's: the same templates and options, native plans.

    TEMPLATES = [{"BACKEND": "djust.template.DjangoTemplates", "APP_DIRS": True, …}]

For pages that are not live: what goes in is a context, what comes out is the HTML that Django would
print, byte for byte, or the exception that it would raise. ``LiveView`` works with either backend.
"""

from types import MethodType
from typing import Any

from django.forms import renderers
from django.template import Engine as DjangoEngine
from django.template.backends import django as backend
from django.template.base import Template
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from djust import nodes
from djust.rendering import LiveTemplate

PLANNED_FROM = 2
"""Which render of a template is the first one with a plan. The first of all is Django's: where no
loader caches, a template is thrown away after it, and a plan would cost more than it saves."""


class DjangoTemplates(backend.DjangoTemplates):
    """Django's backend, whose templates render by plans: also those that other templates include by
    a variable, and those of inclusion tags.

    It takes the options of Django's backend.

    >>> engine = DjangoTemplates({"NAME": "djust", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}})
    >>> engine.from_string("Hello {{ name }}").render({"name": "<Ada>"})
    'Hello &lt;Ada&gt;'
    """

    def __init__(self, params: dict[str, Any]):
        super().__init__(params)
        self.engine.__class__ = Engine


class Engine(DjangoEngine):
    """Django's engine; the templates that it gives out render by plans."""

    def get_template(self, template_name: str) -> Template:
        return planned(super().get_template(template_name))

    def from_string(self, template_code: str) -> Template:
        return planned(super().from_string(template_code))


class FormRenderer(renderers.DjangoTemplates):
    """Renders forms and their widgets so: ``FORM_RENDERER = "djust.template.FormRenderer"``."""

    backend = DjangoTemplates


def planned(template: Template) -> Template:
    """The template itself, which renders by its plan from now on."""
    if "render" not in template.__dict__:
        template.render = MethodType(Planned(), template)  # type: ignore[method-assign]
    return template


class Planned:
    """How a template renders itself: by Django at first, then by a plan if that pays."""

    def __init__(self) -> None:
        self.renders = 0

    def __call__(self, template: Template, context: Context) -> SafeString:
        if self.renders < PLANNED_FROM:
            self.renders += 1
        is_worth_it = self.renders >= PLANNED_FROM and nodes.has_plan(template, context)
        live = LiveTemplate.of(template) if is_worth_it else None
        if live is None or not live.pays:
            return type(template).render(template, context)
        return mark_safe(live.print_html(context))
