"""Parts of a replay: claimed by whoever has time, done once, joined when none is missing.

Promise: doing a part twice changes nothing. A part that came out differently the second time is not
overwritten: it is told, because then something that should be pure was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg import Connection

# A claim runs out after this, so that a machine that was switched off holds nobody up.
CLAIM_LASTS = timedelta(minutes=15)


class Replay(NamedTuple):
    """One replay over the record: how many parts, up to which moment, by which files and rules."""

    name: str
    parts: int
    until: datetime
    made_at: datetime
    house: str


class Part(NamedTuple):
    """One part that was done."""

    part: int
    digest: bytes
    result: bytes


def begin(db: Connection, replay: Replay) -> Replay:
    """Make the replay and its parts, or return the one of this name that was begun before."""
    db.execute("INSERT INTO replay VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING", replay)
    begun = find(db, replay.name)
    if begun is None:
        return replay
    db.execute(
        """
        INSERT INTO replay_part (name, part)
        SELECT %s, part FROM generate_series(1, %s) AS part
        ON CONFLICT DO NOTHING
        """,
        [begun.name, begun.parts],
    )
    return begun


def find(db: Connection, name: str) -> Replay | None:
    row = db.execute(
        "SELECT name, parts, until, made_at, house FROM replay WHERE name = %s", [name]
    ).fetchone()
    return Replay(*row) if row else None


def claim(db: Connection, name: str, owner: str, now: datetime) -> int | None:
    """Take the next part that nobody has done or is doing; None when there is none left to take."""
    row = db.execute(
        """
        WITH free AS (
            SELECT name, part FROM replay_part
             WHERE name = %(name)s AND done_at IS NULL
               AND (claimed_until IS NULL OR claimed_until < %(now)s)
             ORDER BY part LIMIT 1
               FOR UPDATE SKIP LOCKED
        )
        UPDATE replay_part p SET owner = %(owner)s, claimed_until = %(until)s
          FROM free WHERE p.name = free.name AND p.part = free.part
        RETURNING p.part
        """,
        {"name": name, "owner": owner, "now": now, "until": now + CLAIM_LASTS},
    ).fetchone()
    return row[0] if row else None


def finish(db: Connection, name: str, done: Part, now: datetime) -> bytes:
    """Keep what a part came to; return the digest that stands, which is the first one."""
    row = db.execute(
        """
        UPDATE replay_part
           SET done_at = coalesce(done_at, %(now)s), digest = coalesce(digest, %(digest)s),
               result = coalesce(result, %(result)s), claimed_until = NULL
         WHERE name = %(name)s AND part = %(part)s
        RETURNING digest
        """,
        {"name": name, "now": now, **done._asdict()},
    ).fetchone()
    return bytes(row[0]) if row else done.digest


def done(db: Connection, name: str) -> Sequence[Part]:
    rows = db.execute(
        """
        SELECT part, digest, result FROM replay_part
         WHERE name = %s AND done_at IS NOT NULL ORDER BY part
        """,
        [name],
    )
    return [Part(*row) for row in rows]


def missing(db: Connection, name: str) -> list[int]:
    rows = db.execute(
        "SELECT part FROM replay_part WHERE name = %s AND done_at IS NULL ORDER BY part", [name]
    )
    return [row[0] for row in rows]
