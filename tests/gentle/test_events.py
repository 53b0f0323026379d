"""Every attribute of docs/events.md, on elements that were served and on those that a patch put in."""

import asyncio
import json
import re
import time

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from djust import JS, event_handler
from tests.gentle.scenes import scene, step

NONCE = 'nonce="{{ view.request.csp_nonce }}"'
# Something that can have the focus when a field is left.
END = "<button>end</button>"
SEEN = "<output id='q'>{{ q }}</output>"
STATE = {"q": "", "later": False}


def twice(markup):
    """The markup as it is served, in `#served`, and once more when the server says so."""
    return (
        f"<div id='served'>{markup}</div>"
        f"{{% if later %}}<div id='later'>{markup}</div>{{% endif %}}{SEEN}{END}"
    )


def places(page):
    """Where the markup of ``twice`` stands: first what was served, then what a patch puts in."""
    yield "#served"
    page.show(later=True)
    yield "#later"


def said(page, expected):
    """Waits until the server has shown what it got, and clears that."""
    page.until(f"document.querySelector('#q').textContent === {json.dumps(expected)}", expected)
    page.show(q="")


@event_handler
def add(self, **params):
    """Shows how often it was called, and with what."""
    self.q = f"{self.q}{params.get('value', '.')}"
    self.turn += 1


@event_handler
def move(self, by: int, way: str, fast: bool = False):
    self.q = f"{by + 1} {way} {fast}"
    self.turn += 1


@scene(
    twice(
        "<button class='a' dj-click='note' data-item-id='7' dj-value-kind='big'><i>a</i></button>"
        "<button class='b' dj-click=\"move(3, 'up', True)\">b</button>"
        "<button class='c' @click='note' data-x='1'>c</button>"
    ),
    **STATE,
    move=move,
)
def test_a_click_sends_what_its_element_says(page):
    for place in places(page):
        page.find(f"{place} .a i").click()
        said(page, "item_id=7 kind=big")
        page.find(f"{place} .b").click()
        said(page, "4 up True")
        page.find(f"{place} .c").click()
        said(page, "x=1")


@scene(
    twice("<a href='/elsewhere/' dj-click='note'>a</a>") + "<i></i>",
    **STATE,
)
def test_a_link_that_is_an_event_leads_nowhere_unless_it_is_opened_elsewhere(page):
    page.run(
        "window.left = [];"
        "addEventListener('click', (event) => {"
        "  left.push(event.defaultPrevented); event.preventDefault(); });"
    )
    for place in places(page):
        before = page.turn()
        page.run(f"document.querySelector('{place} a').click();")
        page.answered(before)
        page.run(
            f"document.querySelector('{place} a').dispatchEvent(new MouseEvent('click',"
            " {bubbles: true, cancelable: true, ctrlKey: true}));"
        )
    assert page.run("left") == [True, False, True, False]


@scene(
    twice("<input class='a' name='word' dj-input='note'><input class='b' name='w' @input='note'>"),
    **STATE,
)
def test_typing_sends_the_value_under_its_name_too(page):
    for place in places(page):
        page.type(f"{place} .a", "ab")
        said(page, "field=word value=ab word=ab")
        page.type(f"{place} .b", "cd")
        said(page, "field=w value=cd w=cd")


@scene(
    twice(
        "<input class='a' name='word' dj-change='note'><input class='b' type='checkbox' name='on'"
        " dj-change='note'><select name='s' @change='note'><option>1<option>2</select>"
    ),
    **STATE,
)
def test_a_change_is_sent_when_it_is_committed(page):
    for place in places(page):
        page.type(f"{place} .a", "ab")
        page.show(q="nothing yet")
        page.type(f"{place} .a", Keys.TAB)
        said(page, "field=word value=ab word=ab")
        page.find(f"{place} .b").click()
        said(page, "checked=True field=on on=True value=on")
        page.run(
            f"const s = document.querySelector('{place} select'); s.value = '2';"
            "s.dispatchEvent(new Event('change', { bubbles: true }));"
        )
        said(page, "field=s s=2 value=2")


# A parser takes no form inside a form: a control belongs to another one by its attribute `form`.
FORMS = """
<form class='out' id='{id}' dj-submit='note' data-n='1'>
  <input name='inner' value='i'>
  <input name='other' value='o' form='{id}-other'>
  <input type='file' name='file'>
  <button class='s' name='how' value='slow'>s</button>
  <button class='f' name='how' value='fast'>f</button>
  <button class='x' formaction='/elsewhere/'>x</button>
</form>
<form id='{id}-other' @submit='note'></form>
<input name='outer' value='u' form='{id}'>
<button class='o' form='{id}-other'>o</button>
<dialog open><form method='dialog' dj-submit='note'><button class='d' name='d' value='1'>d</button></form></dialog>
"""


@scene(
    f"<div id='served'>{FORMS.format(id='f1')}</div>"
    f"{{% if later %}}<div id='later'>{FORMS.format(id='f2')}</div>{{% endif %}}{SEEN}",
    head=f"<style {NONCE}>dialog {{ position: static }}</style>",
    **STATE,
)
def test_a_form_sends_its_controls_and_the_button_that_was_pressed(page, tmp_path):
    (tmp_path / "a.txt").write_text("x")
    page.run(
        "window.left = [];"
        "addEventListener('submit', (event) => {"
        "  left.push(event.defaultPrevented); event.preventDefault(); });"
    )
    for place in places(page):
        page.find(f"{place} .f").click()
        said(page, "file= how=fast inner=i n=1 outer=u")
        page.find(f"{place} [type=file]").send_keys(str(tmp_path / "a.txt"))
        page.find(f"{place} .s").click()
        said(page, "file=a.txt how=slow inner=i n=1 outer=u")
        page.find(f"{place} .o").click()
        said(page, "other=o")
        page.run("left.length = 0;")
        before = page.turn()
        page.find(f"{place} .x").click()
        page.show(q="nothing")
        assert page.turn() == before + 1
        assert page.run("left") == [False]
        page.run("left.length = 0;")
        page.find(f"{place} .d").click()
        said(page, "d=1")
        assert page.run("left") == [False]


@event_handler
def choose(self, several: list[str], boxes: list[int], **rest):
    self.q = f"{several} {boxes} {sorted(rest)}"
    self.turn += 1


@scene(
    twice(
        "<form dj-submit='choose'><select name='several' multiple><option>x<option>y</select>"
        "<input type='checkbox' name='boxes' value='1'><input type='checkbox' name='boxes' value='2'>"
        "<input type='checkbox' name='lone'><select multiple><option>1</select>"
        "<fieldset disabled><select name='off' multiple><option>z</select></fieldset>"
        "<button class='a'>a</button></form>"
    ),
    **STATE,
    choose=choose,
)
def test_nothing_chosen_of_several_is_an_empty_list(page):
    for place in places(page):
        page.find(f"{place} .a").click()
        said(page, "[] [] []")
        page.find(f"{place} [value='2']").click()
        page.find(f"{place} option").click()
        page.find(f"{place} .a").click()
        said(page, "['x'] [2] []")


