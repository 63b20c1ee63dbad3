"""Which events still have to be handled: found without a lock, taken under the lock of their customer.

How a row that got its number early and was committed late is never missed: there is no cursor. The door writes
the event and its pending row in one transaction; whoever handles the event deletes the pending row in the
transaction that keeps all its effects. A row is therefore either still there, to be found by the next look, or
its effects are there. Who may take it is settled by the lock on the customer's row (`store/customers.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from terrain.core.event import Event
from terrain.core.identifier import CustomerKey
from terrain.store.columns import Columns

_ROW = Columns("bucket smallint, customer_id bigint, event_id bigint, message_id text")
LEAST_SHARE = 16
SHARES = 4


class Waiting(NamedTuple):
    """A pointer to an event that has not been handled yet."""

    bucket: int
    customer_id: int
    event_id: int
    message_id: str

    @property
    def node(self) -> CustomerKey:
        """The node of the identity graph under which the event is kept."""
        return CustomerKey(self.bucket, self.customer_id)


class Taken(NamedTuple):
    """An event taken to be handled, as it was written down by the door."""

    bucket: int
    customer_id: int
    event_id: int
    message_id: str
    at: datetime
    received_at: datetime
    source: str
    payload: bytes

    @property
    def node(self) -> CustomerKey:
        """The node of the identity graph under which the event is kept."""
        return CustomerKey(self.bucket, self.customer_id)


def is_any(db: Connection, buckets: Sequence[int], now: datetime) -> bool:
    """Tell whether an event waits in these buckets, or a run is due in them."""
    row = db.execute(
        """
        SELECT EXISTS (SELECT FROM pending WHERE bucket = ANY(%b::smallint[]))
            OR EXISTS (SELECT FROM run WHERE bucket = ANY(%b::smallint[]) AND due_at <= %b)
        """,
        [list(buckets), list(buckets), now],
    ).fetchone()
    return bool(row and row[0])


def first(db: Connection, buckets: Sequence[int], most: int) -> list[Waiting]:
    """Return the events that wait longest in these buckets, without locking anything.

    Behind a long line every bucket gives its share: to look for the very first thousand among half a
    million costs more than a look at a thousand. Within a bucket nobody is overtaken.
    """
    share = min(most, max(LEAST_SHARE, SHARES * most // max(1, len(buckets))))
    found = _first(db, buckets, most, share)
    longest = max(Counter(one.bucket for one in found).values(), default=0)
    if len(found) < most and longest == share:  # the lines are few, and one is long
        return _first(db, buckets, most, most)
    return found


def _first(db: Connection, buckets: Sequence[int], most: int, of_each: int) -> list[Waiting]:
    rows = db.execute(
        """
        SELECT p.bucket, p.customer_id, p.event_id, p.message_id
          FROM unnest(%b::smallint[]) AS b (bucket)
         CROSS JOIN LATERAL (
            SELECT * FROM pending w WHERE w.bucket = b.bucket ORDER BY w.event_id LIMIT %b) AS p
         ORDER BY p.event_id
         LIMIT %b
        """,
        [list(buckets), of_each, most],
        binary=True,
    )
    return [Waiting(*row) for row in rows.fetchall()]


def take(db: Connection, waiting: Collection[Waiting]) -> list[Taken]:
    """Take these events: their pending rows go, and come back only if this transaction does not commit."""
    if not waiting:
        return []
    rows = db.execute(
        f"""
        WITH gone AS (
            DELETE FROM pending p
             USING {_ROW.unnest}
             WHERE p.bucket = row.bucket AND p.event_id = row.event_id
               AND p.customer_id = row.customer_id AND p.message_id = row.message_id
            RETURNING p.bucket, p.customer_id, p.event_id, p.message_id
        )
        SELECT e.bucket, e.customer_id, gone.event_id, e.message_id, e.at, e.received_at, e.source, e.payload
          FROM gone
          JOIN event e ON e.bucket = gone.bucket AND e.customer_id = gone.customer_id
                      AND e.message_id = gone.message_id
        """,
        _ROW.arrays(waiting),
        binary=True,
    )
    return [Taken(*row) for row in rows.fetchall()]


def put_back(db: Connection, waiting: Iterable[Event]) -> None:
    """Let these events wait again, to be handled in a later turn."""
    rows = [
        (one.node.bucket, one.node.customer_id, one.event_id, one.message_id)
        for one in waiting
        if one.node
    ]
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO pending ({_ROW.names})
        SELECT * FROM {_ROW.unnest}
        ON CONFLICT DO NOTHING
        """,
        _ROW.arrays(rows),
    )


def count(db: Connection) -> int:
    """Return how many events wait to be handled, over all buckets (a report)."""
    row = db.execute("SELECT count(*) FROM pending").fetchone()
    return row[0] if row else 0
