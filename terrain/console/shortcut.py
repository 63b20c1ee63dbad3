"""The one key that leads somewhere: "/" to the search. Whoever speaks to their browser can switch it off.

Promise: a choice made once holds in this browser, on every later page.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE, ON, OFF = "shortcut", "on", "off"
A_YEAR = 365 * 24 * 60 * 60


def is_on(request: HttpRequest) -> bool:
    return bool(request.COOKIES.get(COOKIE) != OFF)


def keep(response: HttpResponse, choice: str) -> None:
    """Keep this choice in the reader's browser, if it is one."""
    if choice in {ON, OFF}:
        secure = settings.SERVED_BY_TLS
        response.set_cookie(COOKIE, choice, A_YEAR, secure=secure, httponly=True, samesite="Lax")
