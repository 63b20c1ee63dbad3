"""Something a person has to do for a customer, with everything that person needs in front of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from terrain.core.identifier import CustomerKey


class TaskKind(StrEnum):
    """Why a person is needed."""

    HAND = "hand"
    STEP = "step"
    A_PERSON_PLEASE = "a_person_please"
    UNKNOWN_OUTCOME = "unknown_outcome"
    REPEATED_FAILURE = "repeated_failure"
    RIGHT = "right"  # somebody asked for what the law gives them; due within a month


# Whoever does one of these speaks with the customer.
TALKS = frozenset({TaskKind.A_PERSON_PLEASE, TaskKind.HAND})


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task. `file` is the handover file: what was proposed, why not done, facts used, what was asked."""

    key: CustomerKey
    task_id: int
    kind: TaskKind
    title: str
    opened_at: datetime
    due_at: datetime | None = None
    automation: str = ""
    run_id: int = 0
    decision_id: int = 0
    act_id: int = 0
    file: dict[str, Any] = {}
    taken_by: str = ""
    done_at: datetime | None = None
    done_by: str = ""
    outcome: str = ""
