"""Recalls as rows: whom each found, what was stopped, how the remedy of each person fares.

Promise: a page of the look and how far it came stand in one transaction, so a look that was killed goes on where
it was and counts nobody twice; whoever stops a recall waits for those who are at it, and then nothing follows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from terrain.core.decision import Decision
from terrain.core.identifier import CustomerKey
from terrain.core.recall import DONE_TO, Fate, Recall, State

COLUMNS = ", ".join(Recall.__struct_fields__)
# Of each person so many acts are listed; the counts know them all.
MOST_ACTS = 50
# After so long nothing moves any more in what was stopped.
SETTLES_IN = timedelta(minutes=10)
_decode = msgspec.json.Decoder(Decision).decode


class Cursor(NamedTuple):
    """How far the look has come in the buckets of one database, for one verdict."""

    bucket: int
    verdict: str
    after_at: datetime
    after_id: int


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


# -- the recall itself -----------------------------------------------------------------------------


def add(db: Connection, recall: Recall, buckets: Iterable[int]) -> None:
    """Open a recall, to be looked through in the buckets of each database, by their first."""
    values = msgspec.structs.asdict(recall)
    values |= {"scope": Jsonb(msgspec.to_builtins(recall.scope)), "remedy": None}
    values["state"] = recall.state.value
    names = ", ".join(f"%({name})s" for name in Recall.__struct_fields__)
    db.execute(f"INSERT INTO recall ({COLUMNS}) VALUES ({names})".encode(), values)
    for bucket in buckets:
        for verdict in DONE_TO:
            db.execute(
                "INSERT INTO recall_look (bucket, recall_id, after_at, verdict) VALUES (%s, %s, %s, %s)",
                [bucket, recall.recall_id, recall.since, verdict.value],
            )


def find(db: Connection, recall_id: int) -> Recall | None:
    return _one(db, "WHERE recall_id = %s", [recall_id])


def hold(db: Connection, recall_id: int) -> Recall | None:
    """Return the recall, and let nobody else change it meanwhile."""
    return _one(db, "WHERE recall_id = %s FOR UPDATE", [recall_id])


def latest(
    db: Connection, most: int = 50, before: tuple[datetime, int] | None = None
) -> list[Recall]:
    """Return the recalls, the latest first, from behind this one on."""
    return _listed(
        db,
        "WHERE (opened_at, recall_id) < (coalesce(%s::timestamptz, 'infinity'), %s)"
        " ORDER BY opened_at DESC, recall_id DESC LIMIT %s",
        [*(before or (None, 0)), most],
    )


def stopped_since(db: Connection, since: datetime, most: int = 50) -> list[Recall]:
    """Return those that were stopped lately."""
    return _listed(
        db,
        "WHERE state = 'stopped' AND stopped_at >= %s ORDER BY stopped_at LIMIT %s",
        [since, most],
    )


def moves(recall: Recall, now: datetime) -> bool:
    """Say whether the people of a recall may stand elsewhere in a moment."""
    just_stopped = recall.stopped_at is not None and now - recall.stopped_at < SETTLES_IN
    return recall.state in (State.LOOKING, State.SENDING) or just_stopped


def progress(db: Connection, recall_ids: Collection[int]) -> list[tuple[Any, ...]]:
    """Return what changes with every step that one of these recalls takes (a report, over two indexes)."""
    if not recall_ids:
        return []
    return db.execute(
        """
        SELECT recall_id, state, count(*) FROM recalled WHERE recall_id = ANY(%(recalls)s) GROUP BY 1, 2
        UNION ALL
        SELECT recall_id, verdict, sum(after_id) FROM recall_look WHERE recall_id = ANY(%(recalls)s)
         GROUP BY 1, 2 ORDER BY 1, 2, 3
        """,
        {"recalls": sorted(recall_ids)},
    ).fetchall()


def how_far(db: Connection, recall: Recall) -> float:
    """Return which share of the time it is about the look has come through, from 0 to 1."""
    row = db.execute(
        """
        SELECT avg(CASE WHEN done_at IS NOT NULL THEN 1
                        ELSE extract(epoch FROM after_at - %(since)s)
                             / greatest(extract(epoch FROM %(until)s - %(since)s), 1) END)
          FROM recall_look WHERE recall_id = %(recall)s
        """,
        {"since": recall.since, "until": recall.until, "recall": recall.recall_id},
    ).fetchone()
    return min(max(float(row[0] or 0), 0.0), 1.0) if row else 0.0


def under_way(db: Connection, state: State, most: int = 50) -> list[Recall]:
    """Return those that stand here, the oldest first."""
    return _listed(db, "WHERE state = %s ORDER BY opened_at LIMIT %s", [state.value, most])


def sending(db: Connection, recall_ids: Collection[int]) -> dict[int, Recall]:
    """Return those of these that are being sent; whoever stops one waits until we are through."""
    found = _listed(
        db,
        "WHERE recall_id = ANY(%s) AND state = 'sending' ORDER BY recall_id FOR SHARE",
        [sorted(recall_ids)],
    )
    return {one.recall_id: one for one in found}


def move(db: Connection, recall: Recall) -> None:
    """Write down how the recall stands now."""
    remedy = Jsonb(msgspec.to_builtins(recall.remedy)) if recall.remedy else None
    values = msgspec.structs.asdict(recall) | {"remedy": remedy, "state": recall.state.value}
    db.execute(
        """
        UPDATE recall
           SET state = %(state)s, found_at = %(found_at)s, remedy = %(remedy)s, people = %(people)s,
               acts_done = %(acts_done)s, acts_stopped = %(acts_stopped)s,
               prepared_staff = %(prepared_staff)s, approved_staff = %(approved_staff)s,
               prepared_at = %(prepared_at)s, prepared_by = %(prepared_by)s,
               previewed_at = %(previewed_at)s, approved_at = %(approved_at)s,
               approved_by = %(approved_by)s, sent_at = %(sent_at)s, sent_by = %(sent_by)s,
               stopped_at = %(stopped_at)s, stopped_by = %(stopped_by)s
         WHERE recall_id = %(recall_id)s
        """,
        {name: value for name, value in values.items() if name != "scope"},
    )


# -- the look --------------------------------------------------------------------------------------


def next_look(db: Connection, recall_id: int) -> Cursor | None:
    """Return where to go on looking, and hold that; None when all was seen or others are at it."""
    row = db.execute(
        """
        SELECT bucket, verdict, after_at, after_id FROM recall_look
         WHERE recall_id = %s AND done_at IS NULL
         ORDER BY bucket, verdict LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        [recall_id],
    ).fetchone()
    return Cursor(*row) if row else None


