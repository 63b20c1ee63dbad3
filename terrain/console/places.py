"""Days and places in long lists, as addresses name them: where the next piece of a list goes on.

Promise: what names no day or no place that a row can have is none, so that PostgreSQL never has to refuse it.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from terrain.console.numbers import number_in

FIRST_YEAR, LAST_YEAR = 1970, 5000
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
LATEST = 10**17  # microseconds: beyond the year 5000 nothing happened


class Place(NamedTuple):
    """The last line of a piece, by its time, then its number, so that none is left out."""

    at: datetime
    number: int


def named(at: datetime, number: int) -> str:
    """Return the place as an address names it."""
    return f"{(at - EPOCH) // MICROSECOND}-{number}"


def place_in(text: str) -> Place | None:
    """Return the place that an address names; an odd one names none."""
    at, _, number = text.partition("-")
    moment, row = number_in(at), number_in(number)
    if moment is None or row is None or moment > LATEST:
        return None
    return Place(EPOCH + moment * MICROSECOND, row)


def day_in(text: str) -> datetime | None:
    """Return when the day that an address names begins, by the house's clock."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    zone = ZoneInfo(settings.TERRAIN.time_zone)
    return day.replace(tzinfo=zone) if FIRST_YEAR <= day.year <= LAST_YEAR else None
