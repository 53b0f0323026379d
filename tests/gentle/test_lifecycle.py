"""Hooks are called when their element appears, changes and goes; transitions play; lists have ends."""

from djust import event_handler
from tests.gentle.scenes import scene

NONCE = 'nonce="{{ view.request.csp_nonce }}"'

# Every callback writes down its name and the element's id; `text` is what it saw there.
LOG = f"""<script {NONCE}>
window.log = [];
const note = (name) => function () {{
  log.push(`${{name}} ${{this.el.id}} ${{this.el.textContent.trim()}}`);
}};
window.djust = window.djust || {{}};
window.djust.hooks = {{
  Log: Object.fromEntries(
    ["mounted", "beforeUpdate", "updated", "destroyed", "disconnected", "reconnected"].map(
      (name) => [name, note(name)],
    ),
  ),
  Broken: {{ mounted() {{ throw new Error("expected"); }} }},
  Talker: {{
    mounted() {{
      this.handleEvent("noted", ({{ turn }}) => log.push(`noted ${{turn}}`));
      this.el.onclick = () => this.pushEvent("note", {{ from: this.el.id, n: 3 }});
    }},
  }},
}};
</script>"""

SLOW = f"""<style {NONCE}>
.fade-enter-to, .fade-leave-to, .ends {{ transition: opacity 400ms }}
.fade-enter-from, .fade-leave-to, .starts {{ opacity: 0 }}
</style>
<script {NONCE}>
window.classes = [];
new MutationObserver((records) => {{
  for (const {{ target }} of records) if (target.id === "a") classes.push(target.className);
}}).observe(document, {{ subtree: true, attributes: true, attributeFilter: ["class"] }});
</script>"""


@scene("<p id='a' dj-hook='Log' class='{{ q }}'>x</p><p>{{ other }}</p>", head=LOG, q="", other="")
def test_a_hook_is_mounted_once_and_told_of_changes_of_its_element(page):
    page.until("log.length > 0")
    assert page.run("log") == ["mounted a x"]
    page.show(other="news")
    assert page.run("log") == ["mounted a x"]
    page.show(q="red")
    assert page.run("log") == ["mounted a x", "beforeUpdate a x", "updated a x"]


@scene(
    "<ul id='a' dj-hook='Log'>{% for row in rows %}<li id='r{{ row }}'>{{ row }}</li>{% endfor %}</ul>",
    head=LOG,
    rows=[1],
)
def test_several_changes_of_one_frame_are_one_update(page):
    page.until("log.length > 0")
    page.show(rows=[2, 1, 3])
    page.show(rows=[3])
    assert page.run("log") == [
        "mounted a 1",
        "beforeUpdate a 1",
        "updated a 213",
        "beforeUpdate a 213",
        "updated a 3",
    ]


@scene(
    "{% for row in rows %}<p id='r{{ row }}' dj-hook='Log'>{{ row }}</p>{% endfor %}",
    head=LOG,
    rows=[],
)
def test_elements_that_come_later_are_mounted_and_those_that_go_are_told(page):
    page.show(rows=[1, 2])
    page.until("log.length === 2")
    page.show(rows=[2, 1, 3])
    assert page.run("log.slice(2)") == ["mounted r3 3"]
    page.show(rows=[3])
    assert sorted(page.run("log.slice(3)")) == ["destroyed r1 1", "destroyed r2 2"]


@scene("<div>{{ html|safe }}</div>", head=LOG, html="")
def test_hooks_live_in_html_of_the_server_too(page):
    page.show(html="<p id='a' dj-hook='Log'>one</p>")
    page.until("log.length === 1")
    page.show(html="<p id='a' dj-hook='Log'>two</p>")
    page.show(html="")
    log = page.run("log")
    assert log[0] == "mounted a one"
    assert log[-1].startswith("destroyed a")


@scene(
    "<button id='b' dj-click='typed_slowly' data-value='x' dj-disable-with='Wait'>"
    "<i id='a' dj-hook='Log'>{{ q }}</i></button>",
    head=LOG,
    q="",
)
def test_a_hook_in_a_button_that_says_something_else_meanwhile_lives_on(page):
    page.until("window.log.length === 1")
    page.find("#b").click()
    page.until("document.querySelector('#b').textContent === 'Wait'")
    page.until("document.querySelector('#b').textContent === 'X'")
    assert page.run("document.querySelectorAll('html > template').length") == 0
    names = page.run("log.map((entry) => JSON.stringify(entry)).join()")
    assert "mounted" in names
    assert names.count("mounted") == 1
    assert "destroyed" not in names


