"""Makes the letter of an act: the words filled, addressed, named and with its ways out.

Promise: the same act makes the same letter under the same Message-ID, in the customer's language.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from terrain.config import Settings
from terrain.core.act import Act
from terrain.core.automation import Offer
from terrain.core.belief import believe
from terrain.core.claims import open_complaints
from terrain.core.consent import ADDRESS_OF, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.identifier import made_at
from terrain.core.message import Letter, Message, Words, language_for, message_id_of, thread_of
from terrain.core.own_page import dates
from terrain.core.place import zones_of
from terrain.core.wishes import wishes
from terrain.flow.links import Links
from terrain.flow.messages import Frame, compose, words_named
from terrain.flow.template import Speech, subject
from terrain.words import _, say

# What law, safety or the customer's own asking demands is no list that one could leave (MB-5).
_NO_LIST = (Purpose.LEGAL_OBLIGATION, Purpose.SAFETY)
_ANSWERS = {"yes": _("yes"), "no": _("no"), "always": _("yes, always"), "never": _("no, never")}


class Desk(msgspec.Struct, frozen=True):
    """What letters are written with: the settings and the links of this installation."""

    settings: Settings
    links: Links

    @property
    def domain(self) -> str:
        return self.settings.mail_from.rpartition("@")[2]


def parts_of(act: Act, house: House) -> frozenset[str]:
    """Return what the message of this act carries, for the rules of law and mailbox providers."""
    parts = {"sender", "way_to_object"}
    if is_a_list(act):
        parts.add("one_click")
    if house.company.address:
        parts.add("postal_address")
    return frozenset(parts)


def is_a_list(act: Act) -> bool:
    """Say whether this is something one may want to leave by one click (RFC 8058)."""
    return not act.solicited and act.purpose not in _NO_LIST


def address_of(act: Act, customer: Customer, house: House, now: datetime) -> str:
    """Return where this goes: the address that is believed at this moment, empty if nobody knows.

    A postal address in parts is written a part a line.
    """
    fact = act.recipient or ADDRESS_OF.get(act.channel, "")
    if "@" in fact or not fact:
        return fact
    belief = believe(customer, FactKey(fact), house, now)
    if belief and isinstance(belief.value, str):
        return belief.value
    if belief and isinstance(belief.value, dict):
        return "\n".join(str(part) for part in belief.value.values() if part)
    named = (each.value for each in customer.identifiers if each.kind == fact)
    return next(named, "")


def message_of(act: Act, customer: Customer, house: House, desk: Desk) -> Message:
    """Return the message of this act in the customer's language, or refuse a gap in it."""
    words = _words(act, house, desk.settings)
    page = desk.links.page(act.key, act.act_id, made_at(act.act_id))
    movable = len(dates(customer, house, wishes(customer)))
    without = frozenset() if movable and _may_move(act) else frozenset({"date"})
    surveys = act.surveys and not open_complaints(customer)
    frame = Frame(house.company, page, _leading(act, desk), without, surveys=surveys)
    speech = Speech(words.language, zones_of(customer, house)[0])
    values = _values(act, words.language, house) | {"page": page, "movable_dates": movable}
    return compose(words, values, speech, frame)


def subject_of(act: Act, house: House, settings: Settings) -> str:
    """Return what stands above the message of this act, or refuse a gap in it."""
    words = _words(act, house, settings)
    speech = Speech(words.language, house.company.zone)
    return subject(words, _values(act, words.language, house), speech)


def letter_of(act: Act, customer: Customer, house: House, desk: Desk, now: datetime) -> Letter:
    """Return the letter of this act."""
    links, settings = desk.links, desk.settings
    stop = links.unsubscribe(act.key, act.act_id, made_at(act.act_id)) if is_a_list(act) else ""
    return Letter(
        message=message_of(act, customer, house, desk),
        sender=settings.mail_from,
        sender_name=house.company.name,
        to=address_of(act, customer, house, now),
        message_id=message_id_of(links.secret, act.key, act.act_id, desk.domain),
        thread=thread_of(act.run_id or act.act_id, desk.domain),
        returns=settings.mail_returns,
        unsubscribe=stop,
    )


def _may_move(act: Act) -> bool:
    """Say whether this letter offers to move a date; one that says nothing of offers is our own."""
    offers = act.content.get("offers")
    return offers is None or Offer.MOVE_THE_DATE in offers


def _leading(act: Act, desk: Desk) -> Callable[[str], str]:
    """Return what leads a link to the web through us, so that following it tells that it was read."""

    def lead(to: str) -> str:
        if not to.startswith("http") or to.startswith(desk.links.address):
            return to
        return desk.links.click(act.key, act.act_id, made_at(act.act_id), to)

    return lead


def _words(act: Act, house: House, settings: Settings) -> Words:
    written = act.content.get("words")
    if isinstance(written, dict):  # by a person, for this occasion
        named = _written(written, act.name)
    else:
        named = words_named(settings.automations, str(act.content.get("template") or act.name))
    wanted = str(act.content.get("language") or "")
    return named[language_for(wanted, list(named), house.company.language)]


def _written(said: dict[str, dict[str, str]], name: str) -> dict[str, Words]:
    return {
        language: Words(name=name, language=language, subject=one["subject"], body=one["body"])
        for language, one in said.items()
    }


def _values(act: Act, language: str, house: House) -> dict[str, Any]:
    company = {"name": house.company.name, "address": house.company.address}
    values = {**act.content.get("values", {}), "company": company}
    question = act.content.get("question")
    if isinstance(question, dict):
        values["question"] = question.get(language) or next(iter(question.values()), None)
        silence = str(act.content.get("no_answer") or "")
        values["no_answer"] = say(language, _ANSWERS[silence]) if silence in _ANSWERS else silence
    return values
