"""One-time ways in: the first administrator's, one for a terminal, an invitation, a lost password, an address.

Promise: a way in works once and not for long, only the latest of its kind works, and nobody can read one
back from here.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from psycopg import Connection

from terrain.core.word import Word


class Kind(Word):
    """What a way in is for."""

    FIRST = "first"  # makes the first account
    LINK = "link"  # signs in whom the terminal made it for
    INVITATION = "invitation"  # lets somebody invited choose their password
    RESET = "reset"  # lets somebody choose a new one
    ADDRESS = "address"  # shows that somebody reads what is sent to their new address


GOOD_FOR = {
    Kind.FIRST: timedelta(days=1),
    Kind.LINK: timedelta(hours=1),
    Kind.INVITATION: timedelta(days=7),
    Kind.RESET: timedelta(hours=1),
    Kind.ADDRESS: timedelta(days=1),
}
# Of the first account, there is nobody yet.
NOBODY = 0


def make(
    db: Connection, kind: Kind, now: datetime, staff_id: int = NOBODY, address: str = ""
) -> str:
    """Return a new way in, the last part of a link; the one before it works no more."""
    token = secrets.token_urlsafe(24)
    withdraw(db, kind, staff_id)
    db.execute("DELETE FROM entry WHERE good_until < %s", [now])
    db.execute(
        """
        INSERT INTO entry (hash, kind, staff_id, made_at, good_until, address)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        [_hash(token), kind, staff_id, now, now + GOOD_FOR[kind], address],
    )
    return token


def find(db: Connection, kind: Kind, token: str, now: datetime) -> int | None:
    """Return whose way in this is, if it is still good."""
    row = db.execute(
        """
        SELECT staff_id FROM entry
         WHERE hash = %(hash)s AND kind = %(kind)s AND used_at IS NULL AND good_until > %(now)s
        """,
        {"hash": _hash(token), "kind": kind, "now": now},
    ).fetchone()
    return int(row[0]) if row else None


def address_of(db: Connection, token: str) -> str:
    """Return the address that this way in is about; "" where it is about none."""
    row = db.execute("SELECT address FROM entry WHERE hash = %s", [_hash(token)]).fetchone()
    return str(row[0]) if row else ""


def use(db: Connection, kind: Kind, token: str, now: datetime) -> int | None:
    """Use the way in; return whose it was, if it was still good. Of two at once, one comes in."""
    row = db.execute(
        """
        UPDATE entry SET used_at = %(now)s
         WHERE hash = %(hash)s AND kind = %(kind)s AND used_at IS NULL AND good_until > %(now)s
        RETURNING staff_id
        """,
        {"hash": _hash(token), "kind": kind, "now": now},
    ).fetchone()
    return int(row[0]) if row else None


def withdraw(db: Connection, kind: Kind, staff_id: int = NOBODY) -> None:
    """Close this person's ways in of this kind."""
    db.execute(
        "DELETE FROM entry WHERE kind = %s AND staff_id = %s AND used_at IS NULL", [kind, staff_id]
    )


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
