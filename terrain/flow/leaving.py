"""Says what holds an act that waits in the outbox, by the very gates that are asked when it leaves.

Promise: nothing is called about to leave that could not leave when it is due, whether or not a sender has
come to it yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection

from terrain.core.customer import Customer
from terrain.core.gates import gate_again
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.outbox import ActState
from terrain.flow.letters import parts_of
from terrain.store import acts, customers, people
from terrain.store.timeline import ActRow


class Before(NamedTuple):
    """What the gates stand before: a customer as they are known at a moment."""

    customer: Customer
    house: House
    now: datetime


class Waits(NamedTuple):
    """What an act in the outbox waits for: what holds it, if anything does, and from when on it may leave."""

    because: str
    due_at: datetime


def waits(db: Connection, act_ids: Sequence[int], before: Before) -> dict[int, Waits]:
    """Return what these acts of one customer wait for; they are asked about as of when they are due."""
    if not act_ids:
        return {}
    customer, house, now = before
    return {
        number: Waits(said.because if said else "", act.due_at)
        for number, act in acts.of_customer(db, customer.every_node, act_ids).items()
        for said in [gate_again(act, customer, house, max(now, act.due_at), parts_of(act, house))]
    }


def waits_of(
    db: Connection, key: CustomerKey, act_ids: Sequence[int], house: House, now: datetime
) -> dict[int, Waits]:
    """Return the same where the customer is not at hand: whoever this node belongs to today."""
    home = customers.survivors(db, [key]).get(key) if act_ids else None
    found = people.load(db, {home}, now, secret=house.secret) if home else {}
    return {
        number: one
        for known in found.values()
        for number, one in waits(db, act_ids, Before(known, house, now)).items()
    }


def as_it_stands(db: Connection, rows: Iterable[ActRow], before: Before) -> list[ActRow]:
    """Return these acts; what waits says in `because` what holds it, and nothing if it may leave when it is due."""
    some = list(rows)
    held = waits(db, [row.act_id for row in some if row.state == ActState.QUEUED], before)
    return [
        row._replace(because=held[row.act_id].because) if row.act_id in held else row
        for row in some
    ]
