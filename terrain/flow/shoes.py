"""Walks in a customer's shoes: everything all automations would do to her in the next ninety days.

Promise: nothing is written and nothing leaves; what is paused stays paused, and every cap and wish holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from terrain.core.automation import StartOnEvent, Wait
from terrain.core.customer import Customer
from terrain.core.event import Event
from terrain.core.foresight import DAYS, Foresight, Life, foresee
from terrain.core.house import House
from terrain.core.identifier import new_id
from terrain.core.promise import every_step
from terrain.core.schedule import Earlier, periods
from terrain.errors import Refusal
from terrain.flow.saying import day_of
from terrain.store import walks

SOURCE = "supposed"
MOST_SUPPOSED = 6
LONGEST = 80
MOST_UNITS = 36
_APART = "~"
_NOON = time(12)
_NOUNS = ("order", "parcel", "return", "complaint", "cart", "review", "ticket")


class NotSupposable(Refusal):
    """Only what starts an automation, on one of the days to come, can be supposed."""

    code = "not_supposable"


class Supposed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is supposed to happen: which event, on what day, about what."""

    event: str
    on: date
    about: str = ""
    sku: str = ""
    units: int = 1

    def as_text(self) -> str:
        """Return it as an address of a page says it."""
        return _APART.join((self.event, self.on.isoformat(), self.about, self.sku, str(self.units)))


def supposable(house: House) -> list[str]:
    """Return the events that start, wake or end a run of an automation which is live."""
    found = {"complaint.opened"} if house.live else set()
    for automation in house.live.values():
        found |= {each.when for each in automation.starts if isinstance(each, StartOnEvent)}
        found |= {each.event for each in automation.ends}
        found |= {each.event for each in every_step(automation) if isinstance(each, Wait)}
    return sorted(found - {""})


def supposed(texts: Iterable[str], house: House, now: datetime) -> list[Supposed]:
    """Return what an address supposes; refuse what cannot happen here."""
    found = [_supposed(text, house, now) for text in list(texts)[:MOST_SUPPOSED]]
    return list(dict.fromkeys(found))


def walk(
    db: Connection, customer: Customer, supposes: Sequence[Supposed], house: House, now: datetime
) -> Foresight:
    """Return what would happen to this customer."""
    open_now = list(periods(house, now))
    waiting = {period.name for period, _ in walks.unfinished(db, open_now, [customer.key.bucket])}
    seen = frozenset(
        (period.automation, period.name) for period in open_now if period.name not in waiting
    )
    events = [_event(each, house, now) for each in supposes]
    life = Life(earlier=_earlier(db, customer, house), seen=seen, supposed=events, days=DAYS)
    return foresee(customer, life, house, now)


def _earlier(db: Connection, customer: Customer, house: House) -> dict[str, tuple[Earlier, ...]]:
    keys = customer.every_node
    by_calendar = [
        each.name
        for each in house.live.values()
        if any(not isinstance(start, StartOnEvent) for start in each.starts)
    ]
    return {
        name: tuple(run for runs in walks.had(db, keys, name).values() for run in runs)
        for name in by_calendar
    }


def _supposed(text: str, house: House, now: datetime) -> Supposed:
    name, on, about, sku, units, *_ = [*text.split(_APART), "", "", "", "", ""]
    if name not in supposable(house) or (sku and sku not in house.catalogue.products):
        raise NotSupposable(field="if", value=text[:LONGEST], right=supposable(house))
    day = day_of("day", on, now.astimezone(house.company.zone).date())
    if day > (now + timedelta(days=DAYS)).date():
        raise NotSupposable(field="day", value=on, right=f"≤ {(now + timedelta(days=DAYS)):%F}")
    count = int(units) if units.isascii() and units.isdecimal() and len(units) < len("000") else 1
    return Supposed(
        event=name,
        on=day,
        about=about.strip()[:LONGEST],
        sku=sku,
        units=max(1, min(count, MOST_UNITS)),
    )


def _event(each: Supposed, house: House, now: datetime) -> Event:
    at = datetime.combine(each.on, _NOON, tzinfo=house.company.zone).astimezone(UTC)
    at = max(at, now)
    number = new_id(at)
    return Event(
        message_id=f"{SOURCE}:{each.as_text()}",
        event_id=number,
        name=each.event,
        at=at,
        received_at=at,
        source=SOURCE,
        properties=_properties(each, house),
    )


def _properties(each: Supposed, house: House) -> dict[str, Any]:
    """Return what the event would say: what it is about, and what was in it."""
    kind = house.catalogue.events.get(each.event)
    known = kind.properties if kind else {}
    noun = next((noun for noun in _NOUNS if noun in known), each.event.partition(".")[0])
    said: dict[str, Any] = {noun: each.about} if each.about else {}
    if each.sku:
        item = {"sku": each.sku, "quantity": each.units}
        said |= {"items": [item], "sku": each.sku, "item": item}
    return said
