"""Claims, written so that the order of arrival leaves no trace.

Promise: a row only ever gains: an earlier first time, a later last time. Saving the same again, or
two in the other order, makes the same row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.fact import Claim, FactKey, SourceKind, key_of_json
from terrain.core.identifier import CustomerKey
from terrain.core.lesson import merged
from terrain.store.columns import Columns

# The order in which `of_row` takes a row; people are loaded with it too (`store/people.py`).
COLUMNS = (
    "c.customer_id, c.fact, c.about, c.source, c.kind, c.first_at, c.at, c.message_id, "
    "c.confidence, c.assumed, c.value::text"
)
_ROW = Columns(
    "bucket smallint, customer_id bigint, fact text, about text, source text, value_key bigint, kind text, "
    "first_at timestamptz, at timestamptz, message_id text, confidence float8, assumed boolean, value text"
)

_KINDS: dict[str, SourceKind] = {kind.value: kind for kind in SourceKind}
_to_json = msgspec.json.Encoder(order="sorted").encode
_of_json = msgspec.json.Decoder().decode


def of_row(row: tuple[Any, ...]) -> tuple[int, Claim]:
    """Return a node's id and the claim that stands in a row of COLUMNS."""
    node, fact, about, source, kind, first_at, at, message_id, confidence, assumed, value = row
    return node, Claim(
        key=FactKey(fact, about),
        value=_of_json(value),
        source=source,
        kind=_KINDS[kind],
        first_at=first_at,
        at=at,
        message_id=message_id,
        confidence=confidence,
        assumed=assumed,
    )


def save(db: Connection, rows: Iterable[tuple[CustomerKey, Claim]]) -> None:
    """Keep these claims, each under the node of the event that said it."""
    kept = _one_each(rows)
    if not kept:
        return
    db.execute(
        f"""
        INSERT INTO claim AS c ({_ROW.names})
        SELECT bucket, customer_id, fact, about, source, value_key, kind, first_at, at,
               message_id, confidence, assumed, value::jsonb
          FROM {_ROW.unnest}
        ON CONFLICT (bucket, customer_id, fact, about, source, value_key) DO UPDATE
           SET first_at = LEAST(c.first_at, EXCLUDED.first_at),
               at = GREATEST(c.at, EXCLUDED.at),
               message_id = CASE
                   WHEN (EXCLUDED.at, EXCLUDED.message_id COLLATE "C") > (c.at, c.message_id COLLATE "C")
                   THEN EXCLUDED.message_id ELSE c.message_id END,
               kind = CASE
                   WHEN (EXCLUDED.at, EXCLUDED.message_id COLLATE "C") > (c.at, c.message_id COLLATE "C")
                   THEN EXCLUDED.kind ELSE c.kind END,
               confidence = CASE
                   WHEN (EXCLUDED.at, EXCLUDED.message_id COLLATE "C") > (c.at, c.message_id COLLATE "C")
                   THEN EXCLUDED.confidence ELSE c.confidence END,
               assumed = CASE
                   WHEN (EXCLUDED.at, EXCLUDED.message_id COLLATE "C") > (c.at, c.message_id COLLATE "C")
                   THEN EXCLUDED.assumed ELSE c.assumed END
         WHERE EXCLUDED.first_at < c.first_at
            OR (EXCLUDED.at, EXCLUDED.message_id COLLATE "C") > (c.at, c.message_id COLLATE "C")
        """,
        _ROW.arrays(kept),
    )


def _one_each(rows: Iterable[tuple[CustomerKey, Claim]]) -> list[tuple[Any, ...]]:
    """Return one row a key, in a fixed order: no statement may meet the same row twice."""
    found: dict[tuple[Any, ...], tuple[Claim, str]] = {}
    for node, claim in rows:
        text = _to_json(claim.value)
        key = (
            *(node.bucket, node.customer_id, claim.key.fact, claim.key.about, claim.source),
            key_of_json(text),
        )
        if key in found:
            claim = merged(found[key][0], claim)  # noqa: PLW2901 - the two are one from here on
        found[key] = (claim, text.decode())
    return [
        (
            *(*key, str(claim.kind), claim.first_at, claim.at, claim.message_id),
            *(claim.confidence, claim.assumed, text),
        )
        for key, (claim, text) in sorted(found.items(), key=lambda item: item[0])
    ]
