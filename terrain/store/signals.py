"""What came back about acts: the cases, and exactly as many in the counters.

Promise: an act gets each kind once, whoever says it again, also after a kill: what is new is written and
counted in one statement, at the hour of the act, so that what came late raises the number of those days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.signal import Signal
from terrain.core.voices import Voice
from terrain.store.columns import Columns

# A signal that waits for its act is looked at again after a minute, then after as long as it has waited.
SOONEST = timedelta(minutes=1)

_ROW = Columns(
    "bucket smallint, counted boolean, invited boolean, version integer, customer_id bigint, act_id bigint, "
    "hour timestamptz, at timestamptz, learned_at timestamptz, kind text, automation text, "
    "source text, message_id text, held_out boolean"
)
_LOOSE = Columns(
    "bucket smallint, customer_id bigint, act_id bigint, decision_id bigint, at timestamptz, "
    "learned_at timestamptz, again_at timestamptz, invited boolean, kind text, source text, "
    "message_id text"
)


class Case(NamedTuple):
    """One signal credited to one act (or run), in the order of its columns.

    `held_out`: to a decision to leave out an act; its number stands in the place of an act's.
    """

    bucket: int
    counted: bool
    invited: bool
    version: int
    customer_id: int
    act_id: int
    hour: datetime
    at: datetime
    learned_at: datetime
    kind: Signal
    automation: str
    source: str
    message_id: str
    held_out: bool = False

    @property
    def key(self) -> CustomerKey:
        """Under which node the act stands."""
        return CustomerKey(self.bucket, self.customer_id)

    @property
    def of(self) -> tuple[int, Signal]:
        """What there is only one of."""
        return (self.act_id, self.kind)


class Waiting(NamedTuple):
    """One signal that no act is known to have caused, in the order of its columns."""

    bucket: int
    customer_id: int
    act_id: int
    decision_id: int
    at: datetime
    learned_at: datetime
    again_at: datetime | None
    invited: bool | None
    kind: Signal
    source: str
    message_id: str

    @property
    def node(self) -> CustomerKey:
        """Under which node its event is kept."""
        return CustomerKey(self.bucket, self.customer_id)


def save(db: Connection, cases: Iterable[Case]) -> list[Case]:
    """Keep what is new, count exactly that, and return it. The last statement of its transaction.

    What counts takes the place of what another source said and did not: who may not be believed silences nobody.
    """
    by_key = {(one.bucket, one.customer_id, one.act_id, str(one.kind)): one for one in cases}
    if not by_key:
        return []
    rows = [by_key[key] for key in sorted(by_key)]
    alone = len(rows) == 1
    new = db.execute(
        f"""
        WITH kept AS (
            INSERT INTO signal ({_ROW.names})
            {_ROW.values if alone else "SELECT * FROM " + _ROW.unnest}
            ON CONFLICT (bucket, customer_id, act_id, kind) DO UPDATE
               SET counted = true, invited = EXCLUDED.invited, at = EXCLUDED.at,
                   learned_at = EXCLUDED.learned_at, source = EXCLUDED.source,
                   message_id = EXCLUDED.message_id
             WHERE EXCLUDED.counted AND NOT signal.counted AND signal.source <> EXCLUDED.source
            RETURNING bucket, customer_id, act_id, kind, automation, version, hour, counted, held_out
        ), counter_rows AS (
            INSERT INTO counter (bucket, automation, version, what, hour, n)
            SELECT %b::smallint, automation, version, what, hour, count(*)
              FROM (SELECT automation, version, hour,
                           CASE WHEN held_out THEN 'held_out.' ELSE 'signal.' END || kind AS what
                      FROM kept
                     WHERE counted) AS named
             GROUP BY automation, version, what, hour
             ORDER BY automation COLLATE "C", version, what COLLATE "C", hour
            ON CONFLICT (bucket, automation, version, what, hour) DO UPDATE
               SET n = counter.n + EXCLUDED.n
        )
        SELECT bucket, customer_id, act_id, kind FROM kept
        """,
        [*(rows[0] if alone else _ROW.arrays(rows)), rows[0].bucket],
    )
    return [by_key[row] for row in sorted(new.fetchall())]


def keep_loose(db: Connection, loose: Iterable[Waiting]) -> None:
    """Keep what nobody is known to have caused. The same signal of the same event is kept once."""
    rows = list(loose)
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO loose_signal ({_LOOSE.names})
        SELECT * FROM {_LOOSE.unnest}
        ON CONFLICT DO NOTHING
        """,
        _LOOSE.arrays(rows),
    )


