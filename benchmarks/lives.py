"""Many automations lived act by act, side by side: what the meter, a CUSUM and a daily rule make of each.

Exact, and quick because only bad acts are looked at: between two of them every reading only falls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from terrain.core.meter import ARMS, RED

ODDS = np.array(ARMS)
CUSUM_ODDS = 3.0
_SAFE = 650.0  # of a logarithm


@dataclass
class Lives:
    """So many lives under one bound: per arm the logarithm of the ratio and the runs; and the CUSUM."""

    p0: float
    acts_per_year: float
    ratio: np.ndarray
    runs: np.ndarray
    cusum: np.ndarray

    def copy(self) -> Lives:
        arrays = (each.copy() for each in (self.ratio, self.runs, self.cusum))
        return Lives(self.p0, self.acts_per_year, *arrays)


@dataclass
class Heard:
    """After how many acts each life was red by the meter and by the CUSUM (never: infinite); its highest CUSUM."""

    meter: np.ndarray
    cusum: np.ndarray
    highest: np.ndarray


def born(p0: float, acts_per_year: float, lives: int) -> Lives:
    """Return so many lives before their first act."""
    arms = (lives, len(ODDS))
    return Lives(p0, acts_per_year, np.zeros(arms), np.zeros(arms), np.zeros(lives))


def live(
    rng: np.random.Generator, lives: Lives, rate: float, acts: float, limit: float = math.inf
) -> Heard:
    """Let all go on for so many acts at this rate of bad ones; with a limit, until meter and CUSUM are both red."""
    many = len(lives.cusum)
    done = np.zeros(many)
    heard = Heard(np.full(many, np.inf), np.full(many, np.inf), np.zeros(many))
    going = np.arange(many)
    while len(going):
        gap = rng.geometric(rate, len(going)).astype(float)
        over = gap > acts - done[going]
        gap[over] = acts - done[going[over]]
        done[going] += gap
        bad = ~over
        _acts(lives, going, gap - bad, bad)
        _look(lives, heard, going[bad], done[going[bad]], limit)
        still = bad & (np.isinf(heard.meter[going]) | np.isinf(heard.cusum[going]))
        going = going[still]
    return heard


def _acts(lives: Lives, who: np.ndarray, good: np.ndarray, bad: np.ndarray) -> None:
    """Do so many good acts, and then, where it is so, one bad one."""
    part = np.log1p((ODDS - 1) * lives.p0)
    fading = np.exp(-good[:, None] * part)
    one = np.exp(-part)
    runs = lives.runs[who] * fading + one * (1 - fading) / (1 - one)
    ratio = lives.ratio[who] - good[:, None] * part
    if_bad = np.exp(np.log(ODDS) - part)
    lives.runs[who] = np.where(bad[:, None], (runs + 1) * if_bad, runs)
    lives.ratio[who] = ratio + np.where(bad[:, None], np.log(if_bad), 0.0)
    own = math.log1p((CUSUM_ODDS - 1) * lives.p0)
    cusum = np.maximum(0.0, lives.cusum[who] - good * own)
    lives.cusum[who] = np.where(bad, np.maximum(0.0, cusum + math.log(CUSUM_ODDS) - own), cusum)


def _look(lives: Lives, heard: Heard, who: np.ndarray, done: np.ndarray, limit: float) -> None:
    change = np.exp(np.minimum(lives.ratio[who], _SAFE)).mean(axis=1)
    reading = (change + lives.runs[who].mean(axis=1) / lives.acts_per_year) / 2
    for alarm, above in ((heard.meter, reading >= RED), (heard.cusum, lives.cusum[who] >= limit)):
        newly = above & np.isinf(alarm[who])
        alarm[who[newly]] = done[newly]
    heard.highest[who] = np.maximum(heard.highest[who], lives.cusum[who])


@dataclass(frozen=True)
class DailyRule:
    """Alarm on each day with more bad acts than three standard deviations above what the bound expects; exact."""

    p0: float
    a_day: int

    def chance(self, rate: float) -> float:
        """Return the chance of an alarm on one day."""
        most = self.a_day * self.p0 + 3 * math.sqrt(self.a_day * self.p0 * (1 - self.p0))
        below, here = 0.0, math.exp(self.a_day * math.log1p(-rate))
        for bad in range(math.floor(most) + 1):
            below += here
            here *= (self.a_day - bad) / (bad + 1) * rate / (1 - rate)
        return max(0.0, 1 - below)

    def false_alarms(self) -> tuple[float, float]:
        """Return the chance of one in a year, and the days of a year with one."""
        chance = self.chance(self.p0)
        return 1 - (1 - chance) ** 365, 365 * chance

    def days(self, rate: float, share: float = 0.5) -> float:
        """Return the day by which so many of a hundred have seen it."""
        return math.ceil(math.log(1 - share) / math.log1p(-min(self.chance(rate), 1 - 1e-12)))
