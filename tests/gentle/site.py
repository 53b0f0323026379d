"""A request for a scene goes in, its live page comes out: a Django site in one file."""

import secrets

import django
from django.conf import settings

from djust.demo.middleware import POLICY
from tests.e2e.conftest import CHECKOUT

STRICT = POLICY.replace("style-src 'self'", "style-src 'nonce-{nonce}'") + "; media-src blob:"


class Visitor:
    """Whoever the cookie ``user`` names is logged in."""

    def __init__(self, pk):
        self.pk = pk
        self.is_authenticated = pk is not None


def policy(get_response):
    """The demo's policy for scripts; styles have the nonce too, and media come from a script."""

    def respond(request):
        request.csp_nonce = secrets.token_urlsafe(16)
        request.user = Visitor(request.COOKIES.get("user"))
        response = get_response(request)
        name = request.path.strip("/")
        if name in VIEWS and VIEWS[name].is_strict:
            header = STRICT.format(nonce=request.csp_nonce)
            response.headers["Content-Security-Policy"] = header
        return response

    return respond


settings.configure(
    DEBUG=True,
    SECRET_KEY="only for tests",
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["django.contrib.staticfiles", "djust"],
    MIDDLEWARE=["tests.gentle.site.policy", "django.middleware.csrf.CsrfViewMiddleware"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True},
    ],
    DJUST={"EVENTS_PER_SECOND": 1_000},
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    STATIC_URL="/static/",
    STATICFILES_DIRS=[CHECKOUT / "node_modules", ("pkg", CHECKOUT / "pkg")],
    USE_TZ=True,
)
django.setup()

from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from djust.asgi import get_asgi_application  # noqa: E402
from tests.gentle import (  # noqa: E402, F401
    test_controls,
    test_development,
    test_drafts,
    test_events,
    test_failure,
    test_interceptors,
    test_lifecycle,
    test_memory,
    test_modules,
    test_neighbours,
    test_optimistic,
    test_page,
    test_parts,
    test_reconnect,
    test_security,
    test_slices,
    test_streams,
    test_views,
    test_virtual,
)
from tests.gentle.scenes import VIEWS, steps  # noqa: E402

urlpatterns = [path(f"{name}/", view.as_view()) for name, view in VIEWS.items()]


async def let_go_on(request):
    steps.release()
    return HttpResponse()


urlpatterns += [
    path("step/", let_go_on),
    path("memory/", lambda request: HttpResponse(test_memory.PAGE)),
    path("htmx/", lambda request: HttpResponse("<b>from htmx</b>")),
    path("turbo/", lambda request: HttpResponse("<turbo-frame id='t'><b>two</b></turbo-frame>")),
]
application = get_asgi_application()
