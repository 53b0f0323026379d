"""Live Django pages: a view class and a template in, a page that follows its state out."""

from djust.decorators import (
    cache,
    client_state,
    debounce,
    event_handler,
    optimistic,
    rate_limit,
    throttle,
)
from djust.js import JS
from djust.mixins import DraftModeMixin
from djust.views import LiveView
from djust.virtual import VirtualList

__all__ = [
    "JS",
    "DraftModeMixin",
    "LiveView",
    "VirtualList",
    "cache",
    "client_state",
    "debounce",
    "event_handler",
    "optimistic",
    "rate_limit",
    "throttle",
]
