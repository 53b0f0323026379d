"""A request for a scene goes in, its live page comes out: a Django site in one file."""

import django
from django.conf import settings

settings.configure(
    DEBUG=True,
    SECRET_KEY="only for tests",
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.staticfiles", "djust"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
    ],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    STATIC_URL="/static/",
    USE_TZ=True,
)
django.setup()

from django.urls import path  # noqa: E402

from djust.asgi import get_asgi_application  # noqa: E402
from tests.gentle import test_controls, test_page, test_reconnect  # noqa: E402, F401
from tests.gentle.scenes import VIEWS  # noqa: E402

urlpatterns = [path(f"{name}/", view.as_view()) for name, view in VIEWS.items()]
application = get_asgi_application()
