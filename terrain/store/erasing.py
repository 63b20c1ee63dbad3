"""Takes the rows of one customer out of every table there is, some at a time.

Promise: whatever table says whose its rows are (`bucket`, `customer_id`) is emptied of them, also one
that is added tomorrow. Nothing here waits for anybody: what another holds is left for the next look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg import Connection, sql

from terrain.core.identifier import CustomerKey, Identifier
from terrain.core.message import message_ids_of

# These go last and together, under the lock that they are.
_THEMSELVES = frozenset({"customer", "identifier", "alias", "identity_edge", "erasure"})
_BY_THEMSELVES = frozenset({"event", "pending", "act"})

# An event and the pointer that says it waits go together; an act that is on a line stays until it has left.
_EVENTS: LiteralString = """
    WITH few AS (
        SELECT bucket, customer_id, message_id, event_id FROM event
         WHERE bucket = %(bucket)s AND customer_id = %(customer)s LIMIT %(most)s),
    waiting AS (
        DELETE FROM pending p USING few s
         WHERE p.bucket = s.bucket AND p.event_id = s.event_id
           AND p.customer_id = s.customer_id AND p.message_id = s.message_id)
    DELETE FROM event e USING few s
     WHERE e.bucket = s.bucket AND e.customer_id = s.customer_id AND e.message_id = s.message_id
