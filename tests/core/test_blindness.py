"""What it takes to prove a fault is worked out, and agrees with lives that were simulated."""

from itertools import product

import pytest

from terrain.core.blindness import (
    HALF,
    NEARLY_ALL,
    acts_to_prove,
    at_odds,
    blindness,
    time_for,
)
from terrain.core.duration import Span
from terrain.core.meter import AMBER, RED, Bound, Cohort, read, strength

# Acts in one of two and in nine of ten cases, as the design simulated them (`watch.md` 3.3, at go-live).
SIMULATED = {
    (0.003, 0.006): (5_160, 10_401),
    (0.003, 0.01): (1_194, 2_535),
    (0.003, 0.03): (143, 329),
    (0.003, 0.1): (27, 60),
    (0.2, 0.3): (216, 429),
}


@pytest.mark.parametrize("fault", SIMULATED)
def test_it_agrees_with_what_was_simulated(fault: tuple[float, float]) -> None:
    worked_out = [acts_to_prove(*fault, sure) for sure in (HALF, NEARLY_ALL)]

    assert worked_out == pytest.approx(SIMULATED[fault], rel=0.03)


def test_it_is_the_chance_over_every_way_that_acts_can_go() -> None:
    p0, share, red = 0.05, 0.6, 5.0
    bound = Bound(p0=p0, acts_per_year=1e12)  # so that only the half since the last change counts
    proven = [0.0] * 9
    for ways in product((0, 1), repeat=8):
        chance = share ** sum(ways) * (1 - share) ** (8 - sum(ways))
        cohorts = [Cohort(1, bad) for bad in ways]
        first = next(
            (n for n in range(1, 9) if strength(read(cohorts[:n], bound), bound) >= red), 9
        )
        for n in range(first, 9):
            proven[n] += chance

    for sure in (0.3, 0.5, 0.8):
        expected = next(n for n in range(9) if proven[n] >= sure)
        assert acts_to_prove(p0, share, sure, red) == expected


@pytest.mark.parametrize("share", [0.003, 0.001])
def test_what_is_within_the_bound_is_never_proven(share: float) -> None:
    assert acts_to_prove(0.003, share, HALF) is None


def test_a_greater_fault_shows_sooner_and_more_evidence_takes_longer() -> None:
    needed = [acts_to_prove(0.003, times * 0.003, HALF) or 0 for times in (2, 3, 5, 10, 50)]

    assert needed == sorted(needed, reverse=True)
    assert (acts_to_prove(0.003, 0.03, HALF, AMBER) or 0) < needed[3]
    assert RED > AMBER


def test_a_tripling_at_two_hundred_acts_a_month_takes_eight_months() -> None:
    _, tripling, _ = blindness(0.003)

    assert tripling.times == 3
    assert tripling.half is not None
    assert time_for(tripling.half, 200) == Span(months=8)
    assert time_for(acts_to_prove(0.003, 0.01, HALF) or 0, 200) == Span(months=6)


def test_a_multiple_beyond_every_act_is_left_out() -> None:
    assert [each.times for each in blindness(0.2)] == [2, 3]
    assert [each.times for each in blindness(0.6)] == []


def test_so_many_times_the_odds_are_never_all() -> None:
    assert at_odds(0.003, 10) == pytest.approx(0.0292, abs=1e-4)
    assert at_odds(0.3, 10) == pytest.approx(0.811, abs=1e-3)


@pytest.mark.parametrize(
    ("acts", "span"),
    [
        (1, Span(days=1)),
        (40, Span(days=7)),
        (100, Span(days=14)),
        (400, Span(months=2)),
        (4_600, Span(months=23)),
        (7_200, Span(months=36)),
    ],
)
def test_time_is_said_in_the_unit_one_would_use(acts: int, span: Span) -> None:
    assert time_for(acts, 200) == span
