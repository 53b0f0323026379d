"""What a page says to its developer, in the console of the browser, while the site is in debug mode."""

from tests.gentle.scenes import scene

HEAD = """<script nonce="{{ view.request.csp_nonce }}">
window.warned = [];
console.warn = (text) => warned.push(text);
</script>"""

# Something comes between the server and the script: another script, an extension, a proxy.
MEDDLER = """<script nonce="{{ view.request.csp_nonce }}">
document.addEventListener("DOMContentLoaded", () => {
  const find = (id) => document.getElementById(id);
  find("text").firstChild.data = "meddled";
  find("gone").remove();
  find("named").title = "meddled";
  find("list").insertAdjacentHTML("beforeend", "<li>meddled</li>");
  window.marked = [...document.querySelectorAll("main *")].filter(
    (one) => one.textContent !== "meddled" || one.id === "text",
  );
});
</script>"""


@scene(
    """<p id="text">{{ other }}</p><p id="gone">{{ other }}</p><p id="named" title="{{ other }}">
    <b>b</b></p><ul id="list">{% for row in rows %}<li>{{ row }}</li>{% endfor %}</ul>""",
    head=HEAD + MEDDLER,
    strict=False,
    other="first",
    rows=["a", "b"],
)
def test_a_served_page_that_differs_is_mended_where_it_does_and_the_console_says_why(page):
    assert page.run("document.querySelector('main').innerText").split() == [
        *["first", "first", "b", "a", "b", "0"]
    ]
    assert page.run("document.querySelector('#named').title") == "first"
    # What was made is the element that was gone.
    assert page.run("marked.every((one) => one.isConnected)")
    assert page.run("document.querySelectorAll('main *').length === marked.length + 1")
    assert page.run("warned") == [
        'djust: other text than "first" in <p>',
        "djust: no <p> in <main>",
        "djust: another title of <p> in <main>",
        "djust: a node too much in <ul>",
    ]
    page.show(other="second")
    assert page.text("#gone") == "second"


@scene(
    """<ul>{% for row in rows %}
    <li data-key="{{ row }}">{{ row }}</li>{% endfor %}</ul><p>{{ other }}</p>""",
    head=HEAD,
    other="",
    rows=["a", "b"],
)
def test_a_key_that_two_rows_have_is_named_in_the_console_once(page):
    assert page.run("warned") == []
    page.show(rows=["a", "b", "a"])
    page.until("warned.length")
    page.show(rows=["a", "b", "a", "c"], other="again")
    page.show(rows=["a", "b"], other="and again")
    assert page.run("document.querySelector('ul').innerText").split() == ["a", "b"]
    [warning] = page.run("warned")
    assert warning.startswith("djust: Two rows of {% for row in rows %} have the key 'a'")
