"""Intervals read as in the papers they come from, and hold the truth as often as they say."""

import random
from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrain.core.interval import (
    Interval,
    Share,
    amounts,
    at_least,
    at_most,
    of_difference,
    of_means,
    of_share,
    of_sum,
)

# Exact limits of a share at 97.5 % on either side, as printed in every table of them.
CLOPPER_PEARSON = {
    (0, 10): (0.0, 0.3085),
    (1, 10): (0.0025, 0.4450),
    (5, 10): (0.1871, 0.8129),
    (10, 10): (0.6915, 1.0),
    (3, 100): (0.0062, 0.0852),
}
# Newcombe 1998, table II, method 10.
NEWCOMBE = {
    (56, 70, 48, 80): (0.0524, 0.3339),
    (9, 10, 3, 10): (0.1705, 0.8090),
    (6, 7, 2, 7): (0.0582, 0.8062),
    (5, 56, 0, 29): (-0.0381, 0.1926),
    (0, 10, 0, 10): (-0.2775, 0.2775),
    (10, 10, 0, 10): (0.6075, 1.0),
}


@pytest.mark.parametrize("counts", CLOPPER_PEARSON)
def test_a_limit_reads_as_in_the_tables(counts: tuple[int, int]) -> None:
    limits = at_least(Share(*counts), 0.975), at_most(Share(*counts), 0.975)

    assert limits == pytest.approx(CLOPPER_PEARSON[counts], abs=6e-5)


def test_none_in_three_hundred_is_at_most_one_in_a_hundred() -> None:
    assert at_most(Share(0, 300)) == pytest.approx(1 - 0.05 ** (1 / 300))


@pytest.mark.parametrize("p", [0.003, 0.05, 0.4])
def test_the_upper_limit_is_too_low_in_at_most_one_of_twenty(p: float) -> None:
    n = 200
    missed = sum(
        comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if at_most(Share(k, n)) < p
    )

    assert missed <= 0.05


def test_of_a_share_wilson_reads_as_in_the_tables() -> None:
    assert of_share(Share(81, 263)) == pytest.approx((0.2553, 0.3662), abs=6e-5)
    assert of_share(Share(0, 20)) == pytest.approx((0, 0.1611), abs=6e-5)
    assert of_share(Share(20, 20)).high == 1
    assert of_share(Share(0, 0)) == (0, 1)


@pytest.mark.parametrize("counts", NEWCOMBE)
def test_of_a_difference_it_reads_as_newcombe_printed(counts: tuple[int, int, int, int]) -> None:
    a, m, b, n = counts

    assert of_difference(Share(a, m), Share(b, n)) == pytest.approx(NEWCOMBE[counts], abs=6e-5)


def exact_coverage(p: float, q: float, m: int, n: int) -> float:
    def chance(k: int, of: int, share: float) -> float:
        return comb(of, k) * share**k * (1 - share) ** (of - k)

    held = 0.0
    for k in range(m + 1):
        for j in range(n + 1):
            if not of_difference(Share(k, m), Share(j, n)).excludes(p - q):
                held += chance(k, m, p) * chance(j, n, q)
    return held


@pytest.mark.parametrize(("p", "q"), [(0.02, 0.01), (0.2, 0.2), (0.5, 0.3), (0.9, 0.1)])
def test_of_a_difference_it_holds_the_truth_as_often_as_it_says(p: float, q: float) -> None:
    assert exact_coverage(p, q, 60, 45) >= 0.94


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 50), st.integers(1, 50))
def test_turned_round_it_is_the_same(a: int, m: int, b: int, n: int) -> None:
    one, other = Share(min(a, m), m), Share(min(b, n), n)
    there, back = of_difference(one, other), of_difference(other, one)

    assert there == pytest.approx((-back.high, -back.low))
    assert -1 <= there.low <= one.value - other.value <= there.high <= 1


def test_a_sum_of_one_part_is_a_difference() -> None:
    one, other = Share(9, 10), Share(3, 10)

    assert of_sum([(1.0, one, other)]) == of_difference(one, other)
    halves = [(0.5, one, other), (0.5, one, other)]
    assert of_sum(halves).high < of_difference(one, other).high


def test_welch_reads_as_computed_by_hand() -> None:
    one, other = amounts([3, 4, 5, 6, 7] * 20), amounts([2, 2, 3, 3, 4, 4] * 20)
    found = of_means(one, other)

    assert found is not None
    assert found == pytest.approx((1.6826, 2.3174), abs=1e-4)


def test_money_of_too_few_buyers_has_no_interval() -> None:
    lopsided = amounts([0.0] * 990 + [20.0] * 9 + [900.0])

    assert lopsided.carriers < 2
    assert of_means(lopsided, lopsided) is None
    assert of_means(amounts([0.0, 30.0] * 900), lopsided) is None


def test_a_holdout_too_small_for_its_lopsided_money_has_no_interval() -> None:
    many, few = (amounts(([0.0] * 96 + [20, 20, 20, 160]) * n) for n in (400, 20))

    assert few.carriers > 30
    assert of_means(many, few) is None
    assert of_means(many, many) is not None


def test_money_that_nobody_spent_has_no_interval() -> None:
    nothing = amounts([0.0] * 1_000)

    assert of_means(nothing, nothing) is None
    assert amounts([]).mean == amounts([5.0]).variance == amounts([]).third == 0
    assert of_means(amounts([]), amounts([5.0])) is None


def shopping(chance: random.Random, n: int, buys: float) -> list[float]:
    return [chance.lognormvariate(4, 0.8) if chance.random() < buys else 0.0 for _ in range(n)]


@pytest.mark.slow
def test_money_that_is_nothing_for_most_is_held_as_often_as_it_says() -> None:
    chance, held, given_at_all = random.Random(5), 0, 0  # noqa: S311 - the same shops each time
    mean = 0.04 * 2.718281828 ** (4 + 0.32) - 0.03 * 2.718281828 ** (4 + 0.32)
    for _ in range(200):
        one, other = (amounts(shopping(chance, 4_000, buys)) for buys in (0.04, 0.03))
        found = of_means(one, other)
        given_at_all += found is not None
        held += found is not None and not found.excludes(mean)

    assert given_at_all > 180
    assert 0.92 <= held / given_at_all <= 0.98


def test_an_interval_knows_what_is_not_in_it() -> None:
    assert Interval(0.1, 0.2).excludes(0)
    assert not Interval(-inf, 0.2).excludes(0.2)
