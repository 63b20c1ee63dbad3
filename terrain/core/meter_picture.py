"""The picture of a meter: how many acts got the signal beside how many may, day by day, and the share beneath.

Promise: points on a sheet and the numbers behind them; no words, no colours. What is drawn is what the sentence
says: from the day on since which the evidence is strongest, the count and the line of "at most so many" begin
together, and how far they are apart at the end are the sentence's own figures.

The line beneath, a share in which each day counts a little less than the day after it, is a picture without any
guarantee: nothing is decided by it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

import msgspec

from terrain.core.cohorts import Day, Gap
from terrain.core.signal import default_bound
from terrain.core.watch import Reading, Watch

# The sheet: what is counted above, the share beneath it; room at the sides for the numbers.
WIDE, HIGH = 400.0, 300.0
LEFT, RIGHT = 40.0, 356.0
TOP, FOOT = 22.0, 170.0
SHARE_TOP, SHARE_FOOT = 208.0, 268.0
# How far is looked back: a season where nothing is wrong; else as long again as it has been wrong.
SEASON, FORTNIGHT, MONTH, WEEK = 92, 14, 31, 7
LATEST_WEIGHS = 0.2  # of the share: what the latest day counts, and all before it the rest
FAR_APART = 11.0  # of two numbers beside each other, so that both can be read
UNSEEN = 0.2  # nobody sees a line that is off by less
_A_DAY = timedelta(days=1)
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Point(NamedTuple):
    """A place on the sheet; in a drawing it is written as `x,y`."""

    x: float
    y: float

    def __str__(self) -> str:
        return f"{self.x:.1f},{self.y:.1f}"


class Tick(NamedTuple):
    """A value and where it stands on its scale."""

    at: float
    value: float


class DayTick(NamedTuple):
    """A day and where it begins."""

    x: float
    day: date


class Line(NamedTuple):
    """A line on the sheet: where it ends, where its number stands beside that, and the number."""

    points: tuple[Point, ...]
    beside: float
    value: float

    @property
    def end(self) -> Point:
        """Where its last day stands."""
        return self.points[-1]


class Band(NamedTuple):
    """Days of which nothing could be heard."""

    x: float
    wide: float
    since: date


class Row(NamedTuple):
    """One line of the table behind it: a day, or a week. `share` is the line beneath at its end."""

    first: date
    last: date
    acts: int
    bad: int
    at_most: float
    share: float | None


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything to draw. `before` is what was counted before `since`, where there is such a day.

    `bound` is missing where nobody said how much is too much, and `compares` with those held out where that is
    what is looked at: then it is as many as among them.
    """

    first: date
    last: date
    since: DayTick | None
    before: tuple[Point, ...]
    count: Line
    bound: Line | None
    aim: Line | None
    gaps: tuple[Band, ...]
    days: tuple[DayTick, ...]
    counts: tuple[Tick, ...]
    shares: tuple[Tick, ...]
    share: tuple[Point, ...]
    share_bound: float | None
    bound_share: float
    compares: bool
    share_aim: float | None
    aim_share: float | None
    rows: tuple[Row, ...]


def picture(
    watch: Watch, reading: Reading, year: Sequence[Day], today: date, gaps: Iterable[Gap] = ()
) -> Picture | None:
    """Return what there is to draw; None while nothing was done. `year`: the days of the last year at most."""
    if not any(day.acts for day in year):
        return None
    every = _every_day(year, today)
    shown = _shown(every, _since(reading))
    sheet = _Sheet(watch, reading, shown, _shares(every)[-len(shown) :])
    deaf = (Gap(reading.deaf_since.date()),) if reading.deaf_since else ()
    return sheet.drawn((*gaps, *deaf))


def _since(reading: Reading) -> date | None:
    return reading.strongest.day if reading.strength >= 1 and reading.strongest else None


def _every_day(year: Sequence[Day], today: date) -> list[Day]:
    """Return all days from the first to today, also those on which nothing was done."""
    known = {each.day: each for each in year}
    first, last = min(known), max(*known, today)
    days = (first + n * _A_DAY for n in range((last - first).days + 1))
    return [known.get(day, Day(day, 0, 0)) for day in days]


def _shown(every: list[Day], since: date | None) -> list[Day]:
    if since is None:
        return every[-SEASON:]
    after = (every[-1].day - since).days + 1
    return every[-(after + max(FORTNIGHT, after)) :]


def _shares(every: Sequence[Day]) -> list[float | None]:
    """Return the share at the end of each day, the older days counting less and less; None before the first act."""
    found: list[float | None] = []
    bad = acts = 0.0
    for day in every:
        if day.acts:
            latest = LATEST_WEIGHS if acts else 1.0
            bad += latest * (day.bad - bad)
            acts += latest * (day.acts - acts)
        found.append(bad / acts if acts else None)
    return found


def _round_up(value: float, steps: int) -> tuple[float, ...]:
    """Return a scale from nought to this value at least, in round numbers."""
    size = value / steps
    unit = 10.0 ** math.floor(math.log10(size))
    step = next(each * unit for each in _STEPS if each * unit >= size * (1 - 1e-9))
    return tuple(step * n for n in range(math.ceil(value / step - 1e-9) + 1))


