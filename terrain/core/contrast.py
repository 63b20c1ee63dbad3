"""What differs about the people hit: each trait of theirs compared with those touched and not hit.

Promise: a comparison that anybody can check by hand, and a finding is rarely luck: of a hundred houses where
nothing stands out, five at most are told that something does, however many traits and values are looked at.

For each value of each trait: how many of those hit have it, how many of the others, and how often chance alone
would put so many among those hit (Fisher's exact test, mid-p). The more values are compared, the less chance is
left to each (Holm; values too rare ever to be told from luck are not counted, Tarone). What stands out only because
it goes together with something stronger, the shop that got the wrong version, is said to come with it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from terrain.core.chance import drawn_as_many
from terrain.core.explanation import Line
from terrain.core.interval import Interval, Share, of_difference

LUCK = 0.05
LUCK_SAID = 0.001  # rounded up to that: nothing is said to be impossible
# The trait that is our own doing.
OURS = "version"
CODES = frozenset({"stands_out", "comes_with", "nothing_stands_out", "nobody_hit", "all_hit"})


class Case(NamedTuple):
    """Somebody who was touched, or several alike: what is known of them, and whether they were hit."""

    traits: Mapping[str, str]
    hit: bool
    people: int = 1


class Value(NamedTuple):
    """One value of one trait: `("version", "7")`."""

    trait: str
    value: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One value: its share among those hit and among the others, the difference between, and what luck would do.

    `luck` is corrected for all that was compared. `comes_with`: the stronger finding that explains this one.
    """

    value: Value
    hit: Share
    others: Share
    difference: Interval
    luck: float
    comes_with: Value | None = None


def contrast(cases: Iterable[Case], luck: float = LUCK) -> tuple[Standing, ...]:
    """Return what stands out among those hit, the strongest first; nothing where nothing does."""
    known = list(cases)
    alone = dict(_counted(known))
    standing = [
        _standing(value, alone[value], corrected)
        for value, corrected in _corrected({each: _luck(*alone[each]) for each in alone}, luck)
    ]
    if not standing:
        return ()
    first, *rest = standing
    return (first, *(_explained(each, first, known, luck) for each in rest))


def told(standing: tuple[Standing, ...], cases: Iterable[Case]) -> tuple[Line, ...]:
    """Return what there is to say: what stands out, or that nothing does."""
    touched: Counter[bool] = Counter()
    for case in cases:
        touched[case.hit] += case.people
    values = {"hit": touched[True], "touched": touched.total()}
    if not touched[True] or not touched[False]:
        return (Line("all_hit" if touched[True] else "nobody_hit", values),)
    return tuple(map(_line, standing)) or (Line("nothing_stands_out", values),)


def _line(each: Standing) -> Line:
    values = {
        "trait": each.value.trait,
        "value": each.value.value,
        "hit": each.hit,
        "others": each.others,
        "luck": math.ceil(each.luck / LUCK_SAID) * LUCK_SAID,
    }
    if each.comes_with is None:
        return Line("stands_out", values)
    with_ = {"with_trait": each.comes_with.trait, "with_value": each.comes_with.value}
    return Line("comes_with", {**values, **with_})


# -- counting --------------------------------------------------------------------------------------


def _counted(cases: list[Case]) -> Iterable[tuple[Value, tuple[Share, Share]]]:
    """Yield each value with its share among those hit and among the others, of those of whom the trait is known."""
    having: Counter[tuple[str, str, bool]] = Counter()
    of: Counter[tuple[str, bool]] = Counter()
    for traits, hit, people in cases:
        for trait, value in traits.items():
            having[trait, value, hit] += people
            of[trait, hit] += people
    for trait, value in {(trait, value) for trait, value, _ in having}:
        one, other = (Share(having[trait, value, was], of[trait, was]) for was in (True, False))
        yield Value(trait, value), (one, other)


def _shares_of(one: Value, cases: Iterable[Case]) -> tuple[Share, Share]:
    """Return the shares of this value alone."""
    having: Counter[bool] = Counter()
    of: Counter[bool] = Counter()
    for traits, hit, people in cases:
        value = traits.get(one.trait)
        if value is not None:
            of[hit] += people
            having[hit] += people * (value == one.value)
    return Share(having[True], of[True]), Share(having[False], of[False])


def _standing(value: Value, shares: tuple[Share, Share], luck: float) -> Standing:
    hit, others = shares
    return Standing(
        value=value, hit=hit, others=others, difference=of_difference(hit, others), luck=luck
    )


# -- telling from luck -----------------------------------------------------------------------------


def _luck(hit: Share, others: Share) -> tuple[float, float]:
    """Return how often luck puts so many among those hit, and how often it puts there as many as there can be."""
    marked, of = hit.of_them + others.of_them, hit.of + others.of
    return (
        drawn_as_many(hit.of_them, hit.of, marked, of),
        drawn_as_many(min(hit.of, marked), hit.of, marked, of),
    )


def _corrected(
    found: dict[Value, tuple[float, float]], luck: float
) -> Iterable[tuple[Value, float]]:
    """Yield what stays below `luck` when it is multiplied by how much is compared, the strongest first."""
    rarest = sorted(least for _, least in found.values())
    compared = next(
        (n for n in range(1, len(rarest) + 1) if sum(each <= luck / n for each in rarest) <= n),
        len(rarest),
    )
    corrected = 0.0
    # Of two that say as much, what we changed ourselves comes first: an hour did no harm, a version may have.
    ordered = sorted(found, key=lambda value: (found[value][0], value.trait != OURS, value))
    for place, value in enumerate(ordered):
        corrected = max(corrected, found[value][0] * max(1, compared - place))
        if corrected > luck:
            break
        yield value, corrected


def _explained(each: Standing, first: Standing, cases: list[Case], luck: float) -> Standing:
    """Return it as coming with the strongest where among alike people, with or without that, nothing is left."""
    trait, value = first.value
    for has_it in (True, False):
        alike = (case for case in cases if (case.traits.get(trait) == value) is has_it)
        shares = _shares_of(each.value, alike)
        if any(share.of_them for share in shares) and _luck(*shares)[0] <= luck:
            return each
    return msgspec.structs.replace(each, comes_with=first.value)
