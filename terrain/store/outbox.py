"""What stands in the outbox, looked at from outside.

Promise: a report over all buckets (scale.md R13); nothing is taken and nothing is locked.
"""

from psycopg import Connection

from terrain.core.act import Act
from terrain.store.acts import COLUMNS, of_row


def waiting(db: Connection) -> list[Act]:
    """Return everything that waits to leave, the longest first."""
    rows = db.execute(
        f"""
        SELECT {COLUMNS} FROM act a WHERE a.due_at IS NOT NULL ORDER BY a.due_at, a.act_id
        """
    )
    return [of_row(row) for row in rows]
