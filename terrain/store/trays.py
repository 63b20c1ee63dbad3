"""What could not be handled, kept where people see it, with the reason.

Promise: nothing is lost without saying so. A flood of messages that a source is refused, and told so,
is kept up to a limit for each source; how much more there was is counted on a line of its own. What
is ours to put right is always kept.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from terrain.core.identifier import EPOCH, bucket_of_text, first_id_at, id_from, new_id

MOST_OPEN = 1_000
MOST_BYTES = 64 * 1024
OVERFLOW = "tray_full"
# Which kinds wait, found by the index of what is open: a handful of looks, however much there is.
KINDS = """
    WITH RECURSIVE kinds AS (
        (SELECT kind FROM tray WHERE closed_at IS NULL ORDER BY kind LIMIT 1)
        UNION ALL
        SELECT n.kind FROM kinds k CROSS JOIN LATERAL (
            SELECT kind FROM tray WHERE closed_at IS NULL AND kind > k.kind ORDER BY kind LIMIT 1) AS n
    )"""
# Only these are limited: whoever sent them was answered that they were refused.
REFUSED = "event"


class Misfit(NamedTuple):
    """Something that could not be handled. `reason` is a refusal, said in all languages."""

    kind: str
    source: str
    code: str
    reason: dict[str, Any]
    payload: bytes


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the tray."""

    tray_id: int
    at: datetime
    kind: str
    source: str
    code: str
    reason: dict[str, Any]
    payload: bytes
    closed_at: datetime | None = None
    closed_by: str = ""


def put(db: Connection, misfits: Sequence[Misfit], now: datetime) -> None:
    """Keep these for people to look at; beyond the limit of their source, count them."""
    if not misfits:
        return
    room = _room(db, {misfit.source for misfit in misfits if misfit.kind == REFUSED})
    kept, over = [], Counter[str]()
    for misfit in misfits:
        if misfit.kind != REFUSED or room[misfit.source] > 0:
            room[misfit.source] -= misfit.kind == REFUSED
            kept.append(misfit)
        else:
            over[misfit.source] += 1
    _keep(db, kept, now)
    _count(db, over, now)


class Full(NamedTuple):
    """How much of one kind waits, counted up to a limit, and since when the oldest does."""

    kind: str
    n: int
    oldest: datetime


def by_kind(db: Connection, most: int = 10_000) -> list[Full]:
    """Return how much of each kind waits to be looked at."""
    rows = db.execute(
        f"""
        {KINDS}
        SELECT k.kind, c.n, f.at
          FROM kinds k
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM (
            SELECT FROM tray t WHERE t.closed_at IS NULL AND t.kind = k.kind LIMIT %(most)s) AS counted) AS c
         CROSS JOIN LATERAL (SELECT at FROM tray t WHERE t.closed_at IS NULL AND t.kind = k.kind
                              ORDER BY t.tray_id LIMIT 1) AS f
         ORDER BY f.at
        """,
        {"most": most},
    )
    return [Full(*row) for row in rows]


def newer(db: Connection, since: datetime, most: int = 10_000) -> dict[str, int]:
    """Return how much of each kind came since then and still waits, counted up to a limit."""
    rows = db.execute(
        f"""
        {KINDS}
        SELECT k.kind, c.n
          FROM kinds k
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM (
            SELECT FROM tray t WHERE t.closed_at IS NULL AND t.kind = k.kind AND t.tray_id >= %(first)s
             LIMIT %(most)s) AS counted) AS c
        """,
        {"first": first_id_at(since), "most": most},
    )
    return dict(rows.fetchall())


def count(db: Connection) -> dict[str, int]:
    """Return how many of each kind wait to be looked at."""
    return {each.kind: each.n for each in by_kind(db)}


