"""Forms, fields and widgets reach the page as fragments of their own templates: what Django prints,
byte for byte, and a change of one field travels alone."""

import datetime
import decimal
import random
from copy import deepcopy
from functools import partial
from pathlib import Path

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import renderers
from django.forms.renderers import BaseRenderer, DjangoTemplates, TemplatesSetting
from django.forms.utils import ErrorList
from django.template import Context, Template, TemplateDoesNotExist, engines
from django.template.backends.django import DjangoTemplates as Backend
from django.test import override_settings
from django.test.signals import template_rendered
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

import djust.forms
from djust import _native
from djust.forms import find
from djust.rendering import LiveTemplate
from djust.testing import FrameRecorder, render_html

COLORS = [("r", "Red"), ("g", "Green <&>"), ("Deep", [("b", "Blue"), ("v", 'Vio"let')])]

WAYS = [
    "{{ form }}",
    "<form>{{ form.as_p }}</form>",
    "<table>{{ form.as_table }}</table>",
    "<ul>{{ form.as_ul }}</ul>",
    "<form>{{ form.as_div }}<button>Send</button></form>",
    "{{ form.non_field_errors }}{% for field in form %}<div>{{ field.label_tag }} {{ field }}"
    "{{ field.errors }}{{ field.help_text|safe }}</div>{% endfor %}",
    "{% for field in form %}{{ field.as_field_group }}{% endfor %}{{ form.media }}"
    "{% for field in form %}{{ field.legend_tag }}{{ field.label_tag }}{% endfor %}",
    "{% for field in form.visible_fields %}{{ field.as_widget }}{{ field.errors.as_ul }}"
    "{% endfor %}{% for field in form.hidden_fields %}{{ field }}{{ field.as_hidden }}{% endfor %}",
    "<p>{{ form.as_div }}</p><b title='{{ form.non_field_errors }}'></b>"
    "<textarea>{{ form }}</textarea><!-- {{ form.as_p }} --><script>{{ form }}</script>",
    "{{ form|safe }}{% autoescape off %}{{ form }}{{ form.errors }}{% endautoescape %}",
    "{% with f=form %}{{ f }}{{ f.render }}{{ f.errors }}{% endwith %}{{ form.errors.as_text }}",
    "{% if form.errors %}<b>{{ form.errors }}</b>{% endif %}{{ form.nothing.as_p }}{{ no.as_p }}",
]


class Everything(forms.Form):
    required_css_class = "required"
    error_css_class = "wrong"

    text = forms.CharField(help_text="<b>Full</b> name", min_length=2, max_length=9)
    quiet = forms.CharField(required=False, disabled=True, initial='a "b" <c>')
    email = forms.EmailField(required=False, label="E-mail?")
    url = forms.URLField(assume_scheme="https", required=False)
    slug = forms.SlugField(required=False, show_hidden_initial=True)
    password = forms.CharField(widget=forms.PasswordInput(render_value=True))
    integer = forms.IntegerField(min_value=3, max_value=9999, localize=True, initial=1234)
    decimal = forms.DecimalField(max_digits=6, decimal_places=2, localize=True, required=False)
    float = forms.FloatField(required=False, widget=forms.NumberInput(attrs={"step": 0.5}))
    long = forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "data-x": "<&>"}))
    yes = forms.BooleanField(initial=True)
    maybe = forms.NullBooleanField()
    date = forms.DateField(initial=datetime.date(2026, 3, 1), localize=True)
    time = forms.TimeField(required=False)
    moment = forms.DateTimeField(required=False)
    split = forms.SplitDateTimeField(initial=datetime.datetime(2026, 3, 1, 12, 30))
    day = forms.DateField(widget=forms.SelectDateWidget(years=range(2020, 2023)), required=False)
    duration = forms.DurationField(required=False)
    choice = forms.ChoiceField(choices=COLORS, initial="b")
    typed = forms.TypedChoiceField(choices=[(1, "one"), (2, "two")], coerce=int, initial=2)
    many = forms.MultipleChoiceField(choices=COLORS, required=False)
    radio = forms.ChoiceField(choices=COLORS, widget=forms.RadioSelect(attrs={"class": "r"}))
    boxes = forms.MultipleChoiceField(choices=COLORS, widget=forms.CheckboxSelectMultiple)
    file = forms.FileField(required=False)
    clear = forms.ImageField(required=False, widget=forms.ClearableFileInput)
    both = forms.ComboField(fields=[forms.CharField(max_length=3), forms.EmailField()])
    pattern = forms.RegexField(regex="^a", required=False)
    address = forms.GenericIPAddressField(required=False)
    json = forms.JSONField(initial={"a": [1, "<"]}, required=False)
    uuid = forms.UUIDField(required=False)
    hidden = forms.CharField(widget=forms.HiddenInput)
    hiddens = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput, choices=COLORS)

    class Media:
        css = {"all": ["a.css"]}
        js = ["a.js"]

    def clean(self):
        if self.data.get("text") == "bad":
            raise forms.ValidationError(["Nothing <fits>.", "Nothing at all."])


