"""Yes and no, with their proof, only ever added (FR-EP-5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.consent import Channel, Consent, Purpose
from terrain.core.identifier import CustomerKey
from terrain.store.columns import Columns

# The order in which `of_row` takes a row; people are loaded with it too (`store/people.py`).
COLUMNS = (
    "c.customer_id, c.purpose, c.channel, c.given, c.at, c.message_id, c.source, c.assumed, "
    "c.proof::text"
)
_PROOF = (
    *("identifier", "controller", "wording", "wording_version", "positive_act"),
    *("where", "language"),
)
_ROW = Columns(
    "bucket smallint, customer_id bigint, message_id text, purpose text, channel text, given boolean, "
    "at timestamptz, source text, assumed boolean, proof text"
)
_to_json = msgspec.json.Encoder(order="sorted").encode
_of_json = msgspec.json.Decoder(dict[str, str]).decode


def of_row(row: tuple[Any, ...]) -> tuple[int, Consent]:
    """Return a node's id and the consent that stands in a row of COLUMNS."""
    node, purpose, channel, given, at, message_id, source, assumed, proof = row
    return node, Consent(
        purpose=Purpose(purpose),
        channel=Channel(channel),
        given=given,
        at=at,
        message_id=message_id,
        source=source,
        assumed=assumed,
        **_of_json(proof),
    )


def save(db: Connection, rows: Iterable[tuple[CustomerKey, Consent]]) -> None:
    """Keep these, each under the node of the event that said it."""
    kept = sorted(_to_row(node, consent) for node, consent in rows)
    if not kept:
        return
    db.execute(
        f"""
        INSERT INTO consent ({_ROW.names})
        SELECT bucket, customer_id, message_id, purpose, channel, given, at, source, assumed, proof::jsonb
          FROM {_ROW.unnest}
        ON CONFLICT DO NOTHING
        """,
        _ROW.arrays(kept),
    )


def _to_row(node: CustomerKey, consent: Consent) -> tuple[Any, ...]:
    proof = {name: getattr(consent, name) for name in _PROOF if getattr(consent, name)}
    return (
        *(node.bucket, node.customer_id, consent.message_id, consent.purpose.value),
        *(consent.channel.value, consent.given, consent.at, consent.source, consent.assumed),
        _to_json(proof).decode(),
    )
