"""What a worker tidies up beside its turns: old counters, and which source keeps being wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from terrain.config import read
from terrain.flow import sources
from terrain.flow.housekeeping import BETWEEN_FOLDS
from terrain.flow.worker import Worker
from terrain.store import counters
from terrain.store.connection import Record, given_up_after
from terrain.store.counters import EVER, Counted, What

NOW = datetime(2026, 11, 22, 12, 34, tzinfo=UTC)
SENT = What("filter-reminder", 3, "act.left")


@pytest.fixture
def worker(fresh_database: str) -> Iterator[Worker]:
    with Record(fresh_database, by_key=True).opened() as record:
        tending = Worker(record, read())
        tending.buckets = [0, 1, 2]
        yield tending


def count(worker: Worker, ago: timedelta) -> None:
    with worker.record.local() as db:
        counters.add(db, counters.counts(99, NOW - ago, [SENT]))


def test_old_hours_are_folded_now_and_then(worker: Worker) -> None:
    count(worker, timedelta(days=2))
    assert worker.housekeeping.fold_counters(NOW) == 1
    assert worker.housekeeping.fold_counters(NOW) == 0  # nothing is left

    count(worker, timedelta(days=3))
    assert worker.housekeeping.fold_counters(NOW + timedelta(minutes=1)) == 0  # not yet again
    assert worker.housekeeping.fold_counters(NOW + BETWEEN_FOLDS) == 1
    with worker.record.local() as db:
        assert counters.sums(db, EVER) == [Counted(*SENT, 2)]


def test_one_worker_is_enough_for_it(worker: Worker) -> None:
    count(worker, timedelta(days=2))
    worker.buckets = [7, 8]
    for chore in worker.chores():
        if chore != worker.tend:
            chore(NOW)

    worker.buckets = [0]
    assert worker.housekeeping.fold_counters(NOW) == 1  # it was left to another


def test_which_source_was_wrong_is_counted_and_the_next_look_up_is_by_key_again(
    worker: Worker,
) -> None:
    worker.housekeeping.reckon_trust(NOW)

    with worker.record.local() as db:
        found = sources.reckoned(db)
        assert found
        assert (found.at, found.trust) == (NOW, [])
        assert db.execute("SHOW enable_hashjoin").fetchone() == ("off",)
        assert db.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_a_report_that_takes_too_long_is_given_up(worker: Worker) -> None:
    with worker.record.local() as db, db.transaction(force_rollback=True):
        given_up_after(db, timedelta(milliseconds=50))
        with pytest.raises(psycopg.errors.QueryCanceled):
            db.execute("SELECT pg_sleep(5)")
