"""The days to come of one customer: everything all automations would do, played on without touching anything.

Promise: the same interpreter and the same guard as in earnest, each thing at its own moment; what starts
by the calendar starts on its day. What nobody can know (what she answers, what else happens) is not made
up: only what is supposed by name happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec

from terrain.core import turn
from terrain.core.customer import Customer
from terrain.core.decision import Decision, Verdict
from terrain.core.event import Event, in_order
from terrain.core.house import House
from terrain.core.run import Run
from terrain.core.schedule import Earlier, Period, periods, run_for

DAYS = 90
# What goes round for ever is played so often, and it is said that there would be more.
MOST_MOMENTS = 1_500
# The calendar is looked at when the company's day has begun.
_MORNING = time(0, 5)


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """What is known before the first day: runs of before by automation, and periods looked through already."""

    earlier: Mapping[str, tuple[Earlier, ...]] = {}
    seen: frozenset[tuple[str, str]] = frozenset()
    supposed: Sequence[Event] = ()
    days: int = DAYS


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that would happen; held again and again, it is one that is weighed `times`, last at `until`."""

    decision: Decision
    times: int = 1
    until: datetime


class Foresight(msgspec.Struct, frozen=True, kw_only=True):
    """All that would happen; `later` are runs with a date beyond the last day; `more`: it would go on and on."""

    things: tuple[Foreseen, ...] = ()
    later: tuple[Run, ...] = ()
    more: bool = False


def foresee(customer: Customer, life: Life, house: House, now: datetime) -> Foresight:
    """Return what would happen from now on, if nothing happened but what is supposed."""
    playing = _Playing(customer, life, house, now)
    decisions: list[Decision] = []
    for _ in range(MOST_MOMENTS):
        at = playing.next_moment()
        if at is None:
            return Foresight(things=_folded(decisions), later=playing.later())
        decisions += playing.live(at)
    return Foresight(things=_folded(decisions), more=True)


class _Playing:
    """One customer's days while they are played."""

    def __init__(self, customer: Customer, life: Life, house: House, now: datetime) -> None:
        self.customer = customer
        self.house = house
        self.now = now
        self.last = now + timedelta(days=life.days)
        self.events = in_order(life.supposed)
        self.seen = set(life.seen)
        self.earlier = {name: list(runs) for name, runs in life.earlier.items()}
        self.looks = [now, *_mornings(house, now, life.days)]

    def next_moment(self) -> datetime | None:
        """Return when something happens next: a day begins, a run is due, what is supposed happens."""
        due = [run.due_at for run in self.customer.runs if run.due_at is not None]
        moments = [*self.looks[:1], *(event.at for event in self.events[:1]), *due]
        at = max(min(moments, default=self.last + timedelta(days=1)), self.now)
        return at if at <= self.last else None

    def later(self) -> tuple[Run, ...]:
        """Return the runs that wait for a day after the last one, the next first."""
        waiting = [run for run in self.customer.runs if run.due_at and run.due_at > self.last]
        return tuple(sorted(waiting, key=lambda run: (run.due_at or self.last, run.run_id)))

    def live(self, at: datetime) -> Iterable[Decision]:
        """Live through one moment; return what was decided in it."""
        self.now = at
        if self.looks and self.looks[0] <= at:
            self.looks.pop(0)
            self._start_by_the_calendar(at)
        heard = [event for event in self.events if event.at <= at]
        self.events = self.events[len(heard) :]
        before = {run.run_id for run in self.customer.runs}
        changes = turn.live(self.customer, heard, self.house, at)
        self._note(run for run in changes.runs.values() if run.run_id not in before)
        self.customer = changes.customer
        return changes.decisions

    def _start_by_the_calendar(self, at: datetime) -> None:
        for period in periods(self.house, at):
            if (period.automation, period.name) in self.seen:
                continue
            self.seen.add((period.automation, period.name))
            run = self._start(period, at)
            if run is not None:
                runs = (*self.customer.runs, run)
                self.customer = msgspec.structs.replace(self.customer, runs=runs)
                self._note([run])

    def _start(self, period: Period, at: datetime) -> Run | None:
        had = tuple(self.earlier.get(period.automation, ()))
        return run_for(period, self.customer, had, self.house, at)

    def _note(self, runs: Iterable[Run]) -> None:
        for run in runs:
            known = self.earlier.setdefault(run.automation, [])
            known.append(Earlier(run.subject, run.started_at))


def _mornings(house: House, now: datetime, days: int) -> list[datetime]:
    zone = house.company.zone
    today = now.astimezone(zone).date()
    return [
        datetime.combine(today + timedelta(days=day), _MORNING, tzinfo=zone).astimezone(UTC)
        for day in range(1, days + 1)
    ]


def _folded(decisions: Iterable[Decision]) -> tuple[Foreseen, ...]:
    """Return the decisions by time, where the same hold of the same thing is one."""
    found: dict[Any, Foreseen] = {}
    for decision in decisions:
        name = _name(decision)
        known = found.get(name)
        if known is None:
            found[name] = Foreseen(decision=decision, until=decision.at)
        else:
            found[name] = msgspec.structs.replace(known, times=known.times + 1, until=decision.at)
    return tuple(found.values())


def _name(decision: Decision) -> object:
    proposal = decision.proposal
    if decision.verdict is not Verdict.HOLD:
        return decision.decision_id
    return (proposal.run_id, proposal.step, proposal.name, decision.because)
