"""What the folder of automations said of each of them when it was last read.

Promise: a file that only lies there undoes nothing; what counts is that it says something new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import class_row


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One file: its name, the text as it stood there, and the digest of what that text says."""

    name: str
    file: str
    said: str
    digest: str
    seen_at: datetime


_COLUMNS = ", ".join(Said.__struct_fields__)


def last(db: Connection, name: str) -> Said | None:
    """Return what the folder said of this automation, if it ever did."""
    with db.cursor(row_factory=class_row(Said)) as rows:
        return rows.execute(
            f"SELECT {_COLUMNS} FROM automation_file WHERE name = %s", [name]
        ).fetchone()


def keep(db: Connection, said: Said) -> None:
    """Remember what the folder says now."""
    db.execute(
        """
        INSERT INTO automation_file (name, file, said, digest, seen_at)
        VALUES (%(name)s, %(file)s, %(said)s, %(digest)s, %(seen_at)s)
        ON CONFLICT (name) DO UPDATE
           SET file = %(file)s, said = %(said)s, digest = %(digest)s, seen_at = %(seen_at)s
        """,
        msgspec.structs.asdict(said),
    )


def names(db: Connection) -> set[str]:
    """Return of which automations the folder said anything."""
    return {name for (name,) in db.execute("SELECT name FROM automation_file")}


def forget(db: Connection, gone: Sequence[str]) -> None:
    """Forget the files that are gone."""
    db.execute("DELETE FROM automation_file WHERE name = ANY(%s)", [list(gone)])
