"""What contexts are made of: awkward objects, and random expressions that build them.

A value is kept as the Python expression that makes it (``Thing(price=raises(KeyError('x')))``), so
that both engines get one of their own, a failing case can be printed, and a smaller one tried.
``evaluate`` reads such expressions; ``random_value`` writes them.
"""

import datetime
import decimal
import enum
import fractions
import uuid
from collections import Counter, OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Iterator
from functools import lru_cache
from random import Random
from types import CodeType
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.template import Engine, Template
from django.utils.functional import SimpleLazyObject, lazystr
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, ngettext_lazy

trace: list[str] = []
"""What awkward objects were asked for since the render began, in order."""


class Thing:
    """An object with the given attributes; those made with ``raises`` raise when they are read."""

    def __init__(self, **attributes: Any):
        self.__dict__["_attributes"] = attributes

    def __getattr__(self, name: str) -> Any:
        attributes = self.__dict__.get("_attributes", {})
        if name not in attributes:
            raise AttributeError(name)
        trace.append(name)
        value = attributes[name]
        if isinstance(value, raises):
            raise value.error
        return value

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._attributes]

    def __str__(self) -> str:
        return "thing & <co>"

    def __repr__(self) -> str:
        return "Thing()"


class raises:
    """In the attributes of a ``Thing`` and as a function: what raises ``error``."""

    def __init__(self, error: BaseException):
        self.error = error

    def __call__(self) -> Any:
        raise self.error

    def __repr__(self) -> str:
        return f"raises({self.error!r})"


class Silent(Exception):
    """An exception that templates print nothing for."""

    silent_variable_failure = True


class Property:
    """Properties that exist, and raise."""

    @property
    def price(self) -> int:
        raise AttributeError("from within price")

    @property
    def name(self) -> str:
        raise Silent("name")

    @property
    def id(self) -> str:
        raise ValueError("id")

    def __repr__(self) -> str:
        return "Property()"


class Items:
    """Items by subscript, from ``values``; anything else raises ``error``."""

    def __init__(self, values: Any, error: BaseException | None = None):
        self.values = values
        self.error = error

    def __getitem__(self, key: Any) -> Any:
        trace.append(f"[{key!r}]")
        if self.error is not None:
            raise self.error
        return self.values[key]

    def __repr__(self) -> str:
        return "Items()"


class Odd:
    """An object whose given special methods raise or answer: ``Odd(str=…, bool=…, eq=…, …)``."""

    def __init__(self, **answers: Any):
        self.answers = answers

    def answer(self, name: str, otherwise: Any) -> Any:
        trace.append(name)
        value = self.answers.get(name, otherwise)
        if isinstance(value, raises):
            raise value.error
        return value

    def __str__(self) -> str:
        return self.answer("str", "odd")

    def __bool__(self) -> bool:
        return self.answer("bool", True)

    def __len__(self) -> int:
        return self.answer("len", 2)

    def __eq__(self, other: object) -> bool:
        return self.answer("eq", False)

    def __lt__(self, other: object) -> bool:
        return self.answer("lt", False)

    def __contains__(self, other: object) -> bool:
        return self.answer("contains", False)

    def __iter__(self) -> Iterator[Any]:
        for value in self.answer("iter", [1, 2]):
            if isinstance(value, raises):
                raise value.error
            yield value

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Odd()"


class Html:
    """What brings its own HTML."""

    def __init__(self, source: str):
        self.source = source

    def __html__(self) -> str:
        return self.source

    def __str__(self) -> str:
        return f"text of {self.source}"

    def __repr__(self) -> str:
        return "Html()"


class Text(str):
    """A subclass of ``str`` that is no safe string."""


class Whole(int):
    """A subclass of ``int`` that prints as it likes."""

    def __str__(self) -> str:
        return "whole"


class Shade(enum.Enum):
    RED = "red"
    BLUE = "blue & green"


class Rank(enum.IntEnum):
    LOW = 1
    HIGH = 2000


Pair = namedtuple("Pair", "id name")


class Function:
    """A callable that counts its calls, with Django's marks: ``alters_data`` and
    ``do_not_call_in_templates``."""

    def __init__(self, answer: Any = None, **marks: Any):
        self.answer = answer
        self.calls = 0
        self.__dict__.update(marks)

    def __call__(self) -> Any:
        trace.append("call")
        self.calls += 1
        if isinstance(self.answer, raises):
            raise self.answer.error
        return f"call {self.calls}" if self.answer is None else self.answer

    def __repr__(self) -> str:
        return "Function()"


