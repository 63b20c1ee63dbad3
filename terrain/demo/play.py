"""Eighteen months of the shop in memory: lives unfold, Terrain thinks, acts are felt.

Promise: pure, so that it can be played twice, with the guard and without. The clock of the play is
looked at three times a day; nothing happens in between that could not wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache

import msgspec

from terrain.core import guard, turn
from terrain.core.act import Act
from terrain.core.customer import Customer
from terrain.core.decision import Decision
from terrain.core.event import Event
from terrain.core.house import House
from terrain.core.identifier import id_from, key_of
from terrain.core.replay import forget_the_old
from terrain.core.turn import Changes, Weigh
from terrain.demo.days import begin, unfold
from terrain.demo.deeds import deed_of
from terrain.demo.life import Life, moment
from terrain.demo.reactions import react
from terrain.demo.wire import Told
from terrain.demo.world import EIGHTEEN_MONTHS, Person
from terrain.flow.hearing import event_of
from terrain.store.pending import Taken

HOURS = (7, 12, 16)


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when it is played, and who weighs."""

    house: House
    opened: date
    days: int = EIGHTEEN_MONTHS
    weigh: Weigh = guard.weigh


class Played(msgspec.Struct, kw_only=True):
    """One customer's eighteen months: the life as it went, and what Terrain did and decided."""

    life: Life
    customer: Customer
    acts: list[Act] = []
    decisions: list[Decision] = []
    told: list[Told] = []


@cache
def slots(opened: date, days: int) -> tuple[datetime, ...]:
    """Return the moments at which the clock of the play is looked at."""
    every_day = (opened + timedelta(days=day) for day in range(days))
    return tuple(moment(day, hour) for day in every_day for hour in HOURS)


def last_moment(stage: Stage) -> datetime:
    return moment(stage.opened + timedelta(days=stage.days - 1), HOURS[-1])


def play(people: Sequence[Person], stage: Stage) -> list[Played]:
    return [live_through(person, stage) for person in people]


def live_through(person: Person, stage: Stage) -> Played:
    """Play one customer's eighteen months; nobody else's are needed for it."""
    key = key_of(id_from(moment(stage.opened, 0), "demo", person.user_id))
    played = Played(life=begin(person), customer=Customer(key=key, nodes=(key,)))
    due: datetime | None = None
    for now in slots(stage.opened, stage.days):
        is_due = due is not None and due <= now
        if not is_due and not _happens(played.life, now):
            continue
        after = unfold(played.life, now)
        played.life = after.life
        if after.told or is_due:
            _take_turn(played, after.told, stage, now)
            due = min((run.due_at for run in played.customer.runs if run.due_at), default=None)
    return played


def _take_turn(played: Played, told: Sequence[Told], stage: Stage, now: datetime) -> None:
    events = [heard(each, stage.house, now) for each in told]
    known = {identifier for event in events for identifier in event.identifiers}
    customer = forget_the_old(played.customer, now)
    customer = msgspec.structs.replace(
        customer, identifiers=tuple(sorted({*customer.identifiers, *known}))
    )
    changes = turn.live(customer, events, stage.house, now, stage.weigh)
    _note(played, told, changes)
    for act in changes.acts:
        played.life = react(played.life, deed_of(act, now))


def _note(played: Played, told: Sequence[Told], changes: Changes) -> None:
    played.customer = changes.customer
    played.told += told
    played.acts += changes.acts
    played.decisions += changes.decisions


def heard(told: Told, house: House, now: datetime) -> Event:
    """Return the message as the house hears it, by the same way as from the real door."""
    number = told.message["messageId"]
    taken = Taken(
        bucket=0,
        customer_id=0,
        event_id=id_from(told.at, number),
        message_id=number,
        at=told.at,
        received_at=now,
        source=told.source,
        payload=msgspec.json.encode(told.message),
    )
    event = event_of(taken, house.catalogue, house.company.country)
    return msgspec.structs.replace(event, node=None)


def _happens(life: Life, now: datetime) -> bool:
    return bool(life.plan) and life.plan[0].at <= now
