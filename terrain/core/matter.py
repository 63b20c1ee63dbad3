"""What stands before the gates: one act, question or departing message, for one customer, now.

Promise: reading only. What a gate needs to know twice (the country, the clocks) is found once.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from terrain.core.act import Benefit, Contact, Proposal
from terrain.core.claims import COMPLAINT, latest, open_complaints
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.place import country_of, zones_of

# Channels by which a person is reached; a webhook or a shadow disturbs nobody.
REACHING = frozenset({Channel.EMAIL, Channel.SMS, Channel.CALL, Channel.CHAT, Channel.POST})


@lru_cache(maxsize=256)
def _day_there(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


class Matter:
    """One thing to let through or not.

    `bound`: law or safety demands it. `pressing`: no hour and no cap may hold it. `own_act` is the
    act itself when it is about to leave, so that it does not count against itself; `carries` then
    names the parts that its message has.
    """

    __slots__ = (
        *("proposal", "customer", "house", "now", "own_act", "carries"),
        *("reaches", "bound", "vital", "pressing", "facts", "_country", "_zones", "_complaints"),
        "_contacts",
    )

    def __init__(
        self, proposal: Proposal, customer: Customer, house: House, now: datetime, own_act: int = 0
    ) -> None:
        self.proposal = proposal
        self.customer = customer
        self.house = house
        self.now = now
        self.own_act = own_act
        self.carries: frozenset[str] | None = None
        # Most customers ever said few of the things that gates ask about: one look at the names.
        self.facts = {key.fact for key in customer.claims}
        purpose = proposal.purpose
        self.reaches = proposal.channel in REACHING
        self.bound = purpose is Purpose.LEGAL_OBLIGATION or purpose is Purpose.SAFETY
        self.vital = self.bound or proposal.benefit is Benefit.VITAL
        self.pressing = self.vital or proposal.solicited
        self._country: str | None = None
        self._zones: tuple[ZoneInfo, ...] | None = None
        self._complaints: tuple[str, ...] | None = None
        self._contacts: list[Contact] | None = None

    def at(self, moment: datetime) -> Matter:
        """Return the same matter at another moment."""
        other = Matter(self.proposal, self.customer, self.house, moment, self.own_act)
        other._country, other._zones, other._contacts = self._country, self._zones, self._contacts
        other.carries = self.carries
        return other

    @property
    def country(self) -> str:
        if self._country is None:
            self._country = country_of(self.customer, self.house)
        return self._country

    @property
    def zones(self) -> tuple[ZoneInfo, ...]:
        if self._zones is None:
            self._zones = zones_of(self.customer, self.house)
        return self._zones

    @property
    def day(self) -> date:
        """The day it is where the customer is."""
        return _day_there(self.now, self.zones[0])

    @property
    def open_complaints(self) -> tuple[str, ...]:
        """The ids of the complaints that nobody has closed."""
        if self._complaints is None:
            known = COMPLAINT in self.facts
            self._complaints = open_complaints(self.customer) if known else ()
        return self._complaints

    def keys_of(self, fact: str) -> list[FactKey]:
        """Return what there is about this kind of fact, for each thing it is about."""
        if fact not in self.facts:
            return []
        return [key for key in self.customer.claims if key.fact == fact]

    def said(self, key: FactKey) -> object:
        """Return what was said last about this fact, or None when nobody ever said anything."""
        claim = latest(self.customer, key) if key.fact in self.facts else None
        return None if claim is None else claim.value

    def contacts_since(self, days: int) -> list[Contact]:
        """Return every other contact of the last days, or already under way."""
        if self._contacts is None:
            self._contacts = [
                contact
                for contact in self.customer.contacts
                if contact.channel in REACHING and contact.act_id != self.own_act
            ]
        if not self._contacts:
            return self._contacts
        since = self.now - timedelta(days=days)
        return [contact for contact in self._contacts if contact.at > since]
