"""The native half of djust, built from crates/native."""

from collections.abc import Sequence
from typing import Any, final

__all__ = [
    "DEEPEST",
    "MESSAGE_LIMIT",
    "PROTOCOL_VERSION",
    "Contradiction",
    "Page",
    "Plan",
    "Printer",
    "ProtocolError",
    "Renderer",
    "TemplateTable",
    "decode_client",
    "encode_ack",
    "encode_error",
    "encode_handlers",
    "encode_pong",
    "encode_push",
    "encode_welcome",
    "report",
]

PROTOCOL_VERSION: int
MESSAGE_LIMIT: int
DEEPEST: int

class ProtocolError(ValueError):
    """A message breaks the protocol. ``args`` are the close code and the reason."""

    args: tuple[int, str]

@final
class Plan:
    """A compiled template, made by ``djust.lowering``."""

    def __new__(cls, ops: list[tuple[Any, ...]], live: bool = True, join: bool = True) -> Plan: ...
    @staticmethod
    def fragment(
        ops: list[tuple[Any, ...]], outer: str, join: bool = True, is_form: bool = True
    ) -> Plan | None:
        """The plan of a template for a hole inside other elements, which ``outer`` names. That of
        a form is stripped."""
    @property
    def is_stale(self) -> bool:
        """Whether a render found that another plan of the template would be better."""
    @property
    def is_contradicted(self) -> bool:
        """Whether a condition came out in two ways where the plan relies on one."""
    def finds(self, selector: str) -> bool:
        """Whether a selector names an element in the text of the template."""
    @property
    def bound_fields(self) -> list[str]:
        """The fields of controls that the template does not fill itself."""
    @property
    def captured_regions(self) -> int:
        """How many regions travel as HTML because they open what they do not close."""

def report(ops: list[tuple[Any, ...]], live: bool = True) -> dict[str, Any]:
    """What a developer wants to know of lowered operations; see ``djust.report``."""

@final
class Printer:
    """A compiled template that is printed as HTML."""

    def __new__(cls, ops: list[tuple[Any, ...]]) -> Printer: ...
    def render(self, context: Any, memory: Any = None) -> str:
        """The HTML. ``memory``: that of the session, where one renders."""

class Contradiction(Exception):
    """A condition came out in two ways where the plan relies on one; render again without."""

@final
class TemplateTable:
    """The templates that a page has; one for each connection."""

    def __new__(cls, known: bytes | None = None) -> TemplateTable: ...

@final
class Renderer:
    """Renders one live view again and again, and remembers what it sent."""

    def __new__(
        cls, plan: Plan, seed: bytes | None = None, is_watched: bool = False
    ) -> Renderer: ...
    def mount(
        self,
        context: Any,
        table: TemplateTable,
        root: int,
        seq: int,
        ack: int,
        handlers: bytes | None = None,
    ) -> bytes: ...
    def update(
        self, context: Any, table: TemplateTable, root: int, seq: int, ack: int
    ) -> bytes | None: ...
    def update_targets(
        self,
        context: Any,
        table: TemplateTable,
        root: int,
        seq: int,
        ack: int,
        targets: Sequence[str],
    ) -> tuple[bool, bytes | None]:
        """What changed inside of the elements that selectors name. With False everything has to be
        updated."""
    def use_plan(self, plan: Plan) -> None: ...
    def take_doubles(self) -> list[tuple[Any, str]]:
        """The nodes of loops of which two rows had the same key since the last call, with such a
        key. Nothing unless ``is_watched``."""
    def forget(self) -> None: ...

@final
class Page:
    """The reference decoder: applies frames as a page does."""

    def __new__(cls) -> Page: ...
    def apply(self, frame: bytes) -> None: ...
    def html(self) -> str: ...
    def pieces(self) -> list[tuple[Any, ...]]:
        """The tree as it is: ``("static", source)``, ``("value", source)``, and ``("block" |
        "list", [(key, template, pieces), …])`` for what holds fragments in turn."""

def decode_client(message: bytes) -> tuple[Any, ...]: ...
def encode_welcome(version: int, heartbeat: int) -> bytes: ...
def encode_ack(root: int, ack: int) -> bytes: ...
def encode_push(root: int, name: str, payload: Any) -> bytes: ...
def encode_error(root: int, event: int, code: str, message: str) -> bytes: ...
def encode_pong() -> bytes: ...
def encode_handlers(handlers: list[tuple[str, Any]]) -> bytes: ...
