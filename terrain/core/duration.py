"""Lengths of time as people say them: "6 hours", "90 days", "6 months". Months and years follow the calendar.

Six months after 31 August is 28 (or 29) February, never 3 March; days are days of the customer's zone, so a
wait of one day over a change of clocks ends at the same time of the clock.
"""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec


class Span(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", tag="span"):
    """Months, then days, then seconds; added in this order."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def times(self, count: int) -> Span:
        """Return the span so many times over."""
        return Span(
            months=self.months * count, days=self.days * count, seconds=self.seconds * count
        )

    def plus(self, other: Span) -> Span:
        """Return both spans together."""
        return Span(
            months=self.months + other.months,
            days=self.days + other.days,
            seconds=self.seconds + other.seconds,
        )

    def after(self, start: datetime, zone: ZoneInfo) -> datetime:
        """Return the moment this long after `start`, by the calendar and the clock of the zone, in start's zone."""
        if not self.months and not self.days:
            return start + timedelta(seconds=self.seconds)
        # "Thirty days from now" is asked for by every act of a turn, and `now` is the same for all.
        return _after(start, start.tzinfo, self, zone)


@lru_cache(maxsize=1024)
def _after(start: datetime, own: tzinfo | None, span: Span, zone: ZoneInfo) -> datetime:
    local = start.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + span.months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    moved = local.replace(year=year, month=month + 1, day=day) + timedelta(days=span.days)
    return moved.astimezone(own) + timedelta(seconds=span.seconds)


_UNITS = {
    "second": Span(seconds=1),
    "seconde": Span(seconds=1),
    "minute": Span(seconds=60),
    "hour": Span(seconds=3600),
    "heure": Span(seconds=3600),
    "day": Span(days=1),
    "jour": Span(days=1),
    "week": Span(days=7),
    "semaine": Span(days=7),
    "month": Span(months=1),
    "mois": Span(months=1),
    "year": Span(months=12),
    "an": Span(months=12),
    "année": Span(months=12),
}
_ONE_PART = re.compile(r"(\d{1,5})\s*([a-zé]+)")
_JOINED = re.compile(r"\s+and\s+|\s+et\s+|\s*,\s*|\s+")


def span_of(text: object) -> Span | None:
    """Read "6 months", "1 year and 6 months", "90 jours"; None for anything else."""
    if not isinstance(text, str) or not text.strip():
        return None
    total = Span()
    rest = _JOINED.sub(" ", text.strip().lower())
    while rest:
        part = _ONE_PART.match(rest)
        unit = part and (_UNITS.get(part[2]) or _UNITS.get(part[2].removesuffix("s")))
        if not part or not unit:
            return None
        total, rest = total.plus(unit.times(int(part[1]))), rest[part.end() :].lstrip()
    return total
