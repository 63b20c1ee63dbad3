"""The one uniqueness across customers: which node an identifier leads to (scale.md R4).

Promise: an identifier leads to the same node for ever, whoever asks first, and however many ask at
once. Rows are written in one fixed order, so that two who make the same ones never wait in a ring.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from terrain.core.identifier import CustomerKey, Identifier, Kind, bucket_of, key_of, new_id
from terrain.store.columns import Columns

_NAME = Columns("bucket smallint, kind text, value text")
_NAMED = Columns("bucket smallint, kind text, value text, customer_id bigint")
_NODE = Columns("bucket smallint, customer_id bigint, kind text, value text")

AT_A_TIME = 5_000
_KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind}


def resolve(
    db: Connection, identifiers: Iterable[Identifier], now: datetime
) -> dict[Identifier, CustomerKey]:
    """Return the node of each identifier, making those that are new."""
    wanted = set(identifiers)
    found = find(db, wanted)
    return found | make(db, wanted - found.keys(), now)


def everyone(db: Connection) -> Iterator[tuple[Identifier, CustomerKey]]:
    """Yield every name with its node (a report: every bucket)."""
    with db.transaction(), db.cursor(name="everyone", binary=True) as rows:
        rows.itersize = AT_A_TIME
        rows.execute("SELECT kind, value, customer_id FROM identifier")
        for kind, value, node in rows:
            yield Identifier(_KINDS[kind], value), key_of(node)


def make(
    db: Connection, missing: Iterable[Identifier], now: datetime
) -> dict[Identifier, CustomerKey]:
    """Return the nodes of these identifiers, which nobody knew a moment ago."""
    wanted = set(missing)
    found: dict[Identifier, CustomerKey] = {}
    while left := wanted - found.keys():
        found |= _make(db, left, now)
    return found


def find(db: Connection, identifiers: Collection[Identifier]) -> dict[Identifier, CustomerKey]:
    """Return the nodes of those identifiers that are known."""
    if not identifiers:
        return {}
    rows = db.execute(
        f"""
        SELECT i.kind, i.value, i.customer_id
          FROM {_NAME.unnest}
          JOIN identifier i ON i.bucket = row.bucket AND i.kind = row.kind AND i.value = row.value
        """,
        _NAME.arrays(_in_order(identifiers)),
        binary=True,
    )
    return {Identifier(_KINDS[kind], value): key_of(node) for kind, value, node in rows.fetchall()}


def _make(
    db: Connection, missing: Collection[Identifier], now: datetime
) -> dict[Identifier, CustomerKey]:
    """Make these identifiers, each with a node of its own; leave out those whose id was taken."""
    proposed = dict(zip(_fresh_ids(len(missing), now), _in_order(missing), strict=True))
    rows = [(*row, customer_id) for customer_id, row in proposed.items()]
    mine = db.execute(
        f"""
        INSERT INTO identifier ({_NAMED.names})
        SELECT * FROM {_NAMED.unnest}
        ON CONFLICT DO NOTHING
        RETURNING customer_id
        """,
        _NAMED.arrays(rows),
        binary=True,
    ).fetchall()
    made = {customer_id: proposed.pop(customer_id) for (customer_id,) in mine}
    # Whoever was quicker has committed by now: the insert waited for them.
    others = find(db, [Identifier(_KINDS[kind], value) for _, kind, value in proposed.values()])
    # Their node is written again, in case they crashed between the two statements.
    nodes = made | {key.customer_id: (0, i.kind.value, i.value) for i, key in others.items()}
    new = _make_nodes(db, nodes)
    taken = [customer_id for customer_id in made if customer_id not in new]
    _give_back(db, [(*made.pop(customer_id), customer_id) for customer_id in taken])
    return others | {
        Identifier(_KINDS[kind], value): key_of(customer_id)
        for customer_id, (_, kind, value) in made.items()
    }


def _make_nodes(db: Connection, nodes: dict[int, tuple[int, str, str]]) -> set[int]:
    rows = [(bucket_of(each), each, kind, value) for each, (_, kind, value) in nodes.items()]
    if not rows:
        return set()
    new = db.execute(
        f"""
        INSERT INTO customer (bucket, survivor_bucket, customer_id, survivor_id, kind, value)
        SELECT bucket, bucket, customer_id, customer_id, kind, value
          FROM {_NODE.unnest}
        ON CONFLICT DO NOTHING
        RETURNING customer_id
        """,
        _NODE.arrays(rows),
        binary=True,
    )
    return {customer_id for (customer_id,) in new}


def _give_back(db: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Undo identifiers whose proposed id belongs to somebody else; nobody has seen them yet."""
    if not rows:
        return
    db.execute(
        f"""
        DELETE FROM identifier i
         USING {_NAMED.unnest}
         WHERE i.bucket = row.bucket AND i.kind = row.kind AND i.value = row.value
           AND i.customer_id = row.customer_id
        """,
        _NAMED.arrays(rows),
    )


def _in_order(identifiers: Iterable[Identifier]) -> list[tuple[int, str, str]]:
    return sorted((each.bucket, str(each.kind), each.value) for each in identifiers)


def _fresh_ids(count: int, now: datetime) -> list[int]:
    ids: set[int] = set()
    while len(ids) < count:
        ids.add(new_id(now))
    return list(ids)
