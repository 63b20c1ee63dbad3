"""The grade of a process, A to F: one public formula over what was declared and what was measured.

Promise: the letter can be worked out by hand from what is shown. It comes with the two reasons that
cost most and with the smallest change that would earn the next letter; where too little was seen, there
is no letter at all. `docs/why/grades.md` says it in words, with worked examples that are tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from terrain.core.act import Benefit
from terrain.core.efficiency import Axis, Part, for_the_business, for_the_customer
from terrain.core.nearest import Change, towards
from terrain.core.process import Light, Process, Seen, SeenNeeds
from terrain.core.word import Word

ENOUGH_SEEN = 50
MOST_DEAD_ENDS = 0.02
# Past red, whoever was hurt is made good within 48 hours, most of them at least, or nothing else counts.
MOST = 0.5
_A_HAIR = 1e-6  # a sum of floating points may miss a cut that it reached


class Letter(Word):
    """How good a process is for the customer."""

    A = "A"
    A_MINUS = "A-"
    B = "B"
    B_MINUS = "B-"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


CUTS = {
    Letter.A: 85,
    Letter.A_MINUS: 80,
    Letter.B: 70,
    Letter.B_MINUS: 65,
    Letter.C: 60,
    Letter.D: 45,
    Letter.E: 30,
    Letter.F: 0,
}
LETTERS = tuple(CUTS)


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why it is no better: a part that lost points, or a cap; `cost` in points."""

    code: str
    cost: float
    values: dict[str, float] = {}


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """What no points can make up for: the letter is this at most."""

    code: str
    at_most: Letter
    values: dict[str, float] = {}


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """The next letter, and the smallest change that would have earned it."""

    letter: Letter
    changes: tuple[Change, ...]


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """No letter where fewer than fifty were seen: then `next` says how many more are needed."""

    letter: Letter | None
    points: float
    seen: int
    customer: Axis
    business: Axis
    caps: tuple[Cap, ...] = ()
    reasons: tuple[Reason, ...] = ()
    next: Next | None = None


def graded(process: Process, seen: Seen) -> Grade:
    """Grade a process on what was seen of it."""
    customer = for_the_customer(process, seen)
    caps = tuple(sorted(_caps(process, seen), key=lambda cap: -LETTERS.index(cap.at_most)))
    grade = Grade(
        letter=None,
        points=customer.value,
        seen=seen.seen,
        customer=customer,
        business=for_the_business(process, seen),
        caps=caps,
    )
    if seen.seen < ENOUGH_SEEN:
        return grade
    letter = capped(by_points(customer.value), caps)
    return msgspec.structs.replace(
        grade,
        letter=letter,
        reasons=tuple(_reasons(customer, [cap for cap in caps if cap.at_most is letter])[:2]),
        next=_next(letter, caps, process, seen),
    )


def by_points(points: float) -> Letter:
    """Return the letter that so many points earn, before any cap."""
    return next(letter for letter, cut in CUTS.items() if points >= cut - _A_HAIR or not cut)


def capped(letter: Letter, caps: tuple[Cap, ...]) -> Letter:
    """Return the letter that the caps leave: the worst of them all."""
    return max((letter, *(cap.at_most for cap in caps)), key=LETTERS.index)


# -- caps ------------------------------------------------------------------------------------------


def _caps(process: Process, seen: Seen) -> Iterator[Cap]:
    for cap in _CAPS:
        found = cap(process, seen)
        if found is not None:
            yield found


def _unlawful(process: Process, _: Seen) -> Cap | None:
    return None if process.lawful else Cap(code="unlawful", at_most=Letter.F)


def _nobody_owns_it(process: Process, _: Seen) -> Cap | None:
    return None if process.owner.strip() else Cap(code="no_owner", at_most=Letter.F)


def _of_no_benefit(process: Process, _: Seen) -> Cap | None:
    return Cap(code="no_benefit", at_most=Letter.F) if process.benefit is Benefit.NONE else None


def _the_only_way(process: Process, seen: Seen) -> Cap | None:
    """Where there is no other way, a way that ends nowhere is no way."""
    if not process.only_way or not isinstance(seen, SeenNeeds) or not seen.needs:
        return None
    if seen.dead_ends <= MOST_DEAD_ENDS * seen.needs:
        return None
    values = {"dead_ends": seen.dead_ends, "of": seen.needs, "most": MOST_DEAD_ENDS}
    return Cap(code="only_way", at_most=Letter.F, values=values)


def _left_standing(_: Process, seen: Seen) -> Cap | None:
    came_back = seen.came_back
    if came_back.light is not Light.RED or came_back.made_good >= MOST * max(1, came_back.hurt):
        return None
    values: dict[str, float] = {"made_good": came_back.made_good, "hurt": came_back.hurt}
    return Cap(code="left_standing", at_most=Letter.F, values=values)


def _beyond_its_bounds(_: Process, seen: Seen) -> Cap | None:
    is_red = seen.came_back.light is Light.RED
    return Cap(code="meter_red", at_most=Letter.D) if is_red else None


_CAPS: tuple[Callable[[Process, Seen], Cap | None], ...] = (
    _unlawful,
    _nobody_owns_it,
    _of_no_benefit,
    _the_only_way,
    _left_standing,
    _beyond_its_bounds,
)


# -- reasons ---------------------------------------------------------------------------------------


def _reasons(customer: Axis, caps: Sequence[Cap]) -> list[Reason]:
    """Return what cost most first: the caps that made the letter, with all the points above what they leave."""
    of_caps = [
        Reason(code=cap.code, cost=_cost_of(cap, customer.value), values=cap.values) for cap in caps
    ]
    lost = sorted((part for part in customer.parts if part.lost > _A_HAIR), key=_most_lost)
    of_parts = [Reason(code=part.code, cost=part.lost, values=values_of(part)) for part in lost]
    biting = [reason for reason in of_caps if reason.cost > 0]
    return [*sorted(biting, key=lambda reason: -reason.cost), *of_parts]


def _cost_of(cap: Cap, points: float) -> float:
    """Return how far it is down to the letter that the cap leaves."""
    place = LETTERS.index(cap.at_most)
    return max(0.0, points - CUTS[LETTERS[place - 1]] + _A_HAIR) if place else 0.0


def _most_lost(part: Part) -> tuple[float, str]:
    return (-part.lost, part.code)


def values_of(part: Part) -> dict[str, float]:
    """Return the numbers a sentence about this part may speak of: `useful`, `useful_of`."""
    found: dict[str, float] = {"earned": part.earned, "most": part.most}
    for figure in part.figures:
        name = figure.what.replace(".", "_")
        found[name] = figure.value
        if figure.of is not None:
            found[f"{name}_of"] = figure.of
    return found


# -- the next letter -------------------------------------------------------------------------------


def _next(letter: Letter, caps: tuple[Cap, ...], process: Process, seen: Seen) -> Next | None:
    place = LETTERS.index(letter)
    if not place:
        return None
    aim = LETTERS[place - 1]
    lifted = [cap for cap in caps if LETTERS.index(cap.at_most) > LETTERS.index(aim)]
    kept = tuple(cap for cap in caps if cap not in lifted)
    points = max(CUTS[aim], for_the_customer(process, seen).value)
    return Next(
        letter=capped(by_points(points), kept) if lifted else aim,
        changes=(
            *(Change(code=f"lift.{cap.code}") for cap in lifted),
            *towards(CUTS[aim], process, seen),
        ),
    )
