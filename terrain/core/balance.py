"""How near a verdict is to another one: which single input would turn it, and by how little.

Promise: the same answer as trying every input by itself. What does not depend on the customer (the
declared harm, benefit, waiting ...) is tried once and remembered, because every customer of one
step shares it; what is left for each decision is a few comparisons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import log
from typing import TypeVar

import msgspec

from terrain.core.act import AskBy, Benefit, Moment, Proposal, Reach, Undo, Waiting
from terrain.core.decision import NearestChange
from terrain.core.fact import FactKey
from terrain.core.settings import GuardSettings
from terrain.core.weighing import GENTLER_FIRST, Scale, needed, reign, smallest, turning

T = TypeVar("T")

# Just beyond a point where two verdicts cost the same.
_BEYOND = 1e-6


class Declared(msgspec.Struct, frozen=True, gc=False):
    """What an automation declares of an act, and what this customer's last days add to it."""

    reach: Reach
    undo: Undo
    moment: Moment
    benefit: Benefit
    waiting: Waiting
    ask_by: AskBy
    may_ask: bool
    obligation: bool
    unsolicited: int


class Otherwise(msgspec.Struct, frozen=True):
    """One declared input one notch aside: how far that is, and the scale it would give."""

    far: float
    of: str
    to: str
    scale: Scale
    reigns: tuple[tuple[float, float], ...]


class Balance(msgspec.Struct, frozen=True):
    """A scale with everything that follows from it for whatever certainty.

    For each verdict: `reigns` is where it is the smallest loss, `calm` where it stays so although
    any one declared input is off by the factor of a close call.
    """

    scale: Scale
    needs: float
    turning: float | None
    reigns: tuple[tuple[float, float], ...]
    calm: tuple[tuple[float, float], ...]
    otherwise: tuple[Otherwise, ...]
    times: float


def declared(proposal: Proposal, *, may_ask: bool, unsolicited: int) -> Declared:
    """Return what counts of a proposal."""
    return Declared(
        proposal.reach,
        proposal.undo,
        proposal.moment,
        proposal.benefit,
        proposal.waiting,
        proposal.ask_by,
        may_ask and proposal.can_ask,
        proposal.obligation,
        unsolicited,
    )


def scale_of(d: Declared, settings: GuardSettings) -> Scale:
    """Put what is declared on the scale; each unsolicited contact of late adds to the intrusion."""
    silence = settings.silence[d.waiting]
    asking = settings.ask[d.ask_by]
    return Scale(
        settings.harm_by_reach[d.reach]
        * settings.harm_by_undo[d.undo]
        * settings.harm_by_moment[d.moment],
        settings.intrusion[d.reach] * (1 + d.unsolicited),
        settings.benefit[d.benefit],
        silence,
        asking.cost,
        asking.answered,
        settings.hand_cost,
        d.may_ask,
        silence > 0 or d.obligation,
    )


@lru_cache(maxsize=4096)
def balance_of(d: Declared, settings: GuardSettings) -> Balance:
    """Return the balance for this declaration: made once, the same for every customer."""
    scale = scale_of(d, settings)
    others = [*_off_by(settings.close_call_times, scale)]
    return Balance(
        scale=scale,
        needs=needed(scale),
        turning=turning(scale),
        reigns=_reigns(scale),
        calm=tuple(_common([reign(verdict, s) for s in others]) for verdict in range(4)),
        otherwise=tuple(sorted(_one_notch_aside(d, settings), key=lambda one: one.far)),
        times=settings.close_call_times,
    )


def is_close(p: float, verdict: int, doubt: float, balance: Balance) -> bool:
    """Tell whether any one input, at half or double its value, would change the verdict.

    Of all facts, changing the odds of the weakest (`doubt` is its confidence) moves P furthest,
    both ways, and the verdict moves one way with P: so the weakest alone speaks for all of them.
    """
    low, high = balance.calm[verdict]
    if not low <= p <= high:
        return True
    times = balance.times
    low, high = balance.reigns[verdict]
    return p / (times - (times - 1) * doubt) < low or p * times / (1 + (times - 1) * doubt) > high


