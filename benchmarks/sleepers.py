"""A million runs asleep: written, found when due, and costing no memory."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import psutil
import psycopg

from benchmarks import stage
from benchmarks.row import Row
from terrain.core.identifier import BUCKETS, bucket_of, id_from, key_of
from terrain.core.run import Run, RunState
from terrain.store import runs

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_ONCE = 1_000


def measure(*, long: bool) -> list[Row]:
    """Write the sleepers and look for those that are due."""
    many = 1_000_000
    with (
        stage.database(max_wal_size="4GB") as conninfo,
        psycopg.connect(conninfo, autocommit=True) as db,
    ):
        before = psutil.Process().memory_info().rss
        written = _write(db, many)
        grown = (psutil.Process().memory_info().rss - before) / 1e6
        raw = _raw_insert(db, many // 10)
        db.execute("VACUUM ANALYZE run")
        found = min(_find(db) for _ in range(20 if long else 10))
        bare = min(_bare_query(db) for _ in range(10))
        size = db.execute("SELECT pg_total_relation_size('run') / 1e6").fetchone()
    assert size
    return [
        Row(
            name="1,000,000 sleeping runs written",
            figure=many / written,
            unit="runs/s",
            limit=raw,
            limit_is="bare unnest insert of equal rows",
            note=f"{written:.1f} s, {size[0]:.0f} MB on disk, process grew by {grown:.0f} MB",
        ),
        Row(
            name="due runs found among them (1,000 due, half the buckets)",
            figure=found * 1e3,
            unit="ms",
            aim=5,
            limit=bare * 1e3,
            limit_is="SELECT 1",
            less_is_better=True,
        ),
    ]


def _sleeper(number: int) -> Run:
    due = NOW + timedelta(minutes=1 + number * 37 % 500_000)
    if number % 500 == 0:
        due = NOW - timedelta(minutes=1)
    return Run(
        key=key_of(id_from(NOW, number)),
        run_id=id_from(NOW, "run", number),
        automation="filter-reminder",
        version=1,
        subject=f"order-{number}/filter-a/1",
        state=RunState.WAITING,
        place=(0,),
        started_at=NOW,
        started_by=f"m-{number}",
        due_at=due,
        context={"event": {"order_id": f"order-{number}"}, "item": {"sku": "filter-a"}},
    )


def _write(db: psycopg.Connection, many: int) -> float:
    spent = 0.0
    for first in range(0, many, AT_ONCE):
        batch = [_sleeper(number) for number in range(first, first + AT_ONCE)]
        begun = time.perf_counter()
        with db.transaction():
            runs.save(db, batch)
        spent += time.perf_counter() - begun
    return spent


def _raw_insert(db: psycopg.Connection, many: int) -> float:
    """Return rows/s of an insert of ready-made columns of the same width, with the same two indexes."""
    db.execute("CREATE TABLE bare (LIKE run INCLUDING ALL)")
    spent = 0.0
    for first in range(0, many, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        ids = [id_from(NOW, number) for number in numbers]
        columns = [
            *([bucket_of(one) for one in ids], ids, ids, [1] * AT_ONCE, [NOW] * AT_ONCE),
            *([NOW + timedelta(minutes=one % 500_000) for one in numbers], [None] * AT_ONCE),
            *(["waiting"] * AT_ONCE, ["filter-reminder"] * AT_ONCE),
            *([f"order-{one}/filter-a/1" for one in numbers], ["later"] * AT_ONCE),
            [b"x" * 90] * AT_ONCE,
        ]
        begun = time.perf_counter()
        db.execute(
            """
            INSERT INTO bare (bucket, customer_id, run_id, version, started_at, due_at, ended_at, state,
                              automation, subject, step, place)
            SELECT * FROM unnest(%b::smallint[], %b::bigint[], %b::bigint[], %b::integer[], %b::timestamptz[],
                                 %b::timestamptz[], %b::timestamptz[], %b::text[], %b::text[], %b::text[],
                                 %b::text[], %b::bytea[])
            """,
            columns,
        )
        spent += time.perf_counter() - begun
    return many / spent


def _find(db: psycopg.Connection) -> float:
    begun = time.perf_counter()
    due = runs.due(db, range(0, BUCKETS, 2), NOW, AT_ONCE)
    spent = time.perf_counter() - begun
    assert due
    return spent


def _bare_query(db: psycopg.Connection) -> float:
    begun = time.perf_counter()
    db.execute("SELECT 1").fetchall()
    return time.perf_counter() - begun
