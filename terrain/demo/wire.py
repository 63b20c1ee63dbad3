"""How the shop's systems and its customers say what happens: the messages that a library posts.

Promise: this is the only way from the truth into Terrain. Each message has an id made of what it is
about, so telling it twice is telling it once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from terrain.demo.world import Errand, Person

SHOP, CARRIER, WAREHOUSE = "shop", "carrier", "warehouse"
PLATFORM, SUPPORT, CUSTOMER = "marketing-platform", "support", "customer-page"
# How far each is to be believed (`guard.md` section 4): "delivered" is what a carrier says.
SOURCES = {
    SHOP: "transaction",
    WAREHOUSE: "transaction",
    CARRIER: "third_party",
    PLATFORM: "third_party",
    SUPPORT: "staff_heard",
    CUSTOMER: "customer_said",
}
WORDING = {
    "fr": "Je veux bien recevoir vos rappels et nouveautés par e-mail.",
    "en": "I would like to receive your reminders and news by e-mail.",
}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One message: when it is posted, by which source, and what it says."""

    at: datetime
    source: str
    message: dict[str, Any]

    @property
    def order(self) -> tuple[datetime, str]:
        return (self.at, self.message["messageId"])


def track(
    person: Person, at: datetime, source: str, event: str, properties: dict[str, Any]
) -> Told:
    """Return a tracking call; what it is about is part of its id."""
    about = next((properties[key] for key in _NAMES_IT if key in properties), "")
    return Told(
        at=at,
        source=source,
        message={
            "type": "track",
            "event": event,
            "userId": person.user_id,
            "messageId": f"demo:{person.user_id}:{event}:{about}:{at:%Y%m%dT%H%M}",
            "timestamp": at.isoformat(),
            "properties": properties,
        },
    )


_NAMES_IT = ("order", "need", "act_id", "question_id", "complaint_id", "fact", "purpose", "subject")


def identify(person: Person, at: datetime, source: str, traits: dict[str, Any]) -> Told:
    return Told(
        at=at,
        source=source,
        message={
            "type": "identify",
            "userId": person.user_id,
            "messageId": f"demo:{person.user_id}:identify:{source}:{at:%Y%m%dT%H%M}",
            "timestamp": at.isoformat(),
            "traits": traits,
        },
    )


def signs_up(person: Person, at: datetime) -> Told:
    traits = {
        "name": f"{person.first_name} {person.last_name}",
        "email": person.email,
        "language": person.language,
        "country": "FR",
        "address": person.address,
    }
    return identify(person, at, CUSTOMER, traits)


def agrees(person: Person, at: datetime) -> Told:
    """Return her yes to e-mail, with everything the proof needs (FR-EP-5)."""
    proof = {
        "purpose": "prospecting",
        "channel": "email",
        "identifier": person.email,
        "controller": "L’eau claire",
        "wording": WORDING[person.language],
        "wording_version": "2025-01",
        "positive_act": "ticked the box",
        "where": "checkout",
        "language": person.language,
    }
    return track(person, at, CUSTOMER, "consent.given", proof)


def orders(person: Person, at: datetime, order: str, items: list[dict[str, Any]]) -> Told:
    said = {"order": order, "items": items, "address": person.address}
    return track(person, at, SHOP, "order.placed", said)


def delivered(person: Person, at: datetime, order: str, items: list[dict[str, Any]]) -> Told:
    return track(person, at, CARRIER, "order.delivered", {"order": order, "items": items})


def returned(person: Person, at: datetime, order: str) -> Told:
    return track(person, at, CARRIER, "parcel.returned", {"order": order, "reason": "nobody home"})


def refunded(person: Person, at: datetime, order: str) -> Told:
    return track(person, at, SHOP, "order.refunded", {"order": order})


def marked_as_a_risk(person: Person, at: datetime, order: str) -> Told:
    """Return what the carrier decided on its own, about a door that nobody opened."""
    said = {"order": order, "address": person.address, "undo": "claims@carrier.example"}
    return track(person, at, CARRIER, "address.marked_as_risk", said)


def took_it_in(person: Person, at: datetime, act_id: int) -> Told:
    """Return what the carrier's system reports of a parcel that came sooner: she took it in at the door."""
    return track(
        person, at, CARRIER, "signal.reported", {"act_id": str(act_id), "kind": "taken_up"}
    )


def need_served(person: Person, at: datetime, source: str, said: dict[str, Any]) -> Told:
    """Return what whoever serves needs says of one that is over (`core/served.py`)."""
    return track(person, at, source, "need.served", said)


def could_go_faster(person: Person, at: datetime, errand: Errand) -> Told:
    said = {
        "order": errand.order,
        "date": errand.promised.isoformat(),
        "new_date": str(errand.sooner),
        "item": {"sku": errand.sku, "in_stock": not errand.last_pair},
    }
    return track(person, at, WAREHOUSE, "parcel.could_go_faster", said)


def complains(person: Person, at: datetime, complaint: str, about: str, **matter: str) -> Told:
    """Return a complaint; `matter` names the order or the parcel that it is about, if it is about one."""
    said = {"complaint_id": complaint, "about": about, **matter}
    return track(person, at, SUPPORT, "complaint.opened", said)


def is_content(person: Person, at: datetime, complaint: str, about: str) -> Told:
    said = {"complaint_id": complaint, "about": about}
    return track(person, at, SUPPORT, "complaint.closed", said)


def answers(person: Person, at: datetime, question_id: int, answer: str) -> Told:
    said = {"question_id": str(question_id), "answer": answer}
    return track(person, at, CUSTOMER, "question.answered", said)


def corrects(person: Person, at: datetime, fact: str, about: str, change: tuple[Any, Any]) -> Told:
    said = {"fact": fact, "about": about, "from": change[0], "to": change[1]}
    return track(person, at, CUSTOMER, "fact.corrected", said)


def moves_the_date(person: Person, at: datetime, subject: str, automation: str, to: str) -> Told:
    said = {"subject": subject, "automation": automation, "to": to}
    return track(person, at, CUSTOMER, "date.moved", said)


def stops(person: Person, at: datetime, automation: str) -> Told:
    return track(person, at, CUSTOMER, "automation.stopped", {"automation": automation})


def clicks(person: Person, at: datetime, act_id: int, link: str) -> Told:
    said = {"act_id": str(act_id), "link": link}
    return track(person, at, CUSTOMER, "message.clicked", said)


def calls_it_spam(person: Person, at: datetime, act_id: int) -> Told:
    return track(person, at, PLATFORM, "message.complained", {"act_id": str(act_id)})


def judges(person: Person, at: datetime, act_id: int, *, helped: bool) -> Told:
    return track(person, at, CUSTOMER, "help.judged", {"act_id": str(act_id), "helped": helped})
