"""The house as this process knows it: read before the door opens, and again when it moved.

Promise: what is asked is judged by a house that was looked after within the last second, and however many
ask at once, it is read once.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic

import msgspec
from psycopg import Connection

from terrain.config import read
from terrain.core.house import House
from terrain.flow import reference
from terrain.flow.links import Links, links_of

SECONDS_FRESH = 1.0


class Known(msgspec.Struct, frozen=True):
    """What is known of the house, and when it was last looked after; values that nobody can spoil."""

    house: House
    links: Links
    looked: float

    @property
    def is_fresh(self) -> bool:
        return monotonic() - self.looked < SECONDS_FRESH


class _Memory:
    """What this process read last, by database."""

    known: dict[str, Known] = {}  # noqa: RUF012 - one process, one memory
    reading = Lock()


def known(db: Connection) -> Known:
    """Return the house of this moment: looked after once a second, read again when it moved."""
    name = f"{db.info.host}:{db.info.port}/{db.info.dbname}"
    found = _Memory.known.get(name)
    if found is not None and found.is_fresh:
        return found
    # Eight who read it side by side take eight times as long, each of them.
    with _Memory.reading:
        found = _Memory.known.get(name)
        if found is None or not found.is_fresh:
            found = _Memory.known[name] = _looked_after(db, found)
    return found


def _looked_after(db: Connection, found: Known | None) -> Known:
    if found is not None and not reference.moved(db, found.house):
        return msgspec.structs.replace(found, looked=monotonic())
    settings = read()
    return Known(reference.house(db, settings), links_of(settings), monotonic())
