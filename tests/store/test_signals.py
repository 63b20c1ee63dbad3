"""What came back is kept once and counted as often: the rows and the numbers are one."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from terrain.core.identifier import key_of
from terrain.core.signal import Signal
from terrain.store import counters, signals
from terrain.store.counters import EVER, hour_of
from terrain.store.signals import Case, Waiting
from tests.people import NOON

LEA, OMAR = key_of(1), key_of(2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEVER_BEFORE = (NOON + 365 * DAY, 0)


def a_case(act_id: int = 1, **more: Any) -> Case:
    key = more.pop("key", LEA)
    given = {
        "bucket": key.bucket,
        "counted": True,
        "invited": False,
        "version": 1,
        "customer_id": key.customer_id,
        "act_id": act_id,
        "hour": hour_of(NOON),
        "at": NOON + HOUR,
        "learned_at": NOON + HOUR,
        "kind": Signal.COMPLAINT,
        "automation": "reminder",
        "source": "page",
        "message_id": f"m-{act_id}",
    }
    return Case(**{**given, **more})


def a_loose_one(message_id: str = "m-1", **more: Any) -> Waiting:
    given = {
        "bucket": LEA.bucket,
        "customer_id": LEA.customer_id,
        "act_id": 7,
        "decision_id": 0,
        "at": NOON,
        "learned_at": NOON,
        "again_at": NOON + signals.SOONEST,
        "invited": None,
        "kind": Signal.SPAM,
        "source": "mail",
        "message_id": message_id,
    }
    return Waiting(**{**given, **more})


def counted(db: Connection) -> dict[tuple[str, int, str], int]:
    return {each[:3]: each.n for each in counters.sums(db, EVER)}


def test_what_is_new_comes_back_and_nothing_else(db: Connection) -> None:
    first, second = a_case(1), a_case(2)

    assert signals.save(db, [first]) == [first]
    assert signals.save(db, [first, second]) == [second]
    assert signals.save(db, [first, second]) == []
    assert counted(db) == {("reminder", 1, "signal.complaint"): 2}


def test_the_same_act_twice_in_one_batch_is_one(db: Connection) -> None:
    signals.save(db, [a_case(), a_case(message_id="m-2"), a_case(kind=Signal.STOP)])

    assert counted(db) == {
        ("reminder", 1, "signal.complaint"): 1,
        ("reminder", 1, "signal.stop"): 1,
    }


def test_it_counts_at_the_hour_of_the_act(db: Connection) -> None:
    long_ago = hour_of(NOON - 29 * DAY)
    signals.save(db, [a_case(1), a_case(2, hour=long_ago)])

    hours = {each.hour: each.n for each in counters.by_hour(db, EVER, ["signal.complaint"])}
    assert hours == {hour_of(NOON): 1, long_ago: 1}


def test_what_came_too_late_is_kept_and_not_counted(db: Connection) -> None:
    late = a_case(counted=False)

    assert signals.save(db, [late]) == [late]
    assert signals.save(db, [a_case()]) == []
    assert counted(db) == {}


def test_versions_and_automations_are_counted_apart(db: Connection) -> None:
    signals.save(db, [a_case(1), a_case(2, version=2), a_case(3, automation="offer"), a_case(4)])

    assert set(counted(db).values()) == {1, 2}
    assert counted(db)["reminder", 1, "signal.complaint"] == 2


def test_folding_keeps_the_sum_with_what_came_late(db: Connection) -> None:
    signals.save(db, [a_case(1, hour=hour_of(NOON - 20 * DAY))])
    counters.fold(db, range(256), NOON)
    signals.save(db, [a_case(2, hour=hour_of(NOON - 20 * DAY))])
    counters.fold(db, range(256), NOON)

    assert counted(db) == {("reminder", 1, "signal.complaint"): 2}


def test_nothing_to_save_asks_the_database_nothing(db: Connection) -> None:
    assert signals.save(db, []) == []
    signals.keep_loose(db, [])
    signals.put_off(db, [])
    signals.no_longer_loose(db, [])


def test_the_cases_of_one_kind_come_the_latest_first_and_in_pieces(db: Connection) -> None:
    some = [a_case(number, at=NOON + number * HOUR) for number in range(1, 6)]
    signals.save(db, [*some, a_case(9, kind=Signal.STOP), a_case(8, automation="offer")])

    first = signals.latest(db, "reminder", Signal.COMPLAINT, NEVER_BEFORE, 3)
    more = signals.latest(db, "reminder", Signal.COMPLAINT, (first[-1].at, first[-1].act_id), 3)
    assert [case.act_id for case in (*first, *more)] == [5, 4, 3, 2, 1]
    assert first[0] == some[4]


def test_what_came_back_from_one_person_over_all_their_nodes(db: Connection) -> None:
    signals.save(db, [a_case(1), a_case(2, key=OMAR), a_case(3, key=key_of(3))])

    assert {case.act_id for case in signals.of_customer(db, [LEA, OMAR])} == {1, 2}
    assert signals.of_customer(db, [LEA])[0].key == LEA


def test_a_loose_signal_is_kept_once_and_found_when_it_is_time(db: Connection) -> None:
    for _ in range(2):
        signals.keep_loose(db, [a_loose_one(), a_loose_one("m-2", again_at=None)])

    assert signals.waiting(db, [LEA.bucket], NOON, 10) == []
    assert signals.waiting(db, [LEA.bucket], NOON + HOUR, 10) == [a_loose_one()]
    assert signals.waiting(db, [LEA.bucket + 1], NOON + HOUR, 10) == []
    assert db.execute("SELECT count(*) FROM loose_signal").fetchone() == (2,)


def test_a_loose_signal_may_wait_longer_or_be_done_with(db: Connection) -> None:
    signals.keep_loose(db, [a_loose_one("m-1"), a_loose_one("m-2")])
    signals.put_off(db, [a_loose_one("m-1", again_at=NOON + DAY)])
    assert [each.message_id for each in signals.waiting(db, [LEA.bucket], NOON + HOUR, 9)] == [
        "m-2"
    ]

    signals.no_longer_loose(db, [a_loose_one("m-2")])
    assert [each.message_id for each in signals.waiting(db, [LEA.bucket], NOON + DAY, 9)] == ["m-1"]
