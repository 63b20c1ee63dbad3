"""Customers: found by whatever they are called; one of them with all that is believed, done and not done.

An adviser can say for her what she said on the phone (`flow/desk_says.py`).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from terrain.config import read
from terrain.console import cord, flash
from terrain.console.cord import Cord
from terrain.console.house import house
from terrain.console.paper import page
from terrain.console.places import named, place_in
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core import own_page as shown
from terrain.core import situation
from terrain.core.customer import Customer
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, key_of
from terrain.core.outbox import ActState
from terrain.core.staff import May
from terrain.core.timeline import Entry, Only, folded
from terrain.core.wishes import wishes
from terrain.flow import desk_says, directory, doings, leaving
from terrain.flow.desk_says import SAYINGS, Adviser
from terrain.store import acts, tasks, timeline
from terrain.store.timeline import Before

A_PAGE = 50
LONGEST_TEXT = 200
LINE = "line"  # the part of the page that asks for what came earlier


def find(request: HttpRequest) -> HttpResponse:
    db, text = record(), request.GET.get("q", "").strip()[:LONGEST_TEXT]
    found = directory.search(db, text, house(db)) if text else None
    latest = [] if text else directory.latest(db)
    return page(request, "customers.html", room="customers", found=found, latest=latest, text=text)


def show(request: HttpRequest, customer: int) -> HttpResponse:
    db, now = record(), request.now
    reference = house(db)
    own = desk_says.page_of(db, key_of(customer), reference, now)
    known = own.customer
    line = _line(request, customer, known, reference)
    if request.GET.get("part") == LINE:
        return page(request, "customer_line.html", **line)
    facts = shown.every_fact(known, reference, now)
    response = page(
        request,
        "customer.html",
        room="customers",
        own=own,
        known=known,
        called=own.called,
        open_now=situation.open_now(known, now),
        tasks=tasks.open_about(db, known.every_node),
        lasting=[fact for fact in facts if fact.is_lasting and not _is_wish(fact)],
        passing=[fact for fact in facts if not fact.is_lasting and not _is_wish(fact)],
        why={fact.key: situation.why_it_holds(fact.belief) for fact in facts},
        correctable={fact.key for fact in own.facts},
        wrong=situation.wrong_about(known),
        wishes=wishes(known),
        serves=bool(request.staff and request.staff.may(May.SERVE_CUSTOMERS)),
        said=flash.done(request, SAYINGS),
        cord=cord.offered(request, Cord(customer=customer), own.stoppable & _ever(reference)),
        **line,
    )
    return flash.said(request, response)


def _ever(reference: House) -> frozenset[str]:
    return frozenset(name for name, _version in reference.versions)


def say(request: HttpRequest, customer: int, saying: str) -> HttpResponse:
    """Take in what an adviser heard from her."""
    if saying not in SAYINGS:
        raise PageNotFound
    db, now = record(), request.now
    own = desk_says.page_of(db, key_of(customer), house(db), now)
    form = request.POST.dict()
    said = SAYINGS[saying](own, form, now)
    adviser = Adviser(name=request.staff.name, once=form.get("once", ""))
    desk_says.tell(db, own, said, adviser, now)
    return flash.lead_to(_address(customer), saying)


def _line(request: HttpRequest, customer: int, known: Customer, reference: House) -> dict[str, Any]:
    """Return one piece of the line through her time, and where the piece before it is."""
    chosen = request.GET.get("only", "")
    only = Only(chosen) if chosen in set(Only) else Only.ALL
    asked = place_in(request.GET.get("before", ""))
    before = Before(*asked) if asked else Before(request.now + timedelta(days=1))
    nodes = known.every_node
    entries = timeline.of_customer(record(), nodes, before, only, A_PAGE)
    earlier = ""
    if len(entries) == A_PAGE:
        last = entries[-1]
        place = {"only": only.value, "before": named(last.at, last.entry_id)}
        earlier = f"{_address(customer)}?{urlencode(place)}"
    return {
        "customer_id": customer,
        "lines": folded(entries),
        "doings": _doings(entries, nodes, reference, request.language),
        "waits": leaving.waits(
            record(),
            [each.entry_id for each in entries if each.state == ActState.QUEUED],
            leaving.Before(known, reference, request.now),
        ),
        "only": only,
        "earlier": earlier,
        "goes_on": asked is not None,
        "after": before.at,
        "house": reference,
        "flaggable": _ever(reference),
    }


def _doings(
    entries: Sequence[Entry], nodes: Sequence[CustomerKey], reference: House, language: str
) -> dict[int, str]:
    """Return what was done in these lines, in words."""
    done = acts.of_customer(
        record(), nodes, [each.entry_id for each in entries if each.kind == "act"]
    )
    settings = read()
    return {
        number: doings.in_words(act, reference, settings, language) for number, act in done.items()
    }


def _address(customer: int) -> str:
    return str(reverse("customer", kwargs={"customer": customer}))


def _is_wish(fact: shown.ShownFact) -> bool:
    return fact.key.fact.startswith(shown.WISH)
