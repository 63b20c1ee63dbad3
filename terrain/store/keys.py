"""Keys as rows: who may knock at which door. The key itself is nowhere; only its hash is kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from terrain.core.key import Key, Scope

COLUMNS = "key_id, label, source, scopes, made_at, closes_at, successor"
# When a key was last used is kept this exactly, so that a busy one costs a write a minute.
AS_EXACT_AS = timedelta(minutes=1)


def save(db: Connection, key: Key, hashed: bytes) -> None:
    """Write down a key that was just made."""
    db.execute(
        """
        INSERT INTO access_key (key_id, hash, label, source, scopes, made_at)
        VALUES (%s, %s, %s, %s, %s, %s)
        """,
        [key.key_id, hashed, key.label, key.source, sorted(key.scopes), key.made_at],
    )


def find(db: Connection, key_id: str) -> tuple[Key, bytes] | None:
    """Return the key of this name, also a closed one, and the hash of what it must be."""
    row = db.execute(
        f"SELECT {COLUMNS}, hash FROM access_key WHERE key_id = %s", [key_id]
    ).fetchone()
    return (_of_row(row), bytes(row[-1])) if row else None


def take(db: Connection, key_id: str) -> Key | None:
    """Return the key of this name, held until the transaction ends."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM access_key WHERE key_id = %s FOR UPDATE", [key_id]
    ).fetchone()
    return _of_row(row) if row else None


def every(db: Connection) -> list[Key]:
    """Return all keys, the newest first, closed ones too."""
    rows = db.execute(f"SELECT {COLUMNS} FROM access_key ORDER BY made_at DESC, key_id")
    return [_of_row(row) for row in rows]


def close(db: Connection, key_id: str, at: datetime, successor: str = "") -> bool:
    """Let this key open nothing from then on; say whether it would have gone on longer."""
    done = db.execute(
        """
        UPDATE access_key
           SET closes_at = %(at)s, successor = coalesce(nullif(%(next)s, ''), successor)
         WHERE key_id = %(key_id)s AND (closes_at IS NULL OR closes_at > %(at)s)
        """,
        {"key_id": key_id, "at": at, "next": successor},
    )
    return done.rowcount == 1


def note_use(db: Connection, used: Mapping[str, datetime]) -> None:
    """Write down when these keys were last used, where what is known is older than a minute."""
    db.execute(
        """
        INSERT INTO key_use (key_id, at)
        SELECT key_id, at FROM unnest(%(ids)s::text[], %(moments)s::timestamptz[]) AS t (key_id, at)
        ON CONFLICT (key_id) DO UPDATE SET at = excluded.at
         WHERE key_use.at < excluded.at - %(exact)s::interval
        """,
        {"ids": list(used), "moments": list(used.values()), "exact": AS_EXACT_AS},
    )


def uses(db: Connection) -> dict[str, datetime]:
    """Return when each key was last used; one that never was is not in it."""
    return dict(db.execute("SELECT key_id, at FROM key_use").fetchall())


def _of_row(row: tuple[Any, ...]) -> Key:
    key_id, label, source, scopes, made_at, closes_at, successor, *_ = row
    return Key(
        key_id=key_id,
        label=label,
        source=source,
        scopes=frozenset(Scope(each) for each in scopes),
        made_at=made_at,
        closes_at=closes_at,
        successor=successor,
    )
