"""Events as rows: written once by the door, never changed.

Promise: the same message under the same node is one event, for ever, and each event that is new has
its pending row in the same statement: there is no moment at which one exists without the other.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.store.columns import Columns

_ROW = Columns(
    "bucket smallint, customer_id bigint, event_id bigint, at timestamptz, received_at timestamptz, "
    "message_id text, name text, source text, payload bytea"
)


class NewEvent(NamedTuple):
    """One row to be written."""

    bucket: int
    customer_id: int
    event_id: int
    at: datetime
    received_at: datetime
    message_id: str
    name: str
    source: str
    payload: bytes


def write(db: Connection, rows: Sequence[NewEvent]) -> set[tuple[int, str]]:
    """Write these events; return (customer id, message id) of those that nobody had told us before.

    Everybody writes in the order of the key, so that two doors with the same messages wait for one
    another instead of dying in each other's arms.
    """
    if not rows:
        return set()
    in_order = sorted(rows, key=_key)
    new = db.execute(
        f"""
        WITH new AS (
            INSERT INTO event ({_ROW.names})
            SELECT * FROM {_ROW.unnest}
            ON CONFLICT DO NOTHING
            RETURNING bucket, customer_id, event_id, message_id
        )
        INSERT INTO pending (bucket, customer_id, event_id, message_id)
        SELECT bucket, customer_id, event_id, message_id FROM new
        RETURNING customer_id, message_id
        """,
        _ROW.arrays(in_order),
        binary=True,
    )
    return set(new.fetchall())


def _key(row: NewEvent) -> tuple[int, int, str]:
    return row.bucket, row.customer_id, row.message_id


def forget(db: Connection, named: Collection[tuple[CustomerKey, str]]) -> None:
    """Let these events be as if they had never been told."""
    db.execute(
        """
        DELETE FROM event e
         USING unnest(%s::smallint[], %s::bigint[], %s::text[]) AS n (b, c_id, m_id)
         WHERE e.bucket = n.b AND e.customer_id = n.c_id AND e.message_id = n.m_id
        """,
        [
            [node.bucket for node, _ in named],
            [node.customer_id for node, _ in named],
            [message_id for _, message_id in named],
        ],
    )


def hear_again(
    db: Connection, nodes: Collection[CustomerKey], since: datetime, most: int = 1_000
) -> int:
    """Let the events of these nodes that came since then be handled once more, the latest of them at most."""
    return db.execute(
        """
        INSERT INTO pending (bucket, customer_id, event_id, message_id)
        SELECT e.bucket, e.customer_id, e.event_id, e.message_id
          FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
          JOIN event e ON e.bucket = n.b AND e.customer_id = n.c_id
         WHERE e.received_at >= %s
         ORDER BY e.received_at DESC LIMIT %s
        ON CONFLICT DO NOTHING
        """,
        [[key.bucket for key in nodes], [key.customer_id for key in nodes], since, most],
    ).rowcount


def wait_again(db: Connection, node: CustomerKey, message_id: str) -> None:
    """Let an event be handled once more."""
    db.execute(
        """
        INSERT INTO pending (bucket, customer_id, event_id, message_id)
        SELECT bucket, customer_id, event_id, message_id FROM event
         WHERE bucket = %s AND customer_id = %s AND message_id = %s
        ON CONFLICT DO NOTHING
        """,
        [node.bucket, node.customer_id, message_id],
    )
