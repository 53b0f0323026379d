"""The settings of the demo: an ordinary Django project that needs no service besides SQLite."""

import os

from djust.demo.paths import database_path, secret_key

DATABASE = database_path()
HOST = os.environ.get("DJUST_DEMO_HOST", "127.0.0.1")

DEBUG = os.environ.get("DJUST_DEMO_DEBUG") == "1"
SECRET_KEY = secret_key(DATABASE)
# A demo that listens on every address is reached under names that nobody can know beforehand.
ALLOWED_HOSTS = ["*"] if HOST in ("0.0.0.0", "::") else ["localhost", "127.0.0.1", "[::1]", HOST]

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "djust",
    "djust.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "djust.demo.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "djust.demo.urls"
ASGI_APPLICATION = "djust.demo.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATABASE,
        "OPTIONS": {
            # Readers do not wait for a writer, and two writers wait for each other instead of
            # failing when both have begun by reading.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
        },
    }
}

CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True

STATIC_URL = "/static/"
LANGUAGE_CODE = "en"
USE_TZ = True
