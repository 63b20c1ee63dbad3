"""The quadrant as a picture: where each point stands, its tail behind it, and where its name has room.

Promise: pure, and the same for the same spots; what lies beyond an edge is drawn on it, and no name stands on
another or on a point as long as there is room for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from terrain.core.meter_picture import Tick
from terrain.core.quadrant import BUSINESS_CUT, CUSTOMER_CUT, Corner, Spot

WIDE, HIGH = 720.0, 480.0
LEFT, RIGHT, TOP, FOOT = 52.0, 20.0, 20.0, 44.0
# A process that costs as much again as a person would stands on the edge, however much worse it is.
LEAST, MOST = -1.0, 1.0
POINTS = 100.0
SMALLEST, LARGEST, ENOUGH_FOR_LARGEST = 10.0, 18.0, 1_000
LETTER, LINE, GAP = 7.6, 16.0, 5.0
TICKS_ACROSS, TICKS_UP = (-1.0, -0.5, 0.0, 0.5, 1.0), (0, 20, 40, 60, 80, 100)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be drawn of one process."""

    name: str
    spot: Spot
    tail: tuple[Spot, ...] = ()
    letter: str = ""
    is_heading: bool = False


class Dot(msgspec.Struct, frozen=True, kw_only=True):
    """One process: its point, its tail as a line, its name; `is_left` where the name stands left of it."""

    name: str
    letter: str
    corner: Corner
    x: float
    y: float
    r: float
    tail: str
    name_x: float
    name_y: float
    is_left: bool
    is_heading: bool
    is_sure: bool


class Taken(NamedTuple):
    """A piece of the paper where something stands."""

    left: float
    right: float
    top: float
    foot: float

    def meets(self, other: Taken) -> bool:
        is_beside = self.right <= other.left or other.right <= self.left
        return not is_beside and self.top < other.foot and other.top < self.foot


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything there is to draw, in units that are about a pixel."""

    dots: tuple[Dot, ...]
    wide: float = WIDE
    high: float = HIGH
    left: float = LEFT
    right: float = WIDE - RIGHT
    top: float = TOP
    foot: float = HIGH - FOOT
    cut_x: float = 0.0
    cut_y: float = 0.0
    across: tuple[Tick, ...] = ()
    up: tuple[Tick, ...] = ()


def picture(standing: Sequence[Standing]) -> Picture:
    """Return the picture; the first names get their room first."""
    taken = [_around(each.spot) for each in standing]
    return Picture(
        dots=tuple(_dot(each, taken) for each in standing),
        cut_x=_x(BUSINESS_CUT),
        cut_y=_y(CUSTOMER_CUT),
        across=tuple(Tick(at=_x(value), value=value) for value in TICKS_ACROSS),
        up=tuple(Tick(at=_y(value), value=value) for value in TICKS_UP),
    )


def _dot(each: Standing, taken: list[Taken]) -> Dot:
    x, y, r = _x(each.spot.business), _y(each.spot.customer), _size(each.spot.seen)
    wide = LETTER * (len(each.name) + len(each.letter) + 1)
    is_left = x + r + GAP + wide > WIDE
    begin = x - r - GAP - wide if is_left else x + r + GAP
    name_y = _room(begin, wide, y + GAP, taken)
    taken.append(_under(begin, wide, name_y))
    return Dot(
        name=each.name,
        letter=each.letter,
        corner=each.spot.corner,
        x=x,
        y=y,
        r=r,
        tail=_line((*each.tail, each.spot)) if each.tail else "",
        name_x=x - r - GAP if is_left else begin,
        name_y=name_y,
        is_left=is_left,
        is_heading=each.is_heading,
        is_sure=bool(each.letter),
    )


def _room(begin: float, wide: float, y: float, taken: Sequence[Taken]) -> float:
    """Return the height nearest to this at which the name covers nothing."""
    tries = sorted((n * LINE for n in range(-6, 7)), key=abs)
    for away in tries:
        at = y + away
        is_on_paper = TOP + LINE <= at <= HIGH - FOOT
        if is_on_paper and not any(_under(begin, wide, at).meets(each) for each in taken):
            return at
    return y


def _under(begin: float, wide: float, at: float) -> Taken:
    """Return what a name takes that is written on the line at this height."""
    return Taken(begin, begin + wide, at + GAP - LINE, at + GAP)


def _around(spot: Spot) -> Taken:
    x, y, r = _x(spot.business), _y(spot.customer), _size(spot.seen)
    return Taken(x - r, x + r, y - r, y + r)


def _line(spots: Sequence[Spot]) -> str:
    return " ".join(f"{_x(spot.business):.1f},{_y(spot.customer):.1f}" for spot in spots)


def _size(seen: int) -> float:
    """Return the radius: the area says how many were seen."""
    share = math.sqrt(min(1.0, seen / ENOUGH_FOR_LARGEST))
    return round(SMALLEST + (LARGEST - SMALLEST) * share, 1)


def _x(business: float) -> float:
    share = (min(MOST, max(LEAST, business)) - LEAST) / (MOST - LEAST)
    return round(LEFT + share * (WIDE - LEFT - RIGHT), 1)


def _y(customer: float) -> float:
    share = min(POINTS, max(0.0, customer)) / POINTS
    return round(HIGH - FOOT - share * (HIGH - FOOT - TOP), 1)
