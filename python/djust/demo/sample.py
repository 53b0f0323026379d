"""Fills an empty database with 2,000 products and a few to-dos; leaves what is there as it is."""

from decimal import Decimal
from itertools import product

from django.db import transaction

from djust.demo.models import Product, Todo

QUALITIES = (
    "Quiet", "Bright", "Folding", "Heavy", "Little",
    "Modular", "Northern", "Plain", "Round", "Tall",
)  # fmt: skip
MATERIALS = (
    "Ash", "Brass", "Ceramic", "Cork", "Glass",
    "Linen", "Oak", "Slate", "Steel", "Wool",
)  # fmt: skip
THINGS = {
    "Kitchen": ("Kettle", "Teapot", "Bowl", "Tray", "Jug"),
    "Living": ("Lamp", "Chair", "Table", "Shelf", "Cushion"),
    "Study": ("Desk", "Clock", "Bookend", "Notebook", "Pen Stand"),
    "Garden": ("Planter", "Bench", "Lantern", "Watering Can", "Bird House"),
}
TODOS = (
    ("Read the counter's twenty lines", True),
    ("Open this page in a second tab", False),
    ("Half-type a title here, then tick another row", False),
    ("Move a row up with the keyboard", False),
    ("Restart the server and watch the page come back", False),
)


def products() -> list[Product]:
    """Ten qualities of ten materials for twenty things: 2,000 names, the same ones every time."""
    things = [(category, thing) for category, names in THINGS.items() for thing in names]
    return [
        Product(
            name=f"{quality} {material} {thing}",
            category=category,
            price=Decimal(490 + number * 7919 % 19500) / 100,
        )
        for number, (quality, material, (category, thing)) in enumerate(
            product(QUALITIES, MATERIALS, things)
        )
    ]


@transaction.atomic
def load() -> None:
    """Adds the products and the to-dos that an empty table should start with."""
    if not Product.objects.exists():
        Product.objects.bulk_create(products())
    if not Todo.objects.exists():
        Todo.objects.bulk_create(
            Todo(title=title, done=done, position=position)
            for position, (title, done) in enumerate(TODOS)
        )
