"""From a waiting event to a stored decision, by a real worker process on a real PostgreSQL."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import psycopg

from benchmarks import shop, stage
from benchmarks.row import Row
from terrain.config import read
from terrain.core.house import House
from terrain.flow.take_in import Message, door_of, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store import events
from terrain.store.connection import Record
from terrain.store.events import NewEvent

BACKLOG = 100_000
QUIET = {"TERRAIN_LOG_LEVEL": "error", "TERRAIN_SECRET": "a secret of nothing but the benchmarks"}


def measure(*, long: bool) -> list[Row]:
    """Drain a backlog, drain it one bucket at a time, and time single events under a steady trickle."""
    backlog = BACKLOG if long else BACKLOG // 2
    with stage.database(max_wal_size="4GB", track_commit_timestamp="on") as conninfo:
        return [
            *_drained(conninfo, backlog),
            _one_bucket_at_a_time(conninfo, backlog // 10),
            _delay(conninfo, seconds=60 if long else 20),
        ]


def _drained(conninfo: str, backlog: int) -> list[Row]:
    with stage.another(conninfo, "drained") as database:
        shop.open_shop(database, *shop.files())
        shop.fill(database, backlog, backlog // 5)
        limit = _raw_insert(database, backlog // 5)
        postgres = stage.postgres_of(database)
        with stage.process(
            "work", TERRAIN_DATABASE_URL=database, TERRAIN_SENDS="false", **QUIET
        ) as worker:
            stage.wait_for("a first decision", 30, lambda: _is_any(database, "decision"))
            first, begun = _count(database, "decision"), time.perf_counter()
            used = stage.cpu_of(worker), stage.cpu_of(postgres)
            stage.wait_for("all decided", 300, lambda: not _is_any(database, "pending"))
            seconds = time.perf_counter() - begun
            cpu = stage.cpu_of(worker) - used[0], stage.cpu_of(postgres) - used[1]
        decided = _count(database, "decision")
    assert decided == backlog, (decided, backlog)
    each = [1e6 * spent / (decided - first) for spent in cpu]
    return [
        Row(
            name="event → record → run → decision, backlog drained by one worker process",
            figure=(decided - first) / seconds,
            unit="events/s",
            aim=4_000,
            limit=limit,
            limit_is="bare unnest insert of the events alone",
            note=f"CPU an event: worker {each[0]:.0f} µs, PostgreSQL {each[1]:.0f} µs;"
            f" {backlog:,} events of {backlog // 5:,} customers, each of whom is met for the first time once",
        )
    ]


def _one_bucket_at_a_time(conninfo: str, backlog: int) -> Row:
    with stage.another(conninfo, "one_bucket") as database:
        catalogue, automation = shop.files()
        shop.open_shop(database, catalogue, automation)
        shop.fill(database, backlog, backlog // 5)
        house = shop.house(catalogue, automation)
        with Record(database, by_key=True).opened() as record, record.conn_for(0) as db:
            begun, handled = time.perf_counter(), 0
            for bucket in range(256):
                handled += _drain(db, house, bucket)
            seconds = time.perf_counter() - begun
    return Row(
        name="the same with transactions of one bucket only",
        figure=handled / seconds,
        unit="events/s",
        aim=2_500,
        note=f"about {handled / 256:.0f} events a transaction, one thread",
    )


def _drain(db: psycopg.Connection, house: House, bucket: int) -> int:
    handled = 0
    while True:
        with db.transaction():
            tally = turn(db, house, [bucket], shop.NOON)
        if tally == NOTHING:
            return handled
        handled += tally.events


def _delay(conninfo: str, seconds: int) -> Row:
    """Let 500 events a second come in, and read from PostgreSQL when their decisions were committed."""
    with stage.another(conninfo, "delay") as database:
        shop.open_shop(database, *shop.files())
        with stage.process("work", TERRAIN_DATABASE_URL=database, TERRAIN_SENDS="false", **QUIET):
            # Who is awake already has a bucket; an event that waits for Python to start is no measure of us.
            stage.wait_for(
                "a worker", 30, lambda: _is_any(database, "bucket_lease WHERE owner <> ''")
            )
            _trickle(database, seconds)
            stage.wait_for("all decided", 30, lambda: not _is_any(database, "pending"))
        with psycopg.connect(database) as db:
            delays = db.execute(
                """
                SELECT extract(epoch FROM pg_xact_commit_timestamp(d.xmin) - e.received_at)
                  FROM decision d
                  JOIN event e ON e.bucket = d.bucket AND e.customer_id = d.customer_id
                """
            ).fetchall()
    ordered = sorted(float(row[0]) for row in delays)
    return Row(
        name="from the door to the stored decision at 500 events/s, p95",
        figure=1e3 * ordered[int(0.95 * len(ordered))],
        unit="ms",
        aim=250,
        limit=50,
        limit_is="the worker looks every",
        less_is_better=True,
        note=f"p50 {1e3 * ordered[len(ordered) // 2]:.0f} ms, {len(ordered):,} events, one each",
    )


def _trickle(database: str, seconds: int) -> None:
    door = door_of(read())
    with psycopg.connect(database) as db:
        begun = time.perf_counter()
        for tick in range(seconds * 50):
            batch = [Message(raw=shop.order(tick * 10 + n, 10**9)) for n in range(10)]
            take_in(db, batch, shop.SOURCE, datetime.now(UTC), door)
            db.commit()
            door.known.committed()
            time.sleep(max(0.0, begun + (tick + 1) / 50 - time.perf_counter()))


def _count(database: str, table: str) -> int:
    with psycopg.connect(database) as db:
        row = db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - ours
    return row[0] if row else 0


def _is_any(database: str, table: str) -> bool:
    """Tell whether there is a row, without counting them: that cost PostgreSQL more than the worker did."""
    with psycopg.connect(database) as db:
        row = db.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone()  # noqa: S608 - ours
    return bool(row and row[0])


def _raw_insert(database: str, count: int) -> float:
    """Return how many bare events a second one connection inserts, in the batches of a turn."""
    rows = [
        NewEvent(n % 256, n, n, shop.NOON, shop.NOON, f"raw-{n}", "x", "raw", shop.order(n))
        for n in range(count)
    ]
    with psycopg.connect(database) as db:
        begun = time.perf_counter()
        for start in range(0, count, 1000):
            events.write(db, rows[start : start + 1000])
            db.commit()
        seconds = time.perf_counter() - begun
        db.execute(
            "DELETE FROM pending p USING event e WHERE e.source = 'raw' AND e.bucket = p.bucket"
            " AND e.customer_id = p.customer_id"
        )
        db.execute("DELETE FROM event WHERE source = 'raw'")
        db.commit()
    return count / seconds
