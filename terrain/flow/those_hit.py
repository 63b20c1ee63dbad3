"""Who was hit: what differs about them from those whom the same automation reached and did not hurt.

Promise: bounded in cost, whatever was done; the same cases give the same answer; and where nothing stands out,
that is what is said (`core/contrast.py` tells it from luck).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core import contrast
from terrain.core.catalogue import Catalogue
from terrain.core.contrast import Case, Standing
from terrain.core.explanation import Line
from terrain.core.traits import traits
from terrain.store import samples
from terrain.store.samples import Asked, Sampled


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What stands out, the lines that say so, how many of either were looked at and since when."""

    standing: tuple[Standing, ...]
    lines: tuple[Line, ...]
    hit: int
    others: int
    since: datetime


def compared(db: Connection, asked: Asked, catalogue: Catalogue, settings: Settings) -> Compared:
    """Return what differs about the people hit; traits and values are codes (`core/traits.py`)."""
    since = samples.since(db, asked)
    asked = msgspec.structs.replace(asked, since=since)
    hit, others = samples.hit(db, asked), samples.others(db, asked)
    zone = ZoneInfo(settings.time_zone)
    cases = [*_cases(hit, catalogue, zone, hit=True), *_cases(others, catalogue, zone, hit=False)]
    standing = contrast.contrast(cases)
    return Compared(
        standing=standing,
        lines=contrast.told(standing, cases),
        hit=len(hit),
        others=len(others),
        since=since,
    )


def _cases(
    acts: Iterable[Sampled], catalogue: Catalogue, zone: ZoneInfo, *, hit: bool
) -> Iterable[Case]:
    for act in acts:
        yield Case(traits(act.decision, act.left_at, catalogue, zone), hit)
