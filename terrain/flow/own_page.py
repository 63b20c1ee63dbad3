"""Reads everything that a customer's own page shows, for the holder of a signed link.

Promise: what the customer told us a moment ago is already in it, whether or not a worker has come to it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection

from terrain.core import memory, own_page, wishes
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event, Said
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.link import Link
from terrain.core.own_page import ShownDate, ShownFact
from terrain.core.question import Question
from terrain.core.wishes import Wishes
from terrain.errors import Refusal
from terrain.flow import hearing
from terrain.store import customers, decisions, people, timeline
from terrain.store.pending import Taken
from terrain.store.timeline import ActRow, Told

SOURCE = "customer-page"


class NobodyThere(Refusal):
    """The link is ours, but nobody is kept under it any more."""

    code = "customer_gone"
    status = 410


class ToldUs(msgspec.Struct, frozen=True, kw_only=True):
    """Something they told us on their page; while `waits`, nobody has acted upon it yet."""

    at: datetime
    name: str
    properties: dict[str, Any]
    waits: bool


class Speaker(NamedTuple):
    """Somebody who tells us something: the node that their link points to, and who they are."""

    node: CustomerKey
    customer: Customer


class OwnPage(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the page. `node` is where the link points, `act` what it is about."""

    node: CustomerKey
    customer: Customer
    act: ActRow | None
    decision: Decision | None
    questions: list[Question]
    dates: list[ShownDate]
    facts: list[ShownFact]
    wishes: Wishes
    told: list[ToldUs]

    @property
    def speaker(self) -> Speaker:
        """Who speaks on this page."""
        return Speaker(self.node, self.customer)


def read(db: Connection, link: Link, house: House, now: datetime) -> OwnPage:
    """Return what the page of this customer shows now, about the act that the link was sent with."""
    node = link.key
    customer = load(db, node, house, now)
    waiting = [_event(taken, house) for taken in timeline.not_yet_heard(db, _nodes(customer))]
    for event in waiting:
        customer = memory.remember(customer, event, house).customer
    act = timeline.act(db, node, link.act_id)
    return OwnPage(
        node=node,
        customer=customer,
        act=act,
        decision=decisions.find(db, node, act.decision_id) if act else None,
        questions=_unanswered(own_page.open_questions(customer, now), waiting),
        dates=own_page.dates(customer, house),
        facts=own_page.facts(customer, house, now),
        wishes=wishes.wishes(customer),
        told=[_told_us(told) for told in timeline.told(db, _nodes(customer), SOURCE)],
    )


def load(db: Connection, node: CustomerKey, house: House, now: datetime) -> Customer:
    """Return the customer to whom this node belongs."""
    survivor = customers.survivors(db, [node]).get(node)
    found = people.load(db, [survivor], now, secret=house.secret) if survivor else {}
    if not survivor or survivor not in found:
        raise NobodyThere
    return found[survivor]


def _nodes(customer: Customer) -> tuple[CustomerKey, ...]:
    return customer.nodes or (customer.key,)


def _event(taken: Taken, house: House) -> Event:
    return hearing.event_of(taken, house.catalogue, house.company.country)


def _unanswered(questions: list[Question], waiting: list[Event]) -> list[Question]:
    answered = {
        str(event.properties.get("question_id"))
        for event in waiting
        if event.name == "question.answered"
    }
    return [question for question in questions if str(question.question_id) not in answered]


def _told_us(told: Told) -> ToldUs:
    said = _decode(told.payload)
    return ToldUs(at=told.at, name=told.name, properties=said.properties, waits=told.waits)


_decode = msgspec.json.Decoder(Said).decode
