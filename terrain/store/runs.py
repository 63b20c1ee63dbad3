"""Runs as rows: what is asked of them in SQL has a column, the rest is one small value beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core import path
from terrain.core.identifier import BUCKETS, CustomerKey
from terrain.core.run import Run, RunState
from terrain.store.columns import Columns


class Place(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """What only the interpreter needs to know of a run."""

    place: tuple[int | str, ...]
    started_by: str
    expires_at: datetime | None = None
    hears: tuple[str, ...] = ()
    relies_on: tuple[str, ...] = ()
    context: dict[str, Any] = {}
    stock: str = ""
    because: str = ""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Place).decode

# The order in which `of_row` takes a row; people are loaded with it too (`store/people.py`).
_ROW = Columns(
    "bucket smallint, customer_id bigint, run_id bigint, version integer, started_at timestamptz, "
    "due_at timestamptz, ended_at timestamptz, state text, automation text, subject text, "
    "step text, place bytea"
)
COLUMNS = _ROW.names


def of_row(row: tuple[Any, ...]) -> Run:
    """Return the run that stands in a row of COLUMNS."""
    (
        bucket,
        customer_id,
        run_id,
        version,
        started_at,
        due_at,
        ended_at,
        state,
        automation,
        subject,
        _step,
        place,
    ) = row
    rest = _decode(place)
    return Run(
        key=CustomerKey(bucket, customer_id),
        run_id=run_id,
        automation=automation,
        version=version,
        subject=subject,
        state=RunState(state),
        place=rest.place,
        started_at=started_at,
        started_by=rest.started_by,
        due_at=due_at,
        expires_at=rest.expires_at,
        hears=rest.hears,
        relies_on=rest.relies_on,
        context=rest.context,
        stock=rest.stock,
        ended_at=ended_at,
        because=rest.because,
    )


def _to_row(run: Run) -> tuple[Any, ...]:
    rest = Place(
        place=run.place,
        started_by=run.started_by,
        expires_at=run.expires_at,
        hears=run.hears,
        relies_on=run.relies_on,
        context=run.context,
        stock=run.stock,
        because=run.because,
    )
    return (
        *(run.key.bucket, run.key.customer_id, run.run_id, run.version, run.started_at, run.due_at),
        *(run.ended_at, run.state.value, run.automation, run.subject),
        *(path.words(run.place), _encode(rest)),
    )


def save(db: Connection, runs: Iterable[Run]) -> None:
    """Write the runs down as they stand now, new ones and old ones."""
    rows = [_to_row(run) for run in runs]
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO run ({_ROW.names})
        SELECT * FROM {_ROW.unnest}
        ON CONFLICT (bucket, customer_id, run_id) DO UPDATE
           SET version = EXCLUDED.version, due_at = EXCLUDED.due_at, ended_at = EXCLUDED.ended_at,
               state = EXCLUDED.state, step = EXCLUDED.step, place = EXCLUDED.place
        """,
        _ROW.arrays(rows),
    )


def due(db: Connection, buckets: Sequence[int], now: datetime, most: int) -> list[CustomerKey]:
    """Return whose runs are due in these buckets, the longest due first, without locking anything."""
    rows = db.execute(
        """
        SELECT bucket, customer_id FROM run
         WHERE bucket = ANY(%b::smallint[]) AND due_at <= %b
         ORDER BY due_at
         LIMIT %b
        """,
        [list(buckets), now, most],
    )
    return list(dict.fromkeys(CustomerKey(bucket, customer_id) for bucket, customer_id in rows))


def wake_held(db: Connection, automation: str, now: datetime) -> int:
    """Have what is held weighed again now; return how many (when an automation is resumed: rare)."""
    woken = db.execute(
        """
        UPDATE run SET due_at = %(now)s
         WHERE bucket = ANY(%(buckets)s) AND automation = %(automation)s AND state = 'held'
           AND ended_at IS NULL
        """,
        {"now": now, "buckets": list(range(BUCKETS)), "automation": automation},
    )
    return woken.rowcount
