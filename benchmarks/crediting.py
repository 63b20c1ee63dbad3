"""What counting costs the worker's turn: all of it at full speed, and crediting alone at both ends."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import timedelta
from operator import itemgetter
from typing import Any
from unittest.mock import patch

import msgspec
import psutil
import psycopg

from benchmarks import shop, stage
from benchmarks.row import Row
from terrain.config import read
from terrain.core.decision import Decision
from terrain.core.house import House
from terrain.flow import crediting
from terrain.flow.take_in import Message, door_of, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store import counters, decisions
from terrain.store.connection import Record

EVERYWHERE = range(256)
A_TURN = 1_000
ELSEWHERE = 10_000_000  # where the numbers of other orders begin
A_COMPLAINT = 100


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
            row = _counting(conninfo, record, house, orders)
            _say(conninfo, (_complaint(number) for number in range(people)))
            (everything := Watch()).drain(record, house)
            counted = _counted(conninfo)
    assert counted == people, (counted, people)
    return [
        row,
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


def _counting(conninfo: str, record: Record, house: House, orders: int) -> Row:
    """Take turns by turns with all counting and without any, and compare what they cost."""
    for number in range(0, orders, A_COMPLAINT):
        some = (shop.order(ELSEWHERE + number + n, orders // 5) for n in range(1, A_COMPLAINT))
        one = _complaint(number // A_COMPLAINT, "again")
        _say(conninfo, [*(Message(raw=raw) for raw in some), one])
    spent = {True: [0.0, 0.0], False: [0.0, 0.0]}
    with record.conn_for(0) as db:
        backend = psutil.Process(db.info.backend_pid)
        for number in range(orders // A_TURN):
            # With, without, without, with: what grows slower meanwhile is borne by both.
            with_it = number % 4 in (0, 3)
            begun = time.process_time(), stage.cpu_of(backend)
            with nullcontext() if with_it else _uncounted(), db.transaction():
                turn(db, house, EVERYWHERE, shop.NOON + timedelta(hours=2), A_TURN)
            spent[with_it][0] += time.process_time() - begun[0]
            spent[with_it][1] += stage.cpu_of(backend) - begun[1]
    ours, all_of_it = (
        100 * (part(spent[True]) / part(spent[False]) - 1) for part in (itemgetter(0), sum)
    )
    each = 1e6 * spent[True][0] / (orders / 2)
    return Row(
        name="counting at full worker speed: what it adds to the worker's turn",
        figure=ours,
        unit="%",
        aim=5,
        less_is_better=True,
        note=f"CPU; decisions, runs and signals, one event in {A_COMPLAINT} a complaint; with it"
        f" {each:.0f} µs an event; {all_of_it:.1f} % with PostgreSQL's",
    )


@contextmanager
def _uncounted() -> Iterator[None]:
    """Let turns keep everything and count nothing."""
    with ExitStack() as undone:
        undone.enter_context(patch.object(crediting, "note", _nothing))
        undone.enter_context(patch.object(counters, "add", _nothing))
        undone.enter_context(patch.object(decisions, "save", _kept_only))
        yield


def _nothing(*_given: Any) -> None:
    pass


def _kept_only(db: psycopg.Connection, some: Iterable[Decision]) -> None:
    """Keep decisions as `store/decisions.py` does, but for counting them."""
    kept = decisions._ROW  # noqa: SLF001 - its statement without counting stands nowhere else
    rows = [decisions._to_row(one) for one in some]  # noqa: SLF001 - as above
    if rows:
        into = f"INSERT INTO decision ({kept.names}) SELECT * FROM {kept.unnest}"  # noqa: S608 - names of ours
        db.execute(f"{into} ON CONFLICT DO NOTHING", kept.arrays(rows))


def _let_everything_leave(conninfo: str) -> None:
    with psycopg.connect(conninfo) as db:
        db.execute("UPDATE act SET state = 'left', left_at = %s, due_at = NULL", [shop.NOON])
    with psycopg.connect(conninfo, autocommit=True) as db:
        db.execute("VACUUM ANALYZE act")


def _complaint(number: int, again: str = "") -> Message:
    said = {
        "type": "track",
        "event": "complaint.opened",
        "messageId": f"complaint-{number}{again}",
        "userId": f"user-{number}",
        "timestamp": (shop.NOON + timedelta(hours=1)).isoformat(),
        "properties": {"complaint_id": f"K-{number}{again}"},
    }
    return Message(raw=msgspec.json.encode(said))


def _say(conninfo: str, messages: Iterable[Message]) -> None:
    door = door_of(read())
    with psycopg.connect(conninfo) as db:
        take_in(db, list(messages), shop.SOURCE, shop.NOON + timedelta(hours=1), door)


def _counted(conninfo: str) -> int:
    with psycopg.connect(conninfo) as db:
        row = db.execute("SELECT sum(n) FROM counter WHERE what = 'signal.complaint'").fetchone()
    return int(row[0]) if row and row[0] else 0