def nearest_change(
    p: float, verdict: int, weakest: tuple[FactKey, float] | None, balance: Balance
) -> NearestChange | None:
    """Return the smallest change of one input that would have turned the verdict."""
    far, nearest = float("inf"), None
    if weakest is not None and p > 0:
        far, nearest = _certainty_that_turns(p, verdict, weakest, balance)
    for other in balance.otherwise:
        if other.far >= far:
            break
        low, high = other.reigns[verdict]
        if low <= p <= high:
            continue
        turned = smallest(p, other.scale)
        if turned != verdict:
            return NearestChange(of=other.of, to=other.to, verdict=GENTLER_FIRST[turned])
    return nearest


def _certainty_that_turns(
    p: float, verdict: int, weakest: tuple[FactKey, float], balance: Balance
) -> tuple[float, NearestChange | None]:
    """Return how far, in odds, the weakest fact, nearest of all, is from turning the verdict."""
    key, doubt = weakest
    far, nearest = float("inf"), None
    low, high = balance.reigns[verdict]
    for at, beyond in ((low, low - _BEYOND), (high, high + _BEYOND)):
        to = doubt * at / p
        if not (0 < at < 1 and 0 < to < 1 and doubt < 1):
            continue
        this_far = abs(log(to * (1 - doubt) / (doubt * (1 - to))))
        if this_far < far:
            turned = GENTLER_FIRST[smallest(beyond, balance.scale)]
            far, nearest = (
                this_far,
                NearestChange(of=f"fact:{key}", to=round(to, 4), verdict=turned),
            )
    return far, nearest


def _reigns(scale: Scale) -> tuple[tuple[float, float], ...]:
    return tuple(reign(verdict, scale) for verdict in range(4))


def _off_by(times: float, s: Scale) -> Iterator[Scale]:
    """Yield the scale with one of harm, intrusion, benefit and silence too small or too large."""
    yield s
    for by in (times, 1 / times):
        yield msgspec.structs.replace(s, harm=s.harm * by)
        yield msgspec.structs.replace(s, intrusion=s.intrusion * by)
        yield msgspec.structs.replace(s, benefit=s.benefit * by)
        yield msgspec.structs.replace(s, silence=s.silence * by)


def _common(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return max(low for low, _ in ranges), min(high for _, high in ranges)


def _one_notch_aside(d: Declared, settings: GuardSettings) -> Iterator[Otherwise]:
    """Yield each declared input one notch aside. Benefit and silence may be 0: one is added."""
    here = scale_of(d, settings)
    others = [
        *(("undo", one, msgspec.structs.replace(d, undo=one)) for one in _beside(Undo, d.undo)),
        *(("moment", m, msgspec.structs.replace(d, moment=m)) for m in _beside(Moment, d.moment)),
        *(
            ("benefit", b, msgspec.structs.replace(d, benefit=b))
            for b in _beside(Benefit, d.benefit)
        ),
        *(
            ("waiting", w, msgspec.structs.replace(d, waiting=w))
            for w in _beside(Waiting, d.waiting)
        ),
    ]
    if d.may_ask and d.ask_by is not AskBy.CONVERSATION:
        talk = AskBy.CONVERSATION
        others.append(("ask_by", talk, msgspec.structs.replace(d, ask_by=talk)))
    for of, to, other in others:
        there = scale_of(other, settings)
        far = (
            abs(log((there.harm or 1) / (here.harm or 1)))
            + abs(log((there.benefit + 1) / (here.benefit + 1)))
            + abs(log((there.silence + 1) / (here.silence + 1)))
            + abs(log((there.ask_cost or 0.01) / (here.ask_cost or 0.01)))
        )
        yield Otherwise(far, of, to.value, there, _reigns(there))


def _beside(order: Iterable[T], here: T) -> list[T]:
    every = list(order)
    place = every.index(here)
    return every[max(0, place - 1) : place] + every[place + 1 : place + 2]