def looked(db: Connection, recall_id: int, cursor: Cursor, now: datetime, *, is_all: bool) -> None:
    """Write down how far the look came."""
    db.execute(
        """
        UPDATE recall_look SET after_at = %s, after_id = %s, done_at = %s
         WHERE bucket = %s AND recall_id = %s AND verdict = %s
        """,
        [
            *(cursor.after_at, cursor.after_id, now if is_all else None),
            *(cursor.bucket, recall_id, cursor.verdict),
        ],
    )


def is_looked_through(db: Connection, recall_id: int) -> bool:
    row = db.execute(
        "SELECT FROM recall_look WHERE recall_id = %s AND done_at IS NULL LIMIT 1", [recall_id]
    ).fetchone()
    return row is None


def decided(
    db: Connection, recall: Recall, cursor: Cursor, buckets: Sequence[int], most: int
) -> list[Decision]:
    """Return the next decisions of the automation behind the cursor (a report)."""
    rows = db.execute(
        """
        SELECT explanation FROM decision
         WHERE automation = %s AND verdict = %s AND (at, decision_id) > (%s, %s) AND at < %s
           AND bucket = ANY(%s::smallint[])
         ORDER BY at, decision_id LIMIT %s
        """,
        [
            *(recall.automation, cursor.verdict, cursor.after_at, cursor.after_id),
            *(recall.until, list(buckets), most),
        ],
    )
    return [_decode(raw) for (raw,) in rows]


class Done(NamedTuple):
    """One act that followed from a decision: what it is, and what became of it."""

    act_id: int
    decision_id: int
    name: str
    channel: str
    state: str
    left_at: datetime | None


def acts_of(db: Connection, decisions: Collection[Decision]) -> dict[int, list[Done]]:
    """Return what followed from these decisions, by decision."""
    rows = db.execute(
        """
        SELECT a.act_id, a.decision_id, a.name, a.channel, a.state, a.left_at
          FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS w (b, c_id, d_id)
          JOIN act a ON a.bucket = w.b AND a.customer_id = w.c_id AND a.decision_id = w.d_id
         ORDER BY a.act_id
        """,
        [
            [one.key.bucket for one in decisions],
            [one.key.customer_id for one in decisions],
            [one.decision_id for one in decisions],
        ],
    )
    found: dict[int, list[Done]] = {}
    for row in rows:
        found.setdefault(row[1], []).append(Done(*row))
    return found


def stop_acts(
    db: Connection, acts: Collection[tuple[CustomerKey, int]], because: str
) -> list[tuple[int, str, int]]:
    """Stop those of these acts that still wait to leave; return which, with automation and version."""
    rows = db.execute(
        """
        UPDATE act a SET state = 'stopped', because = %s, due_at = NULL
          FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS w (b, c_id, a_id)
         WHERE a.bucket = w.b AND a.customer_id = w.c_id AND a.act_id = w.a_id
           AND a.state = 'queued'
        RETURNING a.act_id, a.automation, a.version
        """,
        [
            because,
            [key.bucket for key, _ in acts],
            [key.customer_id for key, _ in acts],
            [number for _, number in acts],
        ],
    )
    return [(act_id, automation, version) for act_id, automation, version in rows]


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


# -- the people of a recall ------------------------------------------------------------------------


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


def _one(db: Connection, which: str, values: list[Any]) -> Recall | None:
    return next(iter(_listed(db, which, values)), None)


def _listed(db: Connection, which: str, values: list[Any]) -> list[Recall]:
    with db.cursor(row_factory=dict_row) as rows:
        found = rows.execute(f"SELECT {COLUMNS} FROM recall {which}".encode(), values).fetchall()
    return [msgspec.convert(row, Recall) for row in found]


def _people(db: Connection, which: str, values: list[Any]) -> list[Recalled]:
    with db.cursor(row_factory=dict_row) as rows:
        found = rows.execute(f"SELECT {_PERSON} FROM recalled {which}".encode(), values).fetchall()
    return [msgspec.convert(row, Recalled) for row in found]