def waiting(
    db: Connection, *, kind: str | None = None, most: int = 100, after: int = 0
) -> list[Kept]:
    """Return what waits to be looked at, the oldest first."""
    with db.cursor(row_factory=class_row(Kept)) as rows:
        return rows.execute(
            f"""
            {KINDS}
            SELECT t.tray_id, t.at, t.kind, t.source, t.code, t.reason, t.payload, t.closed_at, t.closed_by
              FROM kinds k
             CROSS JOIN LATERAL (
                SELECT * FROM tray o
                 WHERE o.closed_at IS NULL AND o.kind = k.kind AND o.tray_id > %(after)s
                 ORDER BY o.tray_id
                 LIMIT %(most)s) AS t
             WHERE %(kind)s::text IS NULL OR k.kind = %(kind)s
             ORDER BY t.tray_id
             LIMIT %(most)s
            """,
            {"kind": kind, "most": most, "after": after},
        ).fetchall()


def find(db: Connection, tray_id: int) -> Kept | None:
    """Return one line, closed or not."""
    with db.cursor(row_factory=class_row(Kept)) as rows:
        return rows.execute(
            """
            SELECT tray_id, at, kind, source, code, reason, payload, closed_at, closed_by
              FROM tray WHERE tray_id = %s
            """,
            [tray_id],
        ).fetchone()


def close(db: Connection, tray_ids: Collection[int], by: str, now: datetime) -> int:
    """Mark as looked after; closing it again keeps the first person's name."""
    return db.execute(
        """
        UPDATE tray SET closed_at = %(now)s, closed_by = %(by)s
         WHERE tray_id = ANY(%(ids)s) AND closed_at IS NULL
        """,
        {"ids": list(tray_ids), "by": by, "now": now},
    ).rowcount


def _room(db: Connection, sources: Collection[str]) -> Counter[str]:
    rows = db.execute(
        """
        SELECT source, count(*) FROM tray
         WHERE closed_at IS NULL AND kind = %s AND source = ANY(%s)
         GROUP BY source
        """,
        [REFUSED, list(sources)],
    )
    taken: dict[str, int] = dict(rows.fetchall())
    return Counter({source: MOST_OPEN - taken.get(source, 0) for source in sources})


def _keep(db: Connection, misfits: Sequence[Misfit], now: datetime) -> None:
    # Two of one millisecond may draw the same number; the later one draws again.
    left = list(misfits)
    while left:
        drawn: dict[int, Misfit] = {}
        for misfit in left:
            drawn[_number_not_in(drawn, now)] = misfit
        kept = _insert(db, drawn, now)
        left = [misfit for number, misfit in drawn.items() if number not in kept]


def _number_not_in(drawn: Collection[int], now: datetime) -> int:
    number = new_id(now)
    while number in drawn:
        number = new_id(now)
    return number


def _insert(db: Connection, drawn: dict[int, Misfit], now: datetime) -> set[int]:
    misfits = drawn.values()
    rows = db.execute(
        """
        INSERT INTO tray (tray_id, at, kind, source, code, reason, payload)
        SELECT tray_id, %b, kind, source, code, reason, payload
          FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::jsonb[], %b::bytea[])
            AS t (tray_id, kind, source, code, reason, payload)
        ON CONFLICT DO NOTHING
        RETURNING tray_id
        """,
        [
            now,
            list(drawn),
            [misfit.kind for misfit in misfits],
            [misfit.source for misfit in misfits],
            [misfit.code for misfit in misfits],
            [Jsonb(misfit.reason) for misfit in misfits],
            [misfit.payload[:MOST_BYTES] for misfit in misfits],
        ],
    )
    return {tray_id for (tray_id,) in rows}


def _count(db: Connection, over: Counter[str], now: datetime) -> None:
    """Say how many more there were: one line a source, opened again when it was closed."""
    for source, more in sorted(over.items()):
        db.execute(
            """
            INSERT INTO tray (tray_id, at, kind, source, code, reason, payload)
            VALUES (%(id)s, %(now)s, 'overflow', %(source)s, %(code)s, %(reason)s, '')
            ON CONFLICT (tray_id) DO UPDATE
               SET at = %(now)s, closed_at = NULL, closed_by = '',
                   reason = jsonb_set(tray.reason, '{not_kept}',
                       to_jsonb((tray.reason ->> 'not_kept')::bigint + %(more)s))
            """,
            {
                "id": id_from(EPOCH, OVERFLOW, source, bucket_of_text(source)),
                "now": now,
                "source": source,
                "code": OVERFLOW,
                "reason": Jsonb({"code": OVERFLOW, "not_kept": more}),
                "more": more,
            },
        )
