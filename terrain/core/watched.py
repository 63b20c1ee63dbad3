"""What is watched of an automation: each signal that can come back about it, by the versions that act alike.

Promise: every signal that a file sets a bound for is watched, and every other that can come back about such acts;
an older version that acts otherwise is watched by itself, as long as its runs go on.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from terrain.core.act import Reach
from terrain.core.approval import reach_of
from terrain.core.automation import Ask, Automation, Send
from terrain.core.bounds import (
    UNBOUND,
    Agreed,
    BoundWatchesNothing,
    LooserWithoutReason,
    agreed,
)
from terrain.core.consent import Channel
from terrain.core.difference import is_cosmetic
from terrain.core.house import Outside
from terrain.core.promise import every_step
from terrain.core.signal import BAD, Signal
from terrain.core.watch import Watch

# Under this version stands all that another system did (`core/outside.py`).
OUTSIDE = 0
_BY_MAIL = frozenset({Signal.SPAM, Signal.BOUNCE})
_BY_WRITING = frozenset({Signal.STOP, Signal.DISSATISFIED})
_BY_ASKING = frozenset({Signal.NO_ANSWER})
_ALWAYS = tuple(
    signal
    for signal in Signal
    if signal in BAD and signal not in _BY_MAIL | _BY_WRITING | _BY_ASKING
)


def watched(versions: Sequence[Automation]) -> tuple[Watch, ...]:
    """Return what is watched of these versions of one automation, in order, the live one last."""
    alike = [_acts_alike(older, newer) for older, newer in pairwise(versions)]
    can_come = [_can_come(each) for each in versions]
    return tuple(
        _watch(versions[first], versions[last], signal)
        for signal in sorted(BAD)
        for first, last in _groups(versions, alike, signal)
        if signal in can_come[last] or signal in versions[last].bounds
    )


def watched_outside(name: str, outside: Outside) -> tuple[Watch, ...]:
    """Return what is watched of an automation that another system runs: without versions and declared bounds."""
    can_come = {*_ALWAYS, *_BY_WRITING, *(_BY_MAIL if outside.by_mail else ())}
    return tuple(
        Watch(
            automation=name,
            first_version=OUTSIDE,
            version=OUTSIDE,
            signal=signal,
            reach=outside.reach,
            agreed=agreed(signal, outside.reach, None) or UNBOUND,
            acts_per_year=1.0,
        )
        for signal in sorted(can_come)
    )


def _groups(
    versions: Sequence[Automation], alike: Sequence[bool], signal: Signal
) -> Iterator[tuple[int, int]]:
    """Yield from which to which place the versions go on with one meter for this signal.

    Weekly corrections of a comment would else blind the meter, and buy 52 fresh chances of a false alarm a year.
    Another bound for the same signal begins anew too: the evidence spoke about the bound there was.
    """
    first = 0
    for place, (older, newer) in enumerate(pairwise(versions)):
        if not alike[place] or older.bounds.get(signal) != newer.bounds.get(signal):
            yield first, place
            first = place + 1
    yield first, len(versions) - 1


def _acts_alike(older: Automation, newer: Automation) -> bool:
    return is_cosmetic(msgspec.structs.replace(older, bounds=newer.bounds), newer)


def _can_come(automation: Automation) -> frozenset[Signal]:
    """Return what can come back at all: nobody reports a phone call as spam."""
    steps = list(every_step(automation))
    writing = [step for step in steps if isinstance(step, Send | Ask)]
    found: set[Signal] = set(_ALWAYS) if reach_of(automation) else set()
    if writing:
        found |= _BY_WRITING
    if any(step.by is Channel.EMAIL for step in writing):
        found |= _BY_MAIL
    if any(isinstance(step, Ask) or getattr(step, "ask", None) for step in steps):
        found |= _BY_ASKING
    return frozenset(found)


def _watch(first: Automation, last: Automation, signal: Signal) -> Watch:
    reach = reach_of(last) or Reach.INBOX
    return Watch(
        automation=last.name,
        first_version=first.version,
        version=last.version,
        signal=signal,
        reach=reach,
        agreed=_agreed(last, signal, reach),
        acts_per_year=1.0,
        holdout=last.holdout,
    )


def _agreed(automation: Automation, signal: Signal, reach: Reach) -> Agreed:
    """Return the bound that holds. One that no check let pass is as if it had not been said."""
    declared = automation.bounds.get(signal)
    reason = automation.looser_because.get(signal, "")
    try:
        return agreed(signal, reach, declared, reason) or UNBOUND
    except (LooserWithoutReason, BoundWatchesNothing):
        return agreed(signal, reach, None) or UNBOUND
