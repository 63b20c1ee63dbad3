"""Story 8: the bound is 0.2 %, a change makes complaints rise to 1 %, and a thousand people are written to a day.

What happens then in a shop of flesh and blood, with people told and acts held, is in tests/demo/test_drift.py.
"""

from random import Random

import pytest

from terrain.core import meter
from terrain.core.meter import RED, Bound, Cohort, Evidence

BOUND = Bound(p0=0.002, acts_per_year=365_000)
HEALTHY, CHANGED = 0.001, 0.01
HALF_A_YEAR, LIVES = 182_500, 105
AT_ONCE = 10  # people written to before somebody looks again


def lives() -> list[Random]:
    return [Random(life) for life in range(LIVES)]  # noqa: S311 - dice, not secrets


def written_to(how_many: int, chance: Random, share: float) -> Cohort:
    return Cohort(how_many, sum(chance.random() < share for _ in range(how_many)))


def half_a_year(chance: Random) -> Evidence:
    days = [written_to(1_000, chance, HEALTHY) for _ in range(HALF_A_YEAR // 1_000)]
    return meter.read(days, BOUND)


@pytest.mark.slow
def test_in_six_cases_of_seven_it_is_paused_before_2500_more_people_are_touched() -> None:
    in_time = 0
    for chance in lives():
        evidence, touched = half_a_year(chance), 0
        while meter.strength(evidence, BOUND) < RED:
            evidence = meter.read([written_to(AT_ONCE, chance, CHANGED)], BOUND, evidence)
            touched += AT_ONCE
        in_time += touched <= 2_500

    assert round(7 * in_time / LIVES) == 6


@pytest.mark.slow
def test_in_a_healthy_year_it_cries_wolf_for_none() -> None:
    for chance in lives():
        evidence = Evidence()
        for _ in range(365):
            evidence = meter.read([written_to(1_000, chance, HEALTHY)], BOUND, evidence)
            assert meter.strength(evidence, BOUND) < RED
