"""The test project as an ASGI application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.site.settings")

from djust.asgi import get_asgi_application

application = get_asgi_application()
