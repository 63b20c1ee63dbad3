"""One automation watched for one signal: by which bound, from when on, and what state it is in.

Promise: a healthy automation is paused by mistake in fewer than one year out of a hundred (out of twenty where a
wrong pause costs little beside a wrong act); a faulty one as soon as the evidence is there; and where nothing can
be heard the state is grey, never green.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from terrain.core import cohorts as days
from terrain.core import meter
from terrain.core.act import Reach
from terrain.core.bounds import Agreed, Origin
from terrain.core.cohorts import Cohorts, Day
from terrain.core.holdout import Block, Comparison
from terrain.core.interval import Share
from terrain.core.meter import AMBER, RED, Bound, Cohort
from terrain.core.signal import Signal
from terrain.core.word import Word

YEAR = timedelta(days=365)
# A pace is not believed before this long: a first mailing would else count for a year of them.
SHORTEST_PACE = timedelta(days=7)
# Where an act reaches an account or a home, a wrong pause is cheap beside a wrong act.
RED_BY_REACH = {Reach.INBOX: RED, Reach.PHONE: RED, Reach.ACCOUNT: AMBER, Reach.HOME: AMBER}
# One of these is enough: no statistics are asked for (`watch.md` 3.6).
ENOUGH_ONCE = frozenset({"safety_report", "legal_threat", "wrong_closure", "vulnerable_hurt"})


class State(Word):
    """How a watch stands."""

    CLEAR = "clear"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class Because(Word):
    """Why a watch stands as it does."""

    WITHIN = "within"  # nothing speaks against it
    EVIDENCE = "evidence"  # more came back than luck explains
    ONE_IS_TOO_MANY = "one_is_too_many"  # the bound is none at all, and there was one
    GAP = "gap"  # no signal could come in
    NO_ACTS = "no_acts"  # nothing was done yet
    WORSE = "worse"  # more comes back from who is treated than from who is held out
    NO_WORSE = "no_worse"  # nothing says so
    NOBODY_HELD_OUT = "nobody_held_out"  # there is nobody yet to compare with
    NO_BOUND = "no_bound"  # nobody said how much is too much, and that is not learned yet


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """The versions of an automation that act alike, `first_version` to `version`, and one signal.

    `holdout`: the share of customers who are not treated, to compare with where there is no bound.
    `since`: from when on acts count, where that is later than the first of them: it went on after a stop.
    """

    automation: str
    first_version: int
    version: int
    signal: Signal
    reach: Reach
    agreed: Agreed
    acts_per_year: float
    holdout: float = 0.0
    since: datetime | None = None

    @property
    def bound(self) -> Bound:
        """What the meter is read with; only where it is read `by_counting`."""
        return Bound(p0=self.agreed.share, acts_per_year=self.acts_per_year)

    @property
    def by_counting(self) -> bool:
        """Whether one signal may be luck, so that a meter is needed, and there is a bound to read it with."""
        return self.is_bounded and self.agreed.share > 0

    @property
    def compares(self) -> bool:
        """Whether those who are treated are compared with those held out, for want of a bound."""
        return not self.is_bounded and self.holdout > 0

    @property
    def is_bounded(self) -> bool:
        """Whether it is known how much is too much."""
        return self.agreed.origin is not Origin.NONE


class Levels(NamedTuple):
    """The readings from which a watch is amber, and red."""

    amber: float
    red: float


class Strongest(NamedTuple):
    """From which day on the evidence is strongest: the acts and bad acts since."""

    day: date
    acts: int
    bad: int


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a watch says now. `deaf_since`: since when no signal can come in, if so.

    `held_out`: how many of those acts that were left out got the signal all the same, where that is compared.
    `strongest` is known where more came back than its bound explains by itself.
    """

    state: State
    because: Because
    strength: float = 0.0
    acts: int = 0
    bad: int = 0
    deaf_since: datetime | None = None
    strongest: Strongest | None = None
    held_out: Share | None = None


# -- how many acts a year has ----------------------------------------------------------------------


