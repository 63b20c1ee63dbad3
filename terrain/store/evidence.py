"""Evidence, only ever added: the same thing that came back is kept once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.fact import Evidence, EvidenceKind, FactKey, key_of_json
from terrain.core.identifier import CustomerKey
from terrain.store.columns import Columns

# The order in which `of_row` takes a row; people are loaded with it too (`store/people.py`).
COLUMNS = "e.customer_id, e.fact, e.about, e.kind, e.at, e.message_id, e.value::text"
_ROW = Columns(
    "bucket smallint, customer_id bigint, fact text, about text, value_key bigint, message_id text, "
    "kind text, at timestamptz, value text"
)

_to_json = msgspec.json.Encoder(order="sorted").encode
_of_json = msgspec.json.Decoder().decode


def of_row(row: tuple[Any, ...]) -> tuple[int, Evidence]:
    """Return a node's id and the evidence that stands in a row of COLUMNS."""
    node, fact, about, kind, at, message_id, value = row
    return node, Evidence(
        key=FactKey(fact, about),
        value=_of_json(value),
        kind=EvidenceKind(kind),
        at=at,
        message_id=message_id,
    )


def save(db: Connection, rows: Iterable[tuple[CustomerKey, Evidence]]) -> None:
    """Keep this evidence, each under the node of the event that brought it."""
    kept = sorted(_to_row(node, row) for node, row in rows)
    if not kept:
        return
    db.execute(
        f"""
        INSERT INTO evidence ({_ROW.names})
        SELECT bucket, customer_id, fact, about, value_key, message_id, kind, at, value::jsonb
          FROM {_ROW.unnest}
        ON CONFLICT DO NOTHING
        """,
        _ROW.arrays(kept),
    )


def _to_row(node: CustomerKey, row: Evidence) -> tuple[Any, ...]:
    text = _to_json(row.value)
    return (
        *(node.bucket, node.customer_id, row.key.fact, row.key.about, key_of_json(text)),
        *(row.message_id, row.kind.value, row.at, text.decode()),
    )
