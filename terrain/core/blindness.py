"""How many acts it takes to prove a fault: what a meter cannot see yet, said before it is needed.

Promise: worked out, not guessed, and never rosier than it is. Only the half of the meter that looks since the last
change is counted (the other half can only be quicker), over every way that chance can take.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from terrain.core.duration import Span
from terrain.core.meter import ARMS, RED, log_mean

TIMES = (2, 3, 10)  # the faults that an owner asks about
HALF, NEARLY_ALL = 0.5, 0.9
FORTNIGHT, TWO_MONTHS, TWO_YEARS = 14, 60, 24  # days, days, months: until then in a smaller unit
_MOST_ACTS = 50_000_000  # more are nobody's pilot
_MOST_BAD = 400
_NEGLIGIBLE = 1e-13


class Blindness(msgspec.Struct, frozen=True, kw_only=True):
    """A fault of so many times the bound: the acts that prove it in one of two, and in nine of ten cases."""

    times: float
    share: float
    half: int | None
    nearly_all: int | None


def blindness(p0: float, red: float = RED) -> tuple[Blindness, ...]:
    """Return for the usual multiples of the bound what it takes; those beyond "every act" are left out."""
    return tuple(
        Blindness(
            times=times,
            share=times * p0,
            half=acts_to_prove(p0, times * p0, HALF, red),
            nearly_all=acts_to_prove(p0, times * p0, NEARLY_ALL, red),
        )
        for times in TIMES
        if times * p0 < 1
    )


def at_odds(p0: float, times: float) -> float:
    """Return the share at so many times the odds of the bound: about so many times the bound, but never all."""
    return times * p0 / (1 + (times - 1) * p0)


def time_for(acts: int, acts_a_month: float) -> Span:
    """Return how long so many acts take, as one says it: days, weeks, months or years."""
    days = acts / acts_a_month * 365 / 12
    if days < FORTNIGHT:
        return Span(days=max(1, math.ceil(days)))
    if days < TWO_MONTHS:
        return Span(days=7 * round(days / 7))
    months = round(days * 12 / 365)
    return Span(months=months if months < TWO_YEARS else 12 * round(months / 12))


@lru_cache(maxsize=1024)
def acts_to_prove(p0: float, share: float, confidence: float, red: float = RED) -> int | None:
    """Return the acts after which the meter is red so surely, if from the first on the true share is this.

    None where that is too many to wait for: a share at the bound is never proven to exceed it.
    """
    still: list[float] = [1.0]  # the chance of so many bad acts so far, without red
    done = 0
    for bad, until in _latest(p0, red):
        before, still = still, _after(still, until - done, share, bad)
        if 1 - sum(still) >= confidence:
            return _within(before, done, until, (share, bad, confidence))
        done = until
        if done > _MOST_ACTS or bad > _MOST_BAD:
            break
    return None


def _within(before: list[float], done: int, until: int, fault: tuple[float, int, float]) -> int:
    share, bad, confidence = fault
    low, high = done, until
    while high - low > 1:
        middle = (low + high) // 2
        proven = 1 - sum(_after(before, middle - done, share, bad)) >= confidence
        low, high = (low, middle) if proven else (middle, high)
    return high


def _latest(p0: float, red: float) -> Iterator[tuple[int, int]]:
    """Yield for each number of bad acts the last act at which they still make the meter red.

    Between two bad acts the evidence only falls; so it is red at some time if the nth bad act comes by then.
    """
    at = 0
    bad = 1
    while True:
        if _is_red(p0, bad, max(at, bad), red):
            at = max(at, bad)
            step = 1
            while _is_red(p0, bad, at + step, red):
                step *= 2
            while step:
                at, step = (at + step if _is_red(p0, bad, at + step, red) else at), step // 2
            yield bad, at
        bad += 1


def _is_red(p0: float, bad: int, acts: int, red: float) -> bool:
    logs = [bad * math.log(odds) - acts * math.log1p((odds - 1) * p0) for odds in ARMS]
    return log_mean(logs) >= math.log(2 * red)


def _after(still: list[float], acts: int, share: float, fewer_than: int) -> list[float]:
    """Return the chances after so many more acts, of those only that have fewer bad ones than this."""
    more = _bad_among(acts, share, fewer_than)
    found = [0.0] * min(fewer_than, len(still) + len(more) - 1)
    for had, chance in enumerate(still):
        if chance > _NEGLIGIBLE:
            for place in range(min(len(more), len(found) - had)):
                found[had + place] += chance * more[place]
    return found


def _bad_among(acts: int, share: float, fewer_than: int) -> list[float]:
    """Return the chances of 0, 1, 2 … bad acts among so many."""
    chances = []
    log_odds = math.log(share) - math.log1p(-share)
    log_chance = acts * math.log1p(-share)
    for bad in range(min(acts + 1, fewer_than)):
        chances.append(math.exp(log_chance))
        log_chance += log_odds + math.log((acts - bad) / (bad + 1)) if bad < acts else 0.0
    return chances
