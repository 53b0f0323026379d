"""A table of 1,000 rows in the memory of the view, and nine ways to change it."""

import random

from djust import LiveView, event_handler

SIZE = 1000


def row(number):
    return {"id": number, "name": f"Unit {number}", "load": number * 37 % 100, "on": number % 3 > 0}


class TableView(LiveView):
    template_name = "djust_demo/table.html"

    def mount(self, request, **kwargs):
        self.refill()

    @event_handler
    def refill(self):
        self.rows = [row(number) for number in range(1, SIZE + 1)]
        self.next_id = SIZE + 1
        self.turn = 0

    @event_handler
    def edit_one(self):
        """Changes one cell: of the first row, next time of the second, and so on."""
        if self.rows:
            self.rows[self.turn % len(self.rows)]["load"] += 1
            self.turn += 1

    @event_handler
    def edit_tenth(self):
        for each in self.rows[::10]:
            each["load"] += 1
            each["on"] = not each["on"]

    @event_handler
    def append(self):
        self.rows.append(row(self.next_id))
        self.next_id += 1

    @event_handler
    def remove_first(self):
        del self.rows[:1]

    @event_handler
    def swap_two(self):
        if len(self.rows) > 3:
            self.rows[1], self.rows[-2] = self.rows[-2], self.rows[1]

    @event_handler
    def reverse(self):
        self.rows.reverse()

    @event_handler
    def shuffle(self):
        random.shuffle(self.rows)

    @event_handler
    def clear(self):
        self.rows.clear()
