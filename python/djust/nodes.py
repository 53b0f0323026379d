"""What plans call back into Python for: scopes of the real context, URLs and the CSRF token, tags
that are functions, translations.

Each ``Enter…`` object is called with the context and perhaps further values, and answers
``(context inside, state)``; the ``leave_…`` function gets the context outside and that state. They
do what the ``render`` methods of Django's nodes do before and after their body. What stands in a
value is called with the context, the memory of the session, and the values of the tag.
"""

import hashlib
import sys
import warnings
from copy import copy
from datetime import datetime
from decimal import Decimal
from typing import Any

import django
from django.conf import settings
from django.middleware import csrf
from django.template import TemplateSyntaxError, VariableDoesNotExist, defaultfilters
from django.template.base import FilterExpression, Template, render_value_in_context
from django.template.context import BaseContext
from django.template.defaulttags import CycleNode, IfChangedNode
from django.template.library import InclusionNode
from django.template.loader_tags import (
    BLOCK_CONTEXT_KEY,
    BlockContext,
    BlockNode,
    IncludeNode,
    construct_relative_path,
)
from django.templatetags.i18n import BlockTranslateNode, GetLanguageInfoListNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.html import conditional_escape, format_html, strip_spaces_between_tags
from django.utils.safestring import SafeData, SafeString, mark_safe

from djust import _native

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

COUNTERS: tuple[str, ...] = ("counter0", "counter", "revcounter", "revcounter0", "first", "last")
"""What a loop keeps in ``forloop``, in Django's order."""
if django.VERSION >= (6, 0):
    COUNTERS = ("length", *COUNTERS)


def is_listened_to() -> bool:
    """Whether Django's test environment records which templates are rendered."""
    utils = sys.modules.get("django.test.utils")
    return utils is not None and Template._render is utils.instrumented_test_render


def announce(template: Template, context: Any) -> None:
    """Tells tests that a template begins to render."""
    if is_listened_to():
        from django.test.signals import template_rendered

        template_rendered.send(sender=template, template=template, context=context)


def loop_variable(context: Any, memory: dict, parent: Any, *counters: Any) -> dict[str, Any]:
    """What ``forloop`` is to Django."""
    return {"parentloop": parent, **dict(zip(COUNTERS, counters, strict=True))}


class EnterWith:
    def __init__(self, values: dict[str, FilterExpression]):
        self.values = values

    def __call__(self, context: BaseContext) -> tuple[BaseContext, None]:
        values = {name: value.resolve(context) for name, value in self.values.items()}
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
        return inner, (inner, begin(self.template, inner))


def leave_include(context: Any, state: Any) -> None:
    inner, before = state
    inner.render_context.template = before
    inner.render_context.pop()
    if inner is context:
        context.pop()


class IncludeByValue:
    """``{% include name %}``: what ``IncludeNode.render`` does, by the plan of the template."""

    def __init__(self, node: IncludeNode):
        self.node = node

    def __call__(self, context: Any, memory: dict) -> Any:
        template, values = self.resolved(context)
        return self.printed(template, values, context, memory)

    def enter(self, context: Any, memory: dict, outer: str) -> tuple:
        """For a hole inside elements that ``outer`` names: the plan of the template, its context,
        and what ``leave`` gets as well; or the HTML, and whether it stands by itself."""
        template, values = self.resolved(context)
        plan = None
        is_planned = has_plan(template, context)
        if is_planned:
            from djust.rendering import LiveTemplate

            plan = LiveTemplate.of(template).fragment_plan(outer, is_form=False)
        if plan is None:
            return self.printed(template, values, context, memory), not is_planned
        inner = context.new(values) if self.node.isolated_context else context
        if inner is context:
            context.push(**values)
        before = begin(template, inner)
        return plan, inner, before

    leave = staticmethod(leave_include)

    def resolved(self, context: Any) -> tuple[Any, dict[str, Any]]:
        template = self.node.template.resolve(context)
        if not callable(getattr(template, "render", None)):
            template = self.found(template or (), context)
        elif hasattr(template, "template"):
            template = template.template
        values = {name: each.resolve(context) for name, each in self.node.extra_context.items()}
        return template, values

    def printed(self, template: Any, values: dict, context: Any, memory: dict) -> Any:
        if self.node.isolated_context:
            return printed_by(template, context.new(values), memory)
        with context.push(**values):
            return printed_by(template, context, memory)

    def found(self, name: Any, context: Any) -> Any:
        if isinstance(name, str):
            names: tuple = (construct_relative_path(self.node.origin.template_name, name),)
        else:
            names = tuple(name)
        cache = context.render_context.dicts[0].setdefault(self.node, {})
        template = cache.get(names)
        if template is None:
            template = cache[names] = context.template.engine.select_template(names)
        return template


