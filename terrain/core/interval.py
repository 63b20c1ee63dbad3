"""How far off a share or a mean may be: every number that is shown to a manager comes with its interval.

Promise: a 95 % interval holds the truth in about 95 of 100 cases, also for small and lopsided counts; where no
honest interval can be had, there is none.
"""

import math
from typing import NamedTuple

from terrain.core.chance import beta_quantile, normal_quantile, student_quantile

USUAL = 0.95
# As lopsided as this, a 95 % interval of a mean misses on one side once more in a hundred cases than it should. Of
# two groups alike, what is lopsided in both cancels out of the difference.
MOST_LOPSIDED = 0.12
FEWEST_CARRIERS = 30
_FEWEST = 2


class Interval(NamedTuple):
    """From here to there."""

    low: float
    high: float

    def excludes(self, value: float) -> bool:
        """Tell whether this value is not in it."""
        return not self.low <= value <= self.high


class Share(NamedTuple):
    """So many of so many."""

    of_them: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 of none."""
        return self.of_them / self.of if self.of else 0.0


class Amounts(NamedTuple):
    """Money, one amount a person, zero included: how many, and the sums of the amounts, squares and cubes."""

    n: int
    total: float
    squares: float
    cubes: float

    @property
    def mean(self) -> float:
        """Money a person, of everybody."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """How far amounts spread, in money squared; of fewer than two, not at all."""
        if self.n < _FEWEST:
            return 0.0
        return max(0.0, (self.squares - self.n * self.mean**2) / (self.n - 1))

    @property
    def third(self) -> float:
        """The third central moment: how lopsided."""
        if not self.n:
            return 0.0
        mean = self.mean
        return self.cubes / self.n - 3 * mean * self.squares / self.n + 2 * mean**3

    @property
    def carriers(self) -> float:
        """How many people carry the sum: the buyers, if all spent the same; fewer, if a few spent most."""
        return self.total**2 / self.squares if self.squares else 0.0


def amounts(each: list[float]) -> Amounts:
    """Return the sums of these amounts."""
    squares, cubes = (math.fsum(amount**power for amount in each) for power in (2, 3))
    return Amounts(len(each), math.fsum(each), squares, cubes)


def at_most(share: Share, confidence: float = USUAL) -> float:
    """Return the upper limit of Clopper and Pearson: what the true share stays under, so sure."""
    if share.of_them >= share.of:
        return 1.0
    return beta_quantile(confidence, share.of_them + 1, share.of - share.of_them)


def at_least(share: Share, confidence: float = USUAL) -> float:
    """Return the lower limit of Clopper and Pearson."""
    return 1 - at_most(Share(share.of - share.of_them, share.of), confidence)


def of_share(share: Share, confidence: float = USUAL) -> Interval:
    """Return Wilson's interval: right on average, also near 0 and 1."""
    if not share.of:
        return Interval(0.0, 1.0)
    z2 = normal_quantile((1 + confidence) / 2) ** 2
    n, p = share.of, share.value
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    width = math.sqrt(z2 * (p * (1 - p) + z2 / (4 * n)) / n) / (1 + z2 / n)
    low = 0.0 if not share.of_them else max(0.0, middle - width)
    return Interval(low, 1.0 if share.of_them == n else min(1.0, middle + width))


def of_difference(one: Share, other: Share, confidence: float = USUAL) -> Interval:
    """Return Newcombe's interval for one share less the other."""
    return of_sum([(1.0, one, other)], confidence)


def of_sum(parts: list[tuple[float, Share, Share]], confidence: float = USUAL) -> Interval:
    """Return the interval of a weighted sum of differences, from each share's own (Zou and Donner)."""
    down = up = middle = 0.0
    for weight, one, other in parts:
        mine, theirs = of_share(one, confidence), of_share(other, confidence)
        middle += weight * (one.value - other.value)
        down += weight**2 * ((one.value - mine.low) ** 2 + (theirs.high - other.value) ** 2)
        up += weight**2 * ((mine.high - one.value) ** 2 + (other.value - theirs.low) ** 2)
    return Interval(middle - math.sqrt(down), middle + math.sqrt(up))


def of_means(one: Amounts, other: Amounts, confidence: float = USUAL) -> Interval | None:
    """Return Welch's interval for one mean less the other; none where too few people carry the sum.

    What a customer spends is nothing for most and much for few. A company lives by the mean, so the mean it is, of
    everybody and not of buyers only: the act changes who buys. Welch's interval needs no equal spreads, but a
    difference that is even enough, and people enough who carry the sums. Where there are too few, a bootstrap would
    not know either: what it draws from lacks the same rare large amounts.
    """
    parts = [each.variance / each.n for each in (one, other) if each.n]
    if min(one.carriers, other.carriers) < FEWEST_CARRIERS or not all(parts):
        return None
    if abs(one.third / one.n**2 - other.third / other.n**2) > MOST_LOPSIDED * sum(parts) ** 1.5:
        return None
    steps = zip(parts, (one, other), strict=True)
    freedom = sum(parts) ** 2 / sum(part**2 / (each.n - 1) for part, each in steps)
    width = student_quantile((1 + confidence) / 2, freedom) * math.sqrt(sum(parts))
    difference = one.mean - other.mean
    return Interval(difference - width, difference + width)
