"""What one event teaches about its customer: claims, evidence, consents.

Promise: pure, and the record comes out the same whatever the order in which events are folded in.
An event never fails to be remembered; what in it is odd is left out with a note.
"""

from __future__ import annotations

import msgspec

from terrain.core import flag, own_events, rights_heard, says
from terrain.core.consent import Consent
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.fact import Claim, Evidence
from terrain.core.house import House
from terrain.core.lesson import Lesson, Suppress, with_claims, with_consents, with_evidence


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
    lesson = Lesson(customer, event, house)
    own_events.read_names(lesson)
    read = _READ.get(event.name)
    if read is not None:
        read(lesson)
    kind = house.catalogue.events.get(event.name)
    if kind is not None and kind.says:
        says.read(lesson, kind)
    if lesson.claims:
        customer = with_claims(customer, lesson.claims)
    if lesson.evidence:
        customer = with_evidence(customer, lesson.evidence)
    if lesson.consents:
        customer = with_consents(customer, lesson.consents)
    return Learned(
        customer=customer,
        claims=tuple(lesson.claims),
        evidence=tuple(lesson.evidence),
        consents=tuple(lesson.consents),
        suppress=tuple(lesson.suppress),
        notes=tuple(lesson.notes),
    )


_READ = {**own_events.OWN_EVENTS, **rights_heard.EVENTS, **flag.EVENTS}
