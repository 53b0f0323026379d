"""What a person does shows at once, and what the server answers is what stays."""

import asyncio
import time

from djust import event_handler
from djust.decorators import optimistic
from tests.gentle.scenes import PAGE, VIEWS, Scene

BODY = """
<p id="count" title="{{ count }}">{{ count }}</p>
<p id="heart" class="h {% if liked %}on{% endif %}">{% if liked %}<b>♥</b>{% else %}<i>♡</i>{% endif %}</p>
{% if open %}<section id="details">{{ count }} details</section>{% endif %}
<input id="box" type="checkbox" {% if liked %}checked{% endif %}
  dj-change="act" data-do="like" dj-optimistic="liked:!liked">
<input id="text" value="{{ title }}"><h2>{{ title }}</h2>
<input id="title" dj-change="act" data-do="title" dj-optimistic="title:$value">
<button id="add" dj-click="act" data-do="add" dj-optimistic="count:count+1">+</button>
<button id="less" dj-click="act" data-do="less" dj-optimistic="count:count-1">-</button>
<button id="like" dj-click="act" data-do="like" dj-optimistic="liked:!liked">like</button>
<button id="hide" dj-click="act" data-do="open" dj-optimistic="open:!open">details</button>
<button id="wrong" dj-click="act" data-do="fail" dj-optimistic="count:count+1 | class:read">fail</button>
<button id="slow" dj-click="act" data-do="add" data-wait="0.8" dj-optimistic="count:count+1">slow</button>
<button id="late" dj-click="act" data-do="add" dj-debounce="150" dj-optimistic="count:count+1">late</button>
<button id="read" class="{{ tone }}" dj-click="act" data-do="tone" data-wait="0.5"
  dj-optimistic="class:read | #text class:!busy">read</button>
<select id="tab" dj-change="act" data-do="tab" dj-optimistic="tab:$value">
<option {% if tab == "one" %}selected{% endif %}>one</option>
<option {% if tab == "two" %}selected{% endif %}>two</option>
</select><p id="shown">{% if tab == "two" %}second{% else %}first{% endif %}</p>
<input id="plain" type="checkbox" dj-change="keep">
<form id="new" dj-submit="act" dj-optimistic="todos:append" data-do="new"><input name="name"></form>
<ul>{% for todo in todos %}
  <li dj-key="{{ todo.key }}" class="{% if todo.done %}done{% endif %}">{{ todo.name }}
    <button class="done" dj-click="act" data-do="done" data-key="{{ todo.key }}"
      dj-optimistic="todo.done:!todo.done">done</button>
    <span><button class="gone" dj-click="act" data-do="gone" data-key="{{ todo.key }}"
      dj-optimistic="remove">gone</button></span>
  </li>{% endfor %}
</ul>
"""


class Everything(Scene):
    """A page of everything that may be shown before the answer."""

    template_string = PAGE % {"name": "optimistic", "head": "", "body": BODY}
    is_strict = True
    count = 1
    liked = False
    open = True
    title = "first"
    tone = "quiet"
    tab = "one"
    todos = ()

    def mount(self, request, **kwargs):
        self.todos = [{"key": n, "name": f"todo {n}", "done": n == 2} for n in (1, 2, 3)]
        self.last = 3

    @event_handler
    async def act(
        self,
        do: str = "",
        key: int = 0,
        wait: float = 0,
        value: str = "",
        name: str = "",
        fails: bool = False,
        **rest,
    ):
        await asyncio.sleep(wait)
        if fails or do == "fail":
            raise ValueError("This fails, as the test wants it.")
        if do in ("add", "less"):
            self.count += 1 if do == "add" else -1
        elif do in ("like", "open"):
            field = {"like": "liked", "open": "open"}[do]
            setattr(self, field, not getattr(self, field))
        elif do in ("title", "tab"):
            setattr(self, do, value)
        elif do == "tone":
            self.tone = "loud"
        elif do == "new":
            self.last += 1
            self.todos.append({"key": self.last, "name": name.upper(), "done": False})
        elif do == "gone":
            self.todos = [todo for todo in self.todos if todo["key"] != key]
        elif do == "done":
            for todo in self.todos:
                if todo["key"] == key:
                    todo["done"] = not todo["done"]
        self.turn += 1

    @optimistic
    def keep(self, **rest):
        raise ValueError("This fails, as the test wants it.")

    @event_handler
    def report(self, number: int):
        names = ("count", "liked", "open", "title", "tab")
        todos = [[todo["key"], todo["name"], todo["done"]] for todo in self.todos]
        state = {name: getattr(self, name) for name in names}
        self.push_event("truth", {"number": number, "todos": todos, **state})


