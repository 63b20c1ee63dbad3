"""Every process on one picture: good for the business from left to right, good for the customer upwards.

Promise: the cuts are the same for all (nothing saved, sixty points), the corner that is dangerous comes
first wherever corners are listed, and what costs money and serves people well is never called waste
before it was shown what it brings back.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from terrain.core.process import Figure
from terrain.core.word import Word

BUSINESS_CUT, CUSTOMER_CUT = 0.0, 60.0


class Corner(Word):
    """The four corners, in the order in which they want to be looked at."""

    DANGEROUS = "dangerous"  # it pays, and customers suffer: nobody inside has a reason to notice
    IMPROVE_OR_STOP = "improve_or_stop"
    HIGH_TOUCH = "high_touch"  # it costs, and customers are well served: it may be worth its price
    KEEP_WITH_CHECKS = "keep_with_checks"


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a process stood in one period, and how many needs or acts that rests on."""

    business: float
    customer: float
    seen: int = 0

    @property
    def corner(self) -> Corner:
        """Which of the four it stands in."""
        if self.customer >= CUSTOMER_CUT:
            return Corner.KEEP_WITH_CHECKS if self.business > BUSINESS_CUT else Corner.HIGH_TOUCH
        return Corner.DANGEROUS if self.business > BUSINESS_CUT else Corner.IMPROVE_OR_STOP

    @property
    def depth(self) -> float:
        """Return how many customers' worth of points are missing: what makes one point worse than another."""
        return max(0.0, CUSTOMER_CUT - self.customer) * self.seen


class BringsBack(msgspec.Struct, frozen=True, kw_only=True):
    """What came of those who were served this way, beside what it costs: counts and money, in a year."""

    cost: Figure
    repeat_purchases: Figure
    kept: Figure
    recommendations: Figure
    worth: Figure  # of all three together, in money; declared or a default where nobody measured it

    @property
    def is_worth_its_price(self) -> bool:
        """Whether what it brings back is at least what it costs."""
        return self.worth.value >= self.cost.value


class Counsel(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a process that stands in this corner: a code with words (context `quadrant`)."""

    corner: Corner
    code: str
    values: dict[str, float] = {}


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the picture."""

    name: str
    spot: Spot


def counsel(spot: Spot, brings_back: BringsBack | None = None) -> Counsel:
    """Return what the corner suggests. In high touch, first ask what it brings back."""
    corner = spot.corner
    if corner is not Corner.HIGH_TOUCH:
        return Counsel(corner=corner, code=corner)
    if brings_back is None:
        return Counsel(corner=corner, code="high_touch_unknown")
    values = {"cost": brings_back.cost.value, "worth": brings_back.worth.value}
    code = "high_touch_pays" if brings_back.is_worth_its_price else "high_touch_costs"
    return Counsel(corner=corner, code=code, values=values)


def in_order(points: Iterable[Named]) -> list[Named]:
    """Return the dangerous corner first of all; within a corner, what most customers suffer from."""
    corners = tuple(Corner)
    return sorted(
        points, key=lambda each: (corners.index(each.spot.corner), -each.spot.depth, each.name)
    )
