"""How far an automation has come back after a stop: what the next step waits for.

Promise: the same reckoning by which the worker lets it climb (`core/canary.py`), said before it happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from psycopg import Connection

from terrain.core.breaker import Trip
from terrain.core.canary import RIPE_AFTER, Outlook, Seen, outlook
from terrain.core.signal import Signal
from terrain.core.watch import Because, Reading, Watch
from terrain.flow import watching
from terrain.store import counters
from terrain.store.counters import Counted, hour_of

HOUR = timedelta(hours=1)
# Whoever was never asked cannot be dissatisfied: without an answer it is no evidence, and no obstacle.
_IF_ASKED = watching.acts_of(Signal.DISSATISFIED)


def next_step(
    db: Connection, stopped: Trip, watched: Iterable[tuple[Watch, Reading]], now: datetime
) -> Outlook:
    """Return what is next for what went on after this stop."""
    return outlook(stopped.stage, seen(db, stopped, watched, now))


def seen(
    db: Connection, stopped: Trip, watched: Iterable[tuple[Watch, Reading]], now: datetime
) -> list[Seen]:
    """Return what each watch of the version that runs saw since this step began."""
    begun = stopped.climbed_at or now
    since, until = hour_of(begun) + HOUR, now - RIPE_AFTER
    counted = counters.sums(db, since, stopped.automation, of=watching.COUNTED, until=until)
    return list(_seen(list(watched), counted))


def _seen(watched: Sequence[tuple[Watch, Reading]], counted: Sequence[Counted]) -> Iterator[Seen]:
    newest = max((watch.version for watch, _ in watched), default=0)
    for watch, reading in watched:
        if watch.version < newest or not _can_tell(watch, reading):
            continue
        what = watching.acts_of(watch.signal)
        ripe = sum(each.n for each in counted if _is_of(each, watch) and each.what in what)
        if ripe or what != _IF_ASKED:
            yield Seen(watch=watch, ripe=ripe, state=reading.state)


def _can_tell(watch: Watch, reading: Reading) -> bool:
    """Tell whether it has something to go by. Where nobody was held out yet, there is nothing to compare with."""
    if watch.compares:
        return reading.because not in (Because.NO_ACTS, Because.NOBODY_HELD_OUT)
    return watch.is_bounded


def _is_of(each: Counted, watch: Watch) -> bool:
    return watch.first_version <= each.version <= watch.version
