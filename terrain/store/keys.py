"""Keys as rows: who may knock at which door. The key itself is nowhere; only its hash is kept."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from terrain.core.key import Key, Scope


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
    """Return the key of this name, also a revoked one, and the hash of what it must be."""
    row = db.execute(
        """
        SELECT key_id, label, source, scopes, made_at, revoked_at, hash
          FROM access_key WHERE key_id = %s
        """,
        [key_id],
    ).fetchone()
    return (_of_row(row), bytes(row[-1])) if row else None


def every(db: Connection) -> list[Key]:
    """Return all keys, the newest first, revoked ones too."""
    rows = db.execute(
        """
        SELECT key_id, label, source, scopes, made_at, revoked_at
          FROM access_key ORDER BY made_at DESC, key_id
        """
    )
    return [_of_row(row) for row in rows]


def revoke(db: Connection, key_id: str, now: datetime) -> bool:
    """Close this key for good; say whether it was open until now."""
    done = db.execute(
        "UPDATE access_key SET revoked_at = %s WHERE key_id = %s AND revoked_at IS NULL",
        [now, key_id],
    )
    return done.rowcount == 1


def _of_row(row: tuple[Any, ...]) -> Key:
    key_id, label, source, scopes, made_at, revoked_at, *_ = row
    return Key(
        key_id=key_id,
        label=label,
        source=source,
        scopes=frozenset(Scope(each) for each in scopes),
        made_at=made_at,
        revoked_at=revoked_at,
    )
