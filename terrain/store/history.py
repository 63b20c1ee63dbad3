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


def events_of(db: Connection, key: CustomerKey, until: datetime, most: int) -> list[Taken]:
    """Return the latest events of one survivor up to this moment, the oldest first."""
    rows = db.execute(
        """
        SELECT e.bucket, e.customer_id, e.event_id, e.message_id, e.at, e.received_at, e.source, e.payload
          FROM (SELECT %(bucket)s::smallint AS bucket, %(customer)s::bigint AS customer_id
                 UNION
                SELECT alias_bucket, alias_id FROM alias
                 WHERE bucket = %(bucket)s AND customer_id = %(customer)s) AS n
          JOIN event e ON e.bucket = n.bucket AND e.customer_id = n.customer_id
         WHERE e.at <= %(until)s
         ORDER BY e.at DESC, e.message_id DESC
         LIMIT %(most)s
        """,
        {"bucket": key.bucket, "customer": key.customer_id, "until": until, "most": most},
    ).fetchall()
    return [Taken(*row) for row in reversed(rows)]


def met_by(db: Connection, automation: str, most: int) -> list[CustomerKey]:
    """Return some customers whom an automation has under way, or decided about lately."""
    rows = db.execute(
        """
        (SELECT bucket, customer_id FROM run WHERE automation = %(name)s AND ended_at IS NULL
          LIMIT %(most)s)
         UNION
        (SELECT bucket, customer_id FROM decision WHERE automation = %(name)s AND verdict = 'act'
          ORDER BY automation, verdict, at DESC LIMIT %(most)s)
        """,
        {"name": automation, "most": most},
    ).fetchall()
    return [CustomerKey(*row) for row in rows[:most]]


def anybody(db: Connection, most: int) -> list[CustomerKey]:
    """Return some customers, whoever they are."""
    rows = db.execute(
        "SELECT bucket, customer_id FROM customer WHERE survivor_id = customer_id LIMIT %s", [most]
    ).fetchall()
    return [CustomerKey(*row) for row in rows]
