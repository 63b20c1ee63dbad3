"""Decisions, for ever: a few columns to count and list by, and the whole explanation as it was made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.decision import Decision
from terrain.core.identifier import CustomerKey
from terrain.store.columns import Columns

_ROW = Columns(
    "bucket smallint, close_call boolean, version integer, customer_id bigint, decision_id bigint, "
    "run_id bigint, seq bigint, at timestamptz, certainty real, needs real, verdict text, "
    "because text, automation text, step text, explanation bytea"
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Decision).decode


def _to_row(decision: Decision) -> tuple[Any, ...]:
    proposal, weighing = decision.proposal, decision.weighing
    return (
        *(decision.key.bucket, bool(weighing and weighing.close_call), proposal.version),
        *(
            decision.key.customer_id,
            decision.decision_id,
            proposal.run_id,
            decision.seq,
            decision.at,
        ),
        *((weighing.certainty, weighing.needs) if weighing else (None, None)),
        *(
            decision.verdict.value,
            decision.because,
            proposal.automation,
            proposal.step,
            _encode(decision),
        ),
    )


def save(db: Connection, decisions: Iterable[Decision]) -> None:
    """Keep these decisions, and count them. One that is there already stays as it is, and counts once."""
    rows = [_to_row(decision) for decision in decisions]
    if not rows:
        return
    alone = len(rows) == 1
    db.execute(
        f"""
        WITH kept AS (
            INSERT INTO decision ({_ROW.names})
            {_ROW.values if alone else "SELECT * FROM " + _ROW.unnest}
            ON CONFLICT DO NOTHING
            RETURNING automation, version, verdict, because, at
        ), counted AS (
            SELECT automation, version, 'decided.' || verdict AS what, at FROM kept
            UNION ALL
            SELECT automation, version, because, at FROM kept WHERE because = 'held_out'
        )
        INSERT INTO counter (bucket, automation, version, what, hour, n)
        SELECT %b::smallint, automation, version, what,
               date_trunc('hour', at, 'UTC') AS hour, count(*)
          FROM counted
         GROUP BY automation, version, what, hour
         ORDER BY automation COLLATE "C", version, what COLLATE "C", hour
        ON CONFLICT (bucket, automation, version, what, hour) DO UPDATE
           SET n = counter.n + EXCLUDED.n
        """,
        [*(rows[0] if alone else _ROW.arrays(rows)), rows[0][0]],
    )


def find(db: Connection, key: CustomerKey, decision_id: int) -> Decision | None:
    """Return one decision as it was made."""
    row = db.execute(
        "SELECT explanation FROM decision WHERE bucket = %s AND customer_id = %s AND decision_id = %s",
        [key.bucket, key.customer_id, decision_id],
    ).fetchone()
    return _decode(row[0]) if row else None


def of_customer(db: Connection, nodes: Iterable[CustomerKey], most: int = 200) -> list[Decision]:
    """Return what was decided about one customer, the latest first."""
    keys = list(nodes)
    rows = db.execute(
        """
        SELECT d.explanation
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (bucket, customer_id)
          JOIN decision d ON d.bucket = n.bucket AND d.customer_id = n.customer_id
         ORDER BY d.decision_id DESC
         LIMIT %b
        """,
        [[key.bucket for key in keys], [key.customer_id for key in keys], most],
    )
    return [_decode(row[0]) for row in rows]
