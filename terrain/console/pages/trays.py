"""What could not be handled: with the reason, and marked as looked after by a person."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.pages.tasks import OPERATOR
from terrain.console.paper import page
from terrain.console.record import record
from terrain.store import trays

A_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    db = record()
    after = request.GET.get("after", "")
    lines = trays.waiting(db, most=A_PAGE, after=int(after) if after.isdecimal() else 0)
    more = lines[-1].tray_id if len(lines) == A_PAGE else 0
    return page(request, "trays.html", room="trays", lines=lines, more=more, counts=trays.count(db))


def close(request: HttpRequest) -> HttpResponse:
    chosen = [int(each) for each in request.POST.getlist("line") if each.isdecimal()]
    trays.close(record(), chosen, OPERATOR, request.now)
    return HttpResponseRedirect(reverse("trays"))