# What a person may send of it.
SENT = {
    "text": ["", "a", "Ada", "bad", "<Ada & 'Eve'>", "much too long for this"],
    "email": ["", "no", "a@b.de"],
    "integer": ["", "x", "2", "1234", "10000"],
    "decimal": ["", "1,5", "1.25", "12345.678"],
    "long": ["", "\n two\nlines ", "</textarea><b>"],
    "yes": [None, "on"],
    "maybe": ["true", "false", "unknown", None],
    "date": ["", "2026-03-01", "nonsense"],
    "split_0": ["", "2026-03-01"],
    "split_1": ["", "12:30", "25:00"],
    "day_year": ["2021"],
    "day_month": ["2"],
    "day_day": ["3", "31"],
    "choice": ["r", "v", "nothing"],
    "many": [["r"], ["r", "v"], []],
    "radio": ["g", "b", None],
    "boxes": [["g"], ["r", "b", "v"], []],
    "hidden": ["", "x"],
    "hiddens": [["r", "g"], ["no"]],
    "password": ["", 'p"w'],
}


def posted(choose):
    data = MultiValueDict()
    for name, options in SENT.items():
        value = choose(options)
        if value is not None:
            data.setlist(name, value if isinstance(value, list) else [value])
    return data


def template(source):
    return Template(source, engine=engines["django"].engine)


class Page:
    """A page with one form, that must show after each frame what Django prints."""

    def __init__(self, source):
        self.template = template(source)
        self.recorder = FrameRecorder(self.template)
        self.page = _native.Page()

    def show(self, make, **context):
        """Shows what ``make`` makes; twice, for a form renders differently once it is validated."""
        expected = self.template.render(Context({"form": make(), **context}))
        frame = self.recorder.update({"form": make(), **context})
        self.page.apply(frame)
        assert self.page.html() == expected
        return frame


def same(source, make, **context):
    """Rendered with a plan that does not know of forms yet, and with one that does."""
    compiled = template(source)
    expected = compiled.render(Context({"form": make(), **context}))
    for _ in range(3):
        assert render_html(compiled, {"form": make(), **context}) == expected
    return expected


FORMS = {
    "unbound": Everything,
    "empty": lambda: Everything({}),
    "prefix": lambda: Everything({"x-text": "Ada", "x-choice": "v"}, prefix="x"),
    "initial": lambda: Everything(initial={"text": "<Ada>", "many": ["r", "v"], "yes": False}),
    "no ids": lambda: Everything({}, auto_id=False),
    "other ids": lambda: Everything({}, auto_id="my_%s_id", label_suffix=" –"),
    "no required": lambda: Everything(use_required_attribute=False),
    "file": lambda: Everything({}, {"file": SimpleUploadedFile("a.txt", b"a")}),
    "some": lambda: Everything(posted(lambda options: options[-1])),
    "bad": lambda: Everything({"text": "bad"}),
}


@pytest.mark.parametrize("source", WAYS)
@pytest.mark.parametrize("form", FORMS)
def test_every_field_prints_as_django_prints_it(source, form):
    same(source, FORMS[form])