class _Sheet:
    """The days that are shown, while they are drawn."""

    def __init__(
        self,
        watch: Watch,
        reading: Reading,
        shown: Sequence[Day],
        shares: Sequence[float | None],
    ) -> None:
        beside = reading.held_out if reading.held_out and reading.held_out.of else None
        self.compares = beside is not None
        self.is_bounded = watch.is_bounded or self.compares
        self.p0 = beside.value if beside else watch.agreed.share if watch.is_bounded else 0.0
        default = default_bound(watch.signal, watch.reach)
        self.aimed = default.aim if default and (default.aim or 1) < self.p0 else None
        self.shown, self.shares = shown, shares
        self.since = since = _since(reading)
        self.split = max(0, (since - shown[0].day).days) if since else 0
        self.bad = list(accumulate((day.bad for day in shown), initial=0))
        self.acts = list(accumulate((day.acts for day in shown), initial=0))
        self.counts = _round_up(max(self.bad[-1], self._at_most(len(shown)), 2), 4)
        seen = [share for share in shares if share is not None]
        self.scale = _round_up(max(*seen, self.p0 * 1.25, 0.001), 2)

    def drawn(self, gaps: Iterable[Gap]) -> Picture:
        """Return everything that is drawn of these days."""
        whole = len(self.shown)
        count = self._line([self.bad[n] for n in range(self.split, whole + 1)], self._since_then())
        bound = None
        if self.is_bounded:
            most = [self._at_most(n) for n in range(self.split, whole + 1)]
            count, bound = _apart(count, self._line(most, self._expected()))
        return Picture(
            first=self.shown[0].day,
            last=self.shown[-1].day,
            since=DayTick(self._x(self.split), self.since) if self.since else None,
            before=_thinned(
                [Point(self._x(n), self._y(self.bad[n])) for n in range(self.split + 1)]
            )
            if self.split
            else (),
            count=count,
            bound=bound,
            aim=self._aim(),
            gaps=tuple(self._bands(gaps)),
            days=tuple(self._ticks()),
            counts=tuple(Tick(self._y(value), value) for value in self.counts),
            shares=tuple(Tick(self._share_y(value), value) for value in self.scale),
            share=_thinned(list(self._share())),
            share_bound=self._share_y(self.p0) if self.is_bounded else None,
            bound_share=self.p0,
            compares=self.compares,
            share_aim=self._share_y(self.aimed) if self.aimed else None,
            aim_share=self.aimed,
            rows=tuple(self._rows()),
        )

    # -- where things stand ------------------------------------------------------------------------

    def _x(self, days: float) -> float:
        return LEFT + (RIGHT - LEFT) * days / len(self.shown)

    def _y(self, count: float) -> float:
        return FOOT - (FOOT - TOP) * count / self.counts[-1]

    def _share_y(self, share: float) -> float:
        return SHARE_FOOT - (SHARE_FOOT - SHARE_TOP) * share / self.scale[-1]

    # -- what is drawn -----------------------------------------------------------------------------

    def _at_most(self, until: int) -> float:
        """Return how many there may be by then: as many as were counted before it began, and the bound's share."""
        return self.bad[self.split] + self.p0 * (self.acts[until] - self.acts[self.split])

    def _since_then(self) -> float:
        return self.bad[-1] - self.bad[self.split]

    def _expected(self) -> float:
        return self.p0 * (self.acts[-1] - self.acts[self.split])

    def _line(self, heights: Sequence[float], value: float) -> Line:
        points = [
            Point(self._x(self.split + n), self._y(height)) for n, height in enumerate(heights)
        ]
        return Line(_thinned(points), points[-1].y, value)

    def _aim(self) -> Line | None:
        if self.aimed is None:
            return None
        acts = [self.acts[n] - self.acts[self.split] for n in range(self.split, len(self.acts))]
        heights = [self.bad[self.split] + self.aimed * of for of in acts]
        return self._line(heights, self.aimed * acts[-1])

    def _bands(self, gaps: Iterable[Gap]) -> Iterator[Band]:
        first, last = self.shown[0].day, self.shown[-1].day
        for gap in gaps:
            since, until = max(gap.since, first), min(gap.until or last, last)
            if since <= until:
                x = self._x((since - first).days)
                yield Band(x, self._x((until - first).days + 1) - x, gap.since)

    def _ticks(self) -> Iterator[DayTick]:
        """Yield three or four days to read the others by, the first one among them."""
        step = max(1, math.ceil(len(self.shown) / 4))
        for n in range(0, len(self.shown), step):
            yield DayTick(self._x(n), self.shown[n].day)

    def _share(self) -> Iterator[Point]:
        for n, share in enumerate(self.shares):
            if share is not None:
                yield Point(self._x(n + 1), self._share_y(share))

    def _rows(self) -> Iterator[Row]:
        long = 1 if len(self.shown) <= MONTH else WEEK
        for first in range(0, len(self.shown), long):
            days = self.shown[first : first + long]
            acts, bad = sum(day.acts for day in days), sum(day.bad for day in days)
            share = self.shares[first + len(days) - 1]
            yield Row(days[0].day, days[-1].day, acts, bad, self.p0 * acts, share)


def _thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the points, those left out that lie on the way from one that stays to the next."""
    kept = list(points[:1])
    flattest, steepest = -math.inf, math.inf
    for before, here in pairwise(points):
        if not flattest <= _slope(kept[-1], here) <= steepest:
            kept.append(before)
            flattest, steepest = -math.inf, math.inf
        flattest = max(flattest, _slope(kept[-1], here, -UNSEEN))
        steepest = min(steepest, _slope(kept[-1], here, UNSEEN))
    return (*kept, *points[1:][-1:])


def _slope(start: Point, end: Point, raised: float = 0.0) -> float:
    return (end.y + raised - start.y) / (end.x - start.x)


def _apart(one: Line, other: Line) -> tuple[Line, Line]:
    """Return both with their numbers so far apart that each can be read."""
    middle, apart = (one.beside + other.beside) / 2, abs(one.beside - other.beside)
    if apart >= FAR_APART:
        return one, other
    is_above = -1 if one.beside <= other.beside else 1
    shift = is_above * FAR_APART / 2
    return one._replace(beside=middle + shift), other._replace(beside=middle - shift)
