"""The ``DJUST`` dictionary of the settings in, one typed ``Config`` out.

``config()`` is cheap, and fresh after every ``override_settings``.
"""

from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed


@dataclass(frozen=True)
class Config:
    """Every key of ``DJUST``, in lower case, with its default.

    A deployment changes them so: ``DJUST = {"THREADS": 16}``.
    """

    allowed_origins: tuple[str, ...] = ()
    """Further origins that may open the socket, as ``https://shop.example``. The page's own origin
    and those of ``CSRF_TRUSTED_ORIGINS`` always may."""

    events_per_second: int = 50
    """Events that a socket may send each second in the long run, and twice as many at once. Those
    beyond it are not lost: they wait their turn, and the socket is read no faster."""

    heartbeat: int = 25
    """Seconds between the pings of a page."""

    hello_timeout: int = 10
    """Seconds that a new socket has to say which page it belongs to."""

    queries: bool = True
    """Whether the relations and columns that templates read are planned, so that pages take fewer
    queries. See "Queries" in docs/templates.md."""

    threads: int = 8
    """Threads per process for handlers, rendering and the database."""

    token_max_age: int = 86_400
    """Seconds for which a page that was served may connect, also again; then it reloads itself."""

    trusted_proxies: int = 0
    """Proxies of the site through which each request comes, and which add to ``X-Forwarded-For``.
    Leave it at 0 where the server already sets the address of the client, as uvicorn does."""


@lru_cache(maxsize=1)
def config() -> Config:
    """The settings as they are now.

    Raises ``ImproperlyConfigured`` for a wrong value. Unknown keys are left to the system check.
    """
    if problems := problems_of(given := getattr(settings, "DJUST", {})):
        raise ImproperlyConfigured(" ".join(problems))
    values: dict[str, Any] = {
        name.lower(): tuple(given[name]) if isinstance(default, tuple) else given[name]
        for name, default in KEYS.items()
        if name in given
    }
    return Config(**values)


KEYS: dict[str, Any] = {key.name.upper(): key.default for key in fields(Config)}


def problems_of(given: Any) -> list[str]:
    """What is wrong with the values of ``DJUST``, in sentences."""
    if not isinstance(given, dict):
        return [f"DJUST must be a dictionary, not {given!r}."]
    problems = []
    for name in KEYS.keys() & given.keys():
        value = given[name]
        if isinstance(KEYS[name], bool):
            if not isinstance(value, bool):
                problems.append(f"DJUST[{name!r}] must be True or False, not {value!r}.")
        elif isinstance(KEYS[name], int):
            # What is off by default may be off.
            least = min(1, KEYS[name])
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                problems.append(f"DJUST[{name!r}] must be a positive whole number, not {value!r}.")
        elif not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            problems.append(f"DJUST[{name!r}] must be a list of strings, not {value!r}.")
    return sorted(problems)


def hint_for(name: Any) -> str:
    """What to do about an unknown key."""
    close = get_close_matches(str(name).upper(), KEYS, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"Remove it. The keys are {', '.join(KEYS)}."


def forget_config(*, setting: str, **kwargs: Any) -> None:
    if setting == "DJUST":
        config.cache_clear()


setting_changed.connect(forget_config, dispatch_uid="djust.conf")
