"""The state of everything: what speaks, what is silent, what waits, what was decided."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from terrain.console import topics
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.decision import Verdict
from terrain.flow import watching
from terrain.flow.desk import LATE
from terrain.store import counters, overview, sources
from terrain.store.counters import Hour, hour_of
from terrain.store.leases import LASTS
from terrain.store.overview import AutomationRow

DAYS = 30
MOST = 40  # automations; all of them have a room of their own
# The gentlest last: read from what was done to what was not.
IN_ORDER = (Verdict.ACT, Verdict.ASK, Verdict.HAND, Verdict.HOLD)


class Decided(NamedTuple):
    """How often one verdict was given: this hour and the last, in a day, in thirty, and day by day."""

    verdict: Verdict
    hour: int
    day: int
    month: int
    days: list[int]


def show(request: HttpRequest) -> HttpResponse:
    db, now, staff = record(), request.now, request.staff
    listening = topics.standing(db, staff, now)
    every, speaking = overview.automations(db, _days_ago(now)), sources.every(db)
    live = [each for each in every if not each.retired_at]
    return page(
        request,
        "overview.html",
        room="overview",
        listening=listening,
        speaking=speaking,
        workers=[each for each in overview.workers(db) if each.seen_at > now - LASTS],
        automations=_busiest(live),
        left_out=max(0, len(live) - MOST),
        marks=watching.marks(db, now, [each.name for each in live]),
        decided=_decided(counters.by_hour(db, _days_ago(now), counters.DECIDED), now),
        since=hour_of(now) - timedelta(hours=1),
        customers=overview.count(db, "customer"),
        events=sum(each.events for each in speaking),
        waiting=overview.count(db, "pending"),
        oldest=overview.oldest_pending(db),
        late=LATE,
    )


def _busiest(live: list[AutomationRow]) -> list[AutomationRow]:
    """Return as many as a page has room for, by name: what stands still, then where most was decided."""
    first = sorted(live, key=lambda one: (one.paused_at is None, -sum(one.verdicts.values())))
    kept = {one.name for one in first[:MOST]}
    return [one for one in live if one.name in kept]


def _decided(hours: list[Hour], now: datetime) -> list[Decided]:
    """Return the counts of each verdict for the table; days are those of the world's clock."""
    return [_of_one(verdict, list(_only(hours, verdict)), now) for verdict in IN_ORDER]


def _only(hours: list[Hour], verdict: Verdict) -> Iterator[Hour]:
    return (each for each in hours if each.what == f"decided.{verdict}")


def _of_one(verdict: Verdict, hours: list[Hour], now: datetime) -> Decided:
    this_hour = hour_of(now)
    by_day: Counter[datetime] = Counter()
    for each in hours:
        by_day[each.hour.astimezone(UTC).replace(hour=0)] += each.n
    first = _days_ago(now)
    return Decided(
        verdict,
        hour=sum(each.n for each in hours if each.hour >= this_hour - timedelta(hours=1)),
        day=sum(each.n for each in hours if each.hour >= this_hour - timedelta(hours=24)),
        month=sum(each.n for each in hours),
        days=[by_day[first + timedelta(days=number)] for number in range(DAYS)],
    )


def _days_ago(now: datetime) -> datetime:
    """Return the beginning of the first of the last thirty days."""
    return hour_of(now).replace(hour=0) - timedelta(days=DAYS - 1)
