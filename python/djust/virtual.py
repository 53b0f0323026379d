"""A long list in, the part of it that a page shows out.

    self.rows = VirtualList(Product.objects.order_by("name"))

    <div dj-virtual="rows" dj-virtual-total="{{ rows.total }}" dj-virtual-start="{{ rows.start }}">
      {% for row in rows.window %}<p id="row-{{ row.pk }}">{{ row.name }}</p>{% endfor %}
    </div>

As the user scrolls, the page asks for another window by the event ``update_window``.
"""

from typing import Any

from django.db.models import QuerySet

from djust.decorators import event_handler
from djust.exceptions import InvalidParams
from djust.handlers import Handler

# A page that asks for more rows at once gets these.
MOST = 500


class VirtualList:
    """A window on a long list: a sequence or an ordered queryset, of which a slice is read.

    ``size`` is how many rows the first render shows. Raises ``TypeError`` for a source that has no
    slices, and ``ValueError`` for a size below 1 or above 500.

    >>> rows = VirtualList(range(100_000), size=3)
    >>> rows.total, rows.start, list(rows.window)
    (100000, 0, [0, 1, 2])
    """

    def __init__(self, source: Any, size: int = 50) -> None:
        if not isinstance(source, QuerySet) and not hasattr(type(source), "__getitem__"):
            raise TypeError(
                "A VirtualList needs a sequence or a queryset, of which it can take a slice, not "
                f"{type(source).__name__}."
            )
        if not 1 <= size <= MOST:
            raise ValueError(f"The size of a VirtualList must be from 1 to {MOST}, not {size!r}.")
        self.source = source
        self.size = size
        self._start = 0

    @property
    def total(self) -> int:
        """How many rows there are now. A queryset is counted each time this is read, and a window
        beyond the end of a list that became shorter moves back to it."""
        source = self.source
        total = source.count() if isinstance(source, QuerySet) else len(source)
        self._start = max(0, min(self._start, total - self.size))
        return total

    @property
    def start(self) -> int:
        """The index of the first row of the window."""
        return self._start

    @property
    def window(self) -> Any:
        """The rows of the window: a slice of the source."""
        return self.source[self._start : self._start + self.size]

    def show(self, start: int, size: int) -> None:
        """Moves the window. What a list does not have is not there: the window stays inside."""
        self.size = max(1, min(size, MOST))
        self._start = max(0, start)


@event_handler
def update_window(self: Any, name: str, start: int, size: int) -> None:
    """Moves the window of a ``VirtualList``, which is an attribute of the view."""
    rows = vars(self).get(name)
    if name.startswith("_") or not isinstance(rows, VirtualList):
        raise InvalidParams("name", "names no list of this page")
    rows.show(start, size)


class WindowHandler(Handler):
    """Every view can be asked for another window, so no page is told of it."""

    is_announced = False


WINDOW = WindowHandler("update_window", update_window)
