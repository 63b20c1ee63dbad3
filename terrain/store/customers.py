"""Nodes and their survivors, and the one lock under which all work on a customer happens.

Promise: whoever holds a survivor's lock is alone with that customer until the transaction ends, and
nobody ever waits for it: what is taken is left for later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from psycopg import Connection

from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.store.columns import KEYS, Columns

_COUNTS = Columns("bucket smallint, customer_id bigint, count bigint")
_KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind}


def survivors(db: Connection, nodes: Iterable[CustomerKey]) -> dict[CustomerKey, CustomerKey]:
    """Return to whom each node belongs."""
    keys = sorted(set(nodes))
    if not keys:
        return {}
    rows = db.execute(
        """
        SELECT c.bucket, c.customer_id, c.survivor_bucket, c.survivor_id
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (bucket, customer_id)
          JOIN customer c ON c.bucket = n.bucket AND c.customer_id = n.customer_id
        """,
        columns(keys),
        binary=True,
    )
    return {
        CustomerKey(bucket, node): CustomerKey(home, survivor)
        for bucket, node, home, survivor in rows.fetchall()
    }


def lock(db: Connection, keys: Iterable[CustomerKey]) -> set[CustomerKey]:
    """Lock those of the survivors that nobody else holds and that still are survivors; never wait."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    rows = db.execute(
        """
        SELECT c.bucket, c.customer_id
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (bucket, customer_id)
          JOIN customer c ON c.bucket = n.bucket AND c.customer_id = n.customer_id
         WHERE c.survivor_id = c.customer_id
         ORDER BY c.bucket, c.customer_id
           FOR UPDATE OF c SKIP LOCKED
        """,
        columns(wanted),
        binary=True,
    )
    return {CustomerKey(bucket, customer_id) for bucket, customer_id in rows.fetchall()}


def bump(db: Connection, counts: Mapping[CustomerKey, int]) -> dict[CustomerKey, int]:
    """Take so many order numbers for each customer; return the last one taken (scale.md R3)."""
    rows = sorted((key.bucket, key.customer_id, count) for key, count in counts.items())
    if not rows:
        return {}
    taken = db.execute(
        f"""
        UPDATE customer c SET seq = c.seq + row.count
          FROM {_COUNTS.unnest}
         WHERE c.bucket = row.bucket AND c.customer_id = row.customer_id
        RETURNING c.bucket, c.customer_id, c.seq
        """,
        _COUNTS.arrays(rows),
        binary=True,
    )
    return {CustomerKey(bucket, customer_id): seq for bucket, customer_id, seq in taken.fetchall()}


def names(db: Connection, nodes: Iterable[CustomerKey]) -> dict[CustomerKey, Identifier]:
    """Return the identifier that each node is."""
    keys = sorted(set(nodes))
    if not keys:
        return {}
    rows = db.execute(
        """
        SELECT c.bucket, c.customer_id, c.kind, c.value
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (bucket, customer_id)
          JOIN customer c ON c.bucket = n.bucket AND c.customer_id = n.customer_id
        """,
        columns(keys),
        binary=True,
    )
    return {
        CustomerKey(bucket, node): Identifier(_KINDS[kind], value)
        for bucket, node, kind, value in rows.fetchall()
    }


def belong(db: Connection, homes: Mapping[CustomerKey, CustomerKey]) -> None:
    """Write down to whom these nodes belong now; their old and new survivors must be locked."""
    if not homes:
        return
    db.execute(
        """
        UPDATE customer c SET survivor_bucket = n.home, survivor_id = n.survivor_id
          FROM unnest(%b::smallint[], %b::bigint[], %b::smallint[], %b::bigint[])
            AS n (bucket, customer_id, home, survivor_id)
         WHERE c.bucket = n.bucket AND c.customer_id = n.customer_id
        """,
        [*columns(list(homes)), *columns(list(homes.values()))],
    )


def columns(keys: Collection[CustomerKey]) -> list[Any]:
    """Return the keys as the two arrays that `unnest` takes."""
    return KEYS.arrays([(key.bucket, key.customer_id) for key in keys])
