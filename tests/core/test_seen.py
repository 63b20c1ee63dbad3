"""What is counted of acts: each matter once, each harm once, and only what was really done about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from terrain.core.act import ActKind
from terrain.core.automation import Offer
from terrain.core.process import Control, Light, SeenActs, SeenNeeds, Served, Tried
from terrain.core.seen import Deed, Matter, Use, added, controls_on, count, light_of, seen
from terrain.core.signal import Signal
from tests.core.processes import a_process

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LETTER = Deed(at=NOON, kind=ActKind.SEND, offers=frozenset({Offer.A_PERSON, Offer.MOVE_THE_DATE}))
CHANGE = Deed(at=NOON, kind=ActKind.DO)


def a_matter(*deeds: Deed, **said: Any) -> Matter:
    return Matter(deeds=deeds or (LETTER,), **said)


def test_an_act_and_the_question_before_it_are_one() -> None:
    asked = Deed(at=NOON, kind=ActKind.ASK)

    assert count([a_matter(asked, CHANGE)])["acts"] == 1


def test_taken_up_and_helped_are_useful_once() -> None:
    heard = {Signal.TAKEN_UP: NOON, Signal.HELPED: NOON + HOUR}

    assert count([a_matter(heard=heard)])["useful"] == 1


def test_who_complains_and_stops_is_hurt_once() -> None:
    counts = count([a_matter(heard={Signal.COMPLAINT: NOON, Signal.STOP: NOON})])

    assert counts["hurt"] == 1
    assert counts["signal.complaint"] == counts["signal.stop"] == 1


def test_a_signal_that_is_no_harm_hurts_nobody() -> None:
    assert count([a_matter(heard={Signal.SAME_NEED: NOON})])["hurt"] == 0


@pytest.mark.parametrize(
    ("after", "is_made_good"), [(-DAY, True), (48 * HOUR, True), (49 * HOUR, False)]
)
def test_made_good_within_two_days_counts(after: timedelta, *, is_made_good: bool) -> None:
    heard = {Signal.COMPLAINT: NOON, Signal.MAKE_GOOD: NOON + after}

    assert count([a_matter(heard=heard)])["made_good"] == is_made_good


def test_money_without_harm_makes_nothing_good() -> None:
    assert count([a_matter(heard={Signal.MAKE_GOOD: NOON})])["made_good"] == 0


def test_a_change_without_a_letter_leaves_her_nothing_to_do() -> None:
    assert controls_on([CHANGE]) == set()


def test_a_letter_can_always_be_stopped_and_put_right() -> None:
    assert controls_on([Deed(at=NOON, kind=ActKind.SEND)]) == {Control.STOP, Control.CORRECT}


def test_a_question_lets_her_decide_when() -> None:
    assert Control.DECIDE_WHEN in controls_on([Deed(at=NOON, kind=ActKind.ASK)])


def test_a_stop_that_was_not_heeded_is_counted_as_used() -> None:
    counts = count([a_matter(uses=(Use(Control.STOP, is_heeded=False),))])

    assert (counts["stop.used"], counts["stop.heeded"]) == (1, 0)


def test_counts_become_what_the_grade_reads() -> None:
    counts = count([a_matter(is_sure=True, heard={Signal.HELPED: NOON}), a_matter(CHANGE)])
    found = seen(a_process(), counts)

    assert isinstance(found, SeenActs)
    assert (found.acts, found.useful, found.sure, found.person.offered) == (2, 1, 1, 1)
    assert found.controls[Control.DECIDE_WHEN] == Tried(offered=1)


def test_what_people_serve_is_read_as_needs() -> None:
    counts = {"needs": 3, "confirmed": 1, "quiet": 1, "effort.waited": 4.5, "effort.fields": 6}
    found = seen(a_process(served=Served.PEOPLE), counts)

    assert isinstance(found, SeenNeeds)
    assert (found.resolved, found.effort.waited, found.effort.fields) == (2, 4.5, 6)


def test_two_months_are_their_sum() -> None:
    assert added([{"acts": 2, "useful": 1}, {"acts": 3}]) == {"acts": 5, "useful": 1}


def test_nothing_counted_is_grey_and_not_green() -> None:
    assert light_of(a_process(), [{}, {"acts": 0}], 0) is Light.GREY


def test_far_beyond_the_bound_is_red() -> None:
    months = [{"acts": 100, "signal.complaint": 20}] * 3

    assert light_of(a_process(), months, 1200) is Light.RED
    assert light_of(a_process(), [{"acts": 100}] * 3, 1200) is Light.GREEN
