"""Tags of projects that say what they do (``djust_lower``)."""

import logging

import pytest
from django.template import Context, Engine, Library, Node

from djust.lowering import lower
from djust.rendering import LiveTemplate

library = Library()


class Badge(Node):
    """``{% badge label if condition %}body{% endbadge %}``"""

    def __init__(self, label, condition, nodelist):
        self.label, self.condition, self.nodelist = label, condition, nodelist

    def render(self, context):
        label = self.label.resolve(context)
        if not self.condition.resolve(context, ignore_failures=True):
            return "<i></i>"
        with context.push(label=label):
            return f"<b>{len(str(label))}{self.nodelist.render(context)}</b>"

    def djust_lower(self, lower):
        shown = [
            lower.text("<b>"),
            lower.call(lambda label: len(str(label)), self.label),
            lower.bind({"label": self.label}, self.nodelist),
            lower.text("</b>"),
        ]
        return lower.when(self.condition, shown, lower.text("<i></i>"))


class Double(Node):
    def __init__(self, value, name):
        self.value, self.name = value, name

    def render(self, context):
        context[self.name] = self.value.resolve(context) * 2
        return ""

    def djust_lower(self, lower):
        return [lower.assign(self.name, lambda value: value * 2, self.value)]


class Loud(Badge):
    """Does something else than the class that has the hook."""

    def render(self, context):
        return super().render(context).upper()


class Broken(Node):
    def __init__(self, answer):
        self.answer = answer

    def render(self, context):
        return "as Django renders it"

    def djust_lower(self, lower):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@library.tag
def badge(parser, token, kind=Badge):
    name, label, _, condition = token.split_contents()
    nodelist = parser.parse((f"end{name}",))
    parser.delete_first_token()
    return kind(parser.compile_filter(label), parser.compile_filter(condition), nodelist)


@library.tag
def loud(parser, token):
    return badge(parser, token, Loud)


@library.tag
def double(parser, token):
    _, value, _, name = token.split_contents()
    return Double(parser.compile_filter(value), name)


def template_of(source, **options):
    engine = Engine(**options)
    engine.template_builtins.append(library)
    return engine.from_string(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% badge x if y %}({{ label }}{{ z }}){% endbadge %}",
        "{% for x in z %}{% badge x|upper if x %}{{ forloop.counter }}{{ label }}{% endbadge %}{% endfor %}",
        "{% badge x if missing %}a{% endbadge %}<p title='{% badge x if y %}{{ label }}{% endbadge %}'>",
        "{% badge x if y %}{% lorem 1 w %}{{ label }}{% endbadge %}",
    ],
)
def test_a_tag_that_says_what_it_does_is_native(source):
    template = template_of(source)
    assert ("'opaque'" in repr(lower(template).ops)) == ("lorem" in source)
    values = {"x": "<x>", "y": 1, "z": ["a", "&"]}
    assert LiveTemplate.of(template).render_html(values) == template.render(Context(values))


def test_a_name_that_it_gives_is_seen_by_what_follows():
    template = template_of("{% for x in xs %}{{ y }}{% double x as y %}{{ y }}{% endfor %}{{ y }}")
    values = {"xs": [1, 2], "y": 0}
    expected = template.render(Context(values))
    assert LiveTemplate.of(template).render_html(values) == expected == "02240"


def test_a_class_below_with_a_render_of_its_own_stays_with_django():
    template = template_of("{% loud x if y %}a{% endloud %}")
    assert [op[0] for op in lower(template).ops] == ["opaque"]
    assert LiveTemplate.of(template).render_html({"x": "x", "y": 1}) == "<B>1A</B>"


@pytest.mark.parametrize("answer", [None, ValueError("x"), ["<b>"], 3])
def test_a_hook_without_a_good_answer_leaves_the_tag_to_django(answer, caplog):
    template = template_of("a")
    template.nodelist[0] = Broken(answer)
    with caplog.at_level(logging.ERROR, "djust"):
        assert LiveTemplate.of(template).render_html({}) == "as Django renders it"
    assert bool(caplog.records) == (answer is not None)


def test_an_error_in_a_value_is_told_with_the_line_of_the_tag():
    template = template_of("a\n{% badge x|add:missing if y %}{% endbadge %}", debug=True)
    with pytest.raises(Exception, match="missing") as raised:
        LiveTemplate.of(template).render_html({"y": 1})
    assert raised.value.template_debug["line"] == 2
