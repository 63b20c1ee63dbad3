"""Moves a run along the steps of its automation: which runs start, what they want to do next, what follows.

Promise: pure and repeatable. The same run, customer, house and moment always give the same next run, and an
act is only ever an *intent* here: the guard weighs it, and `settle` says what its verdict means for the run.
"""

from datetime import datetime

import msgspec

from terrain.core import act as acts
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.fact import Claim
from terrain.core.house import House
from terrain.core.question import Question
from terrain.core.run import Run
from terrain.core.task import Task


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What a run wants to do now: the proposal to weigh, and the run that stands before it."""

    run: Run
    proposal: acts.Proposal


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run came by itself. With an intent, weigh it and call `settle`; then advance again if READY."""

    run: Run
    intent: Intent | None = None
    claims: tuple[Claim, ...] = ()
    tasks: tuple[Task, ...] = ()


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What a verdict means: the run as it goes on, and what is to be written with it."""

    run: Run
    act: acts.Act | None = None
    question: Question | None = None
    task: Task | None = None


def starts(customer: Customer, event: Event, house: House, now: datetime) -> tuple[Run, ...]:
    """Return the runs that this event starts; never one whose subject is already under way."""
    raise NotImplementedError


def concerns(run: Run, event: Event) -> bool:
    """Tell whether a waiting run wants to hear this event: call `advance(..., heard=event)` then."""
    raise NotImplementedError


def advance(
    run: Run, customer: Customer, house: House, now: datetime, heard: Event | None = None
) -> Progress:
    """Move a run until it wants to act, waits or ends. Call it when READY, due, or when it hears an event.

    `customer.runs` may or may not hold this run and the ones started beside it; both come out the same.
    """
    raise NotImplementedError


def settle(
    intent: Intent, decision: Decision, customer: Customer, house: House, now: datetime
) -> Settled:
    """Return what the guard's verdict means for the run that wanted to act."""
    raise NotImplementedError
