"""Search as you type over 2,000 products in SQLite; also a plain form without JavaScript."""

from djust import LiveView, event_handler
from djust.decorators import debounce
from djust.demo.models import Product

SHOWN = 50


class SearchView(LiveView):
    template_name = "djust_demo/search.html"

    def mount(self, request, **kwargs):
        self.query = request.GET.get("query", "")

    @debounce(wait=0.3)
    @event_handler
    def search(self, query: str = ""):
        self.query = query

    def get_context_data(self, **kwargs):
        words = self.query.strip()
        found = Product.objects.filter(name__icontains=words)
        return super().get_context_data(
            total=Product.objects.count(),
            found=found.count(),
            products=[marked(product, words) for product in found[:SHOWN]],
            **kwargs,
        )


def marked(product, words):
    """The product with its name cut in three: before the match, the match, after it."""
    start = product.name.lower().find(words.lower())
    end = start + len(words)
    product.before, product.match, product.after = (
        product.name[:start],
        product.name[start:end],
        product.name[end:],
    )
    return product
