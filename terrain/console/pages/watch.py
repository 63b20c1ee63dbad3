"""One automation watched: how each signal stands, why it was stopped, who was hit, and how it goes on."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import dates
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg import Connection

from terrain.console import stop_words, topics
from terrain.console.house import house
from terrain.console.numbers import number_in
from terrain.console.pages import watch_cases, watch_groups
from terrain.console.paper import page
from terrain.console.record import record
from terrain.core import breaker as rules
from terrain.core import canary, finding, meter_picture
from terrain.core.blindness import blindness
from terrain.core.breaker import Cause, How, Resuming, Trip
from terrain.core.cohorts import Day, Gap
from terrain.core.look import key_of
from terrain.core.meter_picture import Picture
from terrain.core.staff import May
from terrain.core.watch import State, levels
from terrain.errors import Refusal
from terrain.flow import breaker, coming_back, versions, watching
from terrain.flow.finding import SIGNALS, sentence, sentences
from terrain.flow.watching import Stand
from terrain.store import notices, signals, staff, trips, watches

LATEST = 8
STOPS = 20  # how many are listed of the past
A_MONTH = timedelta(days=30)
UNEASY = frozenset({State.RED, State.AMBER})
TYPED = ("because", "how", "answer")


class Shown(NamedTuple):
    """One watch as it is shown: what it says, its picture where it is opened, and what it cannot see yet."""

    name: str
    stand: Stand
    said: list[str]
    drawn: Picture | None
    blind: list[str]
    pilot: list[str]
    groups: watch_groups.Shown | None


def show(request: HttpRequest, name: str) -> HttpResponse:
    return _show(request, name)


def pause(request: HttpRequest, name: str) -> HttpResponse:
    because = request.POST.get("because", "").strip()
    try:
        versions.pause(record(), name, request.staff.name, because, request.now)
    except versions.UnknownAutomation:
        raise
    except Refusal as refusal:
        return _show(request, name, refusal, "pause")
    return _done(request, name)


def answer(request: HttpRequest, name: str) -> HttpResponse:
    """Say that one looks after it: nobody further up is told any more."""
    versions.known(record(), name)
    words, by = request.POST.get("answer", ""), request.staff.name
    try:
        breaker.answer(record(), _stop_of(request, name), by, words, request.now)
    except Refusal as refusal:
        return _show(request, name, refusal, "answer")
    return _done(request, name)


def resume(request: HttpRequest, name: str) -> HttpResponse:
    """Let it go on: a named person, a reason, and what is different now."""
    said = Resuming(
        by=request.staff.name,
        because=request.POST.get("because", ""),
        how=_how(request.POST.get("how", "")),
        trip_id=_number(request, "trip"),
    )
    try:
        versions.resume(record(), name, request.now, said)
    except versions.UnknownAutomation:
        raise
    except Refusal as refusal:
        return _show(request, name, refusal, "resume")
    return _done(request, name)


# -- the page --------------------------------------------------------------------------------------


def _show(
    request: HttpRequest, name: str, refusal: Refusal | None = None, refused: str = ""
) -> HttpResponse:
    db, now = record(), request.now
    listening = topics.standing(db, request.staff, now)
    reference, listed = house(db), versions.known(db, name)
    past = trips.of_automation(db, name, STOPS)
    stopped = past[0] if past and past[0].resumed_at is None else None
    stands = watching.stand(db, now, name)
    shown = _shown(request, db, name, stands)
    return page(
        request,
        "watch.html",
        room="automations",
        listening=listening,
        listed=listed,
        running=reference.versions.get((name, listed.live_version)),
        worst=watching.worst(stands),
        uneasy=[each for each in shown if each.stand.reading.state in UNEASY],
        calm=[each for each in shown if each.stand.reading.state not in UNEASY],
        asked=next((each.name for each in shown if each.name == request.GET.get("open")), ""),
        signals=SIGNALS,
        short_day=_short_day(request.language),
        stopped=stopped,
        past=past,
        said_then={each.trip_id: stop_words.said(each, request.language) for each in past},
        refusal=refusal,
        refused=refused,
        typed={field: request.POST.get(field, "") for field in TYPED},
        false_reds=_of_the_house(request, db),
        **_stopped(request, db, stopped, listed.live_version),
        **_going_on(request, db, past, stands),
        **_hit(request, db, name, _worst_of(stopped, stands)),
    )


def _shown(request: HttpRequest, db: Connection, name: str, stands: Sequence[Stand]) -> list[Shown]:
    opened = _opened(request, stands)
    years = watching.years(db, [each.watch for each in opened], request.now)
    deaf = watches.gaps(db, name)
    return [
        _one(request, each, years.get(key_of(each.watch)), deaf.get(key_of(each.watch), ()))
        for each in stands
    ]


def _opened(request: HttpRequest, stands: Sequence[Stand]) -> list[Stand]:
    """Return those whose picture is shown: what is uneasy, and one of the others, where that was asked for.

    Where nothing is uneasy, one is open anyway: the first that there is something to draw of.
    """
    uneasy = [each for each in stands if each.reading.state in UNEASY]
    wanted = request.GET.get("open", "")
    asked = [each for each in stands if _named(each) == wanted and each not in uneasy]
    return [*uneasy, *asked] or [each for each in stands if each.reading.acts][:1]


def _named(stand: Stand) -> str:
    return f"{stand.watch.signal}-{stand.watch.first_version}"


def _one(request: HttpRequest, each: Stand, year: list[Day] | None, deaf: Sequence[Gap]) -> Shown:
    watch, language, zone = each.watch, request.language, _zone()
    blind = blindness(watch.agreed.share, levels(watch.reach).red) if watch.by_counting else ()
    a_month = _acts_since(year or (), (request.now - A_MONTH).date())
    slow = [finding.blind(one, a_month) for one in blind if a_month]
    today = request.now.date()
    return Shown(
        name=_named(each),
        stand=each,
        said=sentences(each.lines, language, zone),
        drawn=meter_picture.picture(watch, each.reading, year, today, deaf) if year else None,
        blind=sentences(slow, language, zone),
        pilot=sentences(map(finding.pilot, blind), language, zone),
        groups=watch_groups.groups(request, watch) if year else None,
    )


def _acts_since(year: Iterable[Day], first: date) -> int:
    return sum(day.acts for day in year if day.day > first)


def _of_the_house(request: HttpRequest, db: Connection) -> str:
    """Say how many pauses of a year may be mistakes, in the whole house."""
    line = finding.false_reds(*watching.false_reds(db))
    return sentence(line, request.language, _zone())


# -- stopped, and how it goes on -------------------------------------------------------------------


def _stopped(
    request: HttpRequest, db: Connection, stopped: Trip | None, live_version: int
) -> dict[str, Any]:
    """Return what there is to say of why it was stopped, and who knows."""
    if stopped is None:
        return {}
    return {
        "told": notices.of_trip(db, stopped.trip_id),
        "names": {one.staff_id: one.name for one in staff.everybody(db)},
        "is_newer": live_version > stopped.version,
        "by_hand": stopped.cause is Cause.HAND,
    }


def _going_on(
    request: HttpRequest, db: Connection, past: list[Trip], stands: list[Stand]
) -> dict[str, Any]:
    """Return how it comes back: what each step takes, and how far it has come."""
    back = past[0] if past and past[0].resumed_at else None
    climbs = back is not None and rules.share_of(back.stage) is not None
    watched = [(each.watch, each.reading) for each in stands]
    telling = [watch for watch, _ in watched if watch.is_bounded or watch.compares]
    return {
        "canary": back if climbs else None,
        "outlook": coming_back.next_step(db, back, watched, request.now)
        if back and climbs
        else None,
        "stages": rules.STAGES,
        "takes": [canary.slowest(telling, stage) for stage in range(len(canary.FAULT_TO_SEE))],
    }


def _stop_of(request: HttpRequest, name: str) -> int:
    """Return the number of the stop that the form was about, if it is one of this automation's."""
    number = _number(request, "trip")
    found = trips.find(record(), number)
    if found is None or found.automation != name:
        raise breaker.UnknownTrip(field="trip", value=number)
    return number


