"""The state of everything in a few counts, for the people who answer for it.

Promise: read only, and reports all (scale.md R13): they look over every bucket. What could grow without
end is counted up to a limit and estimated beyond it, and says so.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from terrain.core.identifier import BUCKETS
from terrain.store import counters
from terrain.store.counters import DECIDED, EVER, RUNS

COUNTED_EXACTLY = 10_000
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


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
    under_way: int
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
    """Return since when the event waits that waits longest: the first of each bucket, then the first of those."""
    row = db.execute(
        """
        SELECT e.received_at
          FROM (SELECT p.bucket, p.customer_id, p.message_id
                  FROM generate_series(0, %s) AS b (bucket)
                 CROSS JOIN LATERAL (
                    SELECT * FROM pending WHERE bucket = b.bucket ORDER BY event_id LIMIT 1) AS p
                 ORDER BY p.event_id
                 LIMIT 1) AS p
          JOIN event e USING (bucket, customer_id, message_id)
        """,
        [BUCKETS - 1],
    ).fetchone()
    return row[0] if row else None


def automations(db: Connection, since: datetime) -> list[AutomationRow]:
    """Return all automations with how many runs they have under way, and their decisions since then."""
    under_way: Counter[str] = Counter()
    for each in counters.sums(db, EVER, of=RUNS):
        under_way[each.automation] += each.n if each.what == "run.started" else -each.n
    verdicts: dict[str, dict[str, int]] = {}
    for each in counters.sums(db, since, of=DECIDED):
        of_one = verdicts.setdefault(each.automation, {})
        verdict = each.what.removeprefix("decided.")
        of_one[verdict] = of_one.get(verdict, 0) + each.n
    rows = db.execute(
        """
        SELECT name, live_version, changed_at, paused_at, paused_by, paused_because,
               retired_at, refused
          FROM automation ORDER BY name
        """
    )
    return [
        AutomationRow._make((*row, under_way[row[0]], verdicts.get(row[0], {}))) for row in rows
    ]


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


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions somebody wants to see; `before` is the last line of the page before this one."""

    verdict: str | None = None
    automation: str | None = None
    close_call: bool = False
    since: datetime = EVER
    until: datetime = NEVER
    before: tuple[datetime, int] | None = None


# Which automations decided what at all: a look at the index for each, however many decisions there are.
PAIRS = """
    WITH RECURSIVE pair AS (
        (SELECT automation, verdict FROM decision ORDER BY automation, verdict LIMIT 1)
        UNION ALL
        SELECT n.automation, n.verdict
          FROM pair p
         CROSS JOIN LATERAL (
            SELECT automation, verdict FROM decision
             WHERE (automation, verdict) > (p.automation, p.verdict)
             ORDER BY automation, verdict LIMIT 1) AS n
    )"""


def deciders(db: Connection) -> list[str]:
    """Return whatever something was decided for: automations, and other systems that asked."""
    rows = db.execute(f"{PAIRS} SELECT DISTINCT automation FROM pair ORDER BY automation".encode())
    return [name for (name,) in rows]


def decisions(db: Connection, wanted: Wanted, most: int = 50) -> list[DecisionRow]:
    """Return the latest decisions that are wanted.

    The latest of each automation and verdict by the index, then the latest of those: however many there are
    in all, no more is read than a page of each pair.
    """
    close = "AND d.close_call" if wanted.close_call else ""
    rows = db.execute(
        f"""
        {PAIRS}
        SELECT d.bucket, d.customer_id, d.decision_id, d.at, d.verdict, d.because, d.automation,
               d.certainty, d.needs, d.close_call
          FROM pair p
         CROSS JOIN LATERAL (
            SELECT * FROM decision d
             WHERE d.automation = p.automation AND d.verdict = p.verdict {close}
               AND d.at >= %(since)s AND d.at < %(until)s
               AND (d.at, d.decision_id) < (%(at)s, %(decision)s)
             ORDER BY d.at DESC, d.decision_id DESC
             LIMIT %(most)s) AS d
         WHERE (%(verdict)s::text IS NULL OR p.verdict = %(verdict)s)
           AND (%(automation)s::text IS NULL OR p.automation = %(automation)s)
         ORDER BY d.at DESC, d.decision_id DESC
         LIMIT %(most)s
        """.encode(),
        {
            **msgspec.structs.asdict(wanted),
            # PostgreSQL begins at the first bound it is told, not at the nearest.
            "until": min(wanted.until, wanted.before[0] + MICROSECOND)
            if wanted.before
            else wanted.until,
            "at": wanted.before[0] if wanted.before else NEVER,
            "decision": wanted.before[1] if wanted.before else 0,
            "most": most,
        },
    )
    return [DecisionRow(*row) for row in rows]
