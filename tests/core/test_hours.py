"""Nobody is disturbed at the wrong hour, whatever their clock does."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.core.holidays import french, is_holiday
from terrain.core.hours import Opening, minutes, next_open, week_of, week_without
from terrain.core.settings import Hours

PARIS = ZoneInfo("Europe/Paris")
CALLS = Hours(
    windows=("10:00-13:00", "14:00-20:00"),
    days=("mon", "tue", "wed", "thu", "fri"),
    on_holidays=False,
)
ZONES = ("Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Africa/Cairo")
HALF_HOUR = timedelta(minutes=30)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def calls(zone: str = "Europe/Paris") -> Opening:
    return Opening(week_of(CALLS), ZoneInfo(zone), "FR")


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("2026-11-23T09:59", "2026-11-23T10:00"),  # Monday, a minute too early
        ("2026-11-23T13:00", "2026-11-23T14:00"),  # lunch
        ("2026-11-23T20:00", "2026-11-24T10:00"),
        ("2026-11-20T20:30", "2026-11-23T10:00"),  # Friday evening: not before Monday
        ("2026-05-13T21:00", "2026-05-15T10:00"),  # over Ascension Day
        ("2026-12-24T20:00", "2026-12-28T10:00"),  # over Christmas, a Friday, and the weekend
        ("2028-02-28T20:00", "2028-02-29T10:00"),  # a leap day is a day like any other
    ],
)
def test_a_call_waits_for_the_next_hour_that_the_law_allows(asked: str, allowed: str) -> None:
    assert next_open([calls()], paris(asked)) == paris(allowed)


def test_a_moment_that_is_allowed_is_not_moved() -> None:
    assert next_open([calls()], paris("2026-11-23T10:00")) == paris("2026-11-23T10:00")
    assert not calls().is_open(paris("2026-11-23T20:00"))


def test_with_two_possible_clocks_both_must_allow_it() -> None:
    day = week_of(Hours(windows=("08:00-21:00",)))
    clocks = [Opening(day, ZoneInfo(z)) for z in ("America/New_York", "America/Los_Angeles")]

    allowed = next_open(clocks, datetime(2026, 11, 23, 13, tzinfo=UTC))

    assert allowed == datetime(2026, 11, 23, 16, tzinfo=UTC)  # eight in the morning in the west


def test_clocks_that_never_agree_allow_nothing() -> None:
    hour = week_of(Hours(windows=("12:00-13:00",)))
    clocks = [Opening(hour, ZoneInfo(z)) for z in ("Europe/Paris", "Pacific/Auckland")]

    assert next_open(clocks, datetime(2026, 11, 23, tzinfo=UTC)) is None


def test_quiet_hours_go_over_midnight() -> None:
    night = Opening(week_without(minutes("21:00"), minutes("08:30")), PARIS)

    assert next_open([night], paris("2026-11-23T23:00")) == paris("2026-11-24T08:30")


def test_a_window_that_the_change_of_clocks_swallowed_never_opens() -> None:
    early = Opening(week_of(Hours(windows=("02:00-02:30",), days=("sun",))), PARIS)

    # On 29 March 2026 the clock goes from 2 to 3: the next Sunday counts.
    assert next_open([early], paris("2026-03-28T12:00")) == paris("2026-04-05T02:00")


def test_a_window_whose_first_half_was_swallowed_opens_after_the_jump() -> None:
    early = Opening(week_of(Hours(windows=("02:30-03:30",), days=("sun",))), PARIS)

    assert next_open([early], paris("2026-03-28T12:00")) == paris("2026-03-29T03:00")


def test_a_window_that_comes_twice_opens_twice() -> None:
    early = Opening(week_of(Hours(windows=("02:30-03:00",), days=("sun",))), PARIS)

    # On 25 October 2026 the clock goes from 3 back to 2.
    opens = early.next_from(datetime(2026, 10, 25, 1, 10, tzinfo=UTC))

    assert opens == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("year", [1990, 2000, 2024, 2026, 2038, 2100])
def test_french_holidays_are_those_of_the_calendar(year: int) -> None:
    assert french(year) == set(oracle.country_holidays("FR", years=year))


def test_the_ends_of_time_are_no_holiday_and_no_bug() -> None:
    assert is_holiday(date(1, 1, 1), "FR")
    assert not is_holiday(date.max, "FR")
    assert calls().next_from(datetime(9999, 12, 31, 20, tzinfo=UTC)) is None


windows = st.builds(
    lambda start, length: (
        f"{start // 2:02}:{start % 2 * 30:02}-"
        f"{min(48, start + length) // 2:02}:{min(48, start + length) % 2 * 30:02}"
    ),
    st.integers(0, 46),
    st.integers(1, 40),
)
openings = st.builds(
    lambda window, days, zone: Opening(
        week_of(Hours(windows=(window,), days=tuple(days))), ZoneInfo(zone), "FR"
    ),
    windows,
    st.sets(st.sampled_from(("mon", "wed", "sat", "sun")), min_size=2),
    st.sampled_from(ZONES),
)
# Around changes of clocks, a leap day, the turn of a year.
days = st.sampled_from(
    [date(2026, 3, 27), date(2026, 10, 23), date(2028, 2, 27), date(2026, 12, 30), date(2026, 5, 7)]
)


@given(st.lists(openings, min_size=1, max_size=3), days, st.integers(0, 47))
@settings(max_examples=150, deadline=None)
def test_no_allowed_half_hour_is_passed_over(rules: list[Opening], day: date, half: int) -> None:
    asked = datetime.combine(day, time(half // 2, half % 2 * 30), UTC)

    found = next_open(rules, asked)

    moment = asked
    while moment < (found or asked + timedelta(days=10)):
        assert not all(rule.is_open(moment) for rule in rules)
        moment += HALF_HOUR
    assert found is None or all(rule.is_open(found) for rule in rules)
