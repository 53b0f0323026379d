"""Other libraries on the same page work on, and so do we: Alpine, htmx, Turbo, a web component."""

from tests.gentle.scenes import scene

LIBRARIES = """
<script defer src="/static/alpinejs/dist/cdn.min.js"></script>
<script src="/static/htmx.org/dist/htmx.min.js"></script>
<script type="module" src="/static/@hotwired/turbo/dist/turbo.es2017-esm.js"></script>
<script>
customElements.define("x-clicks", class extends HTMLElement {
  connectedCallback() {
    this.count ??= 0;
    this.onclick = () => { this.textContent = ++this.count; };
  }
});
</script>"""

BODY = """
<p class="other">{{ other }}</p>
<div id="alpine" x-data="{ count: 0 }">
  <button x-on:click="count++">alpine</button><b x-text="count"></b><i>{{ other }}</i>
</div>
<div id="htmx"><button hx-get="/htmx/" hx-target="#answer">htmx</button></div>
<div id="answer"></div>
<turbo-frame id="t"><a href="/turbo/">one</a></turbo-frame>
<x-clicks>0</x-clicks>
{% for row in rows %}<p id="r{{ row }}" x-data="{ n: {{ row }} }"><u x-text="n * 2"></u></p>{% endfor %}
"""


@scene(BODY, head=LIBRARIES, strict=False, other="", rows=[1, 2])
def test_all_of_them_keep_their_state_while_the_server_changes_the_page(page):
    page.until("document.querySelector('#alpine b').textContent === '0'", "Alpine")
    page.find("#alpine button").click()
    page.until("document.querySelector('#alpine b').textContent === '1'")
    page.find("#htmx button").click()
    page.until("document.querySelector('#answer b') !== null", "htmx")
    page.find("x-clicks").click()
    page.find("turbo-frame a").click()
    page.until("document.querySelector('turbo-frame b') !== null", "Turbo")

    page.mark("#alpine b, #answer b, turbo-frame b, x-clicks")
    page.show(other="news", rows=[2, 1, 3])
    assert page.kept("#alpine b, #answer b, turbo-frame b, x-clicks")
    assert page.text(".other") == page.text("#alpine i") == "news"
    assert page.text("#alpine b") == "1"
    assert page.text("x-clicks") == "1"
    # A row that came later is initialised by Alpine like those that were served.
    page.until("document.querySelector('#r3 u').textContent === '6'", "Alpine in a new row")

    # And once more, now that the server has changed the page.
    page.find("#alpine button").click()
    page.until("document.querySelector('#alpine b').textContent === '2'")
    page.find("x-clicks").click()
    assert page.text("x-clicks") == "2"
    page.reconnect()
    page.find("#htmx button").click()
    page.show(other="later")
    assert page.text("#alpine i") == "later"
    assert page.text("#alpine b") == "2"


@scene(
    """<div x-data="{ n: 0 }"><button class="theirs" @click="n++">a</button><b x-text="n"></b>
    <button class="ours" dj-click="note" data-who="b">b</button></div>
    {% if later %}<div x-data="{ n: 5 }"><button class="later" @click="n++">a</button><u x-text="n"></u></div>{% endif %}
    <button class="old" @click="note" data-who="c">c</button><output id="q">{{ q }}</output>""",
    head=LIBRARIES,
    strict=False,
    q="",
    later=False,
)
def test_what_stands_in_an_x_data_is_alpines_and_the_older_spelling_is_ours_elsewhere(page):
    page.run(
        "window.errors = [];"
        "document.addEventListener('djust:error', ({ detail }) => errors.push(detail.message));"
    )
    page.until("document.querySelector('b').textContent === '0'", "Alpine")
    page.find(".theirs").click()
    page.until("document.querySelector('b').textContent === '1'")
    page.find(".ours").click()
    page.until("document.querySelector('#q').textContent === 'who=b'")
    page.find(".old").click()
    page.until("document.querySelector('#q').textContent === 'who=c'")
    page.show(later=True)
    page.until("document.querySelector('u').textContent === '5'", "Alpine in what came later")
    page.find(".later").click()
    page.until("document.querySelector('u').textContent === '6'")
    assert page.run("errors") == []
