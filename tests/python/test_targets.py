"""`dj-target`: a render of one element alone, over templates of Django."""

import random

import pytest
from django.template.engine import Engine

from djust import LiveView, _native, event_handler
from djust.rendering import LiveTemplate
from djust.testing import LiveViewTestClient


class Page:
    """A page that shows a template, and renders of targets of it."""

    def __init__(self, source, **values):
        self.reads = []
        self.values = values
        self.renderer = LiveTemplate.of(Engine.get_default().from_string(source)).renderer()
        self.table = _native.TemplateTable()
        self.page = _native.Page()
        self.seq = 1
        self.page.apply(self.renderer.mount(self.context(), self.table))

    def context(self):
        def reader(name, value):
            return lambda: self.reads.append(name) or value

        return {name: reader(name, value) for name, value in self.values.items()}

    def update(self, *targets, **values):
        self.values |= values
        self.reads.clear()
        arguments = {"seq": self.seq + 1, "targets": targets}
        frame = self.renderer.update(self.context(), self.table, **arguments)
        if frame is not None:
            self.seq += 1
            self.page.apply(frame)
        return self.page.html()


def test_only_the_target_is_rendered_and_sent():
    page = Page("<h1>{{ title }}</h1><p id=a>{{ a }}</p>", title="One", a=1)
    assert page.update("#a", title="Two", a=2) == "<h1>One</h1><p id=a>2</p>"
    assert page.reads == ["a"]
    assert page.update() == "<h1>Two</h1><p id=a>2</p>"
    assert page.update("#a", title="Three") == "<h1>Two</h1><p id=a>2</p>"


def test_a_target_in_a_block_an_include_and_a_condition_is_found():
    source = """{% load static %}{% block main %}{% if yes %}{{ out }}{% with b=a %}
      <ul class="list {{ a }}">{% for x in rows %}<li>{{ x }}</li>{% empty %}none{% endfor %}</ul>
      {% endwith %}{% endif %}{% endblock %}"""
    page = Page(source, yes=True, out="1", a="x", rows=[1, 2])
    before = page.page.html()
    html = page.update(".list", out="2", a="y", rows=[3])
    assert html == before.replace("list x", "list y").replace("<li>1</li><li>2</li>", "<li>3</li>")
    assert "out" not in page.reads
    # The element goes: that concerns what is around it.
    assert page.update(".list", yes=False).strip() == ""


def test_what_tags_change_on_their_way_is_seen_in_the_target():
    source = """{% cycle 'a' 'b' as c %}{{ x }}<i>{% cycle c %}</i>
      {% regroup rows by 0 as groups %}<p>{{ c }}{{ groups|length }}{{ x }}</p>"""
    page = Page(source, x=1, rows=["ab", "ac", "b"])
    html = page.update("p", x=2, rows=["ab"])
    assert "a1<i>b</i>" in html
    assert "<p>b12</p>" in html


def test_a_page_without_a_tree_gets_all_of_it():
    page = Page("{{ x }}<p>{{ x }}</p>", x=1)
    page.renderer.forget()
    assert page.update("p", x=2) == "2<p>2</p>"


@pytest.mark.parametrize("target", ["#b", "p:hover", "", "!", "#a #b", "a" * 300])
def test_a_target_that_is_nowhere_means_everything(target):
    page = Page("{{ x }}<p id=a>{{ x }}</p>", x=1)
    assert not page.renderer.finds(target)
    assert page.update(target, x=2) == "2<p id=a>2</p>"


def test_random_selectors_end_with_the_page_of_django():
    letters = "#.[]='\\ >,*ap:"
    dice = random.Random(7)
    page = Page("{{ x }}<p id=a class='b {{ x }}'>{% if x %}<a>{{ x }}</a>{% endif %}</p>", x=0)
    for number in range(1, 2000):
        page.update("".join(dice.choices(letters, k=dice.randrange(1, 9))), x=number % 5)
        if number % 10 == 0:
            x = number % 5
            inner = f"<a>{x}</a>" if x else ""
            assert page.update() == f"{x}<p id=a class='b {x}'>{inner}</p>"


class Search(LiveView):
    template_string = """<p id="head">{{ count }}</p><ul id="results">{{ count }}</ul>"""

    def mount(self, request, **kwargs):
        self.count = 0

    @event_handler
    def search(self):
        self.count += 1


def test_a_session_sends_the_target_alone():
    client = LiveViewTestClient(Search).mount()
    page = _native.Page()
    [mount] = [frame for frame in client.frames if frame[0] == 1]
    page.apply(mount)
    page.apply(client.send_events(("search", {}), target="#results").frames[0])
    assert page.html() == '<p id="head">0</p><ul id="results">1</ul>'
    page.apply(client.send_event("search").frames[0])
    assert page.html() == '<p id="head">2</p><ul id="results">2</ul>'
