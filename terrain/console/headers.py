"""The headers that every answer of the console carries.

Promise: no page runs a script or a style that is not ours, is framed by others, or tells another site
where its reader comes from; what customers and strangers see runs no script at all.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CONTENT = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Foreign HTML (a caught message) is shown in a frame of ours: no origin, no script, no form, no
# picture from elsewhere. A mail carries its styles inside, so here they may be.
FOREIGN_CONTENT = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
# Those who work here may have our own scripts, which speak with nobody but us.
WITH_SCRIPTS = CONTENT + "; script-src 'self'; connect-src 'self'"
HEADERS = {
    "Content-Security-Policy": CONTENT,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
TWO_YEARS = "max-age=63072000"

Answering = Callable[[HttpRequest], HttpResponse]


def protect(answer: Answering) -> Answering:
    """Add the headers that a page has not set itself."""

    def answered(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if getattr(request, "staff", None) is not None:
            response.headers.setdefault("Content-Security-Policy", WITH_SCRIPTS)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.SERVED_BY_TLS:
            response.headers.setdefault("Strict-Transport-Security", TWO_YEARS)
        return response

    return answered
