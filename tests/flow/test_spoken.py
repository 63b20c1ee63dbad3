"""Dates and hours as Léa says them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from terrain.flow.spoken import day_said, moment_said

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(("day", "french"), [(1, "1er décembre 2020"), (2, "2 décembre 2020")])
def test_the_first_of_a_month_is_said_as_in_french(day: int, french: str) -> None:
    assert day_said(date(2020, 12, day), "fr") == french
    assert day_said(date(2020, 12, day), "en") == f"{day} December 2020"


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "1er décembre 2020 à 00:30"), ("en", "1 December 2020, 00:30")],
)
def test_a_moment_is_said_by_the_clock_of_whoever_reads_it(language: str, said: str) -> None:
    late = datetime(2020, 11, 30, 23, 30, tzinfo=UTC)

    assert moment_said(late, language, PARIS) == said
