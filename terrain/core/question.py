"""Something asked of a customer, about a fact. What was answered is never asked again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question, its possible answers and what silence means.

    `answers` are the codes offered (`yes`, `no`, `always`, `never`, or values of the fact); `no_answer` is
    the answer taken at `deadline`. `words` holds the question by language.
    """

    key: CustomerKey
    question_id: int
    fact: FactKey
    asked_at: datetime
    answers: tuple[str, ...]
    words: dict[str, str]
    deadline: datetime | None = None
    no_answer: str = "no"
    automation: str = ""
    run_id: int = 0
    decision_id: int = 0
    answered_at: datetime | None = None
    answer: Any = None