@pytest.mark.parametrize("language", ["de", "ar"])
def test_forms_are_localized(language):
    with translation.override(language), override_settings(USE_THOUSAND_SEPARATOR=True):
        for source in WAYS[:3]:
            same(source, lambda: Everything(posted(lambda options: options[0])))
            same(source, Everything)


@pytest.mark.parametrize("source", WAYS)
@pytest.mark.parametrize("seed", range(2))
def test_a_page_follows_whatever_is_posted(source, seed):
    chosen = random.Random(f"{seed} {source}")
    page = Page(source)
    page.show(Everything)
    for _ in range(6):
        data = posted(chosen.choice)
        page.show(lambda data=data: Everything(data))
    page.show(Everything)


class Contact(forms.Form):
    name = forms.CharField(max_length=20)
    email = forms.EmailField()
    color = forms.ChoiceField(choices=COLORS)
    message = forms.CharField(widget=forms.Textarea)


RIGHT = {"name": "Ada", "email": "ada@example.org", "color": "r", "message": "Hello"}


@pytest.mark.parametrize("source", [*WAYS[:8]])
def test_an_error_that_appears_travels_with_what_it_changes_alone(source):
    page = Page(source)
    for data in ({}, RIGHT, {}, RIGHT):
        page.show(lambda data=data: Contact(data))
    frame = page.show(lambda: Contact({**RIGHT, "email": ""}))
    assert frame[0] == 2
    assert len(frame) < 200, f"{source}: {len(frame)} bytes"
    page.show(lambda: Contact({**RIGHT, "email": "ada"}))
    again = page.show(lambda: Contact({**RIGHT, "email": "ad"}))
    assert len(again) < 45, f"{source}: {len(again)} bytes"
    assert page.show(lambda: Contact({**RIGHT, "email": "ad"}))[0] == 3


def test_a_value_that_changes_is_an_attribute_that_changes():
    page = Page("<form>{{ form.name }}</form>")
    for name in ("Ada", "Eve", "Ada"):
        page.show(lambda name=name: Contact({**RIGHT, "name": name}))
    frame = page.show(lambda: Contact({**RIGHT, "name": "Eva"}))
    assert len(frame) < 40


def test_a_place_learns_that_it_holds_forms_with_one_full_tree():
    page = Page("<form>{{ form.name }}{{ form.name.errors }}</form>")
    kinds = [page.show(lambda: Contact(RIGHT))[0]]
    kinds += [page.show(lambda data=data: Contact(data))[0] for data in ({}, RIGHT, {}, RIGHT)]
    assert kinds == [1, 1, 2, 2, 2]


def test_a_place_may_hold_a_form_now_and_text_later():
    page = Page("<p>{{ form }}</p>")
    for value in (Contact, lambda: "text <b>", Contact, lambda: 7, lambda: Contact(RIGHT), str):
        page.show(value)
    page.show(lambda: decimal.Decimal("1.5"))
    page.show(lambda: ErrorList(["<no>"]))


def test_a_page_that_was_served_knows_its_forms_when_it_connects():
    compiled = template("<form>{{ form }}</form>")
    LiveTemplate.of(compiled).render_html({"form": Contact()})
    page = Page("<form>{{ form }}</form>")
    page.template, page.recorder = compiled, FrameRecorder(compiled)
    assert page.show(Contact)[0] == 1
    assert page.show(lambda: Contact({}))[0] == 2


def test_formsets_print_as_django_prints_them():
    Contacts = forms.formset_factory(Contact, extra=2, can_delete=True, can_order=True, max_num=3)
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-name": "Ada"}
    for source in (
        "{{ form }}",
        "<table>{{ form.as_table }}</table>",
        "{{ form.management_form }}{% for each in form %}<ul>{{ each.as_ul }}</ul>{% endfor %}"
        "{{ form.non_form_errors }}",
        "{{ form.as_p }}{{ form.as_div }}{{ form.as_ul }}{{ form.empty_form }}",
    ):
        page = Page(source)
        for _ in range(2):
            page.show(Contacts)
            page.show(lambda: Contacts(data))
            page.show(lambda: Contacts({"form-TOTAL_FORMS": "x"}))


