"""One-time ways into the console, as a terminal prints them until people have accounts.

Promise: a way in works once, for a day at most, and nobody can read it back from here.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from psycopg import Connection

GOOD_FOR = timedelta(days=1)


def make(db: Connection, now: datetime) -> str:
    """Return a new way in: the last part of the address to print, `/enter/<this>`."""
    token = secrets.token_urlsafe(24)
    db.execute("DELETE FROM entry WHERE made_at < %s", [now - GOOD_FOR])
    db.execute("INSERT INTO entry (hash, made_at) VALUES (%s, %s)", [_hash(token), now])
    return token


def use(db: Connection, token: str, now: datetime) -> bool:
    """Use the way in; say whether it was still good. Of two who try at once, one comes in."""
    used = db.execute(
        """
        UPDATE entry SET used_at = %(now)s
         WHERE hash = %(hash)s AND used_at IS NULL AND made_at BETWEEN %(oldest)s AND %(now)s
        """,
        {"now": now, "hash": _hash(token), "oldest": now - GOOD_FOR},
    )
    return used.rowcount == 1


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
