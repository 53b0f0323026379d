"""Random templates over every kind of value: Django's output or exception, and nothing else.

``DJUST_FUZZ=100000 pytest tests/python/test_fuzz.py`` runs as many cases. What once failed stands
in test_rendering.py, cut down to what it was about.
"""

import os
import random

import pytest
from test_rendering import FILTERS, LIBRARY, PATHS, VALUES, check

CASES = int(os.environ.get("DJUST_FUZZ", "2000"))

TEXTS = [
    "<p>", "</p>", "<div class='", "'>", "</div>", "<b>", "</b>", " text ", "\n", "<input ", ">",
    "<ul>", "<li>", "</li>", "</ul>", "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>",
    "<script>", "</script>", "<!--", "-->", "<textarea>", "</textarea>", "é&amp;", "&", "<",
    "<a href=\"?x=", "\">", "</a>", "<svg>", "<path/>", "</svg>", "<option ", "selected", "=",
]  # fmt: skip
NAMES = ["x", "y", "a", "item", "forloop", "one"]
COUNTERS = ["counter", "counter0", "revcounter", "last", "first", "parentloop.counter", "missing"]
# Not those that are random, unknown, or take the address of an object apart.
NOISY = ("random", "length_is", "make_list", "truncatechars", "join")
QUIET = [name for name in FILTERS if name.split(":")[0] not in NOISY] + ["truncatechars:5"]


class Writer:
    """Writes one random template."""

    def __init__(self, seed):
        self.choice = random.Random(seed)
        self.blocks = 0

    def path(self):
        pick = self.choice.random()
        if pick < 0.3:
            return self.choice.choice(NAMES)
        if pick < 0.4:
            return "forloop." + self.choice.choice(COUNTERS)
        return self.choice.choice(PATHS)

    def value(self):
        chain = self.choice.choices(QUIET, k=self.choice.choice([0, 0, 0, 1, 1, 2]))
        return "|".join([self.path(), *chain])

    def condition(self):
        operators = ["==", "!=", "<", ">=", "in", "not in", "is", "and", "or", "and not", "or not"]
        parts = [self.choice.choice(["", "not "]) + self.value()]
        while self.choice.random() < 0.4:
            parts += [self.choice.choice(operators), self.value()]
        return " ".join(parts)

    def body(self, depth):
        return "".join(self.piece(depth) for _ in range(self.choice.randint(1, 4)))

    def piece(self, depth):
        pick = self.choice.random()
        if depth == 0 or pick < 0.35:
            if self.choice.random() < 0.5:
                return self.choice.choice(TEXTS)
            return f"{{{{ {self.value()} }}}}"
        inside = self.body(depth - 1)
        name, other = self.choice.sample(NAMES, 2)
        forms = [
            f"{{% if {self.condition()} %}}{inside}{{% endif %}}",
            f"{{% if {self.condition()} %}}{inside}{{% else %}}{self.body(depth - 1)}{{% endif %}}",
            f"{{% for {name} in {self.value()} %}}{inside}{{% endfor %}}",
            f"{{% for {name} in things reversed %}}{inside}{{% empty %}}-{{% endfor %}}",
            f"{{% for {name}, {other} in pairs %}}{inside}{{% endfor %}}",
            f"{{% with {name}={self.value()} {other}={self.path()} %}}{inside}{{% endwith %}}",
            f"{{% autoescape {self.choice.choice(['on', 'off'])} %}}{inside}{{% endautoescape %}}",
            f"<li id='{{{{ {self.path()} }}}}'>{inside}</li>",
            f"{{% include '{self.choice.choice(list(LIBRARY))}' with item={self.value()} %}}",
            f"{{% include 'part' with x={self.value()} only %}}",
            f"{{% spaceless %}}{inside}{{% endspaceless %}}",
            f"{{% cycle 'a' {self.path()} as {name} %}}{inside}",
            f"{{% firstof {self.path()} {self.path()} as {name} %}}{inside}",
            f"{{% ifchanged {self.path()} %}}{inside}{{% endifchanged %}}",
            f"{{% filter {self.choice.choice(['upper', 'lower'])} %}}{inside}{{% endfilter %}}",
            self.block(inside),
        ]
        return self.choice.choice(forms)

    def block(self, inside):
        self.blocks += 1
        return f"{{% block b{self.blocks} %}}{inside}{{% endblock %}}"

    def template(self):
        if self.choice.random() < 0.15:
            parent = self.choice.choice(["base", "middle"])
            inside = self.body(2) + self.choice.choice(
                ["", "{{ block.super }}", "{{ block.name }}"]
            )
            return f"{{% extends '{parent}' %}}{{% block main %}}{inside}{{% endblock %}}"
        return self.body(3)


def run(seed):
    writer = Writer(seed)
    source = writer.template()
    try:
        check(source, VALUES, debug=seed % 2 == 0)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {source!r}") from error


@pytest.mark.parametrize("part", range(10))
def test_random_templates_print_what_django_prints(part):
    for seed in range(part, CASES, 10):
        run(seed)