@scene("<p id='a' dj-hook='Log'>x</p>", head=LOG)
def test_a_hook_knows_when_the_connection_is_gone_and_back(page):
    page.until("log.length > 0")
    page.reconnect()
    page.until("log.length === 3")
    assert page.run("log.slice(1)") == ["disconnected a x", "reconnected a x"]


@scene("<button id='a' dj-hook='Talker'>{{ q }}</button>", head=LOG, q="")
def test_a_hook_talks_with_its_view(page):
    page.until("document.querySelector('#a').onclick !== null")
    page.find("#a").click()
    page.until("log.length > 0")
    assert page.text("#a") == "from=a n=3"
    assert page.run("log") == ["noted 1"]


@scene("<p dj-hook='Broken'></p><p id='a' dj-hook='Log'>{{ other }}</p>", head=LOG, other="")
def test_a_hook_that_fails_disturbs_nobody(page):
    page.until("log.length > 0")
    page.show(other="news")
    assert page.text("#a") == "news"


@scene("<p id='a' dj-hook='Late'>{{ other }}</p>", other="")
def test_a_hook_may_be_registered_later(page):
    page.run("window.log = []; djust.hooks.Late = { mounted() { log.push(this.el.id); } };")
    page.show(other="news")
    page.until("log.join() === 'a'")


@scene(
    "<div id='a' title='{{ other }}' dj-update='ignore'><i>{{ other }}</i></div>"
    "{% if other %}<div id='b' dj-update='ignore'><i>{{ other }}</i></div>{% endif %}",
    other="",
)
def test_what_belongs_to_the_page_is_filled_once(page):
    page.run("document.querySelector('#a').replaceChildren(document.createElement('canvas'));")
    for word in ("one", "two"):
        page.show(other=word)
        assert page.run("document.querySelector('#a').title") == word
        assert page.run("document.querySelector('#a').innerHTML") == "<canvas></canvas>"
        assert page.text("#b") == "one"
    page.reconnect()
    assert page.run("document.querySelector('#a').innerHTML") == "<canvas></canvas>"


@scene("{% if on %}<p id='a' dj-transition='fade'>x</p>{% endif %}", head=SLOW, on=False)
def test_an_element_enters_and_leaves_with_its_transition(page):
    page.show(on=True)
    page.until("document.querySelector('#a') !== null")
    page.until("document.querySelector('#a').className === ''")
    assert page.run("classes.some((one) => one.includes('fade-enter-to'))") is True
    page.show(on=False)
    # The server has taken it away; it is still there for the eye, and out of reach.
    assert page.run("document.querySelector('#a').inert") is True
    assert page.run("document.querySelector('#a').className") == "fade-leave-to"
    page.until("document.querySelector('#a') === null")


@scene(
    "{% if on %}<p id='a' dj-transition-enter='starts' dj-transition-enter-to='ends'"
    " dj-transition-leave='ends' dj-transition-leave-to='ends starts'>x</p>{% endif %}",
    head=SLOW,
    on=False,
)
def test_a_transition_may_name_its_classes(page):
    page.show(on=True)
    page.show(on=False)
    page.until("document.querySelector('#a')?.className === 'ends starts'")
    page.until("document.querySelector('#a') === null")


@scene("{% if on %}<p id='a' dj-transition='fade'>x</p>{% endif %}", head=SLOW, on=False)
def test_an_element_that_comes_back_ends_its_leaving(page):
    page.show(on=True)
    page.show(on=False)
    page.show(on=True)
    assert page.run("document.querySelectorAll('#a').length") == 1
    assert page.run("document.querySelector('#a').inert") is False


@scene("{% if on %}<p id='a' dj-transition='fade'>x</p>{% endif %}", head=SLOW, on=True)
def test_what_was_served_does_not_enter(page):
    page.show(on=True)
    assert page.run("classes.length") == 0


@scene(
    "{% for row in rows %}<p id='r{{ row }}' dj-transition='fade'>{{ row }}</p>{% endfor %}",
    head=SLOW,
    rows=[1, 2, 3],
)
def test_rows_that_move_do_not_enter_and_those_on_their_way_out_are_in_nobodys_way(page):
    page.show(rows=[3, 2, 1])
    assert page.run("document.querySelectorAll('main p[class]').length") == 0
    page.show(rows=[4, 1])
    staying = "[...document.querySelectorAll('main p')].filter((p) => !p.inert).map((p) => p.textContent).join()"
    assert page.run(staying) == "4,1"
    page.until("document.querySelectorAll('main p').length === 2")
    page.reconnect()
    assert page.run(staying) == "1,2,3"


