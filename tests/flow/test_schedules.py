"""Everybody is looked at once, whatever is killed when."""

from datetime import timedelta

import psycopg
import pytest

from terrain.core.identifier import BUCKETS, Identifier, Kind
from terrain.flow import schedules
from terrain.store import claims
from terrain.store.connection import Record
from terrain.store.identifiers import resolve
from tests.journeys import a_shop, written
from tests.people import NOON, a_claim

WEEKLY = written(
    "starts: {every: day, for: {country: FR}}\nsteps: [{send: hello, by: email, reach: inbox}]\n"
)
EVERYWHERE = range(BUCKETS)


@pytest.fixture
def record(fresh_database: str) -> Record:
    with psycopg.connect(fresh_database) as db:
        names = [Identifier(Kind.USER_ID, f"somebody-{n}") for n in range(60)]
        keys = resolve(db, names, NOON)
        said = enumerate(keys[name] for name in names)
        claims.save(
            db, [(key, a_claim("FR" if n % 2 else "BE", fact="country")) for n, key in said]
        )
    return Record(fresh_database, connections=2).open()


def walked(record: Record, late: timedelta = timedelta()) -> int:
    total = 0
    for _ in range(BUCKETS):
        total += schedules.start_what_is_due(record, a_shop(WEEKLY), EVERYWHERE, NOON + late)
    return total


def test_everybody_it_is_for_starts_once_a_day(record: Record) -> None:
    try:
        assert walked(record) == 30
        assert walked(record) == 0
        assert walked(record, timedelta(days=1)) == 30
    finally:
        record.close()


def test_a_walk_that_was_cut_short_goes_on(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "CHUNK", 1)
    monkeypatch.setattr(schedules, "MOST_CHUNKS", 1)
    try:
        assert walked(record) == 30
    finally:
        record.close()
