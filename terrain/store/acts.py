"""The outbox: acts that wait to leave, and what became of those that did.

Promise: of all who try, one marks an act as leaving, and only while its automation is not paused; an
act that ended never leaves again. `queued -> leaving -> left | failed | unknown`, `queued -> stopped`.

Nobody claims acts beforehand. Workers look at what is due in the buckets they tend, without a lock,
and `mark_leaving` is the one moment at which it is decided who sends it: so a stop or a pause that was
committed before it holds, however many acts somebody had already looked at.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.act import Act, ActKind, Lane, Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.identifier import CustomerKey
from terrain.core.outbox import ActState, Ending
from terrain.store import counters
from terrain.store.columns import Columns

LANES = {Lane.URGENT: 0, Lane.USUAL: 1, Lane.BULK: 2}
_LANE_OF = {number: lane for lane, number in LANES.items()}
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode

# The order in which `of_row` takes a row. An act that ended has no due date any more.
COLUMNS = (
    "a.bucket, a.customer_id, a.act_id, a.decision_id, a.run_id, a.version, a.lane, a.solicited, "
    "a.surveys, "
    "COALESCE(a.due_at, a.left_at, a.decided_at), a.expires_at, a.kind, a.channel, a.purpose, "
    "a.reach, a.automation, a.name, a.step, a.recipient, a.content"
)

_ROW = Columns(
    "bucket smallint, customer_id bigint, act_id bigint, decision_id bigint, run_id bigint, "
    "version integer, lane smallint, solicited boolean, surveys boolean, "
    "due_at timestamptz, expires_at timestamptz, kind text, channel text, purpose text, "
    "reach text, automation text, name text, step text, recipient text, content bytea"
)


class Standing(NamedTuple):
    """An act as it stands in the outbox."""

    act: Act
    state: ActState
    tries: int
    because: str = ""
    left_at: datetime | None = None


def queue(db: Connection, acts: Sequence[Act], now: datetime) -> None:
    """Put acts into the outbox. One that is there already stays as it is."""
    if not acts:
        return
    db.execute(
        f"""
        INSERT INTO act ({_ROW.names}, decided_at, state)
        SELECT row.*, %b, 'queued'
          FROM {_ROW.unnest}
        ON CONFLICT DO NOTHING
        """,
        [now, *_ROW.arrays([_to_row(act) for act in acts])],
    )


def ready(
    db: Connection, buckets: Sequence[int], lane: Lane, now: datetime, most: int
) -> list[Standing]:
    """Return acts of this lane that may leave or were found leaving, without locking anything.

    The buckets come in the order given, so whoever gives them in another order each time is fair.
    """
    rows = db.execute(
        f"""
        SELECT a.state, a.tries, {COLUMNS}
          FROM unnest(%b::smallint[]) AS b (bucket)
         CROSS JOIN LATERAL (
            SELECT * FROM act o
             WHERE o.bucket = b.bucket AND o.lane = %b AND o.due_at <= %b
               AND (o.lease_until IS NULL OR o.lease_until < %b)
             ORDER BY o.due_at
             LIMIT %b) a
         LIMIT %b
        """,
        [list(buckets), LANES[lane], now, now, most, most],
    )
    return [Standing(of_row(row[2:]), ActState(row[0]), row[1]) for row in rows]


# How the acts before them ended, counted, and these taken out of the queue.
_LEFT_AND_LEAVING: LiteralString = """
    WITH ended AS (
        UPDATE act a
           SET state = w.state, because = w.because, due_at = w.due_at, left_at = w.left_at,
               lease_until = NULL
          FROM unnest(%b::smallint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[],
                      %b::timestamptz[], %b::timestamptz[])
            AS w (bucket, customer_id, act_id, state, because, due_at, left_at)
         WHERE a.bucket = w.bucket AND a.customer_id = w.customer_id AND a.act_id = w.act_id
           AND a.state IN ('queued', 'leaving')
        RETURNING a.automation, a.version, a.state, a.left_at), counted AS (
        INSERT INTO counter (bucket, automation, version, what, hour, n)
        SELECT %b::smallint, automation, version, 'act.' || state,
               date_trunc('hour', COALESCE(left_at, %b), 'UTC') AS hour, count(*)
          FROM ended
         WHERE state NOT IN ('queued', 'leaving')
         GROUP BY automation, version, state, hour
         ORDER BY automation COLLATE "C", version, state COLLATE "C", hour
        ON CONFLICT (bucket, automation, version, what, hour) DO UPDATE
           SET n = counter.n + EXCLUDED.n)
    UPDATE act a
       SET state = 'leaving', tries = a.tries + 1, lease_until = %b
      FROM unnest(%b::smallint[], %b::bigint[], %b::bigint[]) AS w (bucket, customer_id, act_id)
     WHERE a.bucket = w.bucket AND a.customer_id = w.customer_id AND a.act_id = w.act_id
       AND (a.state = 'queued' OR a.state = 'leaving' AND a.lease_until < %b) AND a.due_at <= %b
       AND NOT EXISTS (SELECT FROM automation p
                        WHERE p.name = a.automation AND p.paused_at IS NOT NULL)
    RETURNING a.act_id, a.tries
