"""What an automation brought: those it treated beside those held out, each figure with how far off it may be.

Promise: intervals that are right, and none where there is no honest one; where people who were treated differ from
those who were not, that is said first, and they are compared among alike people.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from terrain.core.explanation import Line
from terrain.core.interval import (
    USUAL,
    Amounts,
    Interval,
    Share,
    of_difference,
    of_means,
    of_sum,
)

# Groups are called different from here on: a tenth of a standard deviation in the share of some kind of people
# (the usual limit for balance), if luck does not explain it.
UNLIKE = 0.1
CODES = frozenset({"arm_differs", "arm_money", "arm_too_few", "arm_unlike", "arm_among_alike"})


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The people of one kind in one arm: how many, how many did each thing, how much they spent."""

    people: int
    did: Mapping[str, int] = {}
    spent: Mapping[str, Amounts] = {}


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """Those who got one treatment, or none, by the kind of people they are; one kind where nobody knows more."""

    name: str
    kinds: Mapping[str, Group]

    @property
    def people(self) -> int:
        """How many there are, of all kinds."""
        return sum(group.people for group in self.kinds.values())

    def did(self, what: str) -> Share:
        """Return how many of all did this."""
        return Share(sum(group.did.get(what, 0) for group in self.kinds.values()), self.people)

    def spent(self, what: str) -> Amounts:
        """Return what all of them spent together."""
        parts = [group.spent[what] for group in self.kinds.values()]
        return Amounts(*(sum(column) for column in zip(*parts, strict=True)))


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome of one arm beside the holdout: both values, the difference, its interval.

    `holds`: not explained by luck, also when all the differences of the report are looked at together.
    `interval` is missing where too few people carry the figure.
    """

    arm: str
    what: str
    treated: float
    held_out: float
    interval: Interval | None
    holds: bool = False
    among_alike: bool = False
    is_money: bool = False

    @property
    def value(self) -> float:
        """How much more those treated did or spent, a person: a share, or money."""
        return self.treated - self.held_out


class Unlike(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of people of whom there are more, or fewer, among those treated than among those held out."""

    arm: str
    kind: str
    treated: Share
    held_out: Share


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything side by side. `strata`: each kind of people by itself, where the groups are not alike."""

    differences: tuple[Difference, ...]
    unlike: tuple[Unlike, ...] = ()
    strata: Mapping[str, tuple[Difference, ...]] = {}


def report(arms: Sequence[Arm], held_out: Arm, confidence: float = USUAL, among: int = 1) -> Report:
    """Return what each arm brought beside those held out; `among` so many ways of parting people into kinds."""
    unlike = tuple(each for arm in arms for each in _unlike(arm, held_out, among))
    named = {each.arm for each in unlike}
    outcomes = len(arms) * len(_outcomes(held_out))
    together = 1 - (1 - confidence) / max(1, outcomes)
    found: list[Difference] = []
    for arm in arms:
        found += _differences(arm, held_out, confidence, together)
        if arm.name in named:
            found += _among_alike(arm, held_out, confidence, together)
    strata = {
        kind: tuple(
            each
            for arm in arms
            if arm.name in named and kind in arm.kinds
            for each in _differences(_only(arm, kind), _only(held_out, kind), confidence, together)
        )
        for kind in (held_out.kinds if named else ())
    }
    return Report(differences=tuple(found), unlike=unlike, strata=strata)


def told(found: Report) -> tuple[Line, ...]:
    """Return what there is to say: first where the groups differ, then each difference."""
    lines = [
        Line(
            "arm_unlike",
            {
                "arm": each.arm,
                "kind": each.kind,
                "treated": each.treated.value,
                "held_out": each.held_out.value,
            },
        )
        for each in found.unlike
    ]
    return (*lines, *map(_line, found.differences))


def _line(each: Difference) -> Line:
    values = {
        "arm": each.arm,
        "what": each.what,
        "treated": each.treated,
        "held_out": each.held_out,
        "difference": each.value,
    }
    if each.interval is None:
        return Line("arm_too_few", values)
    code = "arm_money" if each.is_money else "arm_differs"
    code = "arm_among_alike" if each.among_alike else code
    return Line(code, {**values, "low": each.interval.low, "high": each.interval.high})


# -- each arm beside the holdout -------------------------------------------------------------------


def _outcomes(arm: Arm) -> tuple[str, ...]:
    groups = arm.kinds.values()
    return tuple(dict.fromkeys(what for group in groups for what in (*group.did, *group.spent)))


def _differences(arm: Arm, held_out: Arm, confidence: float, together: float) -> list[Difference]:
    found = []
    for what in _outcomes(held_out):
        is_money = any(what in group.spent for group in held_out.kinds.values())
        if is_money:
            mine, theirs = arm.spent(what), held_out.spent(what)
            values = mine.mean, theirs.mean
            one, all_ = (of_means(mine, theirs, sure) for sure in (confidence, together))
        else:
            did, they = arm.did(what), held_out.did(what)
            values = did.value, they.value
            one, all_ = (of_difference(did, they, sure) for sure in (confidence, together))
        each = _difference(arm.name, what, values, (one, all_))
        found.append(msgspec.structs.replace(each, is_money=is_money))
    return found


def _difference(
    arm: str, what: str, values: tuple[float, float], sure: tuple[Interval | None, Interval | None]
) -> Difference:
    interval, of_all = sure
    return Difference(
        arm=arm,
        what=what,
        treated=values[0],
        held_out=values[1],
        interval=interval,
        holds=of_all is not None and of_all.excludes(0),
    )


def _only(arm: Arm, kind: str) -> Arm:
    return msgspec.structs.replace(arm, kinds={kind: arm.kinds[kind]})


# -- where the groups differ -----------------------------------------------------------------------


def _unlike(arm: Arm, held_out: Arm, among: int) -> list[Unlike]:
    kinds = sorted({*arm.kinds, *held_out.kinds})
    sure = 1 - (1 - USUAL) / (len(kinds) * among)
    found = []
    for kind in kinds:
        mine, theirs = (
            Share(each.kinds[kind].people if kind in each.kinds else 0, each.people)
            for each in (arm, held_out)
        )
        by_luck = not of_difference(mine, theirs, sure).excludes(0)
        if not by_luck and _distance(mine, theirs) > UNLIKE:
            found.append(Unlike(arm=arm.name, kind=kind, treated=mine, held_out=theirs))
    return found


def _distance(one: Share, other: Share) -> float:
    """Return the difference of two shares in standard deviations of one person."""
    spread = sum(each.value * (1 - each.value) for each in (one, other)) / 2
    return abs(one.value - other.value) / math.sqrt(spread) if spread else math.inf


def _among_alike(arm: Arm, held_out: Arm, confidence: float, together: float) -> list[Difference]:
    """Compare within each kind, and weigh the kinds as they are among all; shares only, not money."""
    kinds = [kind for kind in arm.kinds if kind in held_out.kinds]
    people = {kind: arm.kinds[kind].people + held_out.kinds[kind].people for kind in kinds}
    total = sum(people.values())
    found = []
    for what in _outcomes(held_out) if total else ():
        if any(what in held_out.kinds[kind].spent for kind in kinds):
            continue
        parts = [
            (people[kind] / total, _only(arm, kind).did(what), _only(held_out, kind).did(what))
            for kind in kinds
        ]
        treated = sum(weight * mine.value for weight, mine, _ in parts)
        others = sum(weight * theirs.value for weight, _, theirs in parts)
        one, all_ = (of_sum(parts, sure) for sure in (confidence, together))
        each = _difference(arm.name, what, (treated, others), (one, all_))
        found.append(msgspec.structs.replace(each, among_alike=True))
    return found
