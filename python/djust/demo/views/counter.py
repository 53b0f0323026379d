"""A number that lives on the server, and two buttons that change it."""

from djust import LiveView, event_handler


class CounterView(LiveView):
    template_name = "djust_demo/counter.html"

    def mount(self, request, **kwargs):
        self.count = 0

    @event_handler
    def increment(self):
        self.count += 1

    @event_handler
    def decrement(self):
        self.count -= 1
