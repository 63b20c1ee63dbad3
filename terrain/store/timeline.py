"""All that happened around one customer, read for people: events, decisions, acts, in one line through time.

Promise: also what was *not* done stands there, with its reason; nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.timeline import SAID_BY_THEM, Entry, Only
from terrain.store.pending import Taken


class Before(NamedTuple):
    """The line up to which was read: by its time, then its number, so that none is left out."""

    at: datetime
    entry_id: int = 2**63 - 1


# Three kinds of lines, each along its own index and no further than the page.
_LINES: LiteralString = """
    WITH n AS MATERIALIZED (
        SELECT bucket, customer_id
          FROM unnest(%(buckets)s::smallint[], %(ids)s::bigint[]) AS n (bucket, customer_id)
    )
    (SELECT e.at, 'event', e.event_id, e.bucket, e.customer_id, e.name, e.source, '', '', '', '', 0::bigint
       FROM n JOIN event e USING (bucket, customer_id)
      WHERE (e.at, e.event_id) < (%(at)s, %(id)s)
        AND (%(only)s IN ('all', 'events') OR %(only)s = 'said' AND e.name = ANY(%(said)s))
      ORDER BY e.at DESC, e.event_id DESC LIMIT %(most)s)
    UNION ALL
    (SELECT d.at, 'decision', d.decision_id, d.bucket, d.customer_id, d.verdict, d.automation,
            d.because, '', d.step, '', d.decision_id
       FROM n JOIN decision d USING (bucket, customer_id)
      WHERE (d.at, d.decision_id) < (%(at)s, %(id)s) AND %(only)s IN ('all', 'decisions')
      ORDER BY d.at DESC, d.decision_id DESC LIMIT %(most)s)
    UNION ALL
    (SELECT COALESCE(a.left_at, a.decided_at), 'act', a.act_id, a.bucket, a.customer_id, a.name,
            a.automation, a.because, a.state, a.step, a.channel, a.decision_id
       FROM n JOIN act a USING (bucket, customer_id)
      WHERE (COALESCE(a.left_at, a.decided_at), a.act_id) < (%(at)s, %(id)s)
        AND (%(only)s = 'all' OR %(only)s = 'messages' AND a.kind IN ('send', 'ask', 'call', 'answer'))
      ORDER BY COALESCE(a.left_at, a.decided_at) DESC, a.act_id DESC LIMIT %(most)s)
    ORDER BY 1 DESC, 3 DESC
    LIMIT %(most)s
"""


def of_customer(
    db: Connection,
    nodes: Iterable[CustomerKey],
    before: Before,
    only: Only = Only.ALL,
    most: int = 100,
) -> list[Entry]:
    """Return the latest lines before this one, the latest first, all or of one sort only."""
    rows = db.execute(
        _LINES,
        {
            **_of(nodes),
            "at": before.at,
            "id": before.entry_id,
            "most": most,
            "only": only.value,
            "said": list(SAID_BY_THEM),
        },
    )
    return [_entry(row) for row in rows]


def _entry(row: tuple[Any, ...]) -> Entry:
    at, kind, number, bucket, customer, what, by, because, state, step, channel, decision = row
    return Entry(
        at=at,
        kind=kind,
        entry_id=number,
        key=CustomerKey(bucket, customer),
        what=what,
        by=by,
        because=because,
        state=state,
        step=step,
        channel=channel,
        decision_id=decision,
    )


def not_yet_heard(db: Connection, nodes: Iterable[CustomerKey]) -> list[Taken]:
    """Return the events of this customer that no worker has handled yet, leaving them where they are."""
    rows = db.execute(
        """
        SELECT e.bucket, e.customer_id, e.event_id, e.message_id, e.at, e.received_at, e.source, e.payload
          FROM unnest(%(buckets)s::smallint[], %(ids)s::bigint[]) AS n (bucket, customer_id)
          JOIN event e ON e.bucket = n.bucket AND e.customer_id = n.customer_id
          JOIN pending p ON p.bucket = e.bucket AND p.event_id = e.event_id
                        AND p.customer_id = e.customer_id
         ORDER BY e.at, e.message_id
         LIMIT 200
        """,
        _of(nodes),
    )
    return [Taken(*row) for row in rows]


def last_of(db: Connection, nodes: Iterable[CustomerKey], names: Sequence[str]) -> datetime | None:
    """Return when an event of one of these names was last taken in, heard by a worker or not."""
    row = db.execute(
        """
        SELECT max(e.received_at)
          FROM unnest(%(buckets)s::smallint[], %(ids)s::bigint[]) AS n (bucket, customer_id)
          JOIN event e ON e.bucket = n.bucket AND e.customer_id = n.customer_id
         WHERE e.name = ANY(%(names)s)
        """,
        {**_of(nodes), "names": list(names)},
    ).fetchone()
    return row[0] if row else None


class ActRow(NamedTuple):
    """What a page says about one act."""

    act_id: int
    decision_id: int
    run_id: int
    decided_at: datetime
    left_at: datetime | None
    state: str
    kind: str
    channel: str
    automation: str
    version: int
    name: str
    because: str


def act(db: Connection, key: CustomerKey, act_id: int) -> ActRow | None:
    row = db.execute(
        """
        SELECT act_id, decision_id, run_id, decided_at, left_at, state, kind, channel, automation,
               version, name, because
          FROM act WHERE bucket = %s AND customer_id = %s AND act_id = %s
        """,
        [key.bucket, key.customer_id, act_id],
    ).fetchone()
    return ActRow(*row) if row else None


class Returned(NamedTuple):
    """Something that came back about an act: who tells of it, and what is said."""

    at: datetime
    name: str
    source: str


def came_back(db: Connection, nodes: Iterable[CustomerKey], act: ActRow) -> list[Returned]:
    """Return the events that name this act, the first first."""
    rows = db.execute(
        """
        SELECT e.at, e.name, e.source
          FROM unnest(%(buckets)s::smallint[], %(ids)s::bigint[]) AS n (bucket, customer_id)
          JOIN event e ON e.bucket = n.bucket AND e.customer_id = n.customer_id
         WHERE e.at >= %(since)s AND position(%(act)s::bytea IN e.payload) > 0
         ORDER BY e.at, e.event_id
         LIMIT 20
        """,
        {**_of(nodes), "since": act.decided_at, "act": str(act.act_id).encode()},
    )
    return [Returned(*row) for row in rows]


def _of(nodes: Iterable[CustomerKey]) -> dict[str, Any]:
    keys: Sequence[CustomerKey] = list(nodes)
    return {
        "buckets": [key.bucket for key in keys],
        "ids": [key.customer_id for key in keys],
    }
