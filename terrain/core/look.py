"""One watch from look to look: the days that were counted since, what is frozen, and what it says now.

Promise: pure; the same counts give the same reading, in however many looks they were seen. What a late signal does
to an old day raises that day; a day is frozen only once no signal can be late for it any more.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec

from terrain.core import watch as watching
from terrain.core.bounds import PILOT_ACTS, PILOT_DAYS, Origin, learned
from terrain.core.cohorts import Cohorts, Day, Gap, freeze, heard
from terrain.core.holdout import Block, Comparison, compare
from terrain.core.interval import Share
from terrain.core.signal import LATE, Signal
from terrain.core.watch import YEAR, Because, Reading, State, Strongest, Watch, acts_a_year

Key = tuple[str, int, Signal]
# A turn that was behind may still credit what was heard in time.
SPARE = timedelta(days=1)
_NOBODY = Share(0, 0)
_NOTHING = Reading(state=State.GREY, because=Because.NO_ACTS)


class Deafness(NamedTuple):
    """Since when a signal cannot come in, and whether what is said meanwhile is lost or only late."""

    since: datetime
    loses: bool


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One watch with all that its meter goes on from.

    `held_out` are the open days of those who were not treated, `compared` what the frozen ones said.
    `began` is the day of its first act; `after_trip` the stop since which it counts; `gaps` are the days, not
    frozen yet, of which nothing was heard.
    """

    watch: Watch
    at: datetime
    began: date
    reading: Reading = _NOTHING
    cohorts: Cohorts = Cohorts()
    held_out: tuple[Day, ...] = ()
    compared: Comparison = Comparison()
    gaps: tuple[Gap, ...] = ()
    after_trip: int = 0

    @property
    def key(self) -> Key:
        """What there is only one of."""
        return key_of(self.watch)

    @property
    def heard(self) -> Cohorts:
        """The days of which something could be heard."""
        return msgspec.structs.replace(self.cohorts, open=heard(self.cohorts.open, self.gaps))


def key_of(watch: Watch) -> Key:
    """Return what there is only one watch of."""
    return (watch.automation, watch.first_version, watch.signal)


def begun(
    watch: Watch,
    days: tuple[Day, ...],
    now: datetime,
    after_trip: int = 0,
    held_out: tuple[Day, ...] = (),
) -> Kept:
    """Return a watch that begins with these days, beside those of who is held out."""
    began = days[0].day if days else now.date()
    cohorts = Cohorts(open=days)
    return Kept(
        watch=watch,
        at=now,
        began=began,
        cohorts=cohorts,
        held_out=held_out,
        after_trip=after_trip,
    )


def inherited(fresh: Kept, others: Iterable[Kept]) -> Kept:
    """Return the same with the bound that an earlier version taught, where it has nothing to go by itself."""
    if fresh.watch.is_bounded or fresh.watch.compares:
        return fresh
    of = fresh.watch
    taught = [
        one.watch.agreed
        for one in others
        if (one.watch.automation, one.watch.signal) == (of.automation, of.signal)
        and one.watch.agreed.origin is Origin.LEARNED
    ]
    agreed = taught[-1] if taught else of.agreed
    return msgspec.structs.replace(fresh, watch=msgspec.structs.replace(of, agreed=agreed))


def goes_on(kept: Kept, watch: Watch) -> bool:
    """Tell whether this watch goes on with what is kept: the same bound, but for one that was learned meanwhile."""
    before, now = kept.watch.agreed, watch.agreed
    was_learned = before.origin is Origin.LEARNED and now.origin is Origin.NONE
    return was_learned or (before.share, before.origin) == (now.share, now.origin)


def gone_on(kept: Kept, watch: Watch) -> Kept:
    """Return the same with its newest version, and the reason that is given now."""
    agreed = kept.watch.agreed if watch.agreed.origin is Origin.NONE else watch.agreed
    same = msgspec.structs.replace(
        kept.watch, version=watch.version, reach=watch.reach, agreed=agreed
    )
    return msgspec.structs.replace(kept, watch=same)


def with_days(kept: Kept, days: Iterable[Day], since: date, held_out: Iterable[Day] = ()) -> Kept:
    """Return the same with these days in the place of those it had since then."""
    first = max(since, kept.cohorts.open_from)
    treated, others = (
        (*(day for day in before if day.day < since), *(day for day in more if day.day >= first))
        for before, more in ((kept.cohorts.open, days), (kept.held_out, held_out))
    )
    cohorts = msgspec.structs.replace(kept.cohorts, open=treated)
    return msgspec.structs.replace(kept, cohorts=cohorts, held_out=others)


