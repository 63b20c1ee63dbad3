"""Dates and hours as Léa says them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from terrain.flow.spoken import bound_said, day_said, moment_said, share_said

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


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0 %"),
        (0.2147, "21,5 %"),
        (0.3333, "33,3 %"),
        (1, "100 %"),
        (0.0572, "5,7 %"),
        (0.00574, "0,57 %"),
        (0.000034, "0,0034 %"),
        (1e-9, "< 0,0001 %"),
        (-0.121, "-12,1 %"),
    ],
)
def test_a_share_has_no_more_digits_than_mean_something(share: float, said: str) -> None:
    assert share_said(share, "fr") == said
    assert share_said(share, "en") == said.replace(",", ".")


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.003, "0,3 %"), (0.0125, "1,25 %"), (0.125, "12,5 %"), (0.2147351, "21,5 %"), (0, "0 %")],
)
def test_a_bound_stands_as_it_was_declared(share: float, said: str) -> None:
    assert bound_said(share, "fr") == said
