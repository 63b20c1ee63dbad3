"""How every watch stands, as the worker last read it: for pages, letters and the terminal.

Promise: nothing is reckoned here: rows are read, and the same after ten years as after a day. `flow/overseeing.py`
writes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from psycopg import Connection

from terrain.config import Settings
from terrain.core.cohorts import Day
from terrain.core.explanation import Line
from terrain.core.watch import Reading, State, Watch

# From the least to the worst.
_WORSE = (State.CLEAR, State.GREY, State.AMBER, State.RED)


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """One watch and what it said last. `stage`: how far its automation has come back after a stop, if it did."""

    watch: Watch
    reading: Reading
    stage: int | None
    lines: tuple[Line, ...]
    at: datetime


def stand(db: Connection, settings: Settings, now: datetime, automation: str = "") -> list[Stand]:
    """Return how all watches stand, or those of one automation, the worst first."""
    raise NotImplementedError


def year(db: Connection, watch: Watch, now: datetime) -> list[Day]:
    """Return the acts and the bad ones of each day of the last year, for pictures."""
    raise NotImplementedError


def false_reds(db: Connection, now: datetime) -> tuple[float, float]:
    """Return how many pauses of a year may be mistakes, and how many the manager accepts."""
    raise NotImplementedError


def worst(stands: Iterable[Stand]) -> State:
    """Return the worst state; what nothing watches is grey."""
    return max((each.reading.state for each in stands), key=_WORSE.index, default=State.GREY)
