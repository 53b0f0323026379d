"""What names mean at a place of a template."""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

Op = tuple[Any, ...]
Ops = list[Op]

UNWRITABLE = {"True", "False", "None", "forloop", "block"}
"""Names that no tag writes to in a lazy scope: lowering knows what they are."""


class Observed(Exception):
    """Something beneath a lazy scope needs the context as Django would have it."""


class Why(str, Enum):
    """Why Django renders a node itself; ``manage.py djust_templates`` tells."""

    TAG = "tag"
    """Nothing is known of nodes of this type."""
    FORM = "form"
    """The tag has a native form, but not with these arguments."""
    SETTING = "setting"
    """``string_if_invalid`` changes what each name prints."""


@dataclass(frozen=True)
class Scope:
    """What names mean at a place of a template.

    ``names`` holds those that the context does not know: ``("slot", number)``,
    ``("maybe", number, meaning outside | None)`` for one that a tag may write,
    ``("loop", number, parent)`` for ``forloop``, and ``("hidden", value)`` for what only Django can
    look things up in.
    """

    names: dict[str, tuple] = field(default_factory=dict)
    frame: dict[str, int] | None = None
    """The slots of the names of the innermost lazy scope: a tag that writes one finds it here. None
    where the innermost scope is one of the context."""
    is_lazy: bool = False
    is_isolated: bool = False
    """Whether the context itself is out of sight (``include … only``)."""
    block: str | None = None
    """The block that ``block.super`` belongs to."""
    is_block_written: bool = False
    """Whether ``block`` stands in the context, where a tag may write another one."""
    is_repeated: bool = False
    """Whether a tag around, in the same template, may render what stands here more than once."""
    pushed: tuple[dict[str, tuple], ...] = ()
    """What Django pushes for each of the lazy scopes around, the outermost first: what its names
    mean. The last one is that of ``frame``."""
    leaks: int = 0
    """How many of the lazy scopes around Django does not pop when an exception ends them."""

    def lazily(self) -> "Scope":
        return replace(self, is_lazy=True)

    def bind(self, **names: tuple) -> "Scope":
        return replace(self, names={**self.names, **names})

    def within(self, slots: dict[str, int], **others: tuple) -> "Scope":
        """A scope inside, with names of its own; the others are none that a tag writes."""
        names = others | {name: ("slot", slot) for name, slot in slots.items()}
        pushed = (*self.pushed, names)
        return replace(self.bind(**names), frame=dict(slots), pushed=pushed)

    def writable(self, slots: dict[str, int]) -> "Scope":
        """The same scope, with names that tags may write."""
        maybes = {name: ("maybe", slot, self.names.get(name)) for name, slot in slots.items()}
        *around, innermost = self.pushed
        innermost = innermost | {name: ("slot", slot) for name, slot in slots.items()}
        frame = {**(self.frame or {}), **slots}
        return replace(self.bind(**maybes), frame=frame, pushed=(*around, innermost))

    def target(self, name: str) -> tuple:
        """Where a tag here writes a name to."""
        if not self.is_lazy:
            return ("context", name)
        if self.frame is None or name not in self.frame:
            raise Observed(name)
        return ("slot", self.frame[name])

    def upward_target(self, name: str) -> tuple:
        """Where ``Context.set_upward`` writes a name to."""
        if not self.is_lazy:
            return ("upward", name, [], True, None)
        _, own = self.target(name)
        slots, meaning = [], self.names.get(name)
        while meaning is not None and meaning[0] == "maybe":
            slots.append(meaning[1])
            meaning = meaning[2]
        if meaning is not None:
            slots.append(meaning[1])
        return ("upward", name, slots, not self.is_isolated, own)
