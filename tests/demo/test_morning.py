"""The morning after eighteen months: what waits for somebody, and that all of it came by the usual ways."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg import Connection

from terrain.config import read
from terrain.core.task import TaskKind
from terrain.demo import morning
from terrain.demo.load import Loading
from terrain.demo.play import slots
from terrain.store import proposals, sources, tasks, trays

OPENED = date(2025, 1, 6)
DAYS = 410
TODAY = OPENED + timedelta(days=DAYS)
NOW = datetime(2026, 2, 20, 8, 30, tzinfo=UTC)


@pytest.fixture
def record(fresh_database: str) -> Iterator[Connection]:
    """Let only those live on a record for whom something waits, until this morning."""
    with psycopg.connect(fresh_database, autocommit=True) as db:
        playing = Loading(db, read(), OPENED, morning.lives(TODAY))
        playing.is_heard = lambda told: morning.is_heard(told, TODAY)
        for now in slots(OPENED, DAYS):
            playing.go_on(now)
        morning.wakes(db, NOW)
        yield db


def what_was_held(db: Connection) -> set[str]:
    return {because for (because,) in db.execute("SELECT because FROM decision")}


def test_the_morning_finds_something_for_everybody(record: Connection) -> None:
    open_ones = tasks.open_ones(record)
    late = [task.title for task in open_ones if task.due_at and task.due_at < NOW]
    (waiting,) = proposals.all_waiting(record)

    assert sorted(task.kind for task in open_ones) == [
        TaskKind.A_PERSON_PLEASE,
        TaskKind.RIGHT,
        TaskKind.RIGHT,
    ]
    assert late == ["right_access"]
    assert (waiting.name, waiting.by) == ("faster-parcel", "Camille")
    assert sum(trays.count(record).values()) == len(morning.TRAY)
    assert what_was_held(record) == {"open_complaint"}


def test_the_carrier_is_silent_and_nobody_else_is_called_so(record: Connection) -> None:
    silent = [each.name for each in sources.every(record) if each.is_silent(NOW)]

    assert silent == ["carrier"]


def test_whoever_asked_to_be_left_alone_is_left_alone(record: Connection) -> None:
    jules = record.execute(
        "SELECT count(*) FROM decision d JOIN event e USING (bucket, customer_id)"
        " WHERE e.name = 'processing.frozen'"
    ).fetchone()

    assert jules == (0,)
