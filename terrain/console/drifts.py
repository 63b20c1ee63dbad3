"""Which processes head for the dangerous corner: good for us, bad for customers.

Promise: a drift shows over months, so it is worked out anew once an hour at most, and no page waits for
it twice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from psycopg import Connection

from terrain.core.drift import Heading
from terrain.flow import grading

HOLDS_FOR = timedelta(hours=1)


class _Found(NamedTuple):
    at: datetime
    drifting: dict[str, Heading]


class _Known:
    """What this process found last."""

    found: _Found | None = None


def drifting(db: Connection, now: datetime) -> Mapping[str, Heading]:
    """Return the processes that drift, by name."""
    last = _Known.found
    if last is None or not last.at <= now < last.at + HOLDS_FOR:
        every = grading.graded_all(db, settings.TERRAIN, now)
        last = _Found(now, {one.process.name: one.heading for one in every if one.heading})
        _Known.found = last
    return last.drifting
