"""What staff have to be told, queued in the transaction of what it is about, and whether they were.

Promise: one row an address and level, so that whoever dies between the pause and the letter costs nobody the
letter, and nobody gets it under two names. `queued -> telling -> told | failed`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from terrain.store.columns import Columns

MAIL, WEBHOOK, CONSOLE = "mail", "webhook", "console"
_ROW = Columns(
    "notice_id bigint, trip_id bigint, staff_id bigint, level smallint, at timestamptz, "
    "due_at timestamptz, told_at timestamptz, kind text, address text, state text"
)
_NOTICE = (
    "n.notice_id, n.trip_id, n.staff_id, n.level, n.tries, n.at, n.due_at, n.told_at, n.kind, "
    "n.address, n.state, n.because"
)


class Notice(NamedTuple):
    """One thing to tell one address."""

    notice_id: int
    trip_id: int
    staff_id: int
    level: int
    tries: int
    at: datetime
    due_at: datetime | None
    told_at: datetime | None
    kind: str
    address: str
    state: str
    because: str = ""


def queue(db: Connection, notices: Iterable[Notice]) -> int:
    """Queue these; what was queued for the same address and level already is not again."""
    rows = [
        (
            *(one.notice_id, one.trip_id, one.staff_id, one.level, one.at, one.due_at),
            *(one.told_at, one.kind, one.address, one.state),
        )
        for one in notices
    ]
    if not rows:
        return 0
    return db.execute(
        f"INSERT INTO notice ({_ROW.names}) SELECT * FROM {_ROW.unnest} ON CONFLICT DO NOTHING",
        _ROW.arrays(rows),
    ).rowcount


def claim(db: Connection, now: datetime, until: datetime, most: int) -> list[Notice]:
    """Take some that are due; whoever took one and died lets go of it when its lease runs out."""
    rows = db.execute(
        f"""
        WITH d AS (
            SELECT notice_id FROM notice
             WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)
             ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED)
        UPDATE notice n SET state = 'telling', tries = n.tries + 1, lease_until = %(until)s
          FROM d WHERE n.notice_id = d.notice_id
        RETURNING {_NOTICE}
        """,
        {"now": now, "until": until, "most": most},
    )
    return [Notice(*row) for row in rows]


def told(db: Connection, notice_id: int, now: datetime) -> None:
    """Write down that it was told."""
    db.execute(
        """
        UPDATE notice SET state = 'told', told_at = %s, due_at = NULL, lease_until = NULL
         WHERE notice_id = %s
        """,
        [now, notice_id],
    )


def put_off(db: Connection, notice_id: int, because: str, again_at: datetime | None) -> None:
    """Write down that it was not; it is tried again then, or with None given up."""
    db.execute(
        """
        UPDATE notice SET state = CASE WHEN %(at)s::timestamptz IS NULL THEN 'failed' ELSE 'queued' END,
               because = %(because)s, due_at = %(at)s, lease_until = NULL
         WHERE notice_id = %(notice)s
        """,
        {"at": again_at, "because": because, "notice": notice_id},
    )


def of_trip(db: Connection, trip_id: int) -> list[Notice]:
    """Return who was told of one trip, when, and who could not be."""
    rows = db.execute(
        f"SELECT {_NOTICE} FROM notice n WHERE n.trip_id = %s ORDER BY n.level, n.kind, n.address LIMIT 500",
        [trip_id],
    )
    return [Notice(*row) for row in rows]


def seen(db: Connection, staff_id: int, most: int = 50) -> list[Notice]:
    """Return what the console shows this person: what they were told of and is still stopped."""
    rows = db.execute(
        f"""
        SELECT {_NOTICE} FROM trip t JOIN notice n ON n.trip_id = t.trip_id
         WHERE t.resumed_at IS NULL AND n.kind = 'console' AND n.staff_id = %s
         ORDER BY n.at DESC, n.notice_id DESC LIMIT %s
        """,
        [staff_id, most],
    )
    return [Notice(*row) for row in rows]
