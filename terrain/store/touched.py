"""What was done to customers lately, as far as something may come back about it: one statement a batch.

Promise: only what crediting looks at is read and decoded; of a customer with ten years of letters, no more
rows than of a new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.act import ActKind, Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.identifier import CustomerKey, first_id_at, made_at
from terrain.core.signal import LONGEST
from terrain.core.touched import Touched, Used

# An act that waited in the outbox (put off, paused) was decided, and so numbered, before it left.
WAITED_AT_MOST = timedelta(days=30)
MOST = 200
_MINUTE = timedelta(minutes=1)


class Named(NamedTuple):
    """Numbers of acts and of decisions that an event speaks of, however old they are."""

    acts: Collection[int] = ()
    decisions: Collection[int] = ()


class _Proposal(msgspec.Struct, frozen=True):
    subject: str = ""
    act: ActKind = ActKind.SEND
    channel: Channel | None = None
    purpose: Purpose = Purpose.SERVICE
    reach: Reach = Reach.INBOX


class _Decision(msgspec.Struct, frozen=True):
    """What crediting needs of a decision; the rest of it is not decoded."""

    proposal: _Proposal = _Proposal()
    facts: tuple[Used, ...] = ()


_FIELDS: LiteralString = (
    "o.bucket, o.customer_id, o.act_id, o.decision_id, o.left_at, o.kind, o.channel, o.purpose, "
    "o.reach, o.automation, o.version, o.recipient, o.surveys, false AS held_out"
)
_decode = msgspec.json.Decoder(_Decision).decode
_NOTHING = _Decision()


def of(
    db: Connection, nodes: Iterable[CustomerKey], now: datetime, named: Named
) -> dict[CustomerKey, list[Touched]]:
    """Return what was done to these nodes: the latest acts of late, and those that are named."""
    keys = sorted(set(nodes))
    found: defaultdict[CustomerKey, list[Touched]] = defaultdict(list)
    if not keys:
        return found
    rows = db.execute(
        f"""
        SELECT a.*, d.explanation
          FROM unnest(%(buckets)s::smallint[], %(ids)s::bigint[]) AS n (bucket, customer_id)
         CROSS JOIN LATERAL (
            (SELECT {_FIELDS} FROM act o
              WHERE o.bucket = n.bucket AND o.customer_id = n.customer_id
                AND o.act_id >= %(since)s AND o.left_at IS NOT NULL
              ORDER BY o.act_id DESC LIMIT %(most)s)
            UNION
            SELECT {_FIELDS} FROM act o
             WHERE o.bucket = n.bucket AND o.customer_id = n.customer_id
               AND o.act_id = ANY(%(acts)s::bigint[])
               AND o.state IN ('left', 'failed', 'unknown')
            UNION
            SELECT {_FIELDS} FROM unnest(%(decisions)s::bigint[], %(from)s::bigint[], %(to)s::bigint[])
                AS w (decision_id, first, last)
              JOIN act o ON o.bucket = n.bucket AND o.customer_id = n.customer_id
               AND o.act_id >= w.first AND o.act_id < w.last AND o.decision_id = w.decision_id
               AND o.state IN ('left', 'failed', 'unknown')
            UNION ALL
            (SELECT o.bucket, o.customer_id, o.decision_id, o.decision_id, o.at, NULL, NULL, NULL,
                    NULL, o.automation, o.version, '', false, true
               FROM decision o
              WHERE o.bucket = n.bucket AND o.customer_id = n.customer_id
                AND o.decision_id >= %(held_out_since)s AND o.because = 'held_out'
              ORDER BY o.decision_id DESC LIMIT %(most)s)) a
          LEFT JOIN decision d ON d.bucket = a.bucket AND d.customer_id = a.customer_id
                              AND d.decision_id = a.decision_id
        """,
        _asked(keys, now, named),
        binary=True,
    )
    for row in rows:
        touched = _touched(row)
        found[touched.key].append(touched)
    return found


def _asked(keys: Sequence[CustomerKey], now: datetime, named: Named) -> dict[str, Any]:
    decisions = list(named.decisions)
    # An act is numbered in the minute of its decision.
    minutes = [made_at(number) for number in decisions]
    return {
        "buckets": [key.bucket for key in keys],
        "ids": [key.customer_id for key in keys],
        "since": first_id_at(now - LONGEST - WAITED_AT_MOST),
        "held_out_since": first_id_at(now - LONGEST),
        "most": MOST,
        "acts": list(named.acts),
        "decisions": decisions,
        "from": [first_id_at(minute) for minute in minutes],
        "to": [first_id_at(minute + _MINUTE) for minute in minutes],
    }


def _touched(row: tuple[Any, ...]) -> Touched:
    bucket, customer_id, act_id, decision_id, left_at, kind, channel, purpose, reach = row[:9]
    automation, version, recipient, surveys, held_out, explanation = row[9:]
    decided = _decode(explanation) if explanation else _NOTHING
    proposal = decided.proposal
    return Touched(
        key=CustomerKey(bucket, customer_id),
        act_id=act_id,
        decision_id=decision_id,
        at=left_at,
        kind=proposal.act if held_out else ActKind(kind),
        channel=(proposal.channel or Channel.SHADOW) if held_out else Channel(channel),
        purpose=proposal.purpose if held_out else Purpose(purpose),
        reach=proposal.reach if held_out else Reach(reach),
        automation=automation,
        version=version,
        recipient=recipient,
        surveys=surveys,
        held_out=held_out,
        subject=proposal.subject,
        used=decided.facts,
    )
