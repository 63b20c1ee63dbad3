"""How often the meter cries wolf and how soon it sees a fault, simulated anew; and what reading all of them costs.

Each figure stands beside that of the design, a daily 3-sigma rule (worked out exactly) and a Bernoulli CUSUM for a
tripling of the odds, whose limit is calibrated in the same run to one false alarm in a hundred years' lives.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from benchmarks.lives import DailyRule, Heard, born, live
from benchmarks.row import Row
from terrain.core import watch as watching
from terrain.core.act import Reach
from terrain.core.bounds import Agreed, Origin
from terrain.core.cohorts import Cohorts, Day, freeze
from terrain.core.interval import Share, of_difference, of_share
from terrain.core.signal import LATE, Signal
from terrain.core.watch import Watch

LIVES, LIVES_IF_LONG = 1_000, 10_000
HEALTHY = 0.5  # a healthy automation has half of what its bound allows
SURE = 0.99
DESIGN_LIVES = (
    1_000  # the design does not say how many it simulated; its figures have an error, too
)
AUTOMATIONS = 1_000
SIGNALS = (
    *(Signal.COMPLAINT, Signal.SPAM, Signal.STOP, Signal.BOUNCE, Signal.A_PERSON),
    *(Signal.SAME_NEED, Signal.WRONG_ASSUMPTION, Signal.OVERRIDE),
)
TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Setting:
    """A bound and a volume, and what the design found there: false alarms, and medians by rate of the fault."""

    p0: float
    a_day: int
    false: float
    first_day: dict[float, int]
    after_months: dict[float, int]

    @property
    def year(self) -> int:
        return 365 * self.a_day

    @property
    def name(self) -> str:
        return f"{self.p0:.1%}, {self.a_day:,} a day"


DESIGN = (
    Setting(
        *(0.003, 100, 0.005),
        {0.006: 5_046, 0.01: 1_128, 0.03: 148, 0.1: 26},
        {0.006: 7_422, 0.01: 1_905, 0.03: 276, 0.1: 55},
    ),
    Setting(
        *(0.003, 1_000, 0.005),
        {0.006: 5_160, 0.01: 1_194, 0.03: 143, 0.1: 27},
        {0.006: 9_616, 0.01: 2_474, 0.03: 344, 0.1: 63},
    ),
    Setting(
        *(0.003, 10_000, 0.008),
        {0.006: 5_136, 0.01: 1_210, 0.03: 137, 0.1: 27},
        {0.006: 11_646, 0.01: 2_994, 0.03: 394, 0.1: 70},
    ),
    Setting(0.2, 20, 0.006, {0.3: 216}, {0.3: 381}),
    Setting(0.2, 100, 0.008, {0.3: 214}, {0.3: 438}),
)


def measure(*, long: bool) -> list[Row]:
    """Live all these lives, and read all these meters."""
    rng = np.random.default_rng(11)
    lives = LIVES_IF_LONG if long else LIVES
    rows = [row for setting in DESIGN for row in _setting(rng, setting, lives)]
    return [*rows, reading()]


# -- lives -----------------------------------------------------------------------------------------


def _setting(rng: np.random.Generator, setting: Setting, lives: int) -> Iterator[Row]:
    p0, year = setting.p0, setting.year
    at_the_bound = live(rng, born(p0, year, lives), p0, year)
    limit = float(np.quantile(at_the_bound.highest, SURE))
    yield _false_alarms(setting, at_the_bound)
    healthy = born(p0, year, lives)
    live(rng, healthy, HEALTHY * p0, year / 2)
    for rate in setting.first_day:
        found = live(rng, born(p0, year, lives), rate, 3 * year, limit)
        yield _delay(setting, rate, found, "from the first day", setting.first_day[rate])
        found = live(rng, healthy.copy(), rate, 3 * year, limit)
        yield _delay(setting, rate, found, "after six months", setting.after_months[rate])


def _false_alarms(setting: Setting, heard: Heard) -> Row:
    alarms = Share(int(np.isfinite(heard.meter).sum()), len(heard.meter))
    sure = of_share(alarms, SURE)
    design = Share(round(DESIGN_LIVES * setting.false), DESIGN_LIVES)
    agrees = not of_difference(alarms, design, SURE).excludes(0)
    daily, days = DailyRule(setting.p0, setting.a_day).false_alarms()
    return Row(
        name=f"paused by mistake within a year, exactly at the bound of {setting.name}",
        figure=100 * alarms.value,
        unit="%",
        aim=1,
        limit=100 * setting.false,
        limit_is="in the design",
        less_is_better=True,
        note=f"99 sure: {100 * sure.low:.1f}-{100 * sure.high:.1f} %, {_said(agrees)}; "
        f"3-sigma a day: {daily:.0%} of years, {days:.1f} days a year; CUSUM calibrated to 1 %",
    )


def _delay(setting: Setting, rate: float, heard: Heard, since: str, design: int) -> Row:
    low, high = _median_sure(heard.meter, 1)
    both = _median_sure(heard.meter, (1 + len(heard.meter) / DESIGN_LIVES) ** 0.5)
    rule = DailyRule(setting.p0, setting.a_day)
    cusum = np.quantile(heard.cusum, (0.5, 0.9), method="higher")
    return Row(
        name=f"acts until red, {setting.name}, now {rate:.1%}, {since}",
        figure=float(np.median(heard.meter)),
        unit="acts",
        limit=design,
        limit_is="in the design",
        less_is_better=True,
        note=f"99 sure: {low:,.0f}-{high:,.0f}, {_said(both[0] <= design <= both[1])}; "
        f"nine of ten: {np.quantile(heard.meter, 0.9, method='higher'):,.0f}; "
        f"CUSUM {cusum[0]:,.0f} [{cusum[1]:,.0f}]; "
        f"3-sigma {rule.days(rate):.0f} days [{rule.days(rate, 0.9):.0f}]",
    )


def _median_sure(found: np.ndarray, wider: float) -> tuple[float, float]:
    """Return between which acts the true median lies, so sure; `wider` where another's error comes to ours."""
    ordered = np.sort(found)
    middle, width = len(ordered) / 2, wider * 2.576 * len(ordered) ** 0.5 / 2
    return float(ordered[int(middle - width)]), float(ordered[int(middle + width)])


