"""The breaker's record: each time an automation was stopped, who answered, who let it go on and why.

Promise: one automation has at most one open trip, whoever trips it at the same moment; of two who let it go
on, one does. Rows are only ever added and completed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from terrain.core.breaker import STAGES, Cause, Resuming, Trip

COLUMNS = ", ".join(Trip.__struct_fields__)
_LAST = len(STAGES) - 1


class Restart(NamedTuple):
    """When an automation was stopped for harm, and when it went on."""

    trip_id: int
    at: datetime
    resumed_at: datetime


def add(db: Connection, trip: Trip) -> bool:
    """Write down that it was stopped; say whether it was not already."""
    values = msgspec.structs.asdict(trip) | {"evidence": Jsonb(_plain(trip.evidence))}
    values["cause"] = trip.cause.value
    done = db.execute(
        f"""
        INSERT INTO trip ({COLUMNS})
        VALUES ({", ".join(f"%({name})s" for name in Trip.__struct_fields__)})
        ON CONFLICT DO NOTHING
        """,
        values,
    )
    return done.rowcount == 1


def worsen(db: Connection, trip: Trip) -> None:
    """Write down that what a person paused has done harm, with the evidence: nobody looks after that yet."""
    db.execute(
        """
        UPDATE trip SET cause = %s, because = %s, evidence = %s, version = %s, answer_by = %s,
               answered_at = NULL, answered_by = '', answer = ''
         WHERE trip_id = %s AND resumed_at IS NULL
        """,
        [
            *(trip.cause.value, trip.because, Jsonb(_plain(trip.evidence)), trip.version),
            *(trip.answer_by, trip.trip_id),
        ],
    )


def open_one(db: Connection, automation: str) -> Trip | None:
    """Return what holds this automation, and let nobody else change it meanwhile."""
    return _one(
        db,
        f"SELECT {COLUMNS} FROM trip WHERE automation = %s AND resumed_at IS NULL FOR UPDATE",
        [automation],
    )


def find(db: Connection, trip_id: int) -> Trip | None:
    return _one(db, f"SELECT {COLUMNS} FROM trip WHERE trip_id = %s", [trip_id])


def last_of(db: Connection, automation: str) -> Trip | None:
    """Return the latest time that this automation was stopped."""
    return next(iter(of_automation(db, automation, 1)), None)


def before(db: Connection, trip: Trip) -> Trip | None:
    """Return the stop of this automation before this one."""
    return _one(
        db,
        f"""
        SELECT {COLUMNS} FROM trip WHERE automation = %s AND (at, trip_id) < (%s, %s)
         ORDER BY at DESC, trip_id DESC LIMIT 1
        """,
        [trip.automation, trip.at, trip.trip_id],
    )


def of_automation(db: Connection, automation: str, most: int = 50) -> list[Trip]:
    """Return when this automation was stopped, the latest first."""
    return _listed(
        db,
        f"SELECT {COLUMNS} FROM trip WHERE automation = %s ORDER BY at DESC, trip_id DESC LIMIT %s",
        [automation, most],
    )


def open_ones(db: Connection, most: int = 100) -> list[Trip]:
    """Return everything that is stopped now, the oldest first."""
    return _listed(
        db,
        f"SELECT {COLUMNS} FROM trip WHERE resumed_at IS NULL ORDER BY at, trip_id LIMIT %s",
        [most],
    )


def open_of(db: Connection, automations: Collection[str]) -> dict[str, Trip]:
    """Return what holds each of these automations."""
    found = _listed(
        db,
        f"SELECT {COLUMNS} FROM trip WHERE automation = ANY(%s) AND resumed_at IS NULL",
        [list(automations)],
    )
    return {trip.automation: trip for trip in found}


def unanswered(db: Connection, now: datetime, latest: datetime, most: int = 100) -> list[Trip]:
    """Return those whose time to answer is over, and hold them.

    A time that lies beyond `latest` was set by a clock that was ahead: it is over too.
    """
    return _listed(
        db,
        f"""
        SELECT {COLUMNS} FROM trip
         WHERE answer_by IS NOT NULL AND (answer_by <= %s OR answer_by > %s)
         ORDER BY answer_by LIMIT %s FOR UPDATE SKIP LOCKED
        """,
        [now, latest, most],
    )


def escalate(db: Connection, trip_id: int, level: int, answer_by: datetime | None) -> None:
    """Write down how far up people were told, and until when somebody has to answer now."""
    db.execute(
        "UPDATE trip SET level = %s, answer_by = %s WHERE trip_id = %s",
        [level, answer_by, trip_id],
    )


def answer(db: Connection, trip_id: int, by: str, words: str, now: datetime) -> bool:
    """Keep who looks after it; say whether they are the first."""
    done = db.execute(
        """
        UPDATE trip SET answered_at = %s, answered_by = %s, answer = %s, answer_by = NULL
         WHERE trip_id = %s AND answered_at IS NULL AND resumed_at IS NULL
        """,
        [now, by, words, trip_id],
    )
    return done.rowcount == 1


def resume(db: Connection, trip_id: int, said: Resuming, stage: int, now: datetime) -> bool:
    """Write down that it goes on; say whether it was still stopped."""
    done = db.execute(
        """
        UPDATE trip
           SET resumed_at = %(now)s, resumed_by = %(by)s, resumed_because = %(because)s,
               resumed_how = %(how)s, stage = %(stage)s, climbed_at = %(now)s, answer_by = NULL
         WHERE trip_id = %(trip)s AND resumed_at IS NULL
        """,
        {
            "now": now,
            "by": said.by,
            "because": said.because,
            "how": said.how.value,
            "stage": stage,
            "trip": trip_id,
        },
    )
    return done.rowcount == 1


def climb(db: Connection, trip: Trip, now: datetime) -> bool:
    """Let a canary reach the next share; say whether it stood where it was thought to stand."""
    done = db.execute(
        "UPDATE trip SET stage = stage + 1, climbed_at = %s WHERE trip_id = %s AND stage = %s AND stage < %s",
        [now, trip.trip_id, trip.stage, _LAST],
    )
    return done.rowcount == 1


def stages(db: Connection) -> dict[str, int]:
    """Return the automations that go on for some customers only, with the stage of each."""
    rows = db.execute(
        """
        SELECT a.name, t.stage
          FROM automation a
         CROSS JOIN LATERAL (SELECT stage, resumed_at FROM trip WHERE automation = a.name
                              ORDER BY at DESC, trip_id DESC LIMIT 1) AS t
         WHERE t.resumed_at IS NOT NULL AND t.stage < %s
        """,
        [_LAST],
    )
    return dict(rows.fetchall())


def restarts(db: Connection) -> dict[str, Restart]:
    """Return, of each automation that went on after it had done harm, the latest time that it did."""
    rows = db.execute(
        """
        SELECT DISTINCT ON (automation) automation, trip_id, at, resumed_at
          FROM trip
         WHERE resumed_at IS NOT NULL AND cause <> %s
         ORDER BY automation, at DESC, trip_id DESC
        """,
        [Cause.HAND.value],
    )
    return {name: Restart._make(rest) for name, *rest in rows}


def _one(db: Connection, statement: str, values: list[Any]) -> Trip | None:
    return next(iter(_listed(db, statement, values)), None)


def _listed(db: Connection, statement: str, values: list[Any]) -> list[Trip]:
    with db.cursor(row_factory=dict_row) as rows:
        return list(_trips(rows.execute(statement.encode(), values).fetchall()))


def _trips(rows: list[dict[str, Any]]) -> Iterator[Trip]:
    for row in rows:
        yield msgspec.convert(row, Trip)


def _plain(evidence: dict[str, Any]) -> Any:
    return msgspec.to_builtins(evidence, str_keys=True)
