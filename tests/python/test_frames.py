"""The frames of a live view: what travels, how much of it, and what the page shows afterwards."""

import random

import msgpack
import pytest

from djust import _native
from djust.rendering import LiveTemplate
from djust.testing import FrameRecorder, render_html

COUNTER = '<p class="{% if n > 0 %}up{% else %}down{% endif %}" data-n="{{ n }}">{{ n }}</p>'
TABLE = (
    "<table><tbody>{% for r in rows %}<tr data-key='{{ r.id }}'><td>{{ r.id }}</td>"
    "<td>{{ r.name }}</td><td>{{ r.load }}</td><td>{% if r.on %}<b>on</b>{% else %}<i>off</i>"
    "{% endif %}</td></tr>{% empty %}<tr><td>none</td></tr>{% endfor %}</tbody></table>"
)
PLAIN = "<ul>{% for r in rows %}<li>{{ r.name }} {{ r.load }}</li>{% endfor %}</ul>"
NESTED = (
    "{% for g in groups %}<section id='{{ g.id }}'><h2>{{ g.name }}</h2>{% if g.rows %}<ol>"
    "{% for r in g.rows %}<li id='{{ r.id }}'>{{ r.name }}</li>{% endfor %}</ol>{% endif %}"
    "</section>{% endfor %}"
)


def row(number):
    return {"id": number, "name": f"Unit {number}", "load": number * 37 % 100, "on": number % 3 > 0}


class Page:
    """A page that is fed by a session, and compared with a fresh one after each frame."""

    def __init__(self, source):
        self.source = source
        self.recorder = FrameRecorder(source)
        self.page = _native.Page()

    def show(self, **context):
        """Shows a state; returns the frame."""
        send = self.recorder.update if self.recorder.seq else self.recorder.mount
        frame = send(context)
        self.page.apply(frame)
        assert self.page.html() == render_html(self.source, context)
        return frame


def values(frame):
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
    unpacker.feed(frame)
    return list(unpacker)


def test_a_counter_takes_a_few_bytes():
    page = Page(COUNTER)
    page.show(n=1)
    assert values(page.show(n=2)) == [2, 0, 2, 0, 0, 2, 1, 2, 2, 2]
    assert len(page.show(n=3)) == 10
    assert len(page.show(n=-1)) <= 20


def test_one_cell_of_a_thousand_rows_takes_a_few_bytes():
    rows = [row(number) for number in range(1000)]
    page = Page(TABLE)
    page.show(rows=rows)
    rows[500]["load"] += 1
    assert len(page.show(rows=rows)) <= 20
    rows[3]["on"] = True
    rows[3]["name"] = "Unit 3"
    frame = page.show(rows=rows)
    assert len(frame) <= 25


def test_a_text_that_goes_on_sends_its_end_alone():
    page = Page("<p title='{{ text }}'>{{ text }}</p>")
    text = "A first sentence, long enough to count. "
    page.show(text=text)
    for end in ("word ", "é", "<b> & more", "\n", "1", "x" * 900):
        text += end
        assert len(page.show(text=text)) <= 17 + 2 * len(end.encode())
    for changed in (text[:-1], "x" + text, text + "y" * 5000, "short", "shorter"):
        page.show(text=changed)
    for text in ("a line end in two halves, that is\r", "a line end in two halves, that is\r\n"):
        page.show(text=text)


def test_a_message_of_a_list_that_goes_on_sends_its_end_alone():
    template = "{% for m in chat %}<p id='{{ m.id }}'>{{ m.author }}: {{ m.text }}</p>{% endfor %}"
    chat = [{"id": n, "author": "bot", "text": f"{n} " + "word " * 50} for n in range(100)]
    page = Page(template)
    page.show(chat=chat)
    for end in ("Once", " upon", " a", " time", " & <b>"):
        chat[-1]["text"] += end
        assert len(page.show(chat=chat)) <= 18 + len(end)
    chat[40]["text"] += "!"
    assert len(page.show(chat=chat)) <= 18
    chat[40]["text"] += "!"
    chat[40]["author"] = "you"
    assert len(page.show(chat=chat)) > 200  # two cells: the row travels


def test_what_did_not_change_is_not_sent():
    page = Page(TABLE)
    page.show(rows=[row(1)])
    assert page.show(rows=[row(1)]) == _native.encode_ack(0, 0)
    assert page.recorder.seq == 1


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        (lambda rows: rows.reverse(), 16),
        (lambda rows: rows.insert(1, rows.pop(998)) or rows.insert(998, rows.pop(2)), 22),
        (lambda rows: rows.insert(300, rows.pop(700)) or rows.insert(700, rows.pop(301)), 25),
        (lambda rows: rows.pop(0), 14),
        (lambda rows: rows.pop(), 13),
        (lambda rows: rows.pop(500), 20),
        (lambda rows: rows.append(row(1000)), 44),
        (lambda rows: rows.insert(0, row(1000)), 44),
        (lambda rows: rows.insert(10, rows.pop(900)), 30),
        (lambda rows: rows.sort(key=lambda each: each["load"]), 3000),
        (lambda rows: rows.clear(), 100),
        (lambda rows: random.Random(1).shuffle(rows), 3000),
    ],
)
def test_rows_that_move_are_not_sent_again(change, limit):
    rows = [row(number) for number in range(1000)]
    page = Page(TABLE)
    page.show(rows=rows)
    change(rows)
    assert len(page.show(rows=rows)) <= limit


