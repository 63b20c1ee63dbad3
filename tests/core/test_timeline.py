"""The line through a customer's time: equal holds in a row are one, and nothing is left out."""

from datetime import timedelta
from typing import Any

from terrain.core.identifier import key_of
from terrain.core.timeline import Entry, folded
from tests.people import NOON


def entry(minute: int, what: str = "hold", **more: Any) -> Entry:
    given = {"kind": "decision", "by": "reminder", "step": "send", "because": "open_complaint"}
    at = NOON - timedelta(minutes=minute)
    return Entry(at=at, entry_id=minute, key=key_of(1), what=what, **{**given, **more})


def test_the_same_hold_in_a_row_is_one_line_since_the_first() -> None:
    (line,) = folded([entry(1), entry(2), entry(3)])

    assert (line.entry.entry_id, line.times) == (1, 3)
    assert line.since == NOON - timedelta(minutes=3)


def test_what_stands_between_keeps_two_holds_apart() -> None:
    lines = folded([entry(1), entry(2, "act"), entry(3)])

    assert [line.times for line in lines] == [1, 1, 1]


def test_another_reason_another_step_another_automation_are_other_lines() -> None:
    for more in ({"because": "absent"}, {"step": "ask"}, {"by": "welcome"}):
        assert len(folded([entry(1), entry(2, **more)])) == 2


def test_acts_and_events_are_never_folded() -> None:
    for kind in ("act", "event"):
        assert len(folded([entry(1, "hold", kind=kind), entry(2, "hold", kind=kind)])) == 2
    assert folded([]) == []


def test_an_act_and_the_decision_it_came_from_are_one_line() -> None:
    sent = entry(1, "filter-reminder", kind="act", decision_id=7)
    decided = entry(2, "act", decision_id=7)
    (line,) = folded([sent, decided])

    assert (line.entry, line.decided) == (sent, decided)


def test_an_act_whose_decision_was_not_read_stands_alone() -> None:
    sent, other = entry(1, "reminder", kind="act", decision_id=7), entry(2, decision_id=8)

    assert [line.decided for line in folded([sent, other])] == [None, None]
