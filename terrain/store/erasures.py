"""Who will be erased, and of whom nothing is left but a keyed hash of each name.

Promise: until it began, an erasure can be taken back without a trace; afterwards what is kept tells
nobody a name, and whoever holds a name can ask whether it is that of somebody erased.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from psycopg import Connection

from terrain.core.identifier import BUCKETS, CustomerKey, Identifier, id_from


class Erasure(NamedTuple):
    """One wish to be erased. `erasure_id` is its name afterwards, when nobody's number may be kept."""

    bucket: int
    customer_id: int
    erasure_id: int
    asked_at: datetime
    due_at: datetime
    begun_at: datetime | None
    asked_by: str
    rows: int = 0

    @property
    def key(self) -> CustomerKey:
        return CustomerKey(self.bucket, self.customer_id)


class Erased(NamedTuple):
    """One name of somebody who was erased, as it is kept."""

    fingerprint: bytes
    erasure_id: int
    at: datetime
    rows: int


_COLUMNS = "bucket, customer_id, erasure_id, asked_at, due_at, begun_at, asked_by, rows"


def fingerprint(secret: str, name: Identifier) -> bytes:
    """Return what is kept of a name; its first byte is its bucket."""
    return hmac.digest(_key(secret), f"{name.kind}:{name.value}".encode(), sha256)


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"terrain erasure 1", sha256)


# -- wishes ---------------------------------------------------------------------------------------


def ask(db: Connection, key: CustomerKey, by: str, now: datetime, due_at: datetime) -> Erasure:
    """Write down that this customer is to be erased; asked again, the first wish stands."""
    db.execute(
        """
        INSERT INTO erasure (bucket, customer_id, erasure_id, asked_at, due_at, asked_by)
        VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
        """,
        [*_of(key), id_from(now, "erasure", key.customer_id), now, due_at, by],
    )
    standing = of(db, [key])
    assert standing  # it has just been written
    return standing


def of(db: Connection, nodes: Collection[CustomerKey]) -> Erasure | None:
    """Return the wish of a customer to be erased, under whichever of their nodes."""
    row = db.execute(
        f"""
        SELECT e.{_COLUMNS.replace(", ", ", e.")}
          FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
          JOIN erasure e ON e.bucket = n.b AND e.customer_id = n.c_id
         ORDER BY e.asked_at LIMIT 1
        """,
        _columns(nodes),
    ).fetchone()
    return Erasure(*row) if row else None


def take_back(db: Connection, nodes: Collection[CustomerKey]) -> bool:
    """Forget the wish, unless it is being carried out; say whether there was one."""
    taken = db.execute(
        """
        DELETE FROM erasure e
         USING unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
         WHERE e.bucket = n.b AND e.customer_id = n.c_id AND e.begun_at IS NULL
        """,
        _columns(nodes),
    )
    return taken.rowcount > 0


def due(db: Connection, buckets: Sequence[int], now: datetime, most: int) -> list[Erasure]:
    """Return who is to be erased by now, the longest due first."""
    rows = db.execute(
        f"""
        SELECT {_COLUMNS} FROM erasure
         WHERE bucket = ANY(%s::smallint[]) AND due_at <= %s
         ORDER BY due_at LIMIT %s
        """,
        [list(buckets), now, most],
    )
    return [Erasure(*row) for row in rows]


def overdue(db: Connection, since: datetime) -> int:
    """Return how many should have been erased before this moment (a report)."""
    row = db.execute("SELECT count(*) FROM erasure WHERE due_at < %s", [since]).fetchone()
    return row[0] if row else 0


def begin(db: Connection, one: Erasure, now: datetime) -> None:
    """Write down that it is being carried out: it cannot be taken back any more."""
    db.execute(
        """
        UPDATE erasure SET begun_at = %s
         WHERE bucket = %s AND customer_id = %s AND begun_at IS NULL
        """,
        [now, *_of(one.key)],
    )


def count(db: Connection, one: Erasure, rows: int) -> None:
    """Add how many rows went."""
    db.execute(
        "UPDATE erasure SET rows = rows + %s WHERE bucket = %s AND customer_id = %s",
        [rows, *_of(one.key)],
    )


# -- what is kept ---------------------------------------------------------------------------------


def keep(db: Connection, rows: Iterable[Erased]) -> None:
    """Keep these names as hashes; of two erasures of one name the latest counts."""
    latest = {row.fingerprint: row for row in sorted(rows, key=lambda row: row.at)}
    kept = [latest[mark] for mark in sorted(latest)]
    if not kept:
        return
    db.execute(
        """
        INSERT INTO erased AS e (bucket, fingerprint, erasure_id, at, rows)
        SELECT * FROM unnest(%s::smallint[], %s::bytea[], %s::bigint[], %s::timestamptz[], %s::bigint[])
        ON CONFLICT (bucket, fingerprint) DO UPDATE
           SET erasure_id = EXCLUDED.erasure_id, at = EXCLUDED.at, rows = EXCLUDED.rows
         WHERE EXCLUDED.at >= e.at
        """,
        [
            [row.fingerprint[0] for row in kept],
            [row.fingerprint for row in kept],
            [row.erasure_id for row in kept],
            [row.at for row in kept],
            [row.rows for row in kept],
        ],
    )


def when(db: Connection, secret: str, names: Iterable[Identifier]) -> dict[Identifier, datetime]:
    """Return which of these names are of somebody who was erased, and when that was."""
    marks = {fingerprint(secret, name): name for name in set(names)}
    if not marks:
        return {}
    rows = db.execute(
        """
        SELECT e.fingerprint, e.at
          FROM unnest(%b::smallint[], %b::bytea[]) AS n (b, mark)
          JOIN erased e ON e.bucket = n.b AND e.fingerprint = n.mark
        """,
        [[mark[0] for mark in marks], list(marks)],
        binary=True,
    )
    return {marks[bytes(mark)]: at for mark, at in rows}


def latest(db: Connection) -> datetime | None:
    """Return when somebody was erased last; None where nobody ever was."""
    row = db.execute(
        "SELECT at FROM erased WHERE bucket = ANY(%s::smallint[]) ORDER BY at DESC LIMIT 1",
        [list(range(BUCKETS))],
    ).fetchone()
    return row[0] if row else None


def of_erasure(db: Connection, one: Erasure) -> list[Erased]:
    """Return what is kept of one erasure that was begun."""
    return [row for row in since(db, one.begun_at) if row.erasure_id == one.erasure_id]


def since(db: Connection, moment: datetime | None = None) -> list[Erased]:
    """Return what is kept of all erasures since this moment (a report)."""
    rows = db.execute(
        """
        SELECT fingerprint, erasure_id, at, rows FROM erased
         WHERE %(since)s::timestamptz IS NULL OR at >= %(since)s ORDER BY at, fingerprint
        """,
        {"since": moment},
    )
    return [Erased(bytes(mark), *rest) for mark, *rest in rows]


def _of(key: CustomerKey) -> tuple[int, int]:
    return key.bucket, key.customer_id


def _columns(nodes: Collection[CustomerKey]) -> list[list[int]]:
    return [[key.bucket for key in nodes], [key.customer_id for key in nodes]]
