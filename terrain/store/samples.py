"""Acts with the decision behind each: those that got a signal, and a fair sample of the others (a report).

Promise: bounded, however much was done: at most so many decisions are walked past in an index, at most so many
are read. Which ones are taken is decided by their number alone, so the same question gets the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.decision import DONE_TO, Decision
from terrain.core.identifier import FREE_BITS, CustomerKey
from terrain.core.signal import Signal

# A share of so many is within seven points of the truth; each is read from somewhere else on the disk.
MOST_HIT, MOST_OTHERS = 200, 200
WALKED_PAST = 20_000

_decode = msgspec.json.Decoder(Decision).decode


class Sampled(NamedTuple):
    """One act that left."""

    key: CustomerKey
    act_id: int
    left_at: datetime
    decision: Decision


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Of which automation, for which signal, since when."""

    automation: str
    signal: Signal
    since: datetime


# An act is numbered in the minute of its decision (`core/identifier.py`).
_ITS_ACT: LiteralString = """
    a.bucket = d.bucket AND a.customer_id = d.customer_id AND a.decision_id = d.decision_id
    AND a.act_id >= (d.decision_id >> %(bits)s) << %(bits)s
    AND a.act_id < ((d.decision_id >> %(bits)s) + 1) << %(bits)s
    AND a.left_at IS NOT NULL"""


def _fairly(which: LiteralString) -> LiteralString:
    """Return the start of a statement whose `d` is a fair sample of decisions: by a hash of their number.

    The latest so many are walked along the index that `which` names the columns of; only the chosen ones are read.
    """
    return f"""
        WITH walked AS (
            SELECT at, decision_id FROM decision
             WHERE automation = %(automation)s AND {which} AND at >= %(since)s
             ORDER BY at DESC, decision_id DESC LIMIT %(walked)s
        ), chosen AS (
            SELECT at, decision_id FROM walked
             ORDER BY hashint8extended(decision_id, 0), decision_id LIMIT %(most)s
        ), d AS (
            SELECT each.* FROM chosen c
             CROSS JOIN LATERAL (
                SELECT bucket, customer_id, decision_id, at, explanation FROM decision
                 WHERE automation = %(automation)s AND {which}
                   AND at = c.at AND decision_id = c.decision_id LIMIT 1) AS each
        )
    """


def since(db: Connection, asked: Asked) -> datetime:
    """Return since when acts are looked at: as asked, or later where there are too many since then."""
    found = [asked.since]
    for verdict in DONE_TO:
        row = db.execute(
            """
            SELECT at FROM decision
             WHERE automation = %s AND verdict = %s AND at >= %s
             ORDER BY at DESC, decision_id DESC
            OFFSET %s LIMIT 1
            """,
            [asked.automation, verdict.value, asked.since, WALKED_PAST - 1],
        ).fetchone()
        found += row or ()
    return max(found)


def hit(db: Connection, asked: Asked) -> list[Sampled]:
    """Return the acts that got the signal, the latest first."""
    rows = db.execute(
        """
        SELECT s.bucket, s.customer_id, s.act_id, a.left_at, d.explanation
          FROM (SELECT bucket, customer_id, act_id, at FROM signal
                 WHERE automation = %(automation)s AND kind = %(signal)s AND at >= %(since)s
                   AND NOT held_out
                 ORDER BY at DESC, act_id DESC LIMIT %(most)s) AS s
          JOIN act a ON a.bucket = s.bucket AND a.customer_id = s.customer_id AND a.act_id = s.act_id
          JOIN decision d ON d.bucket = a.bucket AND d.customer_id = a.customer_id
                         AND d.decision_id = a.decision_id
         WHERE a.left_at IS NOT NULL AND d.at >= %(since)s
         ORDER BY s.at DESC, s.act_id DESC
        """,
        _values(asked, MOST_HIT),
        binary=True,
    )
    return [_sampled(row) for row in rows]


def others(db: Connection, asked: Asked) -> list[Sampled]:
    """Return a fair sample of the acts that did not get it: by a hash of their decision's number."""
    return [row for verdict in DONE_TO for row in _others(db, asked, verdict.value)]


