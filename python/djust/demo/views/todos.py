"""A to-do list in the database: every tab sees the same rows, each tab has its own filter."""

from django.db import transaction
from django.db.models import Max

from djust import LiveView, event_handler
from djust.demo.models import Todo

FILTERS = {
    "all": {},
    "active": {"done": False},
    "done": {"done": True},
}


class TodosView(LiveView):
    template_name = "djust_demo/todos.html"

    def mount(self, request, **kwargs):
        self.showing = "all"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            todos=self.shown(),
            left=Todo.objects.filter(done=False).count(),
            filters=FILTERS,
            **kwargs,
        )

    def shown(self):
        return Todo.objects.filter(**FILTERS[self.showing])

    @event_handler
    def show(self, choice: str):
        if choice in FILTERS:
            self.showing = choice

    @event_handler
    def add(self, title: str = ""):
        if title := title.strip()[:200]:
            last = Todo.objects.aggregate(last=Max("position", default=0))["last"]
            Todo.objects.create(title=title, position=last + 1)

    @event_handler
    def toggle(self, todo: int, checked: bool):
        Todo.objects.filter(pk=todo).update(done=checked)

    @event_handler
    def rename(self, todo: int, title: str):
        if title := title.strip()[:200]:
            Todo.objects.filter(pk=todo).update(title=title)

    @event_handler
    def remove(self, todo: int):
        Todo.objects.filter(pk=todo).delete()

    @event_handler
    def move_up(self, todo: int):
        self.swap(todo, -1)

    @event_handler
    def move_down(self, todo: int):
        self.swap(todo, +1)

    @transaction.atomic
    def swap(self, todo, step):
        """Exchanges the places of a row and of the shown row `step` below it, if there is one."""
        rows = list(self.shown())
        at = next((at for at, row in enumerate(rows) if row.pk == todo), None)
        if at is not None and 0 <= at + step < len(rows):
            row, neighbour = rows[at], rows[at + step]
            row.position, neighbour.position = neighbour.position, row.position
            Todo.objects.bulk_update([row, neighbour], ["position"])
