"""A customer's life as it really goes: what is planned, what is in the drawer, what was felt.

Promise: a life is a value. What happens next returns another one, so that the same life can be
lived twice: once with Terrain, once in the naive shop.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

from terrain.demo.chance import between, happens
from terrain.demo.wire import Told
from terrain.demo.world import FILTER_LIFE, Person


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """Something that will happen to her, unless something else happens first."""

    at: datetime
    what: str
    about: dict[str, Any] = {}


class Felt(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that really happened to her, good or bad; `count` for what is counted in days."""

    at: datetime
    what: str
    automation: str = ""
    count: int = 1


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """`drawer`: filters in store; `spent_at`: when the one in use is really used up."""

    person: Person
    plan: tuple[Planned, ...] = ()
    drawer: int = 0
    spent_at: datetime | None = None
    complaint: str = ""
    felt: tuple[Felt, ...] = ()
    bought: int = 0


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What one moment leads to: the life as it goes on, and what is said about it."""

    life: Life
    told: tuple[Told, ...] = ()


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def planned(life: Life, *more: Planned) -> Life:
    """Return the life with this planned too, in the order of time."""
    plan = sorted((*life.plan, *more), key=lambda each: (each.at, each.what))
    return msgspec.structs.replace(life, plan=tuple(plan))


def speaks(life: Life, told: Told) -> Life:
    """Return the life in which she (or somebody about her) will say this in its time."""
    return planned(life, Planned(at=told.at, what="speaks", about={"told": told}))


def felt(life: Life, at: datetime, what: str, automation: str = "", count: int = 1) -> Life:
    entry = Felt(at=at, what=what, automation=automation, count=count)
    return msgspec.structs.replace(life, felt=(*life.felt, entry))


def lucky(life: Life, share: float, *about: object) -> bool:
    return happens(share, life.person.user_id, *about)


def days_until(life: Life, low: int, high: int, *about: object) -> timedelta:
    return timedelta(days=between(low, high, life.person.user_id, *about))


def hours_until(life: Life, low: int, high: int, *about: object) -> timedelta:
    return timedelta(minutes=between(60 * low, 60 * high, life.person.user_id, *about))


def uses_it(life: Life, at: datetime) -> bool:
    """Tell whether the machine is still in use: the truth."""
    stopped = life.person.truth.stops_using_on
    return bool(life.person.buys_filters) and (stopped is None or at.date() < stopped)


def mounts(life: Life, at: datetime) -> Life:
    """Take a filter from the drawer; from now on it is being used up, at her own pace."""
    spent = at + timedelta(days=round(FILTER_LIFE * life.person.truth.pace))
    life = msgspec.structs.replace(life, drawer=life.drawer - 1, spent_at=spent)
    return planned(life, Planned(at=spent, what="filter_is_spent", about={"spent_at": spent}))


def changes_filter(life: Life, at: datetime) -> Life:
    """Put in a new one; where the drawer is empty, order first."""
    if life.spent_at is not None:
        stale = (at - life.spent_at).days
        life = felt(life, at, "days_of_stale_water", count=max(0, stale))
    life = felt(life, at, "changed_the_filter")
    if life.drawer:
        return mounts(life, at)
    life = msgspec.structs.replace(life, spent_at=None)
    return planned(life, Planned(at=at, what="buys_filters"))
