"""``changes``, ``assert_changes`` and ``Snapshot``: a test sees which holes an update changes."""

import pytest

from djust.snapshots import where
from djust.testing import Snapshot, assert_changes, changes

ROWS = (
    '<ul>{% for r in rows %}<li id="{{ r.id }}">{{ r.name }}</li>{% empty %}none{% endfor %}</ul>'
)


def row(id, name):
    return {"id": id, "name": name}


@pytest.mark.parametrize(
    ("source", "before", "after", "lines"),
    [
        (
            "<p>{{ a }} {{ b }}</p>",
            {"a": 1, "b": 2},
            {"a": 1, "b": "<3>"},
            ["p: '2' → '&lt;3&gt;'"],
        ),
        ('<p title="x {{ a }}">x</p>', {"a": 1}, {"a": 2}, ["p title: '1' → '2'"]),
        ("<input {{ a }}>", {"a": ""}, {"a": "disabled"}, ["input attributes: '' → 'disabled'"]),
        ("{{ a }}", {"a": 1}, {"a": 2}, ["page: '1' → '2'"]),
        ("<b>{{ a }}</b>", {"a": 1}, {"a": 1}, []),
        ("<b>{% if a %}<i>{{ a }}</i>{% endif %}</b>", {"a": 1}, {"a": 2}, ["b › i: '1' → '2'"]),
        ("<b>{% if a %}<i>{{ a }}</i>{% endif %}</b>", {"a": 1}, {}, ["b: '<i>1</i>' → ''"]),
    ],
)
def test_a_hole_is_named_by_its_element(source, before, after, lines):
    assert changes(source, before, after) == lines
    assert_changes(source, before, after, lines)


def test_rows_are_named_by_their_keys():
    before = {"rows": [row(1, "a"), row(2, "b"), row(3, "c")]}
    after = {"rows": [row(3, "c"), row(1, "A"), row(4, "d")]}
    assert changes(ROWS, before, after) == [
        "ul: row 2 is gone",
        "ul: rows in the order 3, 1, 4",
        "ul row 1 › li: 'a' → 'A'",
        "ul: row 4 is new, '<li id=\"4\">d</li>'",
    ]


def test_rows_without_keys_have_numbers():
    source = "<ul>{% for x in xs %}<li>{{ x }}</li>{% endfor %}</ul>"
    assert changes(source, {"xs": "ab"}, {"xs": "aBc"}) == [
        "ul row 2 › li: 'b' → 'B'",
        "ul: row 3 is new, '<li>c</li>'",
    ]


def test_other_changes_than_expected_are_shown_as_a_difference():
    with pytest.raises(AssertionError) as caught:
        assert_changes("<p>{{ a }}</p>", {"a": 1}, {"a": 2}, ["p: '1' → '3'"])
    assert "-p: '1' → '3'" in str(caught.value)
    assert "+p: '1' → '2'" in str(caught.value)


def test_a_snapshot_is_written_first_and_compared_then(tmp_path, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("DJUST_UPDATE_SNAPSHOTS", raising=False)
    path = tmp_path / "snapshots" / "page.txt"
    Snapshot(path).check("<p>{{ a }}</p>", {"a": 1}, {"a": 2})
    assert path.read_text(encoding="utf-8") == "p: '1' → '2'\n"
    Snapshot(path).check("<p>{{ a }}</p>", {"a": 1}, {"a": 2})
    with pytest.raises(AssertionError, match="changes other holes"):
        Snapshot(path).check("<p>{{ a }}</p>", {"a": 1}, {"a": 3})
    monkeypatch.setenv("DJUST_UPDATE_SNAPSHOTS", "1")
    Snapshot(path).check("<p>{{ a }}</p>", {"a": 1}, {"a": 3})
    assert path.read_text(encoding="utf-8") == "p: '1' → '3'\n"


def test_continuous_integration_writes_no_snapshot(tmp_path, monkeypatch):
    monkeypatch.delenv("DJUST_UPDATE_SNAPSHOTS", raising=False)
    monkeypatch.setenv("CI", "1")
    with pytest.raises(AssertionError, match="is missing"):
        Snapshot(tmp_path / "page.txt").check("{{ a }}", {"a": 1}, {"a": 2})


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("<p>a<br>b ", "p"),
        ("<p></p>", ""),
        ("<a href='x' title=", "a title"),
        ("<a href='/p/", "a href"),
    ],
)
def test_the_html_before_a_hole_says_where_it_is(source, name):
    assert where(source) == name
