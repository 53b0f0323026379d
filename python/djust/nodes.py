"""What plans call back into Python for: scopes of the real context, URLs and the CSRF token.

Each ``Enter…`` object is called with the context and answers ``(context inside, state)``; the
``leave_…`` function gets the context outside and that state. They do what the ``render`` methods of
Django's nodes do before and after their body.
"""

import hashlib
import sys
import warnings
from typing import Any

from django.conf import settings
from django.middleware import csrf
from django.template import defaultfilters
from django.template.base import Template
from django.template.context import BaseContext
from django.template.defaulttags import WithNode
from django.template.loader_tags import BLOCK_CONTEXT_KEY, BlockContext, BlockNode, IncludeNode
from django.urls import reverse
from django.utils.html import conditional_escape, format_html

# Filters with a fast path in crates/native/src/filters, by function; another one that took the name
# of Django's is no business of ours.
NATIVE_FILTERS: dict[Any, str] = {
    function: name
    for name in (
        "add", "addslashes", "capfirst", "center", "cut", "date", "default", "default_if_none",
        "divisibleby", "escape", "escapejs", "filesizeformat", "first", "floatformat",
        "force_escape", "get_digit", "join", "json_script", "last", "length", "linebreaks",
        "linebreaksbr", "ljust", "lower", "pluralize", "rjust", "safe", "slice", "slugify",
        "stringformat", "striptags", "time", "timesince", "timeuntil", "title", "truncatechars",
        "truncatewords", "upper", "urlencode", "wordcount", "yesno",
    )
    if (function := defaultfilters.register.filters[name]).__module__ == defaultfilters.__name__
}  # fmt: skip


def is_listened_to() -> bool:
    """Whether Django's test environment records which templates are rendered."""
    utils = sys.modules.get("django.test.utils")
    return utils is not None and Template._render is utils.instrumented_test_render


def announce(template: Template, context: Any) -> None:
    """Tells tests that a template begins to render."""
    if is_listened_to():
        from django.test.signals import template_rendered

        template_rendered.send(sender=template, template=template, context=context)


class EnterWith:
    def __init__(self, node: WithNode):
        self.node = node

    def __call__(self, context: BaseContext) -> tuple[BaseContext, None]:
        values = {name: value.resolve(context) for name, value in self.node.extra_context.items()}
        context.push(**values)
        return context, None


def leave_pushed(context: BaseContext, state: None) -> None:
    context.pop()


class EnterInclude:
    def __init__(self, node: IncludeNode, template: Template):
        self.node = node
        self.template = template

    def __call__(self, context: Any) -> tuple[Any, Any]:
        values = {name: value.resolve(context) for name, value in self.node.extra_context.items()}
        if self.node.isolated_context:
            inner = context.new(values)
        else:
            inner = context
            context.push(**values)
        before = inner.render_context.template
        inner.render_context.template = self.template
        inner.render_context.push()
        announce(self.template, inner)
        return inner, (inner, before)


def leave_include(context: Any, state: Any) -> None:
    inner, before = state
    inner.render_context.template = before
    inner.render_context.pop()
    if inner is context:
        context.pop()


class EnterExtends:
    def __init__(self, parent: Template, blocks: tuple[dict[str, BlockNode], ...]):
        self.parent = parent
        self.blocks = blocks

    def __call__(self, context: Any) -> tuple[Any, Any]:
        render_context = context.render_context
        if BLOCK_CONTEXT_KEY not in render_context:
            render_context[BLOCK_CONTEXT_KEY] = BlockContext()
        for blocks in self.blocks:
            render_context[BLOCK_CONTEXT_KEY].add_blocks(blocks)
        before = render_context.template
        render_context.template = self.parent
        announce(self.parent, context)
        return context, before


def leave_extends(context: Any, before: Any) -> None:
    context.render_context.template = before


class EnterBlock:
    def __init__(self, node: BlockNode):
        self.node = node

    def __call__(self, context: Any) -> tuple[Any, Any]:
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        context.push()
        if blocks is None:
            context["block"] = self.node
            return context, None
        popped = blocks.pop(self.node.name)
        source = self.node if popped is None else popped
        block = type(self.node)(source.name, source.nodelist)
        block.context = context
        context["block"] = block
        return context, popped and (blocks, popped)


def leave_block(context: Any, state: Any) -> None:
    if state is not None:
        blocks, popped = state
        blocks.push(popped.name, popped)
    context.pop()


class Reverse:
    """``{% url %}`` with its values: positional ones, named ones, and the name of the view."""

    def __init__(self, count: int, names: tuple[str, ...]):
        self.count = count
        self.names = names

    def __call__(self, context: Any, memory: dict, *values: Any) -> str:
        *arguments, view_name = values
        args = arguments[: self.count]
        kwargs = dict(zip(self.names, arguments[self.count :], strict=True))
        try:
            current_app = context.request.current_app
        except AttributeError:
            try:
                current_app = context.request.resolver_match.namespace
            except AttributeError:
                current_app = None
        url = reverse(view_name, args=args, kwargs=kwargs, current_app=current_app)
        return conditional_escape(url) if context.autoescape else url


def csrf_token(context: Any, memory: dict) -> str:
    """The token for ``{% csrf_token %}`` as HTML source, or an empty string for no field."""
    token = context.get("csrf_token")
    if token:
        if token == "NOTPROVIDED":
            return format_html("")  # Since Django 6.0 this raises, there as here.
        return conditional_escape(stable(token, memory))
    if settings.DEBUG:
        warnings.warn(
            "A {% csrf_token %} was used in a template, but the context "
            "did not provide the value.  This is usually caused by not "
            "using RequestContext.",
            stacklevel=2,
        )
    return ""


def csrf_variable(context: Any, memory: dict) -> Any:
    """``{{ csrf_token }}``: the value of the context, kept stable if it is a token."""
    token = context.get("csrf_token", "")
    return stable(token, memory) if token else token


def stable(token: Any, memory: dict) -> Any:
    """The same mask for the same secret, as long as one session renders.

    Django masks the secret anew for each request, against attacks that compare compressed answers.
    A new mask for each render would change every page with a form; a renderer therefore keeps the
    token that it printed first, until the secret behind it changes (at login). It never leaves the
    session: the memory belongs to one renderer, and holds a digest instead of the secret.
    """
    text = str(token)
    if len(text) != csrf.CSRF_TOKEN_LENGTH:
        return token
    try:
        secret = csrf._unmask_cipher_token(text)
    except ValueError:
        return token
    digest = hashlib.blake2b(secret.encode()).digest()
    known, kept = memory.get("csrf", (None, None))
    if known != digest:
        memory["csrf"] = digest, text
        return token
    return kept
