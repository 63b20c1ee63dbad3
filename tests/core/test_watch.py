"""One automation, one signal: when it is amber, red, grey, and never green where nothing can be heard."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from terrain.core import watch as watching
from terrain.core.act import Reach
from terrain.core.bounds import Agreed, Origin
from terrain.core.cohorts import Cohorts, Day
from terrain.core.signal import Signal
from terrain.core.watch import (
    Because,
    State,
    Watch,
    acts_a_year,
    false_reds,
    levels,
    stricter_for,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = date(2026, 3, 3)


def a_watch(share: float = 0.003, reach: Reach = Reach.INBOX, **more: Any) -> Watch:
    agreed = Agreed(share=share, origin=Origin.DECLARED)
    given = {"first_version": 1, "version": 2, "acts_per_year": 365_000, **more}
    return Watch(
        automation="filter-reminder", signal=Signal.COMPLAINT, reach=reach, agreed=agreed, **given
    )


def seen(acts: int, bad: int) -> Cohorts:
    return Cohorts(open=(Day(MARCH, acts, bad),))


@pytest.mark.parametrize(
    ("bad", "state"), [(2, State.CLEAR), (9, State.AMBER), (11, State.RED), (12, State.RED)]
)
def test_eight_hundred_acts_are_clear_amber_or_red(bad: int, state: State) -> None:
    assert watching.read(a_watch(), seen(800, bad)).state is state


@pytest.mark.parametrize("reach", [Reach.ACCOUNT, Reach.HOME])
def test_what_reaches_an_account_or_a_home_is_red_where_others_are_amber(reach: Reach) -> None:
    assert watching.read(a_watch(reach=reach), seen(800, 9)).state is State.RED


def test_where_none_is_allowed_one_is_red_at_once() -> None:
    watch = a_watch(share=0)

    assert watching.read(watch, seen(5_000, 0)).because is Because.WITHIN
    reading = watching.read(watch, seen(5_000, 1))
    assert (reading.state, reading.because) == (State.RED, Because.ONE_IS_TOO_MANY)


def test_a_silent_feed_is_grey_never_green() -> None:
    reading = watching.read(a_watch(), seen(800, 0), deaf_since=NOON)

    assert (reading.state, reading.because, reading.deaf_since) == (State.GREY, Because.GAP, NOON)


def test_where_none_is_allowed_a_silent_feed_is_grey_too() -> None:
    assert watching.read(a_watch(share=0), seen(800, 0), deaf_since=NOON).state is State.GREY


@pytest.mark.parametrize(("bad", "state"), [(9, State.AMBER), (12, State.RED)])
def test_what_was_proven_stays_proven_when_the_feed_falls_silent(bad: int, state: State) -> None:
    reading = watching.read(a_watch(), seen(800, bad), deaf_since=NOON)

    assert (reading.state, reading.deaf_since) == (state, NOON)


def test_before_the_first_act_it_is_grey() -> None:
    reading = watching.read(a_watch(), Cohorts())

    assert (reading.state, reading.because) == (State.GREY, Because.NO_ACTS)


# -- how many acts a year has ----------------------------------------------------------------------


def test_the_pace_counts_and_one_mailing_is_no_year_of_them() -> None:
    assert acts_a_year(20_000, timedelta(days=73)) == 100_000
    assert acts_a_year(700, timedelta(hours=1)) == pytest.approx(36_500)


def test_a_year_has_at_least_what_was_done_already() -> None:
    assert acts_a_year(5_000, timedelta(days=3_650)) == 5_000
    assert acts_a_year(0, timedelta(0)) == 1


# -- how often it may cry wolf ---------------------------------------------------------------------


def test_false_reds_of_the_house_add_up() -> None:
    watches = [a_watch()] * 300 + [a_watch(reach=Reach.HOME)] * 10 + [a_watch(share=0)] * 50

    assert false_reds(watches) == pytest.approx(3.5)


def test_red_asks_for_more_evidence_until_the_budget_is_kept() -> None:
    watches = [a_watch()] * 600 + [a_watch(reach=Reach.HOME)] * 40
    stricter = stricter_for(watches, budget=4)

    assert stricter == pytest.approx(2)
    assert false_reds(watches, stricter) == pytest.approx(4)
    assert levels(Reach.HOME, stricter) == pytest.approx((20, 40))
    assert stricter_for(watches, budget=50) == 1


def test_a_stricter_house_waits_longer_before_red() -> None:
    assert watching.read(a_watch(), seen(800, 11)).state is State.RED
    assert watching.read(a_watch(), seen(800, 11), stricter=5).state is State.AMBER
