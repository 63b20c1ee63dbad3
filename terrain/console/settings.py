"""Django's settings, made from ours.

Promise: there is one place to set anything, the TERRAIN_* variables of `terrain.config`.
"""

from typing import Any
from urllib.parse import urlsplit

from terrain.config import public_address, read, secret_of
from terrain.store.schema import as_django_wants_it

_settings = read()

SECRET_KEY = secret_of(_settings)
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the machines' door in front of Django decides who is answered
DATABASES = {"default": as_django_wants_it(_settings.database_url)}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "terrain.console.accounts",
    "terrain.console",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = _settings.language
LANGUAGES = [("en", "English"), ("fr", "Français")]
TIME_ZONE = "UTC"
USE_TZ = True
LOGGING_CONFIG = None  # terrain.logs does that

TERRAIN = _settings
ROOT_URLCONF = "terrain.console.urls"
WSGI_APPLICATION = "terrain.console.wsgi.application"
MIDDLEWARE = [
    "terrain.console.headers.protect",
    "terrain.console.size.refuse_large_bodies",
    "terrain.console.language.choose",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "terrain.console.refusals.Speak",
    "terrain.console.csrf.Csrf",
    "terrain.console.access.Access",
]
TEMPLATES: list[dict[str, Any]] = []  # pages are Jinja2's, see terrain.console.paper

# Whatever the proxy in front says, the address that customers reach is the one that was set.
SERVED_BY_TLS = urlsplit(public_address(_settings)).scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVED_BY_TLS else None
CSRF_COOKIE_NAME = "__Host-form" if SERVED_BY_TLS else "form"
CSRF_COOKIE_SECURE = SERVED_BY_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = 60 * 60 * 24
CSRF_TRUSTED_ORIGINS = [public_address(_settings)]
CSRF_FAILURE_VIEW = "terrain.console.refusals.form_not_ours"
SESSION_ENGINE = "terrain.console.accounts.kept_sessions"
SESSION_COOKIE_NAME = "__Host-session" if SERVED_BY_TLS else "session"
SESSION_COOKIE_SECURE = SERVED_BY_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12  # since the last page; see terrain.console.accounts.sessions
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
FILE_UPLOAD_HANDLERS: list[str] = []  # nobody sends us a file through a page

# Who works here, and how they sign in.
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "morning"
ACCOUNT_ADAPTER = "terrain.console.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# An address counts as read once somebody came in by a link that was sent to it.
ACCOUNT_EMAIL_VERIFICATION = "none"

# Second factors (terrain.console.accounts.factors).
MFA_ADAPTER = "terrain.console.accounts.factors.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
SOCIALACCOUNT_ADAPTER = "terrain.console.accounts.openid.Doors"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off