class Needy(Function):
    """A callable with an argument that templates cannot give."""

    def __call__(self, argument: Any) -> Any:  # type: ignore[override]
        return argument


class Nested:
    """A class: templates call it, and get an instance."""

    name = "nested"

    def __repr__(self) -> str:
        return "Nested()"


def numbers(count: int, error: BaseException | None = None) -> Iterator[int]:
    """A generator of ``count`` numbers, which then raises ``error``."""
    for number in range(count):
        trace.append("next")
        yield number
    if error is not None:
        raise error


class Form(forms.Form):
    """Fields of several kinds, a hidden one, and an error of the form itself."""

    name = forms.CharField(max_length=5, help_text="<i>short</i> & simple")
    size = forms.ChoiceField(choices=[("1", "one"), ("2", "<two>"), ("more", [("3", "three")])])
    note = forms.CharField(widget=forms.Textarea, required=False)
    when = forms.SplitDateTimeField(required=False)
    colour = forms.MultipleChoiceField(
        choices=[("a", "Aqua & co"), ("b", "Blue")], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False, initial='"')

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("agreed"):
            raise forms.ValidationError("<no> & never")
        return self.cleaned_data

    def __repr__(self) -> str:
        return "Form()"


def compiled(source: str) -> Template:
    """A template that a context brings."""
    return Template(source, engine=Engine())


ZONE = datetime.timezone(datetime.timedelta(hours=5))

NAMES: dict[str, Any] = {
    **{each.__name__: each for each in (Thing, raises, Silent, Property, Items, Odd, Html, Text)},
    **{each.__name__: each for each in (Whole, Shade, Rank, Pair, Function, Needy, Nested)},
    **{each.__name__: each for each in (Counter, OrderedDict, defaultdict, numbers)},
    **{each.__name__: each for each in (mark_safe, ngettext_lazy, lazystr, Form, compiled)},
    "gettext_lazy": gettext_lazy,
    "SimpleLazyObject": SimpleLazyObject,
    "Decimal": decimal.Decimal,
    "Fraction": fractions.Fraction,
    "datetime": datetime,
    "UUID": uuid.UUID,
    "ZONE": ZONE,
    "ZoneInfo": ZoneInfo,
}


def evaluate(expression: str) -> Any:
    """The value of an expression over the names of this module.

    >>> evaluate("Thing(id=1)").id
    1
    """
    return eval(code_of(expression), NAMES)


@lru_cache(10_000)
def code_of(expression: str) -> CodeType:
    return compile(expression, "<value>", "eval")


# ---- random expressions -------------------------------------------------------------------------

STRINGS = [
    "''", "'x'", "'Ada'", "'<b>&amp;</b>'", '\'"quoted"\'', '"it\'s"', "'a & b'", "'  '", "'1'",
    "'12.5'", "'é ü ß'", "'日本語 🎉'", "'İstanbul'", "'ﬁre ǆ'", "'line\\nline'", "'a\\r\\nb'",
    "'\\t'", "'</script>'", "'</textarea>'", "'--> x'", "'a=1'", "'&lt;'", "'\\x00z'", "'x' * 20",
    "'x' * 70", "'\\u2028'", "'home'", "'item'", "'small.html'", "'missing.html'", "'True'",
    "'y,n'",
]  # fmt: skip

SAFE = [
    "''", "'x'", "'<b>bold</b>'", "'&amp;'", "'&copy;&notit;'", "'<i>'", "'</p>'", "'a > b'",
    '\'"\'', '\'data-x="1"\'', "'<!-- c -->'", "'& co'", "'é'", "'<tr><td>1</td></tr>'", "'\\r'",
    "'<br/>'",
]  # fmt: skip

NUMBERS = [
    "0", "1", "2", "-1", "7", "42", "1000", "1234567", "-1234567", "2**31", "2**63 - 1", "-2**63",
    "2**63", "2**64", "10**30", "True", "False", "0.0", "-0.0", "1.5", "2.675", "0.1", "1e16",
    "1e-7", "1e300", "123456.789", "-1234.5", "float('nan')", "float('inf')", "float('-inf')",
    "Decimal('0')", "Decimal('1.10')", "Decimal('-1234567.891')", "Decimal('1E+3')",
    "Decimal('1E-9')", "Decimal('1E+210')", "Decimal('NaN')", "Decimal('Infinity')",
    "Fraction(1, 3)", "1 + 2j", "Whole(3)", "Rank.LOW", "Rank.HIGH",
]  # fmt: skip

