"""What a long piece of work found out (the demo, a replay), kept for people to read.

A report's body is a value that any page can show: `{"title": ..., "text": {"en": ..., "fr": ...},
"sections": [...]}` (`terrain/console/pages/report.py` says what it shows). The latest of a name stands.
"""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection


class Report(NamedTuple):
    """One report, and when it was made."""

    name: str
    made_at: datetime
    body: dict[str, Any]


def save(db: Connection, report: Report) -> None:
    """Keep the report in the place of an older one of its name."""
    db.execute(
        """
        INSERT INTO report (name, made_at, body) VALUES (%s, %s, %s::jsonb)
        ON CONFLICT (name) DO UPDATE SET made_at = EXCLUDED.made_at, body = EXCLUDED.body
        """,
        [report.name, report.made_at, msgspec.json.encode(report.body).decode()],
    )


def find(db: Connection, name: str) -> Report | None:
    row = db.execute("SELECT name, made_at, body FROM report WHERE name = %s", [name]).fetchone()
    return Report(*row) if row else None
