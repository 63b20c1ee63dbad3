"""How often something that can be guessed was tried: passwords, codes, addresses.

Promise: every web process counts in the same place, and what is counted cannot be read back from it.
"""

from datetime import datetime, timedelta

from psycopg import Connection

KEPT = timedelta(days=1)


def count(db: Connection, who: bytes, within: timedelta, now: datetime) -> tuple[int, datetime]:
    """Count one more try; return how many there were within this time, and since when."""
    row = db.execute(
        """
        INSERT INTO attempt AS a (who, n, since) VALUES (%(who)s, 1, %(now)s)
            ON CONFLICT (who) DO UPDATE
           SET n = CASE WHEN a.since <= %(start)s THEN 1 ELSE a.n + 1 END,
               since = CASE WHEN a.since <= %(start)s THEN %(now)s ELSE a.since END
        RETURNING n, since
        """,
        {"who": who, "now": now, "start": now - within},
    ).fetchone()
    assert row is not None
    return int(row[0]), row[1]


def take_back(db: Connection, who: bytes) -> None:
    """Take one try back: it was none."""
    db.execute("UPDATE attempt SET n = n - 1 WHERE who = %s AND n > 0", [who])


def forget(db: Connection, who: bytes) -> None:
    """Start counting again."""
    db.execute("DELETE FROM attempt WHERE who = %s", [who])


def let_go(db: Connection, now: datetime) -> None:
    """Let go of what is of no use to anybody any more."""
    db.execute("DELETE FROM attempt WHERE since < %s", [now - KEPT])
