"""Where a process stands, what that suggests, and where it is heading."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import permutations
from math import factorial

import pytest

from terrain.core.drift import LUCK, TAIL, critical, heading, slope
from terrain.core.process import Basis, Figure
from terrain.core.quadrant import BringsBack, Corner, Named, Spot, counsel, in_order


def spot(business: float, customer: float, seen: int = 100) -> Spot:
    return Spot(business=business, customer=customer, seen=seen)


@pytest.mark.parametrize(
    ("business", "customer", "corner"),
    [
        (0.4, 80, Corner.KEEP_WITH_CHECKS),
        (-0.1, 90, Corner.HIGH_TOUCH),
        (0.8, 40, Corner.DANGEROUS),
        (-0.4, 50, Corner.IMPROVE_OR_STOP),
        (0.0, 60, Corner.HIGH_TOUCH),  # nothing saved, and just good enough
        (0.01, 59.99, Corner.DANGEROUS),
    ],
)
def test_the_four_corners(business: float, customer: float, corner: Corner) -> None:
    assert spot(business, customer).corner is corner


def test_the_dangerous_corner_is_named_first_and_what_most_suffer_from_before_the_rest() -> None:
    points = [
        Named(name="reminders", spot=spot(0.5, 85)),
        Named(name="form", spot=spot(0.9, 40, seen=50)),
        Named(name="advice", spot=spot(-0.1, 90)),
        Named(name="menu", spot=spot(0.9, 50, seen=5_000)),
        Named(name="shoes", spot=spot(-0.3, 48)),
    ]

    assert [each.name for each in in_order(points)] == [
        *("menu", "form", "shoes", "advice", "reminders")
    ]


def brings(cost: float, worth: float) -> BringsBack:
    def some(what: str, value: float) -> Figure:
        return Figure(what=what, value=value, basis=Basis.DECLARED)

    return BringsBack(
        cost=some("cost", cost),
        repeat_purchases=some("repeat_purchases", 120),
        kept=some("kept", 30),
        recommendations=some("recommendations", 12),
        worth=some("worth", worth),
    )


def test_high_touch_is_not_called_waste_before_it_was_asked_what_it_brings_back() -> None:
    advice = spot(-0.1, 90)

    assert counsel(advice).code == "high_touch_unknown"
    assert counsel(advice, brings(1_000, 4_000)).code == "high_touch_pays"
    assert counsel(advice, brings(4_000, 1_000)).code == "high_touch_costs"


@pytest.mark.parametrize("corner", sorted(set(Corner) - {Corner.HIGH_TOUCH}))
def test_the_other_corners_say_what_they_say(corner: Corner) -> None:
    where = {
        Corner.DANGEROUS: spot(0.5, 20),
        Corner.IMPROVE_OR_STOP: spot(-0.5, 20),
        Corner.KEEP_WITH_CHECKS: spot(0.5, 80),
    }[corner]

    assert counsel(where).code == corner


# -- drift -----------------------------------------------------------------------------------------


def falling(a_month: float, noise: float = 0.0, months: int = TAIL, luck: int = 0) -> list[Spot]:
    draw = random.Random(luck)  # noqa: S311
    return [spot(0.5, 76 - a_month * month + draw.gauss(0, noise)) for month in range(months)]


def test_a_steady_fall_alarms_before_the_corner_is_reached() -> None:
    """From 76, two points a month: at 62 after seven months, it would be at 60 in little more than one."""
    tail = falling(2)
    found = heading(tail)

    assert tail[-1].corner is Corner.KEEP_WITH_CHECKS
    assert found is not None
    assert found.customer.middle == pytest.approx(-2)
    assert found.customer.high < 0
    assert 1 <= found.periods <= 3


def test_a_fall_that_takes_years_does_not_alarm_yet() -> None:
    assert heading(falling(0.5)) is None


def test_one_bad_month_does_not_alarm() -> None:
    tail = [*falling(0)[:-1], spot(0.5, 60.5)]

    assert heading(tail) is None


def test_fewer_than_six_months_prove_nothing() -> None:
    assert heading(falling(3, months=5)) is None
    assert heading([]) is None


def test_six_months_in_one_direction_do() -> None:
    assert heading(falling(2.5, months=6)) is not None


def test_whoever_is_served_just_well_enough_is_not_hurt_yet() -> None:
    """At sixty points to the dot it stands above the cut: that it begins to pay is no alarm."""
    assert heading([spot(-0.5 + 0.06 * month, 60) for month in range(TAIL)]) is None


def test_what_is_in_the_corner_is_no_longer_heading_for_it() -> None:
    assert heading(falling(4)) is None


def test_savings_on_the_back_of_customers_alarm_too() -> None:
    """It serves people badly and does not pay yet; each month it pays a little more."""
    tail = [spot(-0.5 + 0.06 * month, 50) for month in range(TAIL)]

    assert heading(tail) is not None


def test_high_touch_alarms_only_when_it_loses_both() -> None:
    served_worse = [spot(-0.3, 76 - 2 * month) for month in range(TAIL)]
    both = [spot(-0.3 + 0.04 * month, 76 - 2 * month) for month in range(TAIL)]

    assert heading(served_worse) is None
    assert heading(both) is not None


def test_getting_better_never_alarms() -> None:
    assert heading([spot(0.5, 60 + 2 * month) for month in range(TAIL)]) is None


def years(mean: float, noise: float, how_many: int) -> Iterator[bool]:
    """Yield of each year without any movement whether it alarmed in any of its months."""
    draw = random.Random(2026)  # noqa: S311
    for _ in range(how_many):
        months = [spot(0.5, mean + draw.gauss(0, noise)) for _ in range(TAIL + 12)]
        yield any(heading(months[: TAIL + month]) for month in range(13))


def test_noise_near_the_cut_alarms_in_fewer_than_three_years_of_a_hundred() -> None:
    alarmed = [sum(years(mean, noise, 300)) / 300 for mean in (61, 65, 70) for noise in (1, 3, 6)]

    assert max(alarmed) < 0.03


def test_most_falls_in_noise_are_found_before_the_corner() -> None:
    found = 0
    for luck in range(200):
        tail = falling(1.5, noise=1, months=11, luck=luck)
        until = next((n for n in range(6, 11) if tail[n].corner is Corner.DANGEROUS), 11)
        found += any(heading(tail[: n + 1]) for n in range(6, until))

    assert found > 170


@pytest.mark.parametrize("n", [6, 7, 8])
def test_the_critical_surplus_is_that_of_all_orders(n: int) -> None:
    orders = [
        sum((b > a) - (b < a) for i, a in enumerate(order) for b in order[i + 1 :])
        for order in permutations(range(n))
    ]
    beyond = critical(n, LUCK)

    assert sum(each >= beyond for each in orders) <= LUCK * factorial(n)
    assert sum(each >= beyond - 2 for each in orders) > LUCK * factorial(n)


def test_five_values_can_exclude_nothing() -> None:
    found = slope([1, 2, 3, 4, 5])

    assert (found.low, found.high) == (float("-inf"), float("inf"))


def test_one_wild_value_does_not_turn_the_slope() -> None:
    assert slope([1, 2, 3, 4, 5, 6, 7, 800]).middle == pytest.approx(1, abs=0.5)
