"""The letters of each week: who gets one, and whether it was sent.

Promise: one row a person and week, so that two workers, or one that died and came back, make one letter.
`queued -> sending -> sent | failed`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection


class Due(NamedTuple):
    """One letter to write: of which week, to whom, and how often that was tried with this time."""

    week: date
    staff_id: int
    tries: int


def is_queued(db: Connection, week: date) -> bool:
    """Say whether the letters of this week were queued."""
    found = db.execute("SELECT FROM weekly_letter WHERE week = %s LIMIT 1", [week])
    return found.fetchone() is not None


def queue(db: Connection, week: date, readers: Collection[int], now: datetime) -> int:
    """Queue a letter to each of these; whoever has one of this week gets no other."""
    return db.execute(
        """
        INSERT INTO weekly_letter (week, staff_id, due_at, state)
        SELECT %s, staff_id, %s, 'queued' FROM unnest(%s::bigint[]) AS r (staff_id)
            ON CONFLICT DO NOTHING
        """,
        [week, now, sorted(readers)],
    ).rowcount


def claim(db: Connection, now: datetime, until: datetime, most: int) -> list[Due]:
    """Take some that are due; whoever took one and died lets go of it when its lease runs out."""
    rows = db.execute(
        """
        WITH d AS (
            SELECT week, staff_id FROM weekly_letter
             WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
             ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
        UPDATE weekly_letter w SET state = 'sending', tries = w.tries + 1, lease_until = %(until)s
          FROM d WHERE w.week = d.week AND w.staff_id = d.staff_id
        RETURNING w.week, w.staff_id, w.tries
        """,
        {"now": now, "until": until, "most": most},
    )
    return [Due(*row) for row in rows]


def sent(db: Connection, one: Due, now: datetime) -> None:
    """Write down that it left."""
    db.execute(
        """
        UPDATE weekly_letter SET state = 'sent', sent_at = %s, due_at = NULL, lease_until = NULL
         WHERE week = %s AND staff_id = %s
        """,
        [now, one.week, one.staff_id],
    )


def put_off(db: Connection, one: Due, because: str, again_at: datetime | None) -> None:
    """Write down that it did not; it is tried again then, or with None given up."""
    db.execute(
        """
        UPDATE weekly_letter
           SET state = CASE WHEN %(at)s::timestamptz IS NULL THEN 'failed' ELSE 'queued' END,
               because = %(because)s, due_at = %(at)s, lease_until = NULL
         WHERE week = %(week)s AND staff_id = %(staff_id)s
        """,
        {"at": again_at, "because": because, "week": one.week, "staff_id": one.staff_id},
    )
