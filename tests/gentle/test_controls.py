"""Controls belong to the person who uses them, until the server has answered what was entered."""

from pathlib import Path

from selenium.webdriver.common.keys import Keys

from tests.gentle.scenes import scene


@scene('<input id="a"><p>{{ other }}</p>', other="")
def test_typed_text_stays_when_text_beside_it_changes(page):
    page.type("#a", "half a wo")
    page.show(other="news")
    assert page.text("p") == "news"
    assert page.value("#a") == "half a wo"
    assert page.focused("#a")


@scene('<input id="a"><p>{{ other }}</p>', other="")
def test_the_caret_stays_where_it_is(page):
    page.type("#a", "abcdef", Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    page.show(other="news")
    assert page.caret("#a") == [4, 4]
    page.type("#a", "X")
    assert page.value("#a") == "abcdXef"


@scene('<input id="a"><p>{{ other }}</p>', other="")
def test_a_selection_in_a_field_stays(page):
    page.type("#a", "abcdef")
    page.run("document.querySelector('#a').setSelectionRange(1, 4);")
    page.show(other="news")
    assert page.caret("#a") == [1, 4]


@scene('<input id="a" value="{{ q }}">', q="")
def test_a_value_from_the_server_does_not_overwrite_what_is_being_typed(page):
    page.type("#a", "mine")
    page.show(q="theirs")
    assert page.value("#a") == "mine"
    assert page.run("document.querySelector('#a').getAttribute('value')") == "theirs"


@scene('<input id="a" value="{{ q }}">', q="")
def test_an_untouched_field_follows_the_server(page):
    page.show(q="from the server")
    assert page.value("#a") == "from the server"


@scene('<input id="a" value="{{ q }}" dj-input="typed">', q="")
def test_the_answer_to_what_was_typed_is_shown(page):
    page.type("#a", "abc")
    page.until("document.querySelector('#a').value === 'ABC'")
    assert page.focused("#a")


@scene('<input id="a" value="{{ q }}" dj-input="typed_slowly">', q="")
def test_an_answer_that_the_typing_has_overtaken_is_not_shown(page):
    page.run(
        "window.seen = new Set();"
        "setInterval(() => seen.add(document.querySelector('#a').value), 1);"
    )
    page.type("#a", "ab")
    page.until("document.querySelector('#a').value === 'ab'")
    page.run("document.querySelector('#a').dispatchEvent(new Event('focusout', {bubbles: true}));")
    page.type("#a", "cd")
    page.until("document.querySelector('#a').value === 'ABCD'")
    assert "AB" not in page.run("[...seen]")


@scene(
    '<textarea id="a" dj-input="typed_slowly">{{ q }}</textarea><p>{{ other }}</p>', q="", other=""
)
def test_a_textarea_keeps_lines_and_caret_while_it_is_typed_in(page):
    page.type("#a", "one", Keys.ENTER, "two", Keys.ARROW_UP)
    caret = page.caret("#a")
    page.show(other="news")
    assert page.value("#a").lower() == "one\ntwo"
    assert page.caret("#a") == caret


@scene(
    '<input id="a" type="checkbox"{% if on %} checked{% endif %}><p>{{ other }}</p>',
    on=False,
    other="",
)
def test_a_box_that_was_checked_stays_checked(page):
    page.find("#a").click()
    page.show(other="news")
    assert page.run("document.querySelector('#a').checked") is True


@scene('<input id="a" type="checkbox" dj-change="refuse"{% if on %} checked{% endif %}>', on=False)
def test_a_box_that_the_server_refuses_is_cleared_by_the_answer(page):
    page.find("#a").click()
    page.answered()
    assert page.run("document.querySelector('#a').checked") is False


@scene(
    '{% for one in "abc" %}<input type="radio" name="r" value="{{ one }}">{% endfor %}<p>{{ other }}</p>',
    other="",
)
def test_a_chosen_radio_button_stays_chosen(page):
    page.find('[value="b"]').click()
    page.show(other="news")
    assert page.run("document.querySelector(':checked').value") == "b"


@scene(
    '<select id="a">{% for one in options %}<option value="{{ one }}" id="o{{ one }}">{{ one }}'
    "{% endfor %}</select>",
    options=["x", "y", "z"],
)
def test_a_chosen_option_stays_chosen_when_options_come_and_go(page):
    page.find("#oy").click()
    page.show(options=["w", "y", "z", "q"])
    assert page.value("#a") == "y"


@scene(
    '<select id="a" multiple>{% for one in "xyz" %}<option>{{ one }}</option>{% endfor %}</select>'
    "<p>{{ other }}</p>",
    other="",
)
def test_several_chosen_options_stay_chosen(page):
    page.run(
        "for (const one of [0, 2]) document.querySelector('#a').options[one].selected = true;"
        "document.querySelector('#a').dispatchEvent(new Event('input', {bubbles: true}));"
    )
    page.show(other="news")
    chosen = "[...document.querySelector('#a').selectedOptions].map((one) => one.value).join()"
    assert page.run(chosen) == "x,z"


@scene('<input id="a" type="file"><p>{{ other }}</p><b class="{{ other }}"></b>', other="")
def test_a_chosen_file_stays_chosen(page):
    page.find("#a").send_keys(str(Path(__file__)))
    page.show(other="news")
    assert page.run("document.querySelector('#a').files[0].name") == Path(__file__).name


@scene(
    '<input id="a" type="range" min="0" max="10" value="{{ q }}"><p>{{ other }}</p>', q=5, other=""
)
def test_a_slider_that_was_moved_stays_where_it_is(page):
    page.type("#a", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    moved = page.value("#a")
    page.show(other="news", q=1)
    assert page.value("#a") == moved != "1"


@scene('<input id="a" value="{{ q }}" dj-input="typed">', q="")
def test_a_composition_is_not_disturbed_and_not_sent_before_it_ends(page):
    page.find("#a").click()
    page.run(
        "const a = document.querySelector('#a');"
        "a.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}));"
        "a.value = 'に';"
        "a.dispatchEvent(new CompositionEvent('compositionupdate', {bubbles: true, data: 'に'}));"
        "a.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true}));"
    )
    page.show(q="theirs")
    assert page.value("#a") == "に"
    # The answer to `show` is the only one: nothing was sent for the half-made character.
    assert page.turn() == 1
    page.run(
        "const a = document.querySelector('#a');"
        "a.value = '日本';"
        "a.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true}));"
        "a.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true, data: '日本'}));"
        "a.dispatchEvent(new InputEvent('input', {bubbles: true}));"
    )
    page.until("+document.querySelector('#turn').textContent >= 2")
    assert page.value("#a") == "日本"


@scene('<input id="a" value="{{ q }}"><p>{{ other }}</p>', q="", other="")
def test_undo_still_takes_back_what_was_typed(page):
    page.type("#a", "abc")
    page.show(other="news")
    page.run("document.execCommand('undo');")
    assert page.value("#a") != "abc"


@scene('<div id="a" contenteditable="true">write</div><p>{{ other }}</p>', other="")
def test_an_editable_region_of_the_user_is_left_alone(page):
    page.type("#a", Keys.END, " here")
    page.show(other="news")
    assert page.text("#a").strip() == "write here"
    assert page.focused("#a")


@scene('<input id="a" required class="{{ other }}"><p>{{ other }}</p>', other="")
def test_a_message_of_validation_stays(page):
    page.run("document.querySelector('#a').setCustomValidity('not this');")
    page.show(other="news")
    assert page.run("document.querySelector('#a').validationMessage") == "not this"


@scene(
    "{% for row in rows %}<p id='r{{ row }}'><input id='i{{ row }}'></p>{% endfor %}",
    rows=[1, 2, 3, 4],
)
def test_a_field_in_a_row_that_moves_keeps_focus_text_and_caret(page):
    page.type("#i3", "abc", Keys.ARROW_LEFT)
    page.mark("input")
    page.show(rows=[4, 3, 2, 1])
    assert page.kept("input")
    assert page.value("#i3") == "abc"
    assert page.focused("#i3")
    assert page.caret("#i3") == [2, 2]


@scene(
    "{% if first %}<b>first</b>{% endif %}<input id='a'>{% if last %}<i>last</i>{% endif %}",
    first=False,
    last=False,
)
def test_what_appears_beside_a_field_leaves_it_alone(page):
    page.type("#a", "abc")
    page.mark("#a")
    page.show(first=True, last=True)
    assert page.kept("#a")
    assert page.focused("#a")
    page.type("#a", "d")
    assert page.value("#a") == "abcd"


@scene(
    "<form dj-input='note'>{% for one in 'abc' %}<input type='checkbox' name='kinds' value='{{ one }}'"
    " id='{{ one }}'>{% endfor %}<input type='checkbox' name='alone' id='alone'></form><b>{{ q }}</b>",
    q="",
)
def test_boxes_of_one_name_arrive_as_a_list_and_one_alone_as_yes_or_no(page):
    page.find("#b").click()
    page.until("document.querySelector('b').textContent.includes(\"kinds=['b']\")")
    page.find("#a").click()
    page.until("document.querySelector('b').textContent.includes(\"kinds=['a', 'b']\")")
    page.find("#a").click()
    page.find("#b").click()
    page.until("document.querySelector('b').textContent.includes('kinds=[]')")
    page.find("#alone").click()
    page.until("document.querySelector('b').textContent.includes('alone=True')")
