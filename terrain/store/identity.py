"""The identity graph as rows: edges from both ends, and the aliases of each survivor.

Promise: an edge, and whose a node is, are written only under the locks of both survivors concerned;
so whoever holds them reads what nobody can change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection

from terrain.core.identifier import CustomerKey, Identifier, Kind
from terrain.core.identity import Edge, Group, Standing
from terrain.store import customers
from terrain.store.columns import Columns

Pair = tuple[CustomerKey, CustomerKey]

_EDGE = Columns(
    "bucket smallint, customer_id bigint, other_bucket smallint, other_id bigint, at timestamptz, "
    "message_id text, source text, standing text, because text"
)
_ALIAS = Columns(
    "bucket smallint, customer_id bigint, alias_bucket smallint, alias_id bigint, kind text, "
    "value text, since timestamptz"
)

_KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind}
_STANDINGS: dict[str, Standing] = {standing.value: standing for standing in Standing}


class Alias(NamedTuple):
    """A node, its name, and since when it belongs to the survivor."""

    survivor: CustomerKey
    node: CustomerKey
    name: Identifier
    since: datetime


def read(db: Connection, pairs: Collection[Pair]) -> dict[Pair, Edge]:
    """Return what stands between the two nodes of each pair."""
    if not pairs:
        return {}
    rows = db.execute(
        f"""
        SELECT e.{", e.".join(_EDGE.names.split(", "))}
          FROM unnest(%b::smallint[], %b::bigint[], %b::bigint[]) AS p (b, one_id, two_id)
          JOIN identity_edge e ON e.bucket = p.b AND e.customer_id = p.one_id AND e.other_id = p.two_id
        """,
        [*customers.columns([one for one, _ in pairs]), [other.customer_id for _, other in pairs]],
        binary=True,
    )
    return {edge.pair: edge for edge in map(_of_row, rows.fetchall())}


def touching(db: Connection, nodes: Collection[CustomerKey]) -> dict[Pair, Edge]:
    """Return all edges of these nodes, also those that lead away from them."""
    rows = db.execute(
        f"""
        SELECT e.{", e.".join(_EDGE.names.split(", "))}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN identity_edge e ON e.bucket = n.b AND e.customer_id = n.c_id
        """,
        customers.columns(nodes),
        binary=True,
    )
    return {edge.pair: edge for edge in map(_of_row, rows)}


def cuts(db: Connection, nodes: Collection[CustomerKey]) -> list[Pair]:
    """Return the pairs of which one is among these nodes and that a person has parted."""
    rows = db.execute(
        """
        SELECT e.bucket, e.customer_id, e.other_bucket, e.other_id
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN identity_edge e ON e.bucket = n.b AND e.customer_id = n.c_id AND e.standing = 'cut'
        """,
        customers.columns(nodes),
        binary=True,
    )
    return [(CustomerKey(b, one), CustomerKey(c, other)) for b, one, c, other in rows]


def save(db: Connection, edges: Iterable[Edge]) -> None:
    """Write down how these edges stand now, from both ends."""
    rows = [row for edge in edges for row in _to_rows(edge)]
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO identity_edge ({_EDGE.names})
        SELECT * FROM {_EDGE.unnest}
        ON CONFLICT (bucket, customer_id, other_id) DO UPDATE
           SET at = EXCLUDED.at, message_id = EXCLUDED.message_id, source = EXCLUDED.source,
               standing = EXCLUDED.standing, because = EXCLUDED.because
        """,
        _EDGE.arrays(sorted(rows)),
    )


def groups(db: Connection, survivors: Collection[CustomerKey]) -> dict[CustomerKey, Group]:
    """Return the groups of these survivors."""
    found = {key: Group(key, {key: name}) for key, name in customers.names(db, survivors).items()}
    rows = db.execute(
        """
        SELECT a.bucket, a.customer_id, a.alias_bucket, a.alias_id, a.kind, a.value, a.since
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (b, c_id)
          JOIN alias a ON a.bucket = n.b AND a.customer_id = n.c_id
        """,
        customers.columns(list(found)),
        binary=True,
    )
    for bucket, survivor, alias_bucket, alias_id, kind, value, since in rows:
        group, node = found[CustomerKey(bucket, survivor)], CustomerKey(alias_bucket, alias_id)
        group.names[node] = Identifier(_KINDS[kind], value)
        group.since[node] = since
    return found


def add_aliases(db: Connection, aliases: Iterable[Alias]) -> None:
    """Put nodes under their survivors."""
    rows = [
        (*_key(survivor), *_key(node), str(name.kind), name.value, since)
        for survivor, node, name, since in aliases
    ]
    if rows:
        db.execute(
            f"INSERT INTO alias ({_ALIAS.names}) SELECT * FROM {_ALIAS.unnest}",
            _ALIAS.arrays(sorted(rows)),
        )


def remove_aliases(db: Connection, pairs: Collection[Pair]) -> None:
    """Take nodes away from their survivors."""
    if not pairs:
        return
    db.execute(
        """
        DELETE FROM alias a
         USING unnest(%b::smallint[], %b::bigint[], %b::bigint[]) AS n (b, c_id, node_id)
         WHERE a.bucket = n.b AND a.customer_id = n.c_id AND a.alias_id = n.node_id
        """,
        [*customers.columns([one for one, _ in pairs]), [node.customer_id for _, node in pairs]],
    )


def _of_row(row: tuple[Any, ...]) -> Edge:
    bucket, one, other_bucket, other, at, message_id, source, standing, because = row
    return Edge(
        one=CustomerKey(bucket, one),
        other=CustomerKey(other_bucket, other),
        at=at,
        message_id=message_id,
        source=source,
        standing=_STANDINGS[standing],
        because=because,
    )


def _to_rows(edge: Edge) -> list[tuple[Any, ...]]:
    rest = (edge.at, edge.message_id, edge.source, str(edge.standing), edge.because)
    one, other = _key(edge.one), _key(edge.other)
    return [(*one, *other, *rest), (*other, *one, *rest)]


def _key(key: CustomerKey) -> tuple[int, int]:
    return (key.bucket, key.customer_id)
