"""Whether it helped is asked once people are done with somebody: once, soon, and never while they complain."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from terrain.core.aftercare import AFTER, DESK, LETTER
from terrain.core.event import Event
from terrain.core.feedback import may_ask
from terrain.core.settings import GuardSettings
from terrain.core.task import TALKS, TaskKind
from tests.journeys import Life, written

WRITES = (
    "starts: {when: order.placed}\nsteps:\n  - {send: filter-reminder, by: email, reach: inbox}\n"
)


@pytest.fixture
def life() -> Life:
    return Life()


def done(life: Life, kind: str = "a_person_please", source: str = "desk", **said: Any) -> Life:
    return life.hear("task.done", source, task_id="7", kind=kind, outcome="called her", **said)


def later(life: Life) -> Life:
    return life.days(0.01)


@pytest.mark.parametrize("kind", sorted(TALKS))
def test_a_task_that_was_a_talk_is_followed_by_one_letter(life: Life, kind: TaskKind) -> None:
    done(life, kind.value)

    (letter,) = life.acts
    assert (letter.name, letter.automation, letter.surveys) == (LETTER, DESK, True)
    assert letter.due_at == life.now + AFTER
    assert letter.expires_at == life.now + timedelta(days=3)  # after that it is not about this talk
    assert letter.content["language"] == "en"


@pytest.mark.parametrize("kind", sorted(set(TaskKind) - TALKS))
def test_a_task_that_was_no_talk_is_not(life: Life, kind: TaskKind) -> None:
    assert done(life, kind.value).acts == []


@pytest.mark.parametrize("source", ["page", "shop", "nobody-declared"])
def test_only_those_who_work_here_end_a_talk(life: Life, source: str) -> None:
    assert done(life, source=source).acts == []


def test_a_complaint_that_is_settled_is_followed_by_one(life: Life) -> None:
    life.hear("complaint.opened", "desk", complaint_id="K-1")
    later(life).hear("complaint.closed", "desk", complaint_id="K-1")

    assert life.sent == [LETTER]


def test_nothing_is_asked_while_another_complaint_is_open(life: Life) -> None:
    for number in ("K-1", "K-2"):
        life.hear("complaint.opened", "desk", complaint_id=number)
    later(life).hear("complaint.closed", "desk", complaint_id="K-1")
    assert done(life).acts == []

    later(life).hear("complaint.closed", "desk", complaint_id="K-2")
    assert life.sent == [LETTER]


def test_whoever_lets_go_of_her_at_the_desk_is_done(life: Life) -> None:
    life.hear("person.took_charge", "desk", who="Inès")
    later(life).hear("person.let_go", "desk", by="Inès")

    assert life.sent == [LETTER]


def test_whoever_gives_a_task_back_is_not_done(life: Life) -> None:
    life.hear("person.took_charge", "desk", who="Inès")
    later(life).hear("person.let_go", "desk", who="Inès", task_id="7")

    assert life.acts == []


def test_nothing_is_asked_while_a_colleague_looks_after_her(life: Life) -> None:
    life.hear("person.took_charge", "desk", who="Camille")

    assert done(life).acts == []


def test_one_budget_for_talks_and_letters(life: Life) -> None:
    done(life)
    for _ in range(3):
        life.days(8)
        done(life)
    assert len(life.acts) == 1

    done(life.days(8))
    assert len(life.acts) == 2


def test_a_letter_that_asked_leaves_nothing_for_the_talk() -> None:
    life = Life(written(WRITES))
    life.hear("order.placed", order="order-1")
    done(life.days(1))

    assert [act.surveys for act in life.acts] == [True]


def test_after_a_talk_the_next_letter_does_not_ask() -> None:
    life = Life(written(WRITES))
    done(life)
    life.days(1).hear("order.placed", order="order-1")

    assert [act.surveys for act in life.acts] == [True, False]


def test_both_words_of_one_closing_are_one_letter(life: Life) -> None:
    life.hear("person.took_charge", "desk", who="Inès")
    done(life)
    later(life).hear("person.let_go", "desk", by="Inès")
    later(life).hear("complaint.closed", "desk", complaint_id="K-1")

    assert len(life.acts) == 1


def test_who_stopped_such_letters_gets_none(life: Life) -> None:
    life.hear("automation.stopped", "page", automation=DESK)

    assert done(life).acts == []


def test_who_left_no_address_gets_none(life: Life) -> None:
    life.customer = replace(life.customer, identifiers=(), claims={})

    assert done(life).acts == []


def test_an_address_she_is_known_by_or_one_she_said_is_enough(life: Life) -> None:
    known, said = (
        life.customer.identifiers,
        life.hear("fact.stated", "page", fact="email", to="l@x.fr"),
    )
    claims = said.customer.claims
    life.customer = replace(life.customer, identifiers=known, claims={})
    assert len(done(life).acts) == 1

    other = Life()
    other.customer = replace(other.customer, identifiers=(), claims=claims)
    assert len(done(other).acts) == 1


def test_what_ended_long_ago_is_not_asked_about(life: Life) -> None:
    event = Event(
        message_id="late",
        event_id=9,
        name="task.done",
        at=life.now - timedelta(days=2),
        received_at=life.now,
        source="desk",
        properties={"kind": "hand"},
    )
    life._turn((event,))

    assert life.acts == []


def test_a_house_that_never_asks_does_not_ask_here_either(life: Life) -> None:
    life.house = replace(life.house, settings=GuardSettings(survey_days=0))

    assert done(life).acts == []


def test_what_may_not_leave_leaves_no_trace_and_no_task(life: Life) -> None:
    life.hear("absence.set", "page", until="2026-12-31")
    before = len(life.decisions)

    assert done(life).acts == []
    assert (len(life.decisions), life.tasks) == (before, [])


def test_asking_uses_the_budget(life: Life) -> None:
    assert may_ask(life.customer, life.house.settings, life.now)
    done(life)

    assert not may_ask(life.customer, life.house.settings, life.now)