VIEWS["optimistic"] = Everything


def everything(test):
    test.scene = "optimistic"
    return test


def at_once(page, selector, expression):
    """Clicks, and says what the page shows before anything else can happen."""
    return page.run(
        f"document.querySelector(arguments[0]).click(); return {expression}",
        selector,
    )


COUNT = "document.querySelector('#count').textContent"
LISTEN = (
    "window.lost = []; document.addEventListener('djust:rollback', (e) => lost.push(e.detail));"
)


@everything
def test_a_change_shows_within_the_click(page):
    both = f"[{COUNT}, document.querySelector('#count').title]"
    assert at_once(page, "#add", both) == ["2", "2"]
    heart = "document.querySelector('#heart')"
    shown = f"[{heart}.className, {heart}.textContent, document.querySelector('#box').checked]"
    assert at_once(page, "#like", shown) == ["h on", "♥", True]
    assert at_once(page, "#hide", "!document.querySelector('#details')") is True
    page.answered(2)
    assert page.text("#count") == "2"
    assert page.text("#heart") == "♥"
    assert page.run(
        "!document.querySelector('#details') && !document.querySelector('.djust-notice')"
    )


@everything
def test_each_answer_settles_its_own_event(page):
    assert at_once(page, "#slow", COUNT) == "2"
    assert at_once(page, "#slow", COUNT) == "3"
    assert at_once(page, "#less", COUNT) == "2"
    page.show(count=10)
    page.answered(3)
    page.until(f"{COUNT} === '10' || {COUNT} === '11'")


@everything
def test_a_failure_is_taken_back_and_said(page):
    page.run(LISTEN)
    shown = f"[{COUNT}, document.querySelector('#wrong').className]"
    assert at_once(page, "#wrong", shown) == ["2", "read"]
    page.until("lost.length === 1")
    page.until(f"{COUNT} === '1'")
    assert page.run("lost[0]") == {"root": 0, "handler": "act", "reason": "error"}
    assert page.run("document.querySelector('#wrong').className") == ""
    assert page.run("document.querySelector('.djust-notice').getAttribute('role')") == "alert"


@everything
def test_a_lost_connection_takes_back_what_it_carried(page):
    page.run(LISTEN)
    page.run("document.querySelector('#slow').dataset.wait = 5;")
    assert at_once(page, "#slow", COUNT) == "2"
    page.until("sends")
    page.reconnect()
    page.until("lost.length === 1")
    assert page.run("lost[0].reason") == "disconnect"
    page.until("document.querySelector('.djust-notice')?.textContent.includes('taken back')")
    page.until(f"{COUNT} === '1'")


@everything
def test_a_row_changes_alone(page):
    classes = "[...document.querySelectorAll('li')].map((row) => row.className)"
    assert at_once(page, "li:nth-child(1) .done", classes) == ["done", "done", ""]
    assert at_once(page, "li:nth-child(2) .done", classes) == ["done", "", ""]
    names = "[...document.querySelectorAll('li')].map((row) => row.firstChild.data.trim())"
    assert at_once(page, "li:nth-child(2) .gone", names) == ["todo 1", "todo 3"]
    page.answered(2)
    assert page.run(names) == ["todo 1", "todo 3"]
    assert page.run(classes) == ["done", ""]


@everything
def test_a_new_row_shows_what_was_submitted_until_the_answer(page):
    names = "[...document.querySelectorAll('li')].map((row) => row.firstChild.data.trim())"
    page.run("document.querySelector('#new input').value = 'milk'")
    shown = page.run(f"document.querySelector('#new').requestSubmit(); return {names}")
    assert shown == ["todo 1", "todo 2", "todo 3", "milk"]
    page.until(f"{names}.at(-1) === 'MILK'")
    assert page.run("document.querySelectorAll('li').length") == 4


@everything
def test_a_choice_and_a_text_show_what_they_mean(page):
    select = "const tab = document.querySelector('#tab'); tab.value = 'two';"
    change = "tab.dispatchEvent(new Event('change', { bubbles: true }));"
    shown = "return document.querySelector('#shown').textContent"
    assert page.run(select + change + shown) == "second"
    page.answered()
    page.type("#title", "new")
    title = "document.activeElement.blur(); return document.querySelector('h2').textContent"
    assert page.run(title) == "new"
    page.answered(1)
    assert page.text("h2") == "new"


