"""How every watch stands, as the worker last read it: for pages, letters and the terminal.

Promise: nothing is reckoned here but sums: rows are read, and the same after ten years as after a day.
`flow/overseeing.py` writes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
from psycopg import Connection

from terrain.core import finding
from terrain.core import watch as watches_of
from terrain.core.cohorts import Day
from terrain.core.explanation import Line
from terrain.core.held_out import HELD_OUT
from terrain.core.look import Key, key_of
from terrain.core.signal import BAD, Signal
from terrain.core.watch import YEAR, Because, Reading, State, Watch
from terrain.flow import rules
from terrain.store import counters, trips, watches
from terrain.store.counters import Daily
from terrain.store.watches import Shown

ASLEEP_AFTER = timedelta(hours=1)
# From the least to the worst.
_WORSE = (State.CLEAR, State.GREY, State.AMBER, State.RED)
_NOTHING_YET = frozenset({Because.NO_ACTS, Because.NO_BOUND, Because.NOBODY_HELD_OUT})
_ACTS = ("act.left",)
# Only who was heard can be dissatisfied: whoever does not answer says nothing.
_ANSWERS = tuple(f"signal.{signal}" for signal in (Signal.HELPED, Signal.DISSATISFIED))
# All that is read from the counters.
COUNTED = (
    *_ACTS,
    *dict.fromkeys([*_ANSWERS, *(f"signal.{signal}" for signal in sorted(BAD))]),
    HELD_OUT,
    *(f"{HELD_OUT}.{signal}" for signal in sorted(BAD)),
)


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """One watch and what it said last. `stage`: how far its automation has come back after a stop, if it did."""

    watch: Watch
    reading: Reading
    stage: int | None
    lines: tuple[Line, ...]
    at: datetime


def stand(db: Connection, now: datetime, automation: str = "") -> list[Stand]:
    """Return how all watches stand, or those of one automation: the worst first, then by name.

    While no worker looks, nothing is heard: what was clear is grey from then on.
    """
    stages = trips.stages(db)
    asleep = _asleep_since(db, now)
    found = [
        _stand(one, stages.get(one.watch.automation), asleep)
        for one in watches.shown(db, automation)
    ]
    return sorted(found, key=_worst_first)


def year(db: Connection, watch: Watch, now: datetime) -> list[Day]:
    """Return the acts and the bad ones of each day of the last year, for pictures."""
    return years(db, [watch], now)[key_of(watch)]


def years(db: Connection, some: Iterable[Watch], now: datetime) -> dict[Key, list[Day]]:
    """Return the last year of each of these watches: one reading for all that began at one moment."""
    found: dict[Key, list[Day]] = {}
    alike: defaultdict[datetime, list[Watch]] = defaultdict(list)
    for watch in some:
        alike[_begun(watch, now)].append(watch)
    for since, these in alike.items():
        of = sorted({what for each in these for what in what_of(each.signal)})
        counted: defaultdict[str, list[Daily]] = defaultdict(list)
        for row in counters.by_day(db, since, of, sorted({each.automation for each in these})):
            counted[row.automation].append(row)
        found |= {key_of(each): list(days(counted[each.automation], each)) for each in these}
    return found


def _begun(watch: Watch, now: datetime) -> datetime:
    """Return from when on its year is counted: when it began, or the first whole day of a year ago."""
    since = max(watch.since or now - YEAR, now - YEAR).astimezone(UTC)
    if watch.since == since:
        return since
    return since.replace(hour=0, minute=0, second=0, microsecond=0)


def false_reds(db: Connection) -> tuple[float, float]:
    """Return how many pauses of a year may be mistakes, and how many the manager accepts.

    Where they are more, red asks for so much more evidence that they are not.
    """
    budget = rules.settings(db).false_reds_a_year
    expected = sum(n * watches_of.false_reds([one]) for one, n in watches.kinds(db))
    return expected, budget


def worst(stands: Iterable[Stand]) -> State:
    """Return the worst state; what nothing watches is grey."""
    return _worst((each.reading.state, each.reading.because) for each in stands)


def marks(db: Connection, now: datetime, names: Sequence[str]) -> dict[str, State]:
    """Return the worst state of each of these automations, without what its watches say."""
    asleep = _asleep_since(db, now)
    of: defaultdict[str, list[tuple[State, Because]]] = defaultdict(list)
    for name, state, because in watches.states(db, names):
        is_silent = asleep is not None and state is State.CLEAR
        of[name].append((State.GREY, Because.GAP) if is_silent else (state, because))
    return {name: _worst(of[name]) for name in names}


def _worst(said: Iterable[tuple[State, Because]]) -> State:
    """Return the worst of these. What has nothing to go by yet says nothing of the others, either."""
    heard = (state for state, because in said if because not in _NOTHING_YET)
    return max(heard, key=_WORSE.index, default=State.GREY)


def _asleep_since(db: Connection, now: datetime) -> datetime | None:
    """Return since when no worker looks, if so."""
    looked = watches.looked_at(db)
    return looked if looked is not None and now - looked > ASLEEP_AFTER else None


def acts_of(signal: Signal) -> tuple[str, ...]:
    """Return what is counted as an act that could have got this signal."""
    return _ANSWERS if signal is Signal.DISSATISFIED else _ACTS


def what_of(signal: Signal) -> tuple[str, ...]:
    """Return what is counted of acts and of this signal."""
    return tuple(dict.fromkeys((*acts_of(signal), f"signal.{signal}")))


def days(counted: Iterable[Daily], watch: Watch) -> tuple[Day, ...]:
    """Return the days of one watch, in order; of an act that never left, the signal counts as an act."""
    return _days(counted, watch, acts_of(watch.signal), f"signal.{watch.signal}")


def held_out(counted: Iterable[Daily], watch: Watch) -> tuple[Day, ...]:
    """Return the days of those who were not treated, for a watch that compares with them."""
    if not watch.compares:
        return ()
    return _days(counted, watch, (HELD_OUT,), f"{HELD_OUT}.{watch.signal}")


def _days(
    counted: Iterable[Daily], watch: Watch, of_acts: Sequence[str], of_bad: str
) -> tuple[Day, ...]:
    acts: defaultdict[date, int] = defaultdict(int)
    bad: defaultdict[date, int] = defaultdict(int)
    for each in counted:
        if watch.first_version <= each.version <= watch.version:
            if each.what in of_acts:
                acts[each.day] += each.n
            if each.what == of_bad:
                bad[each.day] += each.n
    every = sorted({*acts, *bad})
    return tuple(Day(day, max(acts[day], bad[day]), bad[day]) for day in every)


def _stand(one: Shown, stage: int | None, asleep: datetime | None) -> Stand:
    watch, reading, at = one
    if asleep is not None and reading.deaf_since is None:
        reading = msgspec.structs.replace(reading, deaf_since=asleep)
        if reading.state is State.CLEAR:
            reading = msgspec.structs.replace(reading, state=State.GREY, because=Because.GAP)
    lines = finding.said(watch, reading)
    return Stand(watch=watch, reading=reading, stage=stage, lines=lines, at=at)


def _worst_first(one: Stand) -> tuple[int, float, str, str, int]:
    """Sort the worst first; what has nothing to say yet comes last."""
    watch, nothing_yet = one.watch, one.reading.because in _NOTHING_YET
    state = 1 if nothing_yet else -_WORSE.index(one.reading.state)
    return (state, -one.reading.strength, watch.automation, watch.signal, -watch.version)
