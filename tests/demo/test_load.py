"""What is played into the record is what is played in memory; the record cannot tell it from a shop."""

from datetime import date

import psycopg
import pytest

from terrain.config import read
from terrain.demo import shop
from terrain.demo.days import begin
from terrain.demo.load import Loading
from terrain.demo.play import Stage, live_through, slots
from terrain.demo.world import people

OPENED = date(2025, 1, 6)
DAYS = 330


@pytest.fixture
def loaded(fresh_database: str) -> Loading:
    """Let Léa, Omar and ten others live on a record for eleven months."""
    with psycopg.connect(fresh_database, autocommit=True) as db:
        played = Loading(db, read(), OPENED, [begin(each) for each in people(OPENED, 12)])
        for now in slots(OPENED, DAYS):
            played.go_on(now)
        return played


def test_the_record_comes_to_the_same_as_memory(loaded: Loading) -> None:
    stage = Stage(house=shop.house(), opened=OPENED, days=DAYS)
    in_memory = [live_through(person, stage).life for person in people(OPENED, 12)]

    assert [life.felt for life in loaded.crowd.lives] == [life.felt for life in in_memory]


def test_everything_that_may_leave_has_left(loaded: Loading) -> None:
    assert len(loaded.left) > 10
    assert {act.kind for act in loaded.left} >= {"send", "ask"}
