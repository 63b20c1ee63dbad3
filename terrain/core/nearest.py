"""The smallest change that would have earned the next letter.

Promise: it is tried, not estimated: what was seen is taken with so many cases gone otherwise, and counted
again by the same formula. Small is the number of those cases: one customer's need or act each; what
is built once and for all (a control, a way to a person) is one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from terrain.core import effort
from terrain.core.efficiency import bounds_of, for_the_customer
from terrain.core.effort import Effort
from terrain.core.process import (
    HARMS,
    CameBack,
    Control,
    Process,
    Seen,
    SeenActs,
    SeenNeeds,
    Tried,
)
from terrain.core.signal import Signal

_A_HAIR = 1e-6
_HALVINGS = 60
V = TypeVar("V", bound=msgspec.Struct)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What would have had to be otherwise, in how many cases, out of how many there were."""

    code: str
    cases: int = 1
    of: int = 1


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be done better: in at most `room` cases; `after` so many, this is seen."""

    code: str
    room: int
    after: Callable[[int], Seen]


def towards(points: float, process: Process, seen: Seen) -> tuple[Change, ...]:
    """Return the fewest cases that would have come to so many points; empty where they are there already.

    Where one thing alone is not enough, what earns most is done whole, and then the next: with everything done
    whole there are a hundred points, so the end is always reached.
    """
    found: list[Change] = []
    while for_the_customer(process, seen).value < points - _A_HAIR:
        ways = [way for way in _ways(process, seen) if way.room]
        enough = [change for way in ways if (change := _enough(way, points, process)) is not None]
        if enough:
            return (*found, min(enough, key=lambda change: (change.cases, change.code)))
        best = max(ways, key=lambda way: for_the_customer(process, way.after(way.room)).value)
        found.append(Change(code=best.code, cases=best.room, of=best.room))
        seen = best.after(best.room)
    return tuple(found)


def _enough(way: Way, points: float, process: Process) -> Change | None:
    """Return the fewest cases of this alone that earn the points."""
    cases = bisect_left(
        range(way.room + 1),
        x=True,
        key=lambda k: for_the_customer(process, way.after(k)).value >= points - _A_HAIR,
    )
    return Change(code=way.code, cases=cases, of=way.room) if cases <= way.room else None


def _ways(process: Process, seen: Seen) -> Iterator[Way]:
    if isinstance(seen, SeenActs):
        yield from _ways_of_acts(seen)
    else:
        yield from _ways_of_needs(seen)
    yield _a_person(seen)
    yield Way(code="no_harm", room=_signals(seen), after=lambda k: _less_harm(process, seen, k))
    came_back = seen.came_back
    yield Way(
        code="made_good",
        room=came_back.hurt - came_back.made_good,
        after=lambda k: _with(seen, came_back=_made_good(came_back, k)),
    )


def _ways_of_acts(seen: SeenActs) -> Iterator[Way]:
    yield Way(
        code="of_use",
        room=seen.acts - seen.useful,
        after=lambda k: _with(seen, useful=seen.useful + k),
    )
    yield Way(
        code="sure",
        room=seen.acts - seen.sure,
        after=lambda k: _with(seen, sure=seen.sure + k),
    )
    for control in Control:
        yield _built(control, seen)


def _built(control: Control, seen: SeenActs) -> Way:
    there = seen.controls | {control: Tried(offered=seen.acts)}
    room = int(seen.controls.get(control) != there[control])
    return Way(
        code=f"control.{control}",
        room=room,
        after=lambda k: _with(seen, controls=there) if k else seen,
    )


def _ways_of_needs(seen: SeenNeeds) -> Iterator[Way]:
    yield Way(
        code="met",
        room=seen.needs - seen.resolved,
        after=lambda k: _with(seen, quiet=seen.quiet + k),
    )
    minutes = effort.minutes(seen.effort)
    yield Way(
        code="little_effort",
        room=seen.needs if minutes else 0,
        after=lambda k: _with(
            seen, repeated=0, effort=Effort(waited=minutes * (1 - k / seen.needs))
        ),
    )


def _a_person(seen: Seen) -> Way:
    person = seen.person
    if person.asked:
        return Way(
            code="to_a_person",
            room=person.asked - person.in_time,
            after=lambda k: _with(seen, person=_with(person, in_time=person.in_time + k)),
        )
    return Way(
        code="offer_a_person",
        room=int(person.offered < seen.seen),
        after=lambda k: _with(seen, person=_with(person, offered=seen.seen)) if k else seen,
    )


def _signals(seen: Seen) -> int:
    return sum(seen.came_back.signals.get(name, 0) for name in HARMS)


def _less_harm(process: Process, seen: Seen, fewer: int) -> Seen:
    """Return it with so many signals fewer, those first that are furthest above their bound."""
    bounds = {name: bound.value for name, bound in bounds_of(process).items()}
    left = _levelled({name: seen.came_back.signals.get(name, 0) for name in bounds}, bounds, fewer)
    came_back = seen.came_back
    hurt = min(came_back.hurt, sum(left.values()))
    after = _with(
        seen,
        came_back=_with(
            came_back,
            signals=came_back.signals | left,
            hurt=hurt,
            made_good=min(came_back.made_good, hurt),
        ),
    )
    if isinstance(after, SeenActs):
        return _with(after, wrong=min(after.wrong, left[Signal.WRONG_ASSUMPTION]))
    return after


def _levelled(
    counts: dict[Signal, int], bounds: dict[Signal, float], fewer: int
) -> dict[Signal, int]:
    """Return the counts with so many taken off the top, as measured by their bounds."""

    def cut(level: float) -> dict[Signal, int]:
        return {name: min(counts[name], int(level * bounds[name])) for name in counts}

    wanted = max(0, sum(counts.values()) - fewer)
    low, high = 0.0, max(counts[name] / bounds[name] for name in counts) + 1
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(cut(middle).values()) <= wanted else (low, middle)
    left, above = cut(low), cut(high)
    for name in counts:  # where several stand at the same level, some of them stay
        left[name] += min(above[name] - left[name], wanted - sum(left.values()))
    return left


def _made_good(came_back: CameBack, more: int) -> CameBack:
    return _with(came_back, made_good=came_back.made_good + more)


def _with(value: V, **changed: object) -> V:
    return msgspec.structs.replace(value, **changed)