def test_a_list_without_keys_sends_the_rows_that_changed():
    rows = [row(number) for number in range(1000)]
    page = Page(PLAIN)
    page.show(rows=rows)
    rows[7]["name"] = "other"
    assert len(page.show(rows=rows)) <= 24
    rows.insert(500, row(5000))
    assert len(page.show(rows=rows)) <= 40
    del rows[100:110]
    assert len(page.show(rows=rows)) <= 24


def test_a_nested_list_sends_its_changed_row_alone():
    groups = [
        {"id": g, "name": f"Group {g}", "rows": [{"id": r, "name": f"row {r}"} for r in range(20)]}
        for g in range(20)
    ]
    page = Page(NESTED)
    page.show(groups=groups)
    groups[7]["rows"][3]["name"] = "new"
    assert len(page.show(groups=groups)) <= 32
    groups.reverse()
    assert len(page.show(groups=groups)) <= 20
    groups[1]["rows"] = []
    assert len(page.show(groups=groups)) <= 24


def test_random_changes_leave_the_page_as_a_fresh_one():
    choice = random.Random(11)
    for source, is_nested in ((TABLE, False), (PLAIN, False), (NESTED, True)):
        page = Page(source)
        rows = [row(number) for number in range(8)]
        groups = [{"id": g, "name": "g", "rows": rows[: g % 5]} for g in range(6)]
        for _ in range(150):
            target = groups if is_nested and choice.random() < 0.5 else rows
            match choice.randrange(6):
                case 0:
                    choice.shuffle(target)
                case 1 if target:
                    target.pop(choice.randrange(len(target)))
                case 2:
                    fresh = row(choice.randrange(30))
                    fresh["rows"] = [dict(each) for each in choice.sample(rows, len(rows) // 2)]
                    target.insert(choice.randrange(len(target) + 1), fresh)
                case 3 if target:
                    choice.choice(target)["name"] = choice.choice(["<b>", "x", "7", ""])
                case 4 if rows:
                    changed = choice.choice(rows)
                    changed["load"], changed["on"] = choice.randrange(9), not changed["on"]
                case _:
                    target.extend(dict(each) for each in target[:2])
            page.show(rows=rows, groups=groups)


def test_a_definition_is_sent_once_and_never_to_a_page_that_has_it():
    recorder = FrameRecorder(COUNTER + TABLE)
    first = recorder.mount({"n": 1, "rows": [row(1), row(3)]})
    definitions = [value for value in values(first) if isinstance(value, bytes) and len(value) == 8]
    assert len(definitions) == 4  # the page, a row, on, off
    recorder.renderer.forget()
    again = recorder.mount({"n": 1, "rows": [row(1), row(3)]})
    assert not [value for value in values(again) if isinstance(value, bytes)]
    returning = FrameRecorder(COUNTER + TABLE, known=b"".join(definitions))
    frame = returning.mount({"n": 1, "rows": [row(1), row(3)]})
    assert values(frame)[5] == 0
    assert len(frame) == len(again)


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("", "", 0),
        ("<b>on</b>", "<b>yes</b>", 1),  # a branch
        ("<table>", "<table class='wide'>", 1),  # the page around the rows
        ("{{ r.name }}</td>", "{{ r.name }}!</td>", 2),  # the row, and the page that names it
    ],
)
def test_a_page_gets_the_templates_that_a_deploy_changed_and_no_others(old, new, count):
    context = {"n": 1, "rows": [row(1), row(3)]}
    first = FrameRecorder(TABLE).mount(context)
    known = b"".join(v for v in values(first) if isinstance(v, bytes) and len(v) == 8)
    frame = values(FrameRecorder(TABLE.replace(old, new), known=known).mount(context))
    assert frame[5] == count
    if count:
        assert frame[6] == len(known) // 8


def test_a_branch_is_defined_when_it_is_first_shown():
    page = Page("<div>{% if n %}<b>{{ n }}</b>{% endif %}</div>")
    page.show(n=0)
    assert len(values(page.show(n=1))) > 10
    page.show(n=0)
    assert len(page.show(n=2)) <= 12


def test_a_forgotten_page_gets_the_whole_tree_again():
    page = Page(TABLE)
    page.show(rows=[row(1)])
    page.recorder.renderer.forget()
    frame = page.show(rows=[row(2)])
    assert values(frame)[:4] == [1, 0, 2, 0]


def test_a_small_fragment_travels_whole_where_that_is_shorter():
    page = Page("<p>{{ a }}{{ b }}{{ c }}</p>")
    page.show(a=1, b=2, c=3)
    assert values(page.show(a=4, b=5, c=6))[4:] == [0, 0, 4, 5, 6]


