"""Decisions: the latest ones, and one of them explained so that it can be read aloud."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from terrain.console import own_words
from terrain.console.house import house, names_of_facts
from terrain.console.numbers import number_in
from terrain.console.paper import page
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core import guard
from terrain.core.decision import Decision, Verdict
from terrain.core.explanation import lines
from terrain.core.house import House
from terrain.core.identifier import key_of
from terrain.flow import directory, explanation
from terrain.store import decisions, overview, own_history, timeline

A_PAGE = 50
ASKED = ("verdict", "automation", "close", "day")
# What is said of how it might have gone otherwise.
TURNING = frozenset({"otherwise", "otherwise_fact", "otherwise_gate", "close_call"})
FIRST_YEAR, LAST_YEAR = 1970, 5000
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
LATEST = 10**17  # microseconds: beyond the year 5000 nothing was decided


def index(request: HttpRequest) -> HttpResponse:
    db, asked = record(), _asked(request.GET)
    wanted = _wanted(asked, request.GET.get("before", ""))
    rows = overview.decisions(db, wanted, A_PAGE + 1)
    shown = rows[:A_PAGE]
    last = {**asked, "before": _name(shown[-1])} if len(rows) > A_PAGE else {}
    return page(
        request,
        "decisions.html",
        room="decisions",
        rows=shown,
        asked={name: asked.get(name, "") for name in ASKED},
        deciders=overview.deciders(db),
        verdicts=list(Verdict),
        earlier=f"?{urlencode(last)}" if last else "",
        later=f"?{urlencode(asked)}" if wanted.before else "",
    )


def _asked(form: QueryDict) -> dict[str, str]:
    """Return what of the filters means anything."""
    asked = {
        "verdict": form.get("verdict", "") if form.get("verdict", "") in set(Verdict) else "",
        "automation": form.get("automation", ""),
        "close": "1" if form.get("close") else "",
        "day": form.get("day", "") if _day(form.get("day", "")) else "",
    }
    return {name: value for name, value in asked.items() if value}


def _wanted(asked: dict[str, str], before: str) -> overview.Wanted:
    day = _day(asked.get("day", ""))
    between = {"since": day, "until": _next(day)} if day else {}
    return overview.Wanted(
        verdict=asked.get("verdict"),
        automation=asked.get("automation"),
        close_call="close" in asked,
        before=_place(before),
        **between,
    )


def _day(text: str) -> datetime | None:
    """Return when a day of the house begins."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(
            tzinfo=ZoneInfo(settings.TERRAIN.time_zone)
        )
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _next(day: datetime) -> datetime:
    # By the calendar, not by the clock: a day in spring has twenty-three hours.
    return day + timedelta(days=1)


def _name(row: overview.DecisionRow) -> str:
    return f"{(row.at - EPOCH) // MICROSECOND}-{row.decision_id}"


def _place(said: str) -> tuple[datetime, int] | None:
    """Return the decision that an address goes on from; an odd one is the beginning."""
    at, _, number = said.partition("-")
    moment, decision = number_in(at), number_in(number)
    if moment is None or decision is None or moment > LATEST:
        return None
    return EPOCH + moment * MICROSECOND, decision


def show(request: HttpRequest, customer: int, decision: int) -> HttpResponse:
    db, key = record(), key_of(customer)
    found = decisions.find(db, key, decision)
    if found is None:
        raise PageNotFound
    reference, zone = house(db), ZoneInfo(settings.TERRAIN.time_zone)
    nodes = directory.nodes_of(db, key)
    act = own_history.acts(db, nodes, [decision]).get(decision)
    said = explanation.details(found, reference.catalogue, request.language, zone)
    coded = list(zip(lines(found), said, strict=True))
    return page(
        request,
        "decision.html",
        room="decisions",
        decision=found,
        called=directory.called(db, key),
        mandate=_mandate(reference, found),
        fact_name=names_of_facts(reference, request.language),
        stable=guard.stable(found, reference.settings).get(found.verdict.value, 0.0),
        story=[sentence for line, sentence in coded if line.code not in TURNING],
        turning=[sentence for line, sentence in coded if line.code in TURNING],
        act=act,
        came_back=timeline.came_back(db, nodes, act) if act else [],
        house=reference,
        own_words=own_words,
    )


def _mandate(reference: House, found: Decision) -> dict[str, str]:
    proposal = found.proposal
    automation = reference.versions.get((proposal.automation, proposal.version))
    return automation.mandate if automation else {}