@scene(
    twice(
        "<input class='a' dj-keydown.enter='note' dj-keydown.escape='note' data-own='1'>"
        "<input class='b' dj-keydown='note' dj-key='Enter, ArrowUp'>"
        "<input class='c' dj-keyup.space='note'>"
        "<input class='d' dj-keyup='note'>"
    ),
    **STATE,
)
def test_keys_are_filtered(page):
    for place in places(page):
        page.type(f"{place} .a", "x", Keys.ENTER)
        said(page, "key=Enter own=1 value=x")
        page.type(f"{place} .a", Keys.ESCAPE)
        said(page, "key=Escape own=1 value=x")
        page.type(f"{place} .b", "x", Keys.ARROW_UP)
        said(page, "key=ArrowUp value=x")
        page.type(f"{place} .c", "x", " ")
        said(page, "key=  value=x ")
        page.type(f"{place} .d", "y")
        said(page, "key=y value=y")


@scene(
    twice(
        "<p dj-focus='note'><input class='a' dj-focus='note' data-how='in' value='v'></p>"
        "<input class='b' dj-blur='note' data-how='out'>"
    ),
    **STATE,
)
def test_the_focus_comes_and_goes(page):
    for place in places(page):
        page.find(f"{place} .a").click()
        said(page, "how=in value=v")
        page.type(f"{place} .b", "ab")
        page.show(q="nothing yet")
        page.type(f"{place} .b", Keys.TAB)
        said(page, "how=out value=ab")


@scene(
    twice(
        "<button class='a' dj-click='add' dj-debounce='400'>a</button>"
        "<button class='b' dj-click='add' dj-throttle='60000'>b</button>"
        "<input class='c' dj-keydown='add' dj-debounce='800'>"
        "<input class='d' dj-input='add' dj-debounce='blur'>"
    ),
    **STATE,
    add=add,
)
def test_any_event_can_wait(page):
    clicks = "for (let i = 0; i < 3; i++) document.querySelector(arguments[0]).click();"
    for place in places(page):
        page.run(clicks, f"{place} .a")
        said(page, ".")
        # One at once; the others wait for the end of a very long minute.
        page.run(clicks, f"{place} .b")
        said(page, ".")
        page.type(f"{place} .c", "abc")
        page.until("document.querySelector('#q').textContent.length > 0")
        said(page, "ab")
        page.type(f"{place} .d", "word")
        time.sleep(0.5)
        assert page.text("#q") == ""
        page.type(f"{place} .d", Keys.TAB)
        said(page, "word")


@scene(
    twice(
        "<button class='a' dj-click='note' data-n='1' dj-confirm='Really?'>a</button>"
        "<input class='b' type='checkbox' dj-click='note' dj-confirm='Tick?'>"
        "<form dj-submit='note'><button class='c' name='n' value='3' dj-confirm='Send?'>c</button></form>"
    ),
    **STATE,
)
def test_a_question_comes_before(page):
    def answer(selector, question, agree):
        page.find(selector).click()
        alert = page.driver.switch_to.alert
        assert alert.text == question
        alert.accept() if agree else alert.dismiss()

    for place in places(page):
        before = page.turn()
        answer(f"{place} .a", "Really?", False)
        answer(f"{place} .b", "Tick?", False)
        answer(f"{place} .c", "Send?", False)
        assert page.run(f"document.querySelector('{place} .b').checked") is False
        page.show(q="nothing")
        assert page.turn() == before + 1
        answer(f"{place} .a", "Really?", True)
        said(page, "n=1")
        answer(f"{place} .b", "Tick?", True)
        page.answered(before + 3)
        assert page.run(f"document.querySelector('{place} .b').checked") is True
        answer(f"{place} .c", "Send?", True)
        said(page, "n=3")


@scene(
    twice(
        "<button class='a' disabled dj-click='note'><i>a</i></button>"
        "<fieldset disabled><button class='b' dj-click='note'><i>b</i></button></fieldset>"
        "<button class='c' dj-click='note' data-n='1'><i>c</i></button>"
    ),
    **STATE,
)
def test_a_button_that_is_disabled_sends_nothing_also_where_something_in_it_is_clicked(page):
    for place in places(page):
        before = page.turn()
        for name in ("a", "b"):
            ActionChains(page.driver).move_to_element(
                page.find(f"{place} .{name} i")
            ).click().perform()
            page.run(f"document.querySelector('{place} .{name} i').click();")
        page.find(f"{place} .c i").click()
        said(page, "n=1")
        assert page.turn() == before + 2


@scene(
    twice(
        "<ul><li class='a' tabindex='0' dj-keydown='note' data-value='7'>a</li></ul>"
        "<button class='b' dj-keydown.x='note' dj-focus='note' data-value='8'>b</button>"
    ),
    **STATE,
)
def test_what_is_no_field_has_no_value_of_its_own(page):
    for place in places(page):
        page.run(f"document.querySelector('{place} .a').focus();")
        page.type(f"{place} .a", "x")
        said(page, "key=x value=7")
        page.run(f"document.querySelector('{place} .b').focus();")
        said(page, "value=8")
        page.type(f"{place} .b", "x")
        said(page, "key=x value=8")


KEYS = """
const [field] = arguments;
window.uncaught = [];
addEventListener("error", ({ message }) => uncaught.push(message));
// Chromium says so when it fills a form in; and WebKit, of the key that ended a composition.
field.dispatchEvent(new Event("keydown", { bubbles: true }));
field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true }));
field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 13, bubbles: true }));
"""


@scene(
    twice("<input class='a' dj-keydown='add' data-value='a'>")
    + "<p dj-window-keydown='add' data-value='w'></p>",
    **STATE,
    add=add,
)
def test_keys_that_nobody_pressed_are_not_sent(page):
    for place in places(page):
        before = page.turn()
        page.run(KEYS, page.find(f"{place} .a"))
        page.answered(before + 1)
        page.show(q="")
        assert page.turn() == before + 3
        assert page.run("uncaught") == []


# A form has a property for each of its fields, also where that hides one of its own.
NAMES = ["action", "attributes", "children", "elements", "id", "length", "method", "name"]
NAMES += ["reset", "style", "submit", "target", "title"]
FIELDS_OF_ANY_NAME = "".join(f"<input name='{name}' value='{name[0]}'>" for name in NAMES)


