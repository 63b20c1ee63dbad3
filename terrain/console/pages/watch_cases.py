"""The acts that got one signal, the latest first, and what differs about the people hit."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from psycopg import Connection

from terrain.console.house import house
from terrain.console.paper import page
from terrain.console.places import named, place_in
from terrain.console.record import record
from terrain.console.refusals import PageNotFound
from terrain.console.trait_words import in_words
from terrain.core.signal import Signal
from terrain.flow import those_hit, versions, watching
from terrain.flow.finding import SIGNALS, sentences
from terrain.flow.watching import Stand
from terrain.store import directory, samples, signals
from terrain.store.overview import NEVER
from terrain.store.samples import Asked
from terrain.store.signals import Case

A_PAGE = 50
LATEST = (NEVER, 0)
# Among whom it is looked for what differs, where nothing says since when it has been wrong.
A_SEASON = timedelta(days=90)


def show(request: HttpRequest, name: str, signal: str) -> HttpResponse:
    db, listed = record(), versions.known(record(), name)
    if signal not in SIGNALS:
        raise PageNotFound
    kind, before = Signal(signal), place_in(request.GET.get("before", ""))
    rows = signals.latest(db, name, kind, before or LATEST, A_PAGE + 1)
    last = rows[A_PAGE - 1] if len(rows) > A_PAGE else None
    stands = watching.stand(db, request.now, name)
    here = next((each for each in stands if each.watch.signal == kind), None)
    address = reverse("watch_cases", kwargs={"name": name, "signal": signal})
    return page(
        request,
        "watch_cases.html",
        room="automations",
        listed=listed,
        signal=signal,
        signals=SIGNALS,
        here=here,
        said=sentences(here.lines, request.language, _zone()) if here else [],
        earlier=f"?before={named(last.at, last.act_id)}" if last else "",
        later=address if before else "",
        **listed_cases(db, rows[:A_PAGE]),
        **({"compared": None} if before else differs(request, name, kind, since(request, here))),
    )


def listed_cases(db: Connection, rows: list[Case]) -> dict[str, Any]:
    """Return cases with the decision behind each, and what their customers are called."""
    keys = {row.key for row in rows}
    return {
        "cases": rows,
        "is_a_page": house(db).is_a_page,
        "decisions": samples.decided(db, [(row.key, row.act_id) for row in rows]),
        "called": {key.customer_id: of.called for key, of in directory.lines(db, keys).items()},
    }


def since(request: HttpRequest, here: Stand | None) -> datetime:
    """Return from when on people are compared: a season, and before it went wrong, so that a version can differ."""
    season: datetime = request.now - A_SEASON
    strongest = here.reading.strongest if here else None
    if strongest is None or strongest.day > season.date():
        return season
    return datetime(
        strongest.day.year, strongest.day.month, strongest.day.day, tzinfo=season.tzinfo
    )


def differs(request: HttpRequest, name: str, signal: Signal, since: datetime) -> dict[str, Any]:
    """Return what differs about the people hit, in sentences and as a table."""
    db, catalogue = record(), house(record()).catalogue
    asked = Asked(automation=name, signal=signal, since=since)
    found = those_hit.compared(db, asked, catalogue, settings.TERRAIN)
    standing, lines = in_words(found.standing, found.lines, request.language, catalogue)
    return {
        "compared": found,
        "standing": standing,
        "differs": sentences(lines, request.language, _zone()),
    }


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TERRAIN.time_zone)
