"""Needs that others served, as a turn hears of them: many at once, in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from terrain.core.identifier import key_of
from terrain.core.served import Need, Outcome, Told
from terrain.store import served

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEA, OMAR = key_of(1), key_of(2)
FORM = "return-form"


def gave_up(need: str = "R-1", hours: int = 0) -> Told:
    return Told(process=FORM, need=need, at=NOON + hours * HOUR, outcome=Outcome.GAVE_UP)


def complained(need: str = "", hours: int = 1) -> Told:
    at = NOON + hours * HOUR
    return Told(process=FORM, need=need, at=at, complained_at=at)


def made_good(need: str = "", hours: int = 2) -> Told:
    at = NOON + hours * HOUR
    return Told(process=FORM, need=need, at=at, made_good_at=at)


def kept(db: Connection) -> dict[str, Need]:
    every = served.of_process(db, FORM, (NOON - HOUR, 0), NOON + 99 * HOUR, 10)
    return {one.need.first.need: one.need for one in every}


def test_what_lea_tells_three_times_in_one_turn_is_one_need_she_came_back_to_twice(
    db: Connection,
) -> None:
    served.keep(db, [(LEA, 9 - hours, gave_up(hours=hours)) for hours in (2, 0, 1)])
    served.keep(db, [(LEA, 10, gave_up(hours=3)), (OMAR, 11, gave_up("R-2"))])

    assert {name: one.again for name, one in kept(db).items()} == {"R-1": 3, "R-2": 0}
    assert kept(db)["R-1"].first == gave_up()


@pytest.mark.parametrize("turns", [1, 4])
def test_a_complaint_and_what_makes_it_good_belong_to_the_latest_need(
    db: Connection, turns: int
) -> None:
    heard = [gave_up("R-0"), gave_up("R-1", hours=1), complained(hours=2), made_good(hours=3)]
    lea = [(LEA, number, told) for number, told in enumerate(heard)]

    for turn in range(turns):
        served.keep(db, lea[turn::turns])

    assert kept(db)["R-0"].complained_at is None
    assert kept(db)["R-1"].complained_at == NOON + 2 * HOUR
    assert kept(db)["R-1"].made_good_at == NOON + 3 * HOUR


def test_of_two_complaints_in_one_turn_the_first_counts_also_when_it_is_told_last(
    db: Connection,
) -> None:
    served.keep(db, [(LEA, 1, complained("R-1", 5)), (LEA, 2, gave_up()), (LEA, 3, complained())])

    assert kept(db)["R-1"].complained_at == NOON + HOUR


def test_a_complaint_before_any_need_or_of_somebody_else_is_about_none(db: Connection) -> None:
    served.keep(db, [(LEA, 1, gave_up(hours=2)), (LEA, 2, complained()), (OMAR, 3, complained())])

    assert kept(db)["R-1"].complained_at is None
