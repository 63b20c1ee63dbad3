"""The past as it was written down, for a replay: whole customers, with all their nodes.

Promise: read only, and a report: it may look at many buckets at once (scale.md R13), never in the way
of what happens now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.store.pending import Taken

AT_A_TIME = 5000


def events(
    db: Connection, buckets: Sequence[int], until: datetime
) -> Iterator[tuple[CustomerKey, Taken]]:
    """Yield the events of the survivors of these buckets up to this moment, customer by customer."""
    with db.transaction(), db.cursor(name="history", binary=True) as cursor:
        cursor.itersize = AT_A_TIME
        cursor.execute(
            """
            SELECT c.survivor_bucket, c.survivor_id, e.bucket, e.customer_id, e.event_id,
                   e.message_id, e.at, e.received_at, e.source, e.payload
              FROM customer c
              JOIN event e ON e.bucket = c.bucket AND e.customer_id = c.customer_id
             WHERE c.survivor_bucket = ANY(%s) AND e.at <= %s
             ORDER BY c.survivor_bucket, c.survivor_id, e.at, e.message_id
            """,
            [list(buckets), until],
        )
        for survivor_bucket, survivor_id, *taken in cursor:
            yield CustomerKey(survivor_bucket, survivor_id), Taken(*taken)
