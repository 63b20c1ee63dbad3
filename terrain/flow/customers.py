"""Customers as people look for them: found by any name, shown with who says what, joined and parted.

Promise: what a person decides about identity is an event like any other, kept with who and why, and
it can be taken back by the opposite word. It holds at once, not when a worker comes by.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.core.belief import believe
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Belief, SourceKind
from terrain.core.house import House
from terrain.core.identifier import CustomerKey, Identifier, id_from, key_of
from terrain.core.identity import Edge, Group
from terrain.errors import Refusal
from terrain.flow import directory, identity
from terrain.flow.identifiers import parsed
from terrain.flow.sources import DESK, declare_desk
from terrain.flow.take_in import said, take_in
from terrain.store import customers, identifiers, people
from terrain.store import identity as graph

_SHORTEST_ID = 15
_ENDLESS = 2**63


class NobodyOfThatName(Refusal):
    """No customer is known by this name."""

    code = "nobody_of_that_name"
    status = 404


class SameName(Refusal):
    """One name is one person already."""

    code = "same_name_twice"


class InOtherHands(Refusal):
    """A worker is at work on one of the two; asking again in a moment will do."""

    code = "customer_in_other_hands"
    status = 409


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """One customer with everything that explains them."""

    customer: Customer
    group: Group
    edges: tuple[Edge, ...]
    beliefs: tuple[Belief, ...]


def find(db: Connection, name: str, house: House) -> CustomerKey:
    """Return the node of a name, or of a customer's number; refuse one that nobody bears."""
    meant = parsed(name.strip(), house.company.country)
    if isinstance(meant, Identifier):
        found = identifiers.find(db, [meant])
        if found:
            return found[meant]
    number = name.strip().removeprefix("#")
    is_number = number.isascii() and number.isdigit() and len(number) >= _SHORTEST_ID
    if is_number and int(number[:20]) < _ENDLESS:
        key = key_of(int(number))
        if customers.survivors(db, [key]):
            return key
    raise NobodyOfThatName(
        field="name", value=name, right=["email:…", "phone:…", "user_id:…", "card:…", "#…"]
    )


def show(db: Connection, name: str, house: House, now: datetime) -> Dossier:
    """Return everything that is known of whoever bears this name, and why they are one person."""
    node = find(db, name, house)
    home = customers.survivors(db, [node])[node]
    customer = people.load(db, [home], now, secret=house.secret)[home]
    group = graph.groups(db, [home])[home]
    edges = graph.touching(db, list(group.names))
    beliefs = [believe(customer, key, house, now) for key in sorted(customer.claims)]
    return Dossier(
        customer=customer,
        group=group,
        edges=tuple(sorted(edges.values(), key=lambda edge: edge.order)),
        beliefs=tuple(belief for belief in beliefs if belief is not None),
    )


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of two names, and why."""

    one: str
    other: str
    by: str
    because: str


def merge(db: Connection, word: Word, house: House, now: datetime) -> bool:
    """Say that two names are one person's; tell whether they are one now."""
    one, other = _decide(db, identity.LINKED, word, house, now)
    return one == other


def separate(db: Connection, word: Word, house: House, now: datetime) -> bool:
    """Say that two names are two people's; tell whether they are two now."""
    one, other = _decide(db, identity.SEPARATED, word, house, now)
    return one != other


def _decide(
    db: Connection, name: str, word: Word, house: House, now: datetime
) -> tuple[CustomerKey, CustomerKey]:
    """Keep the word as an event, and let it hold now; the worker will find nothing left to do."""
    nodes = [find(db, each, house) for each in (word.one, word.other)]
    if nodes[0] == nodes[1]:
        raise SameName(field="name", value=word.other)
    names = customers.names(db, nodes)
    one, other = (names[node] for node in nodes)
    message_id = f"{DESK}:{id_from(now, name, one, other)}"
    properties = {
        "other": f"{other.kind}:{other.value}",
        "by": word.by,
        "because": word.because,
    }
    declare_desk(db)
    take_in(db, [said(name, [one], now, message_id, properties=properties)], DESK, now)
    event = Event(
        message_id=message_id,
        event_id=0,
        name=name,
        at=now,
        received_at=now,
        source=DESK,
        identifiers=(one,),
        properties=properties,
        node=nodes[0],
    )
    trusted = msgspec.structs.replace(
        house, sources={**house.sources, DESK: SourceKind.STAFF_HEARD}
    )
    taken = identity.take(db, nodes)
    if len(taken) < len(nodes):
        raise InOtherHands(field="name", value=word.one)
    joined = identity.join(db, [event], taken, trusted, now)
    if joined.deferred:
        raise InOtherHands(field="name", value=word.one)
    directory.refresh(db, joined.regrouped, house, now)
    return joined.survivors[nodes[0]], joined.survivors[nodes[1]]
