"""System checks: each one passes on a sound project and names its fix on a broken one."""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import registry, run_checks
from django.core.handlers.asgi import ASGIHandler

from djust import LiveView, event_handler, lowering
from djust import checks as checks_module
from djust.checks import (
    EVENT,
    check_asgi,
    check_installation,
    check_settings,
    check_views,
    messages_for,
    words_in_template,
)
from djust.testing import render_html


def ids(messages):
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_sound_project_has_no_messages():
    found = [*check_installation(None), *check_asgi(None), *check_settings(None)]
    assert found == []


def test_the_checks_are_registered():
    registered = set(registry.registry.registered_checks)
    assert {check_installation, check_asgi, check_settings, check_views} <= registered
    run_checks()


def test_the_ids_are_listed_and_unique():
    listed = re.findall(r"djust\.[EW]\d{3}", checks_module.__doc__)
    source = Path(checks_module.__file__).read_text()
    used = re.findall(r'id="(djust\.[EW]\d{3})"', source)
    assert len(set(listed)) == len(listed)
    manual = (Path(__file__).parents[2] / "docs/django.md").read_text()
    assert set(used) == set(listed) == set(re.findall(r"djust\.[EW]\d{3}", manual))


@pytest.mark.parametrize(
    ("module", "found"), [("channels", "djust.E001"), ("djust._native", "djust.E007")]
)
def test_a_missing_module_is_named(monkeypatch, module, found):
    sound = checks_module.importable
    monkeypatch.setattr(checks_module, "importable", lambda name: name != module and sound(name))
    assert ids(check_installation(None)) == [found]


def test_tags_of_an_unknown_django_are_named(monkeypatch):
    from django.template.defaulttags import ForNode

    monkeypatch.setitem(lowering.SAMPLES, ForNode, ("{% for a in b %}{% endfor %}", {"loopvars"}))
    lowering.verified_lowerings.cache_clear()
    try:
        (message,) = check_installation(None)
        assert render_html("{% for a in b %}{{ a }}{% endfor %}", {"b": [1, 2]}) == "12"
    finally:
        lowering.verified_lowerings.cache_clear()
    assert message.id == "djust.W006"
    assert " has another ForNode than djust knows;" in message.msg


def test_a_module_that_is_there_can_be_imported():
    assert checks_module.importable("django")
    assert not checks_module.importable("no_such_module")


@pytest.mark.parametrize(
    ("module", "found"), [("channels", "djust.E001"), ("djust._native", "djust.E007")]
)
def test_a_project_without_the_module_still_starts_far_enough_to_say_so(module, found):
    program = f"""
import sys
sys.modules[{module!r}] = None  # What is None here cannot be imported.
import django
django.setup()
from django.core.management import call_command
call_command("check")
"""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.site.settings"}
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True
    )
    assert process.returncode == 1
    assert found in process.stderr


@pytest.mark.parametrize(
    ("installed", "found"),
    [
        ({"djust-wasm"}, []),
        ({"djust-wasm", "djust"}, ["djust.E004"]),
        ({"djust"}, ["djust.E004"]),
        (set(), []),
    ],
)
def test_the_public_djust_package_is_noticed(monkeypatch, installed, found):
    def distribution(name):
        if name not in installed:
            raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    messages = check_installation(None)
    assert ids(messages) == found
    assert all("pip uninstall" in message.hint for message in messages)


class Wrapped:
    """An application of the site's own, as for error reports."""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("tests.site.asgi.application", []),
        (f"{__name__}.Wrapped", []),
        (None, ["djust.E002"]),
        ("", ["djust.E002"]),
        ("tests.site.nowhere.application", ["djust.E003"]),
        (f"{__name__}.PLAIN", ["djust.E003"]),
        (f"{__name__}.PLAIN_WITH_STATIC_FILES", ["djust.E003"]),
    ],
)
def test_the_asgi_application_must_serve_the_socket(settings, path, found):
    settings.ASGI_APPLICATION = path
    messages = check_asgi(None)
    assert ids(messages) == found
    assert all("from djust.asgi import get_asgi_application" in m.hint for m in messages)


def static_files(application):
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

    return ASGIStaticFilesHandler(application)


PLAIN = ASGIHandler()
PLAIN_WITH_STATIC_FILES = static_files(PLAIN)


