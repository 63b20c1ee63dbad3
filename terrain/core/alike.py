"""Whether those who are treated and those held out are people of the same kinds; and what is so among alike ones.

Promise: pure; the groups of a draw are alike but for what luck does, so where they are not, something between the
draw and the act parts them: that is said, and people are compared within each kind (`core/arms.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from terrain.core import traits
from terrain.core.arms import Arm, Difference, Group, Unlike, report
from terrain.core.explanation import Line
from terrain.core.interval import Share

CODES = frozenset({"not_alike", "among_alike"})
TREATED, HELD_OUT = "treated", "held_out"
_GOT_IT = "got_it"
# When something is done says nothing about whom it is done to.
_OF_NOBODY = frozenset({traits.HOUR, traits.WEEKDAY})


class Person(NamedTuple):
    """Somebody of either group: what is known of them, and whether they got the signal."""

    traits: Mapping[str, str]
    treated: bool
    got: bool


class Stratum(NamedTuple):
    """Those of one kind in either group, and how many of them got the signal."""

    value: str
    treated: Share
    held_out: Share


class Unalike(msgspec.Struct, frozen=True, kw_only=True):
    """A trait by which the groups differ: in which kinds of people, each by itself, and alike ones compared."""

    trait: str
    kinds: tuple[Unlike, ...]
    strata: tuple[Stratum, ...]
    among: Difference | None


def unalike(people: Iterable[Person]) -> tuple[Unalike, ...]:
    """Return each trait by which the groups differ; nothing where they are alike."""
    some = list(people)
    named = sorted({trait for one in some for trait in one.traits} - _OF_NOBODY)
    found = (_by(trait, some, len(named)) for trait in named)
    return tuple(each for each in found if each is not None)


def told(found: Iterable[Unalike]) -> tuple[Line, ...]:
    """Return what there is to say of each: how they differ, and what is so among alike people."""
    return tuple(line for each in found for line in _told(each))


def _by(trait: str, people: Sequence[Person], traits_: int) -> Unalike | None:
    treated, held_out = (_arm(trait, people, treated=which) for which in (True, False))
    if not treated.people or not held_out.people:
        return None
    said = report([treated], held_out, among=traits_)
    if not said.unlike:
        return None
    return Unalike(
        trait=trait,
        kinds=said.unlike,
        strata=tuple(
            Stratum(kind, _got(treated, kind), _got(held_out, kind))
            for kind in sorted({*treated.kinds, *held_out.kinds})
        ),
        among=next((each for each in said.differences if each.among_alike), None),
    )


def _arm(trait: str, people: Iterable[Person], *, treated: bool) -> Arm:
    """Return those of one group of whom this is known, by what is."""
    counts: dict[str, list[int]] = {}
    for one in people:
        if one.treated is treated and trait in one.traits:
            group = counts.setdefault(one.traits[trait], [0, 0])
            group[0] += 1
            group[1] += one.got
    kinds = {kind: Group(people=n, did={_GOT_IT: got}) for kind, (n, got) in counts.items()}
    return Arm(name=TREATED if treated else HELD_OUT, kinds=kinds)


def _got(arm: Arm, kind: str) -> Share:
    group = arm.kinds.get(kind)
    return Share(group.did[_GOT_IT], group.people) if group else Share(0, 0)


def _told(each: Unalike) -> Iterable[Line]:
    first = max(each.kinds, key=lambda kind: kind.treated.value - kind.held_out.value)
    of = {"trait": each.trait, "value": first.kind}
    yield Line("not_alike", {**of, "treated": first.treated, "held_out": first.held_out})
    if each.among is not None and each.among.interval is not None:
        low, high = each.among.interval
        shares = {"treated": each.among.treated, "held_out": each.among.held_out}
        yield Line("among_alike", {**of, **shares, "low": low, "high": high})
