"""What is said becomes an event, once; what cannot be read waits in the tray."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from terrain.config import read
from terrain.core.identifier import Identifier, Kind
from terrain.flow.take_in import Known, Message, Outcome, Result, door_of, said, take_in
from terrain.store import pending, trays

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TAKEN, SEEN, REFUSED = Outcome.TAKEN, Outcome.SEEN, Outcome.REFUSED


def a_message(**fields: Any) -> Message:
    usual = {"type": "track", "event": "order.placed", "userId": "lea", "messageId": "m-1"}
    return Message(raw=msgspec.json.encode(usual | fields))


def raw(text: bytes) -> Message:
    return Message(raw=text)


def take(db: Connection, *messages: Message) -> list[Result]:
    return take_in(db, messages, "shop", NOON)


def outcomes(results: list[Result]) -> list[Outcome]:
    return [result.outcome for result in results]


def refused_as(db: Connection, message: Message) -> tuple[str, str | None]:
    (result,) = take(db, message)
    assert result.refusal
    (kept,) = trays.waiting(db)
    assert kept.code == result.refusal.code
    assert kept.payload == message.raw[: trays.MOST_BYTES]
    assert pending.count(db) == 0
    return result.refusal.code, result.refusal.field


def test_leas_order_is_one_event_that_waits_to_be_handled(db: Connection) -> None:
    (result,) = take(db, a_message(properties={"total": 12}))

    assert (result.outcome, result.message_id) == (TAKEN, "m-1")
    (waiting,) = pending.first(db, range(256), 10)
    (event,) = pending.take(db, [waiting])
    assert event.node == result.node
    assert msgspec.json.decode(event.payload)["properties"] == {"total": 12}


def test_the_same_message_is_one_event_for_ever(db: Connection) -> None:
    assert outcomes(take(db, a_message(), a_message())) == [TAKEN, SEEN]
    assert outcomes(take(db, a_message())) == [SEEN]
    assert pending.count(db) == 1


def test_a_handled_event_does_not_come_back_when_it_is_said_again(db: Connection) -> None:
    take(db, a_message())
    pending.take(db, pending.first(db, range(256), 10))

    assert outcomes(take(db, a_message())) == [SEEN]
    assert pending.count(db) == 0


def test_a_bad_message_costs_none_of_the_others(db: Connection) -> None:
    results = take(db, a_message(), raw(b"{"), a_message(messageId="m-2"))

    assert outcomes(results) == [TAKEN, REFUSED, TAKEN]
    assert pending.count(db) == 2
    assert len(trays.waiting(db)) == 1


def test_a_message_without_an_id_gets_one_of_ours_and_is_told_it(db: Connection) -> None:
    (first,), (second,) = take(db, a_message(messageId=None)), take(db, a_message(messageId=""))

    assert first.message_id.startswith("made-")
    assert first.message_id != second.message_id


def test_omar_and_lea_may_use_the_same_message_id(db: Connection) -> None:
    assert outcomes(take(db, a_message(), a_message(userId="omar"))) == [TAKEN, TAKEN]


def test_two_events_of_one_millisecond_never_collide(db: Connection) -> None:
    many = [a_message(messageId=f"m-{n}") for n in range(3000)]

    assert set(outcomes(take(db, *many))) == {TAKEN}
    assert pending.count(db) == 3000


def test_ten_thousand_visitors_of_one_message_each_are_borne(db: Connection) -> None:
    many = [
        a_message(userId=None, anonymousId=f"visitor-{n}", messageId=f"m-{n}")
        for n in range(10_000)
    ]

    assert set(outcomes(take(db, *many))) == {TAKEN}


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (b"{", "invalid_json", None),
        (b"", "invalid_json", None),
        (b"nothing", "invalid_json", None),
        (b"[]", "wrong_type", "message"),
        (b'"track"', "wrong_type", "message"),
        (b'{"event":"x","userId":"lea","properties":{"a":NaN}}', "invalid_json", None),
        (b'{"event":"x","userId":"lea","properties":{"a":1e999}}', "invalid_json", None),
        (b'{"event":"x","userId":"l\xe9a"}', "invalid_utf8", None),
        (b'{"event":"x","userId":"lea","properties":{"a":"\\ud800 b"}}', "invalid_json", None),
        (b'{"event":"x\\u0000","userId":"lea"}', "null_character", "event"),
        (b'{"event":"x","userId":"lea","properties":{"a\\u0000":1}}', "null_character", None),
        (b'{"event":"x","properties":{"q":1' + b"0" * 400 + b"}}", "out_of_bounds", "properties.q"),
        (b'{"event":"x","userId":"lea","properties":{"a":"\x00"}}', "invalid_json", None),
        (b'{"event":7,"userId":"lea"}', "wrong_type", "event"),
        (b'{"event":"x","userId":1.5}', "wrong_type", "userId"),
        (b'{"event":"x","userId":["lea"]}', "wrong_type", "userId"),
        (b'{"event":"x","userId":"lea","properties":[1]}', "wrong_type", "properties"),
        (b'{"event":"x","userId":"lea","timestamp":1700000000}', "wrong_type", "timestamp"),
        (b'{"event":"x","userId":"lea","timestamp":"soon"}', "not_a_time", "timestamp"),
        (b'{"event":"x","userId":"lea","timestamp":"0001-01-01T00:00:00Z"}', None, "timestamp"),
        (b'{"event":"x","userId":"lea","timestamp":"9999-12-31T23:59:59Z"}', None, "timestamp"),
        (b'{"event":"x","userId":"lea","sentAt":"yesterday"}', "not_a_time", "sentAt"),
        (b'{"type":"trakc","event":"x","userId":"lea"}', "unknown_call", "type"),
        (b'{"type":"track","userId":"lea"}', "event_without_name", "event"),
        (b'{"event":"  ","userId":"lea"}', "event_without_name", "event"),
        (b'{"event":"x"}', "nobody", "userId"),
        (b'{"event":"x","userId":"null"}', "nobody", "userId"),
        (b'{"event":"x","userId":"lea","messageId":"' + b"m" * 300 + b'"}', "too_long", None),
        (b'{"event":"' + b"x" * 300 + b'","userId":"lea"}', "too_long", "event"),
        (b'{"event":"x","userId":"' + b"l" * 9000 + b'"}', "nobody", "userId"),
        (b'{"event":"x","userId":"lea","context":' + b"[" * 9000 + b"]" * 9000 + b"}", None, None),
        (b'{"properties":{"a":' + b"[" * 100 + b"]" * 100 + b'},"event":"x"}', "too_deep", None),
        (b'{"event":"x","userId":"lea","properties":{"a":"' + b"a" * 40_000 + b'"}}', None, None),
    ],
    ids=lambda value: repr(value)[:50] if isinstance(value, bytes) else "",
)
def test_bad_input_is_refused_with_its_field_and_kept_in_the_tray(
    db: Connection, text: bytes, code: str | None, field: str | None
) -> None:
    found, about = refused_as(db, raw(text))

    assert code in (None, found)
    assert field in (None, about)


def test_a_misspelt_call_is_told_the_right_one(db: Connection) -> None:
    (result,) = take(db, raw(b'{"type":"idntify","userId":"lea"}'))

    assert result.refusal
    assert result.refusal.right == "identify"


def test_unknown_fields_negative_quantities_and_nulls_are_taken_as_they_are(db: Connection) -> None:
    odd = a_message(properties={"quantity": -3, "price": -1e9}, integrations={"x": 1})
    nulls = a_message(messageId="m-2", traits=None, context=None, properties=None)

    assert outcomes(take(db, odd, nulls)) == [TAKEN, TAKEN]


def test_an_event_of_many_items_is_not_deep(db: Connection) -> None:
    items = [{"sku": str(n), "quantity": [n]} for n in range(500)]

    assert outcomes(take(db, a_message(properties={"items": items}))) == [TAKEN]


def test_the_address_says_what_the_message_leaves_out(db: Connection) -> None:
    body = b' {"userId":"lea","traits":{"name":"L\xc3\xa9a"}}'
    (result,) = take(db, Message(raw=body, call="identify"))

    (event,) = pending.take(db, pending.first(db, range(256), 10))
    assert result.outcome is TAKEN
    assert msgspec.json.decode(event.payload)["type"] == "identify"
    assert take(db, Message(raw=b"{}", call="page"))[0].outcome is REFUSED


def test_a_message_that_contradicts_its_address_is_refused(db: Connection) -> None:
    (result,) = take(db, msgspec.structs.replace(a_message(type="page"), call="identify"))

    assert result.refusal
    assert result.refusal.code == "other_call"


def test_the_clock_of_a_phone_is_corrected_and_that_of_an_archive_is_not(db: Connection) -> None:
    hour = timedelta(hours=1)
    at = {"timestamp": (NOON + hour).isoformat(), "sentAt": (NOON + 2 * hour).isoformat()}
    long_ago = {"timestamp": "2010-01-01T00:00:00Z", "sentAt": at["sentAt"], "messageId": "m-2"}
    archived = msgspec.structs.replace(a_message(**long_ago), archive=True)
    take(db, a_message(**at), archived)

    events = pending.take(db, pending.first(db, range(256), 10))
    assert {event.at for event in events} == {NOON - hour, datetime(2010, 1, 1, tzinfo=UTC)}


def test_an_event_stands_under_its_strongest_identifier(db: Connection) -> None:
    (by_id,) = take(db, a_message())
    (by_both,) = take(db, a_message(messageId="m-2", traits={"email": "lea@example.org"}))

    assert by_both.node == by_id.node


def test_what_a_door_knows_is_believed_once_it_was_committed(db: Connection) -> None:
    door = door_of(read())
    lea = Identifier(Kind.USER_ID, "lea")
    (result,) = take_in(db, [a_message()], "shop", NOON, door)

    assert door.known.find([lea]) == {}
    door.known.committed()
    assert door.known.find([lea]) == {lea: result.node}


def test_a_door_that_met_too_many_forgets_the_first() -> None:
    known = Known(most=2)
    people = [Identifier(Kind.USER_ID, name) for name in ("lea", "omar", "ines")]
    for person in people:
        known.note({person: None})  # type: ignore[dict-item]  # where they live does not matter
        known.committed()

    assert list(known.find(people)) == people[1:]


def test_the_house_itself_says_things_in_the_same_words(db: Connection) -> None:
    who = [Identifier(Kind.EMAIL, "lea@example.org"), Identifier(Kind.CARD, "77")]
    message = said("complaint.opened", who, NOON, "c-1", properties={"complaint_id": "9"})
    (result,) = take(db, message)
    (again,) = take(db, a_message(userId=None, traits={"email": "LEA@example.org"}))

    assert result.outcome is TAKEN
    assert again.node == result.node
