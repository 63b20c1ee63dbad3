"""Eighteen months, with the guard and without: the same people, the same luck."""

from datetime import date
from functools import cache

from terrain.core.decision import Verdict
from terrain.demo import naive, shop
from terrain.demo.ledger import Compared, account_of
from terrain.demo.play import Played, Stage, play
from terrain.demo.world import people

OPENED = date(2025, 1, 6)


@cache
def played(*, carefully: bool, customers: int = 120) -> list[Played]:
    stage = Stage(house=shop.house(), opened=OPENED)
    if not carefully:
        house = naive.unguarded(stage.house)
        stage = Stage(house=house, opened=OPENED, weigh=naive.weigh)
    return play(people(OPENED, customers), stage)


def compared() -> Compared:
    return Compared(
        careful=account_of(each.life for each in played(carefully=True)),
        naive=account_of(each.life for each in played(carefully=False)),
    )


def test_the_same_shop_plays_the_same_year_twice() -> None:
    stage = Stage(house=shop.house(), opened=OPENED)
    once, again = (play(people(OPENED, 12), stage) for _ in range(2))

    assert [each.acts for each in once] == [each.acts for each in again]


def test_most_of_the_harm_does_not_happen() -> None:
    assert compared().harm_avoided > 0.8


def test_most_of_the_value_is_kept() -> None:
    assert compared().value_kept > 0.5


def test_nobody_with_a_complaint_open_is_reminded_of_a_filter() -> None:
    assert "contacted_during_a_complaint" not in compared().careful.felt
    assert compared().naive.felt["contacted_during_a_complaint"] > 0


def test_lea_who_was_away_is_asked_and_her_last_pair_stays_in_the_shop() -> None:
    lea, naive_lea = played(carefully=True)[0], played(carefully=False)[0]

    assert "asked" in {each.what for each in lea.life.felt}
    assert "last_pair_lost" not in {each.what for each in lea.life.felt}
    assert "last_pair_lost" in {each.what for each in naive_lea.life.felt}


def test_the_naive_shop_asks_nobody() -> None:
    verdicts = {each.verdict for one in played(carefully=False) for each in one.decisions}

    assert Verdict.ASK not in verdicts


def test_every_message_that_the_demo_tells_is_understood() -> None:
    for one in played(carefully=True):
        assert {run.state for run in one.customer.runs} <= {"waiting", "held", "asked"}
