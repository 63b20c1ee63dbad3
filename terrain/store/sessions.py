"""Where somebody who works here is signed in: read and ended, however they came in.

Promise: a session that is ended opens nothing from this moment on.
"""

from datetime import datetime

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import class_row


class Session(Struct, frozen=True, kw_only=True):
    """One browser that somebody is signed in with; `kept_as` opens nothing."""

    kept_as: str
    ip: str | None
    browser: str
    began_at: datetime
    seen_at: datetime


def of(db: Connection, staff_id: int, now: datetime) -> list[Session]:
    """Return their open sessions, the one seen last first."""
    with db.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(
            """
            SELECT session_key AS kept_as, host(ip) AS ip, browser, began_at, seen_at
              FROM staff_session
             WHERE staff_id = %s AND expire_date > %s
             ORDER BY seen_at DESC
             LIMIT 100
            """,
            [staff_id, now],
        ).fetchall()


def end(db: Connection, staff_id: int, kept_as: str) -> None:
    """End this session of theirs."""
    db.execute(
        "DELETE FROM staff_session WHERE staff_id = %s AND session_key = %s", [staff_id, kept_as]
    )


def end_all(db: Connection, staff_id: int, but: str = "") -> None:
    """End all their sessions, but the one that is kept as this."""
    db.execute(
        "DELETE FROM staff_session WHERE staff_id = %s AND session_key <> %s", [staff_id, but]
    )
