"""Unmet needs as rows: in which group each stands, and who put it there.

Promise: what a person put together or parted stays so; likeness only ever places what stands nowhere yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.need import Need
from terrain.store.columns import Columns

_ROW = Columns(
    "bucket smallint, customer_id bigint, need_id bigint, act_id bigint, decision_id bigint, "
    "at timestamptz, automation text, words text"
)
COLUMNS = f"{_ROW.names}, group_id, by_hand"


class Group(NamedTuple):
    """How many needs of how many customers stand together, and since when."""

    group_id: int
    needs: int
    customers: int
    first_at: datetime
    last_at: datetime


def keep(db: Connection, needs: Iterable[Need]) -> int:
    """Keep these needs; one that is there already stays as it is."""
    rows = [_to_row(need) for need in needs]
    if not rows:
        return 0
    return db.execute(
        f"INSERT INTO need ({_ROW.names}) SELECT * FROM {_ROW.unnest} ON CONFLICT DO NOTHING",
        _ROW.arrays(rows),
    ).rowcount


def loose(db: Connection, most: int) -> list[Need]:
    """Return needs that stand in no group, the oldest first, and hold them (a report)."""
    rows = db.execute(
        f"""
        SELECT {COLUMNS} FROM need WHERE group_id = 0 AND NOT by_hand
         ORDER BY at, need_id LIMIT %s FOR UPDATE SKIP LOCKED
        """,
        [most],
    )
    return [_of_row(row) for row in rows]


def latest(db: Connection, most: int) -> list[Need]:
    """Return the latest needs that stand in a group (a report)."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM need WHERE group_id <> 0 ORDER BY at DESC, need_id DESC LIMIT %s",
        [most],
    )
    return [_of_row(row) for row in rows]


def of_group(db: Connection, group_id: int, most: int = 100) -> list[Need]:
    """Return the needs of one group, the oldest first (a report)."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM need WHERE group_id = %s ORDER BY at, need_id LIMIT %s",
        [group_id, most],
    )
    return [_of_row(row) for row in rows]


def oldest(db: Connection, group_ids: Sequence[int], most: int) -> dict[int, list[str]]:
    """Return the words of the oldest needs of each of these groups, at most so many of each (a report)."""
    rows = db.execute(
        """
        SELECT g.group_id, n.words
          FROM unnest(%s::bigint[]) AS g (group_id)
         CROSS JOIN LATERAL (SELECT at, need_id, words FROM need
                              WHERE group_id = g.group_id ORDER BY at, need_id LIMIT %s) AS n
         ORDER BY g.group_id, n.at, n.need_id
        """,
        [list(group_ids), most],
    )
    found: dict[int, list[str]] = {}
    for group_id, words in rows:
        found.setdefault(group_id, []).append(words)
    return found


def groups(db: Connection, since: datetime, most: int = 100) -> list[Group]:
    """Return the groups that were seen since then, the one with most customers first (a report)."""
    rows = db.execute(
        """
        SELECT group_id, count(*), count(DISTINCT customer_id), min(at), max(at)
          FROM need WHERE at > %s AND group_id <> 0
         GROUP BY group_id ORDER BY 3 DESC, 2 DESC, group_id LIMIT %s
        """,
        [since, most],
    )
    return [Group(*row) for row in rows]


def group(db: Connection, group_id: int) -> Group | None:
    """Return one group whole (a report)."""
    row = db.execute(
        """
        SELECT group_id, count(*), count(DISTINCT customer_id), min(at), max(at)
          FROM need WHERE group_id = %s GROUP BY group_id
        """,
        [group_id],
    ).fetchone()
    return Group(*row) if row else None


def by_week(
    db: Connection, group_ids: Sequence[int], now: datetime, weeks: int
) -> dict[tuple[int, int], int]:
    """Return how many needs of these groups were told so many weeks ago, by group and week (a report)."""
    rows = db.execute(
        """
        SELECT group_id, floor(extract(epoch FROM %(now)s - at) / 604800)::int, count(*)
          FROM need
         WHERE group_id = ANY(%(groups)s) AND at > %(now)s - make_interval(weeks => %(weeks)s)
         GROUP BY 1, 2
        """,
        {"now": now, "groups": list(group_ids), "weeks": weeks},
    )
    return {(group_id, max(ago, 0)): n for group_id, ago, n in rows}


def find(db: Connection, need_id: int) -> Need | None:
    """Return one need by the number that people see (a report: it looks in every bucket)."""
    row = db.execute(f"SELECT {COLUMNS} FROM need WHERE need_id = %s", [need_id]).fetchone()
    return _of_row(row) if row else None


def place(db: Connection, need: Need, group_id: int, *, by_hand: bool = False) -> None:
    """Put a need into a group."""
    db.execute(
        """
        UPDATE need SET group_id = %s, by_hand = by_hand OR %s
         WHERE bucket = %s AND customer_id = %s AND need_id = %s
        """,
        [group_id, by_hand, need.node.bucket, need.node.customer_id, need.need_id],
    )


def merge(db: Connection, group_id: int, into: int, most: int = 1_000) -> int:
    """Put at most so many needs of one group into another, by hand; return how many moved (a report)."""
    return db.execute(
        """
        UPDATE need n SET group_id = %(into)s, by_hand = true
          FROM (SELECT bucket, customer_id, need_id FROM need
                 WHERE group_id = %(group)s ORDER BY at, need_id LIMIT %(most)s FOR UPDATE) AS w
         WHERE n.bucket = w.bucket AND n.customer_id = w.customer_id AND n.need_id = w.need_id
        """,
        {"into": into, "group": group_id, "most": most},
    ).rowcount


def _of_row(row: tuple[Any, ...]) -> Need:
    bucket, customer_id, need_id, act_id, decision_id, at, automation, words, group, by_hand = row
    return Need(
        node=CustomerKey(bucket, customer_id),
        need_id=need_id,
        at=at,
        words=words,
        automation=automation,
        act_id=act_id,
        decision_id=decision_id,
        group_id=group,
        by_hand=by_hand,
    )


def _to_row(need: Need) -> tuple[Any, ...]:
    return (
        *(need.node.bucket, need.node.customer_id, need.need_id, need.act_id, need.decision_id),
        *(need.at, need.automation, need.words),
    )
