"""Commands in, one after the other; out comes a list of them that a page carries out by itself.

``JS`` is the empty list. Each method returns a new one, so a list can be kept and extended. Printed
in an attribute of a template it is JSON, escaped like any other text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Transition: TypeAlias = "str | Sequence[str] | None"


class Commands:
    """A list of commands for a page.

    Each command acts on the element whose attribute names it, or on other ones: ``to`` is a CSS
    selector in the page, ``inner`` one below the element, ``closest`` one of the element or its
    ancestors. ``transition`` is the classes that an element has for ``time`` milliseconds
    meanwhile: one string, or three (during, at the beginning, at the end).

    >>> from djust import JS
    >>> str(JS.hide("#menu").focus("#search"))
    '[["hide",{"to":"#menu"}],["focus",{"to":"#search"}]]'

    In a template, ``<button dj-click="{{ close }}">``; from a handler,
    ``self.push_commands(JS.hide("#menu"))``.
    """

    __slots__ = ("_commands",)

    def __init__(self, commands: Sequence[tuple[str, Mapping[str, Any]]] = ()) -> None:
        self._commands = tuple(commands)

    def __call__(self) -> "Commands":
        """The same list, so that ``JS()`` and ``JS`` both begin one."""
        return self

    def show(
        self,
        to: str = "",
        *,
        display: str = "",
        transition: Transition = None,
        time: int = 200,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Shows elements that are hidden; ``display`` is their CSS display then."""
        return self._add("show", targets(to, inner, closest), moving(transition, time), display)

    def hide(
        self,
        to: str = "",
        *,
        transition: Transition = None,
        time: int = 200,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Hides elements."""
        return self._add("hide", targets(to, inner, closest), moving(transition, time))

    def toggle(
        self,
        to: str = "",
        *,
        display: str = "",
        transition: Transition = None,
        time: int = 200,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Shows elements that are hidden, and hides the others."""
        return self._add("toggle", targets(to, inner, closest), moving(transition, time), display)

    def add_class(
        self,
        names: str,
        to: str = "",
        *,
        transition: Transition = None,
        time: int = 200,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Adds classes; ``names`` are separated by spaces."""
        where = targets(to, inner, closest)
        return self._add("add_class", {"names": names}, where, moving(transition, time))

    def remove_class(
        self,
        names: str,
        to: str = "",
        *,
        transition: Transition = None,
        time: int = 200,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Removes classes."""
        where = targets(to, inner, closest)
        return self._add("remove_class", {"names": names}, where, moving(transition, time))

    def toggle_class(
        self,
        names: str,
        to: str = "",
        *,
        transition: Transition = None,
        time: int = 200,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Adds the classes that an element does not have, and removes the others."""
        where = targets(to, inner, closest)
        return self._add("toggle_class", {"names": names}, where, moving(transition, time))

    def transition(
        self,
        transition: str | Sequence[str],
        to: str = "",
        *,
        time: int = 200,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Gives elements the classes of a transition for ``time`` milliseconds."""
        return self._add("transition", moving(transition, time), targets(to, inner, closest))

    def set_attr(
        self, name: str, value: Any, to: str = "", *, inner: str = "", closest: str = ""
    ) -> "Commands":
        """Sets an attribute.

        Raises ``ValueError`` for one that would run a script (``on…``, ``srcdoc``, an address with
        ``javascript:``).
        """
        value = harmless(name, value)
        return self._add("set_attr", {"name": name, "value": value}, targets(to, inner, closest))

    def remove_attr(
        self, name: str, to: str = "", *, inner: str = "", closest: str = ""
    ) -> "Commands":
        """Removes an attribute."""
        return self._add("remove_attr", {"name": name}, targets(to, inner, closest))

    def toggle_attr(
        self,
        name: str,
        value: Any = "",
        other: Any = None,
        to: str = "",
        *,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Sets an attribute to ``value``; where it has it already, to ``other`` or removes it.

        Raises ``ValueError`` as ``set_attr`` does.
        """
        options = {"name": name, "value": harmless(name, value)}
        if other is not None:
            options["other"] = harmless(name, other)
        return self._add("toggle_attr", options, targets(to, inner, closest))

    def focus(self, to: str = "", *, inner: str = "", closest: str = "") -> "Commands":
        """Gives an element the focus."""
        return self._add("focus", targets(to, inner, closest))

    def focus_first(self, to: str = "", *, inner: str = "", closest: str = "") -> "Commands":
        """Gives the focus to the first element below it that can have it."""
        return self._add("focus_first", targets(to, inner, closest))

    def dispatch(
        self,
        name: str,
        to: str = "",
        *,
        detail: Any = None,
        bubbles: bool = True,
        inner: str = "",
        closest: str = "",
    ) -> "Commands":
        """Dispatches a DOM event for scripts of the page; ``detail`` is JSON."""
        options: dict[str, Any] = {"name": name}
        if detail is not None:
            options["detail"] = detail
        if not bubbles:
            options["bubbles"] = False
        return self._add("dispatch", options, targets(to, inner, closest))

    def push(self, name: str, /, **params: Any) -> "Commands":
        """Sends an event to the view, with these parameters and those that the element has."""
        return self._add("push", {"name": name}, {"params": params} if params else {})

    def encoded(self) -> list[list[Any]]:
        """The list as a page takes it: pairs of a name and options."""
        return [[name, dict(options)] for name, options in self._commands]

    def __str__(self) -> str:
        return json.dumps(self.encoded(), separators=(",", ":"), ensure_ascii=False)

    def __repr__(self) -> str:
        return f"JS({self})"

    def __add__(self, other: object) -> "Commands":
        """The commands of this list, then those of another one."""
        if not isinstance(other, Commands):
            return NotImplemented
        return Commands(self._commands + other._commands)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Commands) and self.encoded() == other.encoded()

    def __hash__(self) -> int:
        return hash(str(self))

    def __bool__(self) -> bool:
        return bool(self._commands)

    def _add(self, command: str, *options: Mapping[str, Any] | str) -> "Commands":
        every: dict[str, Any] = {}
        for some in options:
            every.update({"display": some} if isinstance(some, str) and some else some or {})
        # What cannot be sent is found out where it is written.
        json.dumps(every)
        return Commands((*self._commands, (command, every)))


def targets(to: str, inner: str, closest: str) -> dict[str, str]:
    """Which elements are meant. Raises ``ValueError`` if more than one way is named."""
    named = {"to": to, "inner": inner, "closest": closest}
    named = {way: selector for way, selector in named.items() if selector}
    if len(named) > 1:
        raise ValueError(f"A command has one kind of target, not {' and '.join(named)}.")
    return named


def moving(transition: Transition, time: int) -> dict[str, Any]:
    if not transition:
        return {}
    parts = [transition, "", ""] if isinstance(transition, str) else list(transition)
    if len(parts) != 3:
        raise ValueError("A transition is one string of classes, or three of them.")
    return {"transition": parts} | ({"time": time} if time != 200 else {})


def harmless(name: str, value: Any) -> str:
    text = str(value)
    script = re.sub(r"[\0-\x20]", "", text).lower().startswith("javascript:")
    if script or name.lower().startswith("on") or name.lower() == "srcdoc":
        raise ValueError(f"A command must not set {name} to {text!r}: that would run a script.")
    return text


JS = Commands()
