"""The distributions agree with printed tables, and with counting every way."""

from itertools import combinations
from math import comb

import pytest

from terrain.core.chance import (
    beta_below,
    beta_quantile,
    drawn_as_many,
    normal_quantile,
    student_quantile,
)

STUDENT = {1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 30: 2.042, 120: 1.980, 1e6: 1.960}


@pytest.mark.parametrize("freedom", STUDENT)
def test_student_reads_as_in_the_tables(freedom: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(STUDENT[freedom], abs=6e-4)
    assert student_quantile(0.025, freedom) == -student_quantile(0.975, freedom)


def test_the_middle_of_student_is_nought() -> None:
    assert student_quantile(0.5, 7) == pytest.approx(0, abs=1e-7)


def test_the_normal_reads_as_in_the_tables() -> None:
    assert normal_quantile(0.975) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(("a", "b"), [(1, 9), (3, 4), (12, 790), (40, 2)])
def test_the_beta_is_the_chance_of_so_many_among_so_many(a: int, b: int) -> None:
    n = a + b - 1
    for x in (0.001, 0.02, 0.3, 0.5, 0.97):
        tail = sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
        assert beta_below(x, a, b) == pytest.approx(tail, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1, 1), (2.5, 700), (1e5, 3e6), (30, 0.5)])
@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 0.95, 0.999])
def test_a_quantile_is_where_so_much_lies_below(a: float, b: float, share: float) -> None:
    assert beta_below(beta_quantile(share, a, b), a, b) == pytest.approx(share, rel=1e-7)


def test_nothing_lies_outside_nought_and_one() -> None:
    assert [beta_below(x, 2, 3) for x in (-1, 0, 1, 2)] == [0, 0, 1, 1]


@pytest.mark.parametrize("found", range(4))
def test_luck_is_counted_over_every_way_to_draw(found: int) -> None:
    marked, drawn, of = 4, 3, 9
    ways = [sum(each < marked for each in hand) for hand in combinations(range(of), drawn)]
    mid_p = (sum(n > found for n in ways) + sum(n == found for n in ways) / 2) / len(ways)

    assert drawn_as_many(found, drawn, marked, of) == pytest.approx(mid_p)


def test_fewer_than_there_must_be_is_certain() -> None:
    assert drawn_as_many(0, 8, 4, 9) == 1


def test_large_numbers_stay_exact() -> None:
    assert drawn_as_many(3_000, 6_000, 500_000, 1_000_000) == pytest.approx(0.5, abs=1e-3)
    assert 0 < drawn_as_many(3_200, 6_000, 500_000, 1_000_000) < 2e-7
