"""Needs that people, forms and phone menus served: one row a need, written in the turn that heard of it.

Promise: what is told again about the same need adds to its row; a complaint that names no need is about the
latest one of that process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.served import Need, Told, is_met
from terrain.store.columns import Columns

# The order that the need was about is not another one.
AGAIN = (timedelta(days=2), timedelta(days=90))

# Among so many of the latest, those that went wrong are looked for.
LOOKED_THROUGH = 200

_ROW = Columns(
    "bucket smallint, customer_id bigint, again integer, served_id bigint, at timestamptz, "
    "process text, need text, told bytea"
)
_MORE = Columns(
    "bucket smallint, customer_id bigint, at timestamptz, complained timestamptz, "
    "made_good timestamptz, process text, need text"
)
_KEPT: LiteralString = "bucket, customer_id, served_id, again, complained_at, made_good_at, told"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Told).decode


class Kept(NamedTuple):
    """One need, and where it stands in the order of its process."""

    key: CustomerKey
    served_id: int
    need: Need


def keep(db: Connection, heard: Iterable[tuple[CustomerKey, int, Told]]) -> None:
    """Keep what was told of needs, each with the customer and the number of the event that told it."""
    some = sorted(heard, key=lambda one: (one[2].at, one[1]))
    _serve(db, [one for one in some if one[2].outcome is not None])
    _add(db, [(key, told) for key, _, told in some if told.outcome is None])


def _serve(db: Connection, some: Sequence[tuple[CustomerKey, int, Told]]) -> None:
    """Keep the first that was told of each need, and count the others."""
    first: dict[tuple[CustomerKey, str, str], tuple[int, Told]] = {}
    again: Counter[tuple[CustomerKey, str, str]] = Counter()
    for key, number, told in some:
        which = (key, told.process, told.need)
        again[which] += which in first
        first.setdefault(which, (number, told))
    rows = [
        (
            *(key.bucket, key.customer_id, again[key, process, need], number, told.at),
            *(process, need, _encode(told)),
        )
        for (key, process, need), (number, told) in first.items()
    ]
    if rows:
        db.execute(
            f"""
            INSERT INTO served ({_ROW.names})
            SELECT * FROM {_ROW.unnest}
            ON CONFLICT (bucket, customer_id, process, need) DO UPDATE
               SET again = served.again + 1 + EXCLUDED.again
            """,
            _ROW.arrays(rows),
        )


def _add(db: Connection, some: Sequence[tuple[CustomerKey, Told]]) -> None:
    rows = [
        (
            *(key.bucket, key.customer_id, told.at, told.complained_at, told.made_good_at),
            *(told.process, told.need),
        )
        for key, told in some
    ]
    if rows:
        db.execute(
            f"""
            WITH about AS (
                SELECT one.*, min(row.complained) AS complained, min(row.made_good) AS made_good
                  FROM {_MORE.unnest}
                 CROSS JOIN LATERAL (
                    SELECT w.bucket, w.customer_id, w.process, w.need FROM served w
                     WHERE w.bucket = row.bucket AND w.customer_id = row.customer_id
                       AND w.process = row.process AND (row.need = '' OR w.need = row.need)
                       AND w.at <= row.at
                     ORDER BY w.at DESC LIMIT 1) AS one
                 GROUP BY one.bucket, one.customer_id, one.process, one.need)
            UPDATE served s
               SET complained_at = LEAST(s.complained_at, a.complained),
                   made_good_at = LEAST(s.made_good_at, a.made_good)
              FROM about a
             WHERE s.bucket = a.bucket AND s.customer_id = a.customer_id
               AND s.process = a.process AND s.need = a.need
            """,
            _MORE.arrays(rows),
        )


def of_process(
    db: Connection, process: str, after: tuple[datetime, int], until: datetime, most: int
) -> list[Kept]:
    """Return the next needs of one process behind that place (a report)."""
    rows = db.execute(
        f"""
        SELECT {_KEPT} FROM served
         WHERE process = %s AND (at, served_id) > (%s, %s) AND at < %s
         ORDER BY at, served_id LIMIT %s
        """,
        [process, *after, until, most],
    )
    return [_kept(row) for row in rows]


def gone_wrong(db: Connection, process: str, most: int) -> list[Kept]:
    """Return those among the latest needs of one process that were not met (a report)."""
    rows = db.execute(
        f"""
        SELECT {_KEPT} FROM served
         WHERE process = %s ORDER BY at DESC, served_id DESC LIMIT %s
        """,
        [process, LOOKED_THROUGH],
    )
    found = (_kept(row) for row in rows)
    return list(islice((one for one in found if not is_met(one.need)), most))


def _kept(row: tuple[Any, ...]) -> Kept:
    bucket, customer_id, served_id, again, complained, made_good, told = row
    need = Need(first=_decode(told), again=again, complained_at=complained, made_good_at=made_good)
    return Kept(CustomerKey(bucket, customer_id), served_id, need)


def bought_again(db: Connection, kept: Sequence[Kept]) -> int:
    """Return after how many of these needs the customer ordered again within the season (a report)."""
    row = db.execute(
        """
        SELECT count(*) FROM unnest(%s::smallint[], %s::bigint[], %s::timestamptz[]) AS n (b, c_id, at)
         WHERE EXISTS (SELECT FROM event e WHERE e.bucket = n.b AND e.customer_id = n.c_id
                          AND e.name = 'order.placed'
                          AND e.at > n.at + %s AND e.at <= n.at + %s)
        """,
        [
            [one.key.bucket for one in kept],
            [one.key.customer_id for one in kept],
            [one.need.first.at for one in kept],
            *AGAIN,
        ],
    ).fetchone()
    return row[0] if row else 0
