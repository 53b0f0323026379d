"""The demo as an ASGI application: pages and the live socket from djust, and its static files."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djust.demo.settings")

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

from djust.asgi import get_asgi_application


class StaticFiles(ASGIStaticFilesHandler):
    """Serves `/static/` in the demo's one process; a deployment leaves that to its web server."""

    def serve(self, request):
        response = super().serve(request)
        # Without this a browser guesses how long it may keep a file, and shows a new build late.
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


application = StaticFiles(get_asgi_application())
