"""How far each import came, so that one that was interrupted goes on where it stopped."""

from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import class_row


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """One file through one mapping. `steps` counts what was written of it, in the file's order."""

    import_id: str
    file: str
    mapping: str
    started_at: datetime
    ended_at: datetime | None = None
    steps: int = 0
    events: int = 0
    seen: int = 0
    refused: int = 0


def begin(db: Connection, new: Import) -> Import:
    """Begin an import, or find where it stopped; one that had ended begins again."""
    db.execute(
        """
        INSERT INTO import (import_id, file, mapping, started_at)
        VALUES (%(id)s, %(file)s, %(mapping)s, %(now)s)
        ON CONFLICT (import_id) DO UPDATE
           SET started_at = %(now)s, ended_at = NULL, steps = 0, events = 0, seen = 0, refused = 0
         WHERE import.ended_at IS NOT NULL
        """,
        {"id": new.import_id, "file": new.file, "mapping": new.mapping, "now": new.started_at},
    )
    return find(db, new.import_id) or new


def find(db: Connection, import_id: str) -> Import | None:
    """Return how far an import came."""
    with db.cursor(row_factory=class_row(Import)) as rows:
        return rows.execute("SELECT * FROM import WHERE import_id = %s", [import_id]).fetchone()


def save(db: Connection, done: Import) -> None:
    """Write down how far it came, in the transaction of what was written."""
    db.execute(
        """
        UPDATE import
           SET steps = %(steps)s, events = %(events)s, seen = %(seen)s, refused = %(refused)s,
               ended_at = %(ended_at)s
         WHERE import_id = %(import_id)s
        """,
        msgspec.structs.asdict(done),
    )
