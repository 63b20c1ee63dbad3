"""The stories are the test of the formula: the same one grades the filter, the shoes and the form."""

from datetime import date
from functools import cache

import pytest

from terrain.core.grade import Letter
from terrain.core.process import Control, Light
from terrain.core.quadrant import Corner, Spot
from terrain.demo import shop
from terrain.demo.grading import Graded, Grades, grades
from terrain.demo.world import SEED

OPENED = date(2025, 1, 6)


@cache
def demo(seed: str = SEED) -> Grades:
    return grades(shop.house(), OPENED, seed)


def letters(found: Grades) -> tuple[Letter | None, ...]:
    return (
        found.filter_without_moving.grade.letter,
        found.filter.grade.letter,
        found.naive_shoes.grade.letter,
        found.naive_shoes_unpaid.grade.letter,
        found.only_way.letter,
    )


AS_TOLD = (Letter.A_MINUS, Letter.A, Letter.D, Letter.F, Letter.F)


def test_the_letters_are_those_of_the_stories() -> None:
    assert letters(demo()) == AS_TOLD


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["autumn", "winter"])
def test_with_other_people_the_letters_hold(seed: str) -> None:
    assert letters(demo(seed)) == AS_TOLD


def test_the_date_that_cannot_be_moved_is_what_the_filter_lacks_for_an_a() -> None:
    following = demo().filter_without_moving.grade.next

    assert following is not None
    assert following.letter is Letter.A
    assert [change.code for change in following.changes] == ["control.decide_when"]


def test_moving_the_date_also_makes_the_reminders_better() -> None:
    """Not only five points for the control: fewer come too soon."""
    assert useful(demo().filter) > useful(demo().filter_without_moving)


def test_the_naive_shoes_are_a_d_on_points_too() -> None:
    """The cap of a red meter says the same, but it is not what makes it a D."""
    naive = demo().naive_shoes

    assert naive.seen.came_back.light is Light.RED
    assert 45 <= naive.grade.points < 60
    assert naive.seen.came_back.made_good == naive.seen.came_back.hurt > 30


def test_nobody_was_asked_and_nobody_could_do_anything_about_it() -> None:
    naive = demo().naive_shoes

    assert naive.seen.sure == 0
    assert all(naive.seen.controls[control].offered == 0 for control in Control)
    assert {reason.code for reason in naive.grade.reasons} <= {"sure", "meter_red", "no_harm"}


def test_asking_first_is_worth_two_letters() -> None:
    assert demo().shoes.grade.points > demo().naive_shoes.grade.points + 20
    assert demo().shoes.seen.came_back.light is not Light.RED


def test_whoever_stopped_or_moved_a_date_was_heeded() -> None:
    for control in Control:
        tried = demo().filter.seen.controls[control]
        assert tried.heeded == tried.used


def test_enough_was_seen_for_every_letter() -> None:
    found = demo()

    assert min(each.seen.acts for each in (found.filter, found.naive_shoes)) > 300
    assert found.only_way.seen > 100


def test_the_form_pays_and_fails_people() -> None:
    form = demo().only_way
    spot = Spot(business=form.business.value, customer=form.customer.value, seen=form.seen)

    assert spot.corner is Corner.DANGEROUS
    assert form.reasons[0].code == "only_way"


def useful(found: Graded) -> float:
    return found.seen.useful / found.seen.acts
