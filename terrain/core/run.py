"""One automation under way for one customer about one subject: where it stands, and what it waits for.

A run pins the version it started with. One live run per (automation, customer, subject), so nothing starts
twice. The interpreter that moves a run along its steps is `core/journey.py`; this module is only the noun.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from terrain.core.identifier import CustomerKey
from terrain.core.word import Word


class RunState(Word):
    """What a run is doing."""

    READY = "ready"  # has a next step to take now
    WAITING = "waiting"  # until a time, or an event or else a time
    HELD = "held"  # the guard holds its act: until a time, or until a fact it relies on changes
    ASKED = "asked"  # until the customer answers, or the question's deadline
    WITH_PERSON = "with_person"  # until a task is done, or not done in time
    LEAVING = "leaving"  # until its act has left, where a later step depends on it
    ENDED = "ended"
    FAILED = "failed"  # a bug or a gap in a message; a person is told


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run.

    `place` is the path of the step it stands at; `context` what it carries (event, item, unit, answers,
    dates it computed); `hears` the event names and `relies_on` the facts (`str(FactKey)`) that wake it.
    """

    key: CustomerKey
    run_id: int
    automation: str
    version: int
    subject: str
    state: RunState
    place: tuple[int | str, ...]
    started_at: datetime
    started_by: str
    due_at: datetime | None = None
    expires_at: datetime | None = None
    hears: tuple[str, ...] = ()
    relies_on: tuple[str, ...] = ()
    context: dict[str, Any] = {}
    stock: str = ""
    ended_at: datetime | None = None
    because: str = ""
