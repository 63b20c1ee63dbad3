"""The evidence meter: exact to the digits of the design, and never more alarmed than luck allows."""

import json
import math
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrain.core import meter
from terrain.core.meter import (
    AMBER,
    ARMS,
    RED,
    Bound,
    Cohort,
    Evidence,
    log_strength,
    since_when,
    strength,
)
from terrain.core.meter import read as read_meter

CASES = json.loads((Path(__file__).parent / "meter_cases.json").read_text())
COMPLAINTS = Bound(p0=0.003, acts_per_year=365_000)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_meter_reads_what_the_design_computed(case: dict[str, Any]) -> None:
    bound = Bound(p0=case["p0"], acts_per_year=case["acts_per_year"])
    cohorts = [Cohort(*each) for each in case["cohorts"]]
    expected = case["expect"]

    assert strength(read_meter(cohorts, bound), bound) == pytest.approx(expected["M"], rel=5e-6)
    since = since_when(cohorts, bound)
    assert (since.cohort, since.acts, since.bad) == tuple(
        expected[n] for n in ("since", "acts", "bad")
    )
    assert since.expected_at_most == pytest.approx(expected["expected_at_most"])


# Bad acts among so many for a reading of 20, 100 and 1,000 (`watch.md` 3.3, at go-live).
SMALLEST = {
    50: (3, 4, 4), 100: (4, 4, 5), 200: (5, 6, 7), 400: (7, 8, 9),
    800: (9, 11, 12), 1_600: (14, 15, 17), 3_200: (22, 24, 26), 10_000: (50, 53, 57),
}  # fmt: skip


def needed(acts: int, bound: Bound) -> tuple[int, ...]:
    """Return the smallest numbers of bad acts among so many for amber, for red, and for a thousand."""
    readings = [
        strength(read_meter([Cohort(acts, bad)], bound), bound) for bad in range(min(acts, 60) + 1)
    ]
    return tuple(
        next(bad for bad, reading in enumerate(readings) if reading >= level)
        for level in (AMBER, RED, 1_000)
    )


@pytest.mark.parametrize("acts", SMALLEST)
@pytest.mark.parametrize("a_year", [36_500, 365_000, 3_650_000])
def test_so_many_bad_acts_are_needed(acts: int, a_year: int) -> None:
    assert needed(acts, Bound(p0=0.003, acts_per_year=a_year)) == SMALLEST[acts]


def test_a_smaller_plan_needs_fewer_bad_acts() -> None:
    assert needed(800, Bound(p0=0.003, acts_per_year=9_600)) == (9, 10, 12)


@pytest.mark.parametrize(("p0", "level"), [(0.05, 4.0), (0.2, 4.0), (0.2, 10.0), (0.6, 3.0)])
def test_at_the_bound_it_reaches_a_level_within_its_year_no_more_often_than_luck_allows(
    p0: float, level: float
) -> None:
    """Look at every way in which a year of ten acts can go, and whether it ever read so much."""
    bound = Bound(p0=p0, acts_per_year=10)
    chance = 0.0
    for outcomes in product((0, 1), repeat=10):
        evidence, highest = Evidence(), 0.0
        for bad in outcomes:
            evidence = read_meter([Cohort(1, bad)], bound, evidence)
            highest = max(highest, strength(evidence, bound))
        if highest >= level:
            chance += p0 ** sum(outcomes) * (1 - p0) ** (10 - sum(outcomes))

    assert 0 < chance <= 1 / level


def expectation(p: float, bound: Bound, acts: int, of: int) -> float:
    """Return what half of the evidence is on average after so many single acts, by looking at every way."""
    total = 0.0
    for outcomes in product((0, 1), repeat=acts):
        evidence = read_meter([Cohort(1, bad) for bad in outcomes], bound)
        logs = (evidence.since_change, evidence.since_any)[of]
        chance = p ** sum(outcomes) * (1 - p) ** (acts - sum(outcomes))
        total += chance * sum(map(math.exp, logs)) / len(ARMS)
    return total


@pytest.mark.parametrize("p0", [0.003, 0.05, 0.2, 0.6])
def test_at_the_bound_the_evidence_is_worth_one_and_what_began_any_time_its_acts(p0: float) -> None:
    bound = Bound(p0=p0, acts_per_year=1_000)

    assert expectation(p0, bound, 10, of=0) == pytest.approx(1)
    assert expectation(p0, bound, 10, of=1) == pytest.approx(10)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_under_the_bound_the_evidence_is_worth_less(share: float) -> None:
    bound = Bound(p0=0.05, acts_per_year=1_000)

    assert expectation(0.05 * share, bound, 8, of=0) < 1
    assert expectation(0.05 * share, bound, 8, of=1) < 8


cohorts_of = st.lists(
    st.integers(0, 500).flatmap(lambda n: st.builds(Cohort, st.just(n), st.integers(0, n))),
    max_size=12,
)


@given(cohorts=cohorts_of, cut=st.integers(0, 12))
def test_what_was_frozen_and_what_is_open_read_as_one(cohorts: list[Cohort], cut: int) -> None:
    frozen = read_meter(cohorts[:cut], COMPLAINTS)

    parts, whole = read_meter(cohorts[cut:], COMPLAINTS, frozen), read_meter(cohorts, COMPLAINTS)
    assert parts.since_change == pytest.approx(whole.since_change, rel=1e-9, abs=1e-9)
    assert parts.since_any == pytest.approx(whole.since_any, rel=1e-9, abs=1e-9)


@given(cohorts=cohorts_of, place=st.integers(0, 11))
def test_a_late_signal_never_calms_the_meter(cohorts: list[Cohort], place: int) -> None:
    if place >= len(cohorts) or cohorts[place].bad == cohorts[place].acts:
        return
    later = list(cohorts)
    later[place] = Cohort(cohorts[place].acts, cohorts[place].bad + 1)

    assert read_meter(later, COMPLAINTS).since_change > read_meter(cohorts, COMPLAINTS).since_change
    # Beside hundreds of bad acts one more may be too little for a number to show.
    assert log_strength(read_meter(later, COMPLAINTS), COMPLAINTS) >= log_strength(
        read_meter(cohorts, COMPLAINTS), COMPLAINTS
    )


def test_a_year_in_which_everything_goes_wrong_can_still_be_read() -> None:
    evidence = read_meter([Cohort(10_000, 10_000)] * 365, COMPLAINTS)

    assert strength(evidence, COMPLAINTS) == math.inf
    assert since_when([Cohort(10_000, 10_000)] * 365, COMPLAINTS).cohort == 0


@given(cohorts=cohorts_of)
def test_plain_numbers_read_as_logarithms_do(cohorts: list[Cohort]) -> None:
    for if_bad, if_good in meter._ratios(COMPLAINTS.p0):
        plain = meter._runs(cohorts, if_bad, if_good, meter.NOTHING)
        logs = meter._runs_in_logarithms(cohorts, if_bad, if_good, meter.NOTHING)
        assert plain == pytest.approx(logs, rel=1e-9, abs=1e-9)


def test_a_day_of_a_million_clean_acts_is_no_number_and_still_read() -> None:
    evidence = read_meter([Cohort(10**6, 0), Cohort(10, 1)], COMPLAINTS)

    assert strength(evidence, COMPLAINTS) < 1
    assert all(map(math.isfinite, evidence.since_any))


def test_before_the_first_act_there_is_no_suspicion() -> None:
    assert strength(Evidence(), COMPLAINTS) == pytest.approx(0.5)
    assert read_meter([Cohort(0, 0)] * 3, COMPLAINTS) == Evidence()