def test_subwidgets_print_as_django_prints_them():
    source = (
        "{% for radio in form.radio %}<i>{{ radio }} {{ radio.tag }} {{ radio.choice_label }}"
        "{{ radio.id_for_label }}</i>{% endfor %}{{ form.boxes.0 }}{{ form.boxes.1.tag }}"
        "{% for one in form.choice %}{{ one }}{% endfor %}"
    )
    page = Page(source)
    for value in ("r", "g", "v", "r"):
        page.show(lambda value=value: Everything({"radio": value, "boxes": [value]}))


# ---- what is not Django's own -------------------------------------------------------------------


SOURCES = {
    "own/form.html": "\n {% for field in form %}{{ field.as_field_group }}\n{% endfor %}\n",
    "own/field.html": "{{ field.errors }}\n <label>{{ field.label }} {{ field }}</label> ",
    "own/widget.html": " {{ widget.value }} <i {{ widget.attrs.class }}>{{ x }}</i>\n",
    "own/open.html": "</p><b>{{ widget.name }}",
}


def own_engine(is_cached):
    """An engine with these templates before Django's."""
    locmem = ("django.template.loaders.locmem.Loader", SOURCES)
    folder = Path(renderers.__file__).parent / "templates"
    loaders = [locmem, ("django.template.loaders.filesystem.Loader", [folder])]
    if is_cached:
        loaders = [("django.template.loaders.cached.Loader", loaders)]
    return Backend({"NAME": "own", "DIRS": [], "APP_DIRS": False, "OPTIONS": {"loaders": loaders}})


class OwnTemplates(DjangoTemplates):
    form_template_name = "own/form.html"
    field_template_name = "own/field.html"
    engine = own_engine(is_cached=True)


class Uncached(OwnTemplates):
    engine = own_engine(is_cached=False)


class Shouting(DjangoTemplates):
    def render(self, template_name, context, request=None):
        return super().render(template_name, context, request).upper()


class Words(BaseRenderer):
    def get_template(self, template_name):
        class Template:
            def render(self, context, request=None):
                return f" <b>{template_name}</b> "

        return Template()


class OwnWidget(forms.TextInput):
    template_name = "own/widget.html"

    def get_context(self, name, value, attrs):
        return {**super().get_context(name, value, attrs), "x": "<x>"}


class OpenWidget(forms.TextInput):
    template_name = "own/open.html"


class OwnRender(forms.TextInput):
    def render(self, name, value, attrs=None, renderer=None):
        return format_html("<b>{}</b>", name)


class InnerRender(forms.TextInput):
    def _render(self, template_name, context, renderer=None):
        return "plain & text"


class OwnForm(Contact):
    nick = forms.CharField(widget=OwnWidget(attrs={"class": "own"}))
    open = forms.CharField(widget=OpenWidget)
    own = forms.CharField(widget=OwnRender)
    inner = forms.CharField(widget=InnerRender)
    default_renderer = OwnTemplates()


class OwnField(forms.boundfield.BoundField):
    def as_widget(self, widget=None, attrs=None, only_initial=False):
        return super().as_widget(widget, {"class": "mine", **(attrs or {})}, only_initial)

    def __str__(self):
        return "<own & field>" + super().__str__()


class BoundForm(Contact):
    def __getitem__(self, name):
        return OwnField(self, self.fields[name], name)


class OwnLabel(forms.boundfield.BoundField):
    def label_tag(self, *args, **kwargs):
        return format_html("<b>{}</b>", self.label)


class LabelForm(Contact):
    required_css_class = "required"

    def __getitem__(self, name):
        return OwnLabel(self, self.fields[name], name)


class OwnStr(Contact):
    def __str__(self):
        return "<b>" + self.as_p() + "</b>"


class OwnRenders(Contact):
    def render(self, template_name=None, context=None, renderer=None):
        return "own " + super().render(template_name, context, renderer)

    def get_context(self):
        return {**super().get_context(), "fields": []}


