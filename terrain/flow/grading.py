"""Every process with its grade: what was declared in files, with what was counted of it in the record.

Promise: pages and commands only read rows here; counting is the worker's (`look`), a bounded step at a time.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.drift import Heading
from terrain.core.grade import Grade
from terrain.core.process import Process, Seen
from terrain.core.quadrant import Spot


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """One process: `spot` is where it stands now (None: too little seen), `tail` a spot a month, the latest last."""

    process: Process
    seen: Seen
    grade: Grade
    spot: Spot | None = None
    tail: tuple[Spot, ...] = ()
    heading: Heading | None = None


def graded_all(db: Connection, settings: Settings, now: datetime) -> list[Graded]:
    """Return every process, the dangerous corner first; those without enough seen last."""
    return []
