"""A random number generator goes in, the sources of a random template and of what it uses come out.

A template is kept as a tree, so that a failing one can be made smaller by whole tags: a *body* is a
list of strings and *tags*, and a tag is a tuple of strings and bodies in turn::

    ["<p>", ("{% if a %}", ["yes"], "{% else %}", ["no"], "{% endif %}"), "</p>"]

Each place of HTML has its own grammar: content, attribute values, the inside of a tag, elements
whose text is raw or escaped, comments, tables. Now and then a piece of markup stands where it does
not belong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.template import defaulttags

Body = list[Any]

NAMES = ["a", "b", "c", "d", "rows", "obj"]
ATTRIBUTES = ["id", "name", "price", "tags", "a", "b", "0", "1"]
RARE_ATTRIBUTES = ["items", "missing", "keys", "count", "values.0", "real", "2"]

# Filters without an argument, and with one; {} stands for a value.
NATIVE_FILTERS = [
    "addslashes", "capfirst", "date", "escape", "escapejs", "filesizeformat", "first",
    "floatformat", "force_escape", "json_script", "last", "length", "linebreaks", "linebreaksbr",
    "lower", "pluralize", "safe", "slugify", "striptags", "time", "title", "upper", "urlencode",
    "wordcount", "yesno", "add:{}", "add:1", "add:'x'", "center:9", "cut:'a'", "cut:{}",
    "date:'D, d M Y H:i'", "date:'SHORT_DATE_FORMAT'", "date:'N jS, P e O'", "date:{}",
    "default:{}", "default:'-'", "default_if_none:{}", "default_if_none:'none'", "divisibleby:2",
    "divisibleby:n", "floatformat:2", "floatformat:-2", "floatformat:0", "floatformat:'2g'",
    "floatformat:'u'", "floatformat:n", "get_digit:1", "get_digit:{}", "join:', '", "join:{}",
    "json_script:'x'", "ljust:5", "ljust:n", "pluralize:'es'", "pluralize:'y,ies'", "pluralize:{}",
    "rjust:'5'", "slice:':2'", "slice:'1:'", "slice:'::-1'", "slice:{}", "stringformat:'d'",
    "stringformat:'s'", "stringformat:'.3f'", "stringformat:'05d'", "stringformat:{}", "time:'H:i'",
    "timesince:obj", "timeuntil:a", "truncatechars:3", "truncatechars:0", "truncatechars:n",
    "truncatewords:2", "truncatewords:n", "urlencode:''", "yesno:'a,b,c'", "yesno:'a,b'",
    "yesno:'a'", "yesno:{}", "date:'c e T O Z I'", "date:'r'", "date:'TIME_FORMAT'", "timesince",
    "timesince:{}", "timeuntil",
]  # fmt: skip
OTHER_FILTERS = [
    "urlize", "make_list", "iriencode", "phone2numeric", "safeseq", "unordered_list",
    "dictsort:'id'", "dictsortreversed:'name'", "truncatechars_html:4", "truncatewords_html:1",
    "wordwrap:5", "linenumbers", "localize", "unlocalize", "utc", "localtime",
    "timezone:'Asia/Tokyo'", "timezone:{}", "utc|date:'H:i e'", "localtime|time:'H:i T'",
    "language_name", "language_bidi",
]  # fmt: skip
FORM = [
    "form", "form.name", "form.size", "form.note", "form.as_p", "form.as_div", "form.as_table",
    "form.as_ul", "form.name.errors", "form.size.label_tag", "form.note.value", "form.errors",
    "form.non_field_errors", "form.hidden_fields.0", "form.when", "form.colour", "form.colour.0.tag",
    "form.when.help_text", "form.size.as_widget", "form.name.id_for_label", "form.agreed",
    "form.size.as_field_group", "form.media", "form.colour.legend_tag", "form.errors.as_text",
    "form.name.as_hidden", "form.missing",
]  # fmt: skip
"""What templates write of a form."""
CONSTANTS = [
    "'text'", '"text"', "'<b>'", "''", "'&amp;'", "1", "0", "-1", "2.5", "1e3", "1.0", "True",
    "False", "None", "_('Yes')", "_('Monday')", "_('%(n)s')", "'it\\'s'", "1000000",
]  # fmt: skip
OPERATORS = [
    "==", "!=", "<", ">", "<=", ">=", "in", "not in", "is", "is not", "and", "or",
]  # fmt: skip
TEXTS = [
    "text", " ", "\n", "  \n  ", "é", "日本 🎉", "a &amp; b", "&copy;", "a & b", "\t", "x\r\ny",
    "{ ", "}", "{ { ", "%}", "'", '"', "1 > 0", "=", "/",
]  # fmt: skip
MISPLACED = [
    "<", ">", "</", "<div", "<div>", "</div>", "<p>", "</p>", "<!--", "-->", "<!-- c -->",
    "<script>", "</script>", "<style>", "</style>", "<textarea>", "</textarea>", "<title>",
    "</title>", '"', "'", '="', "<a href=", "<a href='", "<br/>", "<br>", "<input disabled>",
    "<svg>", "</svg>", "<math>", "<svg/>", "<![CDATA[", "]]>", "<!doctype html>", "<?php ?>",
    "<table>", "</table>", "<tr>", "<td>", "</tr>", "<li>", "<option>", "<select>", "</select>",
    "<template>", "</template>", "<pre>\n", "<plaintext>", "<noscript>", "</noscript>", "<iframe>",
    "</iframe>", "<b><i></b></i>", "<html>", "<body>", "</body>", "<head>", "<h1>", "</x", "<x-y>",
    "</x-y>", "<a/b>", "<image>", "<form><form>", "<frameset>", "<col>", "<caption>", "&", "&am",
    "&#", "<foreignObject>", "<xmp>", "</br>", "</p",
]  # fmt: skip


@dataclass
class Templates:
    """The bodies of ``main.html`` and of the templates that it may name."""

    bodies: dict[str, Body] = field(default_factory=dict)

    def sources(self) -> dict[str, str]:
        return {name: joined(body) for name, body in self.bodies.items()}


def joined(part: Any) -> str:
    """The source of a body or a tag.

    >>> joined(["<p>", ("{% if a %}", ["yes"], "{% endif %}")])
    '<p>{% if a %}yes{% endif %}'
    """
    return part if isinstance(part, str) else "".join(map(joined, part))


def random_templates(random: Random, is_tidy: bool = False, is_careless: bool = False) -> Templates:
    """Templates that compile nearly always, of at most some fifty tags; half of them without a tag
    that only Django renders. A tidy one opens and closes its elements where an author would; a
    careless one leaves that to the parser now and then."""
    is_native = random.random() < 0.5

    def grammar(budget: int, includes: list[str]) -> Grammar:
        return Grammar(random, budget, includes, is_native, is_tidy, is_careless)

    templates = Templates()
    templates.bodies["small.html"] = grammar(3, []).body("content")
    templates.bodies["card.html"] = grammar(3, []).body("content")
    templates.bodies["row.html"] = grammar(3, ["small.html"]).body("content")
    templates.bodies["tree.html"] = [
        "{% if t %}<i>",
        grammar(4, ["small.html"]).part("content"),
        "</i>{% include 'tree.html' with t=t|slice:'1:' %}",
        (
            "{% for r in t %}",
            grammar(2, []).body("content"),
            "{% include 'tree.html' with t='' %}{% endfor %}",
        ),
        "{% endif %}",
    ]
    templates.bodies["branch.html"] = [
        ("<ul>", ["{% for r in t %}<li>", grammar(2, []).body("content"), TWIG, "{% endfor %}"]),
        "</ul>",
    ]
    main = grammar(random.choice([2, 4, 8, 20]), INCLUDED)
    if random.random() < 0.2:
        inherit(random, templates, main, grammar(6, INCLUDED), grammar(4, INCLUDED))
    else:
        templates.bodies["main.html"] = main.body("content")
    return templates


INCLUDED = ["small.html", "row.html", "tree.html", "branch.html"]
TWIG = "{% include 'branch.html' with t=r.tags only %}</li>"
"""A template that includes itself with what it finds in its rows."""
HAS_PARTIALS = hasattr(defaulttags, "PartialNode")
BLOCKS = ["head", "body", "foot"]


def inherit(
    random: Random, templates: Templates, main: "Grammar", base: "Grammar", middle: "Grammar"
) -> None:
    """``main.html`` extends ``base.html``, perhaps by way of ``middle.html``."""
    templates.bodies["base.html"] = [
        *base.body("content"),
        *(base.block(name, "content") for name in BLOCKS if random.random() < 0.9),
        *base.body("content"),
    ]
    parent = "'base.html'"
    if random.random() < 0.4:
        templates.bodies["middle.html"] = child(random, parent, middle)
        parent = "'middle.html'"
    if random.random() < 0.1:
        parent = "parent"
    templates.bodies["main.html"] = child(random, parent, main)


def child(random: Random, parent: str, grammar: "Grammar") -> Body:
    ignored = ["ignored"] if random.random() < 0.1 else []
    chosen = [name for name in BLOCKS if random.random() < 0.6]
    blocks = [grammar.block(name, "content") for name in chosen]
    return ["{% extends " + parent + " %}", *ignored, *blocks]


class Grammar:
    """Writes bodies until ``budget`` tags are spent."""

    def __init__(
        self,
        random: Random,
        budget: int,
        includes: list[str],
        is_native: bool,
        is_tidy: bool,
        is_careless: bool,
    ):
        self.random = random
        self.budget = budget
        self.includes = includes
        self.is_native = is_native
        self.is_tidy = is_tidy
        self.is_careless = is_careless
        self.names = list(NAMES)
        self.loops = 0
        self.in_block = False
        self.in_drawing = False
        self.in_foreign = False
        self.place = "content"
        self.has_super = False
        self.in_value = False

    # ---- bodies by place ------------------------------------------------------------------------

    def body(self, place: str, longest: int = 4) -> Body:
        return [self.part(place) for _ in range(self.random.randrange(1, longest + 1))]

    def part(self, place: str) -> Any:
        self.place = place
        if self.is_careless and place == "content" and self.random.random() < 0.2:
            return self.careless()
        chance = self.random.random()
        if chance < 0.012 and not self.is_tidy:
            return self.random.choice(MISPLACED)
        if chance < 0.4 and not (self.is_tidy and place in ("table", "row", "inside")):
            if self.is_tidy and chance < 0.03 and place == "content" and not self.in_drawing:
                return "{{ obj.html }}"
            return self.variable()
        if chance < 0.72 and self.budget > 0:
            self.budget -= 1
            return self.tag(place)
        return self.markup(place)

    def markup(self, place: str) -> Any:
        return PLACES[place](self)

    def content(self) -> Any:
        chance = self.random.random()
        if chance < 0.3 or self.budget <= 0:
            return self.random.choice(TEXTS)
        self.budget -= 1
        if chance < 0.8:
            name = self.random.choice(["p", "div", "span", "li", "b", "h1", "a", "my-tag", "DIV"])
            return (f"<{name}", self.body("inside", 2), ">", self.body("content", 3), f"</{name}>")
        if chance < 0.86:
            name = self.random.choice(["input", "br", "img", "hr"])
            return (f"<{name}", self.body("inside", 2), self.random.choice([">", "/>", " />"]))
        if chance < 0.94:
            name, place = self.random.choice(ELEMENTS[:-3] if self.is_tidy else ELEMENTS)
            name = "div" if self.in_foreign and name == "noscript" else name
            return (f"<{name}>", self.body(place, 3), f"</{name}>")
        return ("<table>", self.body("table", 3), "</table>")

    def careless(self) -> Any:
        """Markup that a parser completes, moves or drops."""
        test = "{% if " + self.condition() + " %}"

        def rows(*row: Any) -> tuple:
            return ("{% for r in rows %}", list(row), "{% endfor %}")

        def inner() -> Body:
            return self.body("content", 2)

        def repeated() -> Body:
            return self.within([], inner, loops=1)

        def foreign() -> Body:
            """HTML in a drawing or a formula. Nobody writes a ``noscript`` there."""
            saved, self.in_foreign = self.in_foreign, True
            try:
                return inner()
            finally:
                self.in_foreign = saved

        def drawn() -> Body:
            """What an author writes here may end the drawing; what a value brings may not."""
            saved = self.in_drawing, self.includes
            self.in_drawing, self.includes = True, []
            try:
                return foreign()
            finally:
                self.in_drawing, self.includes = saved

        return self.random.choice(
            [
                lambda: ("<ul>", [rows("<li>", *repeated())], "</ul>"),
                lambda: ("<dl>", ["<dt>", *inner(), rows("<dd>", *repeated())], "</dl>"),
                lambda: ("<p>", inner(), "<ul><li>x", inner(), "</ul>"),
                lambda: ("<p><b>", inner(), "</p>"),
                lambda: ("<table>", [rows("<tr><td>", *repeated())], "</table>"),
                lambda: ("<table><tr><td>", inner(), [rows("<tr>", "<th>x")], "</table>"),
                lambda: ("<table>", [self.variable()], "<tr><td>x</table>"),
                lambda: ("<table>", [rows("<col>")], "<td>", inner(), "</table>"),
                lambda: ("<div><tr>", inner(), "<td>x</div>"),
                lambda: ("<select>", [rows("<option>", self.variable())], "</select>"),
                lambda: ("<select><div>", inner(), "</div></select>"),
                lambda: ("<a href=x>", inner(), "<a href=y>", inner(), "</a>"),
                lambda: ("<button>", inner(), "<button>", inner(), "</button>"),
                lambda: ("<form>", inner(), "<form>", inner(), "</form>"),
                lambda: ("<h1>", inner(), "<h2>", inner(), "</h2>"),
                lambda: (f"{test}<a href=x>{{% endif %}}", inner(), f"{test}</a>{{% endif %}}"),
                lambda: (f"{test}<p>{{% endif %}}", inner()),
                lambda: ("<p data-", [self.variable()], "=x>", inner(), "</p>"),
                lambda: ("<svg><title>", [self.variable()], "</title><g>", drawn(), "</svg>"),
                lambda: ("<svg><foreignObject>", foreign(), "</foreignObject></svg>"),
                lambda: ("<math><mi>", foreign(), "</mi><mglyph>", [self.variable()], "</math>"),
                lambda: ("<div></p>", inner(), "</i>", inner(), "<br></b></div>"),
            ]
        )()

    def inside(self) -> Any:
        chance = self.random.random()
        name = self.random.choice(
            ["class", "href", "id", "data-key", "style", "value", "title", "@x"]
        )
        if chance < 0.25:
            return " " if chance < 0.1 else self.random.choice(["\n", " disabled", " checked=''"])
        if chance < 0.85:
            quote = self.random.choice(['"', '"', '"', "'"])
            return (f" {name}={quote}", self.body("attribute", 3), quote)
        if chance < 0.9 and not self.is_tidy:
            return (f" {name}=", [self.variable()])
        return (" ", [self.variable()])

    def attribute(self) -> str:
        return self.random.choice(["x", " ", "a b", "/p/", "&amp;", "é", "<", ">", "a=b", "", "\n"])

    def raw(self) -> str:
        if self.is_tidy:
            return self.random.choice(["x = 1;", " ", "a < b", "&amp;", "'", "// c\n"])
        return self.random.choice(
            ["x = 1;", " ", "<b>", "&amp;", "'", '"', "{ }", "// c\n", "<!--"]
        )

    def escaped(self) -> str:
        if self.is_tidy:
            return self.random.choice(["text", " ", "a < b", "&amp;", "\n"])
        return self.random.choice(["text", " ", "<b>", "&amp;", "\n", "'", "é"])

    def comment(self) -> str:
        if self.is_tidy:
            return self.random.choice(["note", " ", "- -", "&amp;", "\n"])
        return self.random.choice(["note", " ", "<b>", "- -", "&amp;", "\n"])

    def table(self) -> Any:
        chance = self.random.random()
        if chance < 0.2:
            return self.random.choice(["\n", "  ", "<caption>c</caption>", "<tbody></tbody>"])
        if chance < 0.3:
            return ("<tbody>", self.body("table", 2), "</tbody>")
        end = self.random.choice(["</tr>", "</tr>", "</tr>", ""])
        return ("<tr", self.body("inside", 1), ">", self.body("row", 2), end)

    def row(self) -> Any:
        name = self.random.choice(["td", "td", "th"])
        end = self.random.choice([f"</{name}>", f"</{name}>", ""])
        return (f"<{name}", self.body("inside", 1), ">", self.body("content", 2), end)

    # ---- values ---------------------------------------------------------------------------------

    def variable(self) -> str:
        space = self.random.choice([" ", " ", " ", "", "  "])
        if not self.is_tidy and self.random.random() < 0.03:
            return "{{ " + self.random.choice(FORM) + " }}"
        if self.in_block and self.random.random() < 0.15:
            name = self.random.choice(["block.super", "block.super|upper", "block.name"])
            if name == "block.super" and self.is_tidy:
                # Printed a second time it is a value, whose elements may end those around it; in a tag
                # it may be half of one.
                is_value = self.loops or self.has_super or self.place != "content"
                name = "block.name" if is_value else name
                self.has_super = True
            return "{{ " + name + " }}"
        return "{{" + space + self.expression() + space + "}}"

    def expression(self) -> str:
        expression = self.value()
        if self.random.random() < 0.45:
            for _ in range(self.random.choice([1, 1, 1, 2, 3])):
                expression += "|" + self.filter()
        return expression

    def filter(self) -> str:
        is_native = self.is_native or self.random.random() < 0.7
        filters = NATIVE_FILTERS if is_native else OTHER_FILTERS
        if self.is_tidy:  # No filter that leaves or makes markup, or half of it.
            filters = ["capfirst", "upper", "lower", "length", "default:{}", "yesno", "pluralize"]
        name = self.random.choice(filters)
        return name.replace("{}", self.argument()) if "{}" in name else name

    def value(self) -> str:
        chance = self.random.random()
        if chance < 0.1:
            return self.constant_value()
        if self.loops and chance < 0.25:
            parents = "parentloop." * (self.random.random() < 0.3)
            counter = ["counter", "counter0", "revcounter", "revcounter0", "first", "last"]
            return f"forloop.{parents}{self.random.choice(counter)}"
        if chance < 0.27:
            return self.random.choice(
                ["csrf_token", "forloop", "block", "missing", "forloop.length"]
            )
        name = self.random.choice([*self.names, "v"])  # That one exists when a tag has set it.
        for _ in range(self.random.choice([0, 0, 0, 1, 1, 2])):
            is_rare = self.random.random() < 0.1
            name += "." + self.random.choice(RARE_ATTRIBUTES if is_rare else ATTRIBUTES)
        return name

    def argument(self) -> str:
        """A missing argument of a filter is an error, so most are not missing."""
        chance = self.random.random()
        if chance < 0.05:
            return self.value()
        return self.constant_value() if chance < 0.5 else self.random.choice(self.names)

    def constant_value(self) -> str:
        value = self.random.choice(CONSTANTS)
        return "'text'" if self.is_tidy and ("<" in value or "\\'" in value) else value

    def condition(self, depth: int = 0) -> str:
        chance = self.random.random()
        if depth > 2 or chance < 0.5:
            return self.expression()
        if chance < 0.6:
            return "not " + self.condition(depth + 1)
        operator = self.random.choice(OPERATORS)
        return f"{self.condition(depth + 1)} {operator} {self.condition(depth + 1)}"

    # ---- tags -----------------------------------------------------------------------------------

    def tag(self, place: str) -> Any:
        # A tidy table has no text of its own: a parser would put it in front.
        tags = TAGS[:SCOPES] if self.is_tidy and place in ("table", "row") else TAGS
        chance = self.random.randrange(sum(weight for weight, _ in tags))
        for weight, tag in tags:
            chance -= weight
            if chance < 0:
                return tag(self, place)
        raise AssertionError("weights")

    def if_(self, place: str) -> tuple:
        parts: list[Any] = ["{% if " + self.condition() + " %}", self.body(place, 3)]
        while self.random.random() < 0.2:
            parts += ["{% elif " + self.condition() + " %}", self.body(place, 2)]
        if self.random.random() < 0.4:
            parts += ["{% else %}", self.body(place, 2)]
        return (*parts, "{% endif %}")

    def for_(self, place: str) -> tuple:
        if self.loops > 2:
            return self.if_(place)
        kind = self.random.random()
        names = self.random.sample(["r", "x", "y", "a", "key"], 1 if kind < 0.75 else 2)
        sequence = self.random.choice(
            ["rows", "rows", "rows", self.expression(), "a", "b", "a.items", "r.tags", "obj.tags"]
        )
        if not self.is_tidy and self.random.random() < 0.04:
            sequence = self.random.choice(
                ["form", "form.colour", "form.errors", "form.name.errors"]
            )
        is_reversed = " reversed" if self.random.random() < 0.15 else ""
        body = self.within(names, lambda: self.body(place, 4), loops=1)
        parts = [
            "{% for "
            + self.random.choice([", ", ","]).join(names)
            + f" in {sequence}{is_reversed} "
            + "%}",
            body,
        ]
        if self.random.random() < 0.25:
            parts += ["{% empty %}", self.body(place, 2)]
        return (*parts, "{% endfor %}")

    def keyed(self, place: str) -> tuple:
        """A list whose rows say who they are, as lists of live pages do."""
        if place not in ("content", "table") or self.loops > 2 or self.in_value:
            return self.for_(place)
        attribute = self.random.choice(["id", "data-key", "dj-key"])
        name = "li" if place == "content" else "tr"
        inner = "content" if place == "content" else "row"
        body = self.within(["r"], lambda: self.body(inner, 4), loops=1)
        row = (f'<{name} {attribute}="', ["{{ r.id }}"], '">', body, f"</{name}>")
        return ("{% for r in rows %}", [row], "{% endfor %}")

    def within(self, names: list[str], write: Callable[[], Any], loops: int = 0) -> Any:
        """What ``write`` writes where ``names`` are bound too."""
        saved = self.names
        self.names = [*saved, *names, *names]
        self.loops += loops
        try:
            return write()
        finally:
            self.names = saved
            self.loops -= loops

    def with_(self, place: str) -> tuple:
        names = self.random.sample(["w", "a", "b"], self.random.choice([1, 1, 2]))
        if len(names) == 1 and self.random.random() < 0.2:
            bindings = f"{self.expression()} as {names[0]}"
        else:
            bindings = " ".join(f"{name}={self.expression()}" for name in names)
        body = self.within(names, lambda: self.body(place, 3))
        return ("{% with " + bindings + " %}", body, "{% endwith %}")

    def include(self, place: str) -> str | tuple:
        if not self.includes or (self.is_tidy and place != "content"):
            return self.if_(place)
        literal = f"'{self.random.choice(self.includes)}'"
        name = (
            literal
            if self.random.random() < 0.8
            else self.random.choice(["a", "'missing.html'", "child", "child"])
        )
        extra = ""
        if self.random.random() < 0.4:
            rows = self.random.choice(["rows", "obj.tags"]) if "branch" in name else "'ab'"
            extra = f" with t={rows} " + " ".join(
                f"{each}={self.expression()}" for each in self.random.sample("abr", 2)
            )
        only = " only" if self.random.random() < 0.3 else ""
        return "{% include " + name + extra + only + " %}"

    def block(self, name: str, place: str) -> tuple:
        self.in_block, saved = True, self.in_block
        body = self.body(place, 4)
        self.in_block = saved
        return ("{% block " + name + " %}", body, "{% endblock %}")

    def inner_block(self, place: str) -> tuple:
        if HAS_PARTIALS and self.random.random() < 0.5:
            return self.partial(place)
        return self.block(f"inner{self.random.randrange(10**6)}", place)

    def partial(self, place: str) -> tuple:
        """A part with a name, printed where it stands, elsewhere, or in the rows of itself."""
        name = f"part{self.random.randrange(10**6)}"
        use = "{% partial " + name + " %}"
        inline = self.random.choice(["", " inline"])
        inner = self.body(place, 3)
        if self.random.random() < 0.2:
            inner += ["{% for t in t.tags %}" + use + "{% endfor %}"]
        part = ("{% partialdef " + name + inline + " %}", inner, "{% endpartialdef %}")
        loop = ("{% for t in rows %}", [use, self.part(place)], "{% endfor %}")
        return (part, self.random.choice(["", use, use + use, loop]))

    def autoescape(self, place: str) -> tuple:
        setting = "on" if self.is_tidy else self.random.choice(["on", "off", "off"])
        return ("{% autoescape " + setting + " %}", self.body(place, 3), "{% endautoescape %}")

    def url(self, place: str) -> str:
        view = self.random.choice(VIEWS).format(value=self.value(), other=self.expression())
        variable = " as " + self.random.choice(["a", "u"]) if self.random.random() < 0.2 else ""
        return "{% url " + view + variable + " %}"

    def constant(self, place: str) -> Any:
        return self.random.choice(CONSTANT_TAGS)

    def other(self, place: str) -> Any:
        """A tag that sets names, remembers something, or does something with what it surrounds."""
        if self.random.random() < 0.25:
            return self.wrapping(place, NATIVE_WRAPPING_TAGS)
        if self.random.random() < 0.12:
            return self.random.choice(BLOCKS_OF_TEXT).format(**self.words())
        content = self.random.choice(NATIVE_TAGS)
        if content.startswith("panel") and not self.includes:
            content = "shown"  # In its own template it would have no end.
        if self.is_tidy:
            content = content.replace("<", "")
        return tag(content, self.words())

    def opaque(self, place: str) -> Any:
        """A tag that Django renders by itself; some see the context, and some write to it."""
        if self.is_native:
            return self.other(place)
        if self.random.random() < 0.25:
            return self.wrapping(place, WRAPPING_TAGS)
        content = self.random.choice(OPAQUE_TAGS)
        if content.startswith("card") and not self.includes:
            content = "seen 'a'"
        return tag(content, self.words())

    def wrapping(self, place: str, tags: list[str]) -> tuple:
        opening = self.random.choice(tags)
        closing = "end" + opening.split()[0]
        # What such a tag prints is a value: it must not leave elements open, nor end those around it.
        saved = self.is_careless, self.in_value
        self.is_careless, self.in_value = False, self.is_tidy
        body = self.body(place, 3)
        if self.is_tidy and opening.startswith("boxed"):
            if place == "inside":
                opening, closing = "ifchanged", "endifchanged"
            elif place == "content":
                body = [self.variable(), self.random.choice(TEXTS)]
        parts: list[Any] = [tag(opening, self.words()), body]
        if opening.startswith("ifchanged") and self.random.random() < 0.3:
            parts += ["{% else %}", self.body(place, 2)]
        self.is_careless, self.in_value = saved
        return (*parts, "{% " + closing + " %}")

    def words(self) -> dict[str, str]:
        names = ["a", "r", "w", "v", "v", "x", "forloop", "block"]
        return {
            "value": self.expression(),
            "other": self.value(),
            "argument": self.argument(),
            "name": self.random.choice(names),
        }


def tag(content: str, names: dict[str, str]) -> str:
    """The source of a tag; further tags stand after a slash, then variables after a semicolon.

    >>> tag("now 'Y' as {name}; {name}", {"name": "a"})
    "{% now 'Y' as a %}{{ a }}"
    """
    first, *rest = content.format(**names).split("; ")
    tags = " %}{% ".join(first.split(" / "))
    return "{% " + tags + " %}" + "".join("{{ " + each + " }}" for each in rest)


VIEWS = [
    "'home'", "'item' id=3", "'item' id=forloop.counter", "'item' {value}", "'tag' name={other}",
    "'item' id={value}", "{value}", "'nowhere'",
]  # fmt: skip
CONSTANT_TAGS: list[Any] = [
    "{% csrf_token %}",
    "{% templatetag openblock %}",
    "{# {{ a }} #}",
    "{% load l10n %}",
    ("{% verbatim %}", ["{{ a }} {% x %}"], "{% endverbatim %}"),
    ("{% comment %}", ["{{ a }}"], "{% endcomment %}"),
    "{% comment 'why' %}{% endcomment %}",
]
NATIVE_WRAPPING_TAGS = [
    "spaceless", "filter upper", "filter force_escape|lower", "filter cut:{argument}", "ifchanged",
    "ifchanged {other}", "ifchanged {other} {value}", "localize off", "localize on",
    "language 'de'", "language {other}", "timezone 'Asia/Tokyo'", "localtime off", "localtime on",
]  # fmt: skip
NATIVE_TAGS = [
    "cycle 'x' {other}", "cycle {value} 'y' {other}", "cycle 'x' 'y' as {name}; {name}",
    "cycle 'x' {value} as {name} silent; {name}",
    "cycle 'x' 'y' as {name} / cycle {name} / resetcycle {name} / cycle {name}",
    "cycle 'x' 'y' 'z' / resetcycle", "firstof {other} a '<f>'", "firstof {other} {value}",
    "firstof {other} 'f' as {name}; {name}", "widthratio {other} 10 100",
    "widthratio 3 {value} 100", "widthratio {other} 10 {argument} as {name}; {name}",
    "widthratio 1 {other} 100 as {name}; {name}", "now 'Y'", "now 'Y' as {name}; {name}",
    "regroup rows by name as {name}; {name}.0.list|length",
    "regroup rows by {name}.id as {name}; {name}.0.grouper", "regroup {value} by id as {name}",
    "translate 'Yes'", "translate {value}", "translate 'Monday' as {name}; {name}",
    "translate 'May' context 'month name'", "translate 'May' context {other} as {name}",
    "translate 'Yes' noop", "translate 'a%b'|upper", "get_current_language as {name}; {name}",
    "get_current_language_bidi as {name}; {name}", "get_available_languages as {name}",
    "get_language_info for 'de' as {name}; {name}.name_local",
    "get_language_info for {other} as {name}; {name}.code",
    "get_language_info_list for {other} as {name}; {name}.0.name",
    "get_current_timezone as {name}; {name}", "shown {value}", "shown {value} {argument}",
    "shown {value} as {name}; {name}", "shown value={value}", "static 'a b.css'",
    "static {other}", "static 'x' as {name}; {name}", "get_static_prefix",
    "get_static_prefix as {name}; {name}", "url 'home' as {name}; {name}",
    "url 'item' {other} as {name}; {name}", "panel {value}", "panel value={other}",
    "blocktranslate / endblocktranslate",
    "blocktranslate with v={value} trimmed / endblocktranslate; v",
]  # fmt: skip
BLOCKS_OF_TEXT: list[str] = [
    "{{% blocktranslate %}}Hi {{{{ a }}}} 100%{{% endblocktranslate %}}",
    "{{% blocktranslate with v={value} x={other} %}}{{{{ v }}}} {{{{ x }}}}{{{{ {name} }}}}"
    "{{% endblocktranslate %}}",
    "{{% blocktranslate count n={other} trimmed %}}\n one {{{{ n }}}} \n{{% plural %}} {{{{ n }}}} of"
    " {{{{ a }}}} {{% endblocktranslate %}}",
    "{{% blocktranslate with b={value} count c=b|length %}}{{{{ b }}}}{{% plural %}}{{{{ c }}}}"
    "{{% endblocktranslate %}}",
    "{{% blocktranslate context {argument} asvar {name} %}}May{{% endblocktranslate %}}{{{{ {name} }}}}",
    "{{% blocktranslate asvar v %}}{{{{ {name} }}}}{{{{ missing }}}}{{% endblocktranslate %}}{{{{ v }}}}",
]
WRAPPING_TAGS = ["ifchanged", "boxed", "boxed {value}"]
OPAQUE_TAGS = [
    "seen '{name}'", "seen 'b'", "written '{name}' {value}", "card {value}", "lorem 2 w", "debug",
    "seen {value} as {name}; {name}", "querystring", "querystring a={value}",
    "querystring {other} b=None", "querystring page=forloop.counter x={argument} as {name}; {name}",
]  # fmt: skip
ELEMENTS = [
    ("script", "raw"), ("style", "raw"), ("textarea", "escaped"), ("title", "escaped"),
    ("textarea", "escaped"), ("noscript", "content"), ("pre", "content"), ("template", "content"),
    ("xmp", "raw"), ("iframe", "raw"), ("select", "content"), ("svg", "content"),
    ("select", "table"),
]  # fmt: skip

PLACES: dict[str, Callable[[Grammar], Any]] = {
    "content": lambda grammar: (
        ("<!--", grammar.body("comment", 2), "-->")
        if grammar.random.random() < 0.04
        else grammar.content()
    ),
    "inside": Grammar.inside,
    "attribute": Grammar.attribute,
    "raw": Grammar.raw,
    "escaped": Grammar.escaped,
    "comment": Grammar.comment,
    "table": Grammar.table,
    "row": Grammar.row,
}

TAGS: list[tuple[int, Callable[[Grammar, str], Any]]] = [
    (24, Grammar.if_),
    (14, Grammar.for_),
    (14, Grammar.keyed),
    (10, Grammar.with_),
    (4, Grammar.autoescape),
    (8, Grammar.include),
    (4, Grammar.url),
    (4, Grammar.constant),
    (3, Grammar.inner_block),
    (14, Grammar.other),
    (8, Grammar.opaque),
]
SCOPES = 5  # So many of them, the first ones, print nothing by themselves.
