"""What a plan relies on that values print, and what the page gets where they print something else."""

import pytest
from django.template import Context, Engine, Template
from django.utils.safestring import mark_safe

from djust import _native
from djust.rendering import LiveTemplate
from djust.testing import FrameRecorder

TABLE = "<table><tbody>{% for row in rows %}<tr{{ attrs }}>{{ row.cell }}</tr>{% endfor %}</tbody></table>"


def cells(count, changed=None):
    texts = ["changed" if number == changed else f"cell {number}" for number in range(count)]
    return [{"cell": mark_safe(f"<td>{text}</td>")} for text in texts]


def test_cells_that_values_bring_are_rows_of_their_own():
    recorder = FrameRecorder(TABLE)
    page = _native.Page()
    page.apply(recorder.mount({"rows": cells(50), "attrs": mark_safe(' class="a"')}))
    frame = recorder.update({"rows": cells(50, changed=7), "attrs": mark_safe(' class="a"')})
    page.apply(frame)
    assert '<tr class="a"><td>changed</td></tr>' in page.html()
    assert len(frame) < 50


@pytest.mark.parametrize(
    "otherwise",
    [
        {"rows": [{"cell": "text"}]},
        {"rows": [{"cell": 5}]},
        {"rows": [{"cell": mark_safe("<td>a</td> text")}]},
        {"rows": [{"cell": mark_safe("<p>no cell</p>")}]},
        {"rows": [{"cell": mark_safe("</tr>")}]},
        {"rows": cells(1), "attrs": "x"},
        {"rows": cells(1), "attrs": mark_safe("x class='a'")},
    ],
)
def test_what_a_plan_relied_on_and_got_otherwise_is_one_hole(otherwise):
    """A parser moves text out of a table. The page gets all as HTML, at once and from then on as
    the table asks for, and no value is asked twice."""
    asked = []
    rows = otherwise.pop("rows")
    otherwise = {"attrs": "", **otherwise, "rows": lambda: asked.append(1) or rows}
    template = Template(TABLE + "<p>{{ after }}</p>", engine=Engine())
    recorder = FrameRecorder(template)
    page = _native.Page()

    def expected(after):
        return template.render(Context({**otherwise, "after": after}))

    for turn, send in enumerate([recorder.mount, recorder.update, recorder.update]):
        asked.clear()
        frame = send({**otherwise, "after": turn})
        page.apply(frame)
        assert asked == [1]
        assert page.html() == expected(turn)
        pieces = page.pieces()
        values = [kind for kind, *_ in pieces if kind == "value"]
        if turn == 0:
            assert values == ["value"]  # All of it.
        else:
            assert [kind for kind, _ in pieces].count("value") == 2  # The table, and the text.
    assert frame[0] == 2


def test_a_plan_stays_as_it_is_where_values_are_as_expected():
    live = LiveTemplate.of(Template(TABLE, engine=Engine()))
    live.render_html(Context({"rows": cells(3)}))
    assert live.joins
    assert live.plan.captured_regions == 0
