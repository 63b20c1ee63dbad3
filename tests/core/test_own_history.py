"""What Léa reads of what was done and not done: twenty equal holds are one line."""

from datetime import timedelta

import pytest

from terrain.core.act import ActKind
from terrain.core.decision import Verdict
from terrain.core.outbox import ActState
from terrain.core.own_history import Happened, Line, lines, said_of
from tests.people import NOON

MANY = 50


def decided(
    ago: int, verdict: Verdict = Verdict.HOLD, because: str = "open_complaint", step: str = "send"
) -> Happened:
    return Happened(
        number=1_000 - ago,
        at=NOON - timedelta(days=ago),
        is_decision=True,
        what=verdict.value,
        automation="win-back",
        step=step,
        because=because,
    )


def said(ago: int, what: str = "fact.corrected") -> Happened:
    at = NOON - timedelta(days=ago)
    return Happened(number=2_000 - ago, at=at, is_decision=False, what=what)


def times(made: list[Line]) -> list[int]:
    return [line.times for line in made]


def test_twenty_equal_holds_in_a_row_are_one_line_that_says_since_when() -> None:
    (line,), told = lines([decided(ago) for ago in range(20)], MANY)

    assert (line.times, told) == (20, 20)
    assert line.latest.at == NOON
    assert line.since == NOON - timedelta(days=19)


def test_what_is_said_in_between_does_not_make_the_same_waiting_two() -> None:
    made, _ = lines([decided(0), said(1), decided(2), decided(3, step="other"), decided(4)], MANY)

    assert times(made) == [3, 1, 1]


def test_a_hold_for_another_reason_is_another_line() -> None:
    made, _ = lines([decided(0), decided(1, because="quiet_hours"), decided(2)], MANY)

    assert times(made) == [1, 1, 1]


def test_two_equal_letters_are_two_lines() -> None:
    acts = [decided(ago, Verdict.ACT, "sure_enough") for ago in range(2)]

    assert times(lines(acts, MANY)[0]) == [1, 1]


def test_what_was_done_in_between_ends_a_waiting() -> None:
    made, _ = lines([decided(0), decided(1, Verdict.ACT, "sure_enough"), decided(2)], MANY)

    assert times(made) == [1, 1, 1]


def test_a_piece_ends_before_the_line_for_which_there_is_no_room() -> None:
    made, told = lines([decided(0), decided(1), said(2), decided(3), said(4)], 2)

    assert times(made) == [3, 1]
    assert told == 4


@pytest.mark.parametrize(
    ("verdict", "kind", "state", "code"),
    [
        (Verdict.ACT, ActKind.SEND, ActState.LEFT, "wrote"),
        (Verdict.ACT, ActKind.DO, ActState.LEFT, "did"),
        (Verdict.ASK, ActKind.ASK, ActState.LEFT, "asked"),
        (Verdict.ACT, ActKind.SEND, ActState.QUEUED, "leaving"),
        (Verdict.ACT, ActKind.SEND, ActState.STOPPED, "stopped"),
        (Verdict.ACT, ActKind.SEND, ActState.FAILED, "failed"),
        (Verdict.ACT, ActKind.DO, ActState.UNKNOWN, "unclear"),
        (Verdict.ACT, "", "", "allowed"),
        (Verdict.HOLD, "", "", "held"),
        (Verdict.HAND, "", "", "handed"),
    ],
)
def test_each_outcome_is_called_by_its_name(
    verdict: Verdict, kind: str, state: str, code: str
) -> None:
    assert said_of(verdict, kind, state) == code


def test_what_waits_and_may_not_leave_is_not_about_to_leave() -> None:
    waits = (Verdict.ACT, ActKind.SEND, ActState.QUEUED)

    assert said_of(*waits, "open_complaint") == "waiting"
    assert said_of(Verdict.ACT, ActKind.SEND, ActState.LEFT, "mail_pace") == "wrote"