class AdminInclusion:
    """What ``InclusionAdminNode.render`` does, by the plan of the template."""

    def __init__(self, node: Any):
        self.node = node

    def __call__(self, context: Any, memory: dict) -> Any:
        node = self.node
        options = context["opts"]
        label = options.app_label.lower()
        names = [
            f"admin/{label}/{options.model_name}/{node.template_name}",
            f"admin/{label}/{node.template_name}",
            f"admin/{node.template_name}",
        ]
        template = context.template.engine.select_template(names)
        context.render_context[node] = template
        args, kwargs = node.get_resolved_arguments(context)
        inner = with_token(context, node.func(*args, **kwargs))
        return printed_by(template, inner, memory)


def has_plan(template: Any, context: Any) -> bool:
    """Whether a template prints by its plan: one of Django's, and not too deep, since plans run on
    the stack of their thread."""
    return type(template) is Template and len(context.render_context.dicts) <= _native.DEEPEST


def begin(template: Any, context: Any) -> Any:
    """As ``push_state`` does; returns the template that rendered before."""
    render_context = context.render_context
    before, render_context.template = render_context.template, template
    render_context.push()
    announce(template, context)
    return before


def printed_by(template: Any, context: Any, memory: dict) -> Any:
    """What a template prints in a context, by its plan if it is one of Django's."""
    if not has_plan(template, context):
        return template.render(context)
    from djust.rendering import LiveTemplate

    render_context = context.render_context
    before = begin(template, context)
    try:
        return LiveTemplate.of(template).printer.render(context, memory)
    finally:
        render_context.template = before
        render_context.pop()


def with_token(context: Any, content: Any) -> Any:
    """The context of an inclusion tag: what its function returns, and the CSRF token."""
    inner = context.new(content)
    token = context.get("csrf_token")
    if token is not None:
        inner["csrf_token"] = token
    return inner


class EnterPartial:
    """A partial, whose names are those around it."""

    def __init__(self, partial: Any):
        self.partial = partial

    def __call__(self, context: Any) -> tuple[Any, Any]:
        return context, begin(self.partial, context)


class LeavePartial:
    def __init__(self, name: str):
        self.name = name

    def __call__(self, context: Any, before: Any) -> None:
        context.render_context.template = before
        context.render_context.pop()

    def failed(self, error: Exception) -> Exception:
        """Django takes any ``KeyError`` for that of a partial which is not there."""
        if not isinstance(error, KeyError):
            return error
        return TemplateSyntaxError(f"Partial '{self.name}' is not defined in the current template.")


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


class LeaveBlock:
    def __call__(self, context: Any, state: Any) -> None:
        if state is not None:
            blocks, popped = state
            blocks.push(popped.name, popped)
        context.pop()

    def abandon(self, context: Any, state: Any) -> None:
        """An exception has ended the block: Django does not put it back."""
        context.pop()


class InBlock:
    """Whether ``block`` is what a block with that name put into the context. A tag of a project may
    have written another one."""

    def __init__(self, name: str):
        self.name = name

    def __call__(self, context: Any, memory: dict) -> bool:
        block = context.get("block")
        is_block = type(block) is BlockNode and block.name == self.name
        return is_block and getattr(block, "context", None) is context


class Arguments:
    """Values as they come from a plan: first the positional ones, then those with names."""

    def __init__(self, count: int, names: tuple[str, ...]):
        self.count = count
        self.names = names

    def split(self, values: Any) -> tuple[list[Any], dict[str, Any]]:
        named = dict(zip(self.names, values[self.count :], strict=True))
        return list(values[: self.count]), named


class Reverse(Arguments):
    """``{% url %}``: after its arguments comes the name of the view."""

    def __init__(self, count: int, names: tuple[str, ...], is_named: bool):
        super().__init__(count, names)
        self.is_named = is_named

    def __call__(self, context: Any, memory: dict, *values: Any) -> str:
        args, kwargs = self.split(values[:-1])
        try:
            current_app = context.request.current_app
        except AttributeError:
            try:
                current_app = context.request.resolver_match.namespace
            except AttributeError:
                current_app = None
        try:
            url = reverse(values[-1], args=args, kwargs=kwargs, current_app=current_app)
        except NoReverseMatch:
            if self.is_named:
                return ""
            raise
        if self.is_named:
            return url
        return conditional_escape(url) if context.autoescape else url


