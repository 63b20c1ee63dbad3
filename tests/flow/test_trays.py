"""What people do about what could not be handled."""

from datetime import UTC, datetime

import msgspec
import pytest
from psycopg import Connection

from terrain.errors import Refusal
from terrain.flow import trays
from terrain.flow.setbacks import Pointer
from terrain.flow.take_in import Message, take_in
from terrain.flow.wire import ReportElsewhere
from terrain.store import pending
from terrain.store import trays as kept_trays
from terrain.store.trays import Kept, Misfit

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = b'{"event":"order.placed","userId":"lea","messageId":"m-1"}'


def in_tray(db: Connection, kind: str, payload: bytes, code: str = "bug") -> Kept:
    kept_trays.put(db, [Misfit(kind, "shop", code, {"code": code}, payload)], NOON)
    return max(kept_trays.waiting(db), key=lambda kept: kept.kind == kind)


def test_a_message_that_is_good_now_is_taken_and_its_line_closed(db: Connection) -> None:
    trays.retry(db, in_tray(db, "event", ORDER), "Inès", NOON)

    assert pending.count(db) == 1
    assert kept_trays.waiting(db) == []


def test_a_message_that_is_still_bad_stays_where_it_is(db: Connection) -> None:
    kept = in_tray(db, "event", b"{")

    with pytest.raises(Refusal, match="invalid_json"):
        trays.retry(db, kept, "Inès", NOON)
    assert kept_trays.waiting(db) == [kept]


def test_a_report_that_a_page_may_not_make_is_not_let_in_by_trying_it_again(db: Connection) -> None:
    report = b'{"type": "track", "event": "signal.reported", "userId": "lea"}'
    take_in(db, [Message(raw=report)], "site", NOON)
    (kept,) = kept_trays.waiting(db)

    with pytest.raises(ReportElsewhere):
        trays.retry(db, kept, "Inès", NOON)
    assert kept_trays.waiting(db) == [kept]


def test_an_event_that_met_a_bug_waits_to_be_handled_again(db: Connection) -> None:
    (taken,) = take_in(db, [Message(raw=ORDER)], "shop", NOON)
    (event,) = pending.take(db, pending.first(db, range(256), 10))
    assert taken.node
    pointer = Pointer(taken.node.bucket, taken.node.customer_id, event.event_id, "m-1")
    trays.retry(db, in_tray(db, "bug", msgspec.json.encode(pointer)), "Inès", NOON)

    assert [one.event_id for one in pending.first(db, range(256), 10)] == [event.event_id]


def test_what_only_a_person_can_put_right_is_not_tried_again(db: Connection) -> None:
    with pytest.raises(trays.CannotBeRetried):
        trays.retry(db, in_tray(db, "act", b""), "Inès", NOON)


def test_every_line_says_why_in_both_languages(db: Connection) -> None:
    take_in(db, [Message(raw=b"{}")], "shop", NOON)
    in_tray(db, "bug", b"{}")
    said = {kept.code: kept for kept in kept_trays.waiting(db)}

    assert trays.sentence(said["event_without_name"], "en").startswith("event is missing")
    assert trays.sentence(said["event_without_name"], "fr").startswith("event manque")
    assert "bug" in trays.sentence(said["bug"], "en")


def test_a_full_tray_says_how_much_more_there_was(db: Connection) -> None:
    flood = [Misfit("event", "shop", "x", {}, b"")] * (kept_trays.MOST_OPEN + 7)
    kept_trays.put(db, flood, NOON)
    (overflow,) = kept_trays.waiting(db, kind="overflow")

    assert trays.sentence(overflow, "fr").startswith("7 autres de shop")


def test_a_number_that_is_in_no_tray_is_refused(db: Connection) -> None:
    with pytest.raises(trays.NoSuchLine):
        trays.find(db, 7)
