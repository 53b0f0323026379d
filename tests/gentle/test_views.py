"""Several live views share a page and a socket, and none touches what belongs to another."""

from selenium.webdriver.common.keys import Keys

from djust import LiveView, event_handler
from tests.gentle.scenes import scene


class Box(LiveView):
    """Stands within the pages of these tests."""

    template_string = (
        "<button class='add' dj-click='add'>{{ name }} {{ count }}</button>"
        "<input class='field' value='{{ q }}' dj-input='typed'><em>{{ q }}</em>"
        "{% for row in rows %}<i>{{ row }}</i>{% endfor %}"
        "<b class='hook' dj-hook='Note'></b>"
    )

    def mount(self, request, name="box", **kwargs):
        self.name = name
        self.count = 0
        self.q = ""
        self.rows = []

    @event_handler
    def add(self, amount: int = 1):
        self.count += amount
        self.rows.append(self.count)
        self.push_event("added", {"name": self.name, "count": self.count})

    @event_handler
    def typed(self, value: str = "", **rest):
        self.q = value


class Outer(LiveView):
    """Has a view of its own within it."""

    template_string = (
        "{% load djust %}<h2>{{ title }}</h2><button class='title' dj-click='rename'>t</button>"
        "{% live_render 'tests.gentle.test_views.Box' id='nested' name='nested' %}"
    )
    title = "outer"

    @event_handler
    def rename(self):
        self.title += "!"


class Broken(Box):
    """Can be served, and cannot connect."""

    def mount(self, request, **kwargs):
        super().mount(request, name="broken")
        if "subprotocols" in request.scope:
            raise RuntimeError("it cannot")


class Menu(LiveView):
    """Hears of clicks beside its menu, and of keys anywhere."""

    template_string = (
        "<p class='menu' dj-click-away='away' dj-window-keydown.escape='key'>menu</p>"
        "<output>{{ said }}</output>"
    )
    said = ""

    @event_handler
    def away(self):
        self.said += "away "

    @event_handler
    def key(self):
        self.said += "key "


BOX = "{% live_render 'tests.gentle.test_views.Box' "
TWO = "{% load djust %}" + BOX + "id='one' name='one' %}<p>{{ other }}</p>" + BOX + "id='two' %}"

HOOKS = """<script nonce="{{ view.request.csp_nonce }}">
window.heard = []; window.all = [];
window.djust = { hooks: { Note: { mounted() {
  this.handleEvent("added", ({ count }) => heard.push(`${this.el.parentElement.id} ${count}`));
  this.el.onclick = () => this.pushEvent("add", { amount: 10 });
} } } };
document.addEventListener("djust:push", ({ detail }) => all.push(detail.view.id));
</script>"""


def until_text(page, selector, text):
    found = f"document.querySelector({selector!r})?.textContent"
    page.until(f"{found} === {text!r}", f"{selector}: {text}")


@scene(TWO, other="first")
def test_each_view_of_a_page_answers_its_own_events(page):
    page.find("#two .add").click()
    until_text(page, "#two .add", "box 1")
    page.find("#one .add").click()
    until_text(page, "#one .add", "one 1")
    assert page.text("#two .add") == "box 1"
    assert page.run("sockets.length") == 1


MENU = "{% live_render 'tests.gentle.test_views.Menu' "


@scene(
    "{% load djust %}" + MENU + "id='one' %}{% if on %}" + MENU + "id='two' %}{% endif %}",
    on=True,
)
def test_a_click_beside_one_view_may_be_in_another_and_one_that_left_hears_nothing(page):
    page.find("#one .menu").click()
    until_text(page, "#two output", "away ")
    page.find("#turn").click()
    until_text(page, "#one output", "away ")
    until_text(page, "#two output", "away away ")
    page.type("#turn", Keys.ESCAPE)
    for view in ("#one", "#two"):
        page.until(f"document.querySelector('{view} output').textContent.endsWith('key ')")
    page.run(
        "window.sent = []; document.addEventListener('djust:busy', ({ detail }) =>"
        " detail.busy && sent.push(detail.handler));"
    )
    page.show(on=False)
    page.type("#turn", Keys.ESCAPE)
    page.until("document.querySelector('#one output').textContent.endsWith('away key ')")
    page.show(on=False)
    assert page.run("sent") == ["show", "away", "key", "show"]


@scene(TWO, other="first")
def test_a_patch_of_the_page_leaves_the_views_in_it_alone(page):
    page.find("#one .add").click()
    until_text(page, "#one .add", "one 1")
    page.type("#two .field", "abc")
    page.mark("#one, #one *, #two, #two *")
    page.show(other="second")
    assert page.text("p") == "second"
    assert page.kept("#one, #one *, #two, #two *")
    assert page.text("#one .add") == "one 1"
    assert page.value("#two .field") == "abc"
    assert page.focused("#two .field")


