"""Asks whether it helped once people are done with somebody: a task closed, a complaint settled, a talk over.

Promise: only of what ended just now, within the one budget of `core/feedback.py`, and as a letter that the
guard weighs like any other; it speaks for the desk, never for the automation that the people came after.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from terrain.core.act import Act, ActKind, Benefit, Lane, Proposal, Reach, Undo
from terrain.core.belief import believe
from terrain.core.consent import ADDRESS_OF, Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.fact import FactKey, SourceKind
from terrain.core.feedback import may_ask
from terrain.core.gates import terms_for_leaving
from terrain.core.house import House
from terrain.core.identifier import id_from
from terrain.core.proposing import language_of
from terrain.core.scene import Scene
from terrain.core.task import TALKS

# The name under which is counted what people do, beside the names of automations.
DESK = "desk"
LETTER = "did-this-help"
NEWS_FOR = timedelta(days=1)
# Not at once: whoever hangs up is not written to in the same second, and a slip can be put right.
AFTER = timedelta(hours=1)
GOOD_FOR = timedelta(days=3)


def proposed(event: Event, customer: Customer, house: House, now: datetime) -> Proposal | None:
    """Return the letter that asks whether it helped, where this event ends something and they may be asked."""
    if not _ends_a_talk(event, house) or now - event.at > NEWS_FOR:
        return None
    if not may_ask(customer, house.settings, now) or not _has_address(customer, house, now):
        return None
    return Proposal(
        automation=DESK,
        version=0,
        step=LETTER,
        act=ActKind.SEND,
        name=LETTER,
        purpose=Purpose.SERVICE,
        benefit=Benefit.PLEASANT,
        reach=Reach.INBOX,
        undo=Undo.BY_CUSTOMER,
        channel=Channel.EMAIL,
        can_ask=False,
        recipient=ADDRESS_OF[Channel.EMAIL],
        subject=event.message_id,
    )


def to_leave(decision: Decision, customer: Customer, house: House, now: datetime) -> Act:
    """Return the letter as an act."""
    proposal = decision.proposal
    return Act(
        key=customer.key,
        act_id=id_from(now, "act", decision.decision_id),
        decision_id=decision.decision_id,
        kind=proposal.act,
        name=proposal.name,
        automation=proposal.automation,
        version=proposal.version,
        step=proposal.step,
        purpose=proposal.purpose,
        reach=proposal.reach,
        channel=Channel.EMAIL,
        lane=Lane.USUAL,
        due_at=now + AFTER,
        recipient=proposal.recipient,
        surveys=True,
        expires_at=now + GOOD_FOR,
        content={
            "template": LETTER,
            "language": language_of(Scene(customer, house, now, {})),
            "values": {"spoken_at": now},
            "gates": terms_for_leaving(proposal),
        },
    )


def _ends_a_talk(event: Event, house: House) -> bool:
    # A customer's own word, or a shop's, closes nothing that people here do.
    if house.kind_of(event.source) is not SourceKind.STAFF_HEARD:
        return False
    if event.name == "task.done":
        return event.properties.get("kind") in TALKS
    if event.name == "person.let_go":
        return "task_id" not in event.properties  # else its task says whether it is done
    return event.name == "complaint.closed"


def _has_address(customer: Customer, house: House, now: datetime) -> bool:
    fact = ADDRESS_OF[Channel.EMAIL]
    named = any(name.kind == fact for name in customer.identifiers)
    return named or believe(customer, FactKey(fact), house, now) is not None
