"""Lists of commands: chained, unchangeable, and harmless in an attribute."""

import html
import json

import pytest
from django.template import Context, Template

from djust import JS, LiveView, event_handler
from djust.testing import LiveViewTestClient, render_html


def test_commands_are_chained_in_order():
    commands = JS.show("#a").add_class("on big", closest="li").push("save", id=7)
    assert json.loads(str(commands)) == [
        ["show", {"to": "#a"}],
        ["add_class", {"names": "on big", "closest": "li"}],
        ["push", {"name": "save", "params": {"id": 7}}],
    ]


def test_a_list_is_never_changed():
    first = JS.show("#a")
    second = first.hide("#b")
    assert str(first) == '[["show",{"to":"#a"}]]'
    assert first + JS.hide("#b") == second
    assert not JS
    assert JS() == JS
    assert len({first, second, JS.show("#a")}) == 2
    with pytest.raises(AttributeError):
        first.commands = ()


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        (
            JS.toggle(inner=".menu", display="flex"),
            ["toggle", {"inner": ".menu", "display": "flex"}],
        ),
        (
            JS.hide(transition=("fade", "in", "out"), time=300),
            ["hide", {"transition": ["fade", "in", "out"], "time": 300}],
        ),
        (JS.transition("shake"), ["transition", {"transition": ["shake", "", ""]}]),
        (JS.remove_class("x"), ["remove_class", {"names": "x"}]),
        (JS.toggle_class("x", "#a"), ["toggle_class", {"names": "x", "to": "#a"}]),
        (
            JS.set_attr("aria-expanded", "true"),
            ["set_attr", {"name": "aria-expanded", "value": "true"}],
        ),
        (JS.remove_attr("open", "#d"), ["remove_attr", {"name": "open", "to": "#d"}]),
        (
            JS.toggle_attr("aria-expanded", "true", "false"),
            ["toggle_attr", {"name": "aria-expanded", "value": "true", "other": "false"}],
        ),
        (JS.focus("#a"), ["focus", {"to": "#a"}]),
        (JS.focus_first("#a"), ["focus_first", {"to": "#a"}]),
        (
            JS.dispatch("x:y", detail={"a": [1]}),
            ["dispatch", {"name": "x:y", "detail": {"a": [1]}}],
        ),
    ],
)
def test_what_a_command_says(commands, expected):
    assert commands.encoded() == [expected]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("onclick", "alert(1)"),
        ("ONCLICK", "alert(1)"),
        ("srcdoc", "<script>"),
        ("href", "javascript:alert(1)"),
        ("href", " \tJava\nScript:alert(1)"),
        ("xlink:href", "\x00javascript:alert(1)"),
    ],
)
def test_no_command_sets_a_script(name, value):
    for make in (JS.set_attr, JS.toggle_attr):
        with pytest.raises(ValueError, match="would run a script"):
            make(name, value)
    with pytest.raises(ValueError, match="would run a script"):
        JS.toggle_attr(name, "", value)


def test_what_cannot_be_sent_is_found_out_where_it_is_written():
    with pytest.raises(TypeError):
        JS.push("save", when=object())
    with pytest.raises(ValueError, match="one kind of target"):
        JS.show("#a", inner=".b")
    with pytest.raises(ValueError, match="three"):
        JS.transition(["a", "b"])


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_list_is_safe_in_an_attribute(quote):
    commands = JS.dispatch("""x"y'z<>&""", detail={"</script>": "é{{"}).focus("[data-a='b']")
    source = f"<b dj-click={quote}{{{{ commands }}}}{quote}>"
    expected = Template(source).render(Context({"commands": commands}))
    assert render_html(source, {"commands": commands}) == expected
    value = expected.removeprefix(f"<b dj-click={quote}").removesuffix(f"{quote}>")
    assert not set(value) & set("\"'<>")
    assert json.loads(html.unescape(value)) == commands.encoded()


def test_a_handler_pushes_commands():
    class DialogView(LiveView):
        template_string = "<p>x</p>"

        @event_handler
        def close(self):
            self.push_commands(JS.hide("#dialog").focus("#search"))

    client = LiveViewTestClient(DialogView).mount()
    client.send_event("close")
    assert b"djust:commands" in client.frames[-1]
    assert b"#dialog" in client.frames[-1]