class SimpleTag(Arguments):
    """What ``simple_tag`` made of a function."""

    def __init__(
        self,
        function: Any,
        count: int,
        names: tuple[str, ...],
        is_named: bool,
        takes_context: bool = False,
    ):
        super().__init__(count, names)
        self.function = function
        self.is_named = is_named
        self.takes_context = takes_context

    def __call__(self, context: Any, memory: dict, *values: Any) -> Any:
        args, kwargs = self.split(values)
        if self.takes_context:
            args.insert(0, context)
        output = self.function(*args, **kwargs)
        if self.is_named or not context.autoescape:
            return output
        return conditional_escape(output)


def static_url(context: Any, memory: dict, path: Any) -> Any:
    """``{% static %}``. Nothing is kept: a storage may sign its URLs for a while only."""
    url = StaticNode.handle_simple(path)
    return conditional_escape(url) if context.autoescape else url


class Getter:
    """A value that depends on nothing in the template."""

    def __init__(self, function: Any, *arguments: Any):
        self.function = function
        self.arguments = arguments

    def __call__(self, context: Any, memory: dict) -> Any:
        return self.function(*self.arguments)


def formatted_now(format: str) -> str:
    zone = timezone.get_current_timezone() if settings.USE_TZ else None
    return defaultfilters.date(datetime.now(tz=zone), format)


def without_spaces(context: Any, source: str) -> str:
    return strip_spaces_between_tags(source.strip())


class CycleStep:
    """Moves a ``{% cycle %}`` on: which of its values comes next? Its state is where Django keeps
    it, since a copy of the tag may stand where Django renders."""

    def __init__(self, node: CycleNode):
        self.node = node
        self.places = {id(value): place for place, value in enumerate(node.cyclevars)}

    def __call__(self, context: Any) -> int:
        state = context.render_context
        if self.node not in state:
            self.node.reset(context)
        return self.places[id(next(state[self.node]))]


class CycleReset:
    def __init__(self, node: CycleNode):
        self.node = node

    def __call__(self, context: Any, memory: dict) -> None:
        self.node.reset(context)


class Remember:
    """The values that an ``{% ifchanged %}`` had last, where Django keeps them."""

    def __init__(self, node: IfChangedNode, *, sees_loops: bool, is_copied: bool):
        self.node = node
        self.sees_loops = sees_loops
        self.is_copied = is_copied
        """Whether Django loads the template of the tag anew for each render."""

    def frame(self, context: Any) -> Any:
        if self.sees_loops:
            return self.node._get_context_stack_frame(context)
        return context.render_context

    def key(self, context: Any) -> Any:
        if not self.is_copied:
            return self.node
        copies = context.render_context.dicts[0]
        if self not in copies:
            # A node as well: it is a key in what `{{ forloop }}` prints.
            copies[self] = copy(self.node)
        return copies[self]

    def prepare(self, context: Any, memory: dict) -> None:
        self.frame(context).setdefault(self.key(context))

    def __call__(self, context: Any, values: Any) -> bool:
        frame, key = self.frame(context), self.key(context)
        if values != frame[key]:
            frame[key] = values
            return True
        return False


class WidthRatio:
    """``{% widthratio %}``: its three values, or the exception that came in their place."""

    def __init__(self, is_named: bool):
        self.is_named = is_named

    def __call__(self, context: Any, raised: Exception | None, values: tuple[Any, ...]) -> Any:
        try:
            if raised is not None:
                raise raised
            value, most, width = values
            width = int(width)
        except VariableDoesNotExist:
            return NotImplemented if self.is_named else ""  # The name stays what it was.
        except (ValueError, TypeError):
            raise TemplateSyntaxError("widthratio final argument must be a number") from None
        try:
            return str(round(float(value) / float(most) * width))
        except ZeroDivisionError:
            return "0"
        except (ValueError, TypeError, OverflowError):
            return ""


class EnterInclusion(Arguments):
    """The scope of an inclusion tag, whose template is known."""

    def __init__(self, node: InclusionNode, template: Template):
        super().__init__(len(node.args), tuple(node.kwargs))
        self.node = node
        self.template = template

    def __call__(self, context: Any, *values: Any) -> tuple[Any, None]:
        args, kwargs = self.split(values)
        if self.node.takes_context:
            args.insert(0, context)
        inner = with_token(context, self.node.func(*args, **kwargs))
        inner.render_context.template = self.template
        inner.render_context.push()
        announce(self.template, inner)
        return inner, None


