"""Tags that Django's own cannot stand for: a value that is handed over, a look at the context, a
write to it, an included template with a context of its own."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def shown(value: Any = "", *others: Any) -> Any:
    """The value as text, escaped by the tag when it is no safe string."""
    return value if isinstance(value, str) else str(value)


@register.simple_tag(takes_context=True)
def seen(context: Context, name: str) -> str:
    """What a tag of a third party finds in the context under a name."""
    return f"{name}={context.get(name, '?')}"


@register.simple_tag(takes_context=True)
def written(context: Context, name: str, value: Any) -> str:
    """Writes to the context, as tags do that were made before ``as``."""
    context[name] = value
    return ""


class OwnBlock(template.Node):
    """Writes ``block`` in its own code, as no template says."""

    def __init__(self, value: template.base.FilterExpression | None):
        self.value = value

    def render(self, context: Context) -> str:
        context["block"] = self.value.resolve(context) if self.value else context.get("block")
        return ""


@register.tag
def own_block(parser: template.base.Parser, token: template.base.Token) -> OwnBlock:
    _, *values = token.split_contents()
    return OwnBlock(parser.compile_filter(values[0]) if values else None)


@register.inclusion_tag("card.html", takes_context=True)
def card(context: Context, value: Any) -> dict[str, Any]:
    return {"a": value, "b": context.get("b")}


@register.inclusion_tag("card.html")
def panel(value: Any = "") -> dict[str, Any]:
    return {"a": value, "rows": [value, value]}


@register.simple_block_tag
def boxed(content: str, value: Any = "") -> str:
    """A tag around a body that gets what the body prints."""
    return format_html("<u>{}</u>{}", value, content)
