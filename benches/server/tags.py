"""A template tag, as a site would have it."""

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def stars(count: int) -> str:
    """One to five stars."""
    return format_html('<span class="stars">{}</span>', "★" * (count % 5 + 1))