@scene(
    "{% load djust %}{% if on %}" + BOX + "id='one' name=other %}{% endif %}<p>{{ other }}</p>",
    on=True,
    other="first",
)
def test_a_view_that_leaves_ends_and_one_that_comes_begins(page):
    page.find("#one .add").click()
    until_text(page, "#one .add", "first 1")
    page.show(on=False, other="second")
    assert page.run("document.querySelector('#one')") is None
    page.show(on=True)
    until_text(page, "#one .add", "second 0")
    page.find("#one .add").click()
    until_text(page, "#one .add", "second 1")
    assert page.text("#one i") == "1"


@scene(
    "{% load djust %}{% for row in rows %}<section id='r{{ row }}'>"
    "{% live_render 'tests.gentle.test_views.Box' id=row name=row %}</section>{% endfor %}",
    rows=["a", "b", "c"],
)
def test_rows_take_their_views_along(page):
    for row in "abc":
        page.find(f"#{row} .add").click()
        until_text(page, f"#{row} .add", f"{row} 1")
    page.mark("#c, #c *, #a, #a *")
    page.show(rows=["c", "a", "d"])
    assert page.kept("#c, #c *, #a, #a *")
    page.find("#a .add").click()
    until_text(page, "#a .add", "a 2")
    until_text(page, "#d .add", "d 0")
    page.find("#d .add").click()
    until_text(page, "#d .add", "d 1")


@scene(
    "{% load djust %}{% if on %}{% live_render 'tests.gentle.test_views.Outer' id='outer' %}"
    "{% endif %}<p>{{ other }}</p>",
    on=True,
    other="first",
)
def test_a_view_within_a_view_is_patched_on_its_own(page):
    page.find("#nested .add").click()
    until_text(page, "#nested .add", "nested 1")
    page.mark("#nested, #nested *")
    page.find("#outer .title").click()
    until_text(page, "#outer h2", "outer!")
    page.show(other="second")
    assert page.kept("#nested, #nested *")
    assert page.text("#nested .add") == "nested 1"
    page.show(on=False)
    page.show(on=True)
    until_text(page, "#nested .add", "nested 0")
    page.find("#outer .title").click()
    until_text(page, "#outer h2", "outer!")
    page.find("#nested .add").click()
    until_text(page, "#nested .add", "nested 1")


@scene(TWO, other="first")
def test_all_views_come_back_with_the_connection(page):
    page.mark("main *:not(i)")
    page.find("#two .add").click()
    until_text(page, "#two .add", "box 1")
    page.reconnect()
    # Their state lives as long as a connection.
    until_text(page, "#two .add", "box 0")
    assert page.kept("main *:not(i)")
    page.find("#one .add").click()
    until_text(page, "#one .add", "one 1")
    page.find("#two .add").click()
    until_text(page, "#two .add", "box 1")


@scene(
    "{% load djust %}{% live_render 'tests.gentle.test_views.Broken' id='broken' %}"
    + BOX
    + "id='one' name='one' %}<p>{{ other }}</p>",
    other="first",
)
def test_a_view_that_cannot_connect_leaves_the_others_alive(page):
    page.until("document.querySelector('.djust-notice') !== null")
    page.find("#one .add").click()
    until_text(page, "#one .add", "one 1")
    page.show(other="second")
    assert page.text("p") == "second"
    assert page.text("#broken .add") == "broken 0"


@scene(TWO, head=HOOKS, other="first")
def test_hooks_and_pushed_events_belong_to_their_view(page):
    page.until("document.querySelectorAll('.hook')[1].onclick !== null")
    page.run("document.querySelectorAll('.hook')[1].click();")
    until_text(page, "#two .add", "box 10")
    page.until("heard.length === 1")
    assert page.run("heard") == ["two 10"]
    assert page.run("all") == ["two"]
    page.run("djust.pushEvent('add', {amount: 3}, document.querySelector('#one em'));")
    until_text(page, "#one .add", "one 3")


BREAK = """
const real = Object.getOwnPropertyDescriptor(CharacterData.prototype, "data");
Object.defineProperty(CharacterData.prototype, "data", { ...real, set(value) {
  Object.defineProperty(CharacterData.prototype, "data", real);
  throw new Error("broken by a test");
} });
"""


@scene(TWO, other="first")
def test_an_engine_that_stopped_starts_again_with_all_views(page):
    page.find("#one .add").click()
    until_text(page, "#one .add", "one 1")
    page.mark("main *:not(i)")
    page.run(BREAK)
    page.find("#two .add").click()
    page.until("sockets.length === 2")
    page.connected()
    until_text(page, "#two .add", "box 0")
    page.find("#one .add").click()
    until_text(page, "#one .add", "one 1")
    page.find("#two .add").click()
    until_text(page, "#two .add", "box 1")
    assert page.kept("main *:not(i)")
