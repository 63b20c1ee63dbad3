"""What was decided about one customer, what became of it, and what they said themselves, read for them.

Promise: also what was *not* done stands there; whoever reads on by the last line they saw meets every
line once, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.decision import Decision
from terrain.core.identifier import CustomerKey
from terrain.store.timeline import ActRow, Before

_decode = msgspec.json.Decoder(Decision).decode


class Row(NamedTuple):
    """One thing that was decided, or that they said. `what` is a verdict or the name of an event."""

    at: datetime
    number: int
    is_decision: bool
    what: str
    automation: str
    step: str
    because: str
    payload: bytes | None

    @property
    def place(self) -> Before:
        """The place after which the next older line is read."""
        return Before(self.at, self.number)


class Whose(NamedTuple):
    """Which events are the customer's own words: all of this source, and these of any."""

    source: str
    of_source: Sequence[str]
    of_any: Sequence[str]


def rows(
    db: Connection, nodes: Iterable[CustomerKey], whose: Whose, before: Before, most: int
) -> list[Row]:
    """Return the latest lines before this one, the latest first."""
    keys = list(nodes)
    found = db.execute(
        """
        WITH n AS MATERIALIZED (
            SELECT bucket, customer_id
              FROM unnest(%(buckets)s::smallint[], %(ids)s::bigint[]) AS n (bucket, customer_id)
        )
        (SELECT d.at, d.decision_id, true, d.verdict, d.automation, d.step, d.because, NULL::bytea
           FROM n JOIN decision d USING (bucket, customer_id)
          WHERE (d.at, d.decision_id) < (%(at)s, %(number)s)
          ORDER BY d.at DESC, d.decision_id DESC LIMIT %(most)s)
        UNION ALL
        (SELECT e.at, e.event_id, false, e.name, '', '', '', e.payload
           FROM n JOIN event e USING (bucket, customer_id)
          WHERE (e.at, e.event_id) < (%(at)s, %(number)s)
            AND (e.name = ANY(%(of_any)s)
                 OR e.source = %(source)s AND e.name = ANY(%(of_source)s))
          ORDER BY e.at DESC, e.event_id DESC LIMIT %(most)s)
        ORDER BY 1 DESC, 2 DESC
        LIMIT %(most)s
        """,
        {
            "buckets": [key.bucket for key in keys],
            "ids": [key.customer_id for key in keys],
            "at": before.at,
            "number": before.entry_id,
            "most": most,
            "source": whose.source,
            "of_source": list(whose.of_source),
            "of_any": list(whose.of_any),
        },
    )
    return [Row(*row) for row in found]


def decisions(
    db: Connection, nodes: Iterable[CustomerKey], numbers: Sequence[int]
) -> dict[int, Decision]:
    """Return these decisions of one customer as they were made; another customer's are not among them."""
    if not numbers:
        return {}
    keys = list(nodes)
    found = db.execute(
        """
        SELECT d.decision_id, d.explanation
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (bucket, customer_id)
          JOIN decision d ON d.bucket = n.bucket AND d.customer_id = n.customer_id
                         AND d.decision_id = ANY(%b::bigint[])
        """,
        [[key.bucket for key in keys], [key.customer_id for key in keys], list(numbers)],
    )
    return {number: _decode(explanation) for number, explanation in found}


def acts(db: Connection, nodes: Iterable[CustomerKey], decided: Sequence[int]) -> dict[int, ActRow]:
    """Return what came of these decisions, by decision.

    An act stands under its run's node, a decision under the survivor's: after a merge they differ.
    """
    if not decided:
        return {}
    keys = list(nodes)
    found = db.execute(
        """
        SELECT a.act_id, a.decision_id, a.run_id, a.decided_at, a.left_at, a.state, a.kind,
               a.channel, a.automation, a.version, a.name, a.because
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (bucket, customer_id)
          JOIN act a ON a.bucket = n.bucket AND a.customer_id = n.customer_id
         WHERE a.decision_id = ANY(%b::bigint[])
        """,
        [[key.bucket for key in keys], [key.customer_id for key in keys], list(decided)],
    )
    return {row.decision_id: row for row in map(ActRow._make, found)}
