"""Reads everything that a customer's own page shows, for the holder of a signed link.

Promise: what the customer told us a moment ago is already in it, whether or not a worker has come to it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain.core import memory, own_page, wishes
from terrain.core.consent import ADDRESS_OF, Channel
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.link import Link
from terrain.core.own_page import ShownDate, ShownFact
from terrain.core.place import zones_of
from terrain.core.question import Question
from terrain.core.run import RunState
from terrain.core.wishes import EVERYTHING, PROSPECTING, Wishes
from terrain.errors import Refusal
from terrain.flow import hearing, leaving
from terrain.store import customers, own_history, people, timeline
from terrain.store.pending import Taken
from terrain.store.timeline import ActRow

SOURCE = "customer-page"


class NobodyThere(Refusal):
    """The link is ours, but nobody is kept under it any more."""

    code = "customer_gone"
    status = 410


class NotYours(Refusal):
    """Nothing of this number was ever decided about whoever holds the link."""

    code = "no_such_decision"
    status = 404


class Speaker(NamedTuple):
    """Somebody who tells us something: the node that their link points to, and who they are."""

    node: CustomerKey
    customer: Customer
    secret: str = ""


class OwnPage(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the page. `node` is where the link points; `decision` and `act` are what it is about.

    `decision` is None where the link's act was decided about somebody who turned out to be another person.
    """

    node: CustomerKey
    customer: Customer
    house: House
    zone: ZoneInfo
    today: date
    called: str
    act: ActRow | None
    decision: Decision | None
    questions: list[Question]
    dates: list[ShownDate]
    facts: list[ShownFact]
    wishes: Wishes

    @property
    def speaker(self) -> Speaker:
        """Who speaks on this page."""
        return Speaker(self.node, self.customer, self.house.secret)

    @property
    def nodes(self) -> tuple[CustomerKey, ...]:
        return self.customer.every_node

    @property
    def automation(self) -> str:
        """The automation that the page is about, if it is about one."""
        if self.act:
            return self.act.automation
        return self.decision.proposal.automation if self.decision else ""

    def knows(self, channel: Channel) -> bool:
        """Say whether there is an address to reach them by this channel."""
        fact = FactKey(ADDRESS_OF.get(channel, ""))
        known = any(name.kind == fact.fact for name in self.customer.identifiers)
        return known or any(one.key == fact for one in self.facts)

    @property
    def still_waits(self) -> bool:
        """Say whether what was decided is still held, and not long since done or given up."""
        number = self.decision.proposal.run_id if self.decision else 0
        held = {run.run_id for run in self.customer.runs if run.state is RunState.HELD}
        return bool(number) and number in held

    @property
    def stoppable(self) -> frozenset[str]:
        """What may be stopped here: all of it, all prospecting, and whatever touched this customer."""
        touched = {self.automation, *(contact.automation for contact in self.customer.contacts)}
        touched |= {run.automation for run in self.customer.runs}
        return frozenset({EVERYTHING, PROSPECTING, *touched} - {""})


def read(
    db: Connection, link: Link, house: House, now: datetime, decision: int | None = None
) -> OwnPage:
    """Return what the page of this customer shows now.

    It is about the act that the link was sent with, or about a decision of their own.
    """
    node = link.key
    customer = load(db, node, house, now)
    waiting = [_event(taken, house) for taken in timeline.not_yet_heard(db, customer.every_node)]
    for event in waiting:
        customer = memory.remember(customer, event, house).customer
    about = (
        _of_act(db, customer, link) if decision is None else _of_decision(db, customer, decision)
    )
    act = _as_it_stands(db, about.act, leaving.Before(customer, house, now))
    zone, asked_for = zones_of(customer, house)[0], wishes.wishes(customer)
    return OwnPage(
        node=node,
        customer=customer,
        house=house,
        zone=zone,
        today=now.astimezone(zone).date(),
        called=own_page.called(customer, house, now),
        act=act,
        decision=about.decision,
        questions=_unanswered(own_page.open_questions(customer, now), waiting),
        dates=own_page.dates(customer, house, asked_for),
        facts=own_page.facts(customer, house, now),
        wishes=asked_for,
    )


class _About(NamedTuple):
    act: ActRow | None
    decision: Decision | None


def _of_act(db: Connection, customer: Customer, link: Link) -> _About:
    """Return the act of a link and its decision, under whichever of their nodes that stands."""
    act = timeline.act(db, link.key, link.act_id)
    numbers = [act.decision_id] if act else []
    decided = own_history.decisions(db, customer.every_node, numbers)
    return _About(act, decided.get(act.decision_id) if act else None)


def _of_decision(db: Connection, customer: Customer, number: int) -> _About:
    nodes = customer.every_node
    decided = own_history.decisions(db, nodes, [number])
    if number not in decided:
        raise NotYours(field="decision", value=number)
    return _About(own_history.acts(db, nodes, [number]).get(number), decided[number])


def _as_it_stands(db: Connection, act: ActRow | None, before: leaving.Before) -> ActRow | None:
    return leaving.as_it_stands(db, [act], before)[0] if act else None


def load(db: Connection, node: CustomerKey, house: House, now: datetime) -> Customer:
    """Return the customer to whom this node belongs."""
    survivor = customers.survivors(db, [node]).get(node)
    found = people.load(db, [survivor], now, secret=house.secret) if survivor else {}
    if not survivor or survivor not in found:
        raise NobodyThere
    return found[survivor]


def _event(taken: Taken, house: House) -> Event:
    return hearing.event_of(taken, house.catalogue, house.company.country)


def _unanswered(questions: list[Question], waiting: list[Event]) -> list[Question]:
    answered = {
        str(event.properties.get("question_id"))
        for event in waiting
        if event.name == "question.answered"
    }
    return [question for question in questions if str(question.question_id) not in answered]
