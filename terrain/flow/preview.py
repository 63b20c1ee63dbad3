"""What would happen: one customer, one automation, the days to come, played without touching anything.

Promise: the same interpreter and the same guard as in earnest; nothing is written, nothing leaves.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from terrain.core import turn
from terrain.core.automation import Automation
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.schedule import periods, run_for

DAYS = 90
# What goes on for ever is shown so often.
MOST_TURNS = 200


def foresee(
    customer: Customer, events: Sequence[Event], house: House, now: datetime, days: int = DAYS
) -> Iterator[Decision]:
    """Yield every decision from now on, if these events happened now and nothing else did."""
    last = now + timedelta(days=days)
    changes = turn.live(_with_calendar_runs(customer, house, now), events, house, now)
    for _ in range(MOST_TURNS):
        yield from changes.decisions
        due = min((run.due_at for run in changes.customer.runs if run.due_at), default=None)
        if due is None or due > last:
            return
        now = max(due, now)
        changes = turn.live(changes.customer, (), house, now)


def alone(house: House, automation: Automation) -> House:
    """Return the house with this automation only, running, whatever its state."""
    return msgspec.structs.replace(
        house,
        live={automation.name: automation},
        versions=house.versions | {(automation.name, automation.version): automation},
        paused=house.paused - {automation.name},
    )


def only_runs_of(customer: Customer, automation: str) -> Customer:
    """Return the customer with no runs but those of this automation."""
    runs = tuple(run for run in customer.runs if run.automation == automation)
    return msgspec.structs.replace(customer, runs=runs)


def _with_calendar_runs(customer: Customer, house: House, now: datetime) -> Customer:
    found = (run_for(period, customer, (), house, now) for period in periods(house, now))
    return msgspec.structs.replace(
        customer, runs=(*customer.runs, *(run for run in found if run is not None))
    )
