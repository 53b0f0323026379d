"""What the server sent is what the page goes on with: hydration makes, removes and changes nothing."""

import os
import warnings
from random import Random

import pytest

from tests.conformance.browser import recorded, served, shown
from tests.conformance.cases import Case
from tests.gentle.conftest import server

LIVE = ["counter", "todos", "search", "booking", "table"]
PAGES = 200


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Where the demo is served, with a script that watches each page from its beginning."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "DJUST_DEMO_DB": str(folder / "demo.sqlite3")}
    with server(["tests.gentle.demo"], folder, environment) as url:
        yield url


@pytest.mark.parametrize("name", LIVE)
def test_every_node_of_the_demo_is_adopted(driver, demo, name):
    driver.get(f"{demo}/{name}/")
    wait = """
    const [done] = arguments;
    const poll = () => document.documentElement.dataset.djust === "connected"
      ? requestAnimationFrame(() => setTimeout(done)) : setTimeout(poll, 10);
    poll();
    """
    driver.execute_async_script(wait)
    found = driver.execute_script("""
    const now = nodesOf();
    const isText = (node) => node.nodeType === 3;
    const [were, are] = [served.nodes, now].map((nodes) => nodes.filter((node) => !isText(node)));
    const touched = records.flatMap(({ type, target, addedNodes, removedNodes }) =>
      type === "attributes" ? [target] : [...addedNodes, ...removedNodes]);
    return {
      nodes: were.length,
      kept: were.length === are.length && were.every((node, index) => node === are[index]),
      texts: served.nodes.filter((node) => isText(node) && !now.includes(node)).length,
      html: document.body.innerHTML === served.html,
      touched: touched.filter((node) => !isText(node)).map((node) => node.nodeName),
      complaints,
    };
    """)
    assert found.pop("nodes") > 20
    expected = {"kept": True, "texts": 0, "html": True, "touched": [], "complaints": []}
    assert found == expected


def page_of(seed):
    """A page that nobody wrote, as a template with its first context."""
    random = Random(seed)
    context = {
        "a": repr(random.choice(["", "word", "a < b & c", "two\nlines", " spaces "])),
        "b": random.choice(["True", "False", "0", "7", "1234567"]),
        "html": f"mark_safe({random.choice(['', '<b>bold</b> & co', 'text', '<i></i><u>1</u>'])!r})",
        "rows": f"[{', '.join(f'Thing(id={n}, name={n * 7!r})' for n in range(random.randrange(5)))}]",
    }

    def text():
        return random.choice(
            ["text", " ", "\n", "{{ a }}", "{{ b }}", "{{ a }}{{ b }}", "x{{ a }}y", "{{ html }}"]
        )

    def phrase():
        return random.choice(
            [
                "<b>{{ a }}</b>",
                '<i class="x {{ b }}" title="{{ a }}">{{ b }}</i>',
                '<input value="{{ a }}" {% if b %}disabled{% endif %}>',
                "<textarea>\n{{ a }}</textarea>",
                "<select><option{% if b %} selected{% endif %}>{{ a }}</option></select>",
                "<!-- {{ b }} -->",
                "<svg><circle r='{{ b }}'/></svg>",
                "<br>",
            ]
        )

    def inline(depth):
        parts = [random.choice([text, phrase])() for _ in range(random.randrange(4))]
        if depth and random.random() < 0.4:
            inner, other = inline(depth - 1), inline(depth - 1)
            parts.append(f"{{% if b %}}{inner}{{% else %}}{other}{{% endif %}}")
        random.shuffle(parts)
        return "".join(parts)

    def rows(row):
        return f"{{% for r in rows %}}{row}{{% empty %}}{{% endfor %}}"

    def block(depth):
        inner = "".join(block(depth - 1) for _ in range(random.randrange(3))) if depth else ""
        item = f'<li id="r{{{{ r.id }}}}">{{{{ r.name }}}}{inline(1)}</li>'
        line = f"<tr><td>{{{{ r.id }}}}</td><td>{inline(1)}</td></tr>"
        return random.choice(
            [
                f"<div>{inner}{inline(2)}</div>",
                f"{{% if b %}}<section>{inner}</section>{{% endif %}}",
                f"<p>{inline(2)}</p>{inner}",
                f"<ul>{rows(item)}</ul>",
                f"<table><tr><th>head</th></tr>{rows(line)}</table>{inner}",
                f'{{% with c=b %}}<article data-c="{{{{ c }}}}">{inner}</article>{{% endwith %}}',
            ]
        )

    return Case({"main.html": "".join(block(2) for _ in range(3))}, [context])


