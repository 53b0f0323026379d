"""What ``djust.forms`` found goes in, what renders it comes out.

open(found, outer)      the plan of the template, and the values of its context
discover(node, found)   the HTML, for a place that was not known to hold such values
bound_context(…)        the context, for what needs it
"""

from typing import Any

from django.forms import renderers
from django.template import Context, Engine, Template
from django.template.backends import django as backend
from django.template.base import Node
from django.template.loaders.cached import Loader as CachedLoader
from django.utils.safestring import SafeString

from djust.forms import Asked, Found
from djust.rendering import LiveTemplate


def open(found: Found) -> tuple[Template, dict[str, Any]] | str:
    """The template and the values of its context; or the HTML, where only Django knows it."""
    asked = found()
    template = kept_template(*asked[:2])
    if template is None:
        given = template_of(asked)
        live = LiveTemplate.of(given) if type(given) is backend.Template else None
        if live is None or not live.is_kept:
            return html_of(given, asked)
        template = live.template
    return template, asked[2]


def kept_template(renderer: Any, name: str) -> Template | None:
    """The template that a renderer with an engine of its own gives, where the cache of its loader
    has it: found there without the way through Django. None where Django has to be asked."""
    if renderer is None:
        renderer = renderers.get_default_renderer()
    if type(renderer).get_template is not renderers.EngineMixin.get_template:
        return None
    known = vars(renderer)
    engine = known.get("engine")
    if type(engine) is not backend.DjangoTemplates or "get_template" in known:
        return None
    if type(engine.engine) is not Engine or type(name) is not str:
        return None
    loaders = engine.engine.template_loaders
    if not loaders or type(loaders[0]) is not CachedLoader:
        return None
    found = loaders[0].get_template_cache.get(name)
    return found if type(found) is Template else None


def made(template: Template, outer: str) -> tuple[Any, bool]:
    """What renders a template inside of other elements, which ``outer`` names, and whether it
    escapes values: a plan; or, for markup that a parser would move, a printer of HTML."""
    live = LiveTemplate.of(template)
    return live.fragment_plan(outer) or live.printer, template.engine.autoescape


def bound_context(template: Template, values: dict[str, Any], autoescape: bool) -> Context:
    """A context for one render, which nobody sees afterwards."""
    context = Context(values, autoescape=autoescape)
    context.template = template
    context.template_name = template.name
    context.render_context.template = template
    context.render_context.push()
    return context


def discover(node: Node, found: Found) -> str:
    """The HTML of a value that a place between tags was not known to hold.

    The node is marked, so that its template gets a dynamic hole there when it is lowered again; and
    the nodes in the templates that the value brings are marked by the same render.
    """
    node._djust_dynamic = True  # type: ignore[attr-defined]
    asked = found()
    template = template_of(asked)
    if type(template) is not backend.Template or not LiveTemplate.of(template).is_kept:
        return html_of(template, asked)
    context = Context(asked[2], autoescape=template.template.engine.autoescape)
    return SafeString(LiveTemplate.of(template).render_html(context).strip())


def template_of(asked: Asked) -> Any:
    renderer, name, _ = asked
    renderer = renderers.get_default_renderer() if renderer is None else renderer
    return renderer.get_template(name)


def html_of(template: Any, asked: Asked) -> str:
    """As ``BaseRenderer.render`` makes it."""
    return SafeString(template.render(asked[2], request=None).strip())
