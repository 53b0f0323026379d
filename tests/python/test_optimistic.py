"""What a page is told about variables, so that it can show a change before the answer."""

import msgpack
import pytest
from django.template import Engine

from djust.rendering import LiveTemplate

FLAG = 8


def notes(source, **context):
    """The variables of the definitions in a mount frame; template numbers stay numbers."""
    engine = Engine(loaders=[("django.template.loaders.locmem.Loader", {"row": ROW})])
    frame = LiveTemplate.of(engine.from_string(source)).renderer().mount(context)
    unpacker = msgpack.Unpacker(strict_map_key=False)
    unpacker.feed(frame)
    values = list(unpacker)
    count, found, at = values[5], [], 7
    for _ in range(count):
        _hash, flags, _key, _scalars, parts = values[at : at + 5]
        at += 5 + parts
        if flags & FLAG:
            found += values[at]
            at += 1
    return found


ROW = "<li>{{ todo.title }}{{ liked }}</li>"
LIKE = '<button dj-click="like" dj-optimistic="liked:!liked"></button>'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ liked }}", [0, 0, "liked"]),
        ('<b title="{{ liked }}"></b>', [0, 0, "liked"]),
        ("{% if liked %}♥{% else %}♡{% endif %}", [0, 0, "liked", 0, 1]),
        ("{% if not liked %}♥{% endif %}", [0, 0, "liked", False, 0]),
        ("{% if liked %}{{ other }}{% endif %}", [0, 0, "liked", None, False]),
        ('<b class="x {% if liked %}on{% endif %}"></b>', [0, 0, "liked", "on", ""]),
        ("<input {% if liked %}checked{% endif %}>", [0, 0, "liked", "checked", ""]),
        ('{% if liked == "a" %}<i></i>{% endif %}', [0, 0, "liked", 0, False, "a"]),
        ("<b {% if liked == 3 %}hidden{% endif %}></b>", [0, 0, "liked", "hidden", "", 3]),
        ("{% for x in y %}{{ liked }}{% endfor %}", [0, 0, "liked"]),
        ('{% for x in y %}{% include "row" %}{% endfor %}', [1, 0, "liked"]),
    ],
)
def test_what_a_variable_alone_fills_is_noted(template, expected):
    assert notes(LIKE + template, liked=True, y=[1]) == [expected]


@pytest.mark.parametrize(
    "template",
    [
        "{{ liked|upper }}",
        "{{ liked.x }}",
        "{% if liked and other %}♥{% endif %}",
        "{% if liked %}{{ a }}{% else %}{{ b }}{% endif %}",
        "{% with liked=other %}{{ liked }}{% endwith %}",
        "{% for x in y %}{% if forloop.first %}{{ x }}{% endif %}{% endfor %}",
    ],
)
def test_what_depends_on_more_is_not(template):
    assert notes(LIKE + template, liked=True, y=[1]) == []


def test_a_name_of_a_loop_says_which():
    template = (
        "{% for todo in todos %}<li>"
        '<input dj-optimistic="todo.done:!todo.done" {% if todo.done %}checked{% endif %}>'
        "{% for tag in todo.tags %}{{ todo.done }}{{ tag }}{% endfor %}"
        "{% for todo in todo.more %}{{ todo.done }}{% endfor %}</li>{% endfor %}"
        "{{ todo.done }}"
    )
    todos = [{"done": True, "tags": [1], "more": [{"done": False}]}]
    assert sorted(notes(template, todos=todos)) == [
        [0, 0, "todo.done"],
        [0, 1, "todo.done"],
        [0, 1, "todo.done", "checked", ""],
        [0, 2, "todo.done"],
    ]


def test_a_list_that_gets_rows_tells_what_its_rows_print():
    template = (
        '<form dj-submit="add" dj-optimistic="todos:append"></form>'
        '{% for todo in todos %}{% include "row" %}{% endfor %}{% for x in others %}{{ x }}{% endfor %}'
    )
    assert notes(template, todos=[{}], others=[1]) == [[0, 1, "todo.title"], [0, 0, "todos"]]


def test_a_page_without_the_attribute_pays_nothing():
    template = "{{ liked }}{% if liked %}♥{% endif %}"
    assert notes(template, liked=True) == []
