"""What reading all watches of a large house costs, through the store as a page does, young and after ten years."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec
import psycopg

from benchmarks import stage
from benchmarks.row import Row
from terrain.config import read
from terrain.core import look
from terrain.core.act import Reach
from terrain.core.automation import Automation, Send, Terms
from terrain.core.bounds import Agreed, Origin
from terrain.core.cohorts import Day
from terrain.core.consent import Channel
from terrain.core.house import House
from terrain.core.look import Kept
from terrain.core.signal import Signal
from terrain.core.watch import Watch
from terrain.flow import reference, watching
from terrain.flow.overseeing import Overseer
from terrain.store import automations, watches
from terrain.store.connection import Record

AUTOMATIONS = 1_000
SIGNALS = (
    *(Signal.COMPLAINT, Signal.SPAM, Signal.STOP, Signal.BOUNCE, Signal.A_PERSON),
    *(Signal.SAME_NEED, Signal.WRONG_ASSUMPTION, Signal.OVERRIDE),
)
BOUND = 0.003
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
YOUNG, OLD = 60, 3_650
TIMES = 7
A_DAY = 100
LOOKED_BACK = 31


class Took(NamedTuple):
    """Milliseconds, as the middle one of several times: of our processor, and on the clock."""

    processor: float
    clock: float


def measure(*, long: bool) -> list[Row]:
    """Read them as a page does, and look at them as a worker does."""
    with stage.database() as conninfo:
        young, old = (_read(conninfo, days) for days in (YOUNG, OLD))
        looks = _looks(conninfo, TIMES if long else 3)
    return [
        Row(
            name=f"read {AUTOMATIONS:,} automations × {len(SIGNALS)} signals through the store",
            figure=young.processor,
            unit="ms",
            aim=200,
            less_is_better=True,
            note=f"CPU, sentences included; {young.clock:.0f} ms on the clock; two months old",
        ),
        Row(
            name="the same in a house ten years old",
            figure=old.processor,
            unit="ms",
            aim=200,
            limit=young.processor,
            limit_is="two months old",
            less_is_better=True,
            note=f"every act of ten years is in the meters; {old.clock:.0f} ms on the clock",
        ),
        Row(
            name=f"one look of the worker at {AUTOMATIONS:,} automations that all did something",
            figure=looks.processor,
            unit="ms",
            less_is_better=True,
            note="CPU; 11 signals each, read, reckoned and written; "
            f"{looks.clock:.0f} ms on the clock, and then it waits fifty times as long",
        ),
    ]


def _timed(times: int, task: Callable[[int], object]) -> Took:
    processor, clock = [], []
    for number in range(times):
        begun = time.process_time(), time.perf_counter()
        task(number)
        processor.append(1_000 * (time.process_time() - begun[0]))
        clock.append(1_000 * (time.perf_counter() - begun[1]))
    return Took(statistics.median(processor), statistics.median(clock))


def _read(conninfo: str, days: int) -> Took:
    with psycopg.connect(conninfo, autocommit=True) as db:
        watches.save(db, _house(days))
        db.execute("VACUUM ANALYZE watch")
        took = _timed(TIMES, lambda _: watching.stand(db, NOW))
        db.execute("DELETE FROM watch")
    return took


def _house(days: int) -> Iterator[Kept]:
    """Yield the watches of a house in which so many days went by."""
    chance = random.Random(3)  # noqa: S311 - the same house each time
    for signal in SIGNALS:
        lived = _lived(signal, days, chance)
        for number in range(AUTOMATIONS):
            watch = msgspec.structs.replace(lived.watch, automation=_name(number))
            yield msgspec.structs.replace(lived, watch=watch)


def _lived(signal: Signal, days: int, chance: random.Random) -> Kept:
    agreed = Agreed(share=BOUND, origin=Origin.DECLARED)
    watch = Watch(
        automation="",
        first_version=1,
        version=1,
        signal=signal,
        reach=Reach.INBOX,
        agreed=agreed,
        acts_per_year=365.0 * A_DAY,
    )
    first: date = NOW.date() - timedelta(days)
    lived = [
        Day(first + timedelta(n), A_DAY, int(chance.random() < A_DAY * BOUND / 2))
        for n in range(days)
    ]
    return look.judged(look.closed(look.begun(watch, tuple(lived), NOW), NOW.date()), 1.0, NOW)


# -- the worker ------------------------------------------------------------------------------------


def _looks(conninfo: str, times: int) -> Took:
    overseer = Overseer(read())
    with Record(conninfo).opened() as record:
        with record.local() as db:
            _publish(db)
            house = reference.house(db, read())
        overseer.look(record, house, NOW)
        moments = [NOW + timedelta(hours=number + 1) for number in range(times)]
        return _timed(times, lambda number: _look(overseer, record, house, moments[number]))


def _look(overseer: Overseer, record: Record, house: House, now: datetime) -> None:
    with record.local() as db:
        _act(db, 0, 0, now)
    overseer.look(record, house, now)


def _publish(db: psycopg.Connection) -> None:
    step = Send(name="hello", template="hello", by=Channel.EMAIL, terms=Terms(reach=Reach.INBOX))
    with db.transaction():
        for number in range(AUTOMATIONS):
            said = Automation(
                name=_name(number), steps=(step,), bounds={"complaint": BOUND}, digest="1"
            )
            automations.add_version(db, said, "", NOW)
        _act(db, 1, LOOKED_BACK, NOW)
    db.execute("VACUUM ANALYZE counter")


def _act(db: psycopg.Connection, first: int, last: int, now: datetime) -> None:
    """Let every automation act on each of these days ago, and be complained about now and then."""
    db.execute(
        """
        INSERT INTO counter (bucket, version, hour, n, automation, what)
        SELECT 0, 1, date_trunc('day', %(now)s::timestamptz) - d * interval '1 day',
               CASE WHEN w.every = 1 THEN %(n)s ELSE 1 END,
               'automation-' || a, w.what
          FROM generate_series(0, %(many)s - 1) a, generate_series(%(first)s::int, %(last)s::int) d,
               (VALUES ('act.left', 1), ('signal.complaint', 7), ('signal.stop', 5)) w (what, every)
         WHERE (a + d) %% w.every = 0
        ON CONFLICT (bucket, automation, version, what, hour) DO UPDATE
           SET n = counter.n + CASE WHEN EXCLUDED.what = 'act.left' THEN EXCLUDED.n ELSE 0 END
        """,
        {
            "now": now,
            "n": 1 if last == 0 else A_DAY,
            "many": AUTOMATIONS,
            "first": first,
            "last": last,
        },
    )


def _name(number: int) -> str:
    return f"automation-{number}"
