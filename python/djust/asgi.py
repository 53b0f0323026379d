"""Requests and sockets of a server in; Django answers the ones, djust the others.

A project's ``asgi.py``::

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

    from djust.asgi import get_asgi_application

    application = get_asgi_application()
"""

from typing import Any

from asgiref.typing import ASGI3Application
from django.conf import settings
from django.core.asgi import get_asgi_application as get_http_application
from django.core.handlers.asgi import get_script_prefix

SOCKET_PATH = "/djust/live/"


def get_asgi_application(websocket: ASGI3Application | None = None) -> ASGI3Application:
    """The whole site as one ASGI application: HTTP, and the live socket at ``/djust/live/``.

    The socket checks its origin and finds sessions and users by the site's own middleware, so it
    needs no further wrapping. ``websocket`` is the project's application for other sockets, if it
    has any. With ``DEBUG``, static files are served too.
    """
    http: Any = get_http_application()
    if settings.DEBUG and "django.contrib.staticfiles" in settings.INSTALLED_APPS:
        from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

        http = ASGIStaticFilesHandler(http)
    # Models are ready only now, after Django's own set-up.
    from djust.consumers import LiveConsumer

    live: Any = LiveConsumer.as_asgi()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await http(scope, receive, send)
        elif scope["type"] == "websocket":
            if scope["path"].removeprefix(get_script_prefix(scope).rstrip("/")) == SOCKET_PATH:
                await live(scope, receive, send)
            elif websocket is not None:
                await websocket(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1000})
        elif scope["type"] == "lifespan":
            await lifespan(receive, send)

    application.serves_djust = True  # type: ignore[attr-defined]
    return application


async def lifespan(receive: Any, send: Any) -> None:
    """Agrees to start and to stop; servers ask, and Django's own handler would refuse."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