def _others(db: Connection, asked: Asked, verdict: str) -> list[Sampled]:
    rows = db.execute(
        f"""
        {_fairly("verdict = %(verdict)s")}
        SELECT d.bucket, d.customer_id, a.act_id, a.left_at, d.explanation
          FROM d
          JOIN act a ON {_ITS_ACT}
          LEFT JOIN signal s ON s.bucket = a.bucket AND s.customer_id = a.customer_id
                            AND s.act_id = a.act_id AND s.kind = %(signal)s
         WHERE s.act_id IS NULL
         ORDER BY a.act_id
        """,
        _values(asked, MOST_OTHERS) | {"verdict": verdict, "walked": WALKED_PAST},
        binary=True,
    )
    return [_sampled(row) for row in rows]


class Beside(NamedTuple):
    """Something that was done, or left out to compare with; whether it got the signal."""

    at: datetime
    decision: Decision
    got: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Of which automation and versions, for which signal, since when."""

    automation: str
    first_version: int
    version: int
    signal: Signal
    since: datetime


def treated(db: Connection, of: Group) -> list[Beside]:
    """Return a fair sample of the acts that left, by a hash of their decision's number."""
    rows = db.execute(
        f"""
        {_fairly("verdict = 'act' AND version BETWEEN %(first_version)s AND %(version)s")}
        SELECT a.left_at, d.explanation, s.act_id IS NOT NULL
          FROM d
          JOIN act a ON {_ITS_ACT}
          LEFT JOIN signal s ON s.bucket = a.bucket AND s.customer_id = a.customer_id
                            AND s.act_id = a.act_id AND s.kind = %(signal)s AND s.counted
         ORDER BY a.act_id
        """,
        _of_group(of),
        binary=True,
    )
    return [Beside(at, _decode(explanation), got) for at, explanation, got in rows]


def left_out(db: Connection, of: Group) -> list[Beside]:
    """Return a fair sample of what was left out to compare with, taken the same way."""
    rows = db.execute(
        f"""
        {_fairly("because = 'held_out' AND version BETWEEN %(first_version)s AND %(version)s")}
        SELECT d.at, d.explanation, s.act_id IS NOT NULL
          FROM d
          LEFT JOIN signal s ON s.bucket = d.bucket AND s.customer_id = d.customer_id
                            AND s.act_id = d.decision_id AND s.kind = %(signal)s AND s.counted
         ORDER BY d.decision_id
        """,
        _of_group(of),
        binary=True,
    )
    return [Beside(at, _decode(explanation), got) for at, explanation, got in rows]


def _of_group(of: Group) -> dict[str, Any]:
    values = msgspec.structs.asdict(of) | {"signal": of.signal.value}
    return values | {"most": MOST_OTHERS, "walked": WALKED_PAST, "bits": FREE_BITS}


def decided(db: Connection, acts: Iterable[tuple[CustomerKey, int]]) -> dict[int, int]:
    """Return the number of the decision behind each act; a run, which has none of its own, is left out."""
    known = list(acts)
    rows = db.execute(
        """
        SELECT a.act_id, a.decision_id
          FROM unnest(%b::smallint[], %b::bigint[], %b::bigint[]) AS n (bucket, customer_id, act_id)
          JOIN act a USING (bucket, customer_id, act_id)
        """,
        [
            [key.bucket for key, _ in known],
            [key.customer_id for key, _ in known],
            [act_id for _, act_id in known],
        ],
    )
    return dict(rows.fetchall())


def _values(asked: Asked, most: int) -> dict[str, Any]:
    signal = asked.signal.value
    return msgspec.structs.asdict(asked) | {"signal": signal, "most": most, "bits": FREE_BITS}


def _sampled(row: tuple[Any, ...]) -> Sampled:
    bucket, customer_id, act_id, left_at, explanation = row
    return Sampled(CustomerKey(bucket, customer_id), act_id, left_at, _decode(explanation))