OTHERS = [
    "None", "gettext_lazy('Yes')", "gettext_lazy('Monday')",
    "ngettext_lazy('%(n)d day', '%(n)d days', 'n') % {'n': 2}", "lazystr('<lazy>')",
    "lazystr(mark_safe('<u>'))", "SimpleLazyObject(lambda: 'lazy & co')",
    "SimpleLazyObject(lambda: Thing(id=5, name='lazy'))", "datetime.date(2024, 2, 29)",
    "datetime.date(999, 1, 1)", "datetime.datetime(2024, 2, 29, 13, 5, 9, 123456)",
    "datetime.datetime(2024, 7, 1, 23, 30, tzinfo=datetime.timezone.utc)",
    "datetime.datetime(2024, 7, 1, 23, 30, tzinfo=ZONE)", "datetime.time(0, 0)",
    "datetime.time(13, 5)", "datetime.timedelta(days=1, seconds=5)",
    "datetime.datetime(2024, 3, 31, 2, 30, tzinfo=ZoneInfo('Europe/Berlin'))",
    "datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo('Europe/Berlin'))",
    "datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc)", "datetime.datetime.max",
    "datetime.datetime(2024, 3, 31, 2, 30)", "datetime.time(1, 2, tzinfo=ZONE)",
    "datetime.date(2024, 12, 30)", "Shade.RED", "Shade", "Rank",
    "b'bytes'", "bytearray(b'x')", "Text('<sub>')", "Html('<u>own</u>')", "UUID(int=5)",
    "Property()", "Nested", "Nested()", "...", "NotImplemented", "Items({'a': 1, 'id': '<2>'})",
    "Items([1, 2])", "Items({}, TypeError('t'))", "Items({}, ZeroDivisionError('z'))",
    "Items({}, Silent('s'))", "Items('text')", "Odd()", "Odd(str=raises(ValueError('str')))",
    "Odd(str=mark_safe('<odd>'))", "Odd(bool=False)", "Odd(bool=raises(ValueError('bool')))",
    "Odd(len=0)", "Odd(len=raises(ValueError('len')))", "Odd(eq=True)",
    "Odd(eq=raises(ValueError('eq')))",
    "Odd(lt=raises(ValueError('lt')), contains=raises(TypeError('in')))", "Odd(contains=True)",
    "Odd(iter=[1, raises(ValueError('iter'))])", "Odd(iter=raises(TypeError('iter')))",
    "Odd(iter=[3, 2, 1, 0])", "Function()", "Function('<answer>')", "Function(mark_safe('<a>'))",
    "Function([1, 2])", "Function(None, alters_data=True)",
    "Function('x', do_not_call_in_templates=True)", "Function(raises(ValueError('called')))",
    "Function(raises(Silent('called')))", "Function(raises(TypeError('called')))",
    "Function(raises(StopIteration('called')))", "Function(Function('twice'))", "Needy()",
    "lambda: 'lambda'", "lambda x=1: x", "len", "str", "int", "object", "(n for n in [1, 2, 3])",
    "numbers(3)", "numbers(0)", "numbers(2, ValueError('numbers'))", "iter([1, 2])", "range(3)",
    "range(0)", "map(str, [1, 2])", "set()", "{7}", "frozenset({'f'})", "defaultdict(int)",
    "defaultdict(list, a=[1])", "Counter('aab')", "OrderedDict(a=1, b=2)", "Pair(1, '<n>')",
    "[Pair(1, 'x'), Pair(2, 'y')]", "{'items': 'shadow', 'a': 1}", "{'a': 1, 'b': 2}.items()",
    "{'a': 1}.keys()", "{1: 'one', '1': 'text one'}", "[[1, 2], [3, 4]]", "[(1,), (2,)]",
    "[(1, 2, 3)]", "[1, (2, 3)]", "['ab', 'cd']", "[None, None]", "(1, 2)", "()", "[]", "{}",
    "Thing(price=raises(AttributeError('within')))",
    "Thing(price=raises(ValueError('within')), id=3)",
    "Thing(id=raises(KeyError('within')), name=raises(Silent('n')))",
    "Thing(name=raises(TypeError('t')), price=1)", "Thing(__class__=1)",
]  # fmt: skip