@scene(
    twice(
        f"<form class='f' dj-submit='note' data-q='{{{{ q }}}}' >{FIELDS_OF_ANY_NAME}"
        "<input type='checkbox' checked name='box' value='1'><input type='checkbox' name='box'>"
        "<b>{{ q }}</b><button class='a' dj-loading.disable>a</button></form>"
    ),
    **STATE,
)
def test_a_field_may_have_any_name(page):
    expected = " ".join(f"{name}={name[0]}" for name in sorted(NAMES))
    expected = expected.replace(" children", " box=['1'] children").replace(" reset", " q= reset")
    for place in places(page):
        page.find(f"{place} .a").click()
        said(page, expected)


# Names of properties that a page reads of any node, in a form that changes around them.
NODES = [*NAMES, "after", "before", "content", "data", "dataset", "disabled", "focus", "form"]
NODES += ["hidden", "label", "options", "remove", "text", "type", "value"]
FIELDS_OF_NODES = "".join(f"<input name='{name}' aria-label='{{{{ q }}}}'>" for name in NODES)
CHANGING = (
    "<form class='f {{ q }}' dj-submit='note' dj-hook='Form' dj-transition='t' dj-click-away='note'>"
    f"{FIELDS_OF_NODES}<b>{{{{ q }}}}</b>{{% for row in rows %}}<i>{{{{ row }}}}</i>{{% endfor %}}"
    "{% if later %}<u dj-loading.show>{{ q }}</u>{% endif %}</form>"
)


@scene(
    "<div id='once'>" + CHANGING + "</div>{% for row in rows %}<section data-key='{{ row }}'>"
    "<form data-key='{{ row }}'><input name='content' value='{{ row }}'><input name='remove'>"
    "<b>{{ row }}</b></form></section>{% endfor %}"
    "{% for row in rows %}<form class='row' data-key='{{ row }}'><textarea name='content'>{{ row }}"
    "</textarea><button name='remove'>{{ row }}</button></form>{% endfor %}"
    "{% if later %}<div id='later'>" + CHANGING + "</div>{% endif %}"
    "<article>{{ html|safe }}</article><p itemscope><meta itemprop='price' content='7'></p>"
    + SEEN
    + END,
    head=f"<script {NONCE}>window.warned = []; console.warn = (text) => warned.push(text);"
    "window.djust = { hooks: { Form: {} } }; window.uncaught = [];"
    "addEventListener('error', ({ message }) => uncaught.push(message));</script>",
    **STATE,
    rows=["1", "2", "3"],
    html="<form><input name='content'><input name='remove'><b>one</b></form><hr>",
)
def test_a_form_changes_whatever_its_fields_are_called(page):
    page.mark("form, form *")
    page.reconnect()
    assert page.run("warned") == []
    assert page.kept("form, form *")
    page.show(q="new")
    page.until("document.querySelector('#once b').textContent === 'new'")
    assert page.run("document.querySelector('#once form').className") == "f new"
    assert page.run(
        "[...document.querySelectorAll('#once input')].every((one) => one.ariaLabel === 'new')"
    )
    assert page.kept("form, form *")
    page.show(rows=["3", "1"], later=True, html="<form><input name='content'><b>two</b></form>")
    page.until("document.querySelectorAll('.row').length === 2")
    assert page.run("[...document.querySelectorAll('.row')].map((one) => one.textContent)") == [
        "33",
        "11",
    ]
    assert page.run("[...document.querySelectorAll('section')].map((one) => one.textContent)") == [
        "3",
        "1",
    ]
    assert page.run("[...document.querySelectorAll('#later i')].map((one) => one.textContent)") == [
        "3",
        "1",
    ]
    assert page.text("#later b") == "new"
    assert page.text("article") == "two"
    page.show(q="last", rows=[], later=False)
    page.until("!document.querySelector('.row, section, #later')")
    assert page.text("#once b") == "last"
    assert page.run("uncaught") == []
    assert page.run("warned") == []


MODELS = """
<input class='a' dj-model='word' value='{{ word }}'>
<input class='b' dj-model.lazy.trim='lazy'>
<input class='c' type='number' dj-model.debounce-10='count'>
<input class='d' type='checkbox' dj-model='agreed'>
<input class='e' type='checkbox' dj-model='tags' value='x'><input class='f' type='checkbox'
 dj-model='tags' value='y'>
<select class='g' multiple dj-model='several'><option>1<option>2<option>3</select>
<select class='h' dj-model='one'><option>1<option>2</select>
<input class='i' type='radio' name='{id}' value='r1' dj-model='radio'><input class='j' type='radio'
 name='{id}' value='r2' dj-model='radio'>
"""
FIELDS = ["word", "lazy", "count", "agreed", "tags", "several", "one", "radio"]
FIELDS_SEEN = "".join(f"<output id='{name}'>{{{{ {name} }}}}</output>" for name in FIELDS)


@scene(
    f"{{% if not later %}}<div id='served'>{MODELS.replace('{id}', 'r')}</div>"
    f"{{% else %}}<div id='later'>{MODELS.replace('{id}', 's')}</div>{{% endif %}}{FIELDS_SEEN}",
    later=False,
    word="",
    lazy="",
    count=0,
    agreed=False,
    tags=[],
    several=[],
    one="1",
    radio="",
)
def test_a_bound_control_writes_its_field(page):
    def shows(field, expected):
        text = f"document.querySelector('#{field}').textContent"
        page.until(f"{text} === {json.dumps(expected)}", f"{field} = {expected}")

    clear = {"word": "", "lazy": "", "count": 0, "agreed": False, "tags": [], "several": []}
    for place in places(page):
        page.show(**clear, one="1", radio="")
        page.type(f"{place} .a", "ab")
        shows("word", "ab")
        # The server's value comes back into the control, as its template says.
        page.type(f"{place} .b", "  cd ")
        page.show(word="from the server")
        assert page.value(f"{place} .a") == "from the server"
        assert page.text("#lazy") == ""
        page.type(f"{place} .b", Keys.TAB)
        shows("lazy", "cd")
        page.type(f"{place} .c", "42")
        shows("count", "42")
        page.find(f"{place} .d").click()
        shows("agreed", "True")
        page.find(f"{place} .d").click()
        shows("agreed", "False")
        page.find(f"{place} .f").click()
        shows("tags", "['y']")
        page.find(f"{place} .e").click()
        shows("tags", "['x', 'y']")
        page.run(
            f"const g = document.querySelector('{place} .g');"
            "g.options[0].selected = g.options[2].selected = true;"
            "g.dispatchEvent(new Event('change', { bubbles: true }));"
        )
        shows("several", "['1', '3']")
        page.run(
            f"const h = document.querySelector('{place} .h'); h.value = '2';"
            "h.dispatchEvent(new Event('change', { bubbles: true }));"
        )
        shows("one", "2")
        page.find(f"{place} .j").click()
        shows("radio", "r2")


