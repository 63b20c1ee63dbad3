"""The state of everything in a few counts, for the people who answer for it.

Promise: read only, and reports all (scale.md R13): they look over every bucket. What could grow without
end is counted up to a limit and estimated beyond it, and says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.sql import SQL, Identifier

COUNTED_EXACTLY = 50_000


class Count(NamedTuple):
    """How many there are; `about` where that is PostgreSQL's own estimate."""

    n: int
    about: bool = False


class AutomationRow(NamedTuple):
    """An automation, what it has under way and what was decided about it."""

    name: str
    version: int
    since: datetime
    paused_at: datetime | None
    paused_by: str
    paused_because: str
    retired_at: datetime | None
    refused: Any
    runs: dict[str, int]
    verdicts: dict[str, int]


class WorkerRow(NamedTuple):
    name: str
    started_at: datetime
    seen_at: datetime
    handled: int


def count(db: Connection, table: str) -> Count:
    """Return how many rows there are, exactly while that is cheap."""
    row = db.execute(
        SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT %s) AS counted").format(Identifier(table)),
        [COUNTED_EXACTLY],
    ).fetchone()
    if row and row[0] < COUNTED_EXACTLY:
        return Count(row[0])
    guess = db.execute(
        "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table]
    ).fetchone()
    return Count(max(COUNTED_EXACTLY, guess[0] if guess else 0), about=True)


def workers(db: Connection) -> list[WorkerRow]:
    rows = db.execute("SELECT name, started_at, seen_at, handled FROM worker ORDER BY name")
    return [WorkerRow(*row) for row in rows]


def oldest_pending(db: Connection) -> datetime | None:
    """Return since when the event waits that waits longest."""
    row = db.execute(
        """
        SELECT e.received_at
          FROM (SELECT bucket, customer_id, message_id FROM pending ORDER BY event_id LIMIT 1) AS p
          JOIN event e USING (bucket, customer_id, message_id)
        """
    ).fetchone()
    return row[0] if row else None


def automations(db: Connection) -> list[AutomationRow]:
    """Return all automations with their live runs by state and their decisions by verdict."""
    runs = _nested(
        db, "SELECT automation, state, count(*) FROM run WHERE ended_at IS NULL GROUP BY 1, 2"
    )
    verdicts = _nested(db, "SELECT automation, verdict, count(*) FROM decision GROUP BY 1, 2")
    rows = db.execute(
        """
        SELECT name, live_version, changed_at, paused_at, paused_by, paused_because,
               retired_at, refused
          FROM automation ORDER BY name
        """
    )
    return [
        AutomationRow._make((*row, runs.get(row[0], {}), verdicts.get(row[0], {}))) for row in rows
    ]


def acts(db: Connection) -> dict[str, int]:
    """Return how many acts stand in each state."""
    return dict(db.execute("SELECT state, count(*) FROM act GROUP BY 1").fetchall())


def open_tasks(db: Connection) -> int:
    row = db.execute("SELECT count(*) FROM task WHERE done_at IS NULL").fetchone()
    return row[0] if row else 0


class DecisionRow(NamedTuple):
    """One line of a list of decisions."""

    bucket: int
    customer_id: int
    decision_id: int
    at: datetime
    verdict: str
    because: str
    automation: str
    certainty: float | None
    needs: float | None
    close_call: bool


def decisions(db: Connection, verdict: str | None, most: int = 50) -> list[DecisionRow]:
    """Return the latest decisions, all or those with one verdict."""
    rows = db.execute(
        """
        SELECT bucket, customer_id, decision_id, at, verdict, because, automation, certainty, needs,
               close_call
          FROM decision
         WHERE %(verdict)s::text IS NULL OR verdict = %(verdict)s
         ORDER BY at DESC, decision_id DESC
         LIMIT %(most)s
        """,
        {"verdict": verdict, "most": most},
    )
    return [DecisionRow(*row) for row in rows]


class Found(NamedTuple):
    """A customer found by one of their identifiers."""

    bucket: int
    customer_id: int
    kind: str
    value: str


def find_customers(db: Connection, text: str, most: int = 20) -> list[Found]:
    """Return the customers with an identifier that begins like this (a report: every bucket)."""
    rows = db.execute(
        """
        SELECT DISTINCT ON (survivor_id) survivor_bucket, survivor_id, kind, value
          FROM customer
         WHERE value ILIKE %(like)s
         ORDER BY survivor_id DESC
         LIMIT %(most)s
        """,
        {"like": _beginning_with(text), "most": most},
    )
    return [Found(*row) for row in rows]


def latest_customers(db: Connection, most: int = 20) -> list[Found]:
    """Return the customers about whom something was decided last."""
    rows = db.execute(
        """
        SELECT c.bucket, c.customer_id, c.kind, c.value
          FROM (SELECT bucket, customer_id, max(decision_id) AS last
                  FROM decision GROUP BY 1, 2 ORDER BY 3 DESC LIMIT %s) AS d
          JOIN customer c USING (bucket, customer_id)
         ORDER BY d.last DESC
        """,
        [most],
    )
    return [Found(*row) for row in rows]


def _beginning_with(text: str) -> str:
    """Return the pattern for LIKE, its own signs taken literally."""
    plain = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return plain + "%"


def _nested(db: Connection, query: str) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {}
    for outer, inner, n in db.execute(query.encode()):
        counted.setdefault(outer, {})[inner] = n
    return counted