@pytest.fixture(scope="module")
def pages(with_django):
    """What Django prints for generated pages, and the frame that a session sends for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [recorded(page_of(seed)) for seed in range(PAGES)]


def difference(driver, source, contexts, is_served):
    """What differs between a template's page, state after state, and what the browser makes of Django's HTML."""
    steps = recorded(Case({"main.html": source}, contexts))
    assert len(steps) == len(contexts)
    with served() as url:
        driver.get(url)
        return shown(driver, steps, is_served)


NOSCRIPT = [
    "<noscript>{{ a }}</noscript>1 > 0<b>{{ a }}</b>",
    "<p><noscript><div title='{{ a }}'>{{ a }} &amp; co</div></noscript>{{ a }}</p>",
    "{% if a %}<noscript class={{ a|length }}><img src=x onerror='fail()'></noscript>{% endif %}",
    "{{ html }}<i>{{ a }}</i>",
    "<ul>{% if a %}<li>{% endif %}<NOSCRIPT><li></NOSCRIPT>{{ a }}</ul>",
    "<svg><noscript><g>{{ a }}</g></noscript></svg>{{ a }}",
    "<div><svg><noscript><g>{{ a }}</g></noscript></div>",
]


@pytest.mark.parametrize("source", NOSCRIPT)
@pytest.mark.parametrize("is_served", [True, False], ids=["served", "mounted"])
def test_what_stands_in_a_noscript_is_text(driver, with_django, source, is_served):
    html = "mark_safe('<p><noscript><b></noscript>x</p>')"
    contexts = [{"a": value, "html": html} for value in ("'x'", "'<y>'", "''", "'z'")]
    assert difference(driver, source, contexts, is_served) is None


PRE = [
    "<pre>{% if a %}\n{% endif %}{{ b }}</pre>",
    "<pre id=x>{% if a %}{{ b }}{% endif %}\nc</pre>",
]


@pytest.mark.parametrize("source", PRE)
@pytest.mark.parametrize("is_served", [True, False], ids=["served", "mounted"])
def test_a_line_end_that_a_parser_drops_is_not_there(driver, with_django, source, is_served):
    contexts = [{"a": value, "b": "'x'"} for value in ("1", "0", "2")]
    assert difference(driver, source, contexts, is_served) is None


TABLES = [
    "<table>{% for r in rows %}<tr><td>{{ r.name }}</td></tr>{% endfor %}<tbody><tr><td>1</td></tr></tbody></table>",
    "<table>{% for r in rows %}<tr><td>{{ r.name }}</td></tr>{% endfor %}<caption>c</caption><tr><td>1</td></tr></table>",
    "<table><thead></thead>{% if rows %}<tr><td>1</td></tr>{% endif %}<tbody>{% for r in rows %}<tr><td>{{ r.id }}</td></tr>{% endfor %}</tbody></table>",
]


@pytest.mark.parametrize("source", TABLES)
def test_a_table_is_adopted_whose_first_rows_are_missing(driver, with_django, source):
    contexts = [{"rows": rows} for rows in ("[]", "[Thing(id=1, name=2)]", "[]")]
    for first in (0, 1):
        assert difference(driver, source, contexts[first:], True) is None


def test_of_two_attributes_with_one_name_the_first_counts(driver, with_django):
    source = "<p {{ a }} title='2'>{{ b }}</p><h1 {{ a }} {% if b %}id=x{% endif %}>{{ b }}</h1>"
    values = ["mark_safe('class=x')", "'title=1'", "mark_safe('id=y')", "mark_safe('a>b')", "''"]
    contexts = [{"a": value, "b": "7"} for value in values]
    for is_served in (True, False):
        assert difference(driver, source, contexts, is_served) is None


ROWS = [
    "<ul>{% for r in rows %}<li>{{ r.name }}{% endfor %}</ul>",
    "<ul>\n{% for r in rows %}\n  <li>{{ r.name }}\n{% endfor %}\n</ul>",
    "<ul>\n <li>first\n{% for r in rows %}\n  <li id={{ r.id }}>{{ r.name }}\n{% endfor %}\n</ul>",
    "<dl>{% for r in rows %}<dt>{{ r.id }} <dd>{{ r.name }}{% endfor %}\n</dl>",
    "<select>{% for r in rows %}\n<option value={{ r.id }}>{{ r.name }}{% endfor %}</select>",
    "<table><tbody>\n{% for r in rows %} <tr><td>{{ r.id }}<td>{{ r.name }} {% endfor %}\n</table>",
    "<div>{% for r in rows %}<p>{{ r.name }}\n{% empty %}<p>none{% endfor %} </div>",
]


@pytest.mark.parametrize("source", ROWS)
@pytest.mark.parametrize("is_served", [True, False], ids=["served", "mounted"])
def test_rows_without_end_tags_come_and_go(driver, with_django, source, is_served):
    def context(*ids):
        things = (f"Thing(id={number}, name='name {number % 7}')" for number in ids)
        return {"rows": f"[{', '.join(things)}]"}

    rows = [[1, 2, 3], [1, 2, 3, 4], [4, 2, 8], [], [5], [5, 6]]
    for first in (0, 3):
        contexts = [context(*ids) for ids in rows[first:]]
        assert difference(driver, source, contexts, is_served) is None


def test_every_node_of_generated_pages_is_adopted(driver, pages):
    assert all(pages)
    assert len({page[0]["html"] for page in pages}) > PAGES * 0.9
    with served() as url:
        driver.get(url)
        found = {seed: shown(driver, page, True) for seed, page in enumerate(pages)}
    assert {seed: trouble for seed, trouble in found.items() if trouble} == {}
