"""The people of recalls as rows: what was done to each, what was stopped, how the remedy of each fares.

Promise: kept and counted a page at a time, over indexes; whom a worker holds nobody else works on meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from terrain.core.identifier import CustomerKey
from terrain.core.recall import Fate, Recall

# Of each person so many acts are listed; the counts know them all.
MOST_ACTS = 50


class Found(NamedTuple):
    """What a page of the look found of one person."""

    key: CustomerKey
    done: int
    stopped: int
    first_at: datetime
    last_at: datetime
    acts: list[dict[str, Any]]


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    """One person of a recall."""

    bucket: int
    customer_id: int
    recall_id: int
    state: Fate
    done: int
    stopped: int
    first_at: datetime
    last_at: datetime
    due_at: datetime | None = None
    made_at: datetime | None = None
    reached_at: datetime | None = None
    answered_at: datetime | None = None
    act_id: int = 0
    decision_id: int = 0
    task_id: int = 0
    because: str = ""
    answered_by: str = ""
    acts: list[dict[str, Any]] = []

    @property
    def key(self) -> CustomerKey:
        return CustomerKey(self.bucket, self.customer_id)


_PERSON = ", ".join(Recalled.__struct_fields__)


def keep(db: Connection, recall_id: int, found: Collection[Found]) -> None:
    """Keep whom a page of the look found; who was found before is found with more."""
    db.execute(
        """
        INSERT INTO recalled (bucket, customer_id, recall_id, done, stopped, first_at, last_at, state, acts)
        SELECT w.b, w.c_id, %s, w.done, w.stopped, w.first_at, w.last_at, 'found', w.acts
          FROM unnest(%s::smallint[], %s::bigint[], %s::integer[], %s::integer[],
                      %s::timestamptz[], %s::timestamptz[], %s::jsonb[])
            AS w (b, c_id, done, stopped, first_at, last_at, acts)
        ON CONFLICT (bucket, customer_id, recall_id) DO UPDATE
           SET done = recalled.done + EXCLUDED.done,
               stopped = recalled.stopped + EXCLUDED.stopped,
               first_at = LEAST(recalled.first_at, EXCLUDED.first_at),
               last_at = GREATEST(recalled.last_at, EXCLUDED.last_at),
               acts = CASE WHEN jsonb_array_length(recalled.acts) < %s
                           THEN recalled.acts || EXCLUDED.acts ELSE recalled.acts END
        """,
        [
            recall_id,
            [one.key.bucket for one in found],
            [one.key.customer_id for one in found],
            [one.done for one in found],
            [one.stopped for one in found],
            [one.first_at for one in found],
            [one.last_at for one in found],
            [Jsonb(one.acts[:MOST_ACTS]) for one in found],
            MOST_ACTS,
        ],
    )


def people(
    db: Connection,
    recall_id: int,
    most: int = 100,
    after: CustomerKey | None = None,
    only: Fate | None = None,
) -> list[Recalled]:
    """Return the people of a recall, all or those who stand at one fate, a page at a time (a report)."""
    key = after or CustomerKey(-1, 0)
    which, values = ("AND state = %s", [only.value]) if only else ("", [])
    return _people(
        db,
        f"WHERE recall_id = %s {which} AND (bucket, customer_id) > (%s, %s)"
        " ORDER BY bucket, customer_id LIMIT %s",
        [recall_id, *values, key.bucket, key.customer_id, most],
    )


def who_answered(
    db: Connection, recall_id: int, most: int = 100, after: CustomerKey | None = None
) -> list[Recalled]:
    """Return those who answered, a page at a time (a report)."""
    key = after or CustomerKey(-1, 0)
    return _people(
        db,
        "WHERE recall_id = %s AND answered_at IS NOT NULL AND (bucket, customer_id) > (%s, %s)"
        " ORDER BY bucket, customer_id LIMIT %s",
        [recall_id, key.bucket, key.customer_id, most],
    )


class Answered(NamedTuple):
    """When somebody answered, and by which event."""

    at: datetime
    by: str


class Sum(NamedTuple):
    """How many people stand where, with what was done to them and stopped for them."""

    state: str
    because: str
    people: int
    done: int
    stopped: int
    answered: int
    first_reached: datetime | None
    last_reached: datetime | None
    first_at: datetime | None
    last_at: datetime | None


def sums(db: Connection, recall_id: int) -> list[Sum]:
    """Return how a recall fares, in numbers (a report)."""
    rows = db.execute(
        """
        SELECT state, because, count(*), sum(done)::bigint, sum(stopped)::bigint, count(answered_at),
               min(reached_at), max(reached_at), min(first_at), max(last_at)
          FROM recalled WHERE recall_id = %s GROUP BY state, because ORDER BY state, because
        """,
        [recall_id],
    )
    return [Sum(*row) for row in rows]


def answers(db: Connection, recall_id: int) -> dict[str, int]:
    """Return by what people answered, and how many each (a report)."""
    rows = db.execute(
        """
        SELECT answered_by, count(*) FROM recalled
         WHERE recall_id = %s AND answered_at IS NOT NULL GROUP BY answered_by ORDER BY answered_by
        """,
        [recall_id],
    )
    return {name: n for name, n in rows if name}


def is_waiting(db: Connection, recall_id: int, fates: Collection[Fate]) -> bool:
    """Say whether anybody of a recall stands at one of these (a report)."""
    row = db.execute(
        "SELECT EXISTS (SELECT FROM recalled WHERE recall_id = %s AND state = ANY(%s))",
        [recall_id, [fate.value for fate in fates]],
    ).fetchone()
    return bool(row and row[0])


def count_found(db: Connection, recall: Recall) -> Recall:
    """Return the recall with how many people were found, what was done to them and stopped (a report)."""
    row = db.execute(
        """
        SELECT count(*), coalesce(sum(done), 0)::bigint, coalesce(sum(stopped), 0)::bigint
          FROM recalled WHERE recall_id = %s
        """,
        [recall.recall_id],
    ).fetchone()
    assert row is not None  # an aggregate has one
    return msgspec.structs.replace(recall, people=row[0], acts_done=row[1], acts_stopped=row[2])


def begin(db: Connection, recall_id: int, now: datetime, most: int) -> int:
    """Let at most so many of those found be made good to; return how many (a report)."""
    return db.execute(
        """
        UPDATE recalled r SET state = 'due', due_at = %(now)s
          FROM (SELECT bucket, customer_id FROM recalled
                 WHERE recall_id = %(recall)s AND state = 'found'
                 ORDER BY bucket, customer_id LIMIT %(most)s FOR UPDATE) AS w
         WHERE r.bucket = w.bucket AND r.customer_id = w.customer_id AND r.recall_id = %(recall)s
        """,
        {"now": now, "recall": recall_id, "most": most},
    ).rowcount


def halt(db: Connection, recall_id: int, most: int) -> int:
    """Take at most so many out of what is still due; return how many (a report)."""
    return db.execute(
        """
        UPDATE recalled r SET state = 'not_reached', because = 'stopped', due_at = NULL
          FROM (SELECT bucket, customer_id FROM recalled
                 WHERE recall_id = %(recall)s AND state IN ('due', 'found')
                 ORDER BY bucket, customer_id LIMIT %(most)s FOR UPDATE) AS w
         WHERE r.bucket = w.bucket AND r.customer_id = w.customer_id AND r.recall_id = %(recall)s
        """,
        {"recall": recall_id, "most": most},
    ).rowcount


def on_their_way(db: Connection, recall: Recall, most: int) -> list[Recalled]:
    """Return people whose remedy was decided and not called off since the recall was stopped (a report).

    Whom a worker is just looking at are left for the next time.
    """
    return _people(
        db,
        """WHERE recall_id = %s AND state = 'made' AND due_at IS DISTINCT FROM %s
           ORDER BY bucket, customer_id LIMIT %s FOR UPDATE SKIP LOCKED""",
        [recall.recall_id, recall.stopped_at, most],
    )


def due(db: Connection, buckets: Sequence[int], now: datetime, most: int) -> list[Recalled]:
    """Return people of these buckets to look at now, without locking anything."""
    return _people(
        db,
        "WHERE bucket = ANY(%s::smallint[]) AND due_at <= %s ORDER BY due_at LIMIT %s",
        [list(buckets), now, most],
    )


def hold_people(db: Connection, some: Collection[Recalled], now: datetime) -> list[Recalled]:
    """Hold those of these people who are still due; whoever works on them keeps them."""
    names = ", ".join(f"r.{name}" for name in Recalled.__struct_fields__)
    with db.cursor(row_factory=dict_row) as rows:
        found = rows.execute(
            f"""
            SELECT {names}
              FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS w (b, c_id, r_id)
              JOIN recalled r ON r.bucket = w.b AND r.customer_id = w.c_id AND r.recall_id = w.r_id
             WHERE r.due_at <= %s
             ORDER BY r.bucket, r.customer_id, r.recall_id
               FOR UPDATE OF r SKIP LOCKED
            """,
            [
                [one.bucket for one in some],
                [one.customer_id for one in some],
                [one.recall_id for one in some],
                now,
            ],
        ).fetchall()
    return [msgspec.convert(row, Recalled) for row in found]


def has_been_made(db: Connection, recall_id: int, nodes: Collection[CustomerKey]) -> bool:
    """Say whether one of these nodes of a person has had what makes good."""
    row = db.execute(
        """
        SELECT EXISTS (
            SELECT FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
              JOIN recalled r ON r.bucket = n.b AND r.customer_id = n.c_id
             WHERE r.recall_id = %s AND r.made_at IS NOT NULL)
        """,
        [[node.bucket for node in nodes], [node.customer_id for node in nodes], recall_id],
    ).fetchone()
    return bool(row and row[0])


def made_by_others(db: Connection, one: Recalled, nodes: Collection[CustomerKey]) -> list[Recalled]:
    """Return this person in other recalls that make good, or did, what was done to them last of all here.

    Who was reached comes first. What happened after another recall had looked is not made good by that.
    """
    names = ", ".join(f"r.{name}" for name in Recalled.__struct_fields__)
    with db.cursor(row_factory=dict_row) as rows:
        found = rows.execute(
            f"""
            SELECT {names}
              FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
              JOIN recalled r ON r.bucket = n.b AND r.customer_id = n.c_id
             WHERE r.recall_id <> %s AND r.state IN ('made', 'reached')
               AND r.first_at <= %s AND r.last_at >= %s
             ORDER BY r.reached_at, r.recall_id
            """,
            [
                [node.bucket for node in nodes],
                [node.customer_id for node in nodes],
                *(one.recall_id, one.last_at, one.last_at),
            ],
        ).fetchall()
    return [msgspec.convert(row, Recalled) for row in found]


def write(db: Connection, one: Recalled) -> None:
    """Write down how it stands with one person."""
    values = msgspec.structs.asdict(one) | {"state": one.state.value}
    db.execute(
        """
        UPDATE recalled
           SET state = %(state)s, because = %(because)s, due_at = %(due_at)s, made_at = %(made_at)s,
               reached_at = %(reached_at)s, answered_at = %(answered_at)s, act_id = %(act_id)s,
               decision_id = %(decision_id)s, task_id = %(task_id)s, answered_by = %(answered_by)s
         WHERE bucket = %(bucket)s AND customer_id = %(customer_id)s AND recall_id = %(recall_id)s
        """,
        {name: value for name, value in values.items() if name != "acts"},
    )


def answered(
    db: Connection, nodes: Collection[CustomerKey], act_id: int, since: datetime
) -> Answered | None:
    """Return when and with what this person first said or did something about this act, if ever."""
    row = db.execute(
        """
        SELECT e.received_at, e.name
          FROM unnest(%s::smallint[], %s::bigint[]) AS n (b, c_id)
          JOIN event e ON e.bucket = n.b AND e.customer_id = n.c_id
         WHERE e.received_at >= %s AND position(%s::bytea in e.payload) > 0
           AND e.name NOT IN ('message.bounced', 'message.delivered')
         ORDER BY e.received_at, e.name LIMIT 1
        """,
        [
            [node.bucket for node in nodes],
            [node.customer_id for node in nodes],
            since,
            f'"act_id":"{act_id}"'.encode(),
        ],
    ).fetchone()
    return Answered(*row) if row else None


def _people(db: Connection, which: str, values: list[Any]) -> list[Recalled]:
    with db.cursor(row_factory=dict_row) as rows:
        found = rows.execute(f"SELECT {_PERSON} FROM recalled {which}".encode(), values).fetchall()
    return [msgspec.convert(row, Recalled) for row in found]