def test_an_unset_asgi_application_is_noticed(settings):
    del settings.ASGI_APPLICATION
    assert ids(check_asgi(None)) == ["djust.E002"]


@pytest.mark.parametrize(
    ("given", "found", "hint"),
    [
        ({}, [], ""),
        ({"THREADS": 4}, [], ""),
        ({"THREAD": 4}, ["djust.W001"], "THREADS"),
        ({"threads": 4}, ["djust.W001"], "THREADS"),
        ({"COLOUR": 4, 5: 6}, ["djust.W001", "djust.W001"], "HEARTBEAT"),
        ({"THREADS": "four"}, ["djust.E005"], ""),
        ([], ["djust.E005"], ""),
    ],
)
def test_unknown_keys_and_wrong_values_are_noticed(settings, given, found, hint):
    settings.DJUST = given
    messages = check_settings(None)
    assert ids(messages) == found
    assert all(hint in message.hint for message in messages)


def test_a_missing_template_backend_is_noticed(settings):
    settings.TEMPLATES = []
    assert ids(check_settings(None)) == ["djust.E006"]


def test_static_files_that_nobody_serves_are_noticed(settings):
    settings.INSTALLED_APPS = [
        app for app in settings.INSTALLED_APPS if app != "django.contrib.staticfiles"
    ]
    assert ids(check_settings(None)) == ["djust.W005"]


class SoundView(LiveView):
    template_string = """<p dj-click="save" dj-click='{{ event }}' dj-input = save
        dj-keydown.enter="save(1, 'a')" data-dj-click="other" dj-key="Enter"></p>
        {% if x %}<b dj-submit="save">{% endif %}"""
    choices = ("a", "b")
    number = 1

    @event_handler
    def save(self):
        pass


def test_a_sound_view_has_no_messages():
    assert list(messages_for(SoundView)) == []


def test_the_events_of_a_template_are_found_also_inside_its_tags():
    class ManyView(SoundView):
        template_name = "counter.html"
        template_string = None

    assert words_in_template(SoundView, EVENT) == {"save"}
    assert words_in_template(ManyView, EVENT) == {"add"}


def test_an_undecorated_override_is_noticed():
    class ChildView(SoundView):
        template_string = "<p></p>"

        def save(self):
            pass

    (message,) = messages_for(ChildView)
    assert message.id == "djust.W002"
    assert message.hint == "Put @event_handler above save."


def test_an_event_without_a_handler_is_noticed():
    class AskingView(LiveView):
        template_string = '<p dj-click="plain"></p><p dj-input="missing"></p>'

        def plain(self):
            pass

    missing, plain = messages_for(AskingView)
    assert missing.id == plain.id == "djust.W003"
    assert "add the method with @event_handler: def missing(self)" in missing.hint
    assert "Put @event_handler above" in plain.hint


def test_a_bound_name_that_is_no_field_is_noticed():
    class BindingView(SoundView):
        template_string = """<input dj-model="query"><input dj-model.lazy.trim='missing'>
            <input dj-model="{{ name }}">"""
        query = ""

        def mount(self, request, **kwargs):
            self.missing = ""

    (message,) = messages_for(BindingView)
    assert message.id == "djust.W007"
    assert "'missing'" in message.msg
    assert "missing: str" in message.hint

    class NarrowView(BindingView):
        model_fields = ()

    assert [message.id for message in messages_for(NarrowView)] == ["djust.W007"] * 2


def test_an_attribute_that_all_visitors_share_is_noticed():
    class SharedView(SoundView):
        items = []

    (message,) = messages_for(SharedView)
    assert message.id == "djust.W004"
    assert "self.items in mount()" in message.hint


def test_a_view_without_a_template_is_noticed():
    class BareView(LiveView):
        @event_handler
        def save(self):
            pass

    assert ids(list(messages_for(BareView))) == ["djust.E008"]


def test_a_base_without_a_template_is_fine():
    class Base(LiveView):
        pass

    assert list(messages_for(Base)) == []


def test_a_template_that_does_not_compile_is_left_to_its_page():
    class BrokenView(LiveView):
        template_string = "{% if %}"

    class MissingView(LiveView):
        template_name = "no_such.html"

    assert list(messages_for(BrokenView)) == list(messages_for(MissingView)) == []


def test_every_view_class_of_the_project_is_looked_at():
    class DeepView(SoundView):
        items = {}

    assert any(message.obj is DeepView for message in check_views(None))
