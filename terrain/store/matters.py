"""What was done by one automation and what came back of it, read a page of decisions at a time (a report).

Promise: a page costs the same whatever else there is: it follows an index, and reads of each of its
customers only what this automation did to them and what they said to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core.act import ActKind
from terrain.core.fact import FactKey, SourceKind
from terrain.core.identifier import CustomerKey
from terrain.core.matters import Answer, APersonCame, Claimed, Done, Evidence, Heard
from terrain.core.signal import Signal
from terrain.core.task import TaskKind
from terrain.core.touched import Used

_OF_THEM: LiteralString = "unnest(%(buckets)s::smallint[], %(ids)s::bigint[]) AS n (b, c_id)"


class Place(NamedTuple):
    """One decision of a page: whose it is, and where it stands in the order."""

    key: CustomerKey
    decision_id: int
    at: datetime


class _Proposal(msgspec.Struct, frozen=True):
    subject: str = ""


class _Decision(msgspec.Struct, frozen=True):
    because: str = ""
    proposal: _Proposal = _Proposal()
    facts: tuple[Used, ...] = ()


class _Content(msgspec.Struct, frozen=True):
    offers: tuple[str, ...] = ()
    subject: str = ""


_decide = msgspec.json.Decoder(_Decision).decode
_content = msgspec.msgpack.Decoder(_Content).decode
_NOTHING = _Decision()


def decided(
    db: Connection,
    of: tuple[str, str],
    stretch: tuple[datetime, int, datetime],
    buckets: Sequence[int],
    most: int,
) -> list[Place]:
    """Return the next decisions of one automation and verdict behind that place, until then."""
    rows = db.execute(
        """
        SELECT bucket, customer_id, decision_id, at FROM decision
         WHERE automation = %s AND verdict = %s AND (at, decision_id) > (%s, %s) AND at < %s
           AND bucket = ANY(%s::smallint[])
         ORDER BY at, decision_id LIMIT %s
        """,
        [*of, *stretch, list(buckets), most],
    )
    return [Place(CustomerKey(bucket, of_), number, at) for bucket, of_, number, at in rows]


def evidence(db: Connection, automation: str, keys: Iterable[CustomerKey]) -> Evidence:
    """Return what this automation did to these customers, and what came back."""
    some = sorted(set(keys))
    them = {
        "buckets": [key.bucket for key in some],
        "ids": [key.customer_id for key in some],
        "automation": automation,
    }
    done = _done(db, them)
    heard = _heard(db, done)
    messages = [one.message_id for one in heard if one.kind is Signal.CORRECTION]
    return Evidence(
        done=done,
        heard=heard,
        answers=_answers(db, them),
        claimed=_claimed(db, them, messages),
        people=_people(db, them) if any(one.kind is Signal.A_PERSON for one in heard) else (),
        staff=_staff(db),
    )


def _done(db: Connection, them: dict[str, Any]) -> list[Done]:
    rows = db.execute(
        f"""
        SELECT a.bucket, a.customer_id, a.act_id, a.run_id, a.decision_id, a.left_at, a.kind, a.content,
               d.explanation
          FROM {_OF_THEM}
          JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id
          LEFT JOIN decision d ON d.bucket = a.bucket AND d.customer_id = a.customer_id
                              AND d.decision_id = a.decision_id
         WHERE a.automation = %(automation)s AND a.left_at IS NOT NULL
         ORDER BY a.act_id
        """,
        them,
    )
    return [_one(row) for row in rows]


def _one(row: tuple[Any, ...]) -> Done:
    decision = _decide(row[8]) if row[8] else _NOTHING
    content = _content(row[7])
    return Done(
        key=CustomerKey(row[0], row[1]),
        act_id=row[2],
        run_id=row[3],
        decision_id=row[4],
        at=row[5],
        kind=ActKind(row[6]),
        offers=frozenset(content.offers),
        subject=content.subject or decision.proposal.subject,
        because=decision.because,
        used={fact.key: fact.value for fact in decision.facts},
    )


def _heard(db: Connection, done: Sequence[Done]) -> list[Heard]:
    rows = db.execute(
        """
        SELECT s.bucket, s.customer_id, s.act_id, s.kind, s.at, s.source, s.message_id, s.invited
          FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS n (b, c_id, a_id)
          JOIN signal s ON s.bucket = n.b AND s.customer_id = n.c_id AND s.act_id = n.a_id
         WHERE s.counted
        """,
        [
            [one.key.bucket for one in done],
            [one.key.customer_id for one in done],
            [one.act_id for one in done],
        ],
    )
    return [Heard(CustomerKey(row[0], row[1]), row[2], Signal(row[3]), *row[4:]) for row in rows]


def _answers(db: Connection, them: dict[str, Any]) -> list[Answer]:
    rows = db.execute(
        f"""
        SELECT q.bucket, q.customer_id, q.run_id, q.answered_at, q.answer
          FROM {_OF_THEM}
          JOIN question q ON q.bucket = n.b AND q.customer_id = n.c_id
         WHERE q.automation = %(automation)s AND q.answered_at IS NOT NULL
        """,
        them,
    )
    return [Answer(CustomerKey(row[0], row[1]), *row[2:]) for row in rows]


def _claimed(db: Connection, them: dict[str, Any], messages: Collection[str]) -> list[Claimed]:
    rows = db.execute(
        f"""
        SELECT c.bucket, c.customer_id, c.fact, c.about, c.at, c.value, c.message_id
          FROM {_OF_THEM}
          JOIN claim c ON c.bucket = n.b AND c.customer_id = n.c_id
         WHERE c.fact IN ('wish.date', 'wish.stop') OR c.message_id = ANY(%(messages)s)
         ORDER BY c.at
        """,
        them | {"messages": list(messages)},
    )
    return [Claimed(CustomerKey(row[0], row[1]), FactKey(row[2], row[3]), *row[4:]) for row in rows]


def _people(db: Connection, them: dict[str, Any]) -> list[APersonCame]:
    rows = db.execute(
        f"""
        SELECT t.bucket, t.customer_id, t.file ->> 'message_id', t.opened_at, t.done_at
          FROM {_OF_THEM}
          JOIN task t ON t.bucket = n.b AND t.customer_id = n.c_id
         WHERE t.kind = %(kind)s
        """,
        them | {"kind": TaskKind.A_PERSON_PLEASE.value},
    )
    return [APersonCame(CustomerKey(row[0], row[1]), row[2] or "", *row[3:]) for row in rows]


def _staff(db: Connection) -> frozenset[str]:
    rows = db.execute("SELECT name FROM source WHERE kind = %s", [SourceKind.STAFF_HEARD.value])
    return frozenset(name for (name,) in rows)
