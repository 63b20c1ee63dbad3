"""How long it takes to erase a customer of whom much is kept, and to hand over everything about them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psycopg
from psycopg import Connection

from benchmarks.row import Row
from benchmarks.stage import database
from terrain.config import read
from terrain.core.house import House
from terrain.core.identifier import BUCKETS, CustomerKey, Identifier, Kind
from terrain.flow import erasure, export, forgetting, reference
from terrain.flow.erasure import Asking
from terrain.flow.export import Form, Order
from terrain.flow.take_in import Message, take_in
from terrain.flow.turn import NOTHING, turn
from terrain.store import identifiers

OTHERS = 2_000
LEA = "lea"


def measure(*, long: bool) -> list[Row]:
    """Plant one customer with many events among others; export her, then erase her."""
    events = 100_000 if long else 10_000
    with (
        database() as conninfo,
        psycopg.connect(conninfo, autocommit=True) as db,
        tempfile.TemporaryDirectory() as folder,
    ):
        house = reference.house(db, read())
        key = _plant(db, house, events)
        exported = _timed(lambda: _export(db, house, key))
        erased = _timed(lambda: _erase(db, house, key, Path(folder)))
    note = f"{events:,} events among {OTHERS:,} other customers, fsync on"
    return [
        Row(
            name="export of everything about one customer",
            figure=exported,
            unit="s",
            aim=events / 5_000,
            less_is_better=True,
            note=note,
        ),
        Row(
            name="erasure of one customer",
            figure=erased,
            unit="s",
            aim=events / 5_000,
            less_is_better=True,
            note=f"{note}, {forgetting.ROWS_A_STEP:,} rows a step",
        ),
    ]


def _plant(db: Connection, house: House, events: int) -> CustomerKey:
    _hear(db, house, [f"other-{number}" for number in range(OTHERS)])
    for first in range(0, events, 1_000):
        _hear(db, house, [LEA] * 1_000, first)
    name = Identifier(Kind.USER_ID, LEA)
    return identifiers.find(db, [name])[name]


def _hear(db: Connection, house: House, names: list[str], first: int = 0) -> None:
    now = datetime.now(UTC)
    messages = [
        Message(
            raw=msgspec.json.encode(
                {
                    "type": "track",
                    "event": "order.placed",
                    "userId": name,
                    "messageId": f"{name}-{first + number}",
                    "properties": {"order": f"o-{first + number}", "total": 12.5},
                    "context": {"traits": {"email": f"{name}@example.org"}},
                }
            )
        )
        for number, name in enumerate(names)
    ]
    with db.transaction():
        take_in(db, messages, "shop", now)
    while True:
        with db.transaction():
            if turn(db, house, range(BUCKETS), now) == NOTHING:
                return


def _export(db: Connection, house: House, key: CustomerKey) -> None:
    with tempfile.TemporaryFile() as file, db.transaction():
        subject = export.of(db, key, house, datetime.now(UTC))
        export.hand_over(db, key, subject, Order(Form.WHOLE), file)


def _erase(db: Connection, house: House, key: CustomerKey, folder: Path) -> None:
    now = datetime.now(UTC)
    with db.transaction():
        wish = erasure.ask(db, key, house, now, Asking(timedelta()))
    forgetting.whole(db, wish, house, folder, now)
    (left,) = db.execute("SELECT count(*) FROM event WHERE customer_id = %s", [key.customer_id])
    assert left == (0,)


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