@scene(
    twice(
        "<input class='a' dj-model='word'><input class='b' type='checkbox' dj-model='tags' value='x'>"
        "<input class='c' type='checkbox' dj-model='tags' value='y'>"
        "<select dj-model='one'><option>1<option>2</select>"
    ),
    **STATE,
    word="",
    tags=[],
    one="1",
)
def test_a_bound_control_follows_its_field_where_no_template_writes_it(page):
    for place in places(page):
        page.type(f"{place} .a", "abc")
        page.find(f"{place} .b").click()
        page.run(
            f"const s = document.querySelector('{place} select'); s.value = '2';"
            "s.dispatchEvent(new Event('change', { bubbles: true }));"
        )
        page.show(word="", tags=["y"], one="1")
        page.until(f"document.querySelector('{place} .a').value === ''")
        page.until(f"document.querySelector('{place} .c').checked")
        assert page.run(f"document.querySelector('{place} .b').checked") is False
        page.until(f"document.querySelector('{place} select').value === '1'")
        page.show(tags=[])
        page.until(f"!document.querySelector('{place} .c').checked")


UNWRITTEN = """
<input class='a' dj-model='word'><textarea class='b' dj-model.lazy='word'></textarea>
<input class='c' type='checkbox' dj-model='agreed'>
<input class='d' type='checkbox' dj-model='tags' value='x'><input class='e' type='checkbox'
 dj-model='tags' value='y'>
<select class='f' dj-model='one'><option>1<option>2</select>
<select class='g' dj-model='nothing'><option>1<option>2</select>
<select class='h' multiple dj-model='several'><option>1<option>2<option>3</select>
<input class='i' type='radio' value='r1' dj-model='radio'><input class='j' type='radio'
 value='r2' dj-model='radio'>
<input class='k' type='number' dj-model='count'>
"""


@scene(
    twice(UNWRITTEN) + "<p>{{ word }}{{ agreed }}</p>",
    **STATE,
    word="first",
    agreed=True,
    tags=["y"],
    one="2",
    nothing="",
    several=["1", "3"],
    radio="r2",
    count=7,
)
def test_a_bound_control_shows_its_field_from_the_start(page):
    shows = (
        "(place) => [...document.querySelectorAll(`${place} input, ${place} textarea,"
        " ${place} select`)].map((c) => c.type === 'checkbox' || c.type === 'radio' ? c.checked"
        " : c.multiple ? [...c.selectedOptions].map((o) => o.value).join('') : c.value).join()"
    )
    first = "first,first,true,false,true,2,1,13,false,true,7"
    for place in places(page):
        page.until(f"({shows})('{place}') === '{first}'", place)
    # What the user has said holds for the controls that come after that.
    page.show(later=False)
    page.type("#served .a", "!")
    page.find("#served .c").click()
    page.until("document.querySelector('p').textContent === 'first!False'")
    page.show(later=True)
    said = first.replace("first,first,true", "first!,first!,false")
    page.until(f"({shows})('#later') === '{said}'")


@scene(
    f"<input class='a' dj-model='is_strict'><input class='b' dj-model='word'>{SEEN}", q="", word=""
)
def test_a_refused_field_is_told_and_the_page_goes_on(page):
    page.run("window.said = [];")
    page.run(
        "document.addEventListener('djust:error', (e) => { said.push(e.detail.code); e.preventDefault(); });"
    )
    page.run("document.querySelector('.a').setAttribute('dj-model', 'template_string');")
    page.type(".a", "x")
    page.until("said.length === 1")
    assert page.run("said") == ["invalid_params"]
    page.show(q="alive")
    assert page.text("#q") == "alive"


SHOWN = f"<style {NONCE}>.away {{ display: none }} .slow {{ opacity: .5 }}</style>"
commands = JS.show("#menu").add_class("on big", closest="section").set_attr("aria-expanded", "true")
more = (
    JS.toggle(inner="i").toggle_class("red").remove_class("start", closest="section")
    .toggle_attr("data-a", "1", "2").remove_attr("title").focus("#field").dispatch("my:event", detail={"n": 1})
    .push("note", n=5)
)  # fmt: skip


@scene(
    twice(
        "<section class='start'><button class='a' title='t' data-id='7' dj-click='{{ commands }}'>a</button>"
        '<button class="b" title="t" data-id="7" dj-click="{{ more }}"><i>i</i>b</button>'
        "<button class='c' dj-click='{{ moving }}'>c</button></section>"
    )
    + "<p id='menu' class='away'>menu</p><input id='field'>",
    head=SHOWN,
    **STATE,
    commands=commands,
    more=more,
    moving=JS.hide(transition=("slow", "", ""), time=300),
)
def test_commands_are_carried_out_without_the_server(page):
    page.run(
        "window.heard = [];"
        "addEventListener('my:event', ({ detail, target }) => heard.push([detail.n, target.className]));"
    )
    shown = "getComputedStyle(document.querySelector('{}')).display !== 'none'"
    for place in places(page):
        page.run("document.querySelector('#menu').style.display = '';")
        assert page.run(shown.format("#menu")) is False
        before = page.turn()
        page.find(f"{place} .a").click()
        page.until(shown.format("#menu"))
        assert page.run(f"document.querySelector('{place} section').className") == "start on big"
        assert page.run(f"document.querySelector('{place} .a').ariaExpanded") == "true"
        assert page.turn() == before

        page.find(f"{place} .b").click()
        said(page, "id=7 n=5")
        assert page.run(shown.format(f"{place} i")) is False
        assert page.run(f"document.querySelector('{place} .b').outerHTML").startswith(
            '<button class="b red" data-id="7"'
        )
        assert page.run(f"document.querySelector('{place} .b').dataset.a") == "1"
        assert page.run(f"document.querySelector('{place} section').className") == "on big"
        assert page.focused("#field")

        page.find(f"{place} .c").click()
        page.until(f"document.querySelector('{place} .c').className === 'c slow'")
        page.until(f"!({shown.format(f'{place} .c')})")
        assert page.run(f"document.querySelector('{place} .c').className") == "c"
        # What the server does not write stays as it is.
        page.show(q="news")
        assert page.run(shown.format(f"{place} .c")) is False
    assert page.run("heard") == [[1, "b red"], [1, "b red"]]


