"""The outbox: each act leaves once, and what was stopped or paused does not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import Connection

from terrain.core.act import Act, ActKind, Lane, Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.identifier import key_of
from terrain.core.outbox import ActState, Ending
from terrain.store import acts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
LEA, OMAR = key_of(3_503_345_872_043_008), key_of(3_503_345_872_043_009)
ALL = list(range(256))


def an_act(number: int = 1, **changes: Any) -> Act:
    act = Act(
        key=LEA,
        act_id=number,
        decision_id=1,
        kind=ActKind.SEND,
        name="filter-reminder",
        automation="filter-reminder",
        version=1,
        step="send",
        purpose=Purpose.PROSPECTING,
        reach=Reach.INBOX,
        channel=Channel.EMAIL,
        lane=Lane.USUAL,
        due_at=NOON,
        recipient="email",
        content={"template": "filter", "values": {"name": "Léa"}},
    )
    return replace(act, **changes)


def ready(db: Connection, now: datetime = NOON, buckets: Sequence[int] = ALL) -> list[int]:
    return [one.act.act_id for one in acts.ready(db, buckets, Lane.USUAL, now, 10)]


def pause(db: Connection, name: str) -> None:
    db.execute(
        "INSERT INTO automation (name, live_version, changed_at, paused_at) VALUES (%s, 1, %s, %s)",
        [name, NOON, NOON],
    )


def test_an_act_comes_back_as_it_went_in(db: Connection) -> None:
    acts.queue(db, [an_act()], NOON)

    assert acts.ready(db, ALL, Lane.USUAL, NOON, 10) == [
        acts.Standing(an_act(), ActState.QUEUED, 0)
    ]


def test_an_act_queued_twice_is_one(db: Connection) -> None:
    acts.queue(db, [an_act()], NOON)
    acts.queue(db, [an_act(name="other")], NOON)

    assert ready(db) == [1]


def test_only_what_is_due_in_the_buckets_asked_for_is_ready(db: Connection) -> None:
    acts.queue(db, [an_act(1), an_act(2, due_at=LATER), an_act(3, key=OMAR)], NOON)

    assert ready(db, buckets=[LEA.bucket]) == [1]
    assert ready(db, now=LATER, buckets=[LEA.bucket]) == [1, 2]


def test_one_sender_gets_it(db: Connection) -> None:
    acts.queue(db, [an_act()], NOON)

    assert acts.mark_leaving(db, [an_act()], NOON, LATER) == {1: 1}
    assert acts.mark_leaving(db, [an_act()], NOON, LATER) == {}
    assert ready(db) == []


def test_what_was_found_leaving_after_its_lease_is_tried_again(db: Connection) -> None:
    acts.queue(db, [an_act()], NOON)
    acts.mark_leaving(db, [an_act()], NOON, LATER)
    after = LATER + timedelta(seconds=1)

    assert [one.state for one in acts.ready(db, ALL, Lane.USUAL, after, 10)] == [ActState.LEAVING]
    assert acts.mark_leaving(db, [an_act()], after, after + timedelta(minutes=1)) == {1: 2}


def test_a_pause_holds_whatever_had_been_looked_at_before(db: Connection) -> None:
    acts.queue(db, [an_act(1), an_act(2, automation="other")], NOON)
    seen = [one.act for one in acts.ready(db, ALL, Lane.USUAL, NOON, 10)]
    pause(db, "filter-reminder")

    assert acts.mark_leaving(db, seen, NOON, LATER) == {2: 1}


def test_a_stop_holds_whatever_had_been_looked_at_before(db: Connection) -> None:
    acts.queue(db, [an_act(1), an_act(2, key=OMAR)], NOON)
    stopped = acts.stop_queued(db, [LEA], "filter-reminder", "stopped", NOON)

    assert stopped == 1
    assert acts.mark_leaving(db, [an_act(1), an_act(2, key=OMAR)], NOON, LATER) == {2: 1}


@pytest.mark.parametrize(
    "kept",
    [
        {"purpose": Purpose.SAFETY},
        {"purpose": Purpose.LEGAL_OBLIGATION},
        {"purpose": Purpose.SERVICE, "solicited": True},
    ],
)
def test_stop_all_leaves_what_safety_law_or_the_customer_demands(
    db: Connection, kept: dict[str, Any]
) -> None:
    acts.queue(db, [an_act(1), an_act(2, **kept)], NOON)

    assert acts.stop_queued(db, [LEA], "all", "stopped", NOON) == 1
    assert ready(db) == [2]


def test_stop_all_stops_an_offer_even_where_it_was_asked_for(db: Connection) -> None:
    acts.queue(db, [an_act(solicited=True)], NOON)

    assert acts.stop_queued(db, [LEA], "all", "stopped", NOON) == 1


def test_what_was_done_to_whom_is_asked_for_many_at_once(db: Connection) -> None:
    others = {"key": OMAR, "automation": "faster-parcel"}
    acts.queue(db, [an_act(), an_act(2, **others)], NOON)
    asked = [(key, name) for key in (LEA, OMAR) for name in ("filter-reminder", "faster-parcel")]

    assert acts.done_to(db, [*asked, (LEA, "made-up")]) == {asked[0], asked[3]}
    assert acts.done_to(db, []) == set()


def test_an_act_that_left_never_leaves_again(db: Connection) -> None:
    acts.queue(db, [an_act()], NOON)
    acts.mark_leaving(db, [an_act()], NOON, LATER)
    acts.settle(db, [Ending(act=an_act(), state=ActState.LEFT, left_at=NOON)])
    acts.settle(db, [Ending(act=an_act(), state=ActState.QUEUED, due_at=NOON)])

    assert acts.mark_leaving(db, [an_act()], LATER, LATER) == {}
    found = acts.find(db, LEA, 1)
    assert found is not None
    assert (found.state, found.left_at, found.tries) == (ActState.LEFT, NOON, 1)


def test_of_two_senders_at_once_one_gets_it(fresh_database: str) -> None:
    with (
        psycopg.connect(fresh_database) as one,
        psycopg.connect(fresh_database, autocommit=True) as other,
    ):
        acts.queue(other, [an_act()], NOON)
        other.execute("SET lock_timeout = '200ms'")
        assert acts.mark_leaving(one, [an_act()], NOON, LATER) == {1: 1}
        with pytest.raises(psycopg.errors.LockNotAvailable):
            acts.mark_leaving(other, [an_act()], NOON, LATER)
        one.commit()

        assert acts.mark_leaving(other, [an_act()], NOON, LATER) == {}
