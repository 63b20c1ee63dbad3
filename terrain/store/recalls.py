"""Recalls as rows: whom each is about, how far the look for them came, what is stopped by it.

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

from terrain.core.decision import DONE_TO, Decision
from terrain.core.identifier import CustomerKey
from terrain.core.recall import Recall, State
from terrain.store import counters

COLUMNS = ", ".join(Recall.__struct_fields__)
# After so long nothing moves any more in what was stopped.
SETTLES_IN = timedelta(minutes=10)
_decode = msgspec.json.Decoder(Decision).decode


class Cursor(NamedTuple):
    """How far the look has come in the buckets of one database, for one verdict."""

    bucket: int
    verdict: str
    after_at: datetime
    after_id: int


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
               stopped_at = %(stopped_at)s, stopped_by = %(stopped_by)s,
               stopped_because = %(stopped_because)s
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
    db: Connection, acts: Sequence[tuple[CustomerKey, int]], because: str, now: datetime
) -> set[int]:
    """Stop and count those of these acts that still wait to leave; return their numbers."""
    if not acts:
        return set()
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
    stopped = rows.fetchall()
    seen = [counters.What(name, version, "act.stopped") for _, name, version in stopped]
    counters.add(db, counters.counts(acts[0][0].bucket, now, seen))
    return {act_id for act_id, _, _ in stopped}


def _one(db: Connection, which: str, values: list[Any]) -> Recall | None:
    return next(iter(_listed(db, which, values)), None)


def _listed(db: Connection, which: str, values: list[Any]) -> list[Recall]:
    with db.cursor(row_factory=dict_row) as rows:
        found = rows.execute(f"SELECT {COLUMNS} FROM recall {which}".encode(), values).fetchall()
    return [msgspec.convert(row, Recall) for row in found]
