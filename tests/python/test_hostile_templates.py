"""Templates that are deep, long or endless render as in Django or raise what it raises: no crash.

They run in a process of their own, in a thread with a stack of 256 KiB: an overflow in native code
would end the process.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SCRIPT = """
import functools, json, sys, threading
import django
from django.conf import settings
settings.configure()
django.setup()
from django.template import Context
from django.template.backends.django import DjangoTemplates as Plain
from djust import template
from djust.rendering import LiveTemplate

template.PLANNED_FROM = 1
def page(backend, source):
    loader = ["django.template.loaders.locmem.Loader", {"page.html": source}]
    options = {"loaders": [["django.template.loaders.cached.Loader", [loader]]]}
    params = {"NAME": "x", "DIRS": [], "APP_DIRS": False, "OPTIONS": options}
    return backend(params).get_template("page.html")

def outcome(render):
    try:
        return render()
    except Exception as error:
        return type(error).__name__

def compare(source, context):
    wanted = outcome(lambda: page(Plain, source).render(dict(context)))
    printed = outcome(lambda: page(template.DjangoTemplates, source).render(dict(context)))
    live = outcome(lambda: LiveTemplate.of(page(Plain, source)).render_html(Context(dict(context))))
    return wanted[:99], len(wanted), wanted == printed, wanted == live

def render_all():
    print(json.dumps([compare(*case) for case in eval(sys.argv[1])]))

threading.stack_size(256 * 1024)
thread = threading.Thread(target=render_all)
thread.start()
thread.join()
"""


def compared(*cases):
    """What Django makes of each source and context (the begin of it and its length), and whether
    both of our ways agree. The cases are expressions."""
    case = ", ".join(f"({source}, {context})" for source, context in cases)
    command = [sys.executable, "-c", SCRIPT, f"[{case}]"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT / "python", timeout=90)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def assert_all_agree(*cases):
    found = compared(*cases)
    assert [agree for *_, printed, live in found for agree in (printed, live)] == [True] * (
        2 * len(cases)
    )
    return found


PAIRS = [
    ("{% if a %}", "{% endif %}"),
    ("{% if a %}<div>", "</div>{% endif %}"),
    ("{% for i in r %}<p>{{ forloop.counter }}", "{% endfor %}"),
    ("{% with b=a %}", "{% endwith %}"),
    ("{% autoescape off %}", "{% endautoescape %}"),
    ("{% spaceless %}", "{% endspaceless %}"),
]


@pytest.mark.parametrize("count", [50, 100, 150])
def test_nested_tags_render(count):
    sources = [f"{a!r} * {count} + '{{{{ a }}}}' + {b!r} * {count}" for a, b in PAIRS]
    found = assert_all_agree(*((source, "{'a': 1, 'r': [1]}") for source in sources))
    assert not any("Error" in start for start, *_ in found)


def test_ten_thousand_nested_tags_are_refused_by_djangos_compiler():
    ((error, *_),) = compared(("'{% if a %}' * 10_000 + '{% endif %}' * 10_000", "{}"))
    assert error == "RecursionError"


def test_long_conditions_are_those_of_django():
    sources = [
        f"'{{% if a' + {operator!r} * {count} + ' %}}y{{% endif %}}'"
        for operator in (" and a", " or b")
        for count in (50, 400)
    ]
    assert_all_agree(*((source, "{'a': 1, 'b': 2}") for source in sources))


def test_a_condition_that_is_too_long_to_lower_is_left_to_django():
    # The process ends with the template in its hands: Python 3.13 overflows such a stack as well
    # when it frees the condition.
    lower = """
def render_all():
    source = "{% if a" + " or b" * 2_000 + " %}y{% endif %}"
    print(LiveTemplate.of(page(Plain, source)).render_html({"b": 1}), flush=True)
    os._exit(0)
"""
    script = "import os\n" + SCRIPT.replace(
        "\nthreading.stack_size", lower + "\nthreading.stack_size"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          cwd=ROOT / "python", timeout=90)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "y\n"), done.stderr[-2000:]


def test_long_templates_and_lists_render():
    assert_all_agree(
        ("'{{ a|upper }}' * 50_000", "{'a': 'x'}"),
        ("'<b>{{ a }}</b>' * 50_000", "{'a': 'x'}"),
        ("'<p>text</p>' * 90_000 + '{{ a }}'", "{'a': 1}"),
        ("'{% for i in r %}<li>{{ i }}</li>{% endfor %}'", "{'r': range(100_000)}"),
        ("'{{ a' + '|upper' * 10_000 + ' }}'", "{'a': 'x'}"),
        ("'{{ a' + '.b' * 10_000 + ' }}'", "{'a': 'x'}"),
    )


def test_a_template_that_includes_itself_renders():
    tree = "{% if x %}<{{ x.n }}>{% with x=x.next %}{% include name %}{% endwith %}{% endif %}"
    chain = "functools.reduce(lambda x, n: {'n': n, 'next': x}, range(50), None)"
    assert_all_agree((repr(tree), f"{{'name': 'page.html', 'x': {chain}}}"))


def test_a_template_without_an_end_raises():
    found = assert_all_agree(
        (repr("a{% include 'page.html' %}"), "{}"),
        (repr("a{% include name %}"), "{'name': 'page.html'}"),
        (repr("{% extends 'page.html' %}"), "{}"),
    )
    errors = [start for start, *_ in found]
    assert errors == ["RecursionError", "RecursionError", "TemplateDoesNotExist"]
