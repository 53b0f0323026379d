"""Half-filled forms come back: after a reload as drafts, after a reconnect as they were."""

import asyncio
import time

from selenium.webdriver.support.select import Select

from djust import DraftModeMixin, LiveView, event_handler
from tests.gentle.scenes import scene, step


class Drafts(DraftModeMixin):
    """A view that takes a form when its name is not empty."""

    draft_key = "test"
    problem = ""

    @event_handler
    def save(self, name: str = "", **rest):
        self.problem = "" if name else "a name is needed"
        self.q = name
        self.turn += 1

    @event_handler
    async def save_slowly(self, name: str = "", wait: float | None = None, **rest):
        """Takes as long as the test wants, or so many seconds."""
        self.q = "saving"
        await self.push_state()
        await (step() if wait is None else asyncio.sleep(wait))
        self.save(name)

    @event_handler
    def fail(self, **rest):
        raise RuntimeError("it cannot be saved")

    @event_handler
    def postpone(self, **rest):
        self.turn += 1
        self.keep_draft()

    @event_handler
    def forget(self, **rest):
        self.turn += 1
        self.clear_draft()


class ContactView(DraftModeMixin, LiveView):
    """Stands within another page."""

    template_string = "<form id='inner'><input class='a' name='name'></form>"


STORED = "return Object.keys(localStorage).filter((key) => key.startsWith('djust:draft:')).sort();"


def stored(page):
    """The drafts in the browser: the text of each."""
    return page.run(f"return (() => {{ {STORED} }})().map((key) => localStorage[key]);")


def saved(page, text):
    page.until(
        f"return (() => {{ {STORED} }})().some((key) => localStorage[key].includes({text!r}));",
        f"a draft with {text!r}",
    )


def reload(page):
    """Loads the page anew, without what the browser itself remembers of fields."""
    page.driver.get(page.run("location.href"))
    page.connected()


def be(page, user):
    """Logs somebody in, or out."""
    page.run(f"document.cookie = 'user={user};path=/" + ("" if user else ";max-age=0") + "';")
    reload(page)


FORM = """<form id='f' dj-submit='save'>
<input id='a' name='name'><textarea id='b' name='text'></textarea>
<button id='go'>save</button>{% if problem %}<p aria-invalid='true'>{{ problem }}</p>{% endif %}
</form><p>{{ q }}</p>"""


def drafts(body=FORM, **state):
    return scene(body, mixins=(Drafts,), **{"q": "", **state})