# Each command, with what it makes of `<p class="start" title="t">text<input></p>`, or whom it reaches.
EACH = {
    "show": (
        lambda to: JS.show(to, display="flex"),
        'class="start" title="t" style="display: flex;"',
    ),
    "hide": (lambda to: JS.hide(to), 'class="start" title="t" style="display: none;"'),
    "toggle": (lambda to: JS.toggle(to), 'class="start" title="t" style="display: none;"'),
    "add_class": (lambda to: JS.add_class("a b", to), 'class="start a b" title="t"'),
    "remove_class": (lambda to: JS.remove_class("start", to), 'class="" title="t"'),
    "toggle_class": (lambda to: JS.toggle_class("start on", to), 'class="on" title="t"'),
    "transition": (
        lambda to: JS.transition("slow", to, time=60_000),
        'class="start slow" title="t"',
    ),
    "set_attr": (lambda to: JS.set_attr("lang", "de", to), 'class="start" title="t" lang="de"'),
    "remove_attr": (lambda to: JS.remove_attr("title", to), 'class="start"'),
    "toggle_attr": (lambda to: JS.toggle_attr("title", "t", "u", to), 'class="start" title="u"'),
    "focus": (lambda to: JS.focus(f"{to} input"), "focus"),
    "focus_first": (lambda to: JS.focus_first(to), "focus"),
    "dispatch": (lambda to: JS.dispatch("my:event", to, detail={"n": 1}), "heard 1"),
}
IN_PAGE = {f"do_{name}": make(f"#page-{name}") for name, (make, _) in EACH.items()}
WHERE = "".join(
    f"<button id='{place}' dj-click=\"{{{{ do_{place} }}}}\">a</button>"
    f"<p id='page-{place}' class='start' title='t'>text<input></p>"
    f"<p id='handler-{place}' class='start' title='t'>text<input></p>"
    for place in EACH
).replace("<p id='page-show'", "<p hidden id='page-show'")
WHERE = WHERE.replace("<p id='handler-show'", "<p hidden id='handler-show'")


@event_handler
def command(self, name: str):
    self.push_commands(EACH[name][0](f"#handler-{name}"))
    self.turn += 1


@scene(WHERE, head=SHOWN, command=command, **IN_PAGE)
def test_each_command_does_the_same_in_an_attribute_and_from_a_handler(page):
    page.run(
        "window.heard = [];"
        "addEventListener('my:event', ({ detail, target }) => heard.push(`${target.id} ${detail.n}`));"
    )
    state = (
        "return (() => {{ const one = document.getElementById('{}-{}');"
        "const heads = heard.filter((line) => line.startsWith(`${{one.id}} `));"
        "if (one.firstElementChild === document.activeElement) return 'focus';"
        "if (heads.length) return heads[0].replace(one.id, 'heard');"
        'return one.outerHTML.replace(/^<p (hidden="" )?id="[^"]*" (.*?)>.*/, \'$2\');'
        "}})() === {};"
    )
    for name, (_, expected) in EACH.items():
        page.run("document.getElementById(arguments[0]).click();", name)
        page.until(state.format("page", name, json.dumps(expected)), name)
    assert page.run("sends") == 0
    for name, (_, expected) in EACH.items():
        page.run("djust.pushEvent('command', { name: arguments[0] });", name)
        page.until(state.format("handler", name, json.dumps(expected)), name)
    assert page.run("sends") == len(EACH)


@scene(
    twice(
        "<div class='o'></div>"
        "<form class='f' dj-submit='{{ submit }}'><input class='i' dj-input='{{ input }}'"
        " dj-focus='{{ focus }}' dj-keydown.enter='{{ key }}' dj-blur='{{ blur }}'></form>"
        "<p dj-mounted='{{ mounted }}' dj-window-keydown.escape='{{ escape }}'"
        " dj-click-away='{{ away }}'>p</p>"
    ),
    **STATE,
    **{
        name: JS.add_class(name, closest="[id]")
        for name in ("submit", "input", "focus", "key", "blur", "mounted", "escape", "away")
    },
)
def test_commands_stand_in_every_attribute_of_an_event(page):
    for place in places(page):
        has = f"document.querySelector('{place}').classList.contains"
        page.loaded("directives")
        before = page.turn()
        page.until(f"{has}('mounted')")
        page.type(f"{place} .i", "a", Keys.ENTER)
        page.find("#q + button").click()
        page.type("#q + button", Keys.ESCAPE)
        for name in ("submit", "input", "focus", "key", "blur", "escape", "away"):
            page.until(f"{has}('{name}')", name)
        assert page.turn() == before


@event_handler
def close(self):
    self.push_commands(JS.hide("#menu").add_class("x", "#field"))
    self.turn += 1


@scene(
    "<p id='menu' class='{{ q }}'>menu</p><input id='field' class='{{ q }}'>"
    "<button dj-click='close'>x</button><p>{{ other }}</p>",
    q="a",
    other="",
    close=close,
)
def test_the_server_sends_commands_and_its_own_value_of_an_attribute_wins_later(page):
    page.find("button").click()
    page.until("document.querySelector('#menu').style.display === 'none'")
    page.until("document.querySelector('#field').className === 'a x'")
    page.show(other="news")
    assert page.run("document.querySelector('#field').className") == "a x"
    page.show(q="b")
    assert page.run("document.querySelector('#field').className") == "b"
    assert page.run("document.querySelector('#menu').style.display") == "none"


HOSTILE = [
    ["set_attr", {"to": "a", "name": "href", "value": "java\nscript:window.hurt=1"}],
    ["set_attr", {"to": "a", "name": "onclick", "value": "window.hurt=1"}],
    ["set_attr", {"to": "iframe", "name": "srcdoc", "value": "<script>top.hurt=1</script>"}],
    ["toggle_attr", {"to": "a", "name": "ONFOCUS", "value": "window.hurt=1"}],
    ["constructor", {}],
    ["focus", {"to": "]["}],
    ["add_class", {"to": "a", "names": "last"}],
]


@scene(
    "<a href='#x'>a</a><iframe></iframe><button dj-click='{{ hostile }}'>x</button>",
    strict=False,
    hostile=json.dumps(HOSTILE),
)
def test_no_command_sets_a_script_and_one_that_fails_stops_no_other(page):
    page.find("button").click()
    page.until("document.querySelector('a').className === 'last'")
    assert page.run("document.querySelector('a').outerHTML") == '<a href="#x" class="last">a</a>'
    assert page.run("document.querySelector('iframe').attributes.length") == 0


USING = f"""<script {NONCE}>
addEventListener("DOMContentLoaded", () => {{
  window.log = [];
  djust.use("log", {{
    event(event, next) {{
      log.push(`${{event.name}} ${{event.element?.id ?? ""}}`);
      next();
    }},
  }});
  djust.use("times", {{
    event(event, next) {{
      if (event.params.stop) return;
      if (event.params.fail) throw new Error("expected");
      if (event.params.n) event.params.n = event.params.n * 2;
      if (event.params.late) setTimeout(next, 50);
      else next();
      next();
    }},
  }});
}});
</script>"""


