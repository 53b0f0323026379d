"""The Django project of the query tests: SQLite, or the PostgreSQL server whose socket is in the
folder that ``DJUST_POSTGRES`` names (see scripts/test)."""

import os
import tempfile
from pathlib import Path

SECRET_KEY = "orm"
ROOT_URLCONF = "tests.orm.urls"
ASGI_APPLICATION = "tests.orm.urls.application"
USE_TZ = True
ALLOWED_HOSTS = ["testserver"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "djust",
    "tests.orm.shop",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"builtins": ["tests.orm.shop.tags"]},
    }
]
if socket := os.environ.get("DJUST_POSTGRES"):
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres",
            "USER": "djust",
            "HOST": socket,
        }
    }
else:
    # A file, since threads do not see each other's databases in memory.
    file = Path(tempfile.gettempdir()) / f"djust-orm-{os.getpid()}.sqlite3"
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": file,
            "TEST": {"NAME": file},
        }
    }
# The tables of the tests have no migrations, so those that they refer to may have none either.
MIGRATION_MODULES = {"contenttypes": None}
