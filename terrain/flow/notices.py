"""Letters of the house itself about somebody's rights: what was asked in their name, and until when to stop it.

Promise: they go to the customer's own address through the outbox like everything, so that whoever
uses a forwarded link is noticed by the one it was made for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from terrain.core import guard, rights
from terrain.core.act import Act, ActKind, Benefit, Lane, Proposal, Reach, Undo
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.decision import Verdict
from terrain.core.gates import terms_for_leaving
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.flow.letters import address_of
from terrain.store import acts, decisions

AUTOMATION = rights.AUTOMATION
ERASURE_ASKED, HANDED_OVER = "erasure-asked", "data-handed-over"
ERASED = "customer.erased"
GOOD_FOR = timedelta(days=3)


def write(
    db: Connection, customer: Customer, house: House, now: datetime, name: str, **values: Any
) -> Act | None:
    """Let a letter of this name leave to the customer, where there is an address."""
    proposal = _proposal(name, Channel.EMAIL, ActKind.SEND)
    act = _act(customer, proposal, now, {"template": name, "values": values})
    return _queue(db, customer, house, now, act) if address_of(act, customer, house, now) else None


def call(
    db: Connection, customer: Customer, house: House, now: datetime, payload: dict[str, Any]
) -> Act | None:
    """Tell the receiver that the house declared for it (an action `customer.erased`), if it did."""
    action = house.catalogue.actions.get(ERASED)
    if action is None or not action.url:
        return None
    proposal = _proposal(ERASED, Channel.WEBHOOK, ActKind.DO)
    act = _act(customer, proposal, now, {"action": ERASED, "payload": payload})
    return _queue(db, customer, house, now, act)


def _queue(db: Connection, customer: Customer, house: House, now: datetime, act: Act) -> Act | None:
    decision = guard.weigh(_proposal(act.name, act.channel, act.kind), customer, house, now)
    decisions.save(db, [decision])
    if decision.verdict is not Verdict.ACT:
        return None
    acts.queue(db, [act], now)
    return act


def _proposal(name: str, channel: Channel, kind: ActKind) -> Proposal:
    """Return what the law wants us to do: confirm what was asked, tell who else holds the data."""
    return Proposal(
        automation=AUTOMATION,
        version=0,
        step=name,
        act=kind,
        name=name,
        purpose=Purpose.LEGAL_OBLIGATION,
        benefit=Benefit.IMPORTANT,
        reach=Reach.INBOX,
        undo=Undo.EASILY,
        channel=channel,
        solicited=True,
        recipient="email" if channel is Channel.EMAIL else "",
        subject=name,
    )


def _act(customer: Customer, proposal: Proposal, now: datetime, content: dict[str, Any]) -> Act:
    decision_id = id_from(
        *(now, customer.key.customer_id, AUTOMATION, 0, 0, proposal.step, proposal.subject)
    )
    return Act(
        key=customer.key,
        act_id=id_from(now, "act", decision_id),
        decision_id=decision_id,
        kind=proposal.act,
        name=proposal.name,
        automation=AUTOMATION,
        version=0,
        step=proposal.step,
        purpose=proposal.purpose,
        reach=proposal.reach,
        channel=proposal.channel or Channel.EMAIL,
        lane=Lane.URGENT,
        due_at=now,
        recipient=proposal.recipient,
        solicited=True,
        expires_at=now + GOOD_FOR,
        content=content | {"gates": terms_for_leaving(proposal)},
    )
