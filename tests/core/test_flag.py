"""The cord: when "this is wrong" holds an automation for one, and when for all."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from terrain.core import gates
from terrain.core.act import ActKind, Benefit, Proposal, Reach, Undo
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import SourceKind
from terrain.core.flag import (
    PEOPLE,
    SEVERE,
    ForAll,
    Pulled,
    Reason,
    flag_in,
    for_all,
    puller_of,
    reason_of,
)
from terrain.core.house import House
from terrain.core.matter import Matter
from terrain.core.memory import remember
from tests.people import NOON, a_customer, a_house, an_event

HOUR = timedelta(hours=1)
SECRET = "a secret that only the tests know"


def pulled(who: str, reason: Reason = Reason.WRONG_FACT, ago: timedelta = HOUR) -> Pulled:
    return Pulled(NOON - ago, reason, who)


def flagged(source: str = "page", **said: Any) -> Any:
    properties = {"automation": "filter-reminder", "reason": "wrong_fact", **said}
    return an_event("automation.flagged", source=source, properties=properties)


def a_proposal(**changes: Any) -> Proposal:
    given = {
        "automation": "filter-reminder",
        "version": 1,
        "step": "send",
        "act": ActKind.SEND,
        "name": "filter-reminder",
        "purpose": Purpose.SERVICE,
        "benefit": Benefit.USEFUL,
        "reach": Reach.INBOX,
        "undo": Undo.BY_CUSTOMER,
        "channel": Channel.EMAIL,
    }
    return Proposal(**{**given, **changes})


def stops(customer: Customer, house: House, **changes: Any) -> str:
    stop = gates.closed(Matter(a_proposal(**changes), customer, house, NOON))[1]
    return stop.because if stop else ""


# -- for all ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(SEVERE))
def test_one_severe_flag_is_enough(reason: Reason) -> None:
    assert for_all([pulled("Inès", reason)], NOON) is ForAll.SEVERE


@pytest.mark.parametrize("reason", sorted(set(Reason) - SEVERE))
def test_one_other_flag_holds_nobody_else(reason: Reason) -> None:
    assert for_all([pulled("Inès", reason)], NOON) is None


def test_three_people_within_a_day_hold_it_for_all() -> None:
    three = [pulled("Inès"), pulled("Léa"), pulled("Omar", Reason.TOO_MUCH)]

    assert for_all(three, NOON) is ForAll.THREE
    assert for_all(three[:2], NOON) is None


def test_the_same_person_three_times_is_one() -> None:
    assert for_all([pulled("Inès")] * (PEOPLE + 2), NOON) is None


def test_what_was_said_the_day_before_does_not_count() -> None:
    old = timedelta(days=1)

    assert for_all([pulled("Inès"), pulled("Léa"), pulled("Omar", ago=old)], NOON) is None
    assert for_all([pulled("Inès", Reason.SAFETY, old)], NOON) is None


def test_a_clock_that_is_ahead_hides_no_flag() -> None:
    ahead = [pulled("Inès"), pulled("Léa"), pulled("Omar", ago=-5 * HOUR)]

    assert for_all(ahead, NOON) is ForAll.THREE
    assert for_all([pulled("Inès", Reason.SAFETY, -timedelta(days=400))], NOON) is None


def test_nothing_said_holds_nothing() -> None:
    assert for_all([], NOON) is None


# -- who said it -----------------------------------------------------------------------------------


def test_one_person_is_one_about_one_automation_and_nobody_over_two() -> None:
    ines = puller_of(SECRET, "filter-reminder", "staff:5")

    assert ines == puller_of(SECRET, "filter-reminder", "staff:5")
    assert ines != puller_of(SECRET, "filter-reminder", "staff:6")
    assert ines != puller_of(SECRET, "faster-parcel", "staff:5")
    assert ines != puller_of("another secret", "filter-reminder", "staff:5")


def test_a_customer_is_known_by_their_own_number_and_staff_by_what_their_desk_gives() -> None:
    lea = a_customer()

    own, theirs = (
        flag_in(flagged(), lea, a_house()),
        flag_in(flagged("desk", puller="abc"), lea, a_house()),
    )

    assert own
    assert theirs
    assert (own.said_by, theirs.said_by) == (f"customer:{lea.key.customer_id}", "staff:abc")


def test_nobody_makes_themselves_many_through_a_source_that_is_no_desk() -> None:
    lea = a_customer()
    said = [flag_in(flagged("site", puller=f"p{n}"), lea, a_house()) for n in range(3)]

    assert len({one.said_by for one in said if one}) == 1
    assert all(said)


def test_nobody_stands_behind_what_a_page_anybody_looks_into_says() -> None:
    house = replace(a_house(), sources={"site": SourceKind.BEHAVIOUR})
    flag = flag_in(flagged("site"), a_customer(), house)

    assert flag
    assert flag.said_by == ""
    assert for_all([pulled("", Reason.SAFETY), pulled(""), pulled("")], NOON) is None


# -- what an event says ----------------------------------------------------------------------------


def test_the_flag_carries_its_case() -> None:
    event = flagged(text="Not  her\nfilter", act_id="77", decision_id=78, version=3)
    flag = flag_in(event, a_customer(), a_house())

    assert flag
    assert (flag.automation, flag.reason, flag.words) == (
        "filter-reminder",
        Reason.WRONG_FACT,
        "Not her filter",
    )
    assert (flag.act_id, flag.decision_id, flag.version) == (77, 78, 3)
    assert flag == flag_in(event, a_customer(), a_house())


@pytest.mark.parametrize("said", [None, 7, "", "   ", ["filter-reminder"]])
def test_a_flag_about_nothing_is_none(said: object) -> None:
    event = flagged(automation=said)

    assert flag_in(event, a_customer(), a_house()) is None
    assert remember(a_customer(), event, a_house()).notes == ("flag_about_nothing",)


@pytest.mark.parametrize("said", [None, "", "nonsense", 4, ["safety"], {"a": 1}])
def test_a_reason_nobody_knows_is_a_reason_of_its_own(said: object) -> None:
    assert reason_of(said) is Reason.OTHER


@pytest.mark.parametrize("number", [1, 1_944_014_877_308_435_832, 2**63 - 1])
def test_a_number_of_ours_is_read_as_it_travels(number: int) -> None:
    for said in (number, str(number)):
        flag = flag_in(flagged(act_id=said, decision_id=said), a_customer(), a_house())
        assert flag
        assert (flag.act_id, flag.decision_id) == (number, number)


def test_a_flag_names_its_decision_as_other_systems_know_it() -> None:
    flag = flag_in(flagged(act_id="act_7", decision_id="1f-66"), a_customer(), a_house())

    assert flag
    assert (flag.act_id, flag.decision_id) == (7, 0x66)


@pytest.mark.parametrize("odd", [True, -4, "7.5", "9" * 19, "9" * 40, 2**63, "٧", None, 1.5, [1]])
def test_an_odd_number_is_no_number(odd: object) -> None:
    flag = flag_in(flagged(act_id=odd), a_customer(), a_house())

    assert flag
    assert flag.act_id == 0


def test_other_events_raise_no_flag() -> None:
    assert flag_in(an_event("order.placed"), a_customer(), a_house()) is None


# -- the gate --------------------------------------------------------------------------------------


def test_it_is_held_for_her_at_once_and_for_nobody_else() -> None:
    lea = remember(a_customer(), flagged(), a_house()).customer

    assert stops(lea, a_house()) == "flagged"
    assert stops(lea, a_house(), automation="faster-parcel") == ""
    assert stops(a_customer(), a_house()) == ""


def test_what_law_and_safety_demand_still_reaches_her() -> None:
    lea = remember(a_customer(), flagged(), a_house()).customer

    assert stops(lea, a_house(), purpose=Purpose.SAFETY) == ""
    assert stops(lea, a_house(), purpose=Purpose.LEGAL_OBLIGATION) == ""


def test_the_owners_answer_lets_it_go_on_only_where_it_says_so() -> None:
    lea = remember(a_customer(), flagged(), a_house()).customer
    said = {"automation": "filter-reminder", "flag_id": "1"}
    later = NOON + HOUR

    thanked = an_event("flag.answered", at=later, source="desk", properties=said)
    assert stops(remember(lea, thanked, a_house()).customer, a_house()) == "flagged"
    goes_on = an_event(
        "flag.answered", at=later, source="desk", properties=said | {"goes_on": True}
    )
    assert stops(remember(lea, goes_on, a_house()).customer, a_house()) == ""


@pytest.mark.parametrize("source", ["site", "shop", "page"])
def test_only_a_desk_answers(source: str) -> None:
    lea = remember(a_customer(), flagged(), a_house()).customer
    said = {"automation": "filter-reminder", "goes_on": True}
    answer = an_event("flag.answered", at=NOON + HOUR, source=source, properties=said)

    assert stops(remember(lea, answer, a_house()).customer, a_house()) == "flagged"


def test_the_order_of_arrival_changes_nothing() -> None:
    raised = flagged()
    said = {"automation": "filter-reminder", "goes_on": True}
    answer = an_event("flag.answered", at=NOON + HOUR, source="desk", properties=said)
    one, other = a_customer(), a_customer()
    for event in (raised, answer):
        one = remember(one, event, a_house()).customer
    for event in (answer, raised):
        other = remember(other, event, a_house()).customer

    assert stops(one, a_house()) == stops(other, a_house()) == ""