def closed(kept: Kept, today: date) -> Kept:
    """Return the same with every day frozen that no signal can be late for, and its bound learned by then."""
    watch = kept.watch
    bound = watch.bound if watch.by_counting else None
    frozen = freeze(kept.heard, bound, today, LATE[watch.signal] + SPARE)
    left = tuple(day for day in kept.cohorts.open if day.day >= frozen.open_from)
    gaps = tuple(gap for gap in kept.gaps if gap.until is None or gap.until >= frozen.open_from)
    others = tuple(day for day in kept.held_out if day.day >= frozen.open_from)
    same = msgspec.structs.replace(
        kept,
        cohorts=msgspec.structs.replace(frozen, open=left),
        held_out=others,
        compared=_compared(kept, until=frozen.open_from),
        gaps=gaps,
    )
    return _taught(same, today)


def listening(kept: Kept, deaf: Deafness | None, today: date) -> Kept:
    """Return the same as it hears now. Where it heard nothing and what was said is lost, days are left out."""
    gaps = kept.gaps
    missing = bool(gaps) and gaps[-1].until is None
    if deaf is not None and deaf.loses and not missing:
        gaps = (*gaps, Gap(deaf.since.date()))
    if missing and (deaf is None or not deaf.loses):
        gaps = (*gaps[:-1], Gap(gaps[-1].since, today))
    reading = msgspec.structs.replace(kept.reading, deaf_since=deaf.since if deaf else None)
    return msgspec.structs.replace(kept, gaps=gaps, reading=reading)


def judged(kept: Kept, stricter: float, now: datetime) -> Kept:
    """Return the same with what it says now; from which day on, where no more bad acts were seen since."""
    cohorts, before = kept.heard, kept.reading
    watch = msgspec.structs.replace(kept.watch, acts_per_year=_a_year(kept, now.date()))
    if watch.compares:
        over = _compared(kept, until=now.astimezone(UTC).date())
        reading = watching.compared(watch, over, _both(kept), before.deaf_since, stricter)
        return msgspec.structs.replace(kept, watch=watch, reading=reading, at=now)
    reading = watching.read(watch, cohorts, before.deaf_since, stricter)
    if reading.strength >= 1 and before.strongest and reading.bad == before.bad:
        day, acts, bad = before.strongest
        more = Strongest(day, acts + reading.acts - before.acts, bad)
        reading = msgspec.structs.replace(reading, strongest=more)
    return msgspec.structs.replace(kept, watch=watch, reading=reading, at=now)


def _compared(kept: Kept, until: date) -> Comparison:
    """Return what was compared so far, with the open days before then.

    A bet is fair for as many people as it was placed on: a day counts once it is over.
    """
    if not kept.watch.compares:
        return kept.compared
    treated, others = (
        {each.day: Share(each.bad, each.acts) for each in some if each.day < until}
        for some in (kept.heard.open, heard(kept.held_out, kept.gaps))
    )
    days = sorted({*treated, *others})
    blocks = (Block(treated.get(day, _NOBODY), others.get(day, _NOBODY)) for day in days)
    return compare(blocks, kept.compared)


def _both(kept: Kept) -> Block:
    """Return how many were treated and how many held out, today's included, and how many of each got the signal."""
    acts, bad = kept.heard.seen
    others = heard(kept.held_out, kept.gaps)
    before = kept.compared.held_out
    return Block(
        Share(bad, acts),
        Share(
            before.of_them + sum(each.bad for each in others),
            before.of + sum(each.acts for each in others),
        ),
    )


def _a_year(kept: Kept, today: date) -> float:
    """Return the acts of a year at the pace of all so far."""
    acts = kept.cohorts.seen.acts
    took = max(today - kept.began, timedelta())
    if took > YEAR:
        return acts_a_year(round(acts * (YEAR / took)), YEAR)
    return acts_a_year(acts, took)


def _taught(kept: Kept, today: date) -> Kept:
    """Return the same with the bound that its pilot teaches, once that is over; what comes then is held to it."""
    cohorts = kept.cohorts
    long_enough = today - kept.began >= timedelta(days=PILOT_DAYS)
    if kept.watch.is_bounded or kept.watch.compares or not long_enough or cohorts.acts < PILOT_ACTS:
        return kept
    agreed = learned(cohorts.bad, cohorts.acts)
    if agreed is None:
        return kept
    return msgspec.structs.replace(
        kept,
        watch=msgspec.structs.replace(kept.watch, agreed=agreed),
        cohorts=Cohorts(open_from=cohorts.open_from, open=cohorts.open),
        began=cohorts.open_from,
    )
