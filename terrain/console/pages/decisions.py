"""Decisions: the latest ones, and one of them explained so that it can be read aloud."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from psycopg import Connection

from terrain.console import cord, own_words
from terrain.console.cord import Cord
from terrain.console.house import house, names_of_facts
from terrain.console.paper import page
from terrain.console.places import day_in, named, place_in
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.core import guard
from terrain.core.decision import Decision, Verdict
from terrain.core.explanation import WEIGHED, lines
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, key_of
from terrain.core.outbox import ActState
from terrain.flow import directory, explanation, leaving, notices
from terrain.store import decisions, overview, own_history, timeline
from terrain.store.directory import lines as known_as

A_PAGE = 50
ASKED = ("verdict", "automation", "close", "day")
# What is said of how it might have gone otherwise.
TURNING = frozenset({"otherwise", "otherwise_fact", "otherwise_gate", "close_call"})


def index(request: HttpRequest) -> HttpResponse:
    db, asked = record(), _asked(request.GET)
    wanted = _wanted(asked, request.GET.get("before", ""))
    rows = overview.decisions(db, wanted, A_PAGE + 1)
    shown = rows[:A_PAGE]
    last = (
        {**asked, "before": named(shown[-1].at, shown[-1].decision_id)}
        if len(rows) > A_PAGE
        else {}
    )
    return page(
        request,
        "decisions.html",
        room="decisions",
        rows=shown,
        called=_called(db, shown),
        notices=notices.AUTOMATION,
        asked={name: asked.get(name, "") for name in ASKED},
        deciders=overview.deciders(db),
        verdicts=list(Verdict),
        earlier=f"?{urlencode(last)}" if last else "",
        later=f"?{urlencode(asked)}" if wanted.before else "",
    )


def _called(db: Connection, rows: list[overview.DecisionRow]) -> dict[int, str]:
    """Return what those are called who have a name, by their number."""
    keys = {CustomerKey(row.bucket, row.customer_id) for row in rows}
    return {key.customer_id: line.called for key, line in known_as(db, keys).items()}


def _asked(form: QueryDict) -> dict[str, str]:
    """Return what of the filters means anything."""
    asked = {
        "verdict": form.get("verdict", "") if form.get("verdict", "") in set(Verdict) else "",
        "automation": form.get("automation", ""),
        "close": "1" if form.get("close") else "",
        "day": form.get("day", "") if day_in(form.get("day", "")) else "",
    }
    return {name: value for name, value in asked.items() if value}


def _wanted(asked: dict[str, str], before: str) -> overview.Wanted:
    day = day_in(asked.get("day", ""))
    # By the calendar, not by the clock: a day in spring has twenty-three hours.
    between = {"since": day, "until": day + timedelta(days=1)} if day else {}
    return overview.Wanted(
        verdict=asked.get("verdict"),
        automation=asked.get("automation"),
        close_call="close" in asked,
        before=place_in(before),
        **between,
    )


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
        weighed=found.because in WEIGHED,
        stable=guard.stable(found, reference.settings).get(found.verdict.value, 0.0),
        story=[sentence for line, sentence in coded if line.code not in TURNING],
        turning=[sentence for line, sentence in coded if line.code in TURNING],
        act=act,
        waits=_waits(db, act, found, reference, request.now),
        came_back=timeline.came_back(db, nodes, act) if act else [],
        house=reference,
        own_words=own_words,
        cord=cord.offered(request, _cord(found)),
    )


def _waits(
    db: Connection, act: timeline.ActRow | None, found: Decision, reference: House, now: datetime
) -> leaving.Waits | None:
    """Return what the act that followed still waits for."""
    if act is None or act.state != ActState.QUEUED:
        return None
    return leaving.waits_of(db, found.key, [act.act_id], reference, now).get(act.act_id)


def _cord(found: Decision) -> Cord:
    return Cord(
        customer=found.key.customer_id,
        automation=found.proposal.automation,
        decision=found.decision_id,
    )


def _mandate(reference: House, found: Decision) -> dict[str, str]:
    proposal = found.proposal
    automation = reference.versions.get((proposal.automation, proposal.version))
    return automation.mandate if automation else {}
