"""Customers: found by an identifier; one of them with all claims, runs, consents and the line through time."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core import own_page as shown
from terrain.core import wishes
from terrain.core.identifier import key_of
from terrain.flow import own_page
from terrain.store import overview, timeline
from terrain.store.timeline import Before

A_PAGE = 60
SHORTEST = 2


def find(request: HttpRequest) -> HttpResponse:
    db, text = record(), request.GET.get("q", "").strip()[:200]
    asked = len(text) >= SHORTEST
    found = overview.find_customers(db, text) if asked else overview.latest_customers(db)
    return page(request, "customers.html", room="customers", found=found, text=text, asked=asked)


def show(request: HttpRequest, customer: int) -> HttpResponse:
    db, now, node = record(), request.now, key_of(customer)
    reference = house(db)
    known = own_page.load(db, node, reference, now)
    before = _before(request.GET.get("before", "")) or Before(now + timedelta(days=1))
    lines = timeline.of_customer(db, known.nodes or (known.key,), before, A_PAGE)
    return page(
        request,
        "customer.html",
        room="customers",
        customer=known,
        called=shown.called(known, reference, now),
        facts=shown.every_fact(known, reference, now),
        wishes=wishes.wishes(known),
        lines=lines,
        more=f"{lines[-1].at.isoformat()}/{lines[-1].entry_id}" if len(lines) == A_PAGE else "",
        house=reference,
    )


def _before(text: str) -> Before | None:
    """Return the line that an address names; an odd address names none."""
    moment, _, number = text.partition("/")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    entry = number_in(number)
    return Before(at, entry) if at.tzinfo and entry is not None else None
