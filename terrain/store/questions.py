"""What was asked of customers, and what they answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey
from terrain.core.question import Question
from terrain.store.columns import Columns

# The order in which `of_row` takes a row; people are loaded with it too (`store/people.py`).
_ROW = Columns(
    "bucket smallint, customer_id bigint, question_id bigint, run_id bigint, decision_id bigint, "
    "asked_at timestamptz, deadline timestamptz, answered_at timestamptz, fact text, about text, "
    "automation text, no_answer text, answers jsonb, words jsonb, answer jsonb"
)
COLUMNS = _ROW.names


def of_row(row: tuple[Any, ...]) -> Question:
    """Return the question that stands in a row of COLUMNS."""
    bucket, customer_id, question_id, run_id, decision_id, asked_at, deadline, answered_at = row[:8]
    fact, about, automation, no_answer, answers, words, answer = row[8:]
    return Question(
        key=CustomerKey(bucket, customer_id),
        question_id=question_id,
        fact=FactKey(fact, about),
        asked_at=asked_at,
        answers=tuple(answers),
        words=words,
        deadline=deadline,
        no_answer=no_answer,
        automation=automation,
        run_id=run_id,
        decision_id=decision_id,
        answered_at=answered_at,
        answer=answer,
    )


def _to_row(question: Question) -> tuple[Any, ...]:
    answer = None if question.answered_at is None else Jsonb(question.answer)
    return (
        *(question.key.bucket, question.key.customer_id, question.question_id, question.run_id),
        *(question.decision_id, question.asked_at, question.deadline, question.answered_at),
        *(question.fact.fact, question.fact.about, question.automation, question.no_answer),
        *(Jsonb(question.answers), Jsonb(question.words), answer),
    )


def save(db: Connection, questions: Iterable[Question]) -> None:
    """Write the questions down as they stand now, open or answered."""
    rows = [_to_row(question) for question in questions]
    if not rows:
        return
    db.execute(
        f"""
        INSERT INTO question ({_ROW.names})
        SELECT * FROM {_ROW.unnest}
        ON CONFLICT (bucket, customer_id, question_id) DO UPDATE
           SET answered_at = EXCLUDED.answered_at, answer = EXCLUDED.answer
        """,
        _ROW.arrays(rows),
    )
