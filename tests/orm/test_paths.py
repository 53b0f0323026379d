"""What a template is said to read, without a database."""

import pytest
from data import compiled

from djust.lowering import lower
from djust.queries.paths import Paths


def lines(source):
    template = compiled(source)
    return Paths(lower(template).ops).lines()


PATHS = {
    "{{ a.b.c }}": ["a.b.c: escapes"],
    "{% if a.b and not c %}x{% endif %}": ["a.b: tested", "c: tested"],
    "{% if a == b.c %}{% endif %}": ["a: escapes", "b.c: escapes"],
    "{% for x in a.b %}{{ x.c }}{{ forloop.counter }}{% empty %}{{ x }}{% endfor %}": ["a.b: iterated", "a.b[].c: escapes", "x: escapes"],
    "{% for x, y in a %}{{ y.z }}{% endfor %}": ["a: iterated", "a[]: iterated", "a[][].z: escapes"],
    "{% with x=a.b y=c %}{{ x.d }}{{ y.e }}{% endwith %}{{ x }}": ["a.b.d: escapes", "c.e: escapes", "x: escapes"],
    "{% with a=b %}{% with b=a.c %}{{ a.d }}{{ b.e }}{% endwith %}{% endwith %}": ["b.c.e: escapes", "b.d: escapes"],
    "{{ a|length }}{{ b|default:c.d }}{{ e|first }}": ["a: counted", "b: escapes, tested", "c.d: escapes", "e: sliced", "e[]: escapes"],
    "{% for x in a|dictsort:'b.c'|slice:':3' %}{{ x }}{% endfor %}": ["a: iterated, sliced", "a[]: escapes", "a[].b.c: escapes"],
    "{{ a|join:b }}": ["a: iterated", "a[]: escapes", "b: escapes"],
    "{% twice a.b %}": ["a.b: escapes"],
    "{{ a.b }}{% first_body %}": ["a: escapes", "a.b: escapes"],
    "{% for x in a %}{{ x.b }}{% first_body %}{% endfor %}": ["a: escapes, iterated", "a[]: escapes", "a[].b: escapes"],
    "{% with x=a.b %}{% first_body %}{{ x.c }}{% endwith %}": ["a: escapes", "a.b: escapes", "a.b.c: escapes"],
    "{% autoescape off %}{{ a.b|safe }}{% endautoescape %}": ["a.b: escapes"],
    "{% block x %}{% for y in a %}{{ y.b }}{% endfor %}{% endblock %}": ["a: iterated", "a[].b: escapes"],
}  # fmt: skip


@pytest.mark.parametrize("source", PATHS)
def test_paths(source):
    assert lines(source) == sorted(PATHS[source])


def test_an_unknown_operation_lets_all_it_mentions_escape():
    body = [("value", (("slot", 0, ("c",)), []), None, False)]
    ops = [
        ("for", (("name", "a", ()), []), ("x",), False, ([0], 0), [
            ("newer", [("slot", 0, ("b",))], {"more": 1}, body),
        ], [], None),
        ("newer", ("name", "d", ("e",))),
    ]  # fmt: skip
    assert Paths(ops).lines() == [
        "a: escapes, iterated",
        "a[].b: escapes",
        "a[].c: escapes",
        "d.e: escapes",
        "d: escapes",
    ]