@scene(
    twice(
        "<button class='a' id='a{{ later }}' dj-click='note' data-n='4'>a</button>"
        "<button class='b' dj-click='note' data-stop='1'>b</button>"
        "<button class='c' dj-click='note' data-fail='1'>c</button>"
        "<form dj-submit='note' data-fail='1'><button class='d'>d</button></form>"
    ),
    head=USING,
    **STATE,
)
def test_a_script_of_the_page_takes_part(page):
    for place in places(page):
        before = page.turn()
        page.find(f"{place} .b").click()
        page.find(f"{place} .c").click()
        page.find(f"{place} .d").click()
        page.find(f"{place} .a").click()
        said(page, "n=8")
        assert page.turn() == before + 2
    assert page.run("log.filter((line) => line.startsWith('note a'))") == [
        "note aFalse",
        "note aTrue",
    ]
    page.run(
        "window.end = djust.use('times', { event(event, next) { event.name = 'refuse'; next(); } });"
    )
    before = page.turn()
    page.find("#served .b").click()
    page.answered(before)
    assert page.text("#q") == ""
    page.run("end();")
    page.find("#served .b").click()
    said(page, "stop=1")


TALL = f"""<style {NONCE}>
.box {{ height: 60px; overflow: auto }} .tall {{ height: 3000px }} .gone {{ display: none }}
</style>"""


@scene(
    twice("<div class='box' dj-scroll='note' dj-debounce='50'><div class='tall'></div></div>"),
    head=TALL,
    **STATE,
)
def test_a_box_says_where_it_is_scrolled_to(page):
    for place in places(page):
        page.run(f"document.querySelector('{place} .box').scrollTop = 90;")
        said(page, "client_height=60 scroll_height=3000 scroll_left=0 scroll_top=90")


@scene(
    twice(
        "<p class='a' dj-window-keydown.escape='note' data-who='w'></p>"
        "<p dj-document-keyup='note' dj-key='f2' data-who='d'></p>"
        "<p dj-window-keyup.f3='note' data-who='u'></p><p dj-document-keydown.f4='note'></p>"
    ),
    **STATE,
)
def test_keys_of_the_window_and_of_the_document(page):
    for place in places(page):
        if place == "#later":
            # Those that were served are gone, and hear nothing any more.
            page.run("document.querySelector('#served').remove();")
        page.type("body", "x", Keys.ESCAPE)
        said(page, "key=Escape who=w")
        page.type("body", "x", Keys.F2)
        said(page, "key=F2 who=d")
        page.type("body", Keys.F3)
        said(page, "key=F3 who=u")
        page.type("body", Keys.F4)
        said(page, "key=F4")
        assert page.turn() == (8 if place == "#served" else 17)


@scene(
    twice(
        "<p dj-window-scroll='note' dj-debounce='50' data-who='w'></p>"
        "<p dj-document-scroll='note' dj-debounce='150' data-who='d'></p>"
    )
    + "<p class='tall'></p>",
    head=TALL,
    **STATE,
)
def test_scrolling_of_the_page(page):
    page.run(
        "window.seen = []; new MutationObserver(() => seen.push("
        "document.querySelector('#q').textContent.replace(/.*(scroll_top.*)/, '$1')))"
        ".observe(document.querySelector('#q'), { characterData: true, subtree: true, childList: true });"
    )
    for place in places(page):
        if place == "#later":
            page.run("document.querySelector('#served').remove();")
        page.run(f"seen.length = 0; scrollTo(0, {40 if place == '#served' else 60});")
        top = "scroll_top=40" if place == "#served" else "scroll_top=60"
        page.until(f"['w', 'd'].every((who) => seen.includes('{top} who=' + who))", top)


@scene(
    twice(
        "<p dj-window-resize='note' data-who='r'></p><p dj-window-focus='note' data-who='f'></p>"
        "<p dj-window-blur='note' data-who='b'></p>"
        "<p dj-document-visibilitychange='note' data-who='v'></p>"
        "<p dj-document-click='note' data-who='c'></p>"
    ),
    **STATE,
)
def test_other_events_of_the_window_and_of_the_document(page):
    for place in places(page):
        if place == "#later":
            page.run("document.querySelector('#served').remove();")
        for name, expected in [("focus", "who=f"), ("blur", "who=b")]:
            page.run(f"dispatchEvent(new Event('{name}'));")
            said(page, expected)
        page.run("dispatchEvent(new Event('resize'));")
        said(page, page.run("`height=${innerHeight} who=r width=${innerWidth}`"))
        page.run("document.dispatchEvent(new Event('visibilitychange'));")
        said(page, "visible=True who=v")
        page.run("document.dispatchEvent(new MouseEvent('click', { clientX: 3, clientY: 4 }));")
        said(page, "who=c x=3 y=4")


@scene(
    twice(
        "<div class='menu' dj-click-away='note' data-who='m'><button class='in'>in</button></div>"
        "<div class='gone' dj-click-away='note' data-who='hidden'></div>"
    ),
    head=TALL,
    **STATE,
)
def test_a_click_beside_an_element(page):
    for place in places(page):
        if place == "#later":
            page.run("document.querySelector('#served').remove();")
        before = page.turn()
        page.find(f"{place} .in").click()
        page.show(q="")
        assert page.turn() == before + 1
        page.find("#q").click() if page.text("#q") else page.run(
            "document.querySelector('#turn').click();"
        )
        said(page, "who=m")
        assert page.turn() == before + 3


@scene(
    "<p dj-mounted='add' data-value='s'></p>"
    "{% for row in rows %}<p id='r{{ row }}' dj-mounted='add' data-value='{{ row }}'></p>{% endfor %}"
    "<output id='q'>{{ q }}</output>",
    q="",
    rows=[],
    add=add,
)
def test_an_element_says_once_that_it_is_there(page):
    page.until("document.querySelector('#q').textContent === 's'")
    page.show(rows=[1, 2])
    page.until("document.querySelector('#q').textContent === 's12'")
    page.show(rows=[2, 1, 3])
    page.until("document.querySelector('#q').textContent === 's123'")
    page.reconnect()
    page.show(q="again")
    assert page.text("#q") == "again"


