"""What a version would have done last month, on a few customers: two versions lived side by side.

Promise: read only and bounded: so many customers, so many events of each, and nothing leaves. It says how
many it looked at, for a sample is not everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from psycopg import Connection

from terrain.core.automation import Automation
from terrain.core.decision import Verdict
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.replay import Past, relive
from terrain.flow import pasts
from terrain.flow.hearing import event_of
from terrain.flow.preview import alone
from terrain.store import history

A_MONTH = timedelta(days=30)
CUSTOMERS = 8  # each is lived through twice, in 7 ms; a page has 60
EVENTS_OF_EACH = 100


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """How many customers were looked at, and what each version would have decided, by verdict."""

    customers: int
    before: dict[str, int]
    now: dict[str, int]


def last_month(
    db: Connection, old: Automation | None, new: Automation, house: House, now: datetime
) -> Rehearsal:
    """Live the last month of a few customers again, with the version that runs and with the new one."""
    sample = _sample(db, new.name, house, now)
    numbered = msgspec.structs.replace(new, version=(old.version if old else 0) + 1)
    return Rehearsal(
        customers=len(sample),
        before=_lived(sample, old, house, now) if old else {},
        now=_lived(sample, numbered, house, now),
    )


def _sample(db: Connection, name: str, house: House, now: datetime) -> list[Past]:
    keys = history.met_by(db, name, CUSTOMERS) or history.anybody(db, CUSTOMERS)
    return [past for key in keys if (past := _past(db, key, house, now)).events]


def _past(db: Connection, key: CustomerKey, house: House, now: datetime) -> Past:
    taken = history.events_of(db, key, now, EVENTS_OF_EACH)
    country = house.company.country
    return pasts.past_of(key, [event_of(each, house.catalogue, country) for each in taken])


def _lived(
    sample: Sequence[Past], automation: Automation, house: House, now: datetime
) -> dict[str, int]:
    only = alone(house, automation)
    counted: Counter[str] = Counter()
    for past in sample:
        for changes in relive(past.customer, past.events, only, now):
            for decision in changes.decisions:
                counted[decision.verdict] += decision.at >= now - A_MONTH
    return {verdict: counted[verdict] for verdict in Verdict}
