"""The small application whose models the admin shows."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "tests.real_templates"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"
