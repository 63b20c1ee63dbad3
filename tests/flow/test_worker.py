"""How several workers share the buckets, and how one at rest hears that there is something to do."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from psycopg import Connection

from benchmarks import shop
from terrain.config import read
from terrain.flow.take_in import Message, take_in
from terrain.flow.worker import BETWEEN_RENEWALS, Worker, _one_turn
from terrain.store import leases, pending, runs
from terrain.store.connection import Record
from tests.core.test_turn import a_run
from tests.people import NOON

EVERYWHERE = list(range(256))
SECOND = timedelta(seconds=1)
ORDER = Message(raw=shop.order(1))


@pytest.fixture
def record(fresh_database: str) -> Iterator[Record]:
    with Record(fresh_database, by_key=True).opened() as record:
        with record.local() as db:
            leases.prepare(db, NOON)
        yield record


def a_worker(record: Record, name: str) -> Worker:
    worker = Worker(record, read())
    worker.name = name
    return worker


def renewed_at(record: Record) -> datetime:
    with record.local() as db:
        row = db.execute("SELECT max(until) FROM bucket_lease").fetchone()
    assert row is not None
    found: datetime = row[0] - leases.LASTS
    return found


# -- sharing ---------------------------------------------------------------------------------------


def test_one_at_rest_renews_its_leases_only_now_and_then(record: Record) -> None:
    worker = a_worker(record, "one")
    for second in range(5):
        worker.tend(NOON + second * SECOND)
    assert renewed_at(record) == NOON

    worker.tend(NOON + BETWEEN_RENEWALS)

    assert renewed_at(record) == NOON + BETWEEN_RENEWALS
    assert len(worker.buckets) == 256


def test_a_lease_outlives_two_renewals_that_fail() -> None:
    assert leases.LASTS >= 3 * BETWEEN_RENEWALS


def test_one_makes_room_for_another_at_its_next_look(record: Record) -> None:
    one, other = a_worker(record, "one"), a_worker(record, "other")
    one.tend(NOON)
    other.tend(NOON + SECOND)
    assert other.buckets == []

    one.tend(NOON + 2 * SECOND)
    assert len(one.buckets) == 128

    for second in range(3, 18):  # the other takes what is not renewed any more
        other.tend(NOON + second * SECOND)
    assert sorted([*one.buckets, *other.buckets]) == EVERYWHERE


def test_what_one_held_who_died_is_taken_over_at_once_when_its_leases_run_out(
    record: Record,
) -> None:
    dead, heir = a_worker(record, "dead"), a_worker(record, "heir")
    dead.tend(NOON)

    for second in range(1, 17):
        heir.tend(NOON + second * SECOND)

    assert len(heir.buckets) == 256


def test_a_clock_that_jumps_back_keeps_nobody_from_renewing(record: Record) -> None:
    worker = a_worker(record, "one")
    worker.tend(NOON)
    for second in range(6):
        worker.tend(NOON - timedelta(hours=1) + second * SECOND)

    with record.local() as db:
        (seen,) = db.execute("SELECT seen_at FROM worker").fetchall()
    assert seen == (NOON - timedelta(hours=1) + BETWEEN_RENEWALS,)


# -- hearing ---------------------------------------------------------------------------------------


def test_an_event_that_waits_is_heard_of_by_whoever_tends_its_bucket(db: Connection) -> None:
    (result,) = take_in(db, [ORDER], shop.SOURCE, NOON)
    assert result.node is not None
    others = [bucket for bucket in EVERYWHERE if bucket != result.node.bucket]

    assert pending.is_any(db, EVERYWHERE, NOON)
    assert not pending.is_any(db, others, NOON)


def test_a_run_is_heard_of_when_it_falls_due(db: Connection) -> None:
    run = a_run(1, days_ago=9)
    assert run.due_at is not None
    runs.save(db, [run])

    assert not pending.is_any(db, EVERYWHERE, run.due_at - SECOND)
    assert pending.is_any(db, EVERYWHERE, run.due_at)


def test_what_a_turn_decides_wakes_those_who_send(record: Record) -> None:
    shop.open_shop(record.conninfo, *shop.files())
    worker = a_worker(record, "one")

    _one_turn(worker, EVERYWHERE, 1_000)
    assert not any(each.is_set() for each in worker.decided)
    with record.local() as db, db.transaction():
        take_in(db, [ORDER], shop.SOURCE, NOON)
    _one_turn(worker, EVERYWHERE, 1_000)

    assert all(each.is_set() for each in worker.decided)
