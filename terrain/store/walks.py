"""The look over all customers of a bucket, for automations that start by the calendar.

Promise: a walk goes on where it was stopped, and two workers never walk the same bucket at once.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.schedule import Earlier, Period

FORGOTTEN_AFTER = timedelta(days=10)


def unfinished(
    db: Connection, periods: Collection[Period], buckets: Collection[int]
) -> list[tuple[Period, int]]:
    """Return which period has still to be walked in which of these buckets."""
    if not periods or not buckets:
        return []
    rows = db.execute(
        """
        SELECT bucket, automation, period FROM walk
         WHERE bucket = ANY(%b::smallint[]) AND done_at IS NOT NULL
           AND automation = ANY(%b::text[])
        """,
        [list(buckets), [period.automation for period in periods]],
    )
    done = set(rows)
    return [
        (period, bucket)
        for period in periods
        for bucket in sorted(buckets)
        if (bucket, period.automation, period.name) not in done
    ]


def take(db: Connection, period: Period, bucket: int, now: datetime) -> int | None:
    """Return after which customer to go on, and hold the walk until the transaction ends.

    None when it is done, or when another worker is at it.
    """
    named = [bucket, period.automation, period.name]
    db.execute(
        "INSERT INTO walk (bucket, automation, period, begun_at) VALUES (%b, %b, %b, %b)"
        " ON CONFLICT DO NOTHING",
        [*named, now],
    )
    row = db.execute(
        """
        SELECT after_id FROM walk
         WHERE bucket = %b AND automation = %b AND period = %b AND done_at IS NULL
           FOR UPDATE SKIP LOCKED
        """,
        named,
    ).fetchone()
    return row[0] if row else None


def next_ones(db: Connection, bucket: int, after_id: int, most: int) -> list[CustomerKey]:
    """Return the next customers of the bucket, in order, and lock them, waiting where need be."""
    rows = db.execute(
        """
        SELECT customer_id FROM customer
         WHERE bucket = %b AND customer_id > %b AND survivor_id = customer_id
         ORDER BY customer_id LIMIT %b
           FOR UPDATE
        """,
        [bucket, after_id, most],
    )
    return [CustomerKey(bucket, customer_id) for (customer_id,) in rows]


def had(
    db: Connection, keys: Collection[CustomerKey], automation: str
) -> dict[CustomerKey, tuple[Earlier, ...]]:
    """Return the runs that these customers of one bucket had of this automation, over or not."""
    found: dict[CustomerKey, list[Earlier]] = defaultdict(list)
    rows = db.execute(
        """
        SELECT bucket, customer_id, subject, started_at FROM run
         WHERE bucket = ANY(%b::smallint[]) AND customer_id = ANY(%b::bigint[])
           AND automation = %b
        """,
        [list({key.bucket for key in keys}), [key.customer_id for key in keys], automation],
    )
    for bucket, customer_id, subject, started_at in rows:
        found[CustomerKey(bucket, customer_id)].append(Earlier(subject, started_at))
    return {key: tuple(runs) for key, runs in found.items()}


def go_on(db: Connection, period: Period, bucket: int, after_id: int) -> None:
    """Write down how far the walk came."""
    db.execute(
        "UPDATE walk SET after_id = %b WHERE bucket = %b AND automation = %b AND period = %b",
        [after_id, bucket, period.automation, period.name],
    )


def finish(db: Connection, period: Period, bucket: int, now: datetime) -> None:
    """Mark the walk as done, and forget those of long ago."""
    db.execute(
        "UPDATE walk SET done_at = %b WHERE bucket = %b AND automation = %b AND period = %b",
        [now, bucket, period.automation, period.name],
    )
    db.execute(
        "DELETE FROM walk WHERE bucket = %b AND automation = %b AND begun_at < %b",
        [bucket, period.automation, now - FORGOTTEN_AFTER],
    )