class OwnErrors(ErrorList):
    def __str__(self):
        return "; ".join(self)


class Div(ErrorList):
    template_name = "django/forms/errors/list/text.txt"


@pytest.mark.parametrize(
    "make",
    [
        OwnForm,
        lambda: OwnForm({}),
        lambda: Contact({}, renderer=OwnTemplates()),
        lambda: Contact({}, renderer=Uncached()),
        lambda: Contact({}, renderer=Shouting()),
        lambda: Contact({}, renderer=Words()),
        lambda: Contact({}, renderer=TemplatesSetting()),
        lambda: BoundForm({}),
        lambda: LabelForm({}),
        lambda: OwnStr({}),
        lambda: OwnRenders({}),
        lambda: Contact({}, error_class=OwnErrors),
        lambda: Contact({}, error_class=Div),
    ],
)
@override_settings(
    INSTALLED_APPS=["django.forms", "django.contrib.auth", "django.contrib.contenttypes"]
)
def test_what_a_project_overrides_prints_as_django_prints_it(make):
    for source in WAYS:
        page = Page(source)
        for _ in range(3):
            page.show(make)
        same(source, make)


def test_an_attribute_of_one_object_counts_too():
    form = Contact()
    form.fields["name"].widget.render = lambda *args, **kwargs: mark_safe("<b>own</b>")
    form.renderer = DjangoTemplates()
    assert "<b>own</b>" in same("{{ form }}{{ form.name }}", lambda: form)
    other = Contact()
    other.renderer.render = lambda *args, **kwargs: mark_safe("<b>own</b>")
    try:
        same("{{ form }}{{ form.name }}", lambda: other)
    finally:
        del other.renderer.render


def test_only_what_djangos_own_methods_print_is_found():
    form = Contact({})
    name = form["name"]
    own = [form, name, form.errors, form.as_p, name.as_field_group, name.label_tag]
    assert all(find(each) for each in own)
    others = ["text", 1, None, OwnStr(), OwnErrors(), Contact, Contact().media, Contact.as_p]
    others += [name.css_classes, "".strip, BoundForm()["name"], OwnRenders().as_p]
    assert not any(find(other) for other in others)


class Short(forms.Form):
    """Labels of all kinds, with nothing that a class adds to them."""

    plain = forms.CharField()
    asked = forms.CharField(label="Sure?")
    nameless = forms.CharField(label="")
    lazy = forms.CharField(label=gettext_lazy("Yes <&>"), label_suffix=" <->")
    safe = forms.CharField(label=mark_safe("<b>Bold</b>"))
    own = forms.CharField(widget=forms.TextInput(attrs={"id": "own"}))
    group = forms.ChoiceField(widget=forms.RadioSelect, choices=COLORS)


@pytest.mark.parametrize("kind", [Everything, Short])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"data": {}},
        {"auto_id": False},
        {"auto_id": "x"},
        {"label_suffix": "&"},
        {"prefix": "p"},
    ],
)
def test_what_stands_in_for_djangos_methods_makes_the_same_contexts(monkeypatch, kind, options):
    def asked():
        form = kind(**options)
        found = [find(way) for each in form for way in (each.label_tag, each.legend_tag, each)]
        return [(name, without_field(values)) for _, name, values in (f() for f in found if f)]

    for name in ("IS_KNOWN_LABEL", "IS_KNOWN_WIDGET", "FIELD_ITEM"):
        assert getattr(djust.forms, name), f"{name}: this Django has another one"
    with translation.override("de"):
        short = asked()
        monkeypatch.setattr(djust.forms, "IS_KNOWN_LABEL", False)
        monkeypatch.setattr(djust.forms, "IS_KNOWN_WIDGET", False)
        assert short == asked()


def without_field(values):
    return {name: value for name, value in values.items() if name != "field"}


