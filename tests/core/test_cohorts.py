"""Days stay open as long as a signal can be late; what was not heard is not counted as good."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrain.core import meter
from terrain.core.cohorts import Cohorts, Day, Gap, evidence, freeze, heard
from terrain.core.meter import Bound, Cohort

COMPLAINTS = Bound(p0=0.003, acts_per_year=36_500)
FIRST = date(2026, 1, 1)
LATE = timedelta(days=30)


def days(*each: tuple[int, int]) -> tuple[Day, ...]:
    return tuple(Day(FIRST + timedelta(n), *counts) for n, counts in enumerate(each))


counted = st.lists(st.integers(0, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))


@given(each=counted, today=st.integers(0, 80))
def test_freezing_changes_no_reading(each: list[tuple[int, int]], today: int) -> None:
    whole = Cohorts(open=days(*each))
    frozen = freeze(whole, COMPLAINTS, FIRST + timedelta(today), LATE)

    assert frozen.seen == whole.seen
    assert meter.log_strength(evidence(frozen, COMPLAINTS), COMPLAINTS) == pytest.approx(
        meter.log_strength(evidence(whole, COMPLAINTS), COMPLAINTS), rel=1e-9, abs=1e-9
    )


def test_a_day_is_frozen_when_no_signal_can_be_late_any_more() -> None:
    whole = Cohorts(open=days(*[(100, 0)] * 40))
    frozen = freeze(whole, COMPLAINTS, FIRST + timedelta(35), LATE)

    assert frozen.open_from == FIRST + timedelta(5)
    assert frozen.open == whole.open[5:]
    assert (frozen.acts, frozen.bad) == (500, 0)


def test_freezing_twice_is_freezing_once() -> None:
    once = freeze(Cohorts(open=days(*[(9, 1)] * 40)), COMPLAINTS, FIRST + timedelta(50), LATE)

    assert freeze(once, COMPLAINTS, FIRST + timedelta(50), LATE) == once


def test_a_clock_that_jumped_back_opens_nothing_again() -> None:
    once = freeze(Cohorts(open=days(*[(9, 1)] * 40)), COMPLAINTS, FIRST + timedelta(50), LATE)

    assert freeze(once, COMPLAINTS, FIRST, LATE) == once


def test_what_is_read_stays_small_after_ten_years() -> None:
    cohorts = Cohorts()
    for n in range(3_650):
        today = FIRST + timedelta(n)
        cohorts = Cohorts(
            frozen=cohorts.frozen,
            open_from=cohorts.open_from,
            acts=cohorts.acts,
            bad=cohorts.bad,
            open=(*cohorts.open, Day(today, 100, 0)),
        )
        cohorts = freeze(cohorts, COMPLAINTS, today, LATE)

    assert len(cohorts.open) == 31
    assert cohorts.seen == Cohort(365_000, 0)


def test_days_without_a_feed_are_left_out() -> None:
    all_days = days((10, 0), (10, 0), (10, 0), (10, 0))
    gap = Gap(FIRST + timedelta(1), FIRST + timedelta(2))

    assert heard(all_days, [gap]) == (all_days[0], all_days[3])
    assert heard(all_days, []) == all_days


def test_a_gap_that_lasts_has_no_end() -> None:
    assert heard(days((10, 0), (10, 0)), [Gap(FIRST + timedelta(1))]) == days((10, 0))


def test_a_day_without_a_feed_does_not_calm_the_meter() -> None:
    bad, deaf = Day(FIRST, 800, 9), Day(FIRST + timedelta(1), 5_000, 0)
    left = heard((bad, deaf), [Gap(deaf.day, deaf.day)])

    reading = meter.strength(evidence(Cohorts(open=left), COMPLAINTS), COMPLAINTS)
    assert reading > meter.strength(evidence(Cohorts(open=(bad, deaf)), COMPLAINTS), COMPLAINTS)