"""


def mark_leaving(
    db: Connection,
    acts: Iterable[Act],
    now: datetime,
    until: datetime,
    ended: Iterable[Ending] = (),
) -> dict[int, int]:
    """Take these acts out of the queue; return the tries of those that are ours to send now.

    What was stopped, paused, put off or taken by another sender in the meantime is not among them. In the same
    statement it is written down how the ones before them ended, and counted, each at its own hour, so that what
    comes back about it is counted beside it: one journey to the database.
    """
    endings = [_to_ending(ending) for ending in ended]
    bucket = endings[0][0] if endings else 0
    leaving = [(act.key.bucket, act.key.customer_id, act.act_id) for act in acts]
    rows = db.execute(
        _LEFT_AND_LEAVING,
        [
            *_columns(endings, 7),
            *(bucket, now, until),
            *_columns(leaving, 3),
            *(now, now),
        ],
    )
    return dict(rows.fetchall())


def settle(db: Connection, endings: Iterable[Ending]) -> None:
    """Write down how these acts went on; one that ended in the meantime stays as it is."""
    some = list(endings)
    if some:
        moment = some[0].left_at or some[0].act.due_at
        mark_leaving(db, [], moment, moment, some)


def stop_queued(
    db: Connection, nodes: Iterable[CustomerKey], automation: str, because: str, now: datetime
) -> int:
    """Stop what still waits for these nodes of a customer.

    `all` means every automation, `prospecting` every offer. What law, safety or the customer's own
    asking demands still leaves when everything is stopped; an offer never does.
    """
    keys = [(key.bucket, key.customer_id) for key in nodes]
    stopped = db.execute(
        """
        UPDATE act a
           SET state = 'stopped', because = %b, due_at = NULL
          FROM unnest(%b::smallint[], %b::bigint[]) AS w (bucket, customer_id)
         WHERE a.bucket = w.bucket AND a.customer_id = w.customer_id AND a.state = 'queued'
           AND a.purpose NOT IN ('legal_obligation', 'safety')
           AND (a.automation = %b OR %b = 'all' AND NOT a.solicited
                OR a.purpose = 'prospecting' AND %b IN ('all', 'prospecting'))
        RETURNING a.automation, a.version
        """,
        [because, *([*column] for column in zip(*keys, strict=True)), *[automation] * 3],
    ).fetchall()
    seen = [counters.What(name, version, "act.stopped") for name, version in stopped]
    counters.add(db, counters.counts(keys[0][0], now, seen))
    return len(stopped)


class Fates(NamedTuple):
    """How many acts of one automation still wait to leave for a customer, and how many were kept from it."""

    waiting: int
    stopped: int


def fates(db: Connection, nodes: Iterable[CustomerKey], automation: str, because: str) -> Fates:
    """Count what waits to leave for these nodes of a customer, and what was stopped for this reason.

    What law and safety demand is left out: nothing stops it.
    """
    keys = [(key.bucket, key.customer_id) for key in nodes]
    row = db.execute(
        """
        SELECT count(*) FILTER (WHERE a.state = 'queued'),
               count(*) FILTER (WHERE a.state = 'stopped' AND a.because = %b)
          FROM unnest(%b::smallint[], %b::bigint[]) AS w (bucket, customer_id)
          JOIN act a ON a.bucket = w.bucket AND a.customer_id = w.customer_id
         WHERE a.automation = %b AND a.purpose NOT IN ('legal_obligation', 'safety')
        """,
        [because, *([*column] for column in zip(*keys, strict=True)), automation],
    ).fetchone()
    return Fates(*(row or (0, 0)))


def done_to(
    db: Connection, asked: Collection[tuple[CustomerKey, str]]
) -> set[tuple[CustomerKey, str]]:
    """Return which of these automations ever did anything to the node beside it, or were let do so.

    Another system is let do it before it tells that it did.
    """
    if not asked:
        return set()
    rows = db.execute(
        """
        SELECT w.bucket, w.customer_id, w.automation
          FROM unnest(%b::smallint[], %b::bigint[], %b::text[]) AS w (bucket, customer_id, automation)
         WHERE EXISTS (SELECT FROM act a
                        WHERE a.bucket = w.bucket AND a.customer_id = w.customer_id
                          AND a.automation = w.automation)
            OR EXISTS (SELECT FROM decision d
                        WHERE d.bucket = w.bucket AND d.customer_id = w.customer_id
                          AND d.automation = w.automation AND d.verdict IN ('act', 'ask'))
        """,
        _columns(((key.bucket, key.customer_id, name) for key, name in asked), 3),
    )
    return {(CustomerKey(bucket, customer_id), name) for bucket, customer_id, name in rows}


def put_off(db: Connection, nodes: Iterable[CustomerKey], because: str, until: datetime) -> int:
    """Let what waits for these nodes of a customer wait until then; what law, safety or they demand may go."""
    return db.execute(
        """
        UPDATE act a
           SET because = %b, due_at = GREATEST(a.due_at, %b)
          FROM unnest(%b::smallint[], %b::bigint[]) AS w (bucket, customer_id)
         WHERE a.bucket = w.bucket AND a.customer_id = w.customer_id AND a.state = 'queued'
           AND a.purpose NOT IN ('legal_obligation', 'safety')
           AND NOT (a.purpose = 'service' AND a.solicited)
        """,
        [because, until, *_columns(((key.bucket, key.customer_id) for key in nodes), 2)],
    ).rowcount


def take_up(db: Connection, nodes: Iterable[CustomerKey], because: str, now: datetime) -> int:
    """Let go now what was put off or held for this reason; the gates are asked again."""
    return db.execute(
        """
        UPDATE act a
           SET because = '', due_at = %b
          FROM unnest(%b::smallint[], %b::bigint[]) AS w (bucket, customer_id)
         WHERE a.bucket = w.bucket AND a.customer_id = w.customer_id AND a.state = 'queued'
           AND a.because = %b
        """,
        [now, *_columns(((key.bucket, key.customer_id) for key in nodes), 2), because],
    ).rowcount


def hold(db: Connection, acts: Iterable[Act]) -> set[int]:
    """Lock these acts, in one order; return those that are there."""
    keys = sorted((act.key.bucket, act.key.customer_id, act.act_id) for act in acts)
    rows = db.execute(
        """
        SELECT a.act_id
          FROM unnest(%b::smallint[], %b::bigint[], %b::bigint[]) AS w (bucket, customer_id, act_id)
          JOIN act a ON a.bucket = w.bucket AND a.customer_id = w.customer_id AND a.act_id = w.act_id
         ORDER BY a.bucket, a.customer_id, a.act_id
           FOR UPDATE OF a
        """,
        _columns(keys, 3),
    )
    return {act_id for (act_id,) in rows}


def find(db: Connection, key: CustomerKey, act_id: int) -> Standing | None:
    """Return one act, wherever it stands."""
    row = db.execute(
        f"""
        SELECT a.state, a.tries, a.because, a.left_at, {COLUMNS} FROM act a
         WHERE a.bucket = %s AND a.customer_id = %s AND a.act_id = %s
        """,
        [key.bucket, key.customer_id, act_id],
    ).fetchone()
    return Standing(of_row(row[4:]), ActState(row[0]), *row[1:4]) if row else None


def of_customer(
    db: Connection, nodes: Iterable[CustomerKey], act_ids: Sequence[int]
) -> dict[int, Act]:
    """Return these acts of a customer by their number."""
    keys = list(nodes)
    rows = db.execute(
        f"""
        SELECT {COLUMNS} FROM unnest(%s::smallint[], %s::bigint[]) AS n (bucket, customer_id)
          JOIN act a USING (bucket, customer_id)
         WHERE a.act_id = ANY(%s)
        """.encode(),
        [[key.bucket for key in keys], [key.customer_id for key in keys], list(act_ids)],
    )
    return {act.act_id: act for act in map(of_row, rows)}


def waiting(db: Connection) -> list[Act]:
    """Return everything that waits to leave, the longest first (a report: every bucket)."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM act a WHERE a.due_at IS NOT NULL ORDER BY a.due_at, a.act_id"
    )
    return [of_row(row) for row in rows]


