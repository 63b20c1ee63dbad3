"""The one click that stops (RFC 8058): GET shows a page, POST stops, without cookie, account or second click.

Promise: stopped is stopped when the answer leaves; a link scanner that only looks stops nothing.
"""

from django.http import HttpRequest, HttpResponse

from terrain.console.house import house
from terrain.console.paper import page
from terrain.console.record import record
from terrain.errors import Refusal
from terrain.flow.own_page import NobodyThere
from terrain.flow.stop import Stop, stop_at_once

WORD = "List-Unsubscribe"
MEANS_STOP = "One-Click"


class NotTheClick(Refusal):
    """A mail client that stops something says so in these words."""

    code = "not_one_click"
    status = 400


def show(request: HttpRequest, token: str) -> HttpResponse:
    return page(request, "unsubscribe.html", stopped=False)


def stop(request: HttpRequest, token: str) -> HttpResponse:
    if request.POST.get(WORD) != MEANS_STOP:
        raise NotTheClick(field=WORD, right=MEANS_STOP)
    link, db = request.link, record()
    everything = request.POST.get("all") == "yes"
    wish = Stop(key=link.key, act_id=link.act_id, everything=everything)
    if not stop_at_once(db, wish, house(db).secret, request.now):
        raise NobodyThere
    return page(request, "unsubscribe.html", stopped=True)
