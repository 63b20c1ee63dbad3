"""What a week was for those who answer for automations: the story of each, and the letter that tells it.

Promise: counts and names of automations, nothing of any customer. Figures, sentences and pictures are those of
the pages, made by the same functions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain.config import Settings, public_address
from terrain.core.breaker import Person, Trip
from terrain.core.message import Drawing, Letter
from terrain.core.quadrant import Corner
from terrain.core.signal import Signal
from terrain.core.watch import Because, State
from terrain.flow import drawn, grading, watching
from terrain.flow.finding import SIGNALS, STATES, sentences
from terrain.flow.grade_said import corner_called, grade_said, heading_said
from terrain.flow.grading import Graded
from terrain.flow.spoken import day_said
from terrain.flow.stationery import written
from terrain.flow.watching import Stand
from terrain.store import automations, counters, trips
from terrain.words import _, say

WEEK, A_DAY = timedelta(days=7), timedelta(days=1)
# So many are told one by one, the worst first; the rest stands in one line.
SHOWN = 12
SUBJECT = _("Your automations, from {first} to {last}")
DID = {
    "act.left": _("done"),
    "decided.ask": _("asked first"),
    "decided.hold": _("held back"),
    "decided.hand": _("handed to a person"),
}
_LEFT = next(iter(DID))
_BACK = {f"signal.{signal}": SIGNALS[signal] for signal in Signal}
_WORST_FIRST = (State.RED, State.AMBER, State.GREY, State.CLEAR)


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a letter goes to, and about which automations."""

    who: Person
    names: frozenset[str]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How often something happened in the week, and in the week before."""

    what: str
    n: int
    before: int


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One automation in one week: what it did, what came back, how its watches and its grade stand."""

    name: str
    state: State = State.GREY
    stopped: Trip | None = None
    did: tuple[Counted, ...] = ()
    back: tuple[Counted, ...] = ()
    stands: tuple[Stand, ...] = ()
    graded: Graded | None = None

    @property
    def left(self) -> int:
        return self.did[0].n if self.did else 0


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """The seven days before a Monday, and the story of every automation in them, the worst first."""

    monday: date
    stories: tuple[Story, ...]
    graded: tuple[Graded, ...] = ()


def week_of(db: Connection, monday: date, settings: Settings, now: datetime) -> Week:
    """Return the story of every automation in the seven days before this Monday.

    Days are those of the world's clock: older hours are counted by such days, so the sums stay true.
    """
    end = datetime.combine(monday, time(), UTC)
    now_counted = _sums(db, end - WEEK, end)
    before = _sums(db, end - 2 * WEEK, end - WEEK)
    stands: defaultdict[str, list[Stand]] = defaultdict(list)
    for stand in watching.stand(db, now):
        stands[stand.watch.automation].append(stand)
    graded = grading.graded_all(db, settings, now)
    by_name = {one.process.name: one for one in graded}
    stopped = {one.automation: one for one in trips.open_ones(db)}
    stories = (
        Story(
            name=one.name,
            state=watching.worst(stands[one.name]),
            stopped=stopped.get(one.name),
            did=_counted(DID, now_counted[one.name], before[one.name]),
            back=_counted(_BACK, now_counted[one.name], before[one.name]),
            stands=tuple(stands[one.name]),
            graded=by_name.get(one.name),
        )
        for one in automations.every(db)
        if one.live_version and not one.retired_at
    )
    return Week(monday=monday, stories=tuple(sorted(stories, key=_worst)), graded=tuple(graded))


def _worst(one: Story) -> tuple[bool, int, int, str]:
    return (one.stopped is None, _WORST_FIRST.index(one.state), -one.left, one.name)


def _sums(
    db: Connection, since: datetime, until: datetime
) -> defaultdict[str, defaultdict[str, int]]:
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in counters.sums(db, since, of=(*DID, *_BACK), until=until):
        found[each.automation][each.what] += each.n
    return found


def _counted(
    of: Iterable[str], now: defaultdict[str, int], before: defaultdict[str, int]
) -> tuple[Counted, ...]:
    every = (Counted(what=what, n=now[what], before=before[what]) for what in of)
    return tuple(one for one in every if one.n or one.before or one.what == _LEFT)


# -- the letter ------------------------------------------------------------------------------------


