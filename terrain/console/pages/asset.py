"""One file that pages are dressed in."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse

from terrain.console.assets import KINDS, files, packed
from terrain.console.refusals import PageNotFound

FOR_EVER = "public, max-age=31536000, immutable"


def show(request: HttpRequest, mark: str, name: str) -> HttpResponse:
    if name not in files():
        raise PageNotFound
    small = packed(name) if "gzip" in request.headers.get("Accept-Encoding", "") else None
    response = HttpResponse(small or files()[name], content_type=KINDS[Path(name).suffix])
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    if small:
        response.headers["Content-Encoding"] = "gzip"
    return response
