"""Which language a page speaks: what the reader chose, else what their browser reads.

Promise: a choice made once (`?language=fr`) holds on every later page of this reader.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from terrain import words
from terrain.console.headers import Answering

COOKIE = "language"
A_YEAR = 365 * 24 * 60 * 60


def choose(answer: Answering) -> Answering:
    """Put the reader's language on the request, and keep an express choice."""

    def answered(request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("language", "")
        request.language_chosen = chosen in words.LANGUAGES or bool(_kept(request))
        request.language = language_of(request)
        response = answer(request)
        keep(response, chosen)
        return response

    return answered


def keep(response: HttpResponse, language: str) -> None:
    """Keep this choice in the reader's browser, if it is one of ours."""
    if language in words.LANGUAGES:
        secure = settings.SERVED_BY_TLS
        response.set_cookie(COOKIE, language, A_YEAR, secure=secure, httponly=True, samesite="Lax")


def language_of(request: HttpRequest) -> str:
    """Return the link's language, else the one kept, else the browser's, else the house's."""
    chosen = request.GET.get("language", "")
    if chosen in words.LANGUAGES:
        return str(chosen)
    wanted = request.headers.get("Accept-Language", "")
    return _kept(request) or (
        words.nearest_language(wanted) if wanted else str(settings.TERRAIN.language)
    )


def _kept(request: HttpRequest) -> str:
    kept = request.COOKIES.get(COOKIE, "")
    return str(kept) if kept in words.LANGUAGES else ""
