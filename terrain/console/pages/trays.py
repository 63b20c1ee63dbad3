"""What could not be handled: with the reason, and marked as looked after by a person."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from terrain.console.numbers import number_in
from terrain.console.pages.tasks import OPERATOR
from terrain.console.paper import page
from terrain.console.record import record
from terrain.store import trays

A_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    db = record()
    after = number_in(request.GET.get("after", "")) or 0
    lines = trays.waiting(db, most=A_PAGE, after=after)
    more = lines[-1].tray_id if len(lines) == A_PAGE else 0
    return page(request, "trays.html", room="trays", lines=lines, more=more, counts=trays.count(db))


def close(request: HttpRequest) -> HttpResponse:
    lines = map(number_in, request.POST.getlist("line"))
    chosen = [line for line in lines if line is not None]
    trays.close(record(), chosen, OPERATOR, request.now)
    return HttpResponseRedirect(reverse("trays"))