def test_an_exception_in_a_form_is_the_one_that_django_raises():
    class Broken(Contact):
        def get_context(self):
            raise LookupError("no context")

    class Lost(Contact):
        template_name = "own/missing.html"

    for make, error in ((Broken, LookupError), (Lost, TemplateDoesNotExist)):
        compiled = template("<p>{{ form }}</p>")
        messages = set()
        for render in (compiled.render, *[partial(render_html, compiled)] * 2):
            with pytest.raises(error) as raised:
                render(Context({"form": make()}))
            messages.add(str(raised.value))
        assert len(messages) == 1


class Fails:
    """Prints itself as Django does, which needs the context, or not at all."""

    def __init__(self, error=None):
        self.error = error

    def __str__(self):
        if self.error:
            raise self.error
        return "<printed>"


class Telling(forms.TextInput):
    template_name = "outer.html"

    def __init__(self, error):
        super().__init__()
        self.value = Fails(error)

    def get_context(self, name, value, attrs):
        return {**super().get_context(name, value, attrs), "value": self.value}


@pytest.mark.parametrize("is_printed", [False, True], ids=["plan", "printer"])
def test_the_context_of_a_widgets_template_is_made_where_something_needs_it(is_printed):
    sources = {
        "outer.html": "{% autoescape off %}{% include 'inner.html' with name=widget.name %}"
        "{% endautoescape %}{{ value }}{% if None %}{{ True }}{% endif %}{{ nothing }}",
        "inner.html": "<i>{{ name }}</i>{% firstof nothing value %}{{ value }}{{ None }}"
        + ("<{{ name }}>" if is_printed else ""),
    }
    loaders = [("django.template.loaders.cached.Loader", [
        ("django.template.loaders.locmem.Loader", sources)])]  # fmt: skip
    options = {"loaders": loaders, "debug": True}

    class Own(DjangoTemplates):
        engine = Backend({"NAME": "own", "DIRS": [], "APP_DIRS": False, "OPTIONS": options})

    def context(error):
        class One(forms.Form):
            field = forms.CharField(widget=Telling(error))

        return {"form": One(renderer=Own())}

    compiled = template("<div>{{ form.field }}</div>")
    for _ in range(2):
        assert render_html(compiled, context(None)) == compiled.render(Context(context(None)))
    told = []
    for render in (render_html, lambda compiled, values: compiled.render(Context(values))):
        with pytest.raises(ZeroDivisionError) as raised:
            render(compiled, context(ZeroDivisionError("no")))
        told.append(raised.value.template_debug)
    assert told[0] == told[1]
    assert told[0]["name"].endswith("inner.html")
    live = LiveTemplate.of(Own.engine.engine.get_template("outer.html"))
    assert ("printer" in live.made) is is_printed


def test_a_form_that_was_shown_can_be_copied():
    form = Contact({}, renderer=OwnTemplates())
    same("{{ form }}", lambda: form)
    copied = deepcopy(form)
    assert same("{{ form }}{{ form.errors }}", lambda: copied)
    assert deepcopy(form.errors) == form.errors


def test_tests_are_told_of_the_templates_of_a_form():
    compiled = template("{{ form.name }}")
    told = []
    names = []

    def note(template, **kwargs):
        names.append(template.name)

    template_rendered.connect(note)
    try:
        for render in (compiled.render, *[partial(render_html, compiled)] * 3):
            render(Context({"form": Contact()}))
            told.append([name for name in names if name])
            names.clear()
    finally:
        template_rendered.disconnect(note)
    assert told[0]
    assert told[1:] == told[:1] * 3


def test_a_condition_that_changes_its_mind_still_prints_as_django_prints_it():
    class Fickle:
        def __init__(self, answers):
            self.answers = iter(answers)

        def flag(self):
            return next(self.answers)

    source = "<div>{% if x.flag %}<b>{% endif %}text{% if x.flag %}</b>{% endif %}</div>"
    compiled = template(source)
    for answers in ([1, 1], [0, 0]):
        expected = compiled.render(Context({"x": Fickle(answers)}))
        assert render_html(compiled, {"x": Fickle(answers)}) == expected
    # Where the two disagree, the render starts again, with a plan that asks nothing of them.
    again = render_html(compiled, {"x": Fickle([1, 0, 1, 0])})
    assert again == compiled.render(Context({"x": Fickle([1, 0])}))