@drafts()
def test_a_draft_comes_back_after_a_reload(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    page.type("#b", "half a wo")
    saved(page, "half a wo")
    reload(page)
    page.until("document.querySelector('#b').value === 'half a wo'")
    assert page.value("#a") == "Ada"


@drafts()
def test_what_was_typed_right_before_the_page_is_left_is_kept(page):
    page.run("localStorage.clear();")
    page.type("#a", "A")
    saved(page, "A")
    page.type("#a", "da")
    reload(page)
    page.until("document.querySelector('#a').value === 'Ada'")


@drafts()
def test_the_draft_goes_when_the_server_has_taken_the_form(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    saved(page, "Ada")
    page.find("#go").click()
    page.until(f"return (() => {{ {STORED} }})().length === 0;")
    reload(page)
    time.sleep(0.5)
    assert page.value("#a") == ""


@drafts(FORM.replace("dj-submit='save'", "dj-submit='save_slowly'"))
def test_the_draft_does_not_go_before_the_server_has_answered(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    saved(page, "Ada")
    page.find("#go").click()
    page.until("document.querySelector('main > p').textContent === 'saving'")
    assert len(stored(page)) == 1
    page.step()
    page.until(f"return (() => {{ {STORED} }})().length === 0;")


@drafts(FORM.replace("dj-submit='save'", "dj-submit='save_slowly' data-wait='5'"))
def test_an_answer_that_never_came_keeps_the_draft(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    saved(page, "Ada")
    page.find("#go").click()
    page.until("document.querySelector('main > p').textContent === 'saving'")
    page.reconnect()
    page.show(q="another answer")
    assert len(stored(page)) == 1


@drafts(FORM.replace("dj-submit='save'", "dj-submit='fail'"))
def test_a_handler_that_fails_keeps_the_draft(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    saved(page, "Ada")
    page.find("#go").click()
    page.until("document.querySelector('.djust-notice') !== null")
    time.sleep(0.3)
    assert len(stored(page)) == 1


@drafts()
def test_a_form_with_an_error_in_it_keeps_the_draft(page):
    page.run("localStorage.clear();")
    page.type("#b", "some text")
    saved(page, "some text")
    page.find("#go").click()
    page.answered()
    time.sleep(0.3)
    assert len(stored(page)) == 1


@drafts(FORM.replace("dj-submit='save'", "dj-submit='postpone'"))
def test_a_view_can_keep_the_draft_of_a_form_that_it_does_not_take(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    saved(page, "Ada")
    page.find("#go").click()
    page.answered()
    time.sleep(0.3)
    saved(page, "Ada")


@drafts(FORM + "<button id='forget' dj-click='forget'>forget</button>")
def test_a_view_can_forget_its_drafts(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    saved(page, "Ada")
    page.find("#forget").click()
    page.until(f"return (() => {{ {STORED} }})().length === 0;")


SECRETS = """<form id='f'><input id='a' name='name'>
<input name='secret' type='password' class='s'><input name='code' autocomplete='one-time-code' class='s'>
<input name='card' autocomplete='section-pay cc-number' class='s'>
<input name='csrfmiddlewaretoken' class='s'><input name='mine' dj-draft='ignore' class='s'>
<input type='hidden' name='hid' value='hidden text' id='hid'><input type='file' name='file' id='file'>
</form>"""


@drafts(SECRETS)
def test_secrets_are_never_kept(page):
    page.run("localStorage.clear();")
    for field in page.driver.find_elements("css selector", ".s"):
        field.send_keys("geheim")
    # Someone looks at what was typed.
    page.run("document.querySelector('[name=secret]').type = 'text';")
    page.driver.find_element("name", "secret").send_keys("geheim")
    page.run(
        "const hid = document.querySelector('#hid'); hid.value = 'geheim';"
        "hid.dispatchEvent(new Event('input', { bubbles: true }));"
    )
    page.find("#file").send_keys(__file__)
    page.type("#a", "Ada")
    saved(page, "Ada")
    text = " ".join(stored(page))
    assert "geheim" not in text
    assert "test_drafts" not in text


@drafts()
def test_drafts_of_another_user_are_never_shown_and_go(page):
    page.run("localStorage.clear();")
    be(page, "ada")
    page.type("#a", "of Ada")
    saved(page, "of Ada")
    (key,) = page.run(STORED)
    assert "ada" not in key.split(":")[2]
    be(page, "bob")
    page.until(f"return (() => {{ {STORED} }})().length === 0;")
    assert page.value("#a") == ""
    page.type("#a", "of Bob")
    saved(page, "of Bob")
    be(page, "")
    page.until(f"return (() => {{ {STORED} }})().length === 0;")
    assert page.value("#a") == ""


@drafts(draft_ttl=1.5)
def test_a_draft_that_is_too_old_goes(page):
    page.run("localStorage.clear();")
    page.type("#a", "Ada")
    saved(page, "Ada")
    time.sleep(1.6)
    reload(page)
    page.until(f"return (() => {{ {STORED} }})().length === 0;")
    assert page.value("#a") == ""


MANY = """<form id='f'>
<input type='checkbox' name='tags' value='a' checked><input type='checkbox' name='tags' value='b'>
<input type='checkbox' name='tags' value='c'><input type='checkbox' name='terms' id='terms'>
<input type='radio' name='seat' value='1' checked><input type='radio' name='seat' value='2'>
<select name='many' multiple><option>1</option><option>2</option><option>3</option></select>
<select name='one'><option>x</option><option>y</option></select>
<input name='line' class='l'><input name='line' class='l'>
<input name='we"ird]' id='weird'><input name='__proto__' id='proto'>
<div contenteditable='true' id='rich'></div></form>"""


@drafts(MANY)
def test_every_kind_of_control_comes_back(page):
    page.run("localStorage.clear();")
    boxes = page.driver.find_elements("name", "tags")
    boxes[0].click()
    boxes[2].click()
    page.find("#terms").click()
    page.driver.find_elements("name", "seat")[1].click()
    # Not by clicks, whose keys differ from system to system.
    page.run(
        "const many = document.querySelector('[name=many]');"
        "many.options[0].selected = many.options[2].selected = true;"
        "many.dispatchEvent(new Event('input', { bubbles: true }));"
    )
    Select(page.driver.find_element("name", "one")).select_by_visible_text("y")
    for number, line in enumerate(page.driver.find_elements("css selector", ".l")):
        line.send_keys(f"line {number}")
    page.type("#weird", "strange")
    page.type("#proto", "stranger")
    page.type("#rich", "rich text")
    saved(page, "rich text")
    reload(page)
    page.until("document.querySelector('#rich').textContent === 'rich text'")
    state = page.run(
        "const f = document.querySelector('#f');"
        "return [...f.querySelectorAll(':checked')].map((one) => one.value)"
        ".concat([...f.querySelectorAll('.l, #weird, #proto')].map((one) => one.value));"
    )
    assert state == [*"c", "on", "2", "1", "3", "y", "line 0", "line 1", "strange", "stranger"]


LIVE = """<form id='f' dj-change='typed'><input id='a' name='name' dj-input='typed'></form>
<p id='said'>{{ q }}</p>"""


@drafts(LIVE)
def test_the_view_hears_of_what_comes_back(page):
    page.run("localStorage.clear();")
    page.type("#a", "abc")
    saved(page, "abc")
    reload(page)
    page.until("document.querySelector('#said').textContent === 'ABC'")


@drafts(
    "<form id='f'><input id='a' name='name' value='{{ q }}'><input id='b' name='b'></form>", q="1"
)
def test_a_field_that_nobody_touched_follows_the_server(page):
    page.run("localStorage.clear();")
    page.type("#b", "mine")
    saved(page, "mine")
    assert '"name"' not in stored(page)[0]


@drafts("{% if other %}<form id='f'><input id='a' name='name'></form>{% endif %}", other=False)
def test_a_form_that_comes_with_a_patch_has_its_draft(page):
    page.run("localStorage.clear();")
    page.show(other=True)
    page.type("#a", "Ada")
    saved(page, "Ada")
    page.show(other=False)
    page.show(other=True)
    page.until("document.querySelector('#a').value === 'Ada'")


BLOCKED = """<script nonce="{{ view.request.csp_nonce }}">
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
if (location.hash === "#none") {
  Object.defineProperty(window, "localStorage", { get() { throw new Error("blocked"); } });
}
window.errors = [];
addEventListener("error", ({ message }) => errors.push(message));
addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
</script>"""


@scene(FORM, head=BLOCKED, mixins=(Drafts,), q="")
def test_storage_that_is_full_or_blocked_is_survived(page):
    address = page.run("location.href")
    for place in ("", "#none"):
        page.driver.get("about:blank")
        page.driver.get(f"{address}{place}")
        page.connected()
        page.type("#a", "Ada")
        time.sleep(0.6)
        page.find("#go").click()
        page.until("document.querySelector('p').textContent === 'Ada'")
        assert page.run("errors") == []


@scene(
    "{% load djust %}{% live_render 'tests.gentle.test_drafts.ContactView' id='one' %}"
    "{% live_render 'tests.gentle.test_drafts.ContactView' id='two' %}"
    "<form><input id='plain' name='name'></form>"
)
def test_each_view_of_a_page_has_its_own_drafts(page):
    page.run("localStorage.clear();")
    page.type("#one .a", "first")
    page.type("#two .a", "second")
    page.type("#plain", "of nobody")
    saved(page, "second")
    reload(page)
    page.until("document.querySelector('#two .a').value === 'second'")
    assert page.value("#one .a") == "first"
    assert page.value("#plain") == ""
    assert "of nobody" not in " ".join(stored(page))


# ---- After a reconnect


@scene(
    "<form dj-change='typed'><input id='a' name='name' value='{{ q }}'></form><p>{{ q }}</p>",
    q="",
)
def test_a_form_is_told_to_the_view_that_begins_anew(page):
    page.type("#a", "abc")
    page.find("#turn").click()
    page.until("document.querySelector('p').textContent === 'ABC'")
    page.reconnect()
    page.until("document.querySelector('p').textContent === 'ABC'")
    assert page.value("#a") == "ABC"


@scene("<input id='a' value='{{ q }}' dj-input='typed'><p>{{ q }}</p>", q="")
def test_so_is_a_field_without_a_form(page):
    page.type("#a", "abc")
    page.until("document.querySelector('p').textContent === 'ABC'")
    page.reconnect()
    page.until("document.querySelector('p').textContent === 'ABC'")
    page.type("#a", "d")
    page.until("document.querySelector('p').textContent === 'ABCD'")


@scene(
    "<form dj-change='typed' dj-auto-recover='ignore'><input id='a' name='name' value='{{ q }}'>"
    "</form><p>{{ q }}</p>",
    q="",
)
def test_a_form_can_do_without(page):
    page.type("#a", "abc")
    page.find("#turn").click()
    page.until("document.querySelector('p').textContent === 'ABC'")
    page.reconnect()
    page.until("document.querySelector('p').textContent === ''")
    assert page.value("#a") == ""


@scene(
    "<form dj-submit='typed' dj-change='typed'><input id='a' name='value'><button>go</button>"
    "</form><p>{{ q }}</p>",
    q="",
)
def test_a_form_that_was_taken_is_not_told_again(page):
    page.type("#a", "abc")
    page.find("button").click()
    page.until("document.querySelector('p').textContent === 'ABC'")
    page.reconnect()
    time.sleep(0.5)
    assert page.text("p") == ""
