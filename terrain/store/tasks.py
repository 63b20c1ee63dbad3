"""What people have to do: opened once, closed once, with the file that tells them everything they need."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

from terrain.core.identifier import CustomerKey
from terrain.core.task import Task, TaskKind
from terrain.store.columns import KEYS, Columns

COLUMNS = (
    "bucket, customer_id, task_id, run_id, decision_id, act_id, opened_at, due_at, done_at, "
    "kind, title, automation, taken_by, done_by, outcome, file"
)
_ROW = Columns(
    "bucket smallint, customer_id bigint, task_id bigint, run_id bigint, decision_id bigint, "
    "act_id bigint, opened_at timestamptz, due_at timestamptz, kind text, title text, "
    "automation text, file jsonb"
)


def of_row(row: tuple[Any, ...]) -> Task:
    """Return the task that stands in a row of COLUMNS."""
    bucket, customer_id, task_id, run_id, decision_id, act_id, opened_at, due_at, done_at = row[:9]
    kind, title, automation, taken_by, done_by, outcome, file = row[9:]
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
        taken_by=taken_by,
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


def take(db: Connection, task: Task, by: str) -> bool:
    """Put somebody's name on an open task, or with "" nobody's; say whether that changed anything."""
    taken = db.execute(
        """
        UPDATE task SET taken_by = %(by)s
         WHERE bucket = %(bucket)s AND customer_id = %(customer_id)s AND task_id = %(task_id)s
           AND done_at IS NULL AND taken_by = %(before)s AND taken_by <> %(by)s
        """,
        {
            "by": by,
            "before": task.taken_by,
            "bucket": task.key.bucket,
            "customer_id": task.key.customer_id,
            "task_id": task.task_id,
        },
    )
    return taken.rowcount == 1


def taken_of(db: Connection, key: CustomerKey) -> int:
    """Return how many open tasks about this customer carry somebody's name."""
    row = db.execute(
        """
        SELECT count(*) FROM task
         WHERE bucket = %s AND customer_id = %s AND done_at IS NULL AND taken_by <> ''
        """,
        [key.bucket, key.customer_id],
    ).fetchone()
    return row[0] if row else 0


class Place(NamedTuple):
    """The last line of a page: the next one goes on behind it."""

    at: datetime
    task_id: int


def open_ones(db: Connection, most: int = 200, after: Place | None = None) -> list[Task]:
    """Return the open tasks over all customers, the oldest first (a report)."""
    return _listed(db, OPEN, [*(after or BEGINNING), most])


def taken_by(db: Connection, by: str, most: int = 200, after: Place | None = None) -> list[Task]:
    """Return the open tasks that carry this name, the oldest first (a report)."""
    return _listed(db, TAKEN, [by, *(after or BEGINNING), most])


def late_ones(db: Connection, now: datetime, most: int = 200) -> list[Task]:
    """Return the open tasks whose date is over, the latest first (a report)."""
    return _listed(db, LATE, [now, most])


def done_ones(db: Connection, most: int = 200, before: Place | None = None) -> list[Task]:
    """Return the tasks that were closed, the last one first (a report)."""
    return _listed(db, DONE, [*(before or END), most])


BEGINNING = Place(datetime(1970, 1, 1, tzinfo=UTC), 0)
END = Place(datetime(9999, 12, 31, tzinfo=UTC), 0)
# Each by an index of its own; reports over all customers (scale.md R13).
OPEN = """FROM task WHERE done_at IS NULL AND (opened_at, task_id) > (%s, %s)
         ORDER BY opened_at, task_id LIMIT %s"""
TAKEN = """FROM task WHERE done_at IS NULL AND taken_by <> '' AND taken_by = %s
           AND (opened_at, task_id) > (%s, %s) ORDER BY opened_at, task_id LIMIT %s"""
LATE = """FROM task WHERE done_at IS NULL AND due_at IS NOT NULL AND due_at <= %s
         ORDER BY due_at LIMIT %s"""
DONE = """FROM task WHERE done_at IS NOT NULL AND (done_at, task_id) < (%s, %s)
         ORDER BY done_at DESC, task_id DESC LIMIT %s"""


def _listed(db: Connection, which: str, values: list[Any]) -> list[Task]:
    return [of_row(row) for row in db.execute(f"SELECT {COLUMNS} {which}".encode(), values)]


class Waiting(NamedTuple):
    """How much there is to do, counted up to a limit."""

    open: int
    late: int
    mine: int
    oldest: datetime | None


def waiting(db: Connection, by: str, now: datetime, most: int = 10_000) -> Waiting:
    """Return how many tasks are open, late and taken by this person, and since when the oldest waits (a report)."""
    row = db.execute(
        """
        SELECT (SELECT count(*) FROM (SELECT FROM task WHERE done_at IS NULL LIMIT %(most)s) AS t),
               (SELECT count(*) FROM (SELECT FROM task
                 WHERE done_at IS NULL AND due_at IS NOT NULL AND due_at <= %(now)s LIMIT %(most)s) AS t),
               (SELECT count(*) FROM (SELECT FROM task
                 WHERE done_at IS NULL AND taken_by <> '' AND taken_by = %(by)s LIMIT %(most)s) AS t),
               (SELECT min(opened_at) FROM task WHERE done_at IS NULL)
        """,
        {"by": by, "now": now, "most": most},
    ).fetchone()
    return Waiting._make(row or (0, 0, 0, None))


def find(db: Connection, task_id: int) -> Task | None:
    """Return one task by the number that people see (a report: it looks in every bucket)."""
    row = db.execute(f"SELECT {COLUMNS} FROM task WHERE task_id = %s", [task_id]).fetchone()
    return of_row(row) if row else None


def of_customer(db: Connection, nodes: Collection[CustomerKey], most: int = 50) -> list[Task]:
    """Return what people had and have to do for one customer, the latest first."""
    rows = db.execute(
        f"""
        SELECT t.{COLUMNS.replace(", ", ", t.")}
          FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
          JOIN task t ON t.bucket = n.b AND t.customer_id = n.c_id
         ORDER BY t.opened_at DESC, t.task_id DESC LIMIT %s
        """,
        [[node.bucket for node in nodes], [node.customer_id for node in nodes], most],
    )
    return [of_row(row) for row in rows]


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


def open_about(db: Connection, nodes: Iterable[CustomerKey]) -> list[Task]:
    """Return what people still have to do for one customer, under whichever of their nodes."""
    rows = db.execute(
        f"""
        SELECT {COLUMNS}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN task ON bucket = n.b AND customer_id = n.c_id AND done_at IS NULL
         ORDER BY opened_at LIMIT 20
        """,
        KEYS.arrays([(key.bucket, key.customer_id) for key in nodes]),
    )
    return [of_row(row) for row in rows]
