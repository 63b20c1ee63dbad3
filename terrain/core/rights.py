"""What the law lets everybody ask about their own data, and what it stops (GDPR 12 and 15-22).

Promise: who asked to be left alone is left alone from the word on: no run of theirs moves and none
starts, nothing is sent but what law or safety demands or what they asked for themselves. What they
ask is answered within one calendar month, counted from the day on which they said it.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from terrain.core.act import Proposal
from terrain.core.claims import latest
from terrain.core.consent import Purpose
from terrain.core.customer import Customer
from terrain.core.duration import Span
from terrain.core.event import Event
from terrain.core.fact import FactKey, SourceKind
from terrain.core.identifier import CustomerKey, id_from, key_of
from terrain.core.task import Task, TaskKind
from terrain.core.word import Word

FROZEN, GOES_ON = "processing.frozen", "processing.resumed"
ERASURE_ASKED, ERASURE_TAKEN_BACK = "erasure.asked", "erasure.taken_back"
ASKED, EXPORTED = "right.asked", "data.exported"

# The name under which the house's own letters about somebody's rights are counted.
AUTOMATION = "rights"
WISH = "wish.freeze"
OWN = FactKey(WISH)
# Whoever will be erased is left alone meanwhile, whatever becomes of a wish of their own.
UNTIL_ERASED = FactKey(WISH, "erasure")

ONE_MONTH = Span(months=1)
FOR_THE_PERSON = frozenset({Purpose.LEGAL_OBLIGATION, Purpose.SAFETY})


class Right(Word):
    """What somebody may ask, by the article that gives the right."""

    ACCESS = "access"  # 15: what do you have about me?
    RECTIFY = "rectify"  # 16: this is wrong
    ERASE = "erase"  # 17: forget me
    RESTRICT = "restrict"  # 18: leave it alone until it is settled
    PORTABILITY = "portability"  # 20: give me what I gave you
    OBJECT = "object"  # 21: I do not want this
    HUMAN = "human"  # 22: let a person look at it


# From these on nothing automated happens any more, before anybody has come to the request.
_STOP_AT_ONCE = frozenset({Right.ERASE, Right.RESTRICT, Right.OBJECT})
_RIGHTS = {right.value: right for right in Right}


def is_frozen(customer: Customer) -> bool:
    """Say whether nothing automated may happen to this customer now."""
    return any(_holds(customer, key) for key in (OWN, UNTIL_ERASED))


def is_frozen_by_wish(customer: Customer) -> bool:
    """Say whether they asked for it themselves, apart from any erasure."""
    return _holds(customer, OWN)


def frozen_since(customer: Customer) -> datetime | None:
    """Return since when nothing automated happens to them."""
    claims = [latest(customer, key) for key in (OWN, UNTIL_ERASED)]
    return min((claim.at for claim in claims if claim is not None and claim.value), default=None)


def went_on_after(customer: Customer, event: Event) -> bool:
    """Say whether this came while the customer was left alone: worth knowing, too late to act upon."""
    said = [claim for key in (OWN, UNTIL_ERASED) for claim in customer.claims.get(key, ())]
    return any(claim.value is False and claim.at > event.received_at for claim in said)


def may_still_be_done(proposal: Proposal) -> bool:
    """Say whether this is done even to those who are left alone.

    What they ask for themselves they want (Art. 18(2)); an offer is never among it.
    """
    if proposal.purpose in FOR_THE_PERSON:
        return True
    return proposal.solicited and proposal.purpose is Purpose.SERVICE


def is_provided(kind: SourceKind) -> bool:
    """Say whether it may come from the person: typed, said, bought, done (Art. 20); a guess never does.

    Of a source that nobody declared it is not known; who asks gets it rather than not.
    """
    return kind is not SourceKind.INFERRED


def answer_by(asked_at: datetime, zone: ZoneInfo) -> datetime:
    """Return until when a request must be answered (Art. 12(3))."""
    return ONE_MONTH.after(asked_at, zone)


def nobody(erasure_id: int) -> CustomerKey:
    """Return where stands what is still to be done about somebody who is no more: it names nobody."""
    return key_of(erasure_id)


def right_in(event: Event) -> Right:
    """Return which right was asked for; what cannot be read is the question what there is."""
    return _RIGHTS.get(str(event.properties.get("right", "")).strip().lower(), Right.ACCESS)


def stops_at_once(event: Event) -> bool:
    return event.name == ASKED and right_in(event) in _STOP_AT_ONCE


def task_for(event: Event, customer: Customer, zone: ZoneInfo) -> Task:
    """Return what a person has to do about a request that came by mail, by phone or over a counter."""
    right = right_in(event)
    return Task(
        key=customer.key,
        task_id=id_from(event.at, ASKED, customer.key, event.message_id),
        kind=TaskKind.RIGHT,
        title=f"right_{right.value}",
        opened_at=event.received_at,
        due_at=answer_by(event.at, zone),
        file={
            "right": right.value,
            "said": event.properties,
            "source": event.source,
            "message_id": event.message_id,
        },
    )


def _holds(customer: Customer, key: FactKey) -> bool:
    claim = latest(customer, key) if key in customer.claims else None
    return claim is not None and bool(claim.value)
