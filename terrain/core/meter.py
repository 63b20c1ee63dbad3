"""The evidence meter: how strongly what came back says that an automation exceeds its bound.

Promise: exact arithmetic on counts. While the true rate is at or under the bound, the reading reaches 100
in fewer than one year out of a hundred, however often it is looked at and whatever the volume
(`watch.md` 3.1: a mixture of likelihood ratios, half of it betting on a fault since the last change, half
on a fault that began at any moment: Shiryaev-Roberts, bounded by Ville's inequality).

Acts are counted in cohorts by the time of the act; a late signal raises the cohort of the act that caused it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

# How many times the odds of the bound the fault is suspected to be; each suspicion weighs the same.
ARMS = (1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 40.0)
AMBER = 20.0
RED = 100.0
NOTHING = -math.inf
_LARGEST = 700.0  # of a logarithm: what lies beyond, no number of this machine can hold
_TINY, _HUGE = 1e-200, 1e200  # between them nothing is lost


class Cohort(NamedTuple):
    """Acts of one hour or day, and how many of them got the signal at least once."""

    acts: int
    bad: int


Counts = tuple[float, float]  # a cohort, or the like


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """How much is too much: the share `p0` of acts (0 < p0 < 1), and how many acts a year are planned."""

    p0: float
    acts_per_year: float


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the cohorts so far say, per arm, in natural logarithms: a state to go on from.

    `since_change` is the likelihood ratio of all cohorts; `since_any` that of the runs of cohorts
    that end now, summed over every act they might have begun with.
    """

    since_change: tuple[float, ...] = (0.0,) * len(ARMS)
    since_any: tuple[float, ...] = (NOTHING,) * len(ARMS)


class Since(NamedTuple):
    """Where the evidence is strongest from: the cohort's place, the acts and bad acts from there on."""

    cohort: int
    acts: int
    bad: int
    expected_at_most: float


def read(cohorts: Iterable[Counts], bound: Bound, so_far: Evidence | None = None) -> Evidence:
    """Return the evidence with these cohorts added, in order of time."""
    before = so_far or Evidence()
    # As floats at once: every arm would else turn each whole number into one again.
    counts = [(float(acts), float(bad)) for acts, bad in cohorts]
    acts, bad = sum([acts for acts, _ in counts]), sum([bad for _, bad in counts])
    if not acts:
        return before
    change, moment = [], []
    arms = zip(_ratios(bound.p0), before.since_change, before.since_any, strict=True)
    for (if_bad, if_good), ratio, runs in arms:
        change.append(ratio + bad * if_bad + (acts - bad) * if_good)
        moment.append(_runs(counts, if_bad, if_good, runs))
    return Evidence(since_change=tuple(change), since_any=tuple(moment))


def log_strength(evidence: Evidence, bound: Bound) -> float:
    """Return the natural logarithm of the reading M.

    Half E, half R a year (`watch.md` 3.1): the mean of both halves' arms, side by side.
    """
    a_year = math.log(bound.acts_per_year)
    return log_mean([*evidence.since_change, *[runs - a_year for runs in evidence.since_any]])


def strength(evidence: Evidence, bound: Bound) -> float:
    """Return the reading M: 20 is amber, 100 red. A healthy year reaches it less than once in M."""
    return as_number(log_strength(evidence, bound))


def as_number(logarithm: float) -> float:
    """Return what this is the natural logarithm of; what no number of this machine can hold is infinite."""
    return math.exp(logarithm) if logarithm < _LARGEST else math.inf


def log_mean(logs: Sequence[float]) -> float:
    """Return the natural logarithm of the mean of what these are the logarithms of."""
    top = max(logs)
    if top == NOTHING:
        return NOTHING
    return top + math.log(sum([math.exp(each - top) for each in logs]) / len(logs))


def since_when(cohorts: Sequence[Cohort], bound: Bound) -> Since:
    """Return the cohort from which on the evidence is strongest."""
    ratios = _ratios(bound.p0)
    sums = [0.0] * len(ARMS)
    acts = bad = 0
    best = (NOTHING, Since(len(cohorts), 0, 0, 0.0))
    for place in reversed(range(len(cohorts))):
        cohort = cohorts[place]
        acts, bad = acts + cohort.acts, bad + cohort.bad
        for arm, (if_bad, if_good) in enumerate(ratios):
            sums[arm] += cohort.bad * if_bad + (cohort.acts - cohort.bad) * if_good
        found = log_mean(sums)
        if found > best[0]:
            best = (found, Since(place, acts, bad, acts * bound.p0))
    return best[1]


@lru_cache(maxsize=1024)
def _ratios(p0: float) -> tuple[tuple[float, float], ...]:
    """Return per arm what one bad and one good act add: log(p/p0) and log((1-p)/(1-p0)).

    With p = θp0 / (1 + (θ-1)p0) both have the same denominator.
    """
    parts = [math.log1p((odds - 1) * p0) for odds in ARMS]
    return tuple((math.log(odds) - part, -part) for odds, part in zip(ARMS, parts, strict=True))


def _runs(cohorts: Sequence[Counts], if_bad: float, if_good: float, before: float) -> float:
    """Return the runs that end now: plain numbers are twice as quick, and do unless they grow beyond."""
    try:
        runs, worse = math.exp(before), if_bad - if_good
        for acts, bad in cohorts:
            runs = (runs + acts) * math.exp(bad * worse + acts * if_good)
    except OverflowError:
        runs = math.inf
    if _TINY < runs < _HUGE:
        return math.log(runs)
    return _runs_in_logarithms(cohorts, if_bad, if_good, before)


def _runs_in_logarithms(
    cohorts: Sequence[Counts], if_bad: float, if_good: float, runs: float
) -> float:
    for acts, bad in cohorts:
        if acts:
            runs = _log_sum(runs, math.log(acts)) + bad * if_bad + (acts - bad) * if_good
    return runs


def _log_sum(one: float, other: float) -> float:
    high, low = (one, other) if one > other else (other, one)
    return high if low == NOTHING else high + math.log1p(math.exp(low - high))
