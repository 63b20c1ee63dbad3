"""Where a process is heading: an alarm before the dangerous corner is reached, not after.

Promise: noise does not alarm. The movement is the median slope of all pairs of the last periods (Theil and
Sen), so one bad month turns nothing; it counts only when its exact interval (Kendall's distribution)
excludes standing still, and alarms only when it would reach the corner within three periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, combinations
from statistics import median

import msgspec

from terrain.core.quadrant import BUSINESS_CUT, CUSTOMER_CUT, Corner, Spot

# Of the tail of a process the last so many periods are looked at; fewer than six prove nothing.
TAIL, FEWEST = 8, 6
AHEAD = 3.0
# How often standing still may look like moving to one side.
LUCK = 0.005


class Slope(msgspec.Struct, frozen=True, kw_only=True):
    """How much a period: the median, and from where to where it lies but for luck."""

    middle: float
    low: float
    high: float


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm: in so many periods, if nothing changes, it is in the dangerous corner."""

    periods: float
    business: Slope
    customer: Slope


def heading(tail: Sequence[Spot]) -> Heading | None:
    """Return the alarm, if there is one. `tail`: one spot a period, the latest last."""
    last = tail[-TAIL:]
    if len(last) < FEWEST or last[-1].corner is Corner.DANGEROUS:
        return None
    business = slope([spot.business for spot in last])
    customer = slope([spot.customer for spot in last])
    # One of the two is already there, or both have to get there.
    until_it_pays = _until(BUSINESS_CUT, _now([spot.business for spot in last]), business)
    until_it_hurts = _until(
        -CUSTOMER_CUT, -_now([spot.customer for spot in last]), _turned(customer)
    )
    periods = max(until_it_pays, until_it_hurts)
    # Whose median is there already has arrived: noise about the corner is no movement towards it.
    if not 0 < periods <= AHEAD:
        return None
    return Heading(periods=periods, business=business, customer=customer)


def slope(values: Sequence[float]) -> Slope:
    """Return the median of all slopes between two values, with its interval."""
    pairs = combinations(range(len(values)), 2)
    slopes = sorted((values[j] - values[i]) / (j - i) for i, j in pairs)
    beyond = (len(slopes) - critical(len(values), LUCK)) // 2
    low, high = slopes[max(0, beyond)], slopes[min(len(slopes) - 1, len(slopes) - 1 - beyond)]
    if beyond < 0:
        low, high = float("-inf"), float("inf")
    return Slope(middle=median(slopes), low=low, high=high)


@cache
def critical(n: int, luck: float) -> int:
    """Return the smallest surplus of rises over falls that luck alone exceeds so seldom.

    Of n values in a row without any movement each order is as likely as each other.
    """
    pairs = n * (n - 1) // 2
    orders = [1]
    for size in range(2, n + 1):  # the n-th value may stand before any number of the others
        orders = [
            sum(orders[max(0, falls - size + 1) : falls + 1])
            for falls in range(len(orders) + size - 1)
        ]
    enough = luck * sum(orders)
    falls = next(falls for falls, seen in enumerate(accumulate(orders)) if seen > enough)
    return pairs - 2 * falls + 2


def _now(values: Sequence[float]) -> float:
    """Return where it stands: the median of the last three, so that the last one alone decides nothing."""
    return median(values[-3:])


def _turned(found: Slope) -> Slope:
    return Slope(middle=-found.middle, low=-found.high, high=-found.low)


def _until(cut: float, now: float, rising: Slope) -> float:
    """Return in how many periods it will have risen above the cut; never, unless it surely rises."""
    if now > cut:
        return 0.0
    return (cut - now) / rising.middle if rising.low > 0 else float("inf")
