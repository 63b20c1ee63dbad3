"""One budget a person for asking whether we help, over everything that writes to them."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from terrain.core.act import Contact
from terrain.core.claims import open_complaints
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.fact import FactKey
from terrain.core.feedback import may_ask
from terrain.core.settings import GuardSettings
from tests.journeys import Life, written
from tests.people import NOON, a_claim, a_customer

DAY = timedelta(days=1)
SETTINGS = GuardSettings()
WRITES = (
    "starts: {when: order.placed}\nsteps:\n  - {send: filter-reminder, by: email, reach: inbox}\n"
)


def asked(*days_ago: float, **more: Any) -> Customer:
    contacts = tuple(
        Contact(
            act_id=number,
            at=NOON - days * DAY,
            channel=Channel.EMAIL,
            purpose=Purpose.SERVICE,
            automation=f"automation-{number}",
            **{"surveys": True, **more},
        )
        for number, days in enumerate(days_ago, start=1)
    )
    return a_customer(contacts=contacts)


def test_who_was_never_asked_may_be_asked() -> None:
    assert may_ask(a_customer(), SETTINGS, NOON)


@pytest.mark.parametrize(
    ("days", "may"), [(0, False), (1, False), (29.9, False), (30, True), (80, True)]
)
def test_who_was_asked_by_whatever_automation_is_left_alone_for_a_month(
    days: float, *, may: bool
) -> None:
    assert may_ask(asked(days), SETTINGS, NOON) is may


def test_messages_that_asked_nothing_use_no_budget() -> None:
    assert may_ask(asked(1, 2, 3, surveys=False), SETTINGS, NOON)


def test_the_house_says_how_often_and_may_say_never() -> None:
    assert may_ask(asked(8), GuardSettings(survey_days=7), NOON)
    assert not may_ask(a_customer(), GuardSettings(survey_days=0), NOON)


def a_complaint(state: str, number: str = "K-1", ago: float = 1) -> Any:
    return a_claim(state, "page", ago * DAY, fact=FactKey("complaint", number))


def test_nobody_is_asked_while_a_complaint_is_open() -> None:
    lea = a_customer(a_complaint("open"))

    assert open_complaints(lea)
    assert not may_ask(lea, SETTINGS, NOON)


def test_once_all_are_closed_she_may_be_asked_again() -> None:
    closed = (a_complaint("open", ago=3), a_complaint("closed", ago=2))

    assert may_ask(a_customer(*closed), SETTINGS, NOON)
    assert not may_ask(a_customer(*closed, a_complaint("open", "K-2")), SETTINGS, NOON)


@given(days=st.lists(st.integers(0, 89), max_size=20))
def test_whoever_obeys_asks_at_most_once_in_any_thirty_days(days: list[int]) -> None:
    lea, times = a_customer(), []
    for day in sorted(days):
        at = NOON + day * DAY
        if may_ask(lea, SETTINGS, at):
            times.append(day)
            said = replace(asked(0).contacts[0], act_id=day, at=at)
            lea = replace(lea, contacts=(*lea.contacts, said))

    assert all(later - earlier >= 30 for earlier, later in pairwise(times))


def test_of_a_year_of_weekly_letters_twelve_ask() -> None:
    life = Life(written(WRITES))
    for number in range(52):
        life.hear("order.placed", order=f"order-{number}")
        life.days(7)

    assert len(life.acts) == 52
    asking = [act.due_at for act in life.acts if act.surveys]
    gaps = {later - earlier for earlier, later in pairwise(asking)}
    assert gaps == {35 * DAY}  # the first letter after thirty days
