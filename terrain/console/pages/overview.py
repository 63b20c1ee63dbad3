"""The state of everything on one page: what speaks, what is silent, what waits, what was decided."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from terrain.console.paper import page
from terrain.console.record import record
from terrain.core.decision import Verdict
from terrain.store import overview, sources, tasks, trays
from terrain.store.leases import LASTS


def show(request: HttpRequest) -> HttpResponse:
    db, now = record(), request.now
    working = [each for each in overview.workers(db) if each.seen_at > now - LASTS]
    return page(
        request,
        "overview.html",
        room="overview",
        counts={
            name: overview.count(db, name) for name in ("customer", "event", "pending", "decision")
        },
        oldest=overview.oldest_pending(db),
        late=timedelta(seconds=30),
        sources=sources.every(db),
        workers=working,
        automations=overview.automations(db),
        acts=overview.acts(db),
        tasks=tasks.open_ones(db, most=5),
        tasks_open=overview.open_tasks(db),
        trays=trays.count(db),
        verdicts=list(Verdict),
    )
