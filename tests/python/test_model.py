"""``dj-model``: a page writes the fields that a class declares, as values of their types, and no other."""

import sys
from decimal import Decimal

import pytest
from wire import PUSH, read

from djust import LiveView, event_handler
from djust.exceptions import DeclarationError, InvalidParams
from djust.model import fields_of
from djust.testing import LiveViewTestClient

TEMPLATE = "<input dj-model='query' value='{{ query }}'>{{ count }}{{ tags }}"


class Field:
    """A descriptor."""

    def __get__(self, instance, owner=None):
        return "descriptor"


class SearchView(LiveView):
    template_string = TEMPLATE
    page_title = "Search"
    query = ""
    count = 0
    ratio: float
    price: Decimal | None = None
    agreed = False
    tags: list[str] = []
    numbers = [1, 2]
    words: list = []
    unknown = None
    table = {"a": 1}
    own: "NotImported"  # noqa: F821
    described = Field()
    _private = ""

    class Inner:
        pass

    @property
    def total(self):
        raise AssertionError("a property ran")

    def helper(self):
        pass

    @event_handler
    def save(self):
        pass


@pytest.fixture
def client():
    return LiveViewTestClient(SearchView).mount()


def test_the_fields_are_what_the_class_declares_with_a_type_that_events_carry():
    assert set(fields_of(SearchView)) == {
        *("query", "count", "ratio", "price", "agreed", "tags", "numbers", "words"),
    }


@pytest.mark.parametrize(
    ("field", "sent", "expected"),
    [
        ("query", "abc", "abc"),
        ("query", 7, "7"),
        ("count", "12", 12),
        ("ratio", "0.5", 0.5),
        ("price", "1.20", Decimal("1.20")),
        ("price", "", None),
        ("agreed", True, True),
        ("agreed", "on", True),
        ("tags", ["a", "b"], ["a", "b"]),
        ("tags", "a", ["a"]),
        ("numbers", ["3", "4"], [3, 4]),
        ("words", ["x"], ["x"]),
    ],
)
def test_a_value_becomes_one_of_the_fields_type(client, field, sent, expected):
    client.send_event("update_model", field=field, value=sent)
    assert client.state[field] == expected
    assert type(client.state[field]) is type(expected)


def test_one_box_of_a_list_says_what_is_ticked(client):
    client.send_event("update_model", field="tags", value=True, values=["a"])
    assert client.state["tags"] == ["a"]
    client.send_event("update_model", field="tags", value=False, values=[])
    assert client.state["tags"] == []


def test_the_page_is_rendered_again(client):
    client.send_event("update_model", field="query", value="abc")
    assert "value='abc'" in client.html
    assert client.frames


@pytest.mark.parametrize(("field", "sent"), [("count", "x"), ("query", []), ("tags", {"a": 1})])
def test_a_value_that_does_not_fit_is_refused_with_its_field(client, field, sent):
    before = client.state
    with pytest.raises(InvalidParams, match=field):
        client.send_event("update_model", field=field, value=sent)
    assert client.state == before


def forbidden_names():
    """Far more than a thousand names that no page may write."""
    names = {name for base in SearchView.__mro__ for name in vars(base)}
    names |= set(dir(SearchView())) | set(dir(object)) | set(dir(sys)) | set(dir(int))
    names |= {f"_{name}" for name in names} | {f"{name}__" for name in names}
    names |= {f"query.{name}" for name in list(names)} | {f"table.{i}" for i in range(50)}
    names |= {f"tags[{i}]" for i in range(50)} | {f"tags.{i}" for i in range(50)}
    names |= {
        "ｑｕｅｒｙ",
        "query ",
        " query",
        "QUERY",
        "",
        "query\0",
        "view.query",
        "__class__.query",
    }
    return sorted(names - set(fields_of(SearchView)))


def snapshot():
    """The dictionaries of the classes and of the modules that an event could reach."""
    modules = [
        sys.modules[name] for name in ("djust.views", "djust.model", "djust.handlers", __name__)
    ]
    holders = [*SearchView.__mro__, *modules]
    return [{name: id(value) for name, value in vars(holder).items()} for holder in holders]


def test_no_other_name_is_ever_written():
    names = forbidden_names()
    assert len(names) >= 1_000
    client = LiveViewTestClient(SearchView, raise_exceptions=False).mount()
    before, own = snapshot(), dict(vars(client.view))
    for name in names:
        client.send_event("update_model", field=name, value="x")
    assert snapshot() == before
    assert dict(vars(client.view)) == own
    assert len(client.errors) == len(names)
    assert {str(error) for error in client.errors} == {
        '"field" names no field that a page may write.'
    }


