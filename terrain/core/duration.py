"""Lengths of time as people say them: "6 hours", "90 days", "6 months". Months and years follow the calendar.

Six months after 31 August is 28 (or 29) February, never 3 March; days are days of the customer's zone, so a
wait of one day over a change of clocks ends at the same time of the clock.
"""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Months, then days, then seconds; added in this order."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def times(self, count: int) -> Span:
        """Return the span so many times over."""
        return Span(months=self.months * count, days=self.days * count, seconds=self.seconds * count)

    def after(self, start: datetime, zone: ZoneInfo) -> datetime:
        """Return the moment this long after `start`, by the calendar and the clock of the zone, in start's zone."""
        local = start.astimezone(zone)
        year, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
        day = min(local.day, calendar.monthrange(year, month + 1)[1])
        moved = local.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days)
        return moved.astimezone(start.tzinfo) + timedelta(seconds=self.seconds)
