"""A need that was served without an automation of ours: by people, by a form, by a phone menu, as it is told.

Promise: pure; nothing here ever fails, whatever stands in the event. Whoever serves says what it cost the
customer and how it ended; that she did not come back is seen here, never said there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from terrain.core.effort import TROUBLES
from terrain.core.event import Event
from terrain.core.seen import MADE_GOOD_IN, added
from terrain.core.word import Word

SERVED = "need.served"
# What else may be about a process, where it names one.
COMPLAINT, MADE_GOOD = "complaint.opened", frozenset({"order.refunded", "gesture.made"})
NAMES = frozenset({SERVED, COMPLAINT}) | MADE_GOOD
# Who does not come back within a week did not have to.
QUIET_AFTER = timedelta(days=7)
IN_TIME_MINUTES = 3.0
LONGEST_NAME = 100
# No wait that is longer is believed: a clock went wrong.
MOST_MINUTES = 60 * 24 * 30
MOST_TIMES = 1_000
# That she came back is counted here.
_MAY_BE_TOLD = tuple(name for name in TROUBLES if name != "contacts_again")


class Outcome(Word):
    """How it ended, as whoever served says."""

    SOLVED = "solved"  # she says so
    DONE = "done"  # it was done in the system
    GAVE_UP = "gave_up"
    DEAD_END = "dead_end"  # the only way that was offered failed


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one event says of one need. Without an outcome, it only adds to what is known of it."""

    process: str
    need: str
    at: datetime
    outcome: Outcome | None = None
    complained_at: datetime | None = None
    made_good_at: datetime | None = None
    waited: float = 0.0
    troubles: Mapping[str, int] = {}
    offered: bool = False
    asked: bool = False
    person_after: float | None = None


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One need as it is kept: the first time, how often she came back about it, all that was told."""

    first: Told
    again: int = 0
    complained_at: datetime | None = None
    made_good_at: datetime | None = None


def told(event: Event) -> Told | None:
    """Return what the event says of a need, if it names the process that serves it."""
    found = heard(event.name, event.properties, min(event.at, event.received_at))
    if found is not None and found.outcome and not found.need:
        return msgspec.structs.replace(found, need=event.message_id)
    return found


def heard(name: str, said: Mapping[str, Any], at: datetime) -> Told | None:
    """Return what an event of this name says of a need."""
    process, need = _name(said.get("process")), _name(said.get("need"))
    if name not in NAMES or not process:
        return None
    if name != SERVED:
        is_complaint = name == COMPLAINT
        return Told(
            process=process,
            need=need,
            at=at,
            complained_at=at if is_complaint else None,
            made_good_at=None if is_complaint else at,
        )
    return Told(
        process=process,
        need=need,
        at=at,
        outcome=_outcome(said.get("outcome")),
        waited=_minutes(said.get("minutes")) or 0.0,
        troubles={name: _times(said[name]) for name in _MAY_BE_TOLD if name in said},
        offered=said.get("offered_a_person") is True,
        asked=said.get("asked_for_a_person") is True,
        person_after=_minutes(said.get("person_after")),
    )


def is_ripe(need: Need, now: datetime) -> bool:
    """Say whether it can be counted: whoever would have come back had the time to."""
    return need.first.at + QUIET_AFTER <= now


def is_met(need: Need) -> bool:
    """Say whether it ended well: solved or done, and she did not have to come back."""
    return not need.again and need.first.outcome in (Outcome.SOLVED, Outcome.DONE)


def count(needs: Iterable[Need]) -> dict[str, float]:
    """Return the counts of these needs (`core/seen.py`)."""
    return added(_counted(need) for need in needs)


def _counted(need: Need) -> dict[str, float]:
    troubles = {f"effort.{name}": times for name, times in need.first.troubles.items()}
    effort = {"effort.waited": need.first.waited, "effort.contacts_again": need.again}
    return {**Counter(_counts(need)), **effort, **troubles}


def _counts(need: Need) -> Iterator[str]:
    first = need.first
    is_solved = is_met(need)
    yield "needs"
    if is_solved:
        yield "confirmed" if first.outcome is Outcome.SOLVED else "quiet"
    if need.again:
        yield "repeated"
    if first.outcome in (Outcome.DEAD_END, Outcome.GAVE_UP):
        yield "dead_ends"
    if first.person_after is None:
        yield "contained"
        if not is_solved or need.complained_at or first.asked:
            yield "falsely_contained"
    yield from _of_a_person(first)
    if need.complained_at:
        yield from ("signal.complaint", "hurt")
        if need.made_good_at and need.made_good_at - need.complained_at <= MADE_GOOD_IN:
            yield "made_good"


def _of_a_person(first: Told) -> Iterator[str]:
    if first.offered or first.person_after is not None:
        yield "person.offered"
    if first.asked:
        yield "person.asked"
        if first.person_after is not None and first.person_after <= IN_TIME_MINUTES:
            yield "person.in_time"


def _outcome(said: Any) -> Outcome:
    """Read the outcome; what cannot be read is nothing to be proud of."""
    return Outcome(said) if isinstance(said, str) and said in set(Outcome) else Outcome.GAVE_UP


def _name(said: Any) -> str:
    return str(said).strip()[:LONGEST_NAME] if isinstance(said, str | int) else ""


def _minutes(said: Any) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= MOST_MINUTES:
        return None
    return float(said)


def _times(said: Any) -> int:
    is_number = isinstance(said, int) and not isinstance(said, bool)
    return min(MOST_TIMES, max(0, said)) if is_number else 0
