"""Values that bring a template of their own go in, what asks for that template comes out.

Django prints a form, a field, a list of errors or a widget by rendering a template. Here the same
Python of Django makes the context, and the plan of that template renders it (see djust.brought): so
it reaches the page as a fragment, and a changed error message travels alone.

    find(value)             what would be rendered, or None: crates/native asks for each value

Only what prints itself by Django's own methods is found. A class with its own ``__str__``,
``render`` or renderer prints whatever it prints, as one piece of HTML.
"""

import html
from collections.abc import Callable
from copy import copy
from types import MethodType
from typing import Any

from django.forms import boundfield, renderers, utils, widgets
from django.forms.boundfield import BoundField
from django.template.base import Node, Variable
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from djust.surroundings import punctuation

Asked = tuple[Any, str, dict[str, Any]]
"""What a form renderer was asked for: the renderer, the name of a template, and its values."""

# Calling it asks for the template, once: making the context may do anything.
Found = Callable[[], Asked]


class Recorder:
    """Stands in for a form renderer or a widget, and notes what it is asked to render."""

    def __init__(self, subject: Any):
        object.__setattr__(self, "subject", subject)
        object.__setattr__(self, "asked", None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.subject, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.subject, name, value)

    def note(self, *asked: Any) -> str:
        object.__setattr__(self, "asked", asked)
        return ""


class FormRecorder(Recorder):
    """The form of a field whose label is rendered."""

    def render(self, template_name: str, context: dict[str, Any]) -> str:
        return self.note(self.subject.renderer, template_name, context)


class WidgetRecorder(Recorder):
    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> str:
        values = self.subject.get_context(name, value, attrs)
        return self.note(renderer, self.subject.template_name, values)


# ---- what is found ------------------------------------------------------------------------------


def find(value: Any) -> Found | None:
    """What a value would render when it is printed, or a method when it is called.

    >>> find(Form()) is None, find(Form().as_p) is None, find("text") is None
    (False, False, True)
    """
    if type(value) is MethodType:
        finder = METHODS.get(value.__func__)
        return finder(value.__self__) if finder else None
    finder = PRINTERS.get(type(value).__str__)
    return finder(value) if finder else None


def renderable(attribute: str) -> Callable[[Any], Found | None]:
    """For objects that render a template of theirs, whose name is an attribute."""

    def find(value: Any) -> Found | None:
        if type(value).render is not utils.RenderableMixin.render or not is_plain(value.renderer):
            return None

        return lambda: rendered(value, getattr(value, attribute))

    return find


def rendered(value: Any, template_name: str) -> Asked:
    """What the mixin's ``render`` renders."""
    template_name = template_name or value.template_name
    return value.renderer, template_name, value.get_context()


def printed_renderable(value: Any) -> Found | None:
    # Django's `__str__` is the mixin's `render`, whatever `render` a subclass has.
    if not is_plain(value.renderer):
        return None

    return lambda: rendered(value, value.template_name)


def printed_field(value: Any) -> Found | None:
    if value.field.show_hidden_initial or type(value).as_widget is not BoundField.as_widget:
        return None
    return field_widget(value)


def field_widget(value: Any) -> Found | None:
    widget = value.field.widget
    if not is_plain_widget(widget) or not is_plain(value.form.renderer):
        return None

    def ask() -> Asked:
        if IS_KNOWN_WIDGET:
            return asked_by_widget(value)
        recorder = WidgetRecorder(widget)
        value.as_widget(widget=recorder)
        return recorder.asked

    return ask


def asked_by_widget(value: Any) -> Asked:
    """What ``BoundField.as_widget`` makes of a field with its own widget."""
    widget, form, auto_id = value.field.widget, value.form, value.auto_id
    if value.field.localize:
        widget.is_localized = True
    attrs = value.build_widget_attrs({}, widget)
    if auto_id and "id" not in widget.attrs:
        attrs.setdefault("id", auto_id)
    values = widget.get_context(value.html_name, value.value(), attrs)
    return form.renderer, widget.template_name, values


def label(method: str) -> Callable[[Any], Found | None]:
    """For the methods of a field that have its form render a label."""

    def find(value: Any) -> Found | None:
        form = value.form
        # `legend_tag` is made by `label_tag`.
        if type(value).label_tag is not BoundField.label_tag:
            return None
        if type(form).render is not utils.RenderableMixin.render or not is_plain(form.renderer):
            return None

        def ask() -> Asked:
            if IS_KNOWN_LABEL and (method == "label_tag" or HAS_KNOWN_LEGEND):
                return asked_by_label(value, method.removesuffix("_tag"))
            recorder = FormRecorder(form)
            stand_in = copy(value)
            stand_in.form = recorder
            getattr(stand_in, method)()
            recorder.asked[2]["field"] = value
            return recorder.asked

        return ask

    return find


