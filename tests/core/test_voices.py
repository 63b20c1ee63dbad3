"""A better average is taken apart before anybody is proud of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrain.core.voices import Answers, Voice, moved


def said(group: str, count: int, mean: float, voice: Voice = Voice.INVITED) -> Answers:
    return Answers(voice=voice, group=group, count=count, total=count * mean)


def test_asking_happier_people_is_named() -> None:
    """Nobody answers any better; only more of those who were served are asked."""
    before = [said("served", 50, 4.5), said("given up", 50, 2)]
    after = [said("served", 90, 4.5), said("given up", 10, 2)]
    change = moved(before, after)[Voice.INVITED]

    assert change.change == pytest.approx(1.0)
    assert (change.who, change.what) == pytest.approx((1.0, 0.0))
    assert change.flatters


def test_serving_people_better_is_no_flattery() -> None:
    before = [said("served", 50, 4), said("given up", 50, 2)]
    after = [said("served", 50, 4.5), said("given up", 50, 3)]
    change = moved(before, after)[Voice.INVITED]

    assert (change.who, change.what) == pytest.approx((0, 0.75))
    assert not change.flatters


def test_a_worse_average_is_no_flattery_either() -> None:
    change = moved([said("a", 9, 4), said("b", 1, 2)], [said("a", 1, 4), said("b", 9, 2)])

    assert change[Voice.INVITED].change < 0
    assert not change[Voice.INVITED].flatters


def test_invited_and_spontaneous_are_never_mixed() -> None:
    before = [said("all", 100, 4), said("all", 10, 1.5, Voice.SPONTANEOUS)]
    after = [said("all", 100, 4), said("all", 40, 1.5, Voice.SPONTANEOUS)]
    found = moved(before, after)

    assert found[Voice.INVITED].change == 0
    assert found[Voice.SPONTANEOUS].change == 0


def test_who_was_silent_before_has_no_change() -> None:
    assert moved([], [said("all", 10, 4)]) == {}
    assert moved([said("all", 0, 0)], [said("all", 10, 4)]) == {}


def test_a_group_that_is_new_is_a_matter_of_who_answered() -> None:
    change = moved([said("old", 50, 3)], [said("old", 50, 3), said("new", 50, 5)])[Voice.INVITED]

    assert (change.who, change.what) == pytest.approx((1, 0))
    assert change.flatters


def test_the_same_group_said_twice_is_one_group() -> None:
    change = moved([said("a", 5, 3), said("a", 5, 5)], [said("a", 10, 4)])[Voice.INVITED]

    assert len(change.shifts) == 1
    assert change.change == pytest.approx(0)


groups = st.lists(
    st.builds(said, st.sampled_from("abcd"), st.integers(1, 500), st.floats(1, 5)), min_size=1
)


@given(groups, groups)
def test_the_two_halves_are_the_whole_change(before: list[Answers], after: list[Answers]) -> None:
    change = moved(before, after)[Voice.INVITED]

    assert change.who + change.what == pytest.approx(change.change, abs=1e-9)
    assert 1 <= change.before <= 5
