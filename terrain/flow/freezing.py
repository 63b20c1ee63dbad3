"""Leaves somebody alone from the word on, and lets things go on when they say so (GDPR 18 and 21).

Promise: it holds when our answer leaves, not when a worker comes to it: what was queued stays, what
is under way stays where it is, and what comes in meanwhile is kept and heard when it may be.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core import memory, rights
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.flow import own_page, told
from terrain.flow.own_page import SOURCE, NobodyThere
from terrain.flow.sources import DESK, declare_desk
from terrain.flow.told import Told
from terrain.store import acts, claims, events

BECAUSE = "frozen"
# A sender asks the gates about what waits once it may go again; so long it does not look.
NOT_BEFORE = timedelta(minutes=30)


class Asker(NamedTuple):
    """Who asks for it, through which source: the customer on their page, or staff for them."""

    source: str = SOURCE
    by: str = "customer"

    @property
    def kind(self) -> SourceKind:
        return SourceKind.CUSTOMER_SAID if self.source == SOURCE else SourceKind.STAFF_HEARD


THEMSELVES = Asker()


def by_staff(name: str) -> Asker:
    """Return somebody who works here and asks on a customer's behalf."""
    return Asker(DESK, name)


def freeze(
    db: Connection, node: CustomerKey, house: House, now: datetime, asker: Asker = THEMSELVES
) -> Customer:
    """Leave this customer alone."""
    return leave_alone(db, node, house, now, Word(rights.FROZEN, asker))


def go_on(
    db: Connection, node: CustomerKey, house: House, now: datetime, asker: Asker = THEMSELVES
) -> Customer:
    """Let everything go on."""
    return take_up(db, node, house, now, Word(rights.GOES_ON, asker))


class Word(msgspec.Struct, frozen=True):
    """One thing that is said of a customer's rights, by whom; it is kept as an event."""

    event: str
    asker: Asker = THEMSELVES
    said: dict[str, Any] = {}


def leave_alone(
    db: Connection, node: CustomerKey, house: House, now: datetime, word: Word
) -> Customer:
    """Say it, and let it hold at once."""
    customer = say(db, node, house, now, word)
    acts.put_off(db, customer.nodes, BECAUSE, now + NOT_BEFORE)
    return customer


def leave_alone_if_asked(
    db: Connection, node: CustomerKey, house: House, now: datetime, word: Word
) -> Customer:
    """Say it; if it is a wish to be left alone, let that hold at once."""
    customer = say(db, node, house, now, word)
    if rights.is_frozen(customer):
        acts.put_off(db, customer.nodes, BECAUSE, now + NOT_BEFORE)
    return customer


def take_up(db: Connection, node: CustomerKey, house: House, now: datetime, word: Word) -> Customer:
    """Say it; if nothing else keeps them alone, what came in meanwhile is heard now."""
    before = rights.frozen_since(own_page.load(db, node, house, now))
    customer = say(db, node, house, now, word)
    if before is not None and not rights.is_frozen(customer):
        acts.take_up(db, customer.nodes, BECAUSE, now)
        events.hear_again(db, customer.nodes, before)
    return customer


def say(db: Connection, node: CustomerKey, house: House, now: datetime, word: Word) -> Customer:
    """Keep it as an event and let what it teaches hold at once; return the customer as they are then."""
    source = word.asker.source
    if source == DESK:
        declare_desk(db)
    name = f"{word.event}:{secrets.token_hex(8)}"
    said = {**word.said, "by": word.asker.by}
    result = told.tell(db, node, Told(event=word.event, properties=said, once=name), now, source)
    if result is None or result.node is None:
        raise NobodyThere
    known = {**house.sources, source: word.asker.kind}
    event = Event(
        message_id=result.message_id,
        event_id=0,
        name=word.event,
        at=now,
        received_at=now,
        source=source,
        properties=said,
        node=node,
    )
    return _learned(db, event, msgspec.structs.replace(house, sources=known), now)


def _learned(db: Connection, event: Event, house: House, now: datetime) -> Customer:
    """Write down what the event teaches; the worker will find nothing left to learn."""
    assert event.node is not None
    learned = memory.remember(own_page.load(db, event.node, house, now), event, house)
    claims.save(db, [(event.node, claim) for claim in learned.claims])
    return learned.customer
