"""The breaker's rules: what trips it, who is told and when the next person is, how it goes on.

Promise: pure. A tripped automation goes on only when a named person gives a reason and says what changed: a
new version, or that the bound was wrong; and then for a few customers first
(`core/canary.py` says when it climbs).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from terrain.core.automation import Automation
from terrain.core.identifier import CustomerKey
from terrain.core.staff import Role
from terrain.core.word import Word

SHORTEST_REASON = 10
LONGEST_REASON = 2_000
REASON_RIGHT = f"{SHORTEST_REASON}–{LONGEST_REASON}"
# The share of customers that each stage of going on may reach; at the last one it is no canary any more.
STAGES = (0.01, 0.10, 1.0)


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """How long its people have to answer before the next one up is told, and which address hears of it, too."""

    answer_minutes: int = 60
    watch_url: str = ""


class Cause(Word):
    """What tripped it."""

    METER = "meter"
    FLAG = "flag"
    EVENT = "event"  # one is enough: no statistics
    HAND = "hand"
    RECALL = "recall"


class How(Word):
    """What is different now that it goes on."""

    NEW_VERSION = "new_version"
    BOUND_WAS_WRONG = "bound_was_wrong"
    # What a person paused without saying that anything was wrong needs no more than their word.
    GOES_ON = "goes_on"


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """One time that an automation was stopped, from then until it went on.

    `evidence` is what the meter read or which flags there were; `level` how far up people were told;
    `answer_by` when the next one is, None once somebody answered or nobody is left.
    """

    trip_id: int
    automation: str
    version: int
    at: datetime
    cause: Cause
    because: str
    evidence: dict[str, Any] = {}
    by: str = ""
    level: int = 0
    answer_by: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""
    resumed_at: datetime | None = None
    resumed_by: str = ""
    resumed_because: str = ""
    resumed_how: str = ""
    stage: int = 0
    climbed_at: datetime | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be told: an account that is open."""

    staff_id: int
    name: str
    email: str
    language: str = ""
    roles: frozenset[Role] = frozenset()


class Resuming(msgspec.Struct, frozen=True, kw_only=True):
    """Who lets it go on, why, and what is different. `trip_id`: the stop they read of; 0 for whichever it is."""

    by: str
    because: str = ""
    how: How = How.GOES_ON
    trip_id: int = 0


def is_a_reason(words: str) -> bool:
    """Say whether these are a sentence that others can do something with later."""
    return SHORTEST_REASON <= len(words.strip()) <= LONGEST_REASON


def whom(level: int, automation: Automation | None, everybody: Collection[Person]) -> list[Person]:
    """Return who is told at this level: owner and deputy; the deputy alone; managers; administrators.

    Where nobody is found at a level (no deputy was named, an owner has left), the next one is told instead:
    a breaker that tells nobody is none. At the last level, whoever there is.
    """
    for each in range(level, len(_LEVELS)):
        found = _LEVELS[each](automation, everybody)
        if found:
            return sorted(found, key=lambda one: one.staff_id)
    return []


def next_level(
    level: int, automation: Automation | None, everybody: Collection[Person]
) -> int | None:
    """Return the next level at which there is anybody, None when nobody is left above."""
    above = range(level + 1, len(_LEVELS))
    return next((each for each in above if _LEVELS[each](automation, everybody)), None)


def answer_by(now: datetime, minutes: int) -> datetime:
    """Return until when somebody has to answer."""
    return now + timedelta(minutes=minutes)


def first_stage(cause: Cause, before: Trip | None = None) -> int:
    """Return the stage with which it goes on: what a person merely paused stands where it stood before that.

    Without a stop before, that is for everybody at once; a canary that is paused by hand stays one.
    """
    if cause is not Cause.HAND:
        return 0
    return before.stage if before else len(STAGES) - 1


def share_of(stage: int) -> float | None:
    """Return the share of customers that a stage may reach; None where it is all of them."""
    return STAGES[stage] if 0 <= stage < len(STAGES) - 1 else None


@lru_cache(maxsize=4096)
def _place(automation: str, version: int, customer_id: int) -> float:
    """Return where a customer stands in the line of those who are reached first, from 0 to 1."""
    text = f"canary\x1f{automation}\x1f{version}\x1f{customer_id}".encode()
    return int.from_bytes(blake2b(text, digest_size=6).digest(), "big") / 2**48


def is_in(share: float, automation: str, version: int, key: CustomerKey) -> bool:
    """Say whether this customer is among those reached so far.

    Whoever was in at 1 % is in at 10 %; another automation or version begins with other people, so that nobody
    is always the first to be tried on.
    """
    return _place(automation, version, key.customer_id) < share


def named(everybody: Iterable[Person], *names: str) -> list[Person]:
    """Return those of them who are meant by these addresses or names."""
    wanted = {name.strip().casefold() for name in names if name.strip()}
    return [one for one in everybody if {one.email.casefold(), one.name.casefold()} & wanted]


def _with_role(everybody: Iterable[Person], role: Role) -> list[Person]:
    return [one for one in everybody if role in one.roles]


_LEVELS = (
    lambda one, all_: named(all_, one.owner, one.deputy) if one else [],
    lambda one, all_: named(all_, one.deputy) if one else [],
    lambda _one, all_: _with_role(all_, Role.MANAGER),
    lambda _one, all_: _with_role(all_, Role.ADMINISTRATOR),
)