def of_row(row: tuple[Any, ...]) -> Act:
    """Return the act that stands in a row of COLUMNS."""
    bucket, customer_id, act_id, decision_id, run_id, version, lane, solicited, surveys = row[:9]
    due_at, expires_at, kind, channel, purpose, reach, automation, name, step = row[9:18]
    recipient, content = row[18:]
    return Act(
        key=CustomerKey(bucket, customer_id),
        act_id=act_id,
        decision_id=decision_id,
        kind=ActKind(kind),
        name=name,
        automation=automation,
        version=version,
        step=step,
        purpose=Purpose(purpose),
        reach=Reach(reach),
        channel=Channel(channel),
        lane=_LANE_OF[lane],
        due_at=due_at,
        recipient=recipient,
        run_id=run_id,
        solicited=solicited,
        surveys=surveys,
        expires_at=expires_at,
        content=_decode(content),
    )


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Return the rows as one list a column, also where there are none."""
    return [[*column] for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _to_row(act: Act) -> tuple[Any, ...]:
    return (
        *(act.key.bucket, act.key.customer_id, act.act_id, act.decision_id, act.run_id),
        *(act.version, LANES[act.lane], act.solicited, act.surveys, act.due_at, act.expires_at),
        *(str(act.kind), str(act.channel), str(act.purpose), str(act.reach)),
        *(act.automation, act.name, act.step, act.recipient, _encode(act.content)),
    )


def _to_ending(ending: Ending) -> tuple[Any, ...]:
    return (
        *(ending.act.key.bucket, ending.act.key.customer_id, ending.act.act_id),
        *(ending.state.value, ending.because, ending.due_at, ending.left_at),
    )