@everything
def test_a_class_lies_over_what_the_server_writes(page):
    read, busy = (
        "document.querySelector('#read').className",
        "document.querySelector('#text').className",
    )
    assert at_once(page, "#read", f"[{read}, {busy}]") == ["quiet read", "busy"]
    page.run("document.querySelector('#read').title = 'touched'")
    page.until(f"{read} === 'loud'")
    assert page.run(busy) == ""


@everything
def test_debounced_events_show_each_and_send_one(page):
    for expected in ("2", "3", "4"):
        assert at_once(page, "#late", COUNT) == expected
    page.answered()
    assert page.text("#count") == "2"
    assert page.turn() == 1


@everything
def test_a_box_goes_back_when_its_handler_fails(page):
    assert at_once(page, "#plain", "document.querySelector('#plain').checked") is True
    page.until("document.querySelector('#plain').checked === false")


@everything
def test_focus_caret_and_nodes_stay_while_answers_come(page):
    page.type("#text", "abc")
    page.run("document.querySelector('#text').setSelectionRange(1, 2)")
    page.mark("#text, #count, li")
    at_once(page, "#slow", COUNT)
    page.show(count=5)
    page.answered(1)
    assert page.kept("#text, #count, li")
    assert page.focused("#text")
    assert page.caret("#text") == [1, 2]


SCHEDULES = """
let seed = arguments[0];
const below = (limit) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * limit);
};
const all = (selector) => [...document.querySelectorAll(selector)];
const one = (selector) => document.querySelector(selector);
const seen = () => ({
  count: +one("#count").textContent,
  title: one("h2").textContent,
  liked: one("#heart").className === "h on" && !!one("#heart b"),
  box: one("#box").checked,
  open: !!one("#details"),
  tab: one("#shown").textContent === "second" ? "two" : "one",
  todos: all("li").map((row) =>
    [+row.getAttribute("dj-key"), row.firstChild.data.trim(), row.className === "done"]),
});
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
window.result = { done: 0, wrong: [] };
const truth = async (number) => {
  for (;;) {
    let found;
    const answer = new Promise((resolve) => (found = resolve));
    const off = djust.on("truth", (state) => state.number === number && found(state));
    djust.pushEvent("report", { number });
    const state = await Promise.race([answer, pause(3000)]);
    off();
    if (state) return state;
  }
};
const schedule = async (number) => {
  for (let left = 2 + below(8); left; left--) {
    const choice = below(14);
    const wait = [0, 0, 0, 0.01, 0.03][below(5)];
    const targets = ["#add", "#less", "#like", "#hide", "#wrong", "#late", "#box", "#read"];
    const rows = all("li .done, li .gone");
    const element = choice < 8 ? one(targets[choice]) : rows[below(rows.length)];
    if (choice < 12 && element) {
      element.dataset.wait = wait;
      element.dataset.fails = below(5) === 0;
      element.click();
    } else if (choice === 12) {
      one("#new input").value = `new ${number}`;
      one("#new").requestSubmit();
    } else if (below(6) === 0) sockets.at(-1).close();
    if (below(2)) await pause(below(25));
  }
  // After a lost connection the page says again what the user chose; the second question is after that.
  await truth(2 * number);
  const { number: _, ...state } = await truth(2 * number + 1);
  const { box, ...page } = seen();
  const names = Object.keys(page);
  const same = names.every((name) => JSON.stringify(page[name]) === JSON.stringify(state[name]));
  if (!same || box !== page.liked) result.wrong.push({ number, page, box, state });
  result.done++;
};
(async () => {
  for (let number = 1; number <= arguments[1]; number++) await schedule(number);
})().catch((error) => result.wrong.push(String(error)));
return 0;
"""


@everything
def test_after_any_schedule_the_page_shows_what_the_server_has(page):
    # Together more than 500, each engine others.
    seed, count = {"chromium": (7, 250), "firefox": (8, 250), "webkit": (9, 60)}[page.driver.engine]
    page.run(SCHEDULES, seed, count)
    deadline, before = time.monotonic() + 1200, -1
    while (done := page.run("result.done")) < count and time.monotonic() < deadline:
        assert not page.run("result.wrong"), page.run("result.wrong[0]")
        before = done
        time.sleep(0.5)
    assert page.run("result.wrong") == []
    assert page.run("result.done") == count, f"it stopped after {before}"