def leave_inclusion(context: Any, state: None) -> None:
    """The context inside was a copy, which nothing else knows."""


# ---- language, time zone and formats -------------------------------------------------------------


class EnterOverride:
    """Switches a language or a time zone on."""

    def __init__(self, override: Any):
        self.override = override

    def __call__(self, context: Any, value: Any) -> tuple[Any, Any]:
        manager = self.override(value)
        manager.__enter__()
        return context, manager


def leave_override(context: Any, manager: Any) -> None:
    manager.__exit__(None, None, None)


class EnterOption:
    """Sets an option of the context."""

    def __init__(self, name: str, value: Any):
        self.name = name
        self.value = value

    def __call__(self, context: Any) -> tuple[Any, Any]:
        before = getattr(context, self.name)
        setattr(context, self.name, self.value)
        return context, (self.name, before)


def leave_option(context: Any, state: Any) -> None:
    setattr(context, *state)


def without_translations() -> Any:
    return translation.override(None)


def message(value: Any, context: Any) -> Any:
    """A value as a message to translate: what ``Variable.resolve`` makes of it."""
    text = value.replace("%", "%%")
    if isinstance(value, SafeData):
        text = mark_safe(text)
    if context:
        return translation.pgettext_lazy(context, text)
    return translation.gettext_lazy(text)


class ConstantMessage:
    """``{% translate "text" %}``."""

    def __init__(self, text: str):
        self.text = mark_safe(text.replace("%", "%%"))

    def __call__(self, context: Any, memory: dict) -> str:
        return mark_safe(translation.gettext(self.text).replace("%%", "%"))


def printed_message(context: Any, memory: dict, value: Any) -> str:
    """A message as ``{% translate %}`` prints it: its percent signs were doubled."""
    text = render_value_in_context(value, context)
    single = text.replace("%%", "%")
    return mark_safe(single) if isinstance(text, SafeData) else single


class BlockTranslation:
    """``{% blocktranslate %}`` with the number that it counts, and the values of its names."""

    def __init__(self, node: BlockTranslateNode, names: tuple[str, ...], is_counted: bool):
        self.node = node
        self.names = names
        self.is_counted = is_counted
        self.singular, _ = node.render_token_list(node.singular)
        self.plural = node.render_token_list(node.plural)[0] if is_counted else ""

    def __call__(
        self, context: Any, is_second: bool, message_context: Any, count: Any, values: tuple
    ) -> str | None:
        text = self.translated(message_context, count)
        rendered = [render_value_in_context(value, context) for value in values]
        data = dict(zip(self.names, rendered, strict=True))
        try:
            text %= data
        except (KeyError, ValueError):
            if not is_second:
                return None  # The translation is no good: once more, without translations.
            raise TemplateSyntaxError(
                f"{self.node.tag_name!r} is unable to format string returned by gettext: "
                f"{text!r} using {data!r}"
            ) from None
        if not self.node.asvar:
            return text
        # The second attempt gives its text to the name, and then Django an empty one.
        return SafeString("" if is_second else text)

    def translated(self, message_context: Any, count: Any) -> str:
        if self.is_counted:
            if not isinstance(count, (Decimal, float, int)):
                raise TemplateSyntaxError(
                    f"{self.node.countervar!r} argument to {self.node.tag_name!r} tag must be a "
                    "number."
                )
            if message_context:
                return translation.npgettext(message_context, self.singular, self.plural, count)
            return translation.ngettext(self.singular, self.plural, count)
        if message_context:
            return translation.pgettext(message_context, self.singular)
        return translation.gettext(self.singular)


def available_languages() -> list[tuple[str, str]]:
    return [(code, translation.gettext(name)) for code, name in settings.LANGUAGES]


def language_info(context: Any, memory: dict, code: Any) -> Any:
    return translation.get_language_info(code)


class LanguageInfoList:
    def __init__(self, node: GetLanguageInfoListNode):
        self.node = node

    def __call__(self, context: Any, memory: dict, languages: Any) -> list[Any]:
        return [self.node.get_language_info(each) for each in languages]


# ---- the CSRF token ------------------------------------------------------------------------------


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


def csrf_variable(context: Any, memory: dict, token: Any) -> Any:
    """``{{ csrf_token }}``: the value of the context, kept stable if it is a token."""
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
