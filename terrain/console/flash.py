"""What a form just did, said once on the page it leads to.

Promise: only a form of ours can make a page say it: no address can, so a link that somebody made up
never shows a false "stopped". Said once, it is gone; a reload does not repeat it.
"""

from collections.abc import Container

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

COOKIE, SECONDS = "done", 120


def lead_to(address: str, done: str) -> HttpResponseRedirect:
    """Lead to the page, which then says that this was done."""
    answer = HttpResponseRedirect(f"{address}#said")
    answer.set_cookie(
        COOKIE,
        done,
        SECONDS,
        path=address,
        secure=settings.SERVED_BY_TLS,
        httponly=True,
        samesite="Lax",
    )
    return answer


def done(request: HttpRequest, known: Container[str]) -> str:
    """Return what was done just before, if it is one of these; "" if nothing was."""
    kept = request.COOKIES.get(COOKIE, "")
    return kept if kept in known else ""


def said(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Forget it: this page has said it."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, path=request.path)
    return response
