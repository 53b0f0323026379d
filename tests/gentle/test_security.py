"""What users of a site type is shown, and never executed, wherever a template puts it."""

import time
from itertools import product

from tests.gentle.scenes import scene

# Each way to begin something that runs, as published lists of cross-site scripting have them,
# and each way to make it look different. %s is the script.
BEGINNINGS = [
    "<script>%s</script>",
    "<img src=x onerror=%s>",
    "<svg onload=%s>",
    "<svg><script>%s</script></svg>",
    "<iframe srcdoc='<script>parent.%s</script>'></iframe>",
    "<iframe src='javascript:parent.%s'></iframe>",
    "<a href='javascript:%s' autofocus onfocus=%s>x</a>",
    "<input autofocus onfocus=%s>",
    "<details open ontoggle=%s>",
    "<video><source onerror=%s></video>",
    "<object data='javascript:%s'></object>",
    "<embed src='javascript:%s'>",
    "<base href='javascript:/*'><a href='*/%s'>x</a>",
    "<meta http-equiv=refresh content='0;url=javascript:%s'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=%s>",
    "<template><script>%s</script></template>",
    "<form action='javascript:%s'><button autofocus onfocus=%s>x</button></form>",
    "<style onload=%s></style>",
    "<body onload=%s>",
    "<x onclick=%s tabindex=1 id=x autofocus onfocus=%s>x",
    "javascript:%s",
    "data:text/html,<script>%s</script>",
    "{{ %s }}",
    "expression(%s)",
]
CLOSINGS = [
    "",
    '"',
    "'",
    '">',
    "'>",
    "-->",
    "]]>",
    "</textarea>",
    "</title>",
    "</script>",
    "</style>",
    "</noscript>",
    '" onmouseover="%s" x="',
    "</textarea></title></script></style>-->",
    "`${%s}`",
    "\x00",
    "\u2028",
    "&lt;/script&gt;",
    "\\\"'",
    "</main></body></html>",
]
SPELLINGS = ["{}", "{}<!--"]
VECTORS = [
    spelling.format((closing + beginning).replace("%s", "attack()"))
    for spelling, closing, beginning in product(SPELLINGS, CLOSINGS, BEGINNINGS)
]

BODY = """{% for one in vectors %}<div id="v{{ forloop.counter }}" class="{{ one }}" title="x {{ one }} y">
{{ one }}<textarea>{{ one }}</textarea><input value="{{ one }}"><!-- {{ one }} -->
<p {% if one %}data-x="{{ one }}"{% endif %}>{% with two=one %}{{ two }}{% endwith %}</p></div>{% endfor %}"""
HEAD = """<script nonce="{{ view.request.csp_nonce }}">
window.attacks = 0;
window.attack = window.alert = () => attacks++;
</script>"""


def same(text):
    return text.strip().replace("\0", "\ufffd")


def test_there_are_many_vectors():
    assert len(set(VECTORS)) >= 800


@scene(BODY, head=HEAD, vectors=[])
def test_no_vector_runs_and_each_is_shown_as_it_is(page):
    shown = """
    const texts = (div) => [...div.childNodes].filter((one) => one.nodeType === 3);
    return [...document.querySelectorAll("main > div")].map((div) => [
      div.className, div.title.slice(2, -2), texts(div).map((one) => one.data).join(""),
      div.querySelector("textarea").value, div.querySelector("input").getAttribute("value"),
      div.querySelector("p").dataset.x, div.querySelector("p").textContent])"""
    for start in range(0, len(VECTORS), 120):
        vectors = VECTORS[start : start + 120]
        page.show(vectors=vectors)
        # A parser makes U+FFFD of U+0000, and so it is where the source of attributes is parsed.
        expected = [[same(vector)] * 7 for vector in vectors]
        found = []
        # A long frame is carried out in slices, and a slow machine shows the turn before the rest.
        until = time.monotonic() + 30
        while found != expected and time.monotonic() < until:
            found = [[same(one) for one in row] for row in page.run(shown)]
        assert found == expected
    page.run(
        "for (const one of document.querySelectorAll('main *')) {"
        "  for (const name of ['mouseover', 'focus', 'click', 'load', 'error', 'toggle'])"
        "    one.dispatchEvent(new Event(name));"
        "}"
    )
    assert page.run("new Promise((done) => setTimeout(() => done(attacks), 200))") == 0
    assert page.run("document.querySelectorAll('main script, main iframe, main img').length") == 0


@scene("<div>{{ html|safe }}</div>", head=HEAD, html="")
def test_the_policy_stops_what_a_site_itself_calls_safe(page):
    """Markup that a site marks as safe is inserted, and under a strict policy nothing in it runs."""
    for start in range(0, len(VECTORS), 60):
        # A page that is told to go elsewhere is gone: that is no script, and no matter of ours.
        vectors = [one for one in VECTORS[start : start + 60] if "<meta" not in one]
        page.show(html="<hr>".join(vectors))
    assert page.run("new Promise((done) => setTimeout(() => done(attacks), 200))") == 0
    # The policy had something to forbid, and forbade it.
    page.run("violations.length = 0;")


# A URL stays what it is, in a patched page as in a served one.
LINKS = """<a id="a" href="{{ url }}">a</a><a id="b" {% if url %}href="{{ url }}"{% endif %}>b</a>
<form action="{{ url }}"><button id="c" formaction="{{ url }}" type="button">c</button></form>
<svg><a href="{{ url }}" xlink:href="{{ url }}"><text>d</text></a></svg>"""
URL = "javascript:attack()"


def urls(page):
    return page.run("""return [...document.querySelectorAll("main *")].flatMap((one) =>
      [...one.attributes].filter(({ value }) => /script:/.test(value)).map(({ name }) => name))""")


@scene(LINKS, head=HEAD, strict=False, url=URL)
def test_a_script_in_a_url_is_patched_as_it_is_served_and_runs_for_nobody_who_does_not_click(page):
    served = urls(page)
    assert served == ["href", "href", "action", "formaction", "href", "xlink:href"]
    page.show(url="/")
    assert urls(page) == []
    page.show(url=URL)
    assert urls(page) == served
    assert page.run("new Promise((done) => setTimeout(() => done(attacks), 200))") == 0


@scene(LINKS + '<iframe src="{{ url }}"></iframe>', head=HEAD, url="/missing/")
def test_the_policy_stops_a_script_in_a_url_of_a_patched_page(page):
    page.show(url=URL)
    assert "src" in urls(page)
    for one in ("#a", "#b"):
        page.find(one).click()
    page.until("violations.length > 1", "the policy forbids what is clicked")
    assert page.run("new Promise((done) => setTimeout(() => done(attacks), 200))") == 0
    page.run("violations.length = 0;")


@scene("<p {{ source|safe }}>x</p>", strict=False, source="")
def test_names_that_only_begin_like_those_of_handlers_are_attributes(page):
    page.show(source="one} on@x=1 online=2")
    assert page.run("[...document.querySelector('main p').attributes].map((one) => one.name)") == [
        "one}",
        "on@x",
        "online",
    ]
