"""Which worker tends which buckets.

A lease only spreads the load: the lock on the customer keeps it right when two workers believe that they
hold the same bucket (`scale.md`, due work).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from psycopg import Connection

from terrain.core.identifier import BUCKETS

LASTS = timedelta(seconds=15)


def renew(db: Connection, owner: str, share: int, now: datetime) -> list[int]:
    """Keep what is ours, take what nobody tends, up to `share` buckets in all; return what we tend now."""
    rows = db.execute(
        """
        WITH ours AS (
            SELECT bucket FROM bucket_lease
             WHERE owner = %(owner)s OR until < %(now)s
             ORDER BY (owner = %(owner)s AND until >= %(now)s) DESC, bucket
             LIMIT %(share)s
               FOR UPDATE SKIP LOCKED
        )
        UPDATE bucket_lease l
           SET owner = %(owner)s, until = %(until)s
          FROM ours
         WHERE l.bucket = ours.bucket
        RETURNING l.bucket
        """,
        {"owner": owner, "now": now, "share": share, "until": now + LASTS},
    ).fetchall()
    return sorted(row[0] for row in rows)


def release(db: Connection, owner: str, buckets: Sequence[int], now: datetime) -> None:
    """Give these buckets back at once, so that nobody waits for the leases to run out."""
    db.execute(
        "UPDATE bucket_lease SET until = %s WHERE owner = %s AND bucket = ANY(%s)",
        [now - LASTS, owner, list(buckets)],
    )


def prepare(db: Connection, now: datetime) -> None:
    """Make the 256 rows where they are missing."""
    db.execute(
        """
        INSERT INTO bucket_lease (bucket, until, owner)
        SELECT bucket, %s, '' FROM generate_series(0, %s) AS bucket
        ON CONFLICT DO NOTHING
        """,
        [now - LASTS, BUCKETS - 1],
    )


def say_alive(db: Connection, name: str, now: datetime, handled: int) -> None:
    """Leave a sign of life, by which the doctor and the other workers know how many share the work."""
    db.execute(
        """
        INSERT INTO worker (name, started_at, seen_at, handled) VALUES (%(name)s, %(now)s, %(now)s, %(handled)s)
        ON CONFLICT (name) DO UPDATE SET seen_at = EXCLUDED.seen_at, handled = worker.handled + EXCLUDED.handled
        """,
        {"name": name, "now": now, "handled": handled},
    )


def alive(db: Connection, now: datetime) -> int:
    """Return how many workers gave a sign of life lately."""
    row = db.execute("SELECT count(*) FROM worker WHERE seen_at > %s", [now - LASTS]).fetchone()
    return row[0] if row else 0


def leave(db: Connection, name: str) -> None:
    """Take the worker off the list."""
    db.execute("DELETE FROM worker WHERE name = %s", [name])


def names(db: Connection) -> list[str]:
    """Return the workers on the list, those that died without a word too."""
    return [row[0] for row in db.execute("SELECT name FROM worker")]


def bury(db: Connection, dead: Sequence[str], now: datetime) -> None:
    """Give back what these held, who are no more, so that nobody waits for their leases to run out."""
    for name in dead:
        db.execute(
            "UPDATE bucket_lease SET until = %s WHERE owner = %s AND until > %s",
            [now - LASTS, name, now - LASTS],
        )
        leave(db, name)
