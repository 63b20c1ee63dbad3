"""Everything that is kept under one customer's nodes, row by row in the order of time, for an export.

Promise: read only, some rows at a time, so that a hundred thousand events weigh no more than a
thousand; nothing but what stands under these nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, LiteralString

import msgspec
from psycopg import Connection

from terrain.core.identifier import CustomerKey

AT_A_TIME = 1_000
Row = dict[str, Any]

_of_json = msgspec.json.Decoder().decode
_of_msgpack = msgspec.msgpack.Decoder().decode


def events(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what was said and done; `said` is the message as it came."""
    statement: LiteralString = """
        SELECT e.at, e.received_at, e.message_id, e.name, e.source, e.payload
          FROM {among} JOIN event e ON e.bucket = n.b AND e.customer_id = n.c_id
         ORDER BY e.at, e.message_id
    """
    for at, received_at, message_id, name, source, payload in _rows(db, statement, nodes):
        yield {
            "at": at,
            "received_at": received_at,
            "message_id": message_id,
            "name": name,
            "source": source,
            "said": _of_json(payload),
        }


def decisions(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what was decided, with every reason and figure as it was kept."""
    statement: LiteralString = """
        SELECT d.explanation
          FROM {among} JOIN decision d ON d.bucket = n.b AND d.customer_id = n.c_id
         ORDER BY d.at, d.decision_id
    """
    for (explanation,) in _rows(db, statement, nodes):
        yield _of_json(explanation)


def acts(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what was done or is about to be, with what it said."""
    statement: LiteralString = """
        SELECT a.act_id, a.decision_id, a.decided_at, a.left_at, a.state, a.kind, a.channel,
               a.purpose, a.reach, a.automation, a.version, a.name, a.because, a.content
          FROM {among} JOIN act a ON a.bucket = n.b AND a.customer_id = n.c_id
         ORDER BY a.decided_at, a.act_id
    """
    names = (
        *("act_id", "decision_id", "decided_at", "left_at", "state", "kind", "channel"),
        *("purpose", "reach", "automation", "version", "name", "because"),
    )
    for *columns, content in _rows(db, statement, nodes):
        yield {**dict(zip(names, columns, strict=True)), "content": _of_msgpack(content)}


def questions(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what was asked, and what was answered."""
    statement: LiteralString = """
        SELECT q.question_id, q.asked_at, q.deadline, q.fact, q.about, q.words, q.answers,
               q.no_answer, q.answered_at, q.answer, q.automation
          FROM {among} JOIN question q ON q.bucket = n.b AND q.customer_id = n.c_id
         ORDER BY q.asked_at, q.question_id
    """
    names = ("question_id", "asked_at", "deadline", "fact", "about", "words", "answers")
    more = ("no_answer", "answered_at", "answer", "automation")
    return _named(db, statement, nodes, (*names, *more))


def tasks(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what people had to do about them."""
    statement: LiteralString = """
        SELECT t.task_id, t.opened_at, t.due_at, t.done_at, t.kind, t.title, t.automation,
               t.outcome, t.file
          FROM {among} JOIN task t ON t.bucket = n.b AND t.customer_id = n.c_id
         ORDER BY t.opened_at, t.task_id
    """
    names = ("task_id", "opened_at", "due_at", "done_at", "kind", "title", "automation")
    return _named(db, statement, nodes, (*names, "outcome", "file"))


def runs(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield which automations are or were under way for them."""
    statement: LiteralString = """
        SELECT r.run_id, r.automation, r.version, r.subject, r.state, r.started_at, r.due_at,
               r.ended_at
          FROM {among} JOIN run r ON r.bucket = n.b AND r.customer_id = n.c_id
         ORDER BY r.started_at, r.run_id
    """
    names = ("run_id", "automation", "version", "subject", "state", "started_at", "due_at")
    return _named(db, statement, nodes, (*names, "ended_at"))


def signals(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what came back, and about which act; without one where none caused it, or it was left out."""
    statement: LiteralString = """
        SELECT s.at, s.kind, CASE WHEN NOT s.held_out THEN s.act_id END AS act_id, s.automation,
               s.held_out, s.invited, s.counted, s.source, s.message_id
          FROM {among} JOIN signal s ON s.bucket = n.b AND s.customer_id = n.c_id
         UNION ALL
        SELECT l.at, l.kind, NULLIF(l.act_id, 0), '', FALSE, l.invited, FALSE, l.source, l.message_id
          FROM {among} JOIN loose_signal l ON l.bucket = n.b AND l.customer_id = n.c_id
         ORDER BY at, message_id, kind, act_id
    """
    names = ("at", "kind", "act_id", "automation", "held_out", "invited", "counted")
    return _named(db, statement, nodes, (*names, "source", "message_id"))


def flags(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what somebody said is wrong; who said it stands nowhere."""
    statement: LiteralString = """
        SELECT f.flag_id, f.at, f.automation, f.version, f.reason, f.words, f.act_id, f.decision_id,
               f.answered_at, f.answer
          FROM {among} JOIN flag f ON f.bucket = n.b AND f.customer_id = n.c_id
         ORDER BY f.at, f.flag_id
    """
    names = ("flag_id", "at", "automation", "version", "reason", "words", "act_id", "decision_id")
    return _named(db, statement, nodes, (*names, "answered_at", "answer"))


def needs(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield what somebody said is needed and nothing serves."""
    statement: LiteralString = """
        SELECT d.need_id, d.at, d.automation, d.words, d.act_id, d.decision_id
          FROM {among} JOIN need d ON d.bucket = n.b AND d.customer_id = n.c_id
         ORDER BY d.at, d.need_id
    """
    names = ("need_id", "at", "automation", "words", "act_id", "decision_id")
    return _named(db, statement, nodes, names)


def recalls(db: Connection, nodes: Collection[CustomerKey]) -> Iterator[Row]:
    """Yield which recalls they are part of: what had been done to them, and how it was made good."""
    statement: LiteralString = """
        SELECT r.recall_id, r.first_at, r.last_at, r.done, r.stopped, r.acts, r.state, r.because,
               r.made_at, r.reached_at, r.answered_at
          FROM {among} JOIN recalled r ON r.bucket = n.b AND r.customer_id = n.c_id
         ORDER BY r.first_at, r.recall_id
    """
    names = ("recall_id", "first_at", "last_at", "done", "stopped", "acts", "state", "because")
    return _named(db, statement, nodes, (*names, "made_at", "reached_at", "answered_at"))


def _named(
    db: Connection,
    statement: LiteralString,
    nodes: Collection[CustomerKey],
    names: Sequence[str],
) -> Iterator[Row]:
    for row in _rows(db, statement, nodes):
        yield dict(zip(names, row, strict=True))


def _rows(
    db: Connection, statement: LiteralString, nodes: Collection[CustomerKey]
) -> Iterator[tuple[Any, ...]]:
    among: LiteralString = "unnest(%(b)s::smallint[], %(c)s::bigint[]) AS n (b, c_id)"
    keys = {"b": [node.bucket for node in nodes], "c": [node.customer_id for node in nodes]}
    with db.transaction(), db.cursor(name="exported", binary=True) as cursor:
        cursor.itersize = AT_A_TIME
        cursor.execute(statement.replace("{among}", among), keys)
        yield from cursor