@scene(
    "<div id='a' dj-viewport-bottom='note'>{% for row in rows %}<p id='r{{ row }}'>{{ row }}</p>"
    "{% endfor %}</div><b>{{ q }}</b>",
    head=f"<style {NONCE}>#a {{ height: 100px; overflow: auto }} p {{ height: 30px; margin: 0 }}</style>",
    rows=list(range(20)),
    q="",
)
def test_the_end_of_a_list_asks_for_more(page):
    page.show(rows=list(range(21)))
    assert page.text("b") == ""
    page.run("document.querySelector('#a').scrollTop = 10000;")
    page.until("document.querySelector('b').textContent === 'id=r20'")
    page.show(rows=list(range(40)))
    page.run("document.querySelector('#a').scrollTop = 10000;")
    page.until("document.querySelector('b').textContent === 'id=r39'")


@scene(
    "<div id='a' dj-viewport-top='note'>{% for row in rows %}<p id='r{{ row }}'>{{ row }}</p>"
    "{% endfor %}</div><b>{{ q }}</b>",
    head=f"<style {NONCE}>#a {{ height: 100px; overflow: auto }} p {{ height: 30px; margin: 0 }}</style>",
    rows=list(range(20, 40)),
    q="",
)
def test_the_beginning_of_a_list_asks_for_more(page):
    page.until("document.querySelector('b').textContent === 'id=r20'")
    page.run("document.querySelector('#a').scrollTop = 10000;")
    page.show(rows=list(range(10, 40)))
    assert page.text("b") == "id=r20"
    page.run("document.querySelector('#a').scrollTop = 0;")
    page.until("document.querySelector('b').textContent === 'id=r10'")


def heard(which):
    """A handler that writes down which one it is, and for which row."""

    @event_handler
    def hear(self, id):
        self.q += f"{which} {id}, "

    return hear


@scene(
    "<div dj-viewport-top='earlier' dj-viewport-bottom='later'>"
    "{% for row in rows %}<p id='r{{ row }}'>{{ row }}</p>{% endfor %}</div><b>{{ q }}</b>",
    rows=[],
    q="",
    earlier=heard("earlier"),
    later=heard("later"),
)
def test_a_list_of_one_row_has_both_of_its_ends(page):
    page.show(rows=[1])
    page.until("document.querySelector('b').textContent === 'earlier r1, later r1, '")


PRESETS = {
    "fade": "none",
    "slide-up": "translateY(12px)",
    "slide-down": "translateY(-12px)",
    "scale": "scale(0.9)",
}
# What a preset says of the beginning and of the end, for each property that moves.
MOVES = f"""{{% load static %}}
<link rel="stylesheet" {NONCE} href="{{% static 'djust/transitions.css' %}}">
<script {NONCE}>
window.moves = [];
addEventListener("transitionrun", ({{ target, propertyName }}) => {{
  const [{{ effect }}] = target.getAnimations().filter((one) => one.transitionProperty === propertyName);
  const [from, to] = effect.getKeyframes().map((frame) => frame[propertyName]);
  moves.push(`${{propertyName}}: ${{from}} > ${{to}}`);
}});
</script>"""


@scene(
    "{% if on %}<p id='a' dj-transition='{{ preset }}'>x</p>{% endif %}",
    head=MOVES,
    on=False,
    preset="fade",
)
def test_each_preset_moves_what_comes_and_what_goes(page):
    count = 0
    for preset, away in PRESETS.items():
        for on in (True, False):
            page.show(preset=preset, on=on)
            expected = [f"opacity: {'0 > 1' if on else '1 > 0'}"]
            if away != "none":
                expected.append(f"transform: {f'{away} > none' if on else f'none > {away}'}")
            page.until(f"moves.length >= {count + len(expected)}", f"{preset}, {on}")
            assert sorted(page.run("moves")[count:]) == expected
            count += len(expected)
            page.until(
                "document.querySelector('#a')?.className === ''"
                if on
                else "!document.querySelector('#a')"
            )


@scene(
    "{% if on %}<p id='a' dj-transition='fade'>x</p>{% endif %}",
    head=f"<script {NONCE}>matchMedia = (query) => ({{ matches: /reduce/.test(query) }});</script>{SLOW}",
    on=False,
)
def test_whoever_wants_less_motion_sees_none(page):
    page.show(on=True)
    page.show(on=False)
    assert page.run("document.querySelector('#a')") is None
    assert page.run("classes") == []
