"""Acts by the day they were done, with how many of them got the signal: what a meter is read from.

Promise: reading costs the same after ten years: a day stays open as long as its signal can be late
(`core/signal.py`, LATE), then it is frozen into the evidence, and what was read from it stays true.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

import msgspec

from terrain.core import meter
from terrain.core.meter import Bound, Cohort, Evidence


class Day(NamedTuple):
    """The acts of one day (UTC), each counted as clean at once, and those that got the signal at least once."""

    day: date
    acts: int
    bad: int


# For `map`, which needs no step of Python a day: a large house has a hundred thousand open ones.
_ACTS, _BAD, _COUNTS = attrgetter("acts"), attrgetter("bad"), attrgetter("acts", "bad")


class Gap(NamedTuple):
    """Days of which nothing could be heard, both included; `until` is missing while it lasts."""

    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether nothing could be heard of this day."""
        return self.since <= day and (self.until is None or day <= self.until)


class Cohorts(msgspec.Struct, frozen=True, kw_only=True):
    """What is frozen, up to but without `open_from`, and the days since, in order."""

    frozen: Evidence = Evidence()
    open_from: date = date.min
    acts: int = 0
    bad: int = 0
    open: tuple[Day, ...] = ()

    @property
    def seen(self) -> Cohort:
        """All acts and bad acts, frozen and open."""
        acts, bad = sum(map(_ACTS, self.open)), sum(map(_BAD, self.open))
        return Cohort(self.acts + acts, self.bad + bad)


def heard(days: Iterable[Day], gaps: Sequence[Gap]) -> tuple[Day, ...]:
    """Return the days of which something could be heard.

    A day without a feed would count as a good one. Which days are left out depends on the feed alone, never on
    what they would have said, so the meter's guarantee stands.
    """
    return tuple(day for day in days if not any(gap.covers(day.day) for gap in gaps))


def evidence(cohorts: Cohorts, bound: Bound) -> Evidence:
    """Return what frozen and open days say together."""
    return meter.read(map(_COUNTS, cohorts.open), bound, cohorts.frozen)


def freeze(cohorts: Cohorts, bound: Bound | None, today: date, lateness: timedelta) -> Cohorts:
    """Return the same with every day frozen of which no signal can be late any more.

    Without a bound, or with one of none at all, nothing but the numbers is kept.
    """
    until = max(cohorts.open_from, today - lateness)
    old = [day for day in cohorts.open if day.day < until]
    return Cohorts(
        frozen=meter.read(map(_COUNTS, old), bound, cohorts.frozen) if bound else cohorts.frozen,
        open_from=until,
        acts=cohorts.acts + sum(map(_ACTS, old)),
        bad=cohorts.bad + sum(map(_BAD, old)),
        open=cohorts.open[len(old) :],
    )
