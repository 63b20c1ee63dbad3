"""What is typed about tasks: what people have to do, with everything they need."""

from datetime import UTC, datetime

import psycopg
import pytest

from terrain import cli
from terrain.core.identifier import Identifier, Kind
from terrain.core.task import Task, TaskKind
from terrain.store import tasks
from terrain.store.identifiers import resolve
from tests.typing_at_the_terminal import Typed

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEA = Identifier(Kind.USER_ID, "lea")


@pytest.fixture
def task(fresh_database: str) -> Task:
    """Return an open task: Léa asked for a person."""
    with psycopg.connect(fresh_database) as db:
        key = resolve(db, [LEA], NOON)[LEA]
        wanted = Task(
            key=key,
            task_id=77,
            kind=TaskKind.A_PERSON_PLEASE,
            title="a_person_please",
            opened_at=NOON,
            file={"said": {"about": "my order o-17"}},
        )
        tasks.save(db, [wanted])
    return wanted


def test_ines_sees_who_wants_a_person_and_everything_she_needs(typed: Typed, task: Task) -> None:
    assert "A demandé une personne" in typed("tasks", "list")[1]
    assert "my order o-17" in typed("tasks", "show", str(task.task_id))[1]


def test_a_task_is_closed_once_and_the_first_outcome_stands(typed: Typed, task: Task) -> None:
    assert typed("tasks", "close", str(task.task_id), "Called her back", "--json")["closed"] is True

    code, said = typed("tasks", "close", "77", "Wrote to her")

    assert code == cli.DONE
    assert "Called her back" in said
    assert typed("tasks", "list", "--json") == []


def test_a_task_is_not_closed_without_a_word(typed: Typed, task: Task) -> None:
    code, _ = typed("tasks", "close", str(task.task_id), "x")

    assert code == cli.REFUSED


def test_a_number_that_nobody_gave_is_refused(typed: Typed) -> None:
    code, said = typed("tasks", "show", "12345")

    assert code == cli.REFUSED
    assert "12345" in said
