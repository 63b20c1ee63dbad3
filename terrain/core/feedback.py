"""When somebody may be asked whether we help them: one budget a person, over everything that writes to them.

Promise: nobody is asked while a complaint of theirs is open, nor more often than the house allows, whichever
automation asks. Whoever wants to say so unasked always can; that is another answer, never mixed with these.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from terrain.core.act import Act, ActKind
from terrain.core.claims import open_complaints
from terrain.core.customer import Customer
from terrain.core.settings import GuardSettings


def may_ask(customer: Customer, settings: GuardSettings, now: datetime) -> bool:
    """Say whether this customer may be asked now."""
    if not settings.survey_days or open_complaints(customer):
        return False
    since = now - timedelta(days=settings.survey_days)
    return not any(contact.surveys and contact.at > since for contact in customer.contacts)


def asks(act: Act, customer: Customer, settings: GuardSettings) -> bool:
    """Say whether this act is to ask: a message, where the budget allows. A question asks enough by itself."""
    return act.kind is ActKind.SEND and may_ask(customer, settings, act.due_at)
