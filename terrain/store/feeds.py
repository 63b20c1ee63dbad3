"""What signals come in by, besides sources: whether it was reached lately.

Promise: since when it is away stays what it was, however often that is said again.
"""

from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

MAILBOX = "mailbox"


class Feed(NamedTuple):
    """When it was last reached, and since when it is not."""

    heard_at: datetime | None
    down_since: datetime | None


def find(db: Connection, name: str) -> Feed:
    """Return what is known of it; nothing, before it was first tried."""
    row = db.execute("SELECT heard_at, down_since FROM feed WHERE name = %s", [name]).fetchone()
    return Feed._make(row) if row else Feed(None, None)


def heard(db: Connection, name: str, now: datetime) -> None:
    """Write down that it was reached."""
    db.execute(
        """
        INSERT INTO feed (name, heard_at) VALUES (%(name)s, %(now)s)
        ON CONFLICT (name) DO UPDATE SET heard_at = EXCLUDED.heard_at, down_since = NULL
        """,
        {"name": name, "now": now},
    )


def down(db: Connection, name: str, now: datetime) -> None:
    """Write down that it cannot be reached."""
    db.execute(
        """
        INSERT INTO feed (name, down_since) VALUES (%(name)s, %(now)s)
        ON CONFLICT (name) DO UPDATE SET down_since = coalesce(feed.down_since, EXCLUDED.down_since)
        """,
        {"name": name, "now": now},
    )
