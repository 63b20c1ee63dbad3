"""The letter, what it may not exceed, why it is no better, and what would have earned the next."""

from __future__ import annotations

from time import perf_counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.core.act import Benefit
from terrain.core.efficiency import for_the_customer
from terrain.core.effort import Effort
from terrain.core.grade import CUTS, LETTERS, Grade, Letter, by_points, graded
from terrain.core.nearest import _levelled, towards
from terrain.core.process import (
    HARMS,
    APerson,
    CameBack,
    Control,
    Light,
    Process,
    SeenActs,
    SeenNeeds,
    Served,
    Tried,
)
from terrain.core.signal import Signal
from tests.core.processes import EVERYWHERE, a_process, acts, hurt, needs

RED = CameBack(signals={"complaint": 20}, hurt=20, light=Light.RED)


@pytest.mark.parametrize(
    ("points", "letter"),
    [
        *((100, "A"), (85, "A"), (84.99, "A-"), (80, "A-"), (79.99, "B"), (70, "B"), (69.9, "B-")),
        *((65, "B-"), (64.9, "C"), (60, "C"), (59.9, "D"), (45, "D"), (44.9, "E"), (30, "E")),
        *((29.9, "F"), (0, "F"), (-5, "F"), (84.9999999999, "A")),
    ],
)
def test_each_letter_begins_at_its_cut(points: float, letter: str) -> None:
    assert by_points(points) == letter


def test_fewer_than_fifty_are_no_letter() -> None:
    few = acts(
        acts=49, useful=49, sure=49, controls={}, person=APerson(offered=49), came_back=CameBack()
    )

    assert graded(a_process(), few).letter is None
    assert graded(a_process(), needs(needs=50, confirmed=0, person=APerson())).letter is not None


def test_a_few_that_were_seen_are_still_counted_and_shown() -> None:
    few = SeenActs(acts=10, useful=8, sure=10)

    assert graded(a_process(), few).points == for_the_customer(a_process(), few).value


# -- caps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"lawful": False}, "unlawful"),
        ({"owner": " "}, "no_owner"),
        ({"benefit": Benefit.NONE}, "no_benefit"),
    ],
)
def test_what_no_points_make_up_for(said: dict[str, object], code: str) -> None:
    grade = graded(a_process(**said), acts(useful=90))

    assert (grade.letter, grade.reasons[0].code) == (Letter.F, code)
    assert grade.points > 85


def test_the_only_way_that_fails_is_no_way() -> None:
    form = a_process(served=Served.SELF_SERVICE, only_way=True)
    one_in_five = needs(confirmed=0, quiet=80, dead_ends=20)
    grade = graded(form, one_in_five)

    assert grade.letter is Letter.F
    assert grade.reasons[0].code == "only_way"
    assert grade.reasons[0].values == {"dead_ends": 20, "of": 100, "most": 0.02}
    assert grade.business.value > 0  # good for the business all the same


def test_with_another_way_beside_it_the_same_form_is_graded_by_its_points() -> None:
    form = a_process(served=Served.SELF_SERVICE)

    assert graded(form, needs(confirmed=0, quiet=80, dead_ends=20)).letter is Letter.A_MINUS


def test_two_dead_ends_in_a_hundred_are_still_a_way() -> None:
    form = a_process(served=Served.SELF_SERVICE, only_way=True)

    assert graded(form, needs(dead_ends=2)).caps == ()
    assert graded(form, needs(dead_ends=3)).letter is Letter.F


def test_past_its_bounds_and_made_good_is_a_d_at_most() -> None:
    made_good = msgspec.structs.replace(RED, made_good=20)
    grade = graded(a_process(), acts(useful=80, came_back=made_good))

    assert grade.points > 80
    assert grade.letter is Letter.D


def test_past_its_bounds_and_left_standing_is_an_f() -> None:
    grade = graded(a_process(), acts(useful=80, came_back=RED))

    assert grade.letter is Letter.F
    assert [cap.code for cap in grade.caps] == ["left_standing", "meter_red"]


def test_amber_and_grey_cap_nothing() -> None:
    for light in (Light.AMBER, Light.GREY):
        assert graded(a_process(), acts(came_back=CameBack(light=light))).caps == ()


# -- reasons ---------------------------------------------------------------------------------------


def test_the_two_parts_that_lost_most_are_the_reasons() -> None:
    seen = acts(useful=40, sure=70, controls={**EVERYWHERE, Control.DECIDE_WHEN: Tried()})
    reasons = graded(a_process(), seen).reasons

    assert [reason.code for reason in reasons] == ["of_use", "sure"]
    assert [reason.cost for reason in reasons] == pytest.approx([16, 6])
    assert reasons[0].values["useful"] == 40
    assert reasons[0].values["useful_of"] == 100


def test_a_perfect_process_needs_no_reasons_and_has_no_next_letter() -> None:
    grade = graded(a_process(), acts(useful=100))

    assert (grade.letter, grade.reasons, grade.next) == (Letter.A, (), None)


def test_of_two_caps_only_the_one_that_made_the_letter_is_a_reason() -> None:
    reasons = graded(a_process(), acts(useful=80, came_back=RED)).reasons

    assert [reason.code for reason in reasons] == ["left_standing", "no_harm"]


def test_a_cap_that_takes_nothing_is_no_reason() -> None:
    """At 20 points it would be an F without any cap."""
    seen = acts(useful=0, sure=0, controls={}, person=APerson(), came_back=RED)
    grade = graded(a_process(), seen)

    assert grade.letter is Letter.F
    assert "meter_red" not in {reason.code for reason in grade.reasons}


