"""``INSTALLED_APPS += ["djust"]``: templates, template tags, static files and system checks."""

from django.apps import AppConfig


class DjustConfig(AppConfig):
    name = "djust"
    label = "djust"
    verbose_name = "djust"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from djust import checks  # noqa: F401  Importing registers the checks.
