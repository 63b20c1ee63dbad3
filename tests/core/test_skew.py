"""The clock of whoever says it."""

from datetime import UTC, datetime, timedelta

import pytest

from terrain.core.skew import NotATime, UnbelievableTime, happened_at, read_time

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_what_lea_did_is_timed_by_our_clock_when_her_phone_is_an_hour_ahead() -> None:
    assert happened_at(NOON, None, NOON + HOUR, NOON) == NOON - HOUR


def test_the_way_through_the_network_is_no_wrong_clock() -> None:
    a_second_ago = NOON - timedelta(seconds=1)

    assert happened_at(a_second_ago, None, a_second_ago, NOON) == a_second_ago


def test_a_phone_that_believes_in_1970_still_tells_how_long_ago_it_was() -> None:
    dead = datetime(1970, 1, 1, 5, tzinfo=UTC)

    assert happened_at(dead, None, dead + HOUR, NOON) == NOON - HOUR


def test_a_time_that_was_corrected_on_the_way_is_not_corrected_again() -> None:
    assert happened_at(NOON - HOUR, NOON, NOON + HOUR, NOON) == NOON - HOUR


def test_without_a_time_it_happened_when_we_heard_of_it() -> None:
    assert happened_at(None, None, None, NOON) == NOON


def test_a_clock_that_is_a_little_ahead_does_not_speak_of_the_future() -> None:
    assert happened_at(NOON + HOUR, None, None, NOON) == NOON


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00", "1969-07-20", "2026-11-24"],
)
def test_the_year_1_and_the_year_9999_are_refused(text: str) -> None:
    with pytest.raises(UnbelievableTime) as refused:
        happened_at(read_time("timestamp", text), None, None, NOON)

    assert refused.value.field == "timestamp"


def test_clocks_from_both_ends_of_time_do_not_break_anything() -> None:
    first = read_time("timestamp", "0001-01-01")
    last = read_time("sentAt", "9999-12-31")

    with pytest.raises(UnbelievableTime):
        happened_at(first, None, last, NOON)


@pytest.mark.parametrize("text", ["yesterday", "", "1700000000", "22/11/2026"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotATime) as refused:
        read_time("sentAt", text)

    assert refused.value.right == "2026-11-22T08:30:00Z"


def test_a_time_without_a_zone_is_utc() -> None:
    assert read_time("timestamp", "2026-11-22 12:00:00.123456789") == NOON.replace(
        microsecond=123456
    )