def letter_of(
    db: Connection, reader: Reader, week: Week, settings: Settings, now: datetime
) -> Letter:
    """Return the letter to one reader, in their language."""
    who, language = reader.who, reader.who.language or settings.language
    mine = [story for story in week.stories if story.name in reader.names]
    drawings = {
        story.name: drawing
        for n, story in enumerate(mine[:SHOWN], start=1)
        if (drawing := _meter(db, story, f"meter-{n}", language, now))
    }
    shown = [one for one in week.graded if one.spot and one.process.name in reader.names]
    quadrant = drawn.quadrant(shown, "quadrant", language) if shown else None
    days = {"first": week.monday - WEEK, "last": week.monday - A_DAY}
    domain = settings.mail_from.rpartition("@")[2]
    return Letter(
        message=written(
            "weekly",
            say(language, SUBJECT, **{at: day_said(day, language) for at, day in days.items()}),
            language,
            ZoneInfo(settings.time_zone),
            name=who.name,
            company=settings.company,
            address=public_address(settings),
            stories=[_told(story, drawings, language, settings) for story in mine[:SHOWN]],
            others=[(one.name, say(language, STATES[one.state])) for one in mine[SHOWN:]],
            stands=_how_many(mine, language),
            quadrant=quadrant.name if quadrant else "",
            corners=_corners(shown, language),
            **days,
        ),
        sender=settings.mail_from,
        sender_name=settings.company,
        to=who.email,
        message_id=f"<weekly.{week.monday:%Y%m%d}.{who.staff_id:x}@{domain}>",
        drawings=tuple(one for one in (quadrant, *drawings.values()) if one),
    )


def _how_many(mine: Iterable[Story], language: str) -> list[tuple[str, int]]:
    """Return how many stand how, the worst first."""
    seen = Counter(story.state for story in mine)
    return [(say(language, STATES[state]), seen[state]) for state in _WORST_FIRST if seen[state]]


def _corners(shown: Iterable[Graded], language: str) -> list[tuple[str, list[str]]]:
    """Return what is on the picture in words: which stand in which corner, the dangerous one first."""
    names: defaultdict[Corner, list[str]] = defaultdict(list)
    for one in shown:
        if one.spot is not None:
            names[one.spot.corner].append(one.process.name)
    return [(corner_called(corner, language), names[corner]) for corner in Corner if names[corner]]


def _told(
    story: Story, drawings: dict[str, Drawing], language: str, settings: Settings
) -> dict[str, Any]:
    """Return what a letter says of one automation."""
    zone = ZoneInfo(settings.time_zone)
    lines = (line for each in story.stands if _says_something(each) for line in each.lines)
    return {
        "name": story.name,
        "state": story.state.value,
        "state_said": say(language, STATES[story.state]),
        "stopped": story.stopped,
        "did": _said(story.did, DID, language),
        "back": _said(story.back, _BACK, language),
        "sentences": sentences(lines, language, zone),
        **_graded(story.graded, language),
        "drawing": drawings[story.name].name if story.name in drawings else "",
    }


def _graded(graded: Graded | None, language: str) -> dict[str, Any]:
    if graded is None:
        return {"letter": None, "moved": None, "reasons": []}
    drifts = [heading_said(graded.heading, language)] if graded.heading else []
    said = [*drifts, *grade_said(graded.grade, language)]
    return {"letter": graded.grade.letter, "moved": _moved(graded), "reasons": said}


def _says_something(stand: Stand) -> bool:
    return stand.reading.because is not Because.NO_ACTS


def _said(
    counted: Iterable[Counted], words: dict[str, str], language: str
) -> list[tuple[str, int, int]]:
    named = ((say(language, words[one.what]), one) for one in counted)
    return [(name[:1].upper() + name[1:], one.n, one.before) for name, one in named]


def _moved(graded: Graded) -> float | None:
    """Return by how many points it got better for customers in the last month that is over; None if unknown."""
    before, last = graded.tail[-2:-1], graded.tail[-1:]
    return round(last[0].customer - before[0].customer, 1) if before else None


def _meter(db: Connection, story: Story, name: str, language: str, now: datetime) -> Drawing | None:
    """Draw the watch that says most; nothing where none says anything."""
    telling = [each for each in story.stands if _says_something(each)]
    return drawn.meter_of(db, telling[0], name, language, now) if telling else None
