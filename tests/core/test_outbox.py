"""What becomes of an act that tried to leave."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from terrain.core.act import Act, ActKind, Lane, Reach
from terrain.core.consent import Channel, Purpose
from terrain.core.identifier import key_of
from terrain.core.outbox import MOST_TRIES, ActState, How, Result, after, pause_after, too_late
from terrain.core.task import TaskKind

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TO_LEA = Act(
    key=key_of(3_503_345_872_043_008),
    act_id=101,
    decision_id=1,
    kind=ActKind.DO,
    name="upgrade_shipping",
    automation="faster-parcel",
    version=1,
    step="upgrade_shipping",
    purpose=Purpose.SERVICE,
    reach=Reach.HOME,
    channel=Channel.WEBHOOK,
    lane=Lane.USUAL,
    due_at=NOON,
)


def test_what_left_has_left() -> None:
    ending = after(TO_LEA, 1, Result(how=How.LEFT), NOON, harmless=False)

    assert (ending.state, ending.left_at, ending.due_at) == (ActState.LEFT, NOON, None)


def test_what_may_have_happened_to_her_parcel_goes_to_a_person() -> None:
    ending = after(TO_LEA, 1, Result(how=How.UNKNOWN), NOON, harmless=False)

    assert (ending.state, ending.task) == (ActState.UNKNOWN, TaskKind.UNKNOWN_OUTCOME)


def test_where_twice_counts_once_it_is_simply_done_again() -> None:
    ending = after(TO_LEA, 1, Result(how=How.UNKNOWN), NOON, harmless=True)

    assert (ending.state, ending.due_at) == (ActState.QUEUED, NOON + timedelta(seconds=30))


def test_what_was_refused_for_good_is_not_tried_again() -> None:
    ending = after(TO_LEA, 1, Result(how=How.REFUSED), NOON, harmless=True)

    assert (ending.state, ending.task) == (ActState.FAILED, TaskKind.REPEATED_FAILURE)


def test_a_wrong_address_is_evidence_and_nobody_s_task() -> None:
    refused = Result(how=How.REFUSED, address_is_wrong=True)

    assert after(TO_LEA, 1, refused, NOON, harmless=True).task is None


def test_after_many_tries_a_person_is_asked() -> None:
    busy = Result(how=How.NOT_YET)

    assert after(TO_LEA, MOST_TRIES - 1, busy, NOON, harmless=True).state is ActState.QUEUED
    assert after(TO_LEA, MOST_TRIES, busy, NOON, harmless=True).state is ActState.FAILED


def test_the_receiver_s_own_wish_to_wait_is_kept() -> None:
    busy = Result(how=How.NOT_YET, again_after=timedelta(hours=1))

    assert after(TO_LEA, 1, busy, NOON, harmless=True).due_at == NOON + timedelta(hours=1)


def test_nothing_is_tried_again_when_it_would_come_too_late() -> None:
    soon_stale = replace(TO_LEA, expires_at=NOON + timedelta(seconds=20))

    ending = after(soon_stale, 1, Result(how=How.NOT_YET), NOON, harmless=True)

    assert ending.state is ActState.FAILED


def test_an_act_that_came_too_late_is_dropped() -> None:
    stale = replace(TO_LEA, expires_at=NOON)

    dropped = too_late(stale, NOON)

    assert dropped is not None
    assert dropped.because == "came_too_late"
    assert too_late(stale, NOON - timedelta(seconds=1)) is None


@pytest.mark.parametrize(("tries", "seconds"), [(1, 30), (2, 120), (3, 480), (9, 21_600)])
def test_each_pause_is_longer_than_the_one_before(tries: int, seconds: int) -> None:
    assert pause_after(TO_LEA, tries) == timedelta(seconds=seconds)
