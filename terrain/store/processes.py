"""What was counted of each process, a row a month, and how far the count that is under way has come.

Promise: what pages read is always a whole month, counted to its end; a count that was killed goes on where
it stopped, because its sums and its place stand in one row and change in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb


class Month(NamedTuple):
    """One month of one process."""

    process: str
    month: date
    counted_at: datetime
    counts: Mapping[str, float]


class Look(NamedTuple):
    """A count under way: `what` is looked through, and how far."""

    process: str
    month: date
    what: str
    after_at: datetime
    after_id: int
    counts: Mapping[str, float]


def months(db: Connection, since: date, process: str = "") -> list[Month]:
    """Return the months counted since then, of one process or of all, the earliest first."""
    rows = db.execute(
        """
        SELECT process, month, counted_at, counts FROM seen
         WHERE month >= %(since)s AND (%(process)s = '' OR process = %(process)s)
         ORDER BY process, month
        """,
        {"since": since, "process": process},
    )
    return [Month(*row) for row in rows]


def save(db: Connection, month: Month) -> None:
    """Keep a month in the place of what was counted of it before, and end its look."""
    db.execute(
        """
        INSERT INTO seen (process, month, counted_at, counts) VALUES (%s, %s, %s, %s)
        ON CONFLICT (process, month) DO UPDATE
           SET counted_at = EXCLUDED.counted_at, counts = EXCLUDED.counts
        """,
        [month.process, month.month, month.counted_at, Jsonb(dict(month.counts))],
    )
    db.execute(
        "DELETE FROM seen_look WHERE process = %s AND month = %s", [month.process, month.month]
    )


def hold(db: Connection, process: str, month: date) -> Look | None:
    """Return how far the count of this month has come, and let nobody else go on with it meanwhile."""
    row = db.execute(
        """
        SELECT process, month, what, after_at, after_id, counts FROM seen_look
         WHERE process = %s AND month = %s FOR UPDATE
        """,
        [process, month],
    ).fetchone()
    return Look(*row) if row else None


def go_on(db: Connection, look: Look) -> None:
    """Write down how far a count came; begin it, where it is new."""
    db.execute(
        """
        INSERT INTO seen_look (process, month, what, after_at, after_id, counts)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (process, month) DO UPDATE
           SET what = EXCLUDED.what, after_at = EXCLUDED.after_at, after_id = EXCLUDED.after_id,
               counts = EXCLUDED.counts
        """,
        [*look[:5], Jsonb(dict(look.counts))],
    )