def asked_by_label(value: Any, tag: str) -> Asked:
    """What ``BoundField.label_tag`` makes without arguments but the tag."""
    form, field, contents = value.form, value.field, value.label
    suffix = form.label_suffix if field.label_suffix is None else field.label_suffix
    if suffix and contents and contents[-1] not in punctuation():
        contents = SafeString(escaped(contents) + escaped(suffix))
    attrs: dict[str, Any] | None = None
    id_ = field.widget.attrs.get("id") or value.auto_id
    if id_:
        attrs = {} if HAS_BARE_LEGEND else None
        id_for_label = field.widget.id_for_label(id_)
        if id_for_label and not (HAS_BARE_LEGEND and tag == "legend"):
            attrs = {"for": id_for_label}
        if field.required and hasattr(form, "required_css_class"):
            attrs = {**(attrs or {}), "class": form.required_css_class}
    values = {"field": value, "label": contents, "attrs": attrs, "use_tag": bool(id_), "tag": tag}
    return form.renderer, form.template_name_label, values


def escaped(text: Any) -> str:
    """What ``conditional_escape`` makes of it, which takes long to find out that text is text."""
    return html.escape(text) if type(text) is str else conditional_escape(text)


def bound_widget(wrap_label: bool) -> Callable[[Any], Found | None]:
    def find(value: Any) -> Found | None:
        if type(value) is not boundfield.BoundWidget or not is_plain_widget(value.parent_widget):
            return None
        if not is_plain(value.renderer):
            return None

        def ask() -> Asked:
            values = {"widget": {**value.data, "wrap_label": wrap_label}}
            return value.renderer, value.template_name, values

        return ask

    return find


def is_plain_widget(widget: Any) -> bool:
    kind = type(widget)
    return (
        isinstance(widget, widgets.Widget)
        and kind.render is widgets.Widget.render
        and kind._render is widgets.Widget._render
        and "render" not in vars(widget)
        and "_render" not in vars(widget)
    )


def is_plain(renderer: Any) -> bool:
    """Whether a renderer renders as Django's do: a template, stripped. None is the default one."""
    if renderer is None:
        renderer = renderers.get_default_renderer()
    render = getattr(type(renderer), "render", None)
    return render is renderers.BaseRenderer.render and "render" not in vars(renderer)


def spells(method: Any, *words: str) -> bool:
    """Whether a method of this Django has the names and the strings in it that it is known to have:
    then it does what the functions here do in its place. Else it is called itself."""
    code = method.__code__
    strings = {const for const in code.co_consts if type(const) is str and const != method.__doc__}
    return strings.union(code.co_names) == set(words)


IS_KNOWN_WIDGET = spells(
    BoundField.as_widget,
    "field", "widget", "localize", "is_localized", "build_widget_attrs", "auto_id", "attrs",
    "setdefault", "html_initial_id", "html_initial_name", "form", "data", "_widget_data_value",
    "hidden_widget", "value", "render", "html_name", "renderer", "id",
)  # fmt: skip
LABEL = (
    "label", "field", "label_suffix", "form", "_", "format_html", "widget", "attrs", "get",
    "auto_id", "id_for_label", "required", "hasattr", "required_css_class", "bool", "render",
    "template_name_label", ":?.!", "{}{}", "id", "for", "class", " ",
)  # fmt: skip
HAS_BARE_LEGEND = spells(BoundField.label_tag, *LABEL, "legend")
"""Since Django 6.1 a legend is for no widget."""

IS_KNOWN_LABEL = HAS_BARE_LEGEND or spells(BoundField.label_tag, *LABEL)
HAS_KNOWN_LEGEND = spells(BoundField.legend_tag, "label_tag", "legend")
FIELD_ITEM = BoundField.__getitem__ if spells(
    BoundField.__getitem__,
    "isinstance", "int", "slice", "TypeError", "type", "__name__", "subwidgets",
    "BoundField indices must be integers or slices, not %s.",
) else None  # fmt: skip
"""Refuses each name with an exception, which the native renderer saves itself then."""

# By the function that prints an object of a class.
PRINTERS: dict[Any, Callable[[Any], Found | None]] = {
    utils.RenderableMixin.__str__: printed_renderable,
    utils.RenderableFieldMixin.__str__: printed_field,
    boundfield.BoundWidget.__str__: bound_widget(wrap_label=True),
}

# By the function of a bound method.
METHODS: dict[Any, Callable[[Any], Found | None]] = {
    utils.RenderableFormMixin.as_div: renderable("template_name_div"),
    utils.RenderableFormMixin.as_p: renderable("template_name_p"),
    utils.RenderableFormMixin.as_table: renderable("template_name_table"),
    utils.RenderableFormMixin.as_ul: renderable("template_name_ul"),
    utils.RenderableErrorMixin.as_ul: renderable("template_name_ul"),
    utils.RenderableFieldMixin.as_field_group: renderable("template_name"),
    utils.RenderableMixin.render: renderable("template_name"),
    BoundField.as_widget: field_widget,
    BoundField.label_tag: label("label_tag"),
    BoundField.legend_tag: label("legend_tag"),
    boundfield.BoundWidget.tag: bound_widget(wrap_label=False),
}

NAMES = {function.__name__ for function in METHODS}


def names_method(variable: Any) -> bool:
    """Whether a variable ends with the name of a method that may render a template."""
    lookups = variable.lookups if type(variable) is Variable else None
    return lookups is not None and len(lookups) > 1 and lookups[-1] in NAMES


def is_dynamic(node: Node) -> bool:
    return "_djust_dynamic" in vars(node)
