"""Lists of tasks: by age, by name, by lateness; page after page, none left out."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from terrain.core.identifier import key_of
from terrain.core.task import Task, TaskKind
from terrain.store import tasks
from terrain.store.tasks import Place, Waiting

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def ten(db: Connection) -> list[Task]:
    """Ten tasks an hour apart, two opened at the same moment; the first three are due by now."""
    made = [
        Task(
            key=key_of(number),
            task_id=number,
            kind=TaskKind.HAND,
            title="x",
            opened_at=NOON - HOUR * (10 - number // 2 * 2),
            due_at=NOON + HOUR * (number - 3) if number < 6 else None,
        )
        for number in range(1, 11)
    ]
    tasks.save(db, made)
    return made


def numbers(found: list[Task]) -> list[int]:
    return [task.task_id for task in found]


def test_the_oldest_comes_first_and_no_page_leaves_one_out(db: Connection, ten: list[Task]) -> None:
    seen: list[Task] = []
    place = None
    while page := tasks.open_ones(db, 3, place):
        seen += page
        place = Place(page[-1].opened_at, page[-1].task_id)

    assert numbers(seen) == numbers(ten)


def test_those_in_my_charge_are_mine_alone(db: Connection, ten: list[Task]) -> None:
    for task in ten[2:5]:
        tasks.take(db, task, "Inès")
    tasks.take(db, ten[6], "Omar")

    assert numbers(tasks.taken_by(db, "Inès")) == [3, 4, 5]
    assert numbers(tasks.taken_by(db, "Inès", 2, Place(ten[2].opened_at, 3))) == [4, 5]
    assert tasks.taken_by(db, "") == []


def test_those_whose_date_is_over_are_late(db: Connection, ten: list[Task]) -> None:
    assert numbers(tasks.late_ones(db, NOON)) == [1, 2, 3]
    tasks.close(db, ten[0], "Inès", "done", NOON)
    assert numbers(tasks.late_ones(db, NOON)) == [2, 3]


def test_those_done_are_listed_the_last_first(db: Connection, ten: list[Task]) -> None:
    for hours, task in enumerate(ten[:4]):
        tasks.close(db, task, "Inès", "done", NOON + HOUR * hours)

    assert numbers(tasks.done_ones(db, 3)) == [4, 3, 2]
    assert numbers(tasks.done_ones(db, 3, Place(NOON + HOUR, 2))) == [1]


def test_they_are_counted_for_whoever_asks(db: Connection, ten: list[Task]) -> None:
    tasks.take(db, ten[3], "Inès")

    assert tasks.waiting(db, "Inès", NOON) == Waiting(10, 3, 1, ten[0].opened_at)
    assert tasks.waiting(db, "", NOON, most=4) == Waiting(4, 3, 0, ten[0].opened_at)


def test_nothing_to_do(db: Connection) -> None:
    assert tasks.waiting(db, "Inès", NOON) == Waiting(0, 0, 0, None)