def _said(agrees: object) -> str:
    return "agrees" if agrees else "differs"


# -- reading ---------------------------------------------------------------------------------------


def reading() -> Row:
    """Read every watch of a large house: what is frozen, and every day that is still open."""
    chance = random.Random(3)  # noqa: S311 - the same house each time
    house = [_watched(chance, n, signal) for n in range(AUTOMATIONS) for signal in SIGNALS]
    took = []
    for _ in range(5):
        begun = time.process_time()
        for watch, cohorts in house:
            watching.read(watch, cohorts)
        took.append(1_000 * (time.process_time() - begun))
    return Row(
        name=f"read {AUTOMATIONS:,} automations × {len(SIGNALS)} signals, a year of days each",
        figure=statistics.median(took),
        unit="ms",
        aim=200,
        less_is_better=True,
        note=f"CPU; {sum(len(each.open) for _, each in house):,} open days; quickest {min(took):.0f} ms",
    )


def _watched(chance: random.Random, number: int, signal: Signal) -> tuple[Watch, Cohorts]:
    share = chance.choice((0.001, 0.003, 0.005, 0.02, 0.2))
    watch = Watch(
        automation=f"automation-{number}",
        first_version=1,
        version=1,
        signal=signal,
        reach=Reach.INBOX,
        agreed=Agreed(share=share, origin=Origin.DECLARED),
        acts_per_year=36_500,
    )
    year = [
        Day(TODAY - timedelta(364 - n), 100, sum(chance.random() < share / 2 for _ in range(10)))
        for n in range(365)
    ]
    return watch, freeze(Cohorts(open=tuple(year)), watch.bound, TODAY, LATE[signal])
