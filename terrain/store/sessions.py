"""Where somebody who works here is signed in: read and ended, however they came in.

Promise: a session that is ended opens nothing from this moment on.
"""

from datetime import datetime

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import class_row


class Session(Struct, frozen=True, kw_only=True):
    """One browser that somebody is signed in with."""

    session_id: int
    key: str
    ip: str
    browser: str
    began_at: datetime
    seen_at: datetime


def of(db: Connection, staff_id: int, now: datetime) -> list[Session]:
    """Return their open sessions, the one seen last first."""
    with db.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(
            """
            SELECT u.id AS session_id, u.session_key AS key, host(u.ip) AS ip, u.user_agent AS browser,
                   u.created_at AS began_at, u.last_seen_at AS seen_at
              FROM usersessions_usersession u
              JOIN django_session s USING (session_key)
             WHERE u.user_id = %s AND s.expire_date > %s
             ORDER BY u.last_seen_at DESC
             LIMIT 100
            """,
            [staff_id, now],
        ).fetchall()


def end(db: Connection, staff_id: int, keys: list[str]) -> None:
    """End these sessions of theirs."""
    ended = db.execute(
        """
        DELETE FROM usersessions_usersession
         WHERE user_id = %s AND session_key = ANY(%s)
        RETURNING session_key
        """,
        [staff_id, keys],
    ).fetchall()
    db.execute(
        "DELETE FROM django_session WHERE session_key = ANY(%s)", [[key for (key,) in ended]]
    )


def end_all(db: Connection, staff_id: int, but: str = "") -> None:
    """End all their sessions, but the one with this key."""
    rows = db.execute(
        "SELECT session_key FROM usersessions_usersession WHERE user_id = %s AND session_key <> %s",
        [staff_id, but],
    )
    end(db, staff_id, [key for (key,) in rows])
