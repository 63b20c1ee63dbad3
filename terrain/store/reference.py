"""How often reference data changed: whoever writes automations, rules or sources says so here."""

from psycopg import Connection


def changed(db: Connection, what: str) -> None:
    """Say, in the transaction that changes it, that this kind of reference data is no longer what it was."""
    db.execute(
        """
        INSERT INTO reference (what, changes) VALUES (%s, 1)
        ON CONFLICT (what) DO UPDATE SET changes = reference.changes + 1
        """,
        [what],
    )


def changes(db: Connection) -> int:
    """Return a number that grows with every change."""
    row = db.execute("SELECT coalesce(sum(changes), 0)::bigint FROM reference").fetchone()
    return row[0] if row else 0
