"""What people have to do: opened once, closed once, with the file that tells them everything they need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from terrain.core.identifier import CustomerKey
from terrain.core.task import Task, TaskKind
from terrain.store.columns import Columns

COLUMNS = (
    "bucket, customer_id, task_id, run_id, decision_id, act_id, opened_at, due_at, done_at, "
    "kind, title, automation, done_by, outcome, file"
)
_ROW = Columns(
    "bucket smallint, customer_id bigint, task_id bigint, run_id bigint, decision_id bigint, "
    "act_id bigint, opened_at timestamptz, due_at timestamptz, kind text, title text, "
    "automation text, file jsonb"
)


def of_row(row: tuple[Any, ...]) -> Task:
    """Return the task that stands in a row of COLUMNS."""
    bucket, customer_id, task_id, run_id, decision_id, act_id, opened_at, due_at, done_at = row[:9]
    kind, title, automation, done_by, outcome, file = row[9:]
    return Task(
        key=CustomerKey(bucket, customer_id),
        task_id=task_id,
        kind=TaskKind(kind),
        title=title,
        opened_at=opened_at,
        due_at=due_at,
        automation=automation,
        run_id=run_id,
        decision_id=decision_id,
        act_id=act_id,
        file=file,
        done_at=done_at,
        done_by=done_by,
        outcome=outcome,
    )


def _to_row(task: Task) -> tuple[Any, ...]:
    return (
        *(
            task.key.bucket,
            task.key.customer_id,
            task.task_id,
            task.run_id,
            task.decision_id,
            task.act_id,
        ),
        *(task.opened_at, task.due_at, task.kind.value, task.title, task.automation),
        Jsonb(task.file),
    )


def save(db: Connection, tasks: Iterable[Task]) -> None:
    """Open these tasks. One that is there already stays as it is."""
    rows = [_to_row(task) for task in tasks]
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO task ({_ROW.names})
        SELECT * FROM {_ROW.unnest}
        ON CONFLICT DO NOTHING
        """,
        _ROW.arrays(rows),
    )


def close(db: Connection, task: Task, by: str, outcome: str, now: datetime) -> bool:
    """Close the task. Closing it again changes nothing: the first person's outcome stands."""
    done = db.execute(
        """
        UPDATE task SET done_at = %(now)s, done_by = %(by)s, outcome = %(outcome)s
         WHERE bucket = %(bucket)s AND customer_id = %(customer_id)s AND task_id = %(task_id)s
           AND done_at IS NULL
        """,
        {
            "now": now,
            "by": by,
            "outcome": outcome,
            "bucket": task.key.bucket,
            "customer_id": task.key.customer_id,
            "task_id": task.task_id,
        },
    )
    return done.rowcount == 1


def open_ones(db: Connection, most: int = 200) -> list[Task]:
    """Return the open tasks over all customers, the oldest first (a report)."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM task WHERE done_at IS NULL ORDER BY opened_at LIMIT %s", [most]
    )
    return [of_row(row) for row in rows]


def find(db: Connection, task_id: int) -> Task | None:
    """Return one task by the number that people see (a report: it looks in every bucket)."""
    row = db.execute(f"SELECT {COLUMNS} FROM task WHERE task_id = %s", [task_id]).fetchone()
    return of_row(row) if row else None


def open_of(db: Connection, key: CustomerKey, automation: str) -> list[Task]:
    """Return what people still have to do for one customer on behalf of one automation."""
    rows = db.execute(
        f"""
        SELECT {COLUMNS} FROM task
         WHERE bucket = %s AND customer_id = %s AND automation = %s AND done_at IS NULL
        """,
        [key.bucket, key.customer_id, automation],
    )
    return [of_row(row) for row in rows]
