"""What moves on open pages, where nothing streams.

Beside the machines' door `terrain.console.live` answers in its place. Where the pages are served alone,
this tells a browser not to come again: they are as good as when they were opened.
"""

from django.http import HttpRequest, HttpResponse


def show(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)