def acts_a_year(so_far: int, took: timedelta) -> float:
    """Return the acts of a year, as the pace so far shows: at least those that were done already.

    The guarantee is for so many acts: too few would buy more than one year's false alarms.
    """
    pace = so_far * (YEAR / max(took, SHORTEST_PACE))
    return max(pace, so_far, 1.0)


# -- how often it may cry wolf ---------------------------------------------------------------------


def levels(reach: Reach, stricter: float = 1.0) -> Levels:
    """Return when a watch is amber and red; `stricter`: so many times more evidence for red."""
    return Levels(AMBER, RED_BY_REACH[reach] * stricter)


def false_reds(watches: Iterable[Watch], stricter: float = 1.0) -> float:
    """Return the false reds of a year to expect at most, of all these, whatever hangs together with what.

    A watch with a bound of none at all is never falsely red: it asks no more than whether there was one.
    """
    return sum(
        1 / levels(each.reach, stricter).red
        for each in watches
        if each.by_counting or each.compares
    )


def stricter_for(watches: Iterable[Watch], budget: float) -> float:
    """Return how many times more evidence red needs, so that false reds stay within the manager's budget."""
    return max(1.0, false_reds(watches) / budget)


# -- how it stands ---------------------------------------------------------------------------------


def read(
    watch: Watch, cohorts: Cohorts, deaf_since: datetime | None = None, stricter: float = 1.0
) -> Reading:
    """Return how the watch stands. What was proven stays proven when the feed falls silent."""
    acts, bad = cohorts.seen
    strength = 0.0
    if watch.by_counting:
        bound = watch.bound
        strength = meter.strength(days.evidence(cohorts, bound), bound)
    state, because = _state(watch, strength, bad, stricter)
    if state is State.CLEAR and (deaf_since is not None or not acts):
        state, because = State.GREY, Because.GAP if deaf_since is not None else Because.NO_ACTS
    return Reading(
        state=state, because=because, strength=strength, acts=acts, bad=bad, deaf_since=deaf_since
    )


def compared(
    watch: Watch, found: Comparison, both: Block, deaf_since: datetime | None, stricter: float
) -> Reading:
    """Return how a watch stands that compares those who are treated with those held out.

    `found` are the days that are over; `both` counts today's people, too.
    """
    state, because = _compared(both, found.strength, levels(watch.reach, stricter))
    if state is State.CLEAR and deaf_since is not None:
        state, because = State.GREY, Because.GAP
    return Reading(
        state=state,
        because=because,
        strength=found.strength,
        acts=both.treated.of,
        bad=both.treated.of_them,
        deaf_since=deaf_since,
        held_out=both.held_out,
    )


def strongest(watch: Watch, year: Sequence[Day]) -> Strongest | None:
    """Return from which of these days on the evidence is strongest."""
    if not year or not watch.by_counting:
        return None
    found = meter.since_when([Cohort(day.acts, day.bad) for day in year], watch.bound)
    return Strongest(year[found.cohort].day, found.acts, found.bad) if found.acts else None


def _compared(both: Block, strength: float, levels: Levels) -> tuple[State, Because]:
    if strength >= levels.amber:
        return State.RED if strength >= levels.red else State.AMBER, Because.WORSE
    if not both.treated.of:
        return State.GREY, Because.NO_ACTS
    if not both.held_out.of:
        return State.GREY, Because.NOBODY_HELD_OUT
    return State.CLEAR, Because.NO_WORSE


def _state(watch: Watch, strength: float, bad: int, stricter: float) -> tuple[State, Because]:
    if not watch.is_bounded:
        return State.GREY, Because.NO_BOUND
    if not watch.by_counting:
        return (State.RED, Because.ONE_IS_TOO_MANY) if bad else (State.CLEAR, Because.WITHIN)
    amber, red = levels(watch.reach, stricter)
    if strength >= red:
        return State.RED, Because.EVIDENCE
    return (State.AMBER, Because.EVIDENCE) if strength >= amber else (State.CLEAR, Because.WITHIN)
