"""Items of a stream come and go by the server's word, and no render touches them."""

from tests.gentle.scenes import scene

LIST = "<ul dj-stream='feed'></ul>"
LOW = "<style nonce='{{ view.request.csp_nonce }}'>ul { height: 60px; overflow: auto }</style>"
HOSTILE = (
    "<li id='x' onclick='window.hit = 1'><img src='x' onerror='window.hit = 2'>"
    "<a href=' java\tscript:window.hit = 3'>a</a><script>window.hit = 4</script>"
    "<iframe srcdoc='<script>parent.hit = 5</script>'></iframe><svg><set attributeName=href /></svg>"
    "<form onclick='window.hit = 6'><select name='attributes'></select><b>b</b></form></li>"
)


def stream(page, *operations):
    before = page.turn()
    page.run("djust.pushEvent('stream', { operations: arguments[0] });", operations)
    page.answered(before)


def items(page):
    return page.run(
        "[...document.querySelectorAll('ul > *')].map((item) => item.textContent).join(' ')"
    )


def insert(text, *rest, id=None):
    name = f" id='{id}'" if id else ""
    return ["insert", ["feed", f"<li{name}>{text}</li>", *rest]]


@scene(LIST)
def test_items_stand_where_the_server_says(page):
    stream(page, insert("b"), insert("c", "append"), insert("a", "prepend"), insert("x", 1))
    assert items(page) == "a x b c"
    page.show()
    assert items(page) == "a x b c"


@scene(LIST)
def test_the_oldest_items_go_beyond_the_limit(page):
    stream(page, *(insert(text, "append", 3) for text in "abcde"))
    assert items(page) == "c d e"
    stream(page, *(insert(text, "prepend", 3) for text in "xy"))
    assert items(page) == "y x c"


@scene(LIST)
def test_an_item_that_comes_again_is_the_same_element(page):
    stream(page, insert("<input>", id="a"), insert("b", id="b"))
    page.type("#a input", "typed")
    page.mark("li")
    stream(
        page, insert("<input><b>new</b>", id="a"), ["replace", ["feed", "#b", "<li id='b'>B</li>"]]
    )
    assert page.kept("li")
    assert page.value("#a input") == "typed"
    assert page.focused("#a input")
    assert items(page) == "new B"
    stream(page, ["delete", ["feed", "#a"]])
    assert items(page) == "B"


@scene(
    "<ul dj-stream='feed'>{% for row in rows %}<li id='r{{ row }}'>{{ row }}</li>{% endfor %}</ul>",
    rows=[1, 2],
)
def test_a_stream_stands_beside_rows_of_the_template(page):
    stream(page, insert("a"), insert("0", "prepend"))
    assert items(page) == "0 1 2 a"
    page.show(rows=[2, 3, 1])
    assert items(page) == "0 2 3 1 a"
    page.show(rows=[])
    assert items(page) == "0 a"
    page.show(rows=[7])
    assert items(page) == "0 7 a"


@scene(LIST, head=LOW)
def test_a_list_that_shows_its_end_follows_it(page):
    stream(page, *(insert(n) for n in range(10)))
    bottom = "(() => { const ul = document.querySelector('ul'); return ul.scrollHeight - ul.scrollTop - ul.clientHeight < 2 })()"
    page.run("document.querySelector('ul').scrollTop = 10000;")
    stream(page, insert("new"))
    assert page.run(f"return {bottom}")
    page.run("document.querySelector('ul').scrollTop = 5;")
    stream(page, insert("newer"))
    assert page.run("document.querySelector('ul').scrollTop") == 5


@scene(LIST)
def test_nothing_in_a_stream_runs(page):
    stream(page, ["insert", ["feed", HOSTILE]], ["replace", ["feed", "#x", HOSTILE]])
    page.find("#x a").click()
    page.find("#x").click()
    page.show()
    assert page.run("window.hit === undefined")
    assert (
        page.run(
            "document.querySelectorAll('ul script, ul set, ul [onclick], ul [onerror], ul [srcdoc]').length"
        )
        == 0
    )
    # The policy of the page had seen the handlers as well, before they were taken out.
    page.run("violations.length = 0;")


@scene("<p id='a'>{{ q }}</p>", q="")
def test_a_handler_shows_its_steps_while_it_runs(page):
    page.run(
        "window.seen = [];"
        "new MutationObserver(() => seen.push(document.querySelector('#a').textContent))"
        ".observe(document.querySelector('#a'), { characterData: true, subtree: true, childList: true });"
    )
    before = page.turn()
    page.run("djust.pushEvent('count_up');")
    page.answered(before)
    assert page.run("seen") == ["1", "2", "3"]
