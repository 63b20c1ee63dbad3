"""What becomes of an act that tried to leave. Pure: how it went in, how the act goes on out.

Promise: what certainly did not happen is tried again, more and more patiently; what may have happened
is repeated only where repeating is harmless; everything else goes to a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from terrain.core.act import Act
from terrain.core.task import TaskKind

MOST_TRIES = 10
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)


class ActState(StrEnum):
    """Where an act stands in the outbox."""

    QUEUED = "queued"  # may leave from `due_at` on
    LEAVING = "leaving"  # given to a channel; found so after a crash, nobody knows whether it left
    LEFT = "left"
    STOPPED = "stopped"  # by the customer, a gate, a person, or because it came too late
    FAILED = "failed"
    UNKNOWN = "unknown"  # a person finds out


class How(StrEnum):
    """How it went at the outside world."""

    LEFT = "left"
    REFUSED = "refused"  # for good: trying again would be refused again
    NOT_YET = "not_yet"  # certainly not done; may go later
    UNKNOWN = "unknown"  # the line broke after everything was said and before the answer


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel says of one attempt. `detail` is the other side's own word, for a person to read.

    `address_is_wrong`: it was the address that was refused, which is evidence about the customer.
    """

    how: How
    because: str = ""
    detail: str = ""
    again_after: timedelta | None = None
    address_is_wrong: bool = False


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How the act goes on: its next state, when it is tried again, who has to look at it.

    `first_failure`: it did not leave at its first try, and will be tried again.
    """

    act: Act
    state: ActState
    because: str = ""
    due_at: datetime | None = None
    left_at: datetime | None = None
    task: TaskKind | None = None
    detail: str = ""
    address_is_wrong: bool = False
    first_failure: bool = False


def after(act: Act, tries: int, result: Result, now: datetime, *, harmless: bool) -> Ending:
    """Return how an act goes on. `harmless`: done twice under one key it counts once."""
    if result.how is How.LEFT:
        return Ending(act=act, state=ActState.LEFT, left_at=now)
    if result.how is How.UNKNOWN and not harmless:
        return _given_up(act, result, ActState.UNKNOWN, TaskKind.UNKNOWN_OUTCOME)
    if result.how is How.REFUSED:
        # A wrong address is told to the record, which finds another way; nobody has to look at it.
        task = None if result.address_is_wrong else TaskKind.REPEATED_FAILURE
        return _given_up(act, result, ActState.FAILED, task)
    return _again(act, tries, result, now)


def too_late(act: Act, now: datetime) -> Ending | None:
    """Drop an act that is better not done at all than done now."""
    if act.expires_at is None or now < act.expires_at:
        return None
    return Ending(act=act, state=ActState.STOPPED, because="came_too_late")


def pause_after(act: Act, tries: int) -> timedelta:
    """Return how long to wait after so many tries: 30 s, then four times longer each, up to 6 hours.

    A few per cent more or less by the act's own number keep a thousand acts from coming back at once.
    """
    longer = min(FIRST_PAUSE * 4.0 ** min(tries - 1, 10), LONGEST_PAUSE)
    return longer * (1 + act.act_id % 101 / 1000)


def _again(act: Act, tries: int, result: Result, now: datetime) -> Ending:
    due_at = now + max(result.again_after or timedelta(), pause_after(act, tries))
    if act.expires_at is not None and due_at >= act.expires_at:
        return _given_up(act, result, ActState.FAILED, TaskKind.REPEATED_FAILURE)
    if tries >= MOST_TRIES:
        return _given_up(act, result, ActState.FAILED, TaskKind.REPEATED_FAILURE)
    return Ending(
        act=act,
        state=ActState.QUEUED,
        because=result.because,
        due_at=due_at,
        detail=result.detail,
        first_failure=tries == 1,
    )


def _given_up(act: Act, result: Result, state: ActState, task: TaskKind | None) -> Ending:
    return Ending(
        act=act,
        state=state,
        because=result.because,
        task=task,
        detail=result.detail,
        address_is_wrong=result.address_is_wrong,
    )
