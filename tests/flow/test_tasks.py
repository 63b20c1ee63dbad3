"""A task in somebody's charge: no automation talks over them, and what came of it is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from terrain.core.task import Task, TaskKind
from terrain.errors import Refusal
from terrain.flow import tasks as work
from terrain.store import tasks
from tests.reminded import Reminded

NOW = datetime.now(UTC)


@pytest.fixture
def lea(db: Connection) -> Reminded:
    return Reminded(db)


def a_task(lea: Reminded, number: int = 1, kind: TaskKind = TaskKind.A_PERSON_PLEASE) -> Task:
    task = Task(key=lea.key, task_id=number, kind=kind, title="x", opened_at=NOW)
    tasks.save(lea.db, [task])
    return stored(lea, number)


def stored(lea: Reminded, number: int) -> Task:
    found = tasks.find(lea.db, number)
    assert found
    return found


def said(lea: Reminded) -> list[str]:
    rows = lea.db.execute(
        "SELECT name FROM event WHERE name LIKE 'person.%' OR name = 'task.done' ORDER BY name"
    )
    return [name for (name,) in rows]


def in_charge(lea: Reminded) -> Any:
    """Return who is in charge of Léa, as a worker learns it."""
    claims = lea.work().claims
    found = [claim for key, some in claims.items() if key.fact == "in_charge" for claim in some]
    return max(found, key=lambda claim: claim.at).value if found else None


def test_whoever_takes_the_task_takes_charge_of_the_customer(lea: Reminded) -> None:
    work.take(lea.db, a_task(lea), "Inès", NOW)

    assert stored(lea, 1).taken_by == "Inès"
    assert in_charge(lea) == "Inès"


def test_whoever_gives_it_back_lets_go(lea: Reminded) -> None:
    work.take(lea.db, a_task(lea), "Inès", NOW)
    work.give_back(lea.db, stored(lea, 1), NOW + timedelta(minutes=1))

    assert stored(lea, 1).taken_by == ""
    assert not in_charge(lea)


def test_whoever_closes_it_lets_go(lea: Reminded) -> None:
    work.take(lea.db, a_task(lea), "Inès", NOW)
    assert work.close(lea.db, stored(lea, 1), "Inès", "called her", NOW)

    assert said(lea) == ["person.let_go", "person.took_charge", "task.done"]


def test_with_a_second_task_in_charge_nobody_lets_go_yet(lea: Reminded) -> None:
    for number in (1, 2):
        work.take(lea.db, a_task(lea, number), "Inès", NOW)
    work.close(lea.db, stored(lea, 1), "Inès", "called her", NOW)
    assert "person.let_go" not in said(lea)

    work.close(lea.db, stored(lea, 2), "Inès", "called again", NOW)
    assert "person.let_go" in said(lea)


def test_a_colleague_takes_it_over(lea: Reminded) -> None:
    work.take(lea.db, a_task(lea), "Inès", NOW)
    work.take(lea.db, stored(lea, 1), "Omar", NOW + timedelta(minutes=1))

    assert stored(lea, 1).taken_by == "Omar"
    assert in_charge(lea) == "Omar"


def test_of_two_who_reach_for_it_at_once_one_has_it(lea: Reminded) -> None:
    seen = a_task(lea)
    work.take(lea.db, seen, "Inès", NOW)
    work.take(lea.db, seen, "Omar", NOW)  # who still saw it in nobody's charge

    assert stored(lea, 1).taken_by == "Inès"
    assert said(lea) == ["person.took_charge"]


def test_taking_it_twice_says_it_once(lea: Reminded) -> None:
    work.take(lea.db, a_task(lea), "Inès", NOW)
    work.take(lea.db, stored(lea, 1), "Inès", NOW)

    assert said(lea) == ["person.took_charge"]


def test_who_only_finds_out_what_happened_silences_nobody(lea: Reminded) -> None:
    work.take(lea.db, a_task(lea, kind=TaskKind.UNKNOWN_OUTCOME), "Inès", NOW)
    work.close(lea.db, stored(lea, 1), "Inès", "it had left", NOW)

    assert said(lea) == ["task.done"]


def test_nobody_takes_charge_of_what_is_done(lea: Reminded) -> None:
    work.close(lea.db, a_task(lea), "Inès", "called her", NOW)

    with pytest.raises(Refusal) as refused:
        work.take(lea.db, stored(lea, 1), "Omar", NOW)
    assert refused.value.code == "task_already_done"


def test_giving_back_what_nobody_took_says_nothing(lea: Reminded) -> None:
    work.give_back(lea.db, a_task(lea), NOW)

    assert said(lea) == []
