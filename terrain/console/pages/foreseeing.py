"""One automation as a chosen customer would meet it: day by day, with the verdict and what decides it."""

from itertools import groupby
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from psycopg import Connection

from terrain.console.house import house, names_of_facts
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core import own_page as shown
from terrain.core.automation import Automation, StartOnEvent
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import key_of, new_id
from terrain.core.promise import every_step
from terrain.core.retelling import Tongue
from terrain.flow import directory, own_page, preview, versions
from terrain.flow.hearing import event_of
from terrain.store import history

SHORTEST, LONGEST = 2, 200
LOOKED_THROUGH = 200  # of the latest events, for the last one that would start it


def show(request: HttpRequest, name: str) -> HttpResponse:
    db, reference = record(), house(record())
    listed, live = versions.live_automation(db, name)
    text = request.GET.get("q", "").strip()[:LONGEST]
    number = number_in(request.GET.get("customer", ""))
    values: dict[str, Any] = _lived(request, db, live, reference, number) if number else {}
    return page(
        request,
        "automation_preview.html",
        room="automations",
        listed=listed,
        running=live,
        text=text,
        hits=directory.search(db, text, reference).hits if len(text) >= SHORTEST else (),
        chosen=number,
        days=preview.DAYS,
        **values,
    )


def _lived(
    request: HttpRequest, db: Connection, live: Automation, reference: House, number: int
) -> dict[str, Any]:
    """Return what this automation would do to this customer in the days to come."""
    customer = own_page.load(db, key_of(number), reference, request.now)
    again = _again(db, customer, live, reference, request)
    as_if = again if "again" in request.GET else None
    decisions = preview.foresee(
        preview.only_runs_of(customer, live.name),
        (as_if,) if as_if else (),
        preview.alone(reference, live),
        request.now,
    )
    tongue = Tongue(request.language, reference.catalogue)
    return {
        "customer": customer,
        "called": shown.called(customer, reference, request.now),
        "again": again,
        "as_if": as_if,
        "by_day": [
            (day, list(of)) for day, of in groupby(decisions, key=lambda each: each.at.date())
        ],
        "steps": {step.name: tongue.step(step) for step in every_step(live)},
        "fact_name": names_of_facts(reference, request.language),
        "weakest": _weakest,
        "tongue": tongue,
    }


def _again(
    db: Connection, customer: Customer, live: Automation, reference: House, request: HttpRequest
) -> Event | None:
    """Return the customer's last event of a kind that starts it, as if it happened now."""
    kinds = {start.when for start in live.starts if isinstance(start, StartOnEvent)}
    taken = history.events_of(db, customer.key, request.now, LOOKED_THROUGH) if kinds else []
    country = reference.company.country
    heard = (event_of(each, reference.catalogue, country) for each in reversed(taken))
    last = next((event for event in heard if event.name in kinds), None)
    if last is None:
        return None
    number = new_id(request.now)
    return msgspec.structs.replace(
        last,
        message_id=f"preview:{number}",
        event_id=number,
        at=request.now,
        received_at=request.now,
    )


def _weakest(decision: Decision) -> object:
    """Return the fact on which a decision leans least surely."""
    return min(decision.facts, key=lambda fact: fact.confidence, default=None)
