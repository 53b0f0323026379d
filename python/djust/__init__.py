"""Live Django pages: a view class and a template in, a page that follows its state out."""

from djust.decorators import debounce, event_handler
from djust.views import LiveView

__all__ = ["LiveView", "debounce", "event_handler"]
