"""The directory: by what names people are found. Kept by the worker, read by whoever looks for somebody.

Promise: one line a person, under the survivor; what nobody is called any more is not found. Looking for
somebody looks over every bucket (scale.md R13: a report), and takes no more lines than it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import LiteralString, NamedTuple

from psycopg import Connection

from terrain.core.directory import Entry, Wanted
from terrain.core.identifier import BUCKETS, CustomerKey
from terrain.store.columns import KEYS, Columns
from terrain.store.pending import Taken

_ENTRY = Columns("bucket smallint, customer_id bigint, called text, names text, keys text")
_ORDER = Columns("bucket smallint, customer_id bigint, number bigint")
_APART = "\x1f"


class Line(NamedTuple):
    """One person: what they are called, and every name as `kind:value`."""

    key: CustomerKey
    called: str
    names: tuple[str, ...]


def save(db: Connection, entries: Collection[Entry]) -> None:
    """Write these lines, where they say something new."""
    rows = [
        (
            entry.key.bucket,
            entry.key.customer_id,
            entry.called,
            _APART.join(entry.names),
            "{" + ",".join(map(str, entry.keys)) + "}",
        )
        for entry in entries
    ]
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO directory (bucket, customer_id, called, names, keys)
        SELECT bucket, customer_id, called, string_to_array(names, E'\\x1f'), keys::int[]
          FROM {_ENTRY.unnest}
        ON CONFLICT (bucket, customer_id) DO UPDATE
           SET called = EXCLUDED.called, names = EXCLUDED.names, keys = EXCLUDED.keys
         WHERE (directory.called, directory.names) IS DISTINCT FROM (EXCLUDED.called, EXCLUDED.names)
        """,
        _ENTRY.arrays(sorted(rows)),
    )


def save_orders(db: Connection, orders: Iterable[tuple[CustomerKey, int]]) -> None:
    """Write down whose these orders are."""
    rows = sorted({(key.bucket, key.customer_id, number) for key, number in orders})
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO directory_order ({_ORDER.names})
        SELECT * FROM {_ORDER.unnest}
        ON CONFLICT DO NOTHING
        """,
        _ORDER.arrays(rows),
    )


def forget(db: Connection, keys: Collection[CustomerKey]) -> None:
    """Take out the lines of these people; their orders stay with their nodes."""
    if keys:
        db.execute(
            """
            DELETE FROM directory d
             USING unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
             WHERE d.bucket = n.b AND d.customer_id = n.c_id
            """,
            _of(keys),
        )


def next_survivors(db: Connection, bucket: int, after_id: int, most: int) -> list[CustomerKey]:
    """Return the next people of this bucket, in order."""
    rows = db.execute(
        """
        SELECT customer_id FROM customer
         WHERE bucket = %b AND customer_id > %b AND survivor_id = customer_id
         ORDER BY customer_id LIMIT %b
        """,
        [bucket, after_id, most],
    )
    return [CustomerKey(bucket, customer_id) for (customer_id,) in rows]


def next_events(db: Connection, bucket: int, after: tuple[int, str], most: int) -> list[Taken]:
    """Return the next events of this bucket, by customer; of those no worker has come to, too."""
    rows = db.execute(
        """
        SELECT bucket, customer_id, event_id, message_id, at, received_at, source, payload
          FROM event
         WHERE bucket = %b AND (customer_id, message_id) > (%b, %b::text)
         ORDER BY customer_id, message_id LIMIT %b
        """,
        [bucket, *after, most],
    )
    return [Taken(*row) for row in rows]


def forget_aliases(db: Connection, bucket: int) -> None:
    """Take out the lines of those who are somebody else's name by now, or nobody's."""
    db.execute(
        """
        DELETE FROM directory d
         WHERE d.bucket = %b AND NOT EXISTS (
               SELECT FROM customer c WHERE c.bucket = d.bucket AND c.customer_id = d.customer_id
                                        AND c.survivor_id = c.customer_id)
        """,
        [bucket],
    )


def find(db: Connection, wanted: Sequence[Wanted], most: int) -> list[Line]:
    """Return people who have all of these words, in no order."""
    if not wanted:
        return []
    where: LiteralString = " AND ".join([_clause(each) for each in wanted])
    params = [part for each in wanted for part in (each.every, each.some) if part]
    # Planned as if all were wanted, by the index, and read until there are enough: with the limit in sight the
    # planner reads the table from its beginning, which takes ten times as long.
    rows = db.execute(
        f"""
        WITH found AS MATERIALIZED (
            SELECT bucket, customer_id, called, names FROM directory WHERE {where}
        )
        SELECT bucket, customer_id, called, names FROM found LIMIT %b
        """,
        [*map(list, params), most],
    )
    return [Line(CustomerKey(b, c), called, tuple(names)) for b, c, called, names in rows]


def _clause(wanted: Wanted) -> LiteralString:
    if wanted.every and wanted.some:
        return "(keys @> %b::int[] OR keys && %b::int[])"
    return "keys @> %b::int[]" if wanted.every else "keys && %b::int[]"


def lines(db: Connection, keys: Collection[CustomerKey]) -> dict[CustomerKey, Line]:
    """Return the lines of these people, where they have one."""
    if not keys:
        return {}
    rows = db.execute(
        """
        SELECT d.bucket, d.customer_id, d.called, d.names
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN directory d ON d.bucket = n.b AND d.customer_id = n.c_id
        """,
        _of(keys),
    )
    found = [Line(CustomerKey(b, c), called, tuple(names)) for b, c, called, names in rows]
    return {line.key: line for line in found}


def nodes_with(db: Connection, numbers: Collection[int]) -> list[CustomerKey]:
    """Return the nodes that have an order of one of these numbers."""
    if not numbers:
        return []
    rows = db.execute(
        """
        SELECT bucket, customer_id FROM directory_order
         WHERE bucket = ANY(%b::smallint[]) AND number = ANY(%b::bigint[]) LIMIT 50
        """,
        [list(range(BUCKETS)), list(numbers)],
    )
    return [CustomerKey(bucket, customer_id) for bucket, customer_id in rows]


def _of(keys: Collection[CustomerKey]) -> list[object]:
    return KEYS.arrays([(key.bucket, key.customer_id) for key in keys])
