"""Needs that people, forms and phone menus served: one row a need, written in the turn that heard of it.

Promise: what is told again about the same need adds to its row; a complaint that names no need is about the
latest one of that process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.identifier import CustomerKey
from terrain.core.served import Need, Told, is_met

# The order that the need was about is not another one.
AGAIN = (timedelta(days=2), timedelta(days=90))

# Among so many of the latest, those that went wrong are looked for.
LOOKED_THROUGH = 200

_KEPT: LiteralString = "bucket, customer_id, served_id, again, complained_at, made_good_at, told"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Told).decode


class Kept(NamedTuple):
    """One need, and where it stands in the order of its process."""

    key: CustomerKey
    served_id: int
    need: Need


def keep(db: Connection, key: CustomerKey, number: int, told: Told) -> None:
    """Keep what was told of a need of this customer."""
    if told.outcome is None:
        _add(db, key, told)
        return
    db.execute(
        """
        INSERT INTO served (bucket, customer_id, served_id, at, process, need, told)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (bucket, customer_id, process, need) DO UPDATE SET again = served.again + 1
        """,
        [key.bucket, key.customer_id, number, told.at, told.process, told.need, _encode(told)],
    )


def _add(db: Connection, key: CustomerKey, told: Told) -> None:
    db.execute(
        """
        UPDATE served s
           SET complained_at = LEAST(s.complained_at, %(complained)s),
               made_good_at = LEAST(s.made_good_at, %(made_good)s)
          FROM (SELECT bucket, customer_id, process, need FROM served
                 WHERE bucket = %(bucket)s AND customer_id = %(customer)s
                   AND process = %(process)s AND (%(need)s = '' OR need = %(need)s) AND at <= %(at)s
                 ORDER BY at DESC LIMIT 1) one
         WHERE s.bucket = one.bucket AND s.customer_id = one.customer_id
           AND s.process = one.process AND s.need = one.need
        """,
        {
            "bucket": key.bucket,
            "customer": key.customer_id,
            "process": told.process,
            "need": told.need,
            "at": told.at,
            "complained": told.complained_at,
            "made_good": told.made_good_at,
        },
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