def _number(request: HttpRequest, field: str) -> int:
    found = number_in(request.POST.get(field, ""))
    return -1 if found is None else found


def _how(text: str) -> How:
    return How(text) if text in set(How) else How.GOES_ON


# -- who was hit -----------------------------------------------------------------------------------


def _worst_of(stopped: Trip | None, stands: list[Stand]) -> Stand | None:
    """Return the watch whose cases are shown first: what stopped it, else what stands worst."""
    said = stopped.evidence.get("signal") if stopped else None
    named = next((each for each in stands if each.watch.signal == said), None)
    return named or next((each for each in stands if each.reading.state in UNEASY), None)


def _hit(request: HttpRequest, db: Connection, name: str, worst: Stand | None) -> dict[str, Any]:
    """Return the latest cases of the worst signal, and what differs about the people hit.

    Where a script asks for what moved, only the parts that move are looked at.
    """
    if worst is None or not request.staff.may(May.SEE_CUSTOMERS):
        return {"worst_signal": ""}
    signal = worst.watch.signal
    rows = signals.latest(db, name, signal, watch_cases.LATEST, LATEST)
    found = {"worst_signal": signal.value, **watch_cases.listed_cases(db, rows)}
    if "HX-Request" in request.headers:
        return {**found, "compared": None}
    return found | watch_cases.differs(request, name, signal, watch_cases.since(request, worst))


# -- words -----------------------------------------------------------------------------------------


def _short_day(language: str) -> Callable[[date], str]:
    return lambda day: str(dates.format_date(day, "d MMM", locale=language))


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TERRAIN.time_zone)


def _done(request: HttpRequest, name: str) -> HttpResponse:
    request.audited = {"automation": name}
    return _to(name)


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("watch", kwargs={"name": name}))
