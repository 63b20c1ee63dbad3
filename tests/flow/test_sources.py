"""Who speaks to us, and who has stopped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from psycopg import Connection

from terrain.core.fact import SourceKind
from terrain.flow.sources import declare, hear, read_file
from terrain.store import reference, sources
from terrain.store.sources import Source

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def the_source(db: Connection) -> Source:
    (found,) = sources.every(db)
    return found


def test_a_source_is_discovered_when_it_first_speaks(db: Connection) -> None:
    hear(db, {"shop": 3}, NOON)

    found = the_source(db)
    assert (found.events, found.first_heard, found.last_heard) == (3, NOON, NOON)
    assert (found.kind, found.declared) == (SourceKind.THIRD_PARTY, False)


def test_a_source_that_spoke_each_minute_and_stopped_is_silent(db: Connection) -> None:
    for minute in range(60):
        hear(db, {"shop": 10}, NOON + timedelta(minutes=minute))

    assert the_source(db).events == 600
    assert not the_source(db).is_silent(NOON + timedelta(minutes=61))
    assert the_source(db).is_silent(NOON + timedelta(hours=3))


def test_a_declared_source_that_never_spoke_is_silent(db: Connection) -> None:
    sources.declare(db, Source(name="bank", kind=SourceKind.TRANSACTION, promised=86_400.0))

    assert the_source(db).is_silent(NOON)
    assert sources.kinds(db) == {"bank": SourceKind.TRANSACTION}


def test_declaring_a_source_forgets_nothing_that_was_heard(db: Connection) -> None:
    hear(db, {"shop": 3}, NOON)
    sources.declare(db, Source(name="shop", kind=SourceKind.CUSTOMER_SAID))

    assert (the_source(db).events, the_source(db).kind) == (3, SourceKind.CUSTOMER_SAID)


def test_hearing_of_the_past_does_not_move_last_heard_back(db: Connection) -> None:
    hear(db, {"shop": 1}, NOON)
    hear(db, {"shop": 1}, NOON - timedelta(days=1))

    assert the_source(db).last_heard == NOON


def test_sources_are_declared_in_a_file(db: Connection, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text("shop: {kind: transaction, every: 1 hour}\n")
    found, problems = read_file(tmp_path / "sources.yaml")
    declare(db, found)

    assert problems == []
    assert (the_source(db).kind, the_source(db).promised) == (SourceKind.TRANSACTION, 3600.0)


def test_a_misspelt_kind_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(
        "shop: {kind: transaction}\nbank: {kind: transction, evry: 1 day}\n"
    )
    found, problems = read_file(tmp_path / "sources.yaml")

    assert found == []
    assert {(each.where.line, each.right) for each in problems} == {
        (2, "transaction"),
        (2, "every"),
    }


def test_declaring_the_same_again_wakes_nobody(db: Connection) -> None:
    bank = Source(name="bank", kind=SourceKind.TRANSACTION)
    declare(db, [bank])
    before = reference.changes(db)
    declare(db, [bank])

    assert reference.changes(db) == before