"""
_ACTS: LiteralString = """
    WITH few AS (
        SELECT bucket, customer_id, act_id FROM act
         WHERE bucket = %(bucket)s AND customer_id = %(customer)s
           AND NOT (state = 'leaving' AND lease_until > %(now)s)
         ORDER BY act_id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    DELETE FROM act a USING few s
     WHERE a.bucket = s.bucket AND a.customer_id = s.customer_id AND a.act_id = s.act_id
"""


class Gone(NamedTuple):
    """How many rows went, and whether any are left that could not go yet."""

    rows: int
    is_all: bool


def some_rows(db: Connection, nodes: Sequence[CustomerKey], most: int, now: datetime) -> Gone:
    """Delete at most so many rows of these nodes. Whoever calls holds the lock of their survivor."""
    gone = 0
    for statement in _statements(db):
        for node in nodes:
            values = {"bucket": node.bucket, "customer": node.customer_id, "now": now}
            while went := db.execute(statement, {**values, "most": most - gone}).rowcount:
                gone += went
                if gone >= most:
                    return Gone(gone, is_all=False)
    return Gone(gone, is_all=not _has_acts(db, nodes))


def themselves(db: Connection, nodes: Sequence[CustomerKey], names: Collection[Identifier]) -> int:
    """Delete the nodes, their names and all that leads to them."""
    among: LiteralString = "unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)"
    keys = _columns(nodes)
    statements: tuple[LiteralString, ...] = (
        f"""
        WITH own AS (
            DELETE FROM identity_edge e USING {among}
             WHERE e.bucket = n.b AND e.customer_id = n.c_id
            RETURNING e.bucket, e.customer_id, e.other_bucket, e.other_id)
        DELETE FROM identity_edge e USING own
         WHERE e.bucket = own.other_bucket AND e.customer_id = own.other_id
           AND e.other_id = own.customer_id
           AND NOT EXISTS (SELECT FROM own mine
                            WHERE mine.bucket = e.bucket AND mine.customer_id = e.customer_id
                              AND mine.other_id = e.other_id)
        """,
        f"DELETE FROM alias a USING {among} WHERE a.bucket = n.b AND a.customer_id = n.c_id",
        f"DELETE FROM erasure e USING {among} WHERE e.bucket = n.b AND e.customer_id = n.c_id",
        f"DELETE FROM customer c USING {among} WHERE c.bucket = n.b AND c.customer_id = n.c_id",
    )
    gone = sum(db.execute(statement, keys).rowcount for statement in statements)
    return gone + _names(db, nodes, names)


def letters_to(db: Connection, nodes: Sequence[CustomerKey], addresses: Collection[str]) -> int:
    """Delete what the local sink caught for them: by our own name of each letter, and by address."""
    return db.execute(
        """
        DELETE FROM caught_mail
         WHERE message_id LIKE ANY(%(ours)s::text[])
            OR string_to_array(lower(recipient), ', ') && %(addresses)s::text[]
            OR lower(sender) = ANY(%(addresses)s::text[])
        """,
        {
            "ours": [f"{message_ids_of(node)}%" for node in nodes],
            "addresses": [address.lower() for address in addresses],
        },
    ).rowcount


def trays(db: Connection, most: int = 500) -> Iterator[tuple[int, bytes]]:
    """Yield every line of every tray with what it holds: the reason and what could not be handled."""
    after = -1
    while True:
        rows = db.execute(
            """
            SELECT tray_id, convert_to(reason::text || chr(10), 'UTF8') || payload
              FROM tray WHERE tray_id > %s ORDER BY tray_id LIMIT %s
            """,
            [after, most],
        ).fetchall()
        yield from ((tray_id, bytes(held)) for tray_id, held in rows)
        if len(rows) < most:
            return
        after = rows[-1][0]


def take_from_trays(db: Connection, tray_ids: Collection[int]) -> int:
    return db.execute("DELETE FROM tray WHERE tray_id = ANY(%s)", [list(tray_ids)]).rowcount


def is_leaving(db: Connection, nodes: Sequence[CustomerKey], name: str) -> bool:
    """Say whether an act of this name has still to leave."""
    row = db.execute(
        """
        SELECT EXISTS (
            SELECT FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
              JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id
             WHERE a.name = %s AND a.state IN ('queued', 'leaving'))
        """,
        [*_columns(nodes), name],
    ).fetchone()
    return bool(row and row[0])


def is_on_a_line(db: Connection, nodes: Sequence[CustomerKey], now: datetime) -> bool:
    """Say whether an act is leaving at this moment."""
    row = db.execute(
        """
        SELECT EXISTS (
            SELECT FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
              JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id
             WHERE a.state = 'leaving' AND a.lease_until > %s)
        """,
        [*_columns(nodes), now],
    ).fetchone()
    return bool(row and row[0])


def others(db: Connection, nodes: Collection[CustomerKey]) -> tuple[list[str], list[str]]:
    """Return who was told anything about these nodes, and who told us: names of receivers and sources."""
    receivers = db.execute(
        """
        SELECT DISTINCT CASE a.channel WHEN 'webhook' THEN a.name ELSE a.channel END
          FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
          JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id
         WHERE a.state IN ('left', 'leaving', 'unknown')
           AND a.channel NOT IN ('email', 'shadow')
         ORDER BY 1
        """,
        _columns(nodes),
    )
    sources = db.execute(
        """
        SELECT DISTINCT e.source
          FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
          JOIN event e ON e.bucket = n.b AND e.customer_id = n.c_id
         ORDER BY 1
        """,
        _columns(nodes),
    )
    return [name for (name,) in receivers], [name for (name,) in sources]


def _columns(nodes: Collection[CustomerKey]) -> list[list[int]]:
    return [[node.bucket for node in nodes], [node.customer_id for node in nodes]]


def _statements(db: Connection) -> Iterator[sql.Composed | LiteralString]:
    yield _EVENTS
    yield _ACTS
    for table in _tables(db):
        # By their place, whatever names a row there: one that is written anew meanwhile is found the next time.
        yield sql.SQL(
            """
            DELETE FROM {table} WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM {table}
                 WHERE bucket = %(bucket)s AND customer_id = %(customer)s LIMIT %(most)s))
            """
        ).format(table=sql.Identifier(table))


def _tables(db: Connection) -> list[str]:
    """Return each table that says whose its rows are."""
    rows = db.execute(
        """
        SELECT t.relname FROM pg_class t
         WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
           AND 2 = (SELECT count(*) FROM pg_attribute a
                     WHERE a.attrelid = t.oid AND a.attname IN ('bucket', 'customer_id'))
         ORDER BY t.relname
        """
    ).fetchall()
    left = _THEMSELVES | _BY_THEMSELVES
    return [name for (name,) in rows if name not in left]


def _has_acts(db: Connection, nodes: Sequence[CustomerKey]) -> bool:
    row = db.execute(
        """
        SELECT EXISTS (
            SELECT FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
              JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id)
        """,
        _columns(nodes),
    ).fetchone()
    return bool(row and row[0])


def _names(db: Connection, nodes: Sequence[CustomerKey], names: Collection[Identifier]) -> int:
    return db.execute(
        """
        DELETE FROM identifier i
         USING unnest(%s::smallint[], %s::text[], %s::text[]) AS n (b, k, v)
         WHERE i.bucket = n.b AND i.kind = n.k AND i.value = n.v
           AND i.customer_id = ANY(%s::bigint[])
        """,
        [
            [name.bucket for name in names],
            [name.kind.value for name in names],
            [name.value for name in names],
            [node.customer_id for node in nodes],
        ],
    ).rowcount
