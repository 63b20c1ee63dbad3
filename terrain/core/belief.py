"""What is believed of a customer at one moment, and how sure that is (`guard.md` sections 1 and 4)."""

from __future__ import annotations

from datetime import datetime

from terrain.core.act import Assumption
from terrain.core.customer import Customer
from terrain.core.decision import UsedFact
from terrain.core.fact import Belief, Claim, FactKey
from terrain.core.house import House


def believe(customer: Customer, key: FactKey, house: House, now: datetime) -> Belief | None:
    """Return the value that holds now and how sure that is, or None when nobody ever said anything."""
    raise NotImplementedError


def probability(customer: Customer, assumption: Assumption, house: House, now: datetime) -> UsedFact:
    """Return how sure it is that the assumption is true, as the guard uses and keeps it."""
    raise NotImplementedError


def latest(customer: Customer, key: FactKey) -> Claim | None:
    """Return what was said last, by whomever: the reading for complaints, who is in charge, and wishes."""
    raise NotImplementedError


def last_heard(customer: Customer) -> datetime | None:
    """Return when the person last did something that left a trace: said, bought, clicked, answered (FR-RET)."""
    raise NotImplementedError
