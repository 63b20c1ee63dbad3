"""What the local sink caught: the mail of a Terrain that has no mail server yet, kept for reading.

Promise: nothing of it ever left the machine, and it never fills the disk: the oldest make room.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import class_row

MOST_KEPT = 2_000
# How the ids of letters begin that open an account of ours (`flow/staff_letters.py`).
TO_STAFF = "<staff."
# Making room for each one would cost more than keeping a few too many for a while.
ROOM_EVERY = 64


class Caught(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it arrived. `raw` is empty in lists."""

    caught_id: int
    at: datetime
    sender: str
    recipient: str
    subject: str
    message_id: str
    raw: bytes = b""

    @property
    def is_to_staff(self) -> bool:
        """Say whether it went to somebody who works here: such a letter holds a way in."""
        return self.message_id.startswith(TO_STAFF)


def keep(db: Connection, mail: Sequence[Caught]) -> None:
    """Keep what arrived."""
    for one in mail:
        db.execute(
            """
            INSERT INTO caught_mail (caught_id, at, sender, recipient, subject, message_id, raw)
            VALUES (%b, %b, %b, %b, %b, %b, %b)
            ON CONFLICT DO NOTHING
            """,
            list(msgspec.structs.astuple(one)),
        )
        if one.caught_id % ROOM_EVERY == 0:
            make_room(db)


def make_room(db: Connection, most: int = MOST_KEPT) -> None:
    """Let the oldest go."""
    db.execute(
        """
        DELETE FROM caught_mail WHERE caught_id <=
            (SELECT caught_id FROM caught_mail ORDER BY caught_id DESC OFFSET %s LIMIT 1)
        """,
        [most],
    )


def latest(
    db: Connection, most: int = 100, before: int | None = None, *, to_staff: bool = True
) -> list[Caught]:
    """Return what was caught last, without its content; letters to staff only where asked for."""
    with db.cursor(row_factory=class_row(Caught)) as rows:
        return rows.execute(
            """
            SELECT caught_id, at, sender, recipient, subject, message_id
              FROM caught_mail
             WHERE caught_id < %s AND (%s OR NOT starts_with(message_id, %s))
             ORDER BY caught_id DESC LIMIT %s
            """,
            [before or 2**63 - 1, to_staff, TO_STAFF, most],
        ).fetchall()


def find(db: Connection, caught_id: int) -> Caught | None:
    """Return one with its content."""
    with db.cursor(row_factory=class_row(Caught)) as rows:
        return rows.execute(
            "SELECT * FROM caught_mail WHERE caught_id = %s", [caught_id]
        ).fetchone()
