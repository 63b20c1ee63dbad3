"""A canary climbs on evidence only: enough acts, old enough, and nothing that speaks against it."""

from typing import Any

import pytest

from terrain.core.act import Reach
from terrain.core.canary import FAULT_TO_SEE, Outlook, Seen, Step, needed, outlook, slowest
from terrain.core.signal import Signal
from terrain.core.watch import State
from tests.core.test_watch import a_watch


def what(ripe: int, state: State = State.CLEAR, **watch: Any) -> Seen:
    return Seen(watch=a_watch(**watch), ripe=ripe, state=state)


def test_it_waits_for_what_would_show_a_fault_in_nine_of_ten_cases() -> None:
    first, second = (needed(a_watch(), stage) for stage in range(len(FAULT_TO_SEE)))

    assert first == pytest.approx(343, abs=15)
    assert second == pytest.approx(3_310, abs=60)


def test_where_a_wrong_pause_is_cheap_less_is_asked_for() -> None:
    home, inbox = needed(a_watch(reach=Reach.HOME), 0), needed(a_watch(), 0)

    assert home is not None
    assert inbox is not None
    assert home < inbox


def test_it_climbs_when_there_was_enough_to_see_and_nothing_was() -> None:
    assert outlook(0, [what(400)]).step is Step.CLIMB


def test_it_stays_while_there_was_too_little() -> None:
    found = outlook(0, [what(300)])

    assert (found.step, found.has, found.signal) == (Step.STAY, 300, Signal.COMPLAINT)
    assert found.needs == needed(a_watch(), 0)


def test_it_waits_for_the_slowest_of_its_watches() -> None:
    found = outlook(0, [what(400), what(400, share=0.0005), what(400, share=0.2)])

    assert found.step is Step.STAY
    assert found.needs == needed(a_watch(share=0.0005), 0)


@pytest.mark.parametrize("state", [State.AMBER, State.GREY])
def test_it_stays_while_something_speaks_against_it_or_nothing_can_be_heard(state: State) -> None:
    assert outlook(0, [what(9_000), what(9_000, state)]).step is Step.STAY


def test_it_falls_when_one_is_red() -> None:
    assert outlook(1, [what(9_000), what(9_000, State.RED)]) == Outlook(step=Step.FALL)


def test_at_the_top_there_is_nothing_to_climb() -> None:
    assert outlook(2, [what(0)]).step is Step.WHOLE


def test_where_nothing_is_watched_there_is_no_evidence() -> None:
    assert outlook(0, []) == Outlook(step=Step.STAY, needs=None)


def test_where_none_is_allowed_no_number_of_good_acts_is_waited_for() -> None:
    assert needed(a_watch(share=0), 0) == 0
    assert outlook(0, [what(0, share=0)]).step is Step.CLIMB


def test_what_can_never_be_proven_is_left_to_a_person() -> None:
    assert needed(a_watch(share=0.0000001), 1) is None
    assert outlook(1, [what(10**9, share=0.0000001)]) == Outlook(
        step=Step.STAY, needs=None, has=10**9, signal="complaint"
    )


def test_the_slowest_watch_says_how_long_a_stage_takes() -> None:
    quick, slow = a_watch(0.2), a_watch(0.002)

    assert slowest([quick, slow], 0) == needed(slow, 0)
    assert slowest([quick, slow], 1) == needed(slow, 1)
    assert slowest([], 0) is None
