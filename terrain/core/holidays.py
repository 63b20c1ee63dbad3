"""Public holidays by calculation, because the law counts them and a list would run out.

Promise: the days of article L. 3133-1 of the French labour code, for any year a date can have.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
# Easter Monday, Ascension Day, Whit Monday: so many days after Easter.
_AFTER_EASTER = (1, 39, 50)


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous algorithm of Meeus)."""
    century, in_century = divmod(year, 100)
    golden = year % 19
    leaps, of_four = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    four, left = divmod(in_century, 4)
    to_sunday = (32 + 2 * of_four + 2 * four - epact - left) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def french(year: int) -> frozenset[date]:
    """Return the eleven public holidays of a year."""
    moving = (easter(year) + timedelta(days=days) for days in _AFTER_EASTER)
    return frozenset((*(date(year, month, day) for month, day in _FIXED), *moving))


_BY_NAME: dict[str, Callable[[int], frozenset[date]]] = {"FR": french}
NAMES = tuple(_BY_NAME)


def is_holiday(day: date, calendar: str) -> bool:
    """Tell whether the day is a holiday of this calendar; one that nobody knows has none."""
    of_year = _BY_NAME.get(calendar)
    return of_year is not None and day.year < MAXYEAR and day in of_year(day.year)
