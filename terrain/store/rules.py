"""Every version of the guard's constants and of the tables of law: who changed it, when and why.

Promise: rows are only ever added, so the rules behind an old decision can still be read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from terrain.store import reference

GUARD = "guard"


class RuleVersion(msgspec.Struct, frozen=True):
    """One version of one kind of rules: `guard`, or the name of a table of law."""

    kind: str
    version: int
    since: datetime
    by: str
    because: str
    rules: dict[str, Any]


def latest(db: Connection) -> dict[str, RuleVersion]:
    """Return what holds now, by kind."""
    rows = db.execute(
        """
        SELECT DISTINCT ON (kind) kind, version, since, by, because, rules
          FROM rule_version
         ORDER BY kind, version DESC
        """
    )
    return {row[0]: RuleVersion(*row) for row in rows}


def history(db: Connection, kind: str) -> list[RuleVersion]:
    """Return every version of one kind, the latest first."""
    rows = db.execute(
        """
        SELECT kind, version, since, by, because, rules
          FROM rule_version
         WHERE kind = %s
         ORDER BY version DESC
        """,
        [kind],
    )
    return [RuleVersion(*row) for row in rows]


def add(db: Connection, one: RuleVersion) -> bool:
    """Add a version; False when somebody else just added one of the same number."""
    done = db.execute(
        """
        INSERT INTO rule_version (kind, version, since, by, because, rules)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        """,
        [one.kind, one.version, one.since, one.by, one.because, Jsonb(one.rules, dumps=_dumps)],
    )
    if done.rowcount:
        reference.changed(db, "rules")
    return done.rowcount == 1


def _dumps(value: object) -> bytes:
    return msgspec.json.encode(value)
