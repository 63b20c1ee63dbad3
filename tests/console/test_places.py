"""Where a long list goes on, and which day is meant: what addresses may name, and what they may not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from terrain.console.places import EPOCH, Place, day_in, named, place_in

pytestmark = pytest.mark.usefixtures("_django")


@given(microseconds=some.integers(0, 10**17 - 1), number=some.integers(0, 2**63 - 1))
def test_a_list_goes_on_exactly_where_it_ended(microseconds: int, number: int) -> None:
    at = EPOCH + timedelta(microseconds=microseconds)

    assert place_in(named(at, number)) == Place(at, number)


@pytest.mark.parametrize(
    "odd",
    ["", "x", "-", "1-", "-1", "1--1", "٣-1", f"{10**18}-1", f"1-{2**63}", "2026-11-22T10:00Z/1"],
)
def test_an_odd_place_is_none(odd: str) -> None:
    assert place_in(odd) is None


def test_a_day_begins_by_the_clock_of_the_house() -> None:
    day = day_in("2026-07-14")

    assert day is not None
    assert day - EPOCH == datetime(2026, 7, 13, 22, tzinfo=UTC) - EPOCH


def test_a_day_in_spring_has_twenty_three_hours() -> None:
    first, second = day_in("2026-03-29"), day_in("2026-03-30")

    assert first is not None
    assert second is not None
    assert second - EPOCH - (first - EPOCH) == timedelta(hours=23)


@pytest.mark.parametrize("odd", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31", "2026-W01"])
def test_an_odd_day_is_none(odd: str) -> None:
    assert day_in(odd) is None
