"""What crediting costs the worker's turn: while nothing is a signal, and when everything is."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import msgspec
import psycopg

from benchmarks import shop, stage
from benchmarks.row import Row
from terrain.core.house import House
from terrain.flow import crediting
from terrain.flow.take_in import Door, Known, Message, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store.connection import Record

EVERYWHERE = range(256)


class Watch:
    """How long turns took, and crediting within them."""

    def __init__(self) -> None:
        self.turns = self.crediting = 0.0
        self.events = 0
        self._note = crediting.note

    @property
    def share(self) -> float:
        return 100 * self.crediting / self.turns

    def drain(self, record: Record, house: House) -> None:
        """Take turns until nothing waits."""
        with patch.object(crediting, "note", self._timed), record.conn_for(0) as db:
            while True:
                begun = time.perf_counter()
                with db.transaction():
                    tally = turn(db, house, EVERYWHERE, shop.NOON + timedelta(hours=1))
                if tally == NOTHING:
                    return
                self.turns += time.perf_counter() - begun
                self.events += tally.events

    def _timed(self, *given: Any) -> None:
        begun = time.perf_counter()
        self._note(*given)
        self.crediting += time.perf_counter() - begun


def measure(*, long: bool) -> list[Row]:
    """Drain orders, of which none is a signal, then a complaint of everybody."""
    orders = 50_000 if long else 10_000
    people = orders // 5
    with stage.database(max_wal_size="4GB") as conninfo:
        catalogue, automation = shop.files()
        shop.open_shop(conninfo, catalogue, automation)
        shop.fill(conninfo, orders, people)
        house = shop.house(catalogue, automation)
        with Record(conninfo, by_key=True).opened() as record:
            (nothing := Watch()).drain(record, house)
            _let_everything_leave(conninfo)
            _say(conninfo, (_complaint(number) for number in range(people)))
            (everything := Watch()).drain(record, house)
            counted = _counted(conninfo)
    assert counted == people, (counted, people)
    return [
        Row(
            name="crediting, while nothing is a signal: share of the worker's turn",
            figure=nothing.share,
            unit="%",
            aim=1,
            less_is_better=True,
            note=f"{nothing.events:,} orders; nothing is read",
        ),
        Row(
            name="crediting, when everything is a signal",
            figure=everything.events / everything.turns,
            unit="events/s",
            note=f"{everything.events:,} complaints of as many people, five acts each;"
            f" crediting takes {everything.share:.0f} % of the turn",
        ),
    ]


def _let_everything_leave(conninfo: str) -> None:
    with psycopg.connect(conninfo) as db:
        db.execute("UPDATE act SET state = 'left', left_at = %s, due_at = NULL", [shop.NOON])
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute("VACUUM ANALYZE act")


def _complaint(number: int) -> Message:
    said = {
        "type": "track",
        "event": "complaint.opened",
        "messageId": f"complaint-{number}",
        "userId": f"user-{number}",
        "timestamp": (shop.NOON + timedelta(hours=1)).isoformat(),
        "properties": {"complaint_id": f"K-{number}"},
    }
    return Message(raw=msgspec.json.encode(said))


def _say(conninfo: str, messages: Iterable[Message]) -> None:
    door = Door("FR", Known())
    with psycopg.connect(conninfo) as db:
        take_in(db, list(messages), shop.SOURCE, shop.NOON + timedelta(hours=1), door)


def _counted(conninfo: str) -> int:
    with psycopg.connect(conninfo) as db:
        row = db.execute("SELECT sum(n) FROM counter WHERE what = 'signal.complaint'").fetchone()
    return int(row[0]) if row and row[0] else 0