@scene(
    "{% if later %}<p dj-poll='add' dj-poll-interval='{{ interval }}'></p>{% endif %}"
    "<p>{% if first %}<b dj-poll='add' dj-poll-interval='150' data-value='x'></b>{% endif %}</p>"
    + SEEN,
    q="",
    later=False,
    first=True,
    interval=60_000,
    add=add,
)
def test_an_element_polls_until_it_goes(page):
    page.run(
        "window.underWay = 0; document.addEventListener('djust:busy', ({ detail }) =>"
        " underWay += detail.busy || underWay ? (detail.busy ? 1 : -1) : 0);"
    )
    page.until("document.querySelector('#q').textContent.startsWith('xx')")
    page.show(first=False, q="")
    turn = page.turn()
    time.sleep(0.6)
    assert page.turn() <= turn + 1
    page.show(later=True, q="")
    time.sleep(0.4)
    assert page.text("#q") in ("", "x")
    page.show(interval=150, q="")
    page.until("document.querySelector('#q').textContent.startsWith('..')")
    # A page that nobody sees asks for nothing; when it is seen again, it asks at once.
    page.run("Object.defineProperty(document, 'hidden', { configurable: true, value: true });")
    page.until("underWay === 0")
    turn = page.turn()
    time.sleep(0.6)
    assert page.turn() == turn
    page.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'));")
    page.until(f"+document.querySelector('#turn').textContent > {turn}")


# A connection that cannot be made: each attempt ends soon.
OFFLINE = """
window.queued = [];
document.addEventListener("djust:busy", ({ detail }) =>
  detail.busy && djust.connection.state !== "connected" && queued.push(detail.handler));
window.Real = window.WebSocket;
window.WebSocket = class {
  constructor() { sockets.push(this); setTimeout(() => this.onclose?.({ code: 1006 }), 50); }
  close() {}
};
sockets.at(-1).close();
"""


@scene("<p dj-poll='add' dj-poll-interval='100'></p>" + SEEN, q="", add=add)
def test_a_page_without_a_connection_does_not_poll(page):
    page.until("document.querySelector('#q').textContent.length > 1")
    page.run(OFFLINE)
    page.until("document.documentElement.dataset.djust === 'reconnecting'")
    tried = page.run("sockets.length")
    page.until(f"sockets.length > {tried + 1}", "it tries to connect")
    time.sleep(0.5)
    assert page.run("queued") == []
    page.run("window.WebSocket = window.Real;")
    page.connected()
    page.until("document.querySelector('#q').textContent.length > 1", "it goes on")
    assert page.run("queued") == []


@event_handler
async def slowly(self, **params):
    self.q += "<"
    await self.push_state()
    await asyncio.sleep(0.7)
    self.q += ">"
    self.turn += 1


@scene(
    "<p dj-poll='slowly' dj-poll-interval='100'></p>" + SEEN,
    q="",
    slowly=slowly,
)
def test_a_poll_waits_for_the_answer_to_the_one_before(page):
    page.until("document.querySelector('#q').textContent.length >= 6")
    assert re.fullmatch("(<>)+<?", page.text("#q"))


@scene(
    twice(
        "<button class='a' dj-copy='some &lt;text&gt;'>a</button>"
        "<button class='b' dj-copy='#source'>b</button>"
        "<button class='c' dj-copy='#nothing-there' dj-click='note' data-n='1'>c</button>"
        "<button class='d' dj-copy='#row'>d</button>"
    )
    + "<ul><li id='row'>of a row</li></ul><input id='source' value='of a field'><textarea id='target'></textarea>",
    **STATE,
)
def test_a_text_is_copied(page):
    page.run(
        "window.copied = [];"
        "addEventListener('djust:copied', ({ detail }) => copied.push(detail.text));"
    )
    for place in places(page):
        for name, expected in [
            ("a", "some <text>"),
            ("b", "of a field"),
            ("d", "of a row"),
            ("c", "#nothing-there"),
        ]:
            page.run("copied.length = 0;")
            page.find(f"{place} .{name}").click()
            page.until("copied.length === 1")
            assert page.run("copied") == [expected]
            page.find("#target").clear()
            page.find("#target").send_keys(Keys.CONTROL + "v")
            page.until(f"document.querySelector('#target').value === {json.dumps(expected)}")
        said(page, "n=1")


@scene(twice("<button class='a' dj-copy='text' dj-click='note' data-n='1'>a</button>"), **STATE)
def test_a_clipboard_that_is_closed_is_told(page):
    page.run(
        "window.failed = [];"
        "addEventListener('djust:copy-failed', ({ target, detail: { text, error } }) =>"
        "  failed.push([target.className, text, error.message]));"
        "addEventListener('djust:copied', () => failed.push('copied'));"
        "const closed = { writeText: () => Promise.reject(new Error('closed')) };"
        "Object.defineProperty(navigator, 'clipboard', { value: closed });"
        "document.execCommand = () => false;"
    )
    for place in places(page):
        page.run("failed.length = 0;")
        page.find(f"{place} .a").click()
        page.until("failed.length === 1")
        assert page.run("failed") == [["a", "text", "the clipboard is closed"]]
        assert page.run("document.querySelectorAll('textarea').length") == 0
        said(page, "n=1")


@event_handler
async def slow(self, **params):
    """Takes a while, and shows a step in between."""
    self.q = "half"
    await asyncio.sleep(0.3)
    await self.push_state()
    await asyncio.sleep(0.5)
    self.q = "done"
    self.turn += 1


@event_handler
async def fail(self, **params):
    await asyncio.sleep(0.3)
    raise ValueError("expected")


BUSY = """
<button class="a" dj-click="slow" dj-loading.disable dj-loading.class="dim big">a</button>
<p class="b  b2" dj-loading.class="dim">b {{ q }}</p>
<p class="c" dj-loading.show>c</p>
<p class="c2" dj-loading.show hidden>c</p>
<p class="d" dj-loading.hide>d</p>
<p class="e" dj-loading.remove dj-loading.for="slow, other">e</p>
<p class="f" dj-loading.hide dj-loading.for="other">f</p>
<button class="g" dj-click="other" dj-loading.disable>g</button>
<form dj-submit="slow"><input name="n"><button class="h" dj-disable-with="Saving {{ q }}…">h <i>{{ q }}</i></button></form>
<button class="i" dj-click="slow" @loading-text="Wait">i {{ q }}</button>
<input class="j" type="submit" dj-click="slow" dj-disable-with="Wait" value="j">
<button class="k" dj-click="slow" dj-disable-with="Wait {{ q }}" title="{{ q }}">k {{ q }}</button>
"""


@event_handler
async def stepwise(self, **params):
    """Shows a step in between, as long as the test wants."""
    self.q = "half"
    await step()
    await self.push_state()
    await step()
    self.q = "done"
    self.turn += 1


