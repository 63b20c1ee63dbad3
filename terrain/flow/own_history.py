"""Reads what was done and not done about one customer, in pieces, for their own page.

Promise: a piece never ends in the middle of what is one line, unless more than a thousand things are;
who reads on by `more` misses nothing and reads nothing twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.decision import Decision
from terrain.core.event import Said
from terrain.core.own_history import (
    DONE_BY_THEM,
    SAID_ON_THEIR_PAGE,
    Happened,
    Line,
    lines,
    said_of,
)
from terrain.flow import leaving
from terrain.flow.own_page import SOURCE, OwnPage
from terrain.store import own_history as store
from terrain.store.own_history import Row, Whose
from terrain.store.timeline import ActRow, Before

AT_ONCE = 200
MOST_ROWS = 1_000
_THEIRS = Whose(SOURCE, SAID_ON_THEIR_PAGE, DONE_BY_THEM)


class ShownLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line with what there is to say about it: the decision and its act, or what was said."""

    line: Line
    says: str
    decision: Decision | None = None
    act: ActRow | None = None
    said: dict[str, Any] = {}


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines, the latest first; `more` is the place from which the older ones are read."""

    lines: list[ShownLine]
    more: Before | None = None


def read(db: Connection, own: OwnPage, before: Before, most: int, now: datetime) -> Piece:
    """Return at most so many lines before this place."""
    rows: list[Row] = []
    nodes = own.nodes
    while True:
        found = store.rows(db, nodes, _THEIRS, rows[-1].place if rows else before, AT_ONCE)
        rows += found
        made, told = lines(map(_happened, rows), most)
        if told < len(rows) or len(found) < AT_ONCE or len(rows) >= MOST_ROWS:
            break
    is_all = told == len(rows) and len(found) < AT_ONCE
    shown = _shown(db, own, made, {row.number: row for row in rows if not row.is_decision}, now)
    return Piece(lines=shown, more=None if is_all else rows[told - 1].place)


def _shown(
    db: Connection, own: OwnPage, made: list[Line], events: dict[int, Row], now: datetime
) -> list[ShownLine]:
    numbers = [line.latest.number for line in made if line.latest.is_decision]
    decided = store.decisions(db, own.nodes, numbers)
    rows = store.acts(db, own.nodes, numbers).values()
    standing = leaving.as_it_stands(db, rows, leaving.Before(own.customer, own.house, now))
    done = {act.decision_id: act for act in standing}
    found = []
    for line in made:
        is_decision, number = line.latest.is_decision, line.latest.number
        act = done.get(number) if is_decision else None
        found.append(
            ShownLine(
                line=line,
                says=_says(line, act),
                decision=decided.get(number) if is_decision else None,
                act=act,
                said={} if is_decision else _said(events[number]),
            )
        )
    return found


def _says(line: Line, act: ActRow | None) -> str:
    if not line.latest.is_decision:
        return "said"
    if act is None:
        return said_of(line.latest.what)
    return said_of(line.latest.what, act.kind, act.state, act.because)


def _happened(row: Row) -> Happened:
    return Happened(
        number=row.number,
        at=row.at,
        is_decision=row.is_decision,
        what=row.what,
        automation=row.automation,
        step=row.step,
        because=row.because,
    )


def _said(row: Row) -> dict[str, Any]:
    return _decode(row.payload).properties if row.payload else {}


_decode = msgspec.json.Decoder(Said).decode
