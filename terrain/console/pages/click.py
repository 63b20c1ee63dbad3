"""A link in a message that leads on to somewhere else, and leaves word that somebody went there.

Promise: it leads only where we signed that it leads. What follows links by itself (scanners, previews,
browsers that read ahead) leaves no word: only a person's own click says that the address lives.
"""

from django.http import HttpRequest, HttpResponse

from terrain.console.record import record
from terrain.flow.told import Told, tell


def lead_on(request: HttpRequest, token: str) -> HttpResponse:
    link = request.link
    if _is_a_persons_click(request):
        said = {"act_id": str(link.act_id), "url": link.to}
        once = f"click:{link.act_id}:{request.now:%F}"
        tell(
            record(),
            link.key,
            Told(event="message.clicked", properties=said, once=once),
            request.now,
        )
    response = HttpResponse(status=303)
    response.headers["Location"] = link.to
    return response


def _is_a_persons_click(request: HttpRequest) -> bool:
    """Say whether a browser says that somebody navigated here by hand."""
    headers = request.headers
    ahead = headers.get("Sec-Purpose", "") or headers.get("Purpose", "")
    return (
        request.method == "GET"
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-User") == "?1"
        and not ahead
    )
