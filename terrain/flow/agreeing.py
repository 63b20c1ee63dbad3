"""Consent that a customer gives on their own page: for one channel and address, in exact words.

Promise: nothing is agreed to that was not read: the form carries the mark of the words it showed, and
words that have changed since are shown again. The proof holds every field that the law asks for.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

import msgspec

from terrain.core.belief import believe
from terrain.core.consent import ADDRESS_OF, Channel, Consent, Purpose, standing
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.flow.saying import Form, Gone, Saying
from terrain.words import LANGUAGES, _, say

WORDING = {
    Channel.EMAIL: _(
        "Yes, {company} may send me reminders and offers by e-mail, to {address}. "
        "I can stop this at any time."
    ),
    Channel.SMS: _(
        "Yes, {company} may send me reminders and offers by text message, to {address}. "
        "I can stop this at any time."
    ),
    Channel.CALL: _(
        "Yes, {company} may call me with reminders and offers, at {address}. "
        "I can stop this at any time."
    ),
    Channel.POST: _(
        "Yes, {company} may send me reminders and offers by post, to {address}. "
        "I can stop this at any time."
    ),
}
POSITIVE_ACT = "ticked an empty box on their own page and sent the form"
WHERE = "own page"


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that can be given again: these very words, about this channel and address."""

    channel: Channel
    address: str
    wording: str
    version: str


def offered(customer: Customer, house: House, language: str, now: datetime) -> list[Offered]:
    """Return what they once agreed to, or were written to about, and have withdrawn since.

    A channel that they never allowed is not offered here: a stop is no occasion to ask for more.
    """
    found = []
    for channel in WORDING:
        if not _was_withdrawn(customer, channel):
            continue
        address = _address(customer, channel, house, now)
        if address:
            found.append(_offer(channel, address, house, language))
    return found


def agreed(form: Form, customer: Customer, house: House, now: datetime) -> list[Saying]:
    """Return the consents whose boxes were ticked, with their proof."""
    language = form.get("language", "")
    language = language if language in LANGUAGES else house.company.language
    known = {each.channel.value: each for each in offered(customer, house, language, now)}
    sayings = []
    for name in [each.value for each in WORDING if form.get(f"agree.{each.value}") == "yes"]:
        offer = known.get(name)
        if offer is None or offer.version != form.get(f"wording.{name}"):
            raise Gone(field="wording")
        sayings.append(_given(offer, house, language))
    return sayings


def _given(offer: Offered, house: House, language: str) -> Saying:
    proof = {
        "purpose": Purpose.PROSPECTING.value,
        "channel": offer.channel.value,
        "identifier": offer.address,
        "controller": house.company.name,
        "wording": offer.wording,
        "wording_version": offer.version,
        "positive_act": POSITIVE_ACT,
        "where": WHERE,
        "language": language,
    }
    return Saying(event="consent.given", properties=proof)


def _offer(channel: Channel, address: str, house: House, language: str) -> Offered:
    wording = say(language, WORDING[channel], company=house.company.name, address=address)
    version = blake2b(wording.encode(), digest_size=8).hexdigest()
    return Offered(channel=channel, address=address, wording=wording, version=version)


def _was_withdrawn(customer: Customer, channel: Channel) -> bool:
    last = standing(customer.consents, Purpose.PROSPECTING, channel)
    if last is None or last.given:
        return False
    return channel is Channel.EMAIL or any(_allowed(row, channel) for row in customer.consents)


def _allowed(row: Consent, channel: Channel) -> bool:
    return row.given and row.purpose is Purpose.PROSPECTING and row.channel is channel


def _address(customer: Customer, channel: Channel, house: House, now: datetime) -> str:
    belief = believe(customer, FactKey(ADDRESS_OF[channel]), house, now)
    if belief is None:
        return ""
    if isinstance(belief.value, dict):
        return ", ".join(str(part) for part in belief.value.values() if part)
    return str(belief.value)
