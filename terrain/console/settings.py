"""Django's settings, made from ours.

Promise: there is one place to set anything, the TERRAIN_* variables of `terrain.config`.
"""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from terrain.config import read, secret_of

_settings = read()


def database(conninfo: str) -> dict[str, Any]:
    """Return an address of PostgreSQL as Django wants it."""
    parts: dict[str, Any] = dict(conninfo_to_dict(conninfo))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": 600,
        "OPTIONS": parts,
    }


SECRET_KEY = secret_of(_settings)
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the machines' door in front of Django decides who is answered
DATABASES = {"default": database(_settings.database_url)}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "terrain.console",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = _settings.language
LANGUAGES = [("en", "English"), ("fr", "Français")]
TIME_ZONE = "UTC"
USE_TZ = True
LOGGING_CONFIG = None  # terrain.logs does that