def waiting(db: Connection, buckets: Sequence[int], now: datetime, most: int) -> list[Waiting]:
    """Return loose signals whose act may have become known meanwhile, without locking anything."""
    rows = db.execute(
        f"""
        SELECT {_LOOSE.names} FROM loose_signal
         WHERE bucket = ANY(%b::smallint[]) AND again_at <= %b
         ORDER BY again_at
         LIMIT %b
        """,
        [list(buckets), now, most],
    )
    return [Waiting._make((*row[:8], Signal(row[8]), *row[9:])) for row in rows]


def put_off(db: Connection, loose: Iterable[Waiting]) -> None:
    """Write down when these are looked at again; never, where `again_at` is None."""
    rows = list(loose)
    if not rows:
        return
    db.execute(
        f"""
        UPDATE loose_signal l SET again_at = row.again_at
          FROM {_LOOSE.unnest}
         WHERE l.bucket = row.bucket AND l.customer_id = row.customer_id
           AND l.message_id = row.message_id AND l.kind = row.kind
        """,
        _LOOSE.arrays(rows),
    )


def no_longer_loose(db: Connection, loose: Iterable[Waiting]) -> None:
    """Let go of loose signals whose act became known."""
    rows = list(loose)
    if not rows:
        return
    db.execute(
        f"""
        DELETE FROM loose_signal l
         USING {_LOOSE.unnest}
         WHERE l.bucket = row.bucket AND l.customer_id = row.customer_id
           AND l.message_id = row.message_id AND l.kind = row.kind
        """,
        _LOOSE.arrays(rows),
    )


def latest(
    db: Connection, automation: str, kind: Signal, before: tuple[datetime, int], most: int = 50
) -> list[Case]:
    """Return the latest cases of one kind of one automation before that one, the latest first (a report)."""
    rows = db.execute(
        f"""
        SELECT {_ROW.names} FROM signal
         WHERE automation = %s AND kind = %s AND (at, act_id) < (%s, %s) AND NOT held_out
         ORDER BY at DESC, act_id DESC
         LIMIT %s
        """,
        [automation, str(kind), *before, most],
    )
    return [_case(row) for row in rows]


def brought_by(
    db: Connection, automations: Sequence[str], kinds: Sequence[Signal], most: int = 20
) -> dict[tuple[str, Signal], frozenset[str]]:
    """Return which sources brought the latest cases of each kind, by automation (a report)."""
    rows = db.execute(
        """
        SELECT a.name, k.kind, array_agg(DISTINCT s.source)
          FROM unnest(%s::text[]) AS a (name)
         CROSS JOIN unnest(%s::text[]) AS k (kind)
         CROSS JOIN LATERAL (SELECT source FROM signal
                              WHERE automation = a.name AND kind = k.kind AND NOT held_out
                              ORDER BY at DESC, act_id DESC LIMIT %s) AS s
         GROUP BY a.name, k.kind
        """,
        [list(automations), [str(kind) for kind in kinds], most],
    )
    return {(name, Signal(kind)): frozenset(some) for name, kind, some in rows}


def of_customer(db: Connection, nodes: Iterable[CustomerKey], most: int = 200) -> list[Case]:
    """Return what came back from one customer, the latest first."""
    keys = list(nodes)
    names = ", ".join(f"s.{name}" for name in _ROW.names.split(", "))
    rows = db.execute(
        f"""
        SELECT {names}
          FROM unnest(%b::smallint[], %b::bigint[]) AS n (bucket, customer_id)
          JOIN signal s ON s.bucket = n.bucket AND s.customer_id = n.customer_id
         ORDER BY s.at DESC, s.act_id DESC
         LIMIT %b
        """,
        [[key.bucket for key in keys], [key.customer_id for key in keys], most],
    )
    return [_case(row) for row in rows]


class Answered(NamedTuple):
    """How many said that acts of one version helped, and how many that they did not."""

    version: int
    voice: Voice
    helped: int
    not_helped: int


def answers(
    db: Connection, automation: str, since: datetime, until: datetime | None = None
) -> list[Answered]:
    """Return what was answered about one automation: those who were asked, apart from the others (a report)."""
    rows = db.execute(
        """
        SELECT version, invited, count(*) FILTER (WHERE kind = 'helped'),
               count(*) FILTER (WHERE kind = 'dissatisfied')
          FROM signal
         WHERE automation = %(automation)s AND kind IN ('helped', 'dissatisfied') AND NOT held_out
           AND at >= %(since)s AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
         GROUP BY version, invited
         ORDER BY version, invited
        """,
        {"automation": automation, "since": since, "until": until},
    )
    return [
        Answered(version, Voice.INVITED if invited else Voice.SPONTANEOUS, yes, no)
        for version, invited, yes, no in rows
    ]


def _case(row: tuple[Any, ...]) -> Case:
    return Case._make((*row[:9], Signal(row[9]), *row[10:]))