# -- the next letter -------------------------------------------------------------------------------


def test_one_control_is_a_smaller_change_than_many_useful_acts() -> None:
    seen = acts(useful=45, controls={**EVERYWHERE, Control.DECIDE_WHEN: Tried()})
    following = graded(a_process(), seen).next

    assert following is not None
    assert following.letter is Letter.A
    assert [change.code for change in following.changes] == ["control.decide_when"]


def test_a_cap_is_lifted_before_points_are_counted() -> None:
    following = graded(a_process(owner=""), acts(useful=80)).next

    assert following is not None
    assert [change.code for change in following.changes] == ["lift.no_owner"]


def test_lifting_a_cap_leads_to_the_letter_that_the_others_leave() -> None:
    following = graded(a_process(), acts(useful=80, came_back=RED)).next

    assert following is not None
    assert following.letter is Letter.D
    assert [change.code for change in following.changes] == ["lift.left_standing"]


def test_where_nothing_alone_is_enough_several_things_are() -> None:
    bad = acts(useful=10, sure=0, controls={}, person=APerson())
    changes = towards(100, a_process(), bad)

    assert len(changes) > 3


@given(
    st.lists(st.integers(0, 40), min_size=4, max_size=4),
    st.integers(0, 200),
)
def test_harm_is_taken_off_where_it_stands_highest(counts: list[int], fewer: int) -> None:
    bounds = dict(zip(HARMS, (0.003, 0.003, 0.005, 0.05), strict=True))
    before = dict(zip(HARMS, counts, strict=True))
    left = _levelled(before, bounds, fewer)

    assert sum(left.values()) == max(0, sum(counts) - fewer)
    assert all(0 <= left[name] <= before[name] for name in HARMS)
    taken = [left[name] / bounds[name] for name in HARMS if left[name] < before[name]]
    highest = max((left[name] / bounds[name] for name in HARMS), default=0)
    # What was taken from stands as high as the highest, but for the one that a whole number leaves out.
    assert all(highest <= level + 1 / 0.003 + 1e-6 for level in taken)


def test_a_million_acts_are_graded_at_once() -> None:
    many = SeenActs(
        acts=1_000_000,
        useful=300_000,
        sure=1_000_000,
        wrong=200_000,
        came_back=CameBack(
            signals={Signal.WRONG_ASSUMPTION: 200_000, Signal.COMPLAINT: 90_000}, hurt=250_000
        ),
    )
    began = perf_counter()
    graded(a_process(), many)

    assert perf_counter() - began < 2


def test_what_is_there_already_needs_no_change() -> None:
    assert towards(50, a_process(), acts()) == ()


@st.composite
def seen_acts(draw: st.DrawFn) -> SeenActs:
    n = draw(st.integers(50, 400))
    some = st.integers(0, n)
    wrong, complaints = draw(some), draw(some)
    back = max(wrong, complaints)
    return SeenActs(
        acts=n,
        useful=draw(some),
        wrong=wrong,
        sure=draw(some),
        controls={control: Tried(offered=draw(some)) for control in Control},
        person=APerson(offered=draw(some)),
        came_back=CameBack(
            signals={"wrong_assumption": wrong, "complaint": complaints},
            hurt=back,
            made_good=draw(st.integers(0, back)),
        ),
    )


@st.composite
def seen_needs(draw: st.DrawFn) -> SeenNeeds:
    n = draw(st.integers(50, 400))
    met, asked = draw(st.integers(0, n)), draw(st.integers(0, n))
    return SeenNeeds(
        needs=n,
        quiet=met,
        effort=Effort(waited=draw(st.floats(0, 40)) * n),
        person=APerson(offered=n, asked=asked, in_time=draw(st.integers(0, asked))),
        came_back=hurt(complaint=draw(st.integers(0, n))),
    )


@settings(max_examples=60, deadline=None)
@given(seen_acts() | seen_needs())
def test_the_next_letter_can_be_earned_from_anywhere(seen: SeenActs | SeenNeeds) -> None:
    grade = graded(a_process(), seen)

    assert 0 <= grade.points <= 100
    assert grade.letter is not None
    if grade.letter is not Letter.A:
        assert grade.next is not None
        assert grade.next.changes
        assert all(1 <= change.cases <= change.of for change in grade.next.changes)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 99), st.integers(0, 100))
def test_so_many_useful_acts_more_earn_it_and_one_fewer_do_not(useful: int, sure: int) -> None:
    seen = acts(useful=useful, sure=sure)
    grade = graded(a_process(), seen)
    changes = grade.next.changes if grade.next else ()
    if len(changes) == 1 and changes[0].code == "of_use":
        enough = acts(useful=useful + changes[0].cases, sure=sure)
        short = acts(useful=useful + changes[0].cases - 1, sure=sure)

        assert letter_of(a_process(), enough) is grade.next.letter  # type: ignore[union-attr]
        assert letter_of(a_process(), short) is grade.letter


def letter_of(process: Process, seen: SeenActs) -> Letter | None:
    grade: Grade = graded(process, seen)
    return grade.letter


def test_the_letters_go_down_as_the_cuts_do() -> None:
    assert list(CUTS.values()) == sorted(CUTS.values(), reverse=True)
    assert [by_points(cut) for cut in CUTS.values()] == list(LETTERS)
