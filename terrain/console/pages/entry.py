"""The way in that a terminal printed: shown on GET, used on POST, good once.

Promise: whoever only looks at the address (a browser that reads ahead, a chat that draws previews)
does not use it up.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.access import is_near
from terrain.console.paper import page
from terrain.console.record import record
from terrain.errors import Refusal
from terrain.store import entries


class EntryUsed(Refusal):
    """The way in was used before, is too old, was never ours, or is used from elsewhere."""

    code = "entry_used"
    status = 403


def show(request: HttpRequest, token: str) -> HttpResponse:
    return page(request, "entry.html")


def use(request: HttpRequest, token: str) -> HttpResponse:
    if not is_near(request) or not entries.use(record(), token, request.now):
        raise EntryUsed
    request.session.cycle_key()
    request.session["operator"] = True
    return HttpResponseRedirect(reverse("overview"))


def leave(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponseRedirect(reverse("left"))


def left(request: HttpRequest) -> HttpResponse:
    return page(request, "left.html")
