"""When an automation that was let go on after a pause may touch more customers.

Promise: it climbs by itself only on evidence. Each stage lets ten times more people be touched; before it, a fault
had the time to show itself: in nine of ten cases the meter would be red by now if there were one.

Which fault, at which stage? At one in a hundred, ten times the odds of the bound: what would hurt most people
at once shows within a few hundred acts. At one in ten, three times the odds: a smaller fault takes more acts to
see, and these are there by then. What is smaller still is seen at full volume, where acts are plenty. An act counts
once it is old enough for most of what it can cause to have come back. `core/breaker.py`
says who is among the first.
"""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from terrain.core.blindness import NEARLY_ALL, acts_to_prove, at_odds
from terrain.core.bounds import PILOT_ACTS
from terrain.core.watch import RED_BY_REACH, State, Watch
from terrain.core.word import Word

FAULT_TO_SEE = (10.0, 3.0)  # times the odds of the bound, before leaving each stage but the last
RIPE_AFTER = timedelta(days=2)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What one watch saw since this stage began: acts that are ripe by now, and how it stands."""

    watch: Watch
    ripe: int
    state: State


class Step(Word):
    """What a canary does next."""

    CLIMB = "climb"
    STAY = "stay"
    FALL = "fall"  # a meter is red: it is paused again
    WHOLE = "whole"  # everybody is in; there is nothing to climb


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What is next; how many ripe acts that takes, how many there are, by the signal waited for longest.

    `needs` is None where no number of acts would prove it: then only a person can let it go on.
    """

    step: Step
    needs: int | None = 0
    has: int = 0
    signal: str = ""


def needed(watch: Watch, stage: int) -> int | None:
    """Return the ripe acts that one watch asks for before this stage is left.

    One that compares gives its evidence through its own reading, which has to be clear, once it has seen as many
    acts as else would teach a bound: by comparing alone, three times the odds would take ten thousand.
    """
    if watch.compares:
        return PILOT_ACTS
    if not watch.by_counting:
        return 0  # one signal stops it at once, so no number of good acts has to be waited for
    p0 = watch.agreed.share
    fault = at_odds(p0, FAULT_TO_SEE[stage])
    return acts_to_prove(p0, fault, NEARLY_ALL, RED_BY_REACH[watch.reach])


def slowest(watches: Iterable[Watch], stage: int) -> int | None:
    """Return the ripe acts that the slowest of these asks for; None where only a person can let it climb."""
    asked = [needed(each, stage) for each in watches]
    known = [each for each in asked if each is not None]
    return max(known) if known and len(known) == len(asked) else None


def outlook(stage: int, seen: Iterable[Seen]) -> Outlook:
    """Return what is next. Where nothing is watched there is no evidence, so it stays."""
    watched = list(seen)
    if any(each.state is State.RED for each in watched):
        return Outlook(step=Step.FALL)
    if stage >= len(FAULT_TO_SEE):
        return Outlook(step=Step.WHOLE)
    if not watched:
        return Outlook(step=Step.STAY, needs=None)
    missing, slowest = max(
        ((_missing(each, stage), each) for each in watched), key=lambda it: it[0]
    )
    calm = all(each.state is State.CLEAR for each in watched)
    return Outlook(
        step=Step.CLIMB if calm and missing <= 0 else Step.STAY,
        needs=needed(slowest.watch, stage),
        has=slowest.ripe,
        signal=slowest.watch.signal,
    )


def _missing(seen: Seen, stage: int) -> float:
    needs = needed(seen.watch, stage)
    return float("inf") if needs is None else needs - seen.ripe
