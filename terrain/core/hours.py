"""When something may be done, by the customer's clock, and the next moment at which it may be.

Promise: the moment returned is allowed by every clock and every rule at once, and no allowed minute
was passed over to find it; over changes of clocks, holidays and leap days too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from terrain.core.holidays import is_holiday
from terrain.core.settings import EVERY_DAY, Hours

Windows = tuple[tuple[int, int], ...]

_DAY = 24 * 60
_ONE_DAY = timedelta(days=1)
# Longer than any holidays in a row; who finds nothing in this time never will.
_DAYS_AHEAD = 15


class Opening(msgspec.Struct, frozen=True):
    """One rule about hours, as one clock sees it. `calendar` names the holidays that count."""

    week: tuple[Windows, ...]
    zone: ZoneInfo
    calendar: str = ""

    def is_open(self, at: datetime) -> bool:
        """Tell whether the moment is within the hours."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.on(local.date()))

    def on(self, day: date) -> Windows:
        """Return the windows of a day, in minutes after midnight."""
        windows = self.week[day.weekday()]
        if windows and self.calendar and is_holiday(day, self.calendar):
            return ()
        return windows

    def next_from(self, at: datetime) -> datetime | None:
        """Return the first open moment from here on, or None when there is none in sight."""
        if self.is_open(at):
            return at
        return next((start for start in self._starts(at) if start > at), None)

    def _starts(self, at: datetime) -> Iterator[datetime]:
        """Yield when windows open: never, or twice, where the clock jumps over or goes back."""
        day = at.astimezone(self.zone).date()
        for _ in range(_DAYS_AHEAD):
            for start, end in self.on(day):
                yield from self._openings_of(day, start, end)
            if day >= date.max - _ONE_DAY:
                return
            day += _ONE_DAY

    def _openings_of(self, day: date, start: int, end: int) -> Iterator[datetime]:
        """Yield when this window opens that day; where its first minutes are missing, after them."""
        for minute in range(start, end):
            folds = (_moment(day, minute, self.zone, fold) for fold in (0, 1))
            shown = [moment for moment in folds if _clock(moment, self.zone) == minute]
            if shown:  # else the clock jumps over this minute
                yield from shown
                return


def next_open(openings: Sequence[Opening], at: datetime) -> datetime | None:
    """Return the first moment from here on at which all are open; None when they never are."""
    latest = at + _DAYS_AHEAD * _ONE_DAY
    moment = at
    while moment <= latest:
        pushed = moment
        for opening in openings:
            start = opening.next_from(pushed)
            if start is None:
                return None
            pushed = start
        if pushed == moment:
            return moment
        moment = pushed
    return None


@lru_cache(maxsize=256)
def week_of(hours: Hours) -> tuple[Windows, ...]:
    """Return the windows of each day of the week, Monday first, in minutes after midnight."""
    windows = tuple(sorted((minutes(w[:5]), minutes(w[6:])) for w in hours.windows))
    return tuple(windows if day in hours.days else () for day in EVERY_DAY)


@lru_cache(maxsize=256)
def week_without(
    quiet_from: int, quiet_until: int, quiet_days: tuple[str, ...] = ()
) -> tuple[Windows, ...]:
    """Return what is left of the week when these minutes of each day are quiet, and these days whole.

    The minutes may go over midnight; two equal ones leave nothing.
    """
    if quiet_from < quiet_until:
        windows: Windows = ((0, quiet_from), (quiet_until, _DAY))
    else:
        windows = ((quiet_until, quiet_from),)
    left = tuple(window for window in windows if window[0] < window[1])
    return tuple(() if day in quiet_days else left for day in EVERY_DAY)


def minutes(clock: str) -> int:
    """Return `10:30` as minutes after midnight; `24:00` is the end of the day."""
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute or 0)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return when this day begins by that clock."""
    return _moment(day, 0, zone)


def _clock(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute


def _moment(day: date, minute: int, zone: ZoneInfo, fold: int = 0) -> datetime:
    # The clock may jump over this very minute: what comes back is then shown as another one.
    clock = time(minute // 60, minute % 60, fold=fold)
    return datetime.combine(day, clock, zone).astimezone(UTC)