FIELDS = ["id", "name", "price", "tags", "a", "b"]

Spec = Any
"""An expression, or ("list", specs), or ("dict" | "Thing", {name: spec})."""


def random_value(random: Random, depth: int = 0) -> Spec:
    """A value of any type; composed ones at most three levels deep."""
    kind = random.random()
    if depth < 3 and kind < 0.2:
        return "list", [random_value(random, depth + 1) for _ in range(random.randrange(4))]
    if depth < 3 and kind < 0.4:
        count = random.randrange(1, 5)
        fields = {name: random_value(random, depth + 1) for name in random.sample(FIELDS, count)}
        return random.choice(["dict", "Thing"]), fields
    return random_leaf(random)


def random_leaf(random: Random) -> str:
    kind = random.random()
    if kind < 0.35:
        return random.choice(STRINGS)
    if kind < 0.5:
        return f"mark_safe({random.choice(SAFE)})"
    if kind < 0.8:
        return random.choice(NUMBERS)
    return random.choice(OTHERS)


def random_rows(random: Random) -> Spec:
    """What lists of pages look like: objects of one kind, with an identity of their own."""
    kind = random.choice(["dict", "Thing"])
    simple = random.random() < 0.6
    ids = random.sample(range(40), random.randrange(7))
    return "list", [random_row(random, kind, each, simple) for each in ids]


def random_row(random: Random, kind: str, id: int, is_simple: bool) -> Spec:
    def value() -> Spec:
        return random.choice([*STRINGS[:8], *NUMBERS[:8]]) if is_simple else random_leaf(random)

    tags = "list", [value() for _ in range(random.randrange(3))]
    return kind, {"id": str(id), "name": value(), "price": value(), "tags": tags}


def source(spec: Spec) -> str:
    """The Python expression of a value.

    >>> source(("dict", {"a": ("list", ["1", "'x'"])}))
    "{'a': [1, 'x']}"
    """
    if isinstance(spec, str):
        return spec
    kind, content = spec
    if kind == "list":
        return f"[{', '.join(map(source, content))}]"
    if kind == "dict":
        return "{" + ", ".join(f"{name!r}: {source(each)}" for name, each in content.items()) + "}"
    return f"Thing({', '.join(f'{name}={source(each)}' for name, each in content.items())})"


def changed(random: Random, spec: Spec) -> Spec:
    """A value a little different: a leaf replaced, a row moved, added, dropped or edited."""
    if isinstance(spec, str) or random.random() < 0.05:
        return random_value(random, 1) if random.random() < 0.3 else random_leaf(random)
    kind, content = spec
    if kind == "list":
        return kind, changed_list(random, list(content))
    name = random.choice(list(content)) if content else "a"
    old = content.get(name, "1")
    return kind, {**content, name: changed(random, old)}


def changed_list(random: Random, rows: list[Spec]) -> list[Spec]:
    actions: list[Callable[[], Any]] = [
        lambda: rows.insert(random.randrange(len(rows) + 1), new_row(random, rows)),
        lambda: rows.pop(random.randrange(len(rows))),
        lambda: rows.append(rows.pop(random.randrange(len(rows)))),
        lambda: rows.insert(0, rows.pop(random.randrange(len(rows)))),
        lambda: rows.append(random.choice(rows)),
        rows.reverse,
        lambda: random.shuffle(rows),
        lambda: change_at(random, rows),
        lambda: change_at(random, rows),
        lambda: change_at(random, rows),
        rows.clear,
    ]
    for _ in range(random.choice([1, 1, 1, 2, 4])):
        random.choice(actions if rows else actions[:1])()
    return rows


def change_at(random: Random, rows: list[Spec]) -> None:
    place = random.randrange(len(rows))
    rows[place] = changed(random, rows[place])


def new_row(random: Random, rows: list[Spec]) -> Spec:
    like = random.choice(rows) if rows else None
    if isinstance(like, tuple) and like[0] != "list":
        return random_row(random, like[0], random.randrange(40), True)
    return random_value(random, 1)
