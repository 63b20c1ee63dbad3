"""What a process is worth, part by part, on both axes."""

from __future__ import annotations

from typing import Any

import pytest

from terrain.core import effort
from terrain.core.act import Reach
from terrain.core.efficiency import bounds_of, for_the_business, for_the_customer, harm
from terrain.core.effort import Effort
from terrain.core.process import (
    APerson,
    Basis,
    CameBack,
    Control,
    Costs,
    Figure,
    Said,
    SeenActs,
    SeenNeeds,
    Served,
    Tried,
)
from terrain.core.signal import Signal
from tests.core.processes import a_process, acts, hurt, needs

# -- for the customer ------------------------------------------------------------------------------


def test_a_need_met_in_no_time_with_a_person_in_reach_earns_everything() -> None:
    perfect = needs(confirmed=100, quiet=0, effort=Effort())

    assert for_the_customer(a_process(), perfect).value == 100


def test_the_parts_of_a_need_are_those_of_the_formula() -> None:
    """40 × .9 + 30 × (1 − 5/20) + 15 + 15."""
    axis = for_the_customer(a_process(), needs())

    assert {part.code: part.earned for part in axis.parts} == pytest.approx(
        {"met": 36, "little_effort": 22.5, "to_a_person": 15, "no_harm": 15}
    )


def test_that_no_person_was_needed_is_no_success() -> None:
    contained = needs(confirmed=10, quiet=10, contained=90, falsely_contained=70)
    honest = needs(confirmed=10, quiet=10)

    for axis in (for_the_customer, for_the_business):
        assert axis(a_process(), contained) == axis(a_process(), honest)


def test_effort_beyond_what_was_promised_earns_nothing_but_takes_nothing_away() -> None:
    part = for_the_customer(a_process(), needs(effort=Effort(waited=9_000))).part("little_effort")

    assert part.earned == 0


def test_every_trouble_costs_its_minutes() -> None:
    each_once = Effort(
        waited=1,
        said_again=1,
        transfers=1,
        contacts_again=1,
        channel_switches=1,
        sign_ins=1,
        fields=1,
        turns_after_a_failure=1,
    )

    assert effort.minutes(each_once) == pytest.approx(1 + 2 + 4 + 8 + 5 + 1 + 0.3 + 1)


def test_the_effort_is_shown_by_trouble() -> None:
    seen = needs(effort=Effort(waited=100, transfers=25))
    part = for_the_customer(a_process(), seen).part("little_effort")

    assert part.figure("minutes").value == 2
    assert part.figure("minutes.transfers").value == 1


def test_who_asked_for_a_person_and_had_none_counts() -> None:
    ignored = needs(person=APerson(offered=100, asked=20, in_time=5))

    assert for_the_customer(a_process(), ignored).part("to_a_person").earned == 15 / 4


def test_the_parts_of_an_act_are_those_of_the_formula() -> None:
    """40 × (.5 − .1) / (2/3), 20, 5 + 5 + 5, 10, and of harm, 10 where 6.1 are allowed: 15 × (1 − 1.64/2)."""
    seen = acts(wrong=10, came_back=hurt(wrong_assumption=10))
    axis = for_the_customer(a_process(), seen)

    assert axis.part("of_use").earned == pytest.approx(24)
    assert axis.part("sure").earned == 20
    assert axis.part("to_a_person").earned == 10
    assert axis.part("no_harm").earned == pytest.approx(15 * (1 - 10 / 6.1 / 2))
    assert len(axis.parts) == 7


def test_useful_acts_beyond_two_in_three_earn_no_more() -> None:
    earned = {
        useful: for_the_customer(a_process(), acts(useful=useful)).part("of_use").earned
        for useful in (66, 67, 100)
    }

    assert earned[66] < 40
    assert earned[67] == earned[100] == 40


def test_more_wrong_than_useful_is_of_no_use_at_all() -> None:
    seen = acts(useful=10, wrong=30, came_back=hurt(wrong_assumption=30))

    assert for_the_customer(a_process(), seen).part("of_use").earned == 0


@pytest.mark.parametrize(
    ("tried", "earned"),
    [
        (Tried(offered=100), 5),
        (Tried(offered=95, used=20, heeded=19), 5),
        (Tried(offered=94), 0),  # it stood in the file, not on the act
        (Tried(offered=100, used=20, heeded=18), 0),  # it was there and did nothing
        (Tried(), 0),
    ],
)
def test_a_control_counts_where_it_was_there_and_heeded(tried: Tried, earned: float) -> None:
    seen = acts(controls={Control.STOP: tried})

    assert for_the_customer(a_process(), seen).part("control.stop").earned == earned


def test_nothing_seen_is_no_division_by_nothing() -> None:
    for seen in (SeenActs(acts=0), SeenNeeds(needs=0)):
        for_the_customer(a_process(), seen)
        for_the_business(a_process(), seen)


# -- harm ------------------------------------------------------------------------------------------


def test_harm_is_all_signals_against_all_bounds() -> None:
    """Bounds .3 + .3 + .5 + 5 = 6.1 %; 61 of 1,000 is exactly all that they allow."""
    bounds = bounds_of(a_process())
    all_of_it = CameBack(signals={Signal.WRONG_ASSUMPTION: 50, Signal.STOP: 5, Signal.SPAM: 6})

    assert harm(all_of_it, 1_000, bounds) == pytest.approx(1)


