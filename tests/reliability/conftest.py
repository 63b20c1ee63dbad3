"""What must hold whatever happens, in its small form; `make bench` has the long one.

Some of it is proved where it is made, and not again here:

- stopped after 49 of 300, 49 leave and what was on a line: tests/flow/test_carry_out.py
- events that arrive in another order give the same record: tests/flow/test_record.py, test_identity.py and
  tests/core/test_memory.py; while merging, with workers that die: test_record.py
- an act of which nobody knows whether it happened goes to a person: tests/flow/test_carry_out.py
- a sender, and a web process, killed alone: tests/flow/test_killed.py, tests/api/test_kill.py
- changes of clocks, leap days and ends of months in waits: tests/core/test_drawer.py, test_schedule.py,
  test_hours.py and test_name.py
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from benchmarks import siege
from benchmarks.receivers import Receivers
from benchmarks.stage import free_port
from terrain.config import read
from terrain.core.act import Lane
from terrain.flow import reference, rules, versions
from terrain.flow.carry_out import hang_up, send_some
from terrain.flow.take_in import Message, Result, take_in
from terrain.flow.turn import NOTHING, Tally, turn
from terrain.store.connection import Record

# A Wednesday morning in Paris: nothing is held for the hour.
MORNING = datetime(2026, 11, 18, 10, tzinfo=UTC)
EVERY_BUCKET = range(256)
EVERY_LANE = tuple(Lane)


class Shop:
    """A shop that answers each order with one letter and one call, on a record of its own."""

    def __init__(self, record: Record, receivers: Receivers, files: Path) -> None:
        self.record = record
        self.letters = receivers.letters
        self.calls = receivers.calls
        self.now = MORNING
        with record.local() as db, db.transaction():
            rules.keep_shipped(db, self.now)
            published = versions.publish(db, files, self.now)
            assert not published.problems, published.problems
            self.house = reference.house(db, read())

    def hears(self, *said: dict[str, Any]) -> list[Result]:
        messages = [Message(raw=msgspec.json.encode(each)) for each in said]
        with self.record.local() as db, db.transaction():
            return take_in(db, messages, siege.SOURCE, self.now)

    def takes_a_turn(self, most: int = 1000) -> Tally:
        with self.record.local() as db, db.transaction():
            return turn(db, self.house, EVERY_BUCKET, self.now, most)

    def sends(self) -> int:
        return send_some(self.record, self.house, EVERY_BUCKET, EVERY_LANE, self.now)

    def works(self) -> None:
        """Take turns and send until nothing is left to do at this moment."""
        while self.takes_a_turn() != NOTHING or self.sends():
            pass

    def counts(self, what: str) -> int:
        with psycopg.connect(self.record.conninfo) as db:
            (number,) = db.execute(f"SELECT count(*) FROM {what}").fetchall()[0]  # noqa: S608
        return int(number)


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    some = Receivers(free_port())
    some.open()
    yield some
    some.close()


@pytest.fixture
def shop(
    fresh_database: str, receivers: Receivers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    files = tmp_path / "automations"
    siege.write_files(files, receivers.web_port)
    monkeypatch.setenv("TERRAIN_AUTOMATIONS", str(files))
    monkeypatch.setenv("TERRAIN_SMTP_URL", f"smtp://127.0.0.1:{receivers.mail_port}")
    monkeypatch.setenv("TERRAIN_MAIL_PER_MINUTE", "0")
    with Record(fresh_database).opened() as record:
        yield Shop(record, receivers, files)
        hang_up()
