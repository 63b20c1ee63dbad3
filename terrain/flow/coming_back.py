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
from terrain.core.watch import State, Watch
from terrain.flow import watching
from terrain.store import counters
from terrain.store.counters import Counted, hour_of

HOUR = timedelta(hours=1)
# Whoever was never asked cannot be dissatisfied: without an answer it is no evidence, and no obstacle.
_IF_ASKED = watching.acts_of(Signal.DISSATISFIED)


def next_step(
    db: Connection, stopped: Trip, watched: Iterable[tuple[Watch, State]], now: datetime
) -> Outlook:
    """Return what is next for what went on after this stop."""
    return outlook(stopped.stage, seen(db, stopped, watched, now))


def seen(
    db: Connection, stopped: Trip, watched: Iterable[tuple[Watch, State]], now: datetime
) -> list[Seen]:
    """Return what each watch of the version that runs saw since this step began."""
    begun = stopped.climbed_at or now
    name, until = stopped.automation, now - RIPE_AFTER
    counted = counters.between(db, name, hour_of(begun) + HOUR, until, watching.COUNTED)
    return list(_seen(list(watched), counted))


def _seen(watched: Sequence[tuple[Watch, State]], counted: Sequence[Counted]) -> Iterator[Seen]:
    newest = max((watch.version for watch, _ in watched), default=0)
    for watch, state in watched:
        if watch.version < newest or not watch.is_bounded:
            continue
        what = watching.acts_of(watch.signal)
        ripe = sum(each.n for each in counted if _is_of(each, watch) and each.what in what)
        if ripe or what != _IF_ASKED:
            yield Seen(watch=watch, ripe=ripe, state=state)


def _is_of(each: Counted, watch: Watch) -> bool:
    return watch.first_version <= each.version <= watch.version