def test_one_complaint_in_a_small_number_is_no_habit() -> None:
    bounds = bounds_of(a_process())

    assert harm(CameBack(signals={Signal.COMPLAINT: 1}), 100, bounds) < 0.2


def test_a_wide_bound_cannot_hide_a_narrow_one() -> None:
    """Two complaints in a hundred are a third of all that is allowed, and seven times their own bound."""
    bounds = bounds_of(a_process())

    assert harm(CameBack(signals={Signal.COMPLAINT: 200}), 10_000, bounds) > 5


def test_a_looser_bound_earns_no_better_grade() -> None:
    loose, usual = a_process(bounds={"stop": 0.4}), a_process()
    seen = acts(came_back=hurt(stop=10))

    assert for_the_customer(loose, seen) == for_the_customer(usual, seen)
    assert bounds_of(loose)[Signal.STOP].basis is Basis.DEFAULT


def test_a_tighter_bound_is_a_promise_that_is_held_against_it() -> None:
    tight = bounds_of(a_process(bounds={"stop": 0.001}))

    assert tight[Signal.STOP] == Said(value=0.001)


@pytest.mark.parametrize("reach", Reach)
def test_every_harm_has_a_bound_wherever_an_act_reaches(reach: Reach) -> None:
    assert all(0 < bound.value < 1 for bound in bounds_of(a_process(reach=reach)).values())


def test_what_is_made_good_at_once_brings_half_of_the_points_back() -> None:
    def earned(made_good: int) -> float:
        seen = acts(wrong=20, came_back=hurt(made_good, wrong_assumption=20, complaint=20))
        return for_the_customer(a_process(), seen).part("no_harm").earned

    assert (earned(0), earned(10), earned(20)) == (0, 3.75, 7.5)


# -- for the business ------------------------------------------------------------------------------


def test_only_what_was_truly_solved_saves_anything() -> None:
    """Of a hundred, 60 solved at .10 instead of 6: .6 − .1/6."""
    seen = needs(confirmed=60, quiet=0)

    assert for_the_business(a_process(), seen).value == pytest.approx(0.6 - 0.1 / 6)


def test_a_need_that_comes_back_once_has_saved_nothing_and_more_often_costs() -> None:
    once = needs(quiet=40, repeated=10, effort=Effort(contacts_again=10))
    thrice = needs(quiet=40, repeated=10, effort=Effort(contacts_again=30))

    assert for_the_business(a_process(), once).part("again").earned == 0
    assert for_the_business(a_process(), thrice).part("again").earned == pytest.approx(-0.2)


def test_people_cost_what_people_cost() -> None:
    adviser = a_process(served=Served.PEOPLE)

    assert for_the_business(adviser, needs()).value == pytest.approx(0.9 - 1)


def test_what_one_need_costs_may_be_declared() -> None:
    costs = Costs(own=Said(value=3))

    assert for_the_business(a_process(costs=costs), needs()).value == pytest.approx(0.9 - 0.5)


def test_complaints_and_making_good_cost_what_was_declared() -> None:
    costs = Costs(human=Said(value=10), complaint=Said(value=20), make_good=Said(value=5))
    seen = acts(useful=0, came_back=hurt(10, complaint=10))
    axis = for_the_business(a_process(costs=costs), seen)

    assert axis.part("complaints").earned == pytest.approx(-0.2)
    assert axis.part("making_good").earned == pytest.approx(-0.05)


def test_a_cost_that_nobody_knows_is_marked_as_a_default() -> None:
    axis = for_the_business(a_process(costs=Costs(human=Said(value=8))), needs())

    assert axis.part("saved").figure("cost.human") == Figure(
        what="cost.human", value=8, basis=Basis.DECLARED
    )
    assert axis.part("running").figure("cost.own").basis is Basis.DEFAULT


def test_a_promise_of_no_effort_at_all_is_refused() -> None:
    for minutes in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="never be kept"):
            a_process(effort=Said(value=minutes))


def test_a_person_who_costs_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="measured by"):
        Costs(human=Said(value=0))


# -- counts that cannot be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "counted",
    [
        {"useful": 11},
        {"wrong": -1},
        {"sure": 11},
        {"person": APerson(offered=11)},
        {"controls": {Control.STOP: Tried(offered=11)}},
        {"came_back": CameBack(hurt=11)},
        {"came_back": CameBack(signals={"stop": 11})},
    ],
)
def test_more_than_all_acts_is_a_fault_of_whoever_counted(counted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"of 10|-1"):
        SeenActs(acts=10, **counted)


@pytest.mark.parametrize(
    "counted",
    [
        {"confirmed": 6, "quiet": 5},
        {"repeated": 1},  # came back, in no contact
        {"contained": 3, "falsely_contained": 4},
        {"dead_ends": 11},
    ],
)
def test_more_than_all_needs_is_one_too(counted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="of"):
        SeenNeeds(needs=10, **counted)


def test_nobody_is_heeded_more_often_than_they_asked() -> None:
    with pytest.raises(ValueError, match="heeded"):
        Tried(offered=5, used=1, heeded=2)
    with pytest.raises(ValueError, match="in_time"):
        APerson(offered=5, asked=1, in_time=2)
    with pytest.raises(ValueError, match="made_good"):
        CameBack(hurt=1, made_good=2)
