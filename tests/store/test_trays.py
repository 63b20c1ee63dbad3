"""The tray of what could not be handled."""

from datetime import UTC, datetime

from psycopg import Connection

from terrain.store import trays
from terrain.store.trays import Misfit

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_misfit(source: str = "shop", payload: bytes = b"{}") -> Misfit:
    return Misfit("event", source, "invalid_json", {"code": "invalid_json"}, payload)


def test_what_could_not_be_read_waits_with_its_reason(db: Connection) -> None:
    trays.put(db, [a_misfit(payload=b"\xff\x00 not json")], NOON)

    (kept,) = trays.waiting(db)
    assert (kept.code, kept.source, kept.payload) == ("invalid_json", "shop", b"\xff\x00 not json")
    assert trays.count(db) == {"event": 1}


def test_a_flood_is_kept_up_to_a_limit_and_counted_from_there(db: Connection) -> None:
    trays.put(db, [a_misfit()] * (trays.MOST_OPEN - 1), NOON)
    trays.put(db, [a_misfit()] * 3, NOON)
    trays.put(db, [a_misfit()] * 5, NOON)

    (overflow,) = trays.waiting(db, kind="overflow")
    assert overflow.reason == {"code": "tray_full", "not_kept": 7}
    assert trays.count(db)["event"] == trays.MOST_OPEN


def test_what_is_ours_to_put_right_is_always_kept(db: Connection) -> None:
    bug = a_misfit()._replace(kind="bug")
    trays.put(db, [bug] * (trays.MOST_OPEN + 10), NOON)

    assert trays.count(db) == {"bug": trays.MOST_OPEN + 10}


def test_one_source_that_floods_leaves_room_for_the_others(db: Connection) -> None:
    trays.put(db, [a_misfit()] * (trays.MOST_OPEN + 10), NOON)
    trays.put(db, [a_misfit("bank")], NOON)

    assert [kept.source for kept in trays.waiting(db, most=2000)].count("bank") == 1


def test_the_first_who_looked_after_it_is_remembered(db: Connection) -> None:
    trays.put(db, [a_misfit()], NOON)
    (kept,) = trays.waiting(db)

    assert trays.close(db, [kept.tray_id], "Inès", NOON) == 1
    assert trays.close(db, [kept.tray_id], "Camille", NOON) == 0
    found = trays.find(db, kept.tray_id)
    assert found
    assert found.closed_by == "Inès"
    assert trays.waiting(db) == []


def test_an_oversized_body_is_kept_in_part(db: Connection) -> None:
    trays.put(db, [a_misfit(payload=b"x" * 500_000)], NOON)

    assert len(trays.waiting(db)[0].payload) == trays.MOST_BYTES
