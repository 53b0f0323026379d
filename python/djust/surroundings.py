"""The active language, time zone and settings go in, how values are printed comes out: what the
native renderer asks Django for, and remembers as long as nothing has changed.
"""

from collections.abc import Callable
from contextvars import ContextVar
from threading import local
from typing import Any

from django.conf import settings
from django.utils import dates, formats
from django.utils import timezone as django_timezone
from django.utils.formats import get_format
from django.utils.html import avoid_wrapping
from django.utils.text import add_truncation_text
from django.utils.timesince import TIME_STRINGS
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext, trans_real

Surroundings = tuple[str | None, Any, bool, bool, dict[Any, Any]]


def surroundings(use_tz: bool | None, use_l10n: bool | None) -> Surroundings:
    """What printing depends on, in a context with these options: the active language, the time zone
    for datetimes, whether values are printed in the way of the language, whether aware datetimes
    are converted, and a dictionary that remembers what else was asked for in these surroundings.

    It is asked again after each piece of foreign code, where it is nearly always what it was.
    Django keeps language and zone in locals of asgiref, whose lookups cost five microseconds; the
    objects in which those keep their values are never changed, so the same ones say the same.
    """
    if not STORES or trans_real._active is not ACTIVE:
        return *ask_surroundings(use_tz, use_l10n), {}
    language, zone = STORES
    # Settings that were read are attributes of the object: the way to them through it is long.
    known = vars(settings)
    if not known.keys() >= SETTINGS:
        known = {name: getattr(settings, name) for name in SETTINGS}
    key = (
        language.get(None),
        zone.get(None),
        use_tz,
        use_l10n,
        known["USE_TZ"],
        known["TIME_ZONE"],
        known["USE_I18N"],
        known["LANGUAGE_CODE"],
        known["USE_THOUSAND_SEPARATOR"],
        # The language of a thread without one.
        trans_real._default,
    )
    read = formats._format_cache
    # What another thread has set does not count, even where a context variable shows it.
    if getattr(latest, "key", None) != key or latest.read is not read:
        latest.answer = *ask_surroundings(use_tz, use_l10n), {}
        latest.key, latest.read = key, read
    return latest.answer


def stores_of(*locals_of_asgiref: Any) -> list[ContextVar[Any]]:
    """The context variables behind locals; none if this version of asgiref is made otherwise."""
    stores = [getattr(getattr(each, "_storage", None), "_data", None) for each in locals_of_asgiref]
    found = [each for each in stores if isinstance(each, ContextVar)]
    return found if len(found) == len(stores) else []


ACTIVE = trans_real._active
"""Django's tests, and its reloader of translations, put another one in its place."""
STORES = stores_of(ACTIVE, django_timezone._active)
SETTINGS = {"USE_TZ", "TIME_ZONE", "USE_I18N", "LANGUAGE_CODE", "USE_THOUSAND_SEPARATOR"}
latest = local()
"""The last answer in this thread, and what it depends on."""
MOST_REMEMBERED = 500


def marks() -> tuple[Any, Any, dict[str, Any], dict[str, Any], Any] | None:
    """Where the native renderer sees by itself, within a render, whether the surroundings may be
    others now: what asks for the holders of language and zone, the settings as they were read, and
    where Django keeps the language, with what is there. None where it has to ask."""
    if not STORES:
        return None
    return STORES[0].get, STORES[1].get, vars(settings), vars(trans_real), ACTIVE


def ask_surroundings(
    use_tz: bool | None, use_l10n: bool | None
) -> tuple[str | None, Any, bool, bool]:
    """The surroundings, from Django."""
    has_zones = settings.USE_TZ if use_tz is None else bool(use_tz)
    zone = get_current_timezone() if has_zones else None
    return get_language(), zone, use_l10n is not False, has_zones


def remembered(memory: dict[Any, Any], function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function says to these arguments, asked once in the same surroundings."""
    key = (function, *arguments)
    answer = memory.get(key)
    if answer is None:
        answer = function(*arguments)
        if len(memory) < MOST_REMEMBERED:
            memory[key] = answer
    return answer


def number_formats(is_localized: bool, language: str | None) -> tuple[str, str, list[int], bool]:
    """The decimal separator, the one between groups of digits, how long those are (empty: there are
    none), and whether digits are grouped without being asked to. ``language``: the active one, if
    they are localized."""
    decimal, thousand, grouping = (
        get_format(name, language, use_l10n=is_localized)
        for name in ("DECIMAL_SEPARATOR", "THOUSAND_SEPARATOR", "NUMBER_GROUPING")
    )
    try:
        intervals = list(grouping)
    except TypeError:
        intervals = [grouping, 0] if grouping else []
    is_grouped = is_localized and bool(settings.USE_THOUSAND_SEPARATOR)
    return str(decimal), str(thousand), intervals, is_grouped


WORDS: dict[str, Callable[[int], str]] = {
    # By the characters of date formats.
    "a": lambda is_late: gettext("p.m." if is_late else "a.m."),
    "A": lambda is_late: gettext("PM" if is_late else "AM"),
    "b": dates.MONTHS_3.__getitem__,
    "D": dates.WEEKDAYS_ABBR.__getitem__,
    "E": dates.MONTHS_ALT.__getitem__,
    "F": dates.MONTHS.__getitem__,
    "l": dates.WEEKDAYS.__getitem__,
    "M": lambda month: dates.MONTHS_3[month].title(),
    "N": dates.MONTHS_AP.__getitem__,
    "P": lambda is_noon: gettext("noon" if is_noon else "midnight"),
    # What stands for the rest of a text that is cut.
    "…": lambda _: add_truncation_text(""),
}


def word(kind: str, number: int) -> str:
    """A word of the active language: of a date, ``number`` units of time, or a message.

    >>> word("F", 1), word("day", 2), word(", ", 0)
    ('January', '2\xa0days', ', ')
    """
    if kind in WORDS:
        return str(WORDS[kind](number))
    if kind in TIME_STRINGS:
        return avoid_wrapping(TIME_STRINGS[kind] % {"num": number})
    return gettext(kind)


def punctuation() -> str:
    """``gettext(":?.!")``: the characters that no label suffix comes after."""
    default = trans_real._default
    if not STORES or trans_real._active is not ACTIVE or default is None:
        return gettext(":?.!")
    # Without a language of its own, a thread has the default one.
    key = (STORES[0].get(None), default)
    if getattr(latest, "punctuation_key", None) != key:
        latest.punctuation = gettext(":?.!")
        latest.punctuation_key = key
    return latest.punctuation
