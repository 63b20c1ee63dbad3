"""The lives of the benchmark are read as the meter itself reads them, and its daily rule is worked out exactly."""

import math

import pytest

from terrain.core.meter import Bound, Cohort, read

np = pytest.importorskip("numpy", reason="numpy comes with the packages of the benchmarks")
lives = pytest.importorskip("benchmarks.lives")


def test_good_acts_and_bad_ones_count_as_the_meter_counts_them() -> None:
    one = lives.born(0.003, 1_000, 1)
    for good in (3, 0, 40):
        lives._acts(one, np.array([0]), np.array([float(good)]), np.array([True]))

    acts = [0] * 3 + [1] + [1] + [0] * 40 + [1]
    expected = read([Cohort(1, bad) for bad in acts], Bound(p0=0.003, acts_per_year=1_000))
    assert one.ratio[0] == pytest.approx(expected.since_change)
    assert np.log(one.runs[0]) == pytest.approx(expected.since_any)


def test_a_life_that_goes_wrong_is_red_at_once_and_a_good_one_never() -> None:
    rng = np.random.default_rng(1)

    wrong = lives.live(rng, lives.born(0.003, 36_500, 50), 0.9, 1_000, 3.0)
    good = lives.live(rng, lives.born(0.003, 36_500, 50), 1e-7, 36_500)
    assert max(wrong.meter) < 10
    assert max(wrong.cusum) < 10
    assert np.isinf(good.meter).all()


def test_a_cusum_never_falls_below_nothing() -> None:
    one = lives.born(0.2, 1_000, 1)
    lives._acts(one, np.array([0]), np.array([500.0]), np.array([False]))

    assert one.cusum[0] == 0


def test_a_daily_rule_at_a_hundred_a_day_cries_wolf_thirteen_days_a_year() -> None:
    chance, days = lives.DailyRule(0.003, 100).false_alarms()

    assert (chance, days) == pytest.approx((1, 13.4), abs=0.01)
    assert lives.DailyRule(0.003, 1_000).days(0.01) == 1
    assert lives.DailyRule(0.003, 1_000).days(0.006, 0.9) == 14
    assert math.isfinite(lives.DailyRule(0.003, 10_000).days(0.1))
