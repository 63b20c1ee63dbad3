"""Decisions: the latest ones, and one of them explained so that it can be read aloud."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from terrain.console.house import house, names_of_facts
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core import guard
from terrain.core.decision import Verdict
from terrain.core.identifier import key_of
from terrain.flow import explanation
from terrain.store import decisions, overview


def index(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("verdict", "")
    verdict = chosen if chosen in list(Verdict) else None
    rows = overview.decisions(record(), verdict)
    return page(
        request,
        "decisions.html",
        room="decisions",
        rows=rows,
        verdict=verdict,
        verdicts=list(Verdict),
    )


def show(request: HttpRequest, customer: int, decision: int) -> HttpResponse:
    db = record()
    found = decisions.find(db, key_of(customer), decision)
    if found is None:
        raise PageNotFound
    reference, zone = house(db), ZoneInfo(settings.TERRAIN.time_zone)
    return page(
        request,
        "decision.html",
        room="decisions",
        decision=found,
        fact_name=names_of_facts(reference, request.language),
        stable=guard.stable(found, reference.settings).get(found.verdict.value, 0.0),
        aloud=explanation.details(found, reference.catalogue, request.language, zone),
    )
