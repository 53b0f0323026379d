"""The demo as a Django application, labelled `djust_demo`."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "djust.demo"
    label = "djust_demo"
    verbose_name = "djust demo"
    default_auto_field = "django.db.models.BigAutoField"