@scene(twice(BUSY), q="", later=False, slow=stepwise)
def test_what_is_under_way_is_shown_and_taken_back_exactly(page):
    shown = "getComputedStyle(document.querySelector('{}')).display !== 'none'"

    def has(selector, expected):
        assert page.run(shown.format(selector)) is expected, selector

    def is_busy():
        page.until("document.querySelector('[aria-busy=true]')", "something is busy")

    def is_over():
        page.step()
        page.until("document.querySelector('#q').textContent === 'done'")
        page.show(q="")

    for place in places(page):
        before = page.run(f"document.querySelector('{place}').innerHTML")
        has(f"{place} .c", False)
        page.find(f"{place} .a").click()
        for state in ("", "half"):
            if state:
                page.step()
            is_busy()
            page.until(f"document.querySelector('#q').textContent === '{state}'")
            assert page.run(f"document.querySelector('{place} .a').outerHTML") == (
                '<button class="a dim big" dj-click="slow" dj-loading.disable=""'
                ' dj-loading.class="dim big" aria-busy="true" disabled="">a</button>'
            )
            assert page.run(f"document.querySelector('{place} .b').className") == "b b2 dim"
            assert page.text(f"{place} .b").strip() == f"b {state}".strip()
            has(f"{place} .c", True)
            has(f"{place} .c2", True)
            has(f"{place} .d", False)
            has(f"{place} .e", False)
            has(f"{place} .f", True)
            assert page.run(f"document.querySelector('{place} .g').disabled") is False
            assert page.run(f"document.querySelector('{place} .h').disabled") is False
        is_over()
        page.until("!document.querySelector('[aria-busy]')")
        assert page.run(f"document.querySelector('{place}').innerHTML") == before

        for name, text in [("h", "Saving {}…"), ("i", "Wait"), ("k", "Wait {}")]:
            page.find(f"{place} .{name}").click()
            what = f"document.querySelector('{place} .{name}')"
            page.until(f"{what}.disabled && {what}.textContent === '{text.format('')}'")
            page.step()
            page.until(f"{what}.disabled && {what}.textContent === '{text.format('half')}'")
            is_over()
            assert page.run(f"document.querySelector('{place}').innerHTML") == before
        page.find(f"{place} .j").click()
        page.until(f"document.querySelector('{place} .j').value === 'Wait'")
        page.step()
        is_over()
        assert page.run(f"document.querySelector('{place}').innerHTML") == before


@scene(twice("<button class='a' dj-click='fail' dj-loading.disable>a</button>"), **STATE, fail=fail)
def test_what_failed_is_not_under_way_and_the_focus_comes_back(page):
    page.run("document.addEventListener('djust:error', (event) => event.preventDefault());")
    for place in places(page):
        page.find(f"{place} .a").click()
        page.until(f"document.querySelector('{place} .a').disabled")
        page.until(f"!document.querySelector('{place} .a').disabled")
        assert page.focused(f"{place} .a")
        # A lost connection ends it as well.
        page.find(f"{place} .a").click()
        page.until(f"document.querySelector('{place} .a').disabled")
        page.reconnect()
        # A new connection has a state of its own.
        page.until(f"!document.querySelector('{place} .a')?.disabled")


@scene(
    twice(
        "<button class='a' dj-click='slow' dj-lock>a</button>"
        "<input class='b' type='checkbox' dj-change='slow' dj-lock>"
    )
    + "<output id='count'>{{ count }}</output>",
    **STATE,
    slow=slow,
    count=0,
)
def test_a_locked_element_sends_nothing_until_it_is_answered(page):
    for place in places(page):
        turn = page.turn()
        for _ in range(3):
            page.find(f"{place} .a").click()
        page.until("document.querySelector('#q').textContent === 'done'")
        page.show(q="")
        assert page.turn() == turn + 2
        for _ in range(2):
            page.find(f"{place} .b").click()
        page.until("document.querySelector('#q').textContent === 'done'")
        assert page.run(f"document.querySelector('{place} .b').checked") is True
        page.show(q="")
        assert page.turn() == turn + 4
        page.find(f"{place} .b").click()
        page.until("document.querySelector('#q').textContent === 'done'")
        page.show(q="")


@event_handler
def find(self, value: str = ""):
    self.q = value
    self.found = [value * count for count in (1, 2)]
    self.turn += 1


@scene(
    "<h1>{{ q }}</h1><input id='in' dj-input='find' dj-target='#found' dj-debounce='0'>"
    "<ul id='found' title='{{ q }}'>{% for x in found %}<li>{{ x }}</li>{% endfor %}</ul>"
    "<button id='far' dj-click='find' data-value='z' dj-target='#far-away'>far</button>"
    "<button id='all' dj-click='find' data-value='y'>all</button>",
    q="",
    found=[],
    find=find,
)
def test_an_event_with_a_target_changes_nothing_else(page):
    shown = "[...document.querySelectorAll('h1, li, #turn')].map((e) => e.textContent).join()"
    page.run("document.addEventListener('djust:error', (e) => { window.told = e.detail.code; })")
    page.type("#in", "a")
    page.until(f"{shown} === ',a,aa,0'", "only the list is new")
    assert page.run("document.querySelector('#found').title") == "a"
    page.type("#in", "b")
    page.until(f"{shown} === ',ab,abab,0'")
    page.find("#all").click()
    page.until(f"{shown} === 'y,y,yy,3'", "what was left out came along")
    page.find("#far").click()
    page.until(f"{shown} === 'z,z,zz,4'", "without such an element all is shown")
    assert page.run("window.told") == "target", "and in development the page says so"


@scene(
    twice("<button class='a' dj-click='find' data-value='z' dj-target='.found'>z</button>")
    + "<h1>{{ q }}</h1><p class='found'>{{ found|join:'' }}</p>",
    **STATE,
    found=[],
    find=find,
)
def test_an_element_that_came_later_has_a_target_too(page):
    shown = "[...document.querySelectorAll('h1, .found')].map((e) => e.textContent).join()"
    for place in places(page):
        before = page.turn()
        page.find(f"{place} .a").click()
        page.until(f"{shown} === ',zzz'", "only the target is new")
        page.show(q="", found=[])
        assert page.turn() == before + 2


@event_handler
async def like(self):
    await step()
    self.liked = not self.liked
    self.turn += 1


@scene(
    twice(
        "<button class='a{% if liked %} on{% endif %}' dj-click='like' title='{{ liked }}'"
        " dj-optimistic='liked:!liked | class:new'>{% if liked %}♥{% else %}♡{% endif %}</button>"
    ),
    **STATE,
    liked=False,
    like=like,
)
def test_an_element_that_came_later_shows_its_change_at_once(page):
    for place in places(page):
        button = f"document.querySelector('{place} .a')"
        shown = f"[{button}.className, {button}.textContent]"
        before = page.turn()
        assert page.run(f"{button}.click(); return {shown};") == ["a on new", "♥"]
        assert page.turn() == before
        page.step()
        page.answered(before)
        assert page.run(shown) == ["a on", "♥"]
        page.show(liked=False)
        assert page.run(shown) == ["a", "♡"]
