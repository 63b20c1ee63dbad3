"""What one event teaches about its customer: claims, evidence, consents."""

from __future__ import annotations

import msgspec

from terrain.core.consent import Channel, Consent, Purpose
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Claim, Evidence
from terrain.core.house import House


class Suppress(msgspec.Struct, frozen=True, kw_only=True):
    """An address whose owner objected: it goes on the suppression list as a keyed hash (FR-SUPP)."""

    channel: Channel
    address: str
    purpose: Purpose
    because: str


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What an event taught; `customer` already knows it. Rows are kept under the event's own node."""

    customer: Customer
    claims: tuple[Claim, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    consents: tuple[Consent, ...] = ()
    suppress: tuple[Suppress, ...] = ()
    notes: tuple[str, ...] = ()


def remember(customer: Customer, event: Event, house: House) -> Learned:
    """Fold one event into what is known. Whatever the order of arrival, the same record comes out."""
    raise NotImplementedError


def with_claim(customer: Customer, claim: Claim) -> Customer:
    """Return the customer with one more claim."""
    raise NotImplementedError
