"""Settings: defaults, live overrides, and what is refused."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from djust.conf import KEYS, Config, config


def test_without_settings_everything_has_a_default(settings):
    del settings.DJUST
    assert config() == Config()


def test_every_key_is_in_the_manual_with_its_default():
    manual = (Path(__file__).parents[2] / "docs/django.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (\S+) \|", manual, re.MULTILINE))
    assert rows.keys() == KEYS.keys()
    for name, default in KEYS.items():
        assert rows[name] == (
            "`True`" if default is True else "`[]`" if default == () else f"{default:,}"
        )


def test_overridden_settings_take_effect_at_once_and_end_with_the_block(settings):
    settings.DJUST = {"HEARTBEAT": 5, "ALLOWED_ORIGINS": ["https://shop.example"]}
    assert config().heartbeat == 5
    assert config().allowed_origins == ("https://shop.example",)
    settings.DJUST = {}
    assert config() == Config()


def test_unknown_keys_do_not_stop_the_site(settings):
    settings.DJUST = {"HEARTBEATS": 5}
    assert config() == Config()


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {"THREADS": "8"},
        {"THREADS": 0},
        {"THREADS": True},
        {"ALLOWED_ORIGINS": "https://shop.example"},
        {"ALLOWED_ORIGINS": [1]},
        {"ALLOWED_ORIGINS": None},
    ],
)
def test_wrong_values_are_refused_with_the_name_of_the_setting(settings, given):
    settings.DJUST = given
    with pytest.raises(ImproperlyConfigured, match="DJUST"):
        config()
