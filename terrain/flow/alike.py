"""Whether the two groups of a watch that compares are people of the same kinds (`core/alike.py`).

Promise: bounded in cost, whatever was done: a fair sample of either group, and the same one each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.alike import Person, Unalike, unalike
from terrain.core.catalogue import Catalogue
from terrain.core.traits import traits
from terrain.core.watch import Watch
from terrain.store import samples
from terrain.store.samples import Beside, Group

A_SEASON = timedelta(days=90)


class Groups(msgspec.Struct, frozen=True, kw_only=True):
    """What parts both groups, if anything; how many of either were looked at, and since when."""

    unalike: tuple[Unalike, ...]
    treated: int
    held_out: int
    since: datetime


def groups(
    db: Connection, watch: Watch, now: datetime, catalogue: Catalogue, settings: Settings
) -> Groups:
    """Return how the people differ whom a watch compares, of the last season."""
    since = max(watch.since or now - A_SEASON, now - A_SEASON)
    of = Group(
        automation=watch.automation,
        first_version=watch.first_version,
        version=watch.version,
        signal=watch.signal,
        since=since,
    )
    treated, left_out = samples.treated(db, of), samples.left_out(db, of)
    zone = ZoneInfo(settings.time_zone)
    people = [
        *_people(treated, catalogue, zone, treated=True),
        *_people(left_out, catalogue, zone, treated=False),
    ]
    return Groups(
        unalike=unalike(people), treated=len(treated), held_out=len(left_out), since=since
    )


def _people(
    some: Iterable[Beside], catalogue: Catalogue, zone: ZoneInfo, *, treated: bool
) -> Iterator[Person]:
    for one in some:
        yield Person(traits(one.decision, one.at, catalogue, zone), treated, one.got)
