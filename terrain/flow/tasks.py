"""Closes what people had to do, and lets everything that waits for it hear of it.

Promise: the task and the word of it stand or fall together; the first person's outcome stands.
"""

from datetime import datetime

from psycopg import Connection

from terrain.core.task import TALKS, Task
from terrain.errors import Refusal
from terrain.flow.sources import DESK, declare_desk
from terrain.flow.told import Told, tell
from terrain.store import tasks
from terrain.words import catalogue

SHORTEST, LONGEST = 3, 2_000


class OutcomeMissing(Refusal):
    """A task is closed by saying what came of it: somebody will want to know."""

    code = "outcome_missing"


class UnknownTask(Refusal):
    """There is no task of this number."""

    code = "unknown_task"
    status = 404


class AlreadyDone(Refusal):
    """Nobody can take charge of what is done."""

    code = "task_already_done"
    status = 409


def title_of(task: Task, language: str) -> str:
    """Return what the task is called: an owner's own words, an act's name, or a code of ours in words."""
    sentence = catalogue(language).pgettext("task", task.title)
    return task.title.replace("_", " ") if sentence == task.title else sentence


def open_task(db: Connection, task_id: int) -> Task:
    """Return one task, or refuse a number that nobody gave."""
    found = tasks.find(db, task_id)
    if found is None:
        raise UnknownTask(field="task", value=task_id)
    return found


def close(db: Connection, task: Task, by: str, outcome: str, now: datetime) -> bool:
    """Close the task; say whether it was still open. The run that waits for it goes on."""
    if not SHORTEST <= len(outcome) <= LONGEST:
        raise OutcomeMissing(field="outcome", right=f"{SHORTEST}–{LONGEST}")
    if not tasks.close(db, task, by, outcome, now):
        return False
    _let_go(db, task, now)
    said = {
        "task_id": str(task.task_id),
        "kind": task.kind.value,
        "outcome": outcome,
        "by": by,
    }
    done = Told(event="task.done", properties=said, once=f"task:{task.task_id}")
    _tell(db, task, done, now)
    return True


def take(db: Connection, task: Task, by: str, now: datetime) -> None:
    """Take charge of an open task, from nobody or from somebody else.

    Whoever is about to speak with a customer takes charge of them too: no automation speaks meanwhile.
    """
    if task.done_at is not None:
        raise AlreadyDone(field="task", value=task.task_id)
    if not tasks.take(db, task, by):
        return
    if task.kind in TALKS:
        once = f"took:{task.task_id}:{now.timestamp()}"
        _tell(db, task, Told(event="person.took_charge", properties={"who": by}, once=once), now)


def give_back(db: Connection, task: Task, now: datetime) -> None:
    """Take one's name from a task again: somebody else may do it."""
    if task.taken_by and tasks.take(db, task, ""):
        _let_go(db, task, now)


def _let_go(db: Connection, task: Task, now: datetime) -> None:
    """Let automations speak again, unless somebody still has another task about this customer."""
    if not task.taken_by or task.kind not in TALKS or tasks.taken_of(db, task.key):
        return
    said = {"who": task.taken_by, "task_id": str(task.task_id)}
    once = f"let_go:{task.task_id}:{now.timestamp()}"
    _tell(db, task, Told(event="person.let_go", properties=said, once=once), now)


def _tell(db: Connection, task: Task, told: Told, now: datetime) -> None:
    declare_desk(db)
    tell(db, task.key, told, now, DESK)
