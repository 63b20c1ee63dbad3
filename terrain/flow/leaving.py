"""Says what holds an act that waits in the outbox, by the very gates that are asked when it leaves.

Promise: nothing is called about to leave that could not leave when it is due, whether or not a sender has
come to it yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from terrain.core.customer import Customer
from terrain.core.gates import gate_again
from terrain.core.house import House
from terrain.core.outbox import ActState
from terrain.flow.letters import parts_of
from terrain.store import acts
from terrain.store.timeline import ActRow


class Before(NamedTuple):
    """What the gates stand before: a customer as they are known at a moment."""

    customer: Customer
    house: House
    now: datetime


def as_it_stands(db: Connection, rows: Iterable[ActRow], before: Before) -> list[ActRow]:
    """Return these acts; what waits says in `because` what holds it, and nothing if it may leave when it is due."""
    some = list(rows)
    waiting = [row.act_id for row in some if row.state == ActState.QUEUED]
    if not waiting:
        return some
    customer, house, now = before
    held = {
        number: said.because if said else ""
        for number, act in acts.of_customer(db, customer.every_node, waiting).items()
        for said in [gate_again(act, customer, house, max(now, act.due_at), parts_of(act, house))]
    }
    return [row._replace(because=held.get(row.act_id, row.because)) for row in some]