@pytest.mark.parametrize("field", [None, 1, [], ["query"], {"query": 1}, b"query", True])
def test_a_field_that_is_no_text_is_refused(client, field):
    with pytest.raises(InvalidParams):
        client.send_event("update_model", field=field, value="x")


def test_a_view_narrows_what_a_page_may_write():
    class Narrow(SearchView):
        model_fields = ("query",)

    client = LiveViewTestClient(Narrow).mount()
    client.send_event("update_model", field="query", value="x")
    with pytest.raises(InvalidParams):
        client.send_event("update_model", field="count", value="1")
    assert client.state["query"] == "x"


def test_a_narrowing_that_names_no_field_is_an_error():
    class Wrong(SearchView):
        model_fields = ("save",)

    with pytest.raises(DeclarationError, match="'save'"):
        fields_of(Wrong)


def test_an_override_gets_checked_values_only():
    class Own(SearchView):
        seen: "list[object]"

        def mount(self, request, **kwargs):
            self.calls = []

        @event_handler
        def update_model(self, field, value):
            self.calls.append((field, value))
            setattr(self, field, value)

    client = LiveViewTestClient(Own).mount()
    client.send_event("update_model", field="count", value="3")
    for name in ("template_name", "__class__", "save", "request", "calls"):
        with pytest.raises(InvalidParams):
            client.send_event("update_model", field=name, value="x")
    assert client.view.calls == [("count", 3)]


def test_a_subclass_keeps_the_annotation_of_its_base():
    class Base(LiveView):
        amount: Decimal = Decimal(0)
        gone = ""

    class Sub(Base):
        amount = 5
        gone = property(lambda self: "x")

    assert fields_of(Sub) == {"amount": Decimal}


def test_views_without_bound_fields_send_not_a_byte_more():
    class Plain(LiveView):
        template_string = "<p>x</p>"

    class Bound(LiveView):
        template_string = "<p>x</p>"

        @event_handler
        def update_model(self, field, value):
            pass

    sizes = [sum(map(len, LiveViewTestClient(view).mount().frames)) for view in (Plain, Bound)]
    assert sizes[1] - sizes[0] == len("update_model") + 3
    assert Plain()._extract_handler_metadata() == {}


def test_what_the_server_changes_of_a_bound_field_goes_back_to_its_controls():
    class ChatView(LiveView):
        template_string = (
            "<input dj-model='message'><input type=checkbox dj-model='tags' value='a'>"
        )
        message = ""
        tags: list[str] = ()
        other = ""

        @event_handler
        def send(self):
            self.message = ""
            self.other = "x"
            self.tags.append("b")

    client = LiveViewTestClient(ChatView).mount()
    client.send_event("update_model", field="message", value="hello")
    client.send_event("update_model", field="tags", value=["a"])
    assert b"model" not in b"".join(client.frames)
    client.send_event("send")
    told = b"".join(client.frames)
    assert all(word in told for word in (b"model", b"message", b"tags"))
    assert b"other" not in told
    client.send_event("update_model", field="message", value="again")
    assert b"model" not in b"".join(client.frames)


def test_a_page_that_connects_is_told_the_fields_that_its_template_does_not_write():
    class BoundView(LiveView):
        word: str = "a"
        count: int | None = None
        agreed = True
        tags: list[str] = ["x"]
        written = "b"
        secret = "c"
        private = 1
        template_string = """
            <input dj-model.lazy="word"><input type=number dj-model='count' {{ private }}>
            {% if agreed %}<input type="checkbox" value=1 dj-model.trim.lazy=agreed>{% endif %}
            {% for tag in tags %}<select dj-model="tags"></select>{% endfor %}
            <input dj-model="written" value="{{ written }}">
            <p>dj-model="secret"</p><script>"<input dj-model='secret'>"</script>
            <input dj-model="session"><input dj-model="{{ word }}"><input dj-model="missing">
        """

    told = {"word": "a", "count": None, "agreed": True, "tags": ["x"]}
    client = LiveViewTestClient(BoundView).mount()
    pushes = [read(frame) for frame in client.frames if frame[0] == PUSH]
    assert pushes == [[PUSH, 0, "djust:commands", [["model", told]]]]
    # What the page itself has said is not said back to it.
    client.send_event("update_model", field="word", value="new")
    assert [frame[0] for frame in client.frames] != [PUSH]
    assert not [frame for frame in client.frames if frame[0] == PUSH]
