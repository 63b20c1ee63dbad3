"""Who starts when by the calendar: once a period, by the customer's own clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from terrain.core.customer import Customer
from terrain.core.house import House
from terrain.core.run import Run
from terrain.core.schedule import Earlier, periods, run_for
from tests.journeys import a_shop, written
from tests.people import NOON, a_claim, a_customer

SEND = "steps: [{send: hello, by: email, reach: inbox}]\n"


def starting(start: str) -> House:
    return a_shop(written(f"starts: {start}\n{SEND}"))


def looked_at(
    house: House, customer: Customer, now: datetime = NOON, earlier: tuple[Earlier, ...] = ()
) -> list[Run]:
    found = (run_for(period, customer, earlier, house, now) for period in periods(house, now))
    return [run for run in found if run is not None]


def lea(**said: Any) -> Customer:
    return a_customer(*(a_claim(value, fact=fact) for fact, value in said.items()))


@pytest.mark.parametrize(
    ("start", "days"),
    [
        ("{every: day, at: '09:00'}", ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]),
        ("{every: month, on_day: 31}", ["2026-02-28"]),
        ("{every: year, on_day: 1, on_month: 3}", ["2026-03-01"]),
        ("{every: sunday}", ["2026-03-01"]),
    ],
)
def test_a_schedule_opens_on_its_days(start: str, days: list[str]) -> None:
    house = starting(start)
    first = datetime(2026, 2, 27, 12, tzinfo=UTC)

    opened = {
        period.day.isoformat()
        for late in range(4)
        for period in periods(house, first + timedelta(days=late))
    }

    assert sorted(opened & set(days)) == days
    assert all(day <= days[-1] for day in opened)


def test_a_weekly_look_that_was_missed_is_made_up_for_but_not_for_ever() -> None:
    house = starting("{every: sunday}")  # 22 November 2026 is one

    found = [
        [period.day for period in periods(house, NOON + timedelta(days=late))] for late in (0, 3, 4)
    ]

    assert found == [[date(2026, 11, 22)], [date(2026, 11, 22)], []]


def test_it_starts_at_her_own_time_of_day() -> None:
    house = starting("{every: day, at: '18:00'}")

    [run] = looked_at(house, lea(time_zone="America/New_York"))

    assert run.due_at == datetime(2026, 11, 22, 23, tzinfo=UTC)


def test_only_those_it_is_for() -> None:
    house = starting("{every: day, for: {country: FR}}")

    assert looked_at(house, lea(country="FR"))
    assert not looked_at(house, lea(country="BE"))


def test_nobody_starts_twice_in_one_period() -> None:
    house = starting("{every: day}")
    [run] = looked_at(house, lea())

    assert not looked_at(house, lea(), earlier=(Earlier(run.subject, NOON),))
    assert looked_at(house, lea(), earlier=(Earlier("day/2026-11-21", NOON),))


def test_a_birthday_comes_every_year() -> None:
    house = starting("{on: birth_date, yearly: yes, at: '10:30'}")

    [run] = looked_at(house, lea(birth_date="1990-11-22"))

    assert (run.subject, run.due_at) == (
        "birth_date/2026",
        NOON,  # 10:30 is over by now
    )
    assert not looked_at(house, lea(birth_date="1990-11-23"))
    assert not looked_at(house, lea(birth_date="some day in spring"))
    assert not looked_at(house, lea())


def test_who_was_born_on_29_february_has_it_on_the_28th() -> None:
    house = starting("{on: birth_date, yearly: yes}")
    born = lea(birth_date="1992-02-29")

    assert looked_at(house, born, datetime(2027, 2, 28, 6, tzinfo=UTC))
    assert not looked_at(house, born, datetime(2028, 2, 28, 6, tzinfo=UTC))
    assert looked_at(house, born, datetime(2028, 2, 29, 6, tzinfo=UTC))


def test_three_days_before_new_year_is_last_year() -> None:
    house = starting("{on: birth_date, yearly: yes, before: 3 days}")

    [run] = looked_at(house, lea(birth_date="1990-01-01"), datetime(2026, 12, 29, 5, tzinfo=UTC))

    assert run.subject == "birth_date/2027"


def test_a_date_that_does_not_come_again_comes_once() -> None:
    house = starting("{on: birth_date, after: 1 day}")

    assert looked_at(house, lea(birth_date="2026-11-21"))
    assert not looked_at(house, lea(birth_date="2025-11-21"))
    assert not looked_at(house, lea(birth_date="9999-12-31"))


def test_a_segment_is_entered_once_in_so_long() -> None:
    house = starting("{segment: {tags: vip}, again_after: 1 year}")
    vip = lea(tags=["vip"])
    [run] = looked_at(house, vip)

    lately = (Earlier("segment/2026-01-01", NOON - timedelta(days=300)),)
    long_ago = (Earlier("segment/2024-01-01", NOON - timedelta(days=700)),)

    assert run.due_at == NOON
    assert not looked_at(house, vip, earlier=lately)
    assert looked_at(house, vip, earlier=long_ago)
    assert not looked_at(house, lea(tags=["early"]))


def test_what_is_paused_starts_nobody() -> None:
    automation = written(f"starts: {{every: day}}\n{SEND}")

    assert not list(periods(a_shop(automation, paused=frozenset({"a-promise"})), NOON))
