"""A connection that breaks takes nothing away from the person who uses the page."""

from selenium.webdriver.common.keys import Keys

from tests.gentle.scenes import scene


@scene("<input id='a'><p>{{ other }}</p>", other="first")
def test_typed_text_focus_and_caret_survive(page):
    page.type("#a", "half a wo", Keys.ARROW_LEFT)
    page.mark("#a")
    page.reconnect()
    assert page.kept("#a")
    assert page.value("#a") == "half a wo"
    assert page.focused("#a")
    assert page.caret("#a") == [8, 8]


@scene("<input id='a' value='{{ q }}' dj-change='typed'>", q="")
def test_what_was_typed_while_offline_is_kept_and_can_be_sent(page):
    page.type("#a", "abc")
    page.reconnect()
    assert page.value("#a") == "abc"
    page.find("#turn").click()
    page.until("document.querySelector('#a').value === 'ABC'")


@scene(
    "<details><summary>s</summary>{{ other }}</details><div id='a'><p>{{ other }}</p></div>",
    head="""<style nonce="{{ view.request.csp_nonce }}">
    #a { height: 50px; overflow: auto }
    #a p { height: 500px }
    </style>""",
    other="first",
)
def test_open_details_and_scroll_survive(page):
    page.find("summary").click()
    page.run("document.querySelector('#a').scrollTop = 120;")
    page.reconnect()
    assert page.run("document.querySelector('details').open") is True
    assert page.run("document.querySelector('#a').scrollTop") == 120


@scene("{% for row in rows %}<p id='r{{ row }}'>{{ row }}</p>{% endfor %}", rows=[1, 2, 3])
def test_every_element_of_the_page_survives(page):
    page.mark("main *")
    page.reconnect()
    assert page.kept("main *")


@scene("<input id='a' type='file'><input id='b' type='checkbox'><p>{{ other }}</p>", other="")
def test_files_and_boxes_survive(page):
    page.find("#a").send_keys(__file__)
    page.find("#b").click()
    page.reconnect()
    assert page.run("document.querySelector('#a').files.length") == 1
    assert page.run("document.querySelector('#b').checked") is True


@scene("<button dj-click='refuse'>go</button><p>{{ other }}</p>", other="")
def test_the_page_works_on(page):
    page.reconnect()
    page.find("button").click()
    page.answered()
