"""What a view can be besides live: ``DraftModeMixin`` keeps half-filled forms in the browser.

The view says when it connects under which name and how long drafts are kept; the page does the rest
(crates/client/js/lazy/drafts.js).
"""

import math
from typing import Any

from django.http import HttpRequest, HttpResponse

from djust.exceptions import DeclarationError
from djust.security import account_name, path_of
from djust.views import LiveView

PUSH = "djust:drafts"


class DraftModeMixin:
    """Keeps what is typed into the forms of a live view, until the view has taken the form.

    A page that is closed, reloaded or lost comes back with what had been typed. Drafts stay in the
    browser (``localStorage``), for one user and one address. Never kept are passwords, hidden
    fields, files, one-time codes and cards (by their ``autocomplete``), and what stands in an
    element with ``dj-draft="ignore"``. Stands before ``LiveView`` among the bases.

    >>> class ContactView(DraftModeMixin, LiveView):
    ...     draft_key = "contact"
    ...     draft_ttl = 24 * 3600
    ...     template_string = '<form dj-submit="send"><textarea name="text"></textarea></form>'
    """

    draft_key: str = "form_draft"
    """Tells drafts of one view apart, for example by a key of what is edited."""

    draft_ttl: float = 3600
    """How long a draft is kept after the last key stroke, in seconds."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        order = cls.__mro__
        if LiveView in order and order.index(LiveView) < order.index(DraftModeMixin):
            raise DeclarationError(
                f"{cls.__qualname__} would keep no drafts: DraftModeMixin must stand before "
                "LiveView among its bases."
            )
        if not isinstance(cls.draft_key, str) or not cls.draft_key:
            raise DeclarationError(
                f"{cls.__qualname__}.draft_key must be a text, not {cls.draft_key!r}."
            )
        if isinstance(cls.draft_ttl, bool) or not isinstance(cls.draft_ttl, (int, float)):
            raise DeclarationError(
                f"{cls.__qualname__}.draft_ttl must be a number of seconds, not {cls.draft_ttl!r}."
            )
        if not 0 < cls.draft_ttl < math.inf:
            raise DeclarationError(
                f"{cls.__qualname__}.draft_ttl must be above 0 seconds, and finite."
            )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)  # type: ignore[misc]
        # The view is mounted now; this reaches the page right after its first tree.
        self.push_event(PUSH, self._djust_drafts(request))  # type: ignore[attr-defined]
        return response

    def clear_draft(self) -> None:
        """Forgets the drafts of this view: what was typed is not needed any more."""
        self.push_event(PUSH, {"clear": True})  # type: ignore[attr-defined]

    def keep_draft(self) -> None:
        """Keeps the draft of the form that is being answered, which the view does not take yet.

        Where a field has ``aria-invalid="true"`` or an ``errorlist`` stands in the form, as for a
        Django form with errors, it is kept anyway.
        """
        self.push_event(PUSH, {"keep": True})  # type: ignore[attr-defined]

    def _djust_drafts(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "key": str(self.draft_key),
            "ttl": self.draft_ttl * 1000,
            "user": account_name(request) or "visitor",
            "view": path_of(type(self)),
        }

    def _extract_handler_metadata(self) -> dict[str, Any]:
        metadata = super()._extract_handler_metadata()  # type: ignore[misc]
        drafts = {"enabled": True, "key": self.draft_key, "ttl": self.draft_ttl}
        return {**metadata, "_draft_mode": drafts}
