"""Live views over books: one with state that it keeps, and one whose handlers are async."""

from djust import LiveView, event_handler
from tests.orm.shop.models import Book

ROWS = """
<ul>{% for book in books %}
  <li>{{ book.title }} by {{ book.author.name }}{% for tag in book.tags.all %} #{{ tag.label }}{% endfor %}</li>
{% endfor %}</ul>
"""


class BooksView(LiveView):
    template_string = ROWS

    def mount(self, request):
        self.renders = 0

    def get_context_data(self, **kwargs):
        return super().get_context_data(books=Book.objects.order_by("pk"), **kwargs)

    @event_handler
    def rename(self, title=""):
        Book.objects.filter(pk=Book.objects.order_by("pk").first().pk).update(title=title)


class KeptView(LiveView):
    """Keeps its queryset from one render to the next."""

    template_string = ROWS

    def mount(self, request):
        self.books = Book.objects.order_by("pk")

    @event_handler
    def touch(self):
        self.touched = True


class AsyncBooksView(LiveView):
    template_string = ROWS

    async def mount(self, request):
        self.count = await Book.objects.acount()
        self.books = Book.objects.order_by("pk")

    @event_handler
    async def rename(self, title=""):
        book = await self.books.afirst()
        book.title = title
        await book.asave()
        self.books = Book.objects.order_by("pk")
