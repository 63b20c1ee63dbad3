"""A need that somebody else served: how it ended, what it cost her, and whether she came back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from terrain.core.seen import added
from terrain.core.served import Need, Outcome, Told, count, heard, is_ripe
from terrain.core.served import told as of
from tests.people import an_event

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(**said: Any) -> Told:
    usual = {"process": "return-form", "need": "R-1", "outcome": "done"}
    found = heard("need.served", usual | said, NOON)
    assert found is not None
    return found


def counted(again: int = 0, **said: Any) -> dict[str, float]:
    need = Need(first=told(**said), again=again)
    return dict(count([need]))


def test_done_and_not_back_is_solved() -> None:
    assert counted()["quiet"] == 1
    assert counted(outcome="solved")["confirmed"] == 1


def test_who_came_back_was_not_helped() -> None:
    found = counted(again=2, outcome="solved")

    assert "confirmed" not in found
    assert (found["repeated"], found["effort.contacts_again"]) == (1, 2)


@pytest.mark.parametrize("outcome", ["gave_up", "dead_end"])
def test_who_gave_up_met_a_dead_end(outcome: str) -> None:
    found = counted(outcome=outcome)

    assert found["dead_ends"] == 1
    assert "quiet" not in found


def test_that_no_person_was_needed_is_held_against_what_was_not_solved() -> None:
    assert counted(outcome="dead_end")["falsely_contained"] == 1
    assert counted(asked_for_a_person=True)["falsely_contained"] == 1
    assert "falsely_contained" not in counted()


def test_a_person_in_time_is_one_within_three_minutes() -> None:
    soon = counted(asked_for_a_person=True, person_after=3)
    late = counted(asked_for_a_person=True, person_after=3.5)

    assert soon["person.in_time"] == soon["person.offered"] == 1
    assert "person.in_time" not in late
    assert "contained" not in soon


def test_a_complaint_is_harm_and_made_good_within_two_days() -> None:
    first = told()
    paid = Need(first=first, complained_at=NOON, made_good_at=NOON + 2 * DAY)
    late = Need(first=first, complained_at=NOON, made_good_at=NOON + 3 * DAY)

    assert count([paid, late])["made_good"] == 1
    assert count([paid, late])["hurt"] == 2


def test_a_part_and_a_part_are_the_whole() -> None:
    needs = [
        Need(first=told(outcome=outcome, minutes=minutes, transfers=again), again=again)
        for outcome in Outcome
        for again, minutes in enumerate((0, 2.5, 7))
    ]

    for cut in range(len(needs) + 1):
        assert added([count(needs[:cut]), count(needs[cut:])]) == count(needs)


def test_a_need_is_counted_once_she_had_time_to_come_back() -> None:
    need = Need(first=told())

    assert not is_ripe(need, NOON + 6 * DAY)
    assert is_ripe(need, NOON + 7 * DAY)


@pytest.mark.parametrize("said", ["brilliant", None, 3, ["done"], ""])
def test_an_outcome_that_cannot_be_read_is_nothing_to_be_proud_of(said: Any) -> None:
    assert told(outcome=said).outcome is Outcome.GAVE_UP


@pytest.mark.parametrize("minutes", [-1, 1e12, "five", True, float("nan"), float("inf"), None, [5]])
def test_minutes_that_cannot_be_are_none(minutes: Any) -> None:
    assert told(minutes=minutes).waited == 0


@pytest.mark.parametrize(("said", "times"), [(-4, 0), (10**9, 1000), ("3", 0), (True, 0), (3, 3)])
def test_troubles_are_counted_within_reason(said: Any, times: int) -> None:
    assert told(transfers=said).troubles["transfers"] == times


def test_that_she_came_back_is_seen_and_not_said() -> None:
    assert "contacts_again" not in told(contacts_again=9).troubles


@pytest.mark.parametrize("process", ["", None, [], {"a": 1}, "  "])
def test_without_a_process_it_is_about_none(process: Any) -> None:
    assert heard("need.served", {"process": process}, NOON) is None
    assert heard("order.placed", {"process": "return-form"}, NOON) is None


def test_a_complaint_that_names_the_process_adds_to_it() -> None:
    found = heard("complaint.opened", {"process": "return-form"}, NOON)

    assert found is not None
    assert (found.outcome, found.complained_at, found.need) == (None, NOON, "")


def test_a_long_name_is_cut() -> None:
    assert len(told(process="x" * 5000).process) == 100


def test_a_need_without_a_number_is_one_by_itself_and_a_complaint_is_about_the_latest() -> None:
    served_need = an_event("need.served", properties={"process": "return-form"}, message_id="m-1")
    numbered = an_event("need.served", properties={"process": "return-form", "need": "R-7"})
    complaint = an_event("complaint.opened", properties={"process": "return-form"})

    needs = [found.need for each in (served_need, numbered, complaint) if (found := of(each))]
    assert needs == ["m-1", "R-7", ""]


def test_a_wait_of_more_than_a_month_is_a_clock_that_went_wrong() -> None:
    month = 30 * 24 * 60

    assert (told(minutes=month).waited, told(minutes=month + 1).waited) == (month, 0)