def region(source, **context):
    page = _native.Page()
    page.apply(FrameRecorder(source).mount(context))
    return page.html()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>{{ x }}</p>", "<p>1</p>"),
        ("<html><body class='{{ x }}'><p>{{ x }}</p></body></html>", "<p>1</p>"),
        ("<body><i>{{ x }}</i><main dj-root id='{{ x }}'><p>{{ x }}</p></main></body>", "<p>1</p>"),
        ("<body>{% with y=x %}<b>{{ x }}</b><main dj-root>{{ y }}</main>{% endwith %}</body>", "1"),
        ("<main dj-root><div>{{ x }}</div><div dj-root>{{ x }}</div></main>", None),
        ("<body dj-root>{{ x }}", "1"),
    ],
)
def test_the_live_region_is_the_inside_of_the_root(source, expected):
    if expected is not None:
        assert region(source, x=1) == expected


def test_what_stands_outside_the_region_runs_only_if_later_tags_could_tell():
    source = (
        "{{ outside }}{% cycle 'a' 'b' as c %}<main dj-root>{{ c }}{% cycle c %}{{ c }}</main>"
        "{{ outside }}"
    )

    def outside():
        raise AssertionError("not a part of the region")

    assert region(source, outside=outside) == "abb"


def test_the_region_may_stand_in_a_block_of_a_parent():
    from django.template import Engine

    templates = {
        "base": "<html><head>{{ x }}</head><body><nav>{{ x }}</nav>{% block main %}{% endblock %}"
        "</body></html>",
        "part": "<section dj-root>{{ y }}</section>",
    }
    engine = Engine(loaders=[("django.template.loaders.locmem.Loader", templates)])
    inside = engine.from_string(
        "{% extends 'base' %}{% block main %}<div dj-root><b>{{ x }}</b></div>{% endblock %}"
    )
    assert region(inside, x=1) == "<b>1</b>"
    included = engine.from_string(
        "{% extends 'base' %}{% block main %}<p>{% include 'part' with y=x %}{% endblock %}"
    )
    assert region(included, x=1) == "1"


def test_frames_carry_the_numbers_they_are_given():
    live = LiveTemplate.of(FrameRecorder("<p>{{ x }}</p>").renderer.template)
    renderer, table = live.renderer(), _native.TemplateTable()
    handlers = _native.encode_handlers([("add", None)])
    frame = renderer.mount({"x": 1}, table, root=3, seq=7, ack=9, handlers=handlers)
    assert values(frame)[:5] == [1, 3, 7, 9, [["add", None]]]
    assert values(renderer.update({"x": 2}, table, root=3, seq=8, ack=10))[:4] == [2, 3, 8, 10]


def test_a_failed_render_leaves_the_page_where_it_was():
    page = Page("<p>{{ x }}</p><b>{{ y.z }}</b>")
    page.show(x=1, y={"z": 1})

    class Broken:
        @property
        def z(self):
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        page.recorder.update({"x": 2, "y": Broken()})
    assert page.show(x=2, y={"z": 1})[:3] == b"\x02\x00\x02"


def test_frames_that_do_not_fit_are_refused():
    page = _native.Page()
    for frame in (b"", b"\x02", b"\x02\x00\x01\x00\x00\x01\x00\x01", b"\xff" * 9):
        with pytest.raises(ValueError, match=r"\(byte \d+\)"):
            page.apply(frame)


def test_seeds_and_hashes_have_their_length():
    live = LiveTemplate.of(FrameRecorder("<p>{{ x }}</p>").renderer.template)
    with pytest.raises(ValueError, match="16 bytes"):
        live.renderer(seed=b"short")
    with pytest.raises(ValueError, match="8 bytes"):
        _native.TemplateTable(b"123")


def test_a_template_that_a_value_names_travels_piece_by_piece():
    from django.template import Engine

    engine = Engine()
    steps = [
        engine.from_string(
            "<h2>Step 1</h2><p>{{ note }}</p>{% for r in rows %}<i>{{ r }}</i>{% endfor %}"
        ),
        engine.from_string("<h2>Step 2</h2><p>{{ note }}</p>"),
    ]
    page = Page("<main>{% include step %}<u>{% include step with note=other only %}</u></main>")
    rows = list(range(100))
    page.show(step=steps[0], rows=rows, note="a", other="b")
    assert (
        len(page.show(step=steps[0], rows=[*rows[:50], -1, *rows[51:]], note="a", other="b")) < 20
    )
    assert len(page.show(step=steps[0], rows=rows, note="c", other="d")) < 30
    page.show(step=steps[1], rows=rows, note="c", other="d")
    assert len(page.show(step=steps[1], rows=rows, note="e", other="d")) < 15


def test_a_named_template_that_leaves_an_element_open_makes_the_page_one_piece():
    from django.template import Engine

    head = Engine().from_string("<section>{{ title }}")
    page = Page("<main>{% include head %}<p>{{ text }}</p></section></main>")
    page.show(head=head, title="a", text="b")
    assert b"<main><section>a<p>c" in page.show(head=head, title="a", text="c")
