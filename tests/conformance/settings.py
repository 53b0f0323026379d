"""The Django project of the fuzz: its settings, and the URLs that ``{% url %}`` may name."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

SECRET_KEY = "conformance"
ROOT_URLCONF = "tests.conformance.settings"
STATIC_URL = "/static/"
USE_TZ = True
TIME_ZONE = "Europe/Berlin"
INSTALLED_APPS: list[str] = []
DATABASES: dict[str, dict] = {}


def view(request: HttpRequest, **arguments: object) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", view, name="home"),
    path("item/<int:id>/", view, name="item"),
    path("tag/<str:name>/", view, name="tag"),
]
